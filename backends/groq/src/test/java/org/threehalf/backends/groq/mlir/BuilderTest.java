package org.threehalf.backends.groq.mlir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.threehalf.backends.groq.WithMlir;
import org.threehalf.backends.groq.mlir.Arith.FloatPredicate;
import org.threehalf.backends.groq.mlir.Arith.IntegerPredicate;
import org.threehalf.backends.groq.mlir.Linalg.Iterator;
import org.threehalf.backends.groq.mlir.Linalg.Operand;
import org.threehalf.backends.groq.mlir.Type.TensorType;
import org.threehalf.backends.groq.toolchain.Pipeline;

class BuilderTest {

    /** Something to build with: a block and values of each type. */
    private record Scene(Block at, Value i8, Value i32, Value f32, Value f64, Value index, Value bytes, Value floats) {}

    private static void inFunction(Consumer<Scene> body) {
        List<Type> types = List.of(
                Type.I8,
                Type.I32,
                Type.F32,
                Type.F64,
                Type.INDEX,
                TensorType.of(Type.I8, 4, 6),
                TensorType.of(Type.F32, 4, 6));
        new MlirModule(Map.of()).function("f", types, List.of(), (at, v) -> {
            body.accept(new Scene(at, v.get(0), v.get(1), v.get(2), v.get(3), v.get(4), v.get(5), v.get(6)));
            return List.of();
        });
    }

    private static Arguments refused(String message, Consumer<Scene> body) {
        return Arguments.of(message, body);
    }

    private static Value generic(Scene s, List<Iterator> iterators, Operand input, Operand output) {
        return Linalg.generic(s.at(), "", iterators, List.of(input), output, (block, e) -> e.getLast());
    }

