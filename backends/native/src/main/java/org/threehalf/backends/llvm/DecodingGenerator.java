package org.threehalf.backends.llvm;

import static org.threehalf.kernels.transformer.StridedSum.LANES;

import java.util.List;
import org.threehalf.backends.llvm.ir.Function;
import org.threehalf.backends.llvm.ir.Module;
import org.threehalf.backends.llvm.ir.Type;
import org.threehalf.backends.llvm.ir.Value;

/**
 * Writes the decoding of a GGUF encoding's blocks to binary32 in LLVM IR (REQ-OPS-011): the operations of ggml's
 * {@code dequantize_row} in their order, 16 elements at a time, nothing fused. Layouts: {@code inference}'s
 * {@code BlockDecoder}, to whose bits the tests hold it.
 */
final class DecodingGenerator {

    static final String DECODE = "decode";

    private static final Type I8 = new Type.Integer(8);
    private static final Type I16 = new Type.Integer(16);
    private static final Type.Vector BYTES = Type.vector(LANES, 8);
    private static final Type.Vector INTEGERS = Type.vector(LANES, 32);

    private final BlockEncoding encoding;
    private final Function f;
    private final Module module;

    private DecodingGenerator(BlockEncoding encoding, InstructionSet instructions) {
        this.encoding = encoding;
        this.module = new Module(instructions.attributes());
        this.f = module.exported(DECODE, Type.POINTER, Type.POINTER, Type.I64);
    }

    /**
     * decode(data, values, blocks): blocks that follow each other become as many times {@link BlockEncoding#elements}
     * numbers.
     */
    static Module generate(BlockEncoding encoding, InstructionSet instructions) {
        DecodingGenerator generator = new DecodingGenerator(encoding, instructions);
        generator.decode();
        return generator.module;
    }

    private void decode() {
        f.loop(f.parameter(2), List.of(), (b, none) -> {
            Value block = f.at(f.parameter(0), f.mul(b, Value.constant(Type.I64, encoding.bytes())));
            Value values =
                    f.at(f.parameter(1), f.mul(b, Value.constant(Type.I64, (long) encoding.elements() * Float.BYTES)));
            switch (encoding) {
                case F16 ->
                    store(f.widenReal(f.load(new Type.Vector(LANES, new Type.Binary16()), block, 1)), values, 0);
                case BF16 -> {
                    Value upper = f.zeroExtend(f.load(Type.vector(LANES, 16), block, 1), INTEGERS);
                    store(f.reinterpret(f.shiftLeft(upper, integers(16)), Type.reals(LANES)), values, 0);
                }
                case Q4_0 -> simple(block, values, 2, -1, 8);
                case Q4_1 -> simple(block, values, 4, -1, 0);
                case Q5_0 -> simple(block, values, 6, 2, 16);
                case Q5_1 -> simple(block, values, 8, 4, 0);
                case Q8_0 -> {
                    Value d = f.broadcast(half(block, 0), LANES);
                    for (int e = 0; e < encoding.elements(); e += LANES) {
                        Value codes = f.signExtend(f.load(BYTES, f.at(block, 2 + e), 1), INTEGERS);
                        store(f.fmul(f.toReal(codes), d), values, e);
                    }
                }
                case Q4_K -> superblock(block, values, 16, -1);
                case Q5_K -> superblock(block, values, 48, 16);
                case Q6_K -> pairs(block, values);
            }
            return List.of();
        });
    }

    /**
     * Blocks of 32 with a scale: y = d · (q − offset), or, where the offset is 0, y = d · q + m.
     *
     * @param nibblesAt where the 16 bytes with the low 4 bits begin
     * @param highAt where the fifth bits begin; negative if there are none
     */
    private void simple(Value block, Value values, int nibblesAt, int highAt, int offset) {
        Value d = f.broadcast(half(block, 0), LANES);
        Value nibbles = f.load(BYTES, f.at(block, nibblesAt), 1);
        for (int part = 0; part < 2; part++) {
            Value codes = codes(nibbles, part);
            if (highAt >= 0) {
                Value bits = f.broadcast(
                        f.shiftRight(f.load(Type.I32, f.at(block, highAt), 1), Value.constant(Type.I32, part * LANES)),
                        LANES);
                codes = f.or(codes, high(f.shiftRight(bits, Value.numbers(INTEGERS)), 1));
            }
            Value y = offset == 0
                    ? f.fadd(f.fmul(f.toReal(codes), d), f.broadcast(half(block, 2), LANES))
                    : f.fmul(f.toReal(f.add(codes, integers(-offset))), d);
            store(y, values, part * LANES);
        }
    }

