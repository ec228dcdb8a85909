package org.threehalf.conformance.mistakes;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.ElementaryFunctions;

/**
 * Mistakes that small and tame inputs do not show: past the width of a tile, in one term or one coefficient, at one end
 * of a range. The wide cases are there for them.
 */
final class WideMistakes {
    /** log₂ e, ln 2 in two parts, and the polynomial's coefficients from the highest power on (REQ-OPS-004). */
    private static final float[] EXP = {
        ElementaryFunctions.LOG2_E,
        ElementaryFunctions.LN2_HIGH,
        ElementaryFunctions.LN2_LOW,
        ElementaryFunctions.EXP_4,
        ElementaryFunctions.EXP_3,
        ElementaryFunctions.EXP_2,
        ElementaryFunctions.EXP_1,
        ElementaryFunctions.EXP_0
    };

    private static final List<String> EXP_NAMES = List.of(
            "log2 e",
            "the high part of ln 2",
            "the low part of ln 2",
            "coefficient of r^6",
            "coefficient of r^5",
            "coefficient of r^4",
            "coefficient of r^3",
            "coefficient of r^2");
    /** The polynomial's coefficients from the highest power on (REQ-OPS-007). */
    private static final float[] TANH = {
        ElementaryFunctions.TANH_4,
        ElementaryFunctions.TANH_3,
        ElementaryFunctions.TANH_2,
        ElementaryFunctions.TANH_1,
        ElementaryFunctions.TANH_0
    };

    private WideMistakes() {}

    /** All of them. */
    static List<Mistake> all() {
        return Stream.of(operations(), coefficients(), products())
                .flatMap(List::stream)
                .toList();
    }

    private static Mistake operation(String name, Supplier<SteppedOperations> operations) {
        return OperationMistakes.of(name, operations::get);
    }

    private static Mistake product(String name, Supplier<SteppedBackend> backend) {
        return new Mistake(name, backend::get, format -> true);
    }

    /**
     * Those of operations of a transformer. (Whether exp takes its ends -104 and 89 by the polynomial makes no
     * difference: that gives 0 and infinity there too.)
     */
    static List<Mistake> operations() {
        return List.of(
                operation("fused multiply-add in the last term of a dot product", () -> new SteppedOperations() {
                    @Override
                    float term(float sum, float a, float b, int k, int n) {
                        return k == n - 1 ? Math.fma(a, b, sum) : multiplyAdd(sum, a, b);
                    }
                }),
                operation("fused multiply-add in the terms past the last whole 16", () -> new SteppedOperations() {
                    @Override
                    float term(float sum, float a, float b, int k, int n) {
                        return k >= n / 16 * 16 ? Math.fma(a, b, sum) : multiplyAdd(sum, a, b);
                    }
                }),
                operation("exp: infinite from 88.72 on", () -> new SteppedOperations() {
                    @Override
                    float exp(float x) {
                        return x > 88.72f ? Float.POSITIVE_INFINITY : super.exp(x);
                    }
                }),
                operation("tanh: the polynomial at 0.625 itself", () -> new SteppedOperations() {
                    @Override
                    float tanh(float x) {
                        return Math.abs(x) == 0.625f ? polynomial(x, TANH) : super.tanh(x);
                    }
                }),
                operation("norm: mean by the reciprocal of n where n > 64", () -> new SteppedOperations() {
                    @Override
                    float mean(float sum, int n) {
                        return n > 64 ? sum * (1f / n) : sum / n;
                    }
                }),
                operation("rotation: pairs from 16 on take the first 16 angles again", () -> new SteppedOperations() {
                    @Override
                    float cosine(float[] cosines, int angle, int i) {
                        return super.cosine(cosines, angle, i % 16);
                    }

                    @Override
                    float sine(float[] sines, int angle, int i) {
                        return super.sine(sines, angle, i % 16);
                    }
                }),
                operation("attention: largest score not taken off where all are equal", () -> new SteppedOperations() {
                    @Override
                    float subtracted(float largest, float[] scores) {
                        for (float score : scores) {
                            if (score != largest) {
                                return largest;
                            }
                        }
                        return scores.length > 1 ? 0 : largest;
                    }
                }),
                operation(
                        "attention: positions from 64 on in partial sums of their own", () -> new SteppedOperations() {
                            @Override
                            float output(float[] e, float[] v, int first, float total) {
                                int near = Math.clamp(64 - first, 0, e.length);
                                float sum = tree(sums(e, v, first, 0, near)) + tree(sums(e, v, first, near, e.length));
                                return near == e.length ? super.output(e, v, first, total) : sum / total;
                            }

                            private float[] sums(float[] e, float[] v, int first, int from, int to) {
                                float[] partial = new float[16];
                                for (int t = from; t < to; t++) {
                                    int lane = positionLane(first + t, first);
                                    partial[lane] = multiplyAdd(partial[lane], e[t], v[t]);
                                }
                                return partial;
                            }
                        }),
                operation("attention: the query scaled before the product", () -> new SteppedOperations() {
                    @Override
                    float scored(float[] query, int queryFrom, float[] key, int n, float scale) {
                        float[] scaled = new float[n];
                        for (int k = 0; k < n; k++) {
                            scaled[k] = query[queryFrom + k] * scale;
                        }
                        return dot(scaled, 0, key, 0, n);
                    }

                    @Override
                    float score(float dot, float scale, float cap) {
                        return super.score(dot, 1, cap);
                    }
                }));
    }

