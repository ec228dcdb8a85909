package org.threehalf.backends.groq.generator;

import java.util.List;
import org.threehalf.backends.groq.mlir.Arith;
import org.threehalf.backends.groq.mlir.Arith.IntegerOperation;
import org.threehalf.backends.groq.mlir.Block;
import org.threehalf.backends.groq.mlir.Faulty;
import org.threehalf.backends.groq.mlir.Tensor;
import org.threehalf.backends.groq.mlir.Type;
import org.threehalf.backends.groq.mlir.Value;
import org.threehalf.kernels.format.Codebook;

/**
 * A mistake that a generator could make.
 *
 * @param name what is wrong
 * @param ofUnpacking whether it is in unpacking or tables, which INT8 has none of
 * @param generator a generator with it
 */
public record Fault(String name, boolean ofUnpacking, ProductGenerator generator) {

    @Override
    public String toString() {
        return name;
    }

    /** All of them. */
    public static List<Fault> all() {
        return List.of(
                new Fault("the other nibble order", true, new ProductGenerator() {
                    @Override
                    Value lowBits(Block at, Plane plane, Value bits) {
                        int across = plane.lowBits() == 4 ? 4 - plane.shift() : 6 - plane.shift();
                        return super.lowBits(
                                at,
                                new Plane(
                                        plane.odd(),
                                        plane.table(),
                                        plane.first(),
                                        plane.length(),
                                        plane.bytes(),
                                        across,
                                        plane.highByte()),
                                bits);
                    }
                }),
                new Fault("16-bit accumulation", false, new ProductGenerator() {
                    @Override
                    Type.IntegerType accumulator() {
                        return Type.I16;
                    }
                }),
                new Fault("block sums saturated at 16 bits", false, new ProductGenerator() {
                    @Override
                    Value blockSum(Block at, Value sum) {
                        Value low = Arith.of(
                                at, IntegerOperation.MAXSI, sum, Arith.constant(at, Type.I32, Short.MIN_VALUE));
                        return Arith.of(at, IntegerOperation.MINSI, low, Arith.constant(at, Type.I32, Short.MAX_VALUE));
                    }
                }),
                new Fault("the last input left out", false, new ProductGenerator() {
                    @Override
                    Value keptActivations(Block at, Value codes) {
                        long tokens = codes.tensor().shape().getFirst();
                        long columns = codes.tensor().shape().getLast();
                        return Tensor.extractSlice(
                                at, codes, new long[] {0, 0}, new long[] {tokens, Math.max(columns - 1, 1)}, 0, 1);
                    }
                }),
                new Fault("products of scales not rounded, as a fused operation does", false, new ProductGenerator() {
                    @Override
                    Value output(Block at, Value sum, Value rowScale, Value activationScale) {
                        return Faulty.productInDouble(at, Arith.sitofp(at, sum, Type.F32), rowScale, activationScale);
                    }
                }),
                new Fault("(I · s_row) · s_act", false, new ProductGenerator() {
                    @Override
                    Value output(Block at, Value sum, Value rowScale, Value activationScale) {
                        return Arith.mulf(
                                at, Arith.mulf(at, Arith.sitofp(at, sum, Type.F32), rowScale), activationScale);
                    }
                }),
                new Fault("one entry of each table wrong", true, new ProductGenerator() {
                    @Override
                    Value value(Block at, Codebook table, Value code) {
                        Value last = Arith.constant(at, Type.I8, table.size() - 1);
                        Value right = super.value(at, table, code);
                        Value wrong = Arith.addi(at, right, Arith.constant(at, Type.I8, 1));
                        return Arith.select(at, Arith.cmpi(at, Arith.IntegerPredicate.EQ, code, last), wrong, right);
                    }
                }));
    }

    /** Mistakes in quantising tokens. */
    public static List<Fault> ofQuantizing() {
        return List.of(
                new Fault("rounding towards zero", false, new ProductGenerator() {
                    @Override
                    Value roundToEven(Block at, Value q) {
                        return q;
                    }
                }),
                new Fault("rounding halves up", false, new ProductGenerator() {
                    @Override
                    Value roundToEven(Block at, Value q) {
                        Value whole = super.roundToEven(at, q);
                        Value isHalf = Arith.cmpf(
                                at, Arith.FloatPredicate.OEQ, Arith.subf(at, q, whole), Arith.constant(at, 0.5f));
                        return Arith.select(at, isHalf, Arith.addf(at, whole, Arith.constant(at, 1f)), whole);
                    }
                }));
    }
}