    /** Blocks of 256 with 6-bit scales and minima, one each for 32 elements: y = (d · scale) · q − (dmin · min). */
    private void superblock(Value block, Value values, int nibblesAt, int highAt) {
        Value d = half(block, 0);
        Value dmin = half(block, 2);
        for (int sub = 0; sub < 8; sub++) {
            Value scale = f.broadcast(f.fmul(d, f.toReal(scale(block, sub))), LANES);
            Value min = f.broadcast(f.fmul(dmin, f.toReal(minimum(block, sub))), LANES);
            for (int e = 0; e < 32; e += LANES) {
                Value codes = codes(f.load(BYTES, f.at(block, nibblesAt + 32 * (sub / 2) + e), 1), sub % 2);
                if (highAt >= 0) {
                    Value bits = f.zeroExtend(f.load(BYTES, f.at(block, highAt + e), 1), INTEGERS);
                    codes = f.or(codes, high(f.shiftRight(bits, integers(sub)), 1));
                }
                store(f.fsub(f.fmul(f.toReal(codes), scale), min), values, 32 * sub + e);
            }
        }
    }

    /** Blocks of 256 with 2 high bits and signed 8-bit scales, one for 16 elements: y = (d · scale) · (q − 32). */
    private void pairs(Value block, Value values) {
        Value d = half(block, 208);
        for (int e = 0; e < 256; e += LANES) {
            int upper = e / 128;
            int quarter = e / 32 % 4;
            Value low = codes(f.load(BYTES, f.at(block, 64 * upper + e % 64), 1), quarter / 2);
            Value bits = f.zeroExtend(f.load(BYTES, f.at(block, 128 + 32 * upper + e % 32), 1), INTEGERS);
            Value codes = f.or(low, high(f.shiftRight(bits, integers(2 * quarter)), 3));
            Value scale = f.toReal(f.signExtend(f.load(I8, f.at(block, 192 + e / 16), 1), Type.I32));
            store(f.fmul(f.toReal(f.add(codes, integers(-32))), f.broadcast(f.fmul(d, scale), LANES)), values, e);
        }
    }

    /** The low nibbles (part 0) or the high ones (part 1), in 32 bits. */
    private Value codes(Value nibbles, int part) {
        Value four = Value.constant(BYTES, 4);
        return f.zeroExtend(
                part == 0 ? f.and(nibbles, Value.constant(BYTES, 15)) : f.shiftRight(nibbles, four), INTEGERS);
    }

    /** Bits of a mask, above the four of a nibble. */
    private Value high(Value bits, int mask) {
        return f.shiftLeft(f.and(bits, integers(mask)), integers(4));
    }

    /** The 6-bit scale of sub-block j: bytes 4 … 7 of the block for j below 4; else a nibble under two high bits. */
    private Value scale(Value block, int j) {
        return j < 4
                ? f.and(unsigned(block, 4 + j), number(63))
                : f.or(
                        f.and(unsigned(block, 8 + j), number(15)),
                        f.shiftLeft(f.shiftRight(unsigned(block, j), number(6)), number(4)));
    }

    /** The 6-bit minimum of sub-block j, likewise. */
    private Value minimum(Value block, int j) {
        return j < 4
                ? f.and(unsigned(block, 8 + j), number(63))
                : f.or(
                        f.shiftRight(unsigned(block, 8 + j), number(4)),
                        f.shiftLeft(f.shiftRight(unsigned(block, 4 + j), number(6)), number(4)));
    }

    private Value unsigned(Value block, int at) {
        return f.zeroExtend(f.load(I8, f.at(block, at), 1), Type.I32);
    }

    /** A binary16 number, in binary32. */
    private Value half(Value block, int at) {
        return f.widenReal(f.reinterpret(f.load(I16, f.at(block, at), 1), Type.F16));
    }

    private void store(Value numbers, Value values, int element) {
        f.store(numbers, f.at(values, (long) element * Float.BYTES), Float.BYTES);
    }

    private static Value number(long number) {
        return Value.constant(Type.I32, number);
    }

    private static Value integers(long number) {
        return Value.constant(INTEGERS, number);
    }
}
