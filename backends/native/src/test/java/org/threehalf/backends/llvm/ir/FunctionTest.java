package org.threehalf.backends.llvm.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The builder writes what LLVM's language reference says, and refuses what is ill-typed. */
class FunctionTest {

    private final Module module = new Module(Map.of("target-cpu", "x86-64-v3"));
    private final Function f = module.exported("f", Type.POINTER, Type.I64);

    @Test
    void loopCarriesValues() {
        Type.Vector vector = Type.vector(4, 32);
        List<Value> sum = f.loop(
                f.parameter(1),
                List.of(Value.constant(vector, 0)),
                (i, carried) -> List.of(f.add(
                        carried.getFirst(),
                        f.load(vector, f.at(f.parameter(0), f.mul(i, Value.constant(Type.I64, 16))), 16))));
        f.store(sum.getFirst(), f.parameter(0), 16);
        assertEquals("""
                define void @f(ptr noalias %p0, i64 %p1) #0 {
                entry:
                  br label %loop0
                loop0:
                  %i0 = phi i64 [ 0, %entry ], [ %next0, %turn0 ]
                  %v0 = phi <4 x i32> [ splat (i32 0), %entry ], [ %v4, %turn0 ]
                  %more0 = icmp ult i64 %i0, %p1
                  br i1 %more0, label %turn0, label %done0
                turn0:
                  %v1 = mul i64 %i0, 16
                  %v2 = getelementptr i8, ptr %p0, i64 %v1
                  %v3 = load <4 x i32>, ptr %v2, align 16
                  %v4 = add <4 x i32> %v0, %v3
                  %next0 = add i64 %i0, 1
                  br label %loop0
                done0:
                  store <4 x i32> %v0, ptr %p0, align 16
                  ret void
                }


                attributes #0 = { nounwind "target-cpu"="x86-64-v3" }
                """, module.toString());
    }

    @Test
    void illTypedOperandsAreRefused() {
        Value bytes = Value.constant(Type.vector(64, 8), 1);
        Value sums = Value.constant(Type.vector(16, 32), 1);
        Value address = f.parameter(0);
        assertThrows(IllTypedException.class, () -> f.add(bytes, sums));
        assertThrows(IllTypedException.class, () -> f.add(address, address));
        assertThrows(IllTypedException.class, () -> f.zeroExtend(sums, Type.vector(16, 8)));
        assertThrows(IllTypedException.class, () -> f.zeroExtend(bytes, Type.vector(16, 32)));
        assertThrows(IllTypedException.class, () -> f.truncate(bytes, Type.vector(64, 16)));
        assertThrows(IllTypedException.class, () -> f.reinterpret(bytes, Type.I64));
        assertThrows(IllTypedException.class, () -> f.shuffle(bytes, sums, 0));
        assertThrows(IllTypedException.class, () -> f.shuffle(bytes, bytes, 128));
        assertThrows(IllTypedException.class, () -> f.broadcast(bytes, 2));
        assertThrows(IllTypedException.class, () -> f.at(f.parameter(1), 1));
        assertThrows(IllTypedException.class, () -> f.load(Type.I32, f.parameter(1), 4));
        assertThrows(IllTypedException.class, () -> f.call(f, List.of(address)));
        assertThrows(IllTypedException.class, () -> f.loop(Value.constant(Type.I32, 1), List.of(), (i, none) -> none));
        assertThrows(
                IllTypedException.class, () -> f.loop(f.parameter(1), List.of(bytes), (i, carried) -> List.of(sums)));
    }

