package org.threehalf.backends.llvm;

import static org.threehalf.kernels.transformer.StridedSum.LANES;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.threehalf.backends.llvm.ir.Function;
import org.threehalf.backends.llvm.ir.Module;
import org.threehalf.backends.llvm.ir.Type;
import org.threehalf.backends.llvm.ir.Value;
import org.threehalf.kernels.transformer.Coefficients;
import org.threehalf.kernels.transformer.ElementaryFunctions;

/**
 * Writes the operations of {@code spec/INFERENCE.md}, section 2, in LLVM IR: formula by formula, operation by
 * operation, and sums in their fixed order.
 *
 * <p>The 16 partial sums of REQ-OPS-002 are the lanes of one vector, or, over positions, 16 vectors. All counts of
 * elements are given in whole vectors of 16; what is left over is the caller's.
 */
final class OperationsGenerator {

    static final String SILU = "silu";
    static final String GELU = "gelu";
    static final String ADD = "add";
    static final String NORMALIZE = "normalize";
    static final String ROTATE = "rotate";
    static final String LARGEST = "largest";
    static final String CODES = "codes";
    static final String WEIGHTS = "weights";
    static final String CAPPED_WEIGHTS = "cappedWeights";
    static final String DOTS = "dots";
    /** Followed by the number of heads, one of {@link Instructions#heads}. */
    static final String SCORES = "scores";
    /** Likewise. */
    static final String MIX = "mix";

    private static final Type.Vector REALS = Type.reals(LANES);
    private static final Type.Vector INTEGERS = Type.vector(LANES, 32);
    private static final int BYTES = LANES * Float.BYTES;
    /** Keys, rows or partial sums that are in registers at once, for each head or vector. */
    static final int ROWS = 4;

    // Rows ahead of which keys are asked for.
    private static final int AHEAD = 2 * ROWS;

    private final Module module;

    private OperationsGenerator(InstructionSet instructions) {
        module = new Module(instructions.attributes());
    }

    /** The module for an instruction set. */
    static Module generate(InstructionSet instructions) {
        OperationsGenerator generator = new OperationsGenerator(instructions);
        generator.gate(SILU, (f, x) -> f.negate(x));
        generator.gate(
                GELU,
                (f, x) -> f.negate(f.fmul(
                        x,
                        f.fadd(
                                f.fmul(f.fmul(x, x), real(ElementaryFunctions.GELU_3)),
                                real(ElementaryFunctions.GELU_1)))));
        generator.add();
        generator.normalize();
        generator.rotate();
        generator.largest();
        generator.codes();
        generator.weights(WEIGHTS, false);
        generator.weights(CAPPED_WEIGHTS, true);
        generator.dots();
        for (int heads : instructions.instructions().heads()) {
            generator.scores(heads);
            generator.mix(heads);
        }
        return generator.module;
    }

    /** What stands in the exponent of x / (1 + e^v). */
    private interface Exponent {
        Value of(Function f, Value x);
    }

    /** gate(gate, up, vectors): gate becomes gate / (1 + e^v) · up (REQ-OPS-005, REQ-OPS-006, REQ-OPS-010). */
    private void gate(String name, Exponent exponent) {
        Function f = module.exported(name, Type.POINTER, Type.POINTER, Type.I64);
        f.loop(f.parameter(2), List.of(), (i, none) -> {
            Value to = vector(f, f.parameter(0), i);
            Value x = load(f, to);
            Value activation = f.fdiv(x, f.fadd(exp(f, exponent.of(f, x)), real(1)));
            store(f, f.fmul(activation, load(f, vector(f, f.parameter(1), i))), to);
            return List.of();
        });
    }

    /** add(x, addition, vectors) (REQ-OPS-010). */
    private void add() {
        Function f = module.exported(ADD, Type.POINTER, Type.POINTER, Type.I64);
        f.loop(f.parameter(2), List.of(), (i, none) -> {
            Value to = vector(f, f.parameter(0), i);
            store(f, f.fadd(load(f, to), load(f, vector(f, f.parameter(1), i))), to);
            return List.of();
        });
    }

