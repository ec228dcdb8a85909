package org.threehalf.conformance.mistakes;

import java.lang.foreign.ValueLayout;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.AttentionHeads;
import org.threehalf.kernels.transformer.ElementaryFunctions;
import org.threehalf.kernels.transformer.Rotation;
import org.threehalf.kernels.transformer.TransformerOperations;

/** The right operations of a transformer, cut into steps that a faulty device overrides. Slow and plain. */
class SteppedOperations implements TransformerOperations {

    /** What is left of a result; a device that flushes subnormals leaves zero. */
    float result(float x) {
        return x;
    }

    /** sum + a · b: two roundings (REQ-OPS-001). */
    float multiplyAdd(float sum, float a, float b) {
        return result(sum + result(a * b));
    }

    /** Term k of n of a dot product. */
    float term(float sum, float a, float b, int k, int n) {
        return multiplyAdd(sum, a, b);
    }

    float add(float a, float b) {
        return result(a + b);
    }

    /** The partial sum of term k (REQ-OPS-002). */
    int lane(int k) {
        return k % 16;
    }

    /** The tree of 16 partial sums (REQ-OPS-002). */
    float tree(float[] partial) {
        for (int s = 8; s > 0; s /= 2) {
            for (int j = 0; j < s; j++) {
                partial[j] = add(partial[j], partial[j + s]);
            }
        }
        return partial[0];
    }

    float exp(float x) {
        return ElementaryFunctions.exp(x);
    }

    float tanh(float x) {
        return ElementaryFunctions.tanh(x);
    }

    float silu(float x) {
        return x / (1 + exp(-x));
    }

    float gelu(float x) {
        float v = x * (x * x * 0x1.2444f2p-4f + 0x1.988454p0f);
        return x / (1 + exp(-v));
    }

    /** g' of REQ-OPS-013. */
    float limitedGate(float x) {
        return Math.min(x, 7);
    }

    /** u' of REQ-OPS-013. */
    float limitedUp(float x) {
        return Math.min(Math.max(x, -7), 7);
    }

    /** u' + 1. */
    float shifted(float x) {
        return x + 1;
    }

    /** What g' is multiplied with in the exponent. */
    float slope() {
        return 0x1.b3b646p0f;
    }

    float reciprocalRoot(float meanSquare, float epsilon) {
        return 1 / (float) Math.sqrt(meanSquare + epsilon);
    }

    float mean(float sum, int n) {
        return sum / n;
    }

    float norm(float x, float r, float weight) {
        return x * r * weight;
    }

