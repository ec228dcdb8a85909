package org.threehalf.backends.groq.generator;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.threehalf.backends.groq.mlir.AffineMap;
import org.threehalf.backends.groq.mlir.Arith;
import org.threehalf.backends.groq.mlir.Arith.FloatPredicate;
import org.threehalf.backends.groq.mlir.Arith.IntegerOperation;
import org.threehalf.backends.groq.mlir.Arith.IntegerPredicate;
import org.threehalf.backends.groq.mlir.Block;
import org.threehalf.backends.groq.mlir.Linalg;
import org.threehalf.backends.groq.mlir.Linalg.Iterator;
import org.threehalf.backends.groq.mlir.Linalg.Operand;
import org.threehalf.backends.groq.mlir.Scf;
import org.threehalf.backends.groq.mlir.Tensor;
import org.threehalf.backends.groq.mlir.Type;
import org.threehalf.backends.groq.mlir.Type.TensorType;
import org.threehalf.backends.groq.mlir.Value;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.Coefficients;
import org.threehalf.kernels.transformer.ElementaryFunctions;
import org.threehalf.kernels.transformer.Rotation;

/**
 * The binary32 operations of {@code spec/INFERENCE.md}, section 2, as MLIR: each formula operator by operator, and sums
 * in their fixed order.
 *
 * <p>Nothing of the {@code math} dialect: exponentials are the specification's own sequences, and the square root is
 * worked out in integers.
 */
class FloatEmitter {

    /** Partial sums of a sum (REQ-OPS-002). */
    static final int LANES = 16;

    /** A term of a sum. */
    interface Term {
        /**
         * Makes the term.
         *
         * @param at where
         * @param outer which of the sums, an {@code index} a dimension
         * @param k the term's index
         */
        Value make(Block at, List<Value> outer, Value k);
    }

    /**
     * Sums of REQ-OPS-002, one for each element of a tensor: the term of index k goes to partial sum k mod 16, in the
     * order of k.
     *
     * @param outer the extents of the tensor of sums
     * @param from the first chunk of 16 terms, an {@code index}
     * @param to the chunk after the last, an {@code index}
     * @param term the terms; of those that the sum does not have, zero
     * @return the sums, of the extents {@code outer}
     */
    Value sums(Block at, long[] outer, Value from, Value to, Term term) {
        int rank = outer.length;
        long[] shape = java.util.Arrays.copyOf(outer, rank + 1);
        shape[rank] = LANES;
        List<Iterator> parallel = java.util.Collections.nCopies(rank + 1, Iterator.PARALLEL);
        Value zero = Linalg.fill(at, "", TensorType.of(Type.F32, shape), Arith.constant(at, 0f));
        Value partial = Scf.loop(at, from, to, index(at, 1), List.of(zero), (block, chunk, carried) -> {
                    Value base = Arith.muli(block, chunk, index(block, LANES));
                    Operand sums = new Operand(carried.getFirst(), AffineMap.identity(rank + 1));
                    return List.of(Linalg.generic(block, "", parallel, List.of(), sums, (body, e) -> {
                        List<Value> indices = new ArrayList<>();
                        for (int d = 0; d < rank; d++) {
                            indices.add(Linalg.index(body, d));
                        }
                        Value k = Arith.addi(body, base, Linalg.index(body, rank));
                        return partialSum(body, e.getFirst(), term.make(body, indices, k));
                    }));
                })
                .getFirst();
        for (int half = LANES / 2; half > 0; half /= 2) {
            long[] sizes = shape.clone();
            sizes[rank] = half;
            long[] upper = new long[rank + 1];
            upper[rank] = half;
            int[] all = java.util.stream.IntStream.rangeClosed(0, rank).toArray();
            Value low = Tensor.extractSlice(at, partial, new long[rank + 1], sizes, all);
            partial = elementwise(at, low, Tensor.extractSlice(at, partial, upper, sizes, all), Arith::addf);
        }
        long[] sizes = shape.clone();
        sizes[rank] = 1;
        return Tensor.extractSlice(
                at,
                partial,
                new long[rank + 1],
                sizes,
                java.util.stream.IntStream.range(0, rank).toArray());
    }

    /** p + term. */
    Value partialSum(Block at, Value sum, Value term) {
        return Arith.addf(at, sum, term);
    }

    /** Makes one value of two. */
    interface Binary {
        Value make(Block at, Value left, Value right);
    }