    /** normalize(x, weights, vectors, n, epsilon): x becomes rmsnorm(x) (REQ-OPS-009). */
    private void normalize() {
        Function f = module.exported(NORMALIZE, Type.POINTER, Type.POINTER, Type.I64, Type.F32, Type.F32);
        Value squares = f.loop(f.parameter(2), List.of(real(0)), (i, sum) -> {
                    Value x = load(f, vector(f, f.parameter(0), i));
                    return List.of(f.fadd(sum.getFirst(), f.fmul(x, x)));
                })
                .getFirst();
        Value mean = f.fadd(f.fdiv(tree(f, squares), f.parameter(3)), f.parameter(4));
        Value factor =
                f.broadcast(f.fdiv(Value.real(Type.F32, 1), f.intrinsic("llvm.sqrt.f32", Type.F32, mean)), LANES);
        f.loop(f.parameter(2), List.of(), (i, none) -> {
            Value to = vector(f, f.parameter(0), i);
            store(f, f.fmul(f.fmul(load(f, to), factor), load(f, vector(f, f.parameter(1), i))), to);
            return List.of();
        });
    }

    /** rotate(x, cosines, sines, vectors): pairs (i, i + 16·vectors) (REQ-ROP-005). */
    private void rotate() {
        Function f = module.exported(ROTATE, Type.POINTER, Type.POINTER, Type.POINTER, Type.I64);
        Value second = vector(f, f.parameter(0), f.parameter(3));
        f.loop(f.parameter(3), List.of(), (i, none) -> {
            Value toU = vector(f, f.parameter(0), i);
            Value toV = vector(f, second, i);
            Value u = load(f, toU);
            Value v = load(f, toV);
            Value cos = load(f, vector(f, f.parameter(1), i));
            Value sin = load(f, vector(f, f.parameter(2), i));
            store(f, f.fsub(f.fmul(u, cos), f.fmul(v, sin)), toU);
            store(f, f.fadd(f.fmul(u, sin), f.fmul(v, cos)), toV);
            return List.of();
        });
    }

    /** largest(x, result, vectors): the largest magnitude, or NaN if one is (REQ-QNT-002). */
    private void largest() {
        Function f = module.exported(LARGEST, Type.POINTER, Type.POINTER, Type.I64);
        Value largest = f.loop(
                        f.parameter(2),
                        List.of(real(0)),
                        (i, carried) -> List.of(maximum(
                                f, carried.getFirst(), magnitude(f, load(f, vector(f, f.parameter(0), i))))))
                .getFirst();
        f.store(f.intrinsic("llvm.vector.reduce.fmaximum.v16f32", Type.F32, largest), f.parameter(1), Float.BYTES);
    }

    /** codes(x, codes, vectors, scale): of a scale that is not 0 (REQ-QNT-003). */
    private void codes() {
        Function f = module.exported(CODES, Type.POINTER, Type.POINTER, Type.I64, Type.F32);
        Value scale = f.broadcast(f.parameter(3), LANES);
        f.loop(f.parameter(2), List.of(), (i, none) -> {
            Value quotient = f.fdiv(load(f, vector(f, f.parameter(0), i)), scale);
            Value clamped = maximum(f, minimum(f, quotient, real(127)), real(-127));
            Value rounded = f.fsub(f.fadd(clamped, real(ElementaryFunctions.ROUND)), real(ElementaryFunctions.ROUND));
            f.store(
                    f.truncate(integers(f, rounded), Type.vector(LANES, 8)),
                    f.at(f.parameter(1), f.mul(i, Value.constant(Type.I64, LANES))),
                    1);
            return List.of();
        });
    }

    /**
     * dots(rows, x, results, groups, vectors): the dot products of x with 4 · groups rows of 16 · vectors elements, one
     * after the other (REQ-OPS-003).
     */
    private void dots() {
        Function f = module.exported(DOTS, Type.POINTER, Type.POINTER, Type.POINTER, Type.I64, Type.I64);
        Value vectors = f.parameter(4);
        f.loop(f.parameter(3), List.of(), (group, none) -> {
            List<Value> rows = IntStream.range(0, ROWS)
                    .mapToObj(i -> vector(
                            f,
                            f.parameter(0),
                            f.mul(f.add(times(f, group, ROWS), Value.constant(Type.I64, i)), vectors)))
                    .toList();
            List<Value> sums = f.loop(vectors, Collections.nCopies(ROWS, real(0)), (k, carried) -> {
                Value x = load(f, vector(f, f.parameter(1), k));
                return IntStream.range(0, ROWS)
                        .mapToObj(i -> f.fadd(carried.get(i), f.fmul(load(f, vector(f, rows.get(i), k)), x)))
                        .toList();
            });
            f.store(trees(f, sums), f.at(f.parameter(2), times(f, group, ROWS * Float.BYTES)), Float.BYTES);
            return List.of();
        });
    }