    /** Each constant of exp, tanh and GELU one unit in the last place off. */
    static List<Mistake> coefficients() {
        List<Mistake> all = new ArrayList<>();
        for (boolean up : new boolean[] {true, false}) {
            String way = up ? " one unit up" : " one unit down";
            for (int i = 0; i < EXP.length; i++) {
                float[] changed = neighbour(EXP, i, up);
                all.add(operation("exp: " + EXP_NAMES.get(i) + way, () -> new SteppedOperations() {
                    @Override
                    float exp(float x) {
                        return x < -104 || x > 89 ? super.exp(x) : exponential(x, changed);
                    }

                    @Override
                    float tanh(float x) {
                        float a = Math.abs(x);
                        return a < 0.625f ? super.tanh(x) : Math.copySign(1 - 2 / (exp(Math.min(a, 10) * 2) + 1), x);
                    }
                }));
            }
            for (int i = 0; i < TANH.length; i++) {
                float[] changed = neighbour(TANH, i, up);
                all.add(operation("tanh: coefficient of x^" + (11 - 2 * i) + way, () -> new SteppedOperations() {
                    @Override
                    float tanh(float x) {
                        return Math.abs(x) < 0.625f ? polynomial(x, changed) : super.tanh(x);
                    }
                }));
            }
            float cubic = up ? Math.nextUp(ElementaryFunctions.GELU_3) : Math.nextDown(ElementaryFunctions.GELU_3);
            float linear = up ? Math.nextUp(ElementaryFunctions.GELU_1) : Math.nextDown(ElementaryFunctions.GELU_1);
            all.add(operation("gelu: cubic coefficient" + way, () -> gelu(cubic, ElementaryFunctions.GELU_1)));
            all.add(operation("gelu: linear coefficient" + way, () -> gelu(ElementaryFunctions.GELU_3, linear)));
        }
        return all;
    }

    private static SteppedOperations gelu(float cubic, float linear) {
        return new SteppedOperations() {
            @Override
            float gelu(float x) {
                return x / (1 + exp(-(x * (x * x * cubic + linear))));
            }
        };
    }

    private static float[] neighbour(float[] constants, int i, boolean up) {
        float[] changed = constants.clone();
        changed[i] = up ? Math.nextUp(changed[i]) : Math.nextDown(changed[i]);
        return changed;
    }

    private static float exponential(float x, float[] c) {
        float n = (float) Math.rint(x * c[0]);
        float r = (x - n * c[1]) - n * c[2];
        float q = (((c[3] * r + c[4]) * r + c[5]) * r + c[6]) * r + c[7];
        int h = Math.floorDiv((int) n, 2);
        return Math.scalb(Math.scalb((r * r) * q + r + 1, h), (int) n - h);
    }

    private static float polynomial(float x, float[] c) {
        float a = Math.abs(x);
        float z = a * a;
        float p = (((c[0] * z + c[1]) * z + c[2]) * z + c[3]) * z + c[4];
        return Math.copySign((z * p) * a + a, x);
    }

    /** Those of products and of what must be refused. */
    static List<Mistake> products() {
        return List.of(
                Mistake.scales("gemm: the scale of token t mod 16 for token t", (t, count) -> t % 16),
                Mistake.scales(
                        "gemm: the last token's scale is that of the one before",
                        (t, count) -> t == count - 1 ? Math.max(0, t - 1) : t),
                product("sub-scales of inputs from 4,096 on are those of the first", () -> new SteppedBackend() {
                    @Override
                    protected int subscale(QuantizedRow row, int block) {
                        return row.subscales()[block % 64];
                    }
                }),
                product("sums of two neighbours' products saturate at 16 bits", () -> new SteppedBackend() {
                    @Override
                    protected int sum(byte[] activations, int[] weights) {
                        int sum = 0;
                        for (int k = 0; k < weights.length; k += 2) {
                            int pair = activations[k] * weights[k];
                            if (k + 1 < weights.length) {
                                pair += activations[k + 1] * weights[k + 1];
                            }
                            sum += Math.clamp(pair, Short.MIN_VALUE, Short.MAX_VALUE);
                        }
                        return sum;
                    }
                }),
                product("the last input read with its neighbour's code where K is odd", () -> new SteppedBackend() {
                    @Override
                    protected int[] weights(PackedMatrix matrix, int row) {
                        int[] weights = super.weights(matrix, row);
                        int last = weights.length - 1;
                        if (last >= 2 && weights.length % 2 == 1) {
                            weights[last] = weights[last - 2];
                        }
                        return weights;
                    }
                }),
                product("refusals: scales of rows from 2 on are not looked at", () -> new SteppedBackend() {
                    private int seen;

                    @Override
                    public DeviceMatrix load(PackedMatrix matrix) {
                        seen = 0;
                        return super.load(matrix);
                    }

                    @Override
                    protected void checkScale(float scale) {
                        if (seen++ < 2) {
                            super.checkScale(scale);
                        }
                    }
                }),
                product("refusals: NaN is seen in the last place alone", () -> new SteppedBackend() {
                    @Override
                    public QuantizedToken quantize(float[] activations) {
                        float[] seen = activations.clone();
                        for (int k = 0; k < seen.length - 1; k++) {
                            seen[k] = Float.isNaN(seen[k]) ? 0 : seen[k];
                        }
                        return super.quantize(seen);
                    }
                }),
                product("refusals: 2^56 itself is refused, and 2^40 of a scale", () -> new SteppedBackend() {
                    @Override
                    protected void checkActivation(float x) {
                        if (!(Math.abs(x) < Format.MAX_ACTIVATION)) {
                            throw new IllegalArgumentException("activation " + x);
                        }
                    }

                    @Override
                    protected void checkScale(float scale) {
                        if (!(scale < 0x1p40f)) {
                            throw new IllegalArgumentException("scale " + scale);
                        }
                        super.checkScale(scale);
                    }
                }));
    }
}