    @Override
    public final float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
        float[] partial = new float[16];
        for (int k = 0; k < n; k++) {
            partial[lane(k)] = term(partial[lane(k)], a[aFrom + k], b[bFrom + k], k, n);
        }
        return tree(partial);
    }

    @Override
    public final void rmsNorm(float[] x, int xFrom, float[] weights, float epsilon, float[] y, int yFrom) {
        int n = weights.length;
        float r = reciprocalRoot(mean(dot(x, xFrom, x, xFrom, n), n), epsilon);
        for (int k = 0; k < n; k++) {
            y[yFrom + k] = norm(x[xFrom + k], r, weights[k]);
        }
    }

    @Override
    public final void gate(Activation activation, float[] gate, float[] up) {
        for (int k = 0; k < gate.length; k++) {
            gate[k] = switch (activation) {
                case SILU -> result(silu(gate[k]) * up[k]);
                case GELU -> result(gelu(gate[k]) * up[k]);
                case CLAMPED_SWIGLU -> {
                    float x = limitedGate(gate[k]);
                    yield result(shifted(limitedUp(up[k])) * (x / (1 + exp(-result(x * slope())))));
                }
            };
        }
    }

    @Override
    public final void add(float[] x, float[] addition) {
        for (int k = 0; k < x.length; k++) {
            x[k] = add(x[k], addition[k]);
        }
    }

    @Override
    public final void softCap(float[] x, float cap) {
        for (int k = 0; k < x.length; k++) {
            x[k] = cap * tanh(x[k] / cap);
        }
    }

    /** The cosine of pair i; a table holds them from {@code angle} on. */
    float cosine(float[] cosines, int angle, int i) {
        return cosines[angle + i];
    }

    /** The sine of pair i, likewise. */
    float sine(float[] sines, int angle, int i) {
        return sines[angle + i];
    }

    @Override
    public void rotate(
            Rotation.Layout layout, float[] x, int from, float[] cosines, float[] sines, int angle, int pairs) {
        for (int i = 0; i < pairs; i++) {
            int first = layout == Rotation.Layout.SPLIT ? from + i : from + 2 * i;
            int second = layout == Rotation.Layout.SPLIT ? from + i + pairs : from + 2 * i + 1;
            float u = x[first];
            float v = x[second];
            float cosine = cosine(cosines, angle, i);
            float sine = sine(sines, angle, i);
            x[first] = multiplyAdd(result(u * cosine), -v, sine);
            x[second] = multiplyAdd(result(u * sine), v, cosine);
        }
    }

    /** The product of a query and a key, n numbers each, as the score takes it. */
    float scored(float[] query, int queryFrom, float[] key, int n, float scale) {
        return dot(query, queryFrom, key, 0, n);
    }

    /** The score of a position (REQ-ATT-004). */
    float score(float dot, float scale, float cap) {
        float score = dot * scale;
        return cap > 0 ? cap * tanh(score / cap) : score;
    }

    float maximum(float a, float b) {
        return Math.max(a, b);
    }

    /** What is taken off the scores (REQ-ATT-005). */
    float subtracted(float largest, float[] scores) {
        return largest;
    }

    /** The sink that the largest score begins with (REQ-ATT-006). */
    float sinkOfMaximum(float sink) {
        return sink;
    }

    /** Z of a head with a sink (REQ-ATT-006). */
    float total(float sum, float sink, float largest) {
        return sum + exp(sink - largest);
    }

    /** The first position that is looked at. */
    int first(int first, int last) {
        return first;
    }

    /** The partial sum of position t (REQ-ATT-005). */
    int positionLane(int t, int first) {
        return t % 16;
    }

    /** A_d / Z, with A_d made of e_t and v_{t,d} (REQ-ATT-005). */
    float output(float[] e, float[] v, int first, float total) {
        float[] partial = new float[16];
        for (int t = 0; t < e.length; t++) {
            int lane = positionLane(first + t, first);
            partial[lane] = multiplyAdd(partial[lane], e[t], v[t]);
        }
        return tree(partial) / total;
    }

    @Override
    public final void attend(AttentionHeads heads) {
        for (int head = 0; head < heads.count(); head++) {
            attendOne(heads.head(head));
        }
    }

    private void attendOne(AttentionHeads head) {
        int size = head.size();
        int last = head.last();
        int first = first(head.first(), last);
        float[] e = new float[last - first + 1];
        float largest = sinkOfMaximum(head.sink(0));
        for (int t = 0; t < e.length; t++) {
            float[] key = head.keys()
                    .asSlice((long) (first + t) * size * Float.BYTES, (long) size * Float.BYTES)
                    .toArray(ValueLayout.JAVA_FLOAT);
            e[t] = score(scored(head.query(), head.queryFrom(), key, size, head.scale()), head.scale(), head.cap());
            largest = maximum(largest, e[t]);
        }
        float[] partial = new float[16];
        largest = subtracted(largest, e);
        for (int t = 0; t < e.length; t++) {
            e[t] = exp(e[t] - largest);
            int lane = positionLane(first + t, first);
            partial[lane] = add(partial[lane], e[t]);
        }
        float total = total(tree(partial), head.sink(0), largest);
        for (int d = 0; d < size; d++) {
            float[] v = new float[e.length];
            for (int t = 0; t < v.length; t++) {
                v[t] = head.values().getAtIndex(ValueLayout.JAVA_FLOAT, (long) (first + t) * size + d);
            }
            head.output()[head.outputFrom() + d] = output(e, v, first, total);
        }
    }
}