    /** A tensor of f(left, right), element by element. */
    static Value elementwise(Block at, Value left, Value right, Binary f) {
        AffineMap same = AffineMap.identity(left.tensor().rank());
        List<Operand> operands = List.of(new Operand(left, same), new Operand(right, same));
        return Linalg.map(at, "", left.tensor(), operands, (block, e) -> f.make(block, e.get(0), e.get(1)));
    }

    static Value index(Block at, long value) {
        return Arith.constant(at, Type.INDEX, value);
    }

    /** Zeros behind each row [R, n], up to a multiple of 16: terms of value zero change no sum. */
    static Value padded(Block at, Value rows) {
        long n = rows.tensor().shape().getLast();
        return Tensor.padLast(at, rows, chunks(n) * LANES, Arith.constant(at, 0f));
    }

    static long chunks(long n) {
        return (n + LANES - 1) / LANES;
    }

    /**
     * rmsnorm of each row (REQ-OPS-009).
     *
     * @param x [R, n]
     * @param weights [n]
     * @param epsilon ε, positive
     */
    Value rmsNorm(Block at, Value x, Value weights, float epsilon) {
        TensorType type = x.tensor();
        long rows = type.shape().getFirst();
        long n = type.shape().getLast();
        Value padded = padded(at, x);
        Value squares = sums(at, new long[] {rows}, index(at, 0), index(at, chunks(n)), (block, outer, k) -> {
            Value element = Tensor.extract(block, padded, List.of(outer.getFirst(), k));
            return Arith.mulf(block, element, element);
        });
        Value factors = Scf.loop(
                        at,
                        index(at, 0),
                        index(at, rows),
                        index(at, 1),
                        List.of(Tensor.empty(at, TensorType.of(Type.F32, rows))),
                        (block, row, carried) -> {
                            Value mean = Arith.divf(
                                    block, Tensor.extract(block, squares, List.of(row)), Arith.constant(block, (float)
                                            n));
                            Value root = squareRoot(block, Arith.addf(block, mean, Arith.constant(block, epsilon)));
                            return List.of(Tensor.insert(
                                    block,
                                    Arith.divf(block, Arith.constant(block, 1f), root),
                                    carried.getFirst(),
                                    List.of(row)));
                        })
                .getFirst();
        List<Operand> operands = List.of(
                new Operand(x, AffineMap.identity(2)),
                new Operand(factors, AffineMap.of(2, 0)),
                new Operand(weights, AffineMap.of(2, 1)));
        return Linalg.map(
                at,
                "",
                type,
                operands,
                (block, e) -> Arith.mulf(block, Arith.mulf(block, e.get(0), e.get(1)), e.get(2)));
    }

    /**
     * Each row less its mean (REQ-OPS-012).
     *
     * @param x [R, n]
     */
    Value centred(Block at, Value x) {
        TensorType type = x.tensor();
        long n = type.shape().getLast();
        Value padded = padded(at, x);
        Value totals = sums(
                at,
                new long[] {type.shape().getFirst()},
                index(at, 0),
                index(at, chunks(n)),
                (block, outer, k) -> Tensor.extract(block, padded, List.of(outer.getFirst(), k)));
        List<Operand> operands =
                List.of(new Operand(x, AffineMap.identity(2)), new Operand(totals, AffineMap.of(2, 0)));
        return Linalg.map(
                at,
                "",
                type,
                operands,
                (block, e) ->
                        Arith.subf(block, e.get(0), Arith.divf(block, e.get(1), Arith.constant(block, (float) n))));
    }

    /**
     * √x, correctly rounded, for x positive or +∞ (REQ-OPS-001).
     *
     * <p>A subnormal x is brought among the normal numbers by 2²⁴, and its root back by 2⁻¹²: both are exact, as the
     * root is normal. x = M·2^e with e even and M in [2²⁴, 2²⁶). S = ⌊√(M·2²⁴)⌋ has 25 bits, found bit by bit; the last
     * one says whether to round up. It is never a tie: an odd S has an odd square, and M·2²⁴ is even.
     */
    Value squareRoot(Block at, Value x) {
        Value subnormal = Arith.cmpf(at, FloatPredicate.OLT, x, Arith.constant(at, Float.MIN_NORMAL));
        Value normal = Arith.select(at, subnormal, Arith.mulf(at, x, Arith.constant(at, 0x1p24f)), x);
        Value root = rootOfNormal(at, normal);
        return Arith.select(at, subnormal, Arith.mulf(at, root, Arith.constant(at, 0x1p-12f)), root);
    }

