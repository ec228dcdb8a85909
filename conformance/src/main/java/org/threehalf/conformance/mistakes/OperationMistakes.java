package org.threehalf.conformance.mistakes;

import java.util.List;
import java.util.function.Supplier;
import org.threehalf.backends.spi.Backend;
import org.threehalf.kernels.transformer.ElementaryFunctions;
import org.threehalf.kernels.transformer.Rotation;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * Mistakes in the operations of {@code spec/INFERENCE.md} (level L2); whole decoders use the same operations, so they
 * show there too.
 */
final class OperationMistakes {
    private OperationMistakes() {}

    static Mistake of(String name, Supplier<TransformerOperations> operations) {
        return new Mistake("transformer: " + name, () -> backend(operations.get()), format -> true);
    }

    private static Backend backend(TransformerOperations operations) {
        return new SteppedBackend() {
            @Override
            public TransformerOperations operations() {
                return operations;
            }
        };
    }

    /** The right operations; what is wrong is always said by an override. */
    static Backend right() {
        return backend(new SteppedOperations());
    }

    static List<Mistake> all() {
        return List.of(
                of("fused multiply-add", () -> new SteppedOperations() {
                    @Override
                    float multiplyAdd(float sum, float a, float b) {
                        return Math.fma(a, b, sum);
                    }
                }),
                of("flush of subnormal results", () -> new SteppedOperations() {
                    @Override
                    float result(float x) {
                        return Math.abs(x) < Float.MIN_NORMAL ? Math.copySign(0, x) : x;
                    }
                }),
                of("one running sum in place of 16", () -> new SteppedOperations() {
                    @Override
                    int lane(int k) {
                        return 0;
                    }
                }),
                of("8 partial sums in place of 16", () -> new SteppedOperations() {
                    @Override
                    int lane(int k) {
                        return k % 8;
                    }
                }),
                of("partial sums of neighbours added first", () -> new SteppedOperations() {
                    @Override
                    float tree(float[] partial) {
                        for (int s = 1; s < 16; s *= 2) {
                            for (int j = 0; j < 16; j += 2 * s) {
                                partial[j] += partial[j + s];
                            }
                        }
                        return partial[0];
                    }
                }),
                of("partial sums added one after the other", () -> new SteppedOperations() {
                    @Override
                    float tree(float[] partial) {
                        float sum = 0;
                        for (float p : partial) {
                            sum += p;
                        }
                        return sum;
                    }
                }),
                of("sums in binary64", () -> new SteppedOperations() {
                    @Override
                    float tree(float[] partial) {
                        double sum = 0;
                        for (float p : partial) {
                            sum += p;
                        }
                        return (float) sum;
                    }
                }),
                of("exp of the system's library", () -> new SteppedOperations() {
                    @Override
                    float exp(float x) {
                        return (float) StrictMath.exp(x);
                    }
                }),
                of("exp: subnormal results are zero", () -> new SteppedOperations() {
                    @Override
                    float exp(float x) {
                        float e = super.exp(x);
                        return e < Float.MIN_NORMAL ? 0 : e;
                    }
                }),
                of("exp: ln 2 as one constant", () -> new SteppedOperations() {
                    @Override
                    float exp(float x) {
                        if (x < -104 || x > 89) {
                            return super.exp(x);
                        }
                        float n = (float) Math.rint(x * 0x1.715476p0f);
                        float r = x - n * 0x1.62e43p-1f;
                        float q =
                                (((0x1.6a2434p-10f * r + 0x1.1239e2p-7f) * r + 0x1.5558f2p-5f) * r + 0x1.555492p-3f) * r
                                        + 0x1.fffffcp-2f;
                        return Math.scalb(r * r * q + r + 1, (int) n);
                    }
                }),
                of("tanh of the system's library", () -> new SteppedOperations() {
                    @Override
                    float tanh(float x) {
                        return (float) StrictMath.tanh(x);
                    }
                }),
                of("tanh: by exp alone, without the polynomial", () -> new SteppedOperations() {
                    @Override
                    float tanh(float x) {
                        float a = Math.abs(x);
                        return Math.copySign(1 - 2 / (ElementaryFunctions.exp(Math.min(a, 10) * 2) + 1), x);
                    }
                }),
                of("gelu by tanh", () -> new SteppedOperations() {
                    @Override
                    float gelu(float x) {
                        return 0.5f * x * (1 + tanh(0.7978846f * (x + 0.044715f * x * x * x)));
                    }
                }),
                of("gelu by the logistic function of 1.702 x", () -> new SteppedOperations() {
                    @Override
                    float gelu(float x) {
                        return x / (1 + exp(-1.702f * x));
                    }
                }),
                of("silu: x times the logistic function", () -> new SteppedOperations() {
                    @Override
                    float silu(float x) {
                        return x * (1 / (1 + exp(-x)));
                    }
                }),
                of("norm: epsilon added after the root", () -> new SteppedOperations() {
                    @Override
                    float reciprocalRoot(float meanSquare, float epsilon) {
                        return 1 / ((float) Math.sqrt(meanSquare) + epsilon);
                    }
                }),
                of("norm: reciprocal root rounded once", () -> new SteppedOperations() {
                    @Override
                    float reciprocalRoot(float meanSquare, float epsilon) {
                        return (float) (1 / Math.sqrt(meanSquare + epsilon));
                    }
                }),
                of("norm: weight times the reciprocal root first", () -> new SteppedOperations() {
                    @Override
                    float norm(float x, float r, float weight) {
                        return x * (r * weight);
                    }
                }),
                of("norm: 1 + weight", () -> new SteppedOperations() {
                    @Override
                    float norm(float x, float r, float weight) {
                        return x * r * (1 + weight);
                    }
                }),
                of("norm: mean by the reciprocal of n", () -> new SteppedOperations() {
                    @Override
                    float mean(float sum, int n) {
                        return sum * (1f / n);
                    }
                }),
                of("rotation in the other direction", () -> new SteppedOperations() {
                    @Override
                    float sine(float[] sines, int angle, int i) {
                        return -super.sine(sines, angle, i);
                    }
                }),
                of("rotation with the other layout's pairs", () -> new SteppedOperations() {
                    @Override
                    public void rotate(
                            Rotation.Layout layout,
                            float[] x,
                            int from,
                            float[] cosines,
                            float[] sines,
                            int angle,
                            int pairs) {
                        Rotation.Layout other =
                                layout == Rotation.Layout.SPLIT ? Rotation.Layout.INTERLEAVED : Rotation.Layout.SPLIT;
                        super.rotate(other, x, from, cosines, sines, angle, pairs);
                    }
                }),
                of("attention: scores are not capped", () -> new SteppedOperations() {
                    @Override
                    float score(float dot, float scale, float cap) {
                        return dot * scale;
                    }
                }),
                of("attention: largest score not taken off", () -> new SteppedOperations() {
                    @Override
                    float maximum(float a, float b) {
                        return 0;
                    }
                }),
                of("attention: weights divided before the sum", () -> new SteppedOperations() {
                    @Override
                    float output(float[] e, float[] v, int first, float total) {
                        float[] weights = new float[e.length];
                        for (int t = 0; t < e.length; t++) {
                            weights[t] = e[t] / total;
                        }
                        return super.output(weights, v, first, 1);
                    }
                }),
                of("attention: 8 partial sums, counted from the window's start", () -> new SteppedOperations() {
                    @Override
                    int positionLane(int t, int first) {
                        return (t - first) % 8;
                    }
                }),
                of("attention: the window holds one position too many", () -> new SteppedOperations() {
                    @Override
                    int first(int first, int last) {
                        return Math.max(0, first - 1);
                    }
                }),
                of("attention: the oldest position of a window is not seen", () -> new SteppedOperations() {
                    @Override
                    int first(int first, int last) {
                        return first > 0 && first < last ? first + 1 : first;
                    }
                }),
                of("sinks: left out of the sum of weights", () -> new SteppedOperations() {
                    @Override
                    float total(float sum, float sink, float largest) {
                        return sum;
                    }
                }),
                of("sinks: left out of the largest score", () -> new SteppedOperations() {
                    @Override
                    float sinkOfMaximum(float sink) {
                        return Float.NEGATIVE_INFINITY;
                    }
                }),
                of("sinks: largest score not taken off them", () -> new SteppedOperations() {
                    @Override
                    float total(float sum, float sink, float largest) {
                        return sum + exp(sink);
                    }
                }),
                of("clamped product: the gate is not limited", () -> new SteppedOperations() {
                    @Override
                    float limitedGate(float x) {
                        return x;
                    }
                }),
                of("clamped product: the gate is limited on both sides", () -> new SteppedOperations() {
                    @Override
                    float limitedGate(float x) {
                        return limitedUp(x);
                    }
                }),
                of("clamped product: the other factor is limited above alone", () -> new SteppedOperations() {
                    @Override
                    float limitedUp(float x) {
                        return Math.min(x, 7);
                    }
                }),
                of("clamped product: 1 is not added", () -> new SteppedOperations() {
                    @Override
                    float shifted(float x) {
                        return x;
                    }
                }),
                of("clamped product: the logistic function of x", () -> new SteppedOperations() {
                    @Override
                    float slope() {
                        return 1;
                    }
                }));
    }
}