    /**
     * scores(query, keys, values, scores, vectors, count, stride): the dot products of each head's query with keys, 16
     * · vectors elements each (REQ-ATT-004). Past {@code count}, up to a whole vector of them, the last key's again. A
     * head's scores are {@code stride} vectors after those of the head before it. Values are asked for meanwhile: they
     * are read next, in columns, which no processor's prefetch follows.
     */
    private void scores(int heads) {
        Function f = module.exported(
                SCORES + heads, Type.POINTER, Type.POINTER, Type.POINTER, Type.POINTER, Type.I64, Type.I64, Type.I64);
        Value vectors = f.parameter(4);
        Value last = f.add(f.parameter(5), Value.constant(Type.I64, -1));
        Value groups = times(
                f,
                f.divide(f.add(f.parameter(5), Value.constant(Type.I64, LANES - 1)), Value.constant(Type.I64, LANES)),
                LANES / ROWS);
        f.loop(groups, List.of(), (group, none) -> {
            List<Value> keys = new ArrayList<>();
            List<Value> values = new ArrayList<>();
            for (int i = 0; i < ROWS; i++) {
                Value t = f.add(times(f, group, ROWS), Value.constant(Type.I64, i));
                keys.add(row(f, f.parameter(1), t, last, vectors));
                values.add(row(f, f.parameter(2), t, last, vectors));
            }
            List<Value> sums = f.loop(vectors, Collections.nCopies(heads * ROWS, real(0)), (k, carried) -> {
                keys.forEach(key -> f.prefetch(vector(f, key, f.add(k, times(f, vectors, AHEAD)))));
                values.forEach(value -> f.prefetch(vector(f, value, k)));
                List<Value> parts =
                        keys.stream().map(key -> load(f, vector(f, key, k))).toList();
                List<Value> next = new ArrayList<>();
                for (int h = 0; h < heads; h++) {
                    Value query = load(f, vector(f, f.parameter(0), f.add(times(f, vectors, h), k)));
                    for (int i = 0; i < ROWS; i++) {
                        next.add(f.fadd(carried.get(h * ROWS + i), f.fmul(query, parts.get(i))));
                    }
                }
                return next;
            });
            for (int h = 0; h < heads; h++) {
                Value to = f.at(
                        vector(f, f.parameter(3), times(f, f.parameter(6), h)), times(f, group, ROWS * Float.BYTES));
                f.store(trees(f, sums.subList(h * ROWS, h * ROWS + ROWS)), to, Float.BYTES);
            }
            return List.of();
        });
    }

    /**
     * weights(scores, vectors, count, scale, cap): a head's scores become the weights e_t, zero from {@code count} on,
     * and the element after them their sum Z (REQ-ATT-004, REQ-ATT-005). They go to partial sums by their place in the
     * window: a rotation of those by position, which changes no bit (REQ-OPS-002).
     */
    private void weights(String name, boolean capped) {
        Function f = module.exported(name, Type.POINTER, Type.I64, Type.I64, Type.F32, Type.F32);
        Value scale = f.broadcast(f.parameter(3), LANES);
        Value cap = f.broadcast(f.parameter(4), LANES);
        Value largestOf = f.loop(f.parameter(1), List.of(real(Float.NEGATIVE_INFINITY)), (i, carried) -> {
                    Value at = vector(f, f.parameter(0), i);
                    Value score = f.fmul(load(f, at), scale);
                    Value limited = capped ? softCap(f, score, cap) : score;
                    store(f, limited, at);
                    return List.of(maximum(f, carried.getFirst(), limited));
                })
                .getFirst();
        Value largest = f.broadcast(f.intrinsic("llvm.vector.reduce.fmaximum.v16f32", Type.F32, largestOf), LANES);
        Value count = f.broadcast(f.truncate(f.parameter(2), Type.I32), LANES);
        Value total = f.loop(f.parameter(1), List.of(real(0)), (i, carried) -> {
                    Value at = vector(f, f.parameter(0), i);
                    Value position = f.add(
                            f.broadcast(f.truncate(times(f, i, LANES), Type.I32), LANES), Value.numbers(INTEGERS));
                    Value weight = f.select(f.less(position, count), exp(f, f.fsub(load(f, at), largest)), real(0));
                    store(f, weight, at);
                    return List.of(f.fadd(carried.getFirst(), weight));
                })
                .getFirst();
        f.store(tree(f, total), vector(f, f.parameter(0), f.parameter(1)), Float.BYTES);
    }