    private Value rootOfNormal(Block at, Value x) {
        Value bits = Arith.extui(at, Arith.bitcast(at, x, Type.I32), Type.I64);
        Value exponent = shiftRight(at, bits, i64(at, 23));
        Value fraction = Arith.of(at, IntegerOperation.ANDI, bits, i64(at, 0x7fffff));
        Value significand = Arith.of(at, IntegerOperation.ORI, fraction, i64(at, 0x800000));
        // x = significand · 2^(exponent − 150): one or two bits to the left make the rest even.
        Value odd = Arith.of(at, IntegerOperation.ANDI, exponent, i64(at, 1));
        Value shift = Arith.subi(at, i64(at, 2), odd);
        Value m = Arith.of(at, IntegerOperation.SHLI, significand, shift);
        Value evenExponent = Arith.subi(at, Arith.subi(at, exponent, i64(at, 150)), shift);
        Value n = Arith.of(at, IntegerOperation.SHLI, m, i64(at, 24));
        Value root = Scf.loop(
                        at, index(at, 0), index(at, 25), index(at, 1), List.of(i64(at, 0)), (block, step, carried) -> {
                            Value bit = Arith.subi(block, i64(block, 24), Arith.indexCast(block, step, Type.I64));
                            Value tried = Arith.of(
                                    block,
                                    IntegerOperation.ORI,
                                    carried.getFirst(),
                                    Arith.of(block, IntegerOperation.SHLI, i64(block, 1), bit));
                            Value fits = Arith.cmpi(block, IntegerPredicate.SLE, Arith.muli(block, tried, tried), n);
                            return List.of(Arith.select(block, fits, tried, carried.getFirst()));
                        })
                .getFirst();
        Value rounded = shiftRight(at, Arith.addi(at, root, i64(at, 1)), i64(at, 1));
        // √x = rounded · 2^(evenExponent/2 − 11); a rounded of 2²⁴ carries into the exponent, as it must.
        Value half = Arith.of(at, IntegerOperation.SHRSI, evenExponent, i64(at, 1));
        Value resultExponent = Arith.addi(at, half, i64(at, 150 - 11));
        Value result = Arith.addi(
                at,
                Arith.of(at, IntegerOperation.SHLI, resultExponent, i64(at, 23)),
                Arith.subi(at, rounded, i64(at, 0x800000)));
        Value infinity = Arith.constant(at, Float.POSITIVE_INFINITY);
        return Arith.select(
                at,
                Arith.cmpf(at, FloatPredicate.OEQ, x, infinity),
                infinity,
                Arith.bitcast(at, Arith.trunci(at, result, Type.I32), Type.F32));
    }

    private static Value i64(Block at, long value) {
        return Arith.constant(at, Type.I64, value);
    }

    private static Value shiftRight(Block at, Value value, Value by) {
        return Arith.of(at, IntegerOperation.SHRUI, value, by);
    }

    /** c_0·x^n + … + c_n by Horner's rule, each step a product and a sum. */
    private Value polynomial(Block at, float[] coefficients, Value x) {
        Value value = Arith.constant(at, coefficients[0]);
        for (int i = 1; i < coefficients.length; i++) {
            value = Arith.addf(at, Arith.mulf(at, value, x), Arith.constant(at, coefficients[i]));
        }
        return value;
    }

    /** exp(x) (REQ-OPS-004). */
    Value exp(Block at, Value x) {
        Value lowest = Arith.constant(at, ElementaryFunctions.EXP_LOWEST);
        Value highest = Arith.constant(at, ElementaryFunctions.EXP_HIGHEST);
        Value isBelow = Arith.cmpf(at, FloatPredicate.OLT, x, lowest);
        Value isAbove = Arith.cmpf(at, FloatPredicate.OGT, x, highest);
        // Outside of the range the sequence gets a number of the range, and its result is not taken.
        Value v = Arith.select(at, isBelow, lowest, Arith.select(at, isAbove, highest, x));
        Value n = Arith.subf(
                at,
                Arith.addf(
                        at,
                        Arith.mulf(at, v, Arith.constant(at, ElementaryFunctions.LOG2_E)),
                        Arith.constant(at, ElementaryFunctions.ROUND)),
                Arith.constant(at, ElementaryFunctions.ROUND));
        Value high = Arith.subf(at, v, Arith.mulf(at, n, Arith.constant(at, ElementaryFunctions.LN2_HIGH)));
        Value r = Arith.subf(at, high, Arith.mulf(at, n, Arith.constant(at, ElementaryFunctions.LN2_LOW)));
        Value q = polynomial(at, Coefficients.exponential(), r);
        Value e = Arith.addf(at, Arith.addf(at, Arith.mulf(at, Arith.mulf(at, r, r), q), r), Arith.constant(at, 1f));
        Value exponent = Arith.fptosi(at, n, Type.I32);
        Value half = Arith.of(at, IntegerOperation.SHRSI, exponent, i32(at, 1));
        Value result =
                Arith.mulf(at, Arith.mulf(at, e, powerOfTwo(at, half)), powerOfTwo(at, Arith.subi(at, exponent, half)));
        Value upper = Arith.select(at, isAbove, Arith.constant(at, Float.POSITIVE_INFINITY), result);
        return Arith.select(at, isBelow, Arith.constant(at, 0f), upper);
    }