    @Test
    void lanesOfAConstantTakeNoInstruction() {
        Value table = Value.bytes(8, new byte[] {1, 2, 3, 4});
        assertEquals("<i8 3, i8 4>", f.shuffle(table, table, 2, 3).text());
        assertEquals(
                new Value(Type.vector(2, 16), "splat (i16 5)"),
                f.shuffle(Value.constant(Type.vector(4, 16), 5), Value.constant(Type.vector(4, 16), 5), 0, 1));
        assertFalse(module.toString().contains("shufflevector"));
        Value x = f.load(Type.vector(4, 32), f.parameter(0), 4);
        f.store(f.shuffle(x, Value.constant(Type.vector(4, 32), 9), 2, 3), f.parameter(0), 4);
        f.store(f.shuffle(x, Value.constant(Type.vector(4, 32), 9), 2, 4), f.parameter(0), 4);
        assertTrue(
                module.toString().contains("shufflevector <4 x i32> %v0, <4 x i32> poison, <2 x i32> <i32 2, i32 3>"),
                module.toString());
        assertTrue(
                module.toString()
                        .contains("shufflevector <4 x i32> %v0, <4 x i32> splat (i32 9), <2 x i32> <i32 2, i32 4>"),
                module.toString());
    }

    @Test
    void bytesRepeat() {
        assertEquals(
                "<i8 1, i8 -2, i8 1, i8 -2>", Value.bytes(4, new byte[] {1, -2}).text());
        assertEquals("splat (i8 7)", Value.constant(Type.vector(4, 8), 7).text());
        assertEquals("7", Value.constant(Type.I64, 7).text());
    }

    @Test
    void realNumbersAreWrittenByTheirBits() {
        Type.Vector four = Type.reals(4);
        Value half = Value.real(four, 0.5f);
        assertEquals("splat (float 0x3FE0000000000000)", half.text());
        assertEquals(
                "0xFFF0000000000000",
                Value.real(Type.F32, Float.NEGATIVE_INFINITY).text());
        assertEquals(
                "<i32 0, i32 1, i32 2, i32 3>",
                Value.numbers(Type.vector(4, 32)).text());
        Value x = f.load(four, f.parameter(0), 4);
        Value y = f.select(f.lessReal(x, half), f.negate(x), f.fdiv(f.fmul(x, half), f.fsub(f.fadd(x, x), half)));
        f.store(f.lane(y, 3), f.parameter(0), 4);
        String text = module.toString();
        for (String line : List.of(
                "%v0 = load <4 x float>, ptr %p0, align 4",
                "%v1 = fcmp olt <4 x float> %v0, splat (float 0x3FE0000000000000)",
                "%v2 = fneg <4 x float> %v0",
                "%v3 = fmul <4 x float> %v0, splat (float 0x3FE0000000000000)",
                "%v4 = fadd <4 x float> %v0, %v0",
                "%v5 = fsub <4 x float> %v4, splat (float 0x3FE0000000000000)",
                "%v6 = fdiv <4 x float> %v3, %v5",
                "%v7 = select <4 x i1> %v1, <4 x float> %v2, <4 x float> %v6",
                "%v8 = extractelement <4 x float> %v7, i64 3",
                "store float %v8, ptr %p0, align 4")) {
            assertTrue(text.contains("  " + line + "\n"), text);
        }
    }

    @Test
    void integersAndRealsAreNotMixed() {
        Value real = Value.real(Type.reals(16), 1);
        Value integer = Value.constant(Type.vector(16, 32), 1);
        assertThrows(IllTypedException.class, () -> f.add(real, real));
        assertThrows(IllTypedException.class, () -> f.fadd(integer, integer));
        assertThrows(IllTypedException.class, () -> f.fmul(real, Value.real(Type.F32, 1)));
        assertThrows(IllTypedException.class, () -> f.negate(integer));
        assertThrows(IllTypedException.class, () -> f.lessReal(integer, integer));
        assertThrows(IllTypedException.class, () -> f.less(real, real));
        assertThrows(IllTypedException.class, () -> f.less(integer, Value.constant(Type.I32, 1)));
        assertThrows(IllTypedException.class, () -> f.select(integer, real, real));
        assertThrows(IllTypedException.class, () -> f.lane(real, 16));
        assertThrows(IllTypedException.class, () -> Value.real(Type.I32, 1));
        assertThrows(IllTypedException.class, () -> Value.constant(Type.F32, 1));
    }
}