    /**
     * mix(weights, values, output, vectors, count, stride): o = A / Z of each head (REQ-ATT-005), from what
     * {@link #WEIGHTS} leaves. A head's output follows that of the head before it.
     */
    private void mix(int heads) {
        Function f =
                module.exported(MIX + heads, Type.POINTER, Type.POINTER, Type.POINTER, Type.I64, Type.I64, Type.I64);
        Value vectors = f.parameter(3);
        Value last = f.add(f.parameter(4), Value.constant(Type.I64, -1));
        Value groups =
                f.divide(f.add(f.parameter(4), Value.constant(Type.I64, LANES - 1)), Value.constant(Type.I64, LANES));
        List<Value> weights = IntStream.range(0, heads)
                .mapToObj(h -> vector(f, f.parameter(0), times(f, f.parameter(5), h)))
                .toList();
        List<Value> totals = weights.stream()
                .map(w -> f.broadcast(f.load(Type.F32, vector(f, w, groups), Float.BYTES), LANES))
                .toList();
        f.loop(vectors, List.of(), (d, none) -> {
            // quarters[j][h]: partial sums j, j + 4, j + 8 and j + 12, which the tree's first two levels add.
            List<List<Value>> quarters = new ArrayList<>();
            for (int j = 0; j < LANES / ROWS; j++) {
                Value first = Value.constant(Type.I64, j);
                List<Value> sums = f.loop(groups, Collections.nCopies(heads * ROWS, real(0)), (group, carried) -> {
                    List<Value> next = new ArrayList<>(carried);
                    for (int i = 0; i < ROWS; i++) {
                        Value t = f.add(
                                f.add(times(f, group, LANES), first),
                                Value.constant(Type.I64, (long) i * LANES / ROWS));
                        Value value = load(f, vector(f, row(f, f.parameter(1), t, last, vectors), d));
                        for (int h = 0; h < heads; h++) {
                            Value weight = f.broadcast(
                                    f.load(Type.F32, f.at(weights.get(h), times(f, t, Float.BYTES)), Float.BYTES),
                                    LANES);
                            next.set(h * ROWS + i, f.fadd(carried.get(h * ROWS + i), f.fmul(value, weight)));
                        }
                    }
                    return next;
                });
                quarters.add(IntStream.range(0, heads)
                        .mapToObj(h -> fold(f, sums.subList(h * ROWS, h * ROWS + ROWS)))
                        .toList());
            }
            for (int h = 0; h < heads; h++) {
                int head = h;
                Value sum = fold(
                        f, quarters.stream().map(quarter -> quarter.get(head)).toList());
                store(f, f.fdiv(sum, totals.get(h)), vector(f, f.parameter(2), f.add(times(f, vectors, h), d)));
            }
            return List.of();
        });
    }

    /** (a + c) + (b + d). */
    private static Value fold(Function f, List<Value> four) {
        return f.fadd(f.fadd(four.get(0), four.get(2)), f.fadd(four.get(1), four.get(3)));
    }

    /** The address of a row of {@code vectors} vectors: the last one's, from that on. */
    private static Value row(Function f, Value rows, Value index, Value last, Value vectors) {
        return vector(f, rows, f.mul(f.intrinsic("llvm.umin.i64", Type.I64, index, last), vectors));
    }

    /** The tree of REQ-OPS-002 over a vector of partial sums. */
    private static Value tree(Function f, Value sums) {
        return f.lane(trees(f, List.of(sums)), 0);
    }

    /**
     * The trees of REQ-OPS-002 of some vectors of partial sums, 1, 2 or 4, side by side: at each level the lower halves
     * of the rows' sums plus the upper ones.
     *
     * @return as many lanes
     */
    private static Value trees(Function f, List<Value> sums) {
        List<Value> level = sums;
        for (int width = LANES; width > 1; width /= 2) {
            List<Value> next = new ArrayList<>();
            for (int v = 0; v < level.size(); v += 2) {
                Value a = level.get(v);
                Value b = level.get(Math.min(v + 1, level.size() - 1));
                int lanes = (level.size() == 1 ? 1 : 2) * Type.lanes(a.type());
                next.add(
                        f.fadd(f.shuffle(a, b, half(lanes, width, 0)), f.shuffle(a, b, half(lanes, width, width / 2))));
            }
            level = next;
        }
        return level.getFirst();
    }