    static Stream<Arguments> illTyped() {
        List<Iterator> parallel = List.of(Iterator.PARALLEL, Iterator.PARALLEL);
        List<Iterator> folded = List.of(Iterator.PARALLEL, Iterator.REDUCTION);
        AffineMap both = AffineMap.identity(2);
        return Stream.of(
                refused("arith.addi: operands of types i8 and i32", s -> Arith.addi(s.at(), s.i8(), s.i32())),
                refused("arith.addi: operands of type f32", s -> Arith.addi(s.at(), s.f32(), s.f32())),
                refused("arith.mulf: operands of type i32", s -> Arith.mulf(s.at(), s.i32(), s.i32())),
                refused("arith.mulf: operands of types f32 and f64", s -> Arith.mulf(s.at(), s.f32(), s.f64())),
                refused("arith.muli: operands of type tensor<4x6xi8>", s -> Arith.muli(s.at(), s.bytes(), s.bytes())),
                refused("arith.extsi: from i32 to i8", s -> Arith.extsi(s.at(), s.i32(), Type.I8)),
                refused("arith.extui: from i8 to i8", s -> Arith.extui(s.at(), s.i8(), Type.I8)),
                refused("arith.trunci: from i8 to i32", s -> Arith.trunci(s.at(), s.i8(), Type.I32)),
                refused("arith.sitofp: from f32", s -> Arith.sitofp(s.at(), s.f32(), Type.F32)),
                refused("arith.fptosi: operands of type i8", s -> Arith.fptosi(s.at(), s.i8(), Type.I8)),
                refused("arith.bitcast: from f32 to i8", s -> Arith.bitcast(s.at(), s.f32(), Type.I8)),
                refused("arith.index_cast: from i8 to i32", s -> Arith.indexCast(s.at(), s.i8(), Type.I32)),
                refused(
                        "arith.cmpi: operands of type f32",
                        s -> Arith.cmpi(s.at(), IntegerPredicate.EQ, s.f32(), s.f32())),
                refused("arith.cmpf: operands of type i8", s -> Arith.cmpf(s.at(), FloatPredicate.OEQ, s.i8(), s.i8())),
                refused("arith.select: a condition of type i8", s -> Arith.select(s.at(), s.i8(), s.f32(), s.f32())),
                refused("integer attribute: 300 does not fit i8", s -> Arith.constant(s.at(), Type.I8, 300)),
                refused("integer attribute: -129 does not fit i8", s -> Arith.constant(s.at(), Type.I8, -129)),
                refused("integer attribute: of type f32", s -> Arith.constant(s.at(), Type.F32, 1)),
                refused("tensor type: the shape [4, 0]", s -> TensorType.of(Type.I8, 4, 0)),
                refused(
                        "tensor.pad: tensor<4x6xi8> to a last extent of 5",
                        s -> Tensor.padLast(s.at(), s.bytes(), 5, s.i8())),
                refused(
                        "tensor.pad: tensor<4x6xi8> with a padding of type f32",
                        s -> Tensor.padLast(s.at(), s.bytes(), 8, s.f32())),
                refused(
                        "tensor.expand_shape: dimension 1 of tensor<4x6xi8> into [2, 4]",
                        s -> Tensor.expandShape(s.at(), s.bytes(), new long[] {4}, new long[] {2, 4})),
                refused(
                        "tensor.collapse_shape: tensor<4x6xi8> by groups of [3]",
                        s -> Tensor.collapseShape(s.at(), s.bytes(), 3)),
                refused(
                        "tensor.extract_slice: the box at [0, 5] of [1, 2] is not inside tensor<4x6xi8>",
                        s -> Tensor.extractSlice(s.at(), s.bytes(), new long[] {0, 5}, new long[] {1, 2}, 1)),
                refused(
                        "tensor.extract_slice: a box of [2, 2] does not keep to dimensions [1]",
                        s -> Tensor.extractSlice(s.at(), s.bytes(), new long[] {0, 0}, new long[] {2, 2}, 1)),
                refused(
                        "tensor.extract: tensor<4x6xi8> with subscripts of types [index]",
                        s -> Tensor.extract(s.at(), s.bytes(), List.of(s.index()))),
                refused(
                        "tensor.extract: tensor<4x6xi8> with subscripts of types [index, i32]",
                        s -> Tensor.extract(s.at(), s.bytes(), List.of(s.index(), s.i32()))),
                refused(
                        "tensor.insert: an element of type f32 into tensor<4x6xi8>",
                        s -> Tensor.insert(s.at(), s.f32(), s.bytes(), List.of(s.index(), s.index()))),
                refused(
                        "tensor.insert_slice: tensor<4x6xi8> where tensor<1x6xi8> is needed",
                        s -> Tensor.insertSlice(
                                s.at(), s.bytes(), s.bytes(), new long[] {0, 0}, new long[] {1, 6}, 0, 1)),
                refused(
                        "tensor.insert_slice: the box at [0, 0] of [5, 6] is not inside tensor<4x6xi8>",
                        s -> Tensor.insertSliceAt(s.at(), s.bytes(), s.bytes(), 0, s.index(), new long[] {5, 6}, 0, 1)),
                refused(
                        "tensor.extract_slice: an offset of type i32",
                        s -> Tensor.extractSliceAt(s.at(), s.bytes(), 0, s.i32(), new long[] {1, 6}, 1)),
                refused(
                        "func.call: there is no function 'g' yet",
                        s -> new MlirModule(Map.of()).call(s.at(), "g", List.of())),
                refused("value: a tensor is needed, this is i8", s -> Tensor.collapseShape(s.at(), s.i8(), 1)),
                refused("affine map: loop 2 of 2", s -> AffineMap.of(2, 2)),
                refused("affine map: a loop comes twice", s -> AffineMap.of(2, 1, 1)),
                refused(
                        "linalg.generic: affine_map<(d0, d1) -> (d0)> does not fit tensor<4x6xi8> and 2 loops",
                        s -> generic(
                                s, parallel, new Operand(s.bytes(), AffineMap.of(2, 0)), new Operand(s.bytes(), both))),
                refused(
                        "linalg.generic: loop 0 runs to 6 and, over tensor<4x6xi8>, to 4",
                        s -> generic(
                                s,
                                parallel,
                                new Operand(s.bytes(), AffineMap.of(2, 1, 0)),
                                new Operand(s.bytes(), both))),
                refused(
                        "linalg.generic: loop 1 is PARALLEL but does not run over the output",
                        s -> generic(
                                s,
                                parallel,
                                new Operand(s.bytes(), both),
                                new Operand(Tensor.empty(s.at(), TensorType.of(Type.I8, 4)), AffineMap.of(2, 0)))),
                refused(
                        "linalg.generic: loop 1 is REDUCTION but runs over the output",
                        s -> generic(s, folded, new Operand(s.bytes(), both), new Operand(s.bytes(), both))),
                refused(
                        "linalg.generic: a sum of f32 in any order has no defined bits",
                        s -> generic(
                                s,
                                folded,
                                new Operand(s.floats(), both),
                                new Operand(Tensor.empty(s.at(), TensorType.of(Type.F32, 4)), AffineMap.of(2, 0)))),
                refused(
                        "linalg.yield: a value of type f32 into tensor<4x6xi8>",
                        s -> Linalg.map(
                                s.at(),
                                "",
                                TensorType.of(Type.I8, 4, 6),
                                List.of(new Operand(s.floats(), both)),
                                (block, e) -> e.getFirst())),
                refused(
                        "scf.for: bounds of types index, i32, index",
                        s -> Scf.loop(s.at(), s.index(), s.i32(), s.index(), List.of(), (b, i, c) -> c)),
                refused(
                        "scf.yield: values of types [f32] for [i32]",
                        s -> Scf.loop(
                                s.at(),
                                s.index(),
                                s.index(),
                                s.index(),
                                List.of(s.i32()),
                                (b, i, c) -> List.of(s.f32()))),
                refused(
                        "func.return: 'g' returns [i8], its type says [i32]",
                        s -> new MlirModule(Map.of()).function("g", List.of(Type.I8), List.of(Type.I32), (at, v) -> v)),
                refused(
                        "func.func: 'a b' is no identifier",
                        s -> new MlirModule(Map.of()).function("a b", List.of(), List.of(), (at, v) -> v)));
    }

