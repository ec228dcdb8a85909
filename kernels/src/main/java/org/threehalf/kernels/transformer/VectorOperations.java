package org.threehalf.kernels.transformer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The operations by the Vector API, with the bits of {@link ScalarOperations}.
 *
 * <p>The 16 partial sums of REQ-OPS-002 lie in one vector of 512 bits, two of 256 or four of 128; each lane adds its terms in the scalar order, and no operation is fused (the
 * Vector API fuses only where {@code fma} is called). The width is fixed when the class is loaded, so that the compiler sees a constant; {@value #BITS_PROPERTY} forces one.
 * Needs {@code --add-modules jdk.incubator.vector}.
 */
public final class VectorOperations implements TransformerOperations {
    /** A width of 128, 256 or 512 bits instead of the machine's. */
    static final String BITS_PROPERTY = "threehalf.vector.bits";

    private static final VectorSpecies<Float> F = species();
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int WIDTH = F.length();
    /** How many vectors hold the 16 partial sums: 1, 2 or 4. */
    private static final int PARTS = StridedSum.LANES / WIDTH;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** The operations at the machine's width. */
    public VectorOperations() {}

    private static VectorSpecies<Float> species() {
        int bits = Integer.getInteger(BITS_PROPERTY, Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), 128, 512));
        if (bits != 128 && bits != 256 && bits != 512) {
            throw new IllegalStateException("-D%s=%d: it must be 128, 256 or 512".formatted(BITS_PROPERTY, bits));
        }
        return VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
    }

    /** The width in bits. */
    int bits() {
        return F.vectorBitSize();
    }

    @Override
    public float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
        FloatVector p0 = FloatVector.zero(F);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        int whole = n - n % StridedSum.LANES;
        int k = 0;
        for (; k < whole; k += StridedSum.LANES) {
            p0 = p0.add(at(a, aFrom + k).mul(at(b, bFrom + k)));
            if (PARTS > 1) {
                p1 = p1.add(at(a, aFrom + k + WIDTH).mul(at(b, bFrom + k + WIDTH)));
            }
            if (PARTS > 2) {
                p2 = p2.add(at(a, aFrom + k + 2 * WIDTH).mul(at(b, bFrom + k + 2 * WIDTH)));
                p3 = p3.add(at(a, aFrom + k + 3 * WIDTH).mul(at(b, bFrom + k + 3 * WIDTH)));
            }
        }
        // The rest, with zeros after its end: zero terms change no bit.
        if (k < n) {
            p0 = p0.add(at(a, aFrom, k, n).mul(at(b, bFrom, k, n)));
            if (PARTS > 1) {
                p1 = p1.add(at(a, aFrom, k + WIDTH, n).mul(at(b, bFrom, k + WIDTH, n)));
            }
            if (PARTS > 2) {
                p2 = p2.add(at(a, aFrom, k + 2 * WIDTH, n).mul(at(b, bFrom, k + 2 * WIDTH, n)));
                p3 = p3.add(at(a, aFrom, k + 3 * WIDTH, n).mul(at(b, bFrom, k + 3 * WIDTH, n)));
            }
        }
        return tree(p0, p1, p2, p3);
    }

    private static FloatVector at(float[] a, int index) {
        return FloatVector.fromArray(F, a, index);
    }

    /** Elements k … k + WIDTH − 1 of n, zero from n on. */
    private static FloatVector at(float[] a, int from, int k, int n) {
        return k >= n ? FloatVector.zero(F) : FloatVector.fromArray(F, a, from + k, F.indexInRange(k, n));
    }

    /** The tree of REQ-OPS-002 over partial sums in one, two or four vectors. */
    private static float tree(FloatVector p0, FloatVector p1, FloatVector p2, FloatVector p3) {
        if (PARTS == 4) {
            return tree4(p0.add(p2).add(p1.add(p3)));
        }
        FloatVector eight = PARTS == 2 ? p0.add(p1) : half(p0, FloatVector.SPECIES_256);
        return tree4(half(eight, FloatVector.SPECIES_128));
    }

    /** The lower half of the lanes plus the upper one. */
    private static FloatVector half(FloatVector p, VectorSpecies<Float> species) {
        return ((FloatVector) p.reinterpretShape(species, 0)).add((FloatVector) p.reinterpretShape(species, 1));
    }

    private static float tree4(FloatVector p) {
        return (p.lane(0) + p.lane(2)) + (p.lane(1) + p.lane(3));
    }

    /** Four vectors at a time, so that the additions of one row do not wait for each other. */
    @Override
    public void dots(float[] row, float[][] vectors, int n, float[] results) {
        int t = 0;
        if (PARTS == 1 && n % StridedSum.LANES == 0) {
            for (; t + 4 <= vectors.length; t += 4) {
                float[] a = vectors[t];
                float[] b = vectors[t + 1];
                float[] c = vectors[t + 2];
                float[] d = vectors[t + 3];
                FloatVector pa = FloatVector.zero(F);
                FloatVector pb = pa;
                FloatVector pc = pa;
                FloatVector pd = pa;
                for (int k = 0; k < n; k += StridedSum.LANES) {
                    FloatVector w = at(row, k);
                    pa = pa.add(w.mul(at(a, k)));
                    pb = pb.add(w.mul(at(b, k)));
                    pc = pc.add(w.mul(at(c, k)));
                    pd = pd.add(w.mul(at(d, k)));
                }
                results[t] = tree(pa, pa, pa, pa);
                results[t + 1] = tree(pb, pb, pb, pb);
                results[t + 2] = tree(pc, pc, pc, pc);
                results[t + 3] = tree(pd, pd, pd, pd);
            }
        }
        for (; t < vectors.length; t++) {
            results[t] = dot(row, 0, vectors[t], 0, n);
        }
    }

    @Override
    public void rmsNorm(float[] x, int xFrom, float[] weights, float epsilon, float[] y, int yFrom) {
        int n = weights.length;
        float r = 1 / Normalization.squareRoot(dot(x, xFrom, x, xFrom, n) / n + epsilon);
        int k = 0;
        for (; k <= n - WIDTH; k += WIDTH) {
            at(x, xFrom + k).mul(r).mul(at(weights, k)).intoArray(y, yFrom + k);
        }
        for (; k < n; k++) {
            y[yFrom + k] = (x[xFrom + k] * r) * weights[k];
        }
    }

    @Override
    public void gate(Activation activation, float[] gate, float[] up) {
        int k = 0;
        for (; k <= gate.length - WIDTH; k += WIDTH) {
            FloatVector x = at(gate, k);
            FloatVector exponent = switch (activation) {
                case SILU -> x.neg();
                case GELU -> x.mul(x.mul(x).mul(ElementaryFunctions.GELU_3).add(ElementaryFunctions.GELU_1)).neg();
            };
            x.div(exp(exponent).add(1)).mul(at(up, k)).intoArray(gate, k);
        }
        for (; k < gate.length; k++) {
            gate[k] = activation.apply(gate[k]) * up[k];
        }
    }

    /** REQ-OPS-004. */
    private static FloatVector exp(FloatVector x) {
        FloatVector n = x.mul(ElementaryFunctions.LOG2_E).add(ElementaryFunctions.ROUND).sub(ElementaryFunctions.ROUND);
        FloatVector r = x.sub(n.mul(ElementaryFunctions.LN2_HIGH)).sub(n.mul(ElementaryFunctions.LN2_LOW));
        FloatVector q = r.mul(ElementaryFunctions.EXP_4)
                .add(ElementaryFunctions.EXP_3)
                .mul(r)
                .add(ElementaryFunctions.EXP_2)
                .mul(r)
                .add(ElementaryFunctions.EXP_1)
                .mul(r)
                .add(ElementaryFunctions.EXP_0);
        FloatVector e = r.mul(r).mul(q).add(r).add(1);
        IntVector exponent = (IntVector) n.convertShape(VectorOperators.F2I, I, 0);
        IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
        FloatVector result = e.mul(powerOfTwo(half)).mul(powerOfTwo(exponent.sub(half)));
        return result.blend(0, x.lt(ElementaryFunctions.EXP_LOWEST)).blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, ElementaryFunctions.EXP_HIGHEST));
    }

    private static FloatVector powerOfTwo(IntVector n) {
        return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }

    @Override
    public void add(float[] x, float[] addition) {
        int k = 0;
        for (; k <= x.length - WIDTH; k += WIDTH) {
            at(x, k).add(at(addition, k)).intoArray(x, k);
        }
        for (; k < x.length; k++) {
            x[k] = x[k] + addition[k];
        }
    }

    @Override
    public void softCap(float[] x, float cap) {
        int k = 0;
        for (; k <= x.length - WIDTH; k += WIDTH) {
            softCap(at(x, k), cap).intoArray(x, k);
        }
        for (; k < x.length; k++) {
            x[k] = ElementaryFunctions.softCap(x[k], cap);
        }
    }

    private static FloatVector softCap(FloatVector x, float cap) {
        FloatVector y = x.div(cap);
        FloatVector a = y.abs();
        FloatVector z = a.mul(a);
        FloatVector small = z.mul(z.mul(ElementaryFunctions.TANH_4)
                        .add(ElementaryFunctions.TANH_3)
                        .mul(z)
                        .add(ElementaryFunctions.TANH_2)
                        .mul(z)
                        .add(ElementaryFunctions.TANH_1)
                        .mul(z)
                        .add(ElementaryFunctions.TANH_0))
                .mul(a)
                .add(a);
        FloatVector one = FloatVector.broadcast(F, 1);
        FloatVector large = one.sub(FloatVector.broadcast(F, 2).div(exp(a.min(10).mul(2)).add(1)));
        VectorMask<Float> isSmall = a.lt(ElementaryFunctions.TANH_SMALL);
        IntVector sign = y.reinterpretAsInts().and(0x8000_0000);
        return large.blend(small, isSmall).reinterpretAsInts().or(sign).reinterpretAsFloats().mul(cap);
    }

    @Override
    public void rotate(Rotation.Layout layout, float[] x, int from, float[] cosines, float[] sines, int angle, int pairs) {
        if (layout != Rotation.Layout.SPLIT || pairs % WIDTH != 0) {
            Rotation.rotate(layout, x, from, cosines, sines, angle, pairs);
            return;
        }
        for (int i = 0; i < pairs; i += WIDTH) {
            FloatVector u = at(x, from + i);
            FloatVector v = at(x, from + i + pairs);
            FloatVector cos = at(cosines, angle + i);
            FloatVector sin = at(sines, angle + i);
            u.mul(cos).sub(v.mul(sin)).intoArray(x, from + i);
            u.mul(sin).add(v.mul(cos)).intoArray(x, from + i + pairs);
        }
    }

    @Override
    public void attend(
            float[] query,
            int queryFrom,
            MemorySegment keys,
            MemorySegment values,
            int size,
            int first,
            int last,
            float scale,
            float cap,
            float[] output,
            int outputFrom) {
        int count = last - first + 1;
        // Whole groups of 16, with zeros after the end: they weigh nothing.
        float[] weights = new float[(count + StridedSum.LANES - 1) / StridedSum.LANES * StridedSum.LANES];
        float largest = Float.NEGATIVE_INFINITY;
        long rowBytes = (long) size * Float.BYTES;
        for (int t = 0; t < count; t++) {
            float score = dot(query, queryFrom, keys, (first + t) * rowBytes, size) * scale;
            weights[t] = cap > 0 ? ElementaryFunctions.softCap(score, cap) : score;
            largest = Math.max(largest, weights[t]);
        }
        for (int t = 0; t < count; t += WIDTH) {
            exp(at(weights, t).sub(largest)).intoArray(weights, t);
        }
        Arrays.fill(weights, count, weights.length, 0);
        float total = sum(weights);
        float[] partial = new float[StridedSum.LANES * size];
        for (int t = 0; t < count; t++) {
            // Partial sums by the place in the window: a rotation of those by position, which changes no bit (REQ-OPS-002).
            addRow(weights[t], values, (first + t) * rowBytes, partial, t % StridedSum.LANES * size, size);
        }
        for (int s = StridedSum.LANES / 2; s > 0; s /= 2) {
            addFloats(partial, s * size);
        }
        int d = 0;
        for (; d <= size - WIDTH; d += WIDTH) {
            at(partial, d).div(total).intoArray(output, outputFrom + d);
        }
        for (; d < size; d++) {
            output[outputFrom + d] = partial[d] / total;
        }
    }

    private static float dot(float[] a, int aFrom, MemorySegment b, long bFrom, int n) {
        if (n % StridedSum.LANES != 0) {
            float[] row = new float[n];
            MemorySegment.copy(b, ValueLayout.JAVA_FLOAT_UNALIGNED, bFrom, row, 0, n);
            return StridedSum.dot(a, aFrom, row, 0, n);
        }
        FloatVector p0 = FloatVector.zero(F);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        for (int k = 0; k < n; k += StridedSum.LANES) {
            long at = bFrom + (long) k * Float.BYTES;
            p0 = p0.add(at(a, aFrom + k).mul(at(b, at)));
            if (PARTS > 1) {
                p1 = p1.add(at(a, aFrom + k + WIDTH).mul(at(b, at + WIDTH * Float.BYTES)));
            }
            if (PARTS > 2) {
                p2 = p2.add(at(a, aFrom + k + 2 * WIDTH).mul(at(b, at + 2 * WIDTH * Float.BYTES)));
                p3 = p3.add(at(a, aFrom + k + 3 * WIDTH).mul(at(b, at + 3 * WIDTH * Float.BYTES)));
            }
        }
        return tree(p0, p1, p2, p3);
    }

    private static FloatVector at(MemorySegment b, long offset) {
        return FloatVector.fromMemorySegment(F, b, offset, ORDER);
    }

    /** Σ of whole groups of 16 (REQ-OPS-002). */
    private static float sum(float[] terms) {
        FloatVector p0 = FloatVector.zero(F);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        for (int k = 0; k < terms.length; k += StridedSum.LANES) {
            p0 = p0.add(at(terms, k));
            if (PARTS > 1) {
                p1 = p1.add(at(terms, k + WIDTH));
            }
            if (PARTS > 2) {
                p2 = p2.add(at(terms, k + 2 * WIDTH));
                p3 = p3.add(at(terms, k + 3 * WIDTH));
            }
        }
        return tree(p0, p1, p2, p3);
    }

    /** partial_d becomes partial_d + weight · value_d. */
    private static void addRow(float weight, MemorySegment values, long offset, float[] partial, int from, int size) {
        int d = 0;
        for (; d <= size - WIDTH; d += WIDTH) {
            FloatVector term = at(values, offset + (long) d * Float.BYTES).mul(weight);
            at(partial, from + d).add(term).intoArray(partial, from + d);
        }
        for (; d < size; d++) {
            partial[from + d] += weight * values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + (long) d * Float.BYTES);
        }
    }

    /** x_i becomes x_i + x_{i + n} for i below n. */
    private static void addFloats(float[] x, int n) {
        int i = 0;
        for (; i <= n - WIDTH; i += WIDTH) {
            at(x, i).add(at(x, n + i)).intoArray(x, i);
        }
        for (; i < n; i++) {
            x[i] = x[i] + x[n + i];
        }
    }
}