    /** Of rows of {@code width} sums one after the other, the lanes of each row's lower or upper half. */
    private static int[] half(int lanes, int width, int from) {
        return IntStream.range(0, lanes)
                .filter(lane -> lane % width >= from && lane % width < from + width / 2)
                .toArray();
    }

    /** REQ-OPS-004. */
    private static Value exp(Function f, Value x) {
        Value n = f.fsub(
                f.fadd(f.fmul(x, real(ElementaryFunctions.LOG2_E)), real(ElementaryFunctions.ROUND)),
                real(ElementaryFunctions.ROUND));
        Value r = f.fsub(
                f.fsub(x, f.fmul(n, real(ElementaryFunctions.LN2_HIGH))), f.fmul(n, real(ElementaryFunctions.LN2_LOW)));
        Value e = f.fadd(f.fadd(f.fmul(f.fmul(r, r), polynomial(f, r, Coefficients.exponential())), r), real(1));
        Value exponent = integers(f, n);
        Value half = f.shiftRightSigned(exponent, Value.constant(INTEGERS, 1));
        Value rest = f.add(exponent, f.mul(half, Value.constant(INTEGERS, -1)));
        Value scaled = f.fmul(f.fmul(e, powerOfTwo(f, half)), powerOfTwo(f, rest));
        Value most =
                f.select(f.lessReal(real(ElementaryFunctions.EXP_HIGHEST), x), real(Float.POSITIVE_INFINITY), scaled);
        return f.select(f.lessReal(x, real(ElementaryFunctions.EXP_LOWEST)), real(0), most);
    }

    /** ((c_0 · x + c_1) · x + …). */
    private static Value polynomial(Function f, Value x, float[] coefficients) {
        Value sum = real(coefficients[0]);
        for (int i = 1; i < coefficients.length; i++) {
            sum = f.fadd(f.fmul(sum, x), real(coefficients[i]));
        }
        return sum;
    }

    private static Value powerOfTwo(Function f, Value n) {
        return f.reinterpret(f.shiftLeft(f.add(n, Value.constant(INTEGERS, 127)), Value.constant(INTEGERS, 23)), REALS);
    }

    /** REQ-OPS-008. */
    private static Value softCap(Function f, Value x, Value cap) {
        Value y = f.fdiv(x, cap);
        Value a = magnitude(f, y);
        Value z = f.fmul(a, a);
        Value small = f.fadd(f.fmul(f.fmul(z, polynomial(f, z, Coefficients.hyperbolicTangent())), a), a);
        Value power = f.fadd(exp(f, f.fmul(minimum(f, a, real(ElementaryFunctions.TANH_LARGEST)), real(2))), real(1));
        Value large = f.fsub(real(1), f.fdiv(real(2), power));
        Value tanh = f.intrinsic(
                "llvm.copysign.v16f32",
                REALS,
                f.select(f.lessReal(a, real(ElementaryFunctions.TANH_SMALL)), small, large),
                y);
        return f.fmul(tanh, cap);
    }

    private static Value magnitude(Function f, Value x) {
        return f.intrinsic("llvm.fabs.v16f32", REALS, x);
    }

    /** As Java's: NaN if one of them is. */
    private static Value maximum(Function f, Value a, Value b) {
        return f.intrinsic("llvm.maximum.v16f32", REALS, a, b);
    }

    /** As Java's: NaN if one of them is. */
    private static Value minimum(Function f, Value a, Value b) {
        return f.intrinsic("llvm.minimum.v16f32", REALS, a, b);
    }

    /** Towards zero, as Java does it: NaN becomes 0, and what is too large the largest integer. */
    private static Value integers(Function f, Value x) {
        return f.intrinsic("llvm.fptosi.sat.v16i32.v16f32", INTEGERS, x);
    }

    private static Value real(float number) {
        return Value.real(REALS, number);
    }

    private static Value vector(Function f, Value address, Value index) {
        return f.at(address, times(f, index, BYTES));
    }

    private static Value load(Function f, Value address) {
        return f.load(REALS, address, Float.BYTES);
    }

    private static void store(Function f, Value value, Value address) {
        f.store(value, address, Float.BYTES);
    }

    private static Value times(Function f, Value value, long factor) {
        return factor == 1 ? value : f.mul(value, Value.constant(Type.I64, factor));
    }
}