    private static Value powerOfTwo(Block at, Value n) {
        Value biased = Arith.addi(at, n, i32(at, 127));
        return Arith.bitcast(at, Arith.of(at, IntegerOperation.SHLI, biased, i32(at, 23)), Type.F32);
    }

    private static Value i32(Block at, long value) {
        return Arith.constant(at, Type.I32, value);
    }

    /** The number with its sign bit changed: exact, unlike a difference from 0. */
    private static Value negated(Block at, Value x) {
        return withBits(at, x, bits -> Arith.of(at, IntegerOperation.XORI, bits, i32(at, Integer.MIN_VALUE)));
    }

    private static Value withBits(Block at, Value x, UnaryOperator<Value> change) {
        return Arith.bitcast(at, change.apply(Arith.bitcast(at, x, Type.I32)), Type.F32);
    }

    /** x / (1 + exp(−v)). */
    private Value logistic(Block at, Value x, Value v) {
        return Arith.divf(at, x, Arith.addf(at, Arith.constant(at, 1f), exp(at, negated(at, v))));
    }

    /** act(g) · u, or the clamped product of both (REQ-OPS-010, REQ-OPS-013). */
    Value gated(Block at, Activation activation, Value g, Value u) {
        return switch (activation) {
            case SILU -> Arith.mulf(at, silu(at, g), u);
            case GELU -> Arith.mulf(at, gelu(at, g), u);
            case CLAMPED_SWIGLU -> {
                Value x = least(at, g, ElementaryFunctions.SWIGLU_LIMIT);
                Value lowest = Arith.constant(at, -ElementaryFunctions.SWIGLU_LIMIT);
                Value above = Arith.select(at, Arith.cmpf(at, FloatPredicate.OLT, u, lowest), lowest, u);
                Value factor =
                        Arith.addf(at, least(at, above, ElementaryFunctions.SWIGLU_LIMIT), Arith.constant(at, 1f));
                Value slope = Arith.constant(at, ElementaryFunctions.SWIGLU_SLOPE);
                yield Arith.mulf(at, factor, logistic(at, x, Arith.mulf(at, x, slope)));
            }
        };
    }

    private static Value least(Block at, Value x, float limit) {
        Value most = Arith.constant(at, limit);
        return Arith.select(at, Arith.cmpf(at, FloatPredicate.OGT, x, most), most, x);
    }

    /** silu(x) (REQ-OPS-005). */
    Value silu(Block at, Value x) {
        return logistic(at, x, x);
    }

    /** gelu(x) (REQ-OPS-006). */
    Value gelu(Block at, Value x) {
        Value cubic = Arith.mulf(at, Arith.mulf(at, x, x), Arith.constant(at, ElementaryFunctions.GELU_3));
        return logistic(
                at, x, Arith.mulf(at, x, Arith.addf(at, cubic, Arith.constant(at, ElementaryFunctions.GELU_1))));
    }

    /** tanh(x) (REQ-OPS-007). */
    Value tanh(Block at, Value x) {
        Value a = withBits(at, x, bits -> Arith.of(at, IntegerOperation.ANDI, bits, i32(at, Integer.MAX_VALUE)));
        Value z = Arith.mulf(at, a, a);
        Value small = Arith.addf(
                at, Arith.mulf(at, Arith.mulf(at, z, polynomial(at, Coefficients.hyperbolicTangent(), z)), a), a);
        Value largest = Arith.constant(at, ElementaryFunctions.TANH_LARGEST);
        Value limited = Arith.select(at, Arith.cmpf(at, FloatPredicate.OLT, a, largest), a, largest);
        Value power = exp(at, Arith.mulf(at, limited, Arith.constant(at, 2f)));
        Value fraction = Arith.divf(at, Arith.constant(at, 2f), Arith.addf(at, power, Arith.constant(at, 1f)));
        Value large = Arith.subf(at, Arith.constant(at, 1f), fraction);
        Value magnitude = Arith.select(
                at,
                Arith.cmpf(at, FloatPredicate.OLT, a, Arith.constant(at, ElementaryFunctions.TANH_SMALL)),
                small,
                large);
        Value sign = Arith.of(at, IntegerOperation.ANDI, Arith.bitcast(at, x, Type.I32), i32(at, Integer.MIN_VALUE));
        return withBits(at, magnitude, bits -> Arith.of(at, IntegerOperation.ORI, bits, sign));
    }