    /** What has wrong types is refused where it is built, with a message that says why. */
    @ParameterizedTest(name = "{0}")
    @MethodSource
    void illTyped(String message, Consumer<Scene> body) {
        IllTypedException refusal = assertThrows(IllTypedException.class, () -> inFunction(body));
        assertTrue(refusal.getMessage().startsWith(message), refusal.getMessage());
    }

    /** A value of an inner block is not visible outside, nor in another function; nothing follows a terminator. */
    @Test
    void dominance() {
        List<Value> leaked = new ArrayList<>();
        List<Block> closed = new ArrayList<>();
        inFunction(s -> Scf.loop(s.at(), s.index(), s.index(), s.index(), List.of(), (block, counter, carried) -> {
            leaked.add(counter);
            closed.add(block);
            return List.of();
        }));
        IllTypedException outside = assertThrows(
                IllTypedException.class, () -> inFunction(s -> Arith.addi(s.at(), s.index(), leaked.getFirst())));
        assertEquals(
                "arith.addi: operand 1 of type index is defined in a block that does not enclose this one",
                outside.getMessage());
        IllTypedException after = assertThrows(
                IllTypedException.class, () -> Arith.addi(closed.getFirst(), leaked.getFirst(), leaked.getFirst()));
        assertEquals("arith.addi: the block already has its terminator", after.getMessage());
    }

    private static MlirModule example() {
        MlirModule module = new MlirModule(Map.of("threehalf.note", new Attribute.StringAttribute("an example")));
        TensorType vector = TensorType.of(Type.F32, 8);
        module.function("sum", List.of(vector), List.of(Type.F32), (at, v) -> {
            Value zero = Arith.constant(at, Type.INDEX, 0);
            Value one = Arith.constant(at, Type.INDEX, 1);
            Value end = Arith.constant(at, Type.INDEX, 8);
            return Scf.loop(
                    at,
                    zero,
                    end,
                    one,
                    List.of(Arith.constant(at, -0.1f)),
                    (block, k, sum) -> List.of(
                            Arith.addf(block, sum.getFirst(), Tensor.extract(block, v.getFirst(), List.of(k)))));
        });
        return module;
    }

    /** The text is MLIR's generic form; a float is written by its bits, and no operation allows fast math. */
    @Test
    void prints() {
        assertEquals("""
                "builtin.module"() ({
                  "func.func"() <{sym_name = "sum", function_type = (tensor<8xf32>) -> (f32)}> ({
                  ^block(%0: tensor<8xf32>):
                    %1 = "arith.constant"() <{value = 0 : index}> : () -> (index)
                    %2 = "arith.constant"() <{value = 1 : index}> : () -> (index)
                    %3 = "arith.constant"() <{value = 8 : index}> : () -> (index)
                    %4 = "arith.constant"() <{value = 0xBDCCCCCD : f32}> : () -> (f32)
                    %5 = "scf.for"(%1, %3, %2, %4) ({
                    ^block(%6: index, %7: f32):
                      %8 = "tensor.extract"(%0, %6) : (tensor<8xf32>, index) -> (f32)
                      %9 = "arith.addf"(%7, %8) <{fastmath = #arith.fastmath<none>}> : (f32, f32) -> (f32)
                      "scf.yield"(%9) : (f32) -> ()
                    }) : (index, index, index, f32) -> (f32)
                    "func.return"(%5) : (f32) -> ()
                  }) : () -> ()
                }) {threehalf.note = "an example"} : () -> ()
                """, example().print());
    }

    /** MLIR's own verifier accepts what the builder makes. */
    @Test
    @ExtendWith(WithMlir.class)
    void verifies() {
        String pretty = new Pipeline(WithMlir.tools()).verify(example().print());
        assertTrue(pretty.contains("scf.for %arg1 = %c0 to %c8 step %c1 iter_args(%arg2 = %cst) -> (f32)"), pretty);
    }
}