    /** Each element of a tensor times a factor (REQ-OPS-010). */
    Value scaled(Block at, Value x, float factor) {
        List<Operand> operands =
                List.of(new Operand(x, AffineMap.identity(x.tensor().rank())));
        return Linalg.map(
                at,
                "",
                x.tensor(),
                operands,
                (block, e) -> Arith.mulf(block, e.getFirst(), Arith.constant(block, factor)));
    }

    /** softcap of each element of a tensor. */
    Value softCapped(Block at, Value x, float cap) {
        List<Operand> operands =
                List.of(new Operand(x, AffineMap.identity(x.tensor().rank())));
        return Linalg.map(at, "", x.tensor(), operands, (block, e) -> softCap(block, e.getFirst(), cap));
    }

    /** softcap(x, c) (REQ-OPS-008). */
    Value softCap(Block at, Value x, float cap) {
        Value c = Arith.constant(at, cap);
        return Arith.mulf(at, c, tanh(at, Arith.divf(at, x, c)));
    }

    /**
     * Each pair (u, v) of each head becomes (u·cos − v·sin, u·sin + v·cos) (REQ-ROP-005).
     *
     * @param heads [H, n]
     * @param pairs d/2, at least 1
     * @param cosines [d/2]
     * @param sines [d/2]
     */
    Value rotated(Block at, Rotation.Layout layout, Value heads, int pairs, Value cosines, Value sines) {
        long count = heads.tensor().shape().getFirst();
        boolean split = layout == Rotation.Layout.SPLIT;
        long[] part = {count, 2L * pairs};
        Value turned = Tensor.extractSlice(at, heads, new long[2], part, 0, 1);
        Value box = Tensor.expandShape(
                at, turned, new long[] {count}, split ? new long[] {2, pairs} : new long[] {pairs, 2});
        int pair = split ? 2 : 1;
        int side = split ? 1 : 2;
        long[] size = split ? new long[] {count, 1, pairs} : new long[] {count, pairs, 1};
        long[] second = split ? new long[] {0, 1, 0} : new long[] {0, 0, 1};
        Value u = Tensor.extractSlice(at, box, new long[3], size, 0, pair);
        Value v = Tensor.extractSlice(at, box, second, size, 0, pair);
        List<Operand> operands = List.of(
                new Operand(u, AffineMap.of(3, 0, pair)),
                new Operand(v, AffineMap.of(3, 0, pair)),
                new Operand(cosines, AffineMap.of(3, pair)),
                new Operand(sines, AffineMap.of(3, pair)));
        Value changed = Linalg.map(at, "", box.tensor(), operands, (block, e) -> {
            Value first =
                    Arith.subf(block, Arith.mulf(block, e.get(0), e.get(2)), Arith.mulf(block, e.get(1), e.get(3)));
            Value last =
                    Arith.addf(block, Arith.mulf(block, e.get(0), e.get(3)), Arith.mulf(block, e.get(1), e.get(2)));
            Value isFirst = Arith.cmpi(block, IntegerPredicate.EQ, Linalg.index(block, side), index(block, 0));
            return Arith.select(block, isFirst, first, last);
        });
        Value flat = Tensor.collapseShape(at, changed, 1, 2);
        return flat.tensor().equals(heads.tensor())
                ? flat
                : Tensor.insertSlice(at, flat, heads, new long[2], part, 0, 1);
    }

    /** dot(a, b) of two vectors [n] (REQ-OPS-003), as a tensor of one element. */
    Value dot(Block at, Value a, Value b) {
        long n = a.tensor().elements();
        Value left = padded(at, Tensor.expandShape(at, a, new long[] {1, n}));
        Value right = padded(at, Tensor.expandShape(at, b, new long[] {1, n}));
        return sums(
                at,
                new long[] {1},
                index(at, 0),
                index(at, chunks(n)),
                (block, outer, k) -> Arith.mulf(
                        block,
                        Tensor.extract(block, left, List.of(outer.getFirst(), k)),
                        Tensor.extract(block, right, List.of(outer.getFirst(), k))));
    }
}
