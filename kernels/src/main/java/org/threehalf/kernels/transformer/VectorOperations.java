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
import org.threehalf.kernels.VectorSupport;

/**
 * The operations by the Vector API, with the bits of {@link ScalarOperations}.
 *
 * <p>The 16 partial sums of REQ-OPS-002 lie in one vector of 512 bits, two of 256 or four of 128; each lane adds its
 * terms in the scalar order, and no operation is fused (the Vector API fuses only where {@code fma} is called). The
 * width is fixed when the class is loaded, so that the compiler sees a constant; {@link VectorSupport} says which.
 * Needs {@code --add-modules jdk.incubator.vector}.
 */
public final class VectorOperations implements TransformerOperations {
    private static final VectorSpecies<Float> F =
            VectorSpecies.of(float.class, VectorShape.forBitSize(VectorSupport.bits()));
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int WIDTH = F.length();
    /** How many vectors hold the 16 partial sums: 1, 2 or 4. */
    private static final int PARTS = StridedSum.LANES / WIDTH;

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int[] HALVES = halves();

    /** The operations at the machine's width. */
    public VectorOperations() {}

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
            FloatVector product = at(up, k);
            FloatVector exponent = switch (activation) {
                case SILU -> x.neg();
                case GELU ->
                    x.mul(x.mul(x).mul(ElementaryFunctions.GELU_3).add(ElementaryFunctions.GELU_1))
                            .neg();
                case CLAMPED_SWIGLU -> {
                    x = x.min(ElementaryFunctions.SWIGLU_LIMIT);
                    product = product.max(-ElementaryFunctions.SWIGLU_LIMIT)
                            .min(ElementaryFunctions.SWIGLU_LIMIT)
                            .add(1);
                    yield x.mul(ElementaryFunctions.SWIGLU_SLOPE).neg();
                }
            };
            x.div(exp(exponent).add(1)).mul(product).intoArray(gate, k);
        }
        for (; k < gate.length; k++) {
            gate[k] = ElementaryFunctions.gated(activation, gate[k], up[k]);
        }
    }

    /** REQ-OPS-004. */
    private static FloatVector exp(FloatVector x) {
        FloatVector n =
                x.mul(ElementaryFunctions.LOG2_E).add(ElementaryFunctions.ROUND).sub(ElementaryFunctions.ROUND);
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
        return result.blend(0, x.lt(ElementaryFunctions.EXP_LOWEST))
                .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, ElementaryFunctions.EXP_HIGHEST));
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
        FloatVector large = one.sub(FloatVector.broadcast(F, 2)
                .div(exp(a.min(ElementaryFunctions.TANH_LARGEST).mul(2)).add(1)));
        VectorMask<Float> isSmall = a.lt(ElementaryFunctions.TANH_SMALL);
        IntVector sign = y.reinterpretAsInts().and(0x8000_0000);
        return large.blend(small, isSmall)
                .reinterpretAsInts()
                .or(sign)
                .reinterpretAsFloats()
                .mul(cap);
    }

    @Override
    public void rotate(
            Rotation.Layout layout, float[] x, int from, float[] cosines, float[] sines, int angle, int pairs) {
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
    public void attend(AttentionHeads heads) {
        for (int head = 0; head < heads.count(); head++) {
            attend(
                    heads,
                    heads.queryFrom() + head * heads.size(),
                    heads.sink(head),
                    heads.outputFrom() + head * heads.size());
        }
    }

    /** One head. */
    private static void attend(AttentionHeads heads, int queryFrom, float sink, int outputFrom) {
        int size = heads.size();
        int count = heads.positions();
        float[] output = heads.output();
        MemorySegment values = heads.values();
        // Whole groups of 16, with zeros after the end: they weigh nothing.
        float[] weights = new float[(count + StridedSum.LANES - 1) / StridedSum.LANES * StridedSum.LANES];
        long rowBytes = (long) size * Float.BYTES;
        long firstRow = heads.first() * rowBytes;
        scores(heads.query(), queryFrom, heads.keys(), firstRow, size, count, weights);
        // Past the end the last score again: it does not change the largest one.
        Arrays.fill(weights, count, weights.length, weights[count - 1]);
        FloatVector largestOf = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        for (int t = 0; t < weights.length; t += WIDTH) {
            FloatVector score = at(weights, t).mul(heads.scale());
            if (heads.cap() > 0) {
                score = softCap(score, heads.cap());
            }
            largestOf = largestOf.max(score);
            score.intoArray(weights, t);
        }
        float largest = Math.max(largestOf.reduceLanes(VectorOperators.MAX), sink);
        for (int t = 0; t < count; t += WIDTH) {
            exp(at(weights, t).sub(largest)).intoArray(weights, t);
        }
        Arrays.fill(weights, count, weights.length, 0);
        float total = sum(weights) + ElementaryFunctions.exp(sink - largest);
        int d = 0;
        for (; d <= size - WIDTH; d += WIDTH) {
            weightedSum(weights, values, firstRow + (long) d * Float.BYTES, rowBytes, count)
                    .div(total)
                    .intoArray(output, outputFrom + d);
        }
        for (; d < size; d++) {
            output[outputFrom + d] = weightedSum(
                            weights,
                            values,
                            firstRow + (long) d * Float.BYTES,
                            rowBytes,
                            count,
                            new float[StridedSum.LANES])
                    / total;
        }
    }

    /**
     * The dot products of a query with keys, rounded up to whole groups; those past {@code count} are the last key's
     * again.
     */
    private static void scores(
            float[] query, int queryFrom, MemorySegment keys, long from, int size, int count, float[] scores) {
        long rowBytes = (long) size * Float.BYTES;
        if (size % StridedSum.LANES != 0) {
            float[] row = new float[size];
            for (int t = 0; t < count; t++) {
                MemorySegment.copy(keys, ValueLayout.JAVA_FLOAT_UNALIGNED, from + t * rowBytes, row, 0, size);
                scores[t] = StridedSum.dot(query, queryFrom, row, 0, size);
            }
            return;
        }
        float[] partial = new float[WIDTH * WIDTH];
        for (int t = 0; t < count; t += WIDTH) {
            for (int j = 0; j < WIDTH; j += 4) {
                partialSums(query, queryFrom, keys, from, rowBytes, t + j, count - 1, size, partial, j * WIDTH);
            }
            trees(partial, scores, t);
        }
    }

    /**
     * The partial sums of four keys, so that the additions of one do not wait for each other: of each, WIDTH sums that
     * {@link #trees} adds.
     *
     * @param t the first of them; past {@code last} the last one is taken again
     */
    private static void partialSums(
            float[] query,
            int queryFrom,
            MemorySegment keys,
            long from,
            long rowBytes,
            int t,
            int last,
            int size,
            float[] partial,
            int at) {
        long a = from + Math.min(t, last) * rowBytes;
        long b = from + Math.min(t + 1, last) * rowBytes;
        long c = from + Math.min(t + 2, last) * rowBytes;
        long d = from + Math.min(t + 3, last) * rowBytes;
        FloatVector a0 = FloatVector.zero(F);
        FloatVector b0 = a0;
        FloatVector c0 = a0;
        FloatVector d0 = a0;
        FloatVector a1 = a0;
        FloatVector b1 = a0;
        FloatVector c1 = a0;
        FloatVector d1 = a0;
        FloatVector a2 = a0;
        FloatVector b2 = a0;
        FloatVector c2 = a0;
        FloatVector d2 = a0;
        FloatVector a3 = a0;
        FloatVector b3 = a0;
        FloatVector c3 = a0;
        FloatVector d3 = a0;
        for (int k = 0; k < size; k += StridedSum.LANES) {
            long o = (long) k * Float.BYTES;
            FloatVector q = FloatVector.fromArray(F, query, queryFrom + k);
            a0 = a0.add(q.mul(FloatVector.fromMemorySegment(F, keys, a + o, ORDER)));
            b0 = b0.add(q.mul(FloatVector.fromMemorySegment(F, keys, b + o, ORDER)));
            c0 = c0.add(q.mul(FloatVector.fromMemorySegment(F, keys, c + o, ORDER)));
            d0 = d0.add(q.mul(FloatVector.fromMemorySegment(F, keys, d + o, ORDER)));
            if (PARTS > 1) {
                o += WIDTH * Float.BYTES;
                q = FloatVector.fromArray(F, query, queryFrom + k + WIDTH);
                a1 = a1.add(q.mul(FloatVector.fromMemorySegment(F, keys, a + o, ORDER)));
                b1 = b1.add(q.mul(FloatVector.fromMemorySegment(F, keys, b + o, ORDER)));
                c1 = c1.add(q.mul(FloatVector.fromMemorySegment(F, keys, c + o, ORDER)));
                d1 = d1.add(q.mul(FloatVector.fromMemorySegment(F, keys, d + o, ORDER)));
            }
            if (PARTS > 2) {
                o += WIDTH * Float.BYTES;
                q = FloatVector.fromArray(F, query, queryFrom + k + 2 * WIDTH);
                a2 = a2.add(q.mul(FloatVector.fromMemorySegment(F, keys, a + o, ORDER)));
                b2 = b2.add(q.mul(FloatVector.fromMemorySegment(F, keys, b + o, ORDER)));
                c2 = c2.add(q.mul(FloatVector.fromMemorySegment(F, keys, c + o, ORDER)));
                d2 = d2.add(q.mul(FloatVector.fromMemorySegment(F, keys, d + o, ORDER)));
                o += WIDTH * Float.BYTES;
                q = FloatVector.fromArray(F, query, queryFrom + k + 3 * WIDTH);
                a3 = a3.add(q.mul(FloatVector.fromMemorySegment(F, keys, a + o, ORDER)));
                b3 = b3.add(q.mul(FloatVector.fromMemorySegment(F, keys, b + o, ORDER)));
                c3 = c3.add(q.mul(FloatVector.fromMemorySegment(F, keys, c + o, ORDER)));
                d3 = d3.add(q.mul(FloatVector.fromMemorySegment(F, keys, d + o, ORDER)));
            }
        }
        if (PARTS == 4) {
            a0 = a0.add(a2).add(a1.add(a3));
            b0 = b0.add(b2).add(b1.add(b3));
            c0 = c0.add(c2).add(c1.add(c3));
            d0 = d0.add(d2).add(d1.add(d3));
        } else if (PARTS == 2) {
            a0 = a0.add(a1);
            b0 = b0.add(b1);
            c0 = c0.add(c1);
            d0 = d0.add(d1);
        }
        a0.intoArray(partial, at);
        b0.intoArray(partial, at + WIDTH);
        c0.intoArray(partial, at + 2 * WIDTH);
        d0.intoArray(partial, at + 3 * WIDTH);
    }

    /**
     * The rest of the tree of REQ-OPS-002 for WIDTH rows of as many partial sums at once: the halves of two vectors
     * become one vector of twice as many rows with half as many sums each, until one is left with a row a lane.
     *
     * @param partial row after row; overwritten
     */
    private static void trees(float[] partial, float[] results, int at) {
        int vectors = WIDTH;
        for (int level = 0; vectors > 1; level++) {
            IntVector lower = IntVector.fromArray(I, HALVES, 2 * level * WIDTH);
            IntVector upper = IntVector.fromArray(I, HALVES, (2 * level + 1) * WIDTH);
            vectors /= 2;
            for (int v = 0; v < vectors; v++) {
                IntVector a = at(partial, 2 * v * WIDTH).reinterpretAsInts();
                IntVector b = at(partial, (2 * v + 1) * WIDTH).reinterpretAsInts();
                lower.selectFrom(a, b)
                        .reinterpretAsFloats()
                        .add(upper.selectFrom(a, b).reinterpretAsFloats())
                        .intoArray(partial, v * WIDTH);
            }
        }
        at(partial, 0).intoArray(results, at);
    }

    /**
     * For each level of {@link #trees}, which of the lanes of two vectors hold the lower halves of their rows' sums,
     * then which hold the upper ones. At level l a vector has 2^l rows of WIDTH / 2^l sums.
     */
    private static int[] halves() {
        int levels = Integer.numberOfTrailingZeros(WIDTH);
        int[] lanes = new int[2 * levels * WIDTH];
        for (int level = 0; level < levels; level++) {
            int sums = WIDTH >> level;
            for (int i = 0; i < WIDTH; i++) {
                int row = i / (sums / 2);
                // Rows in order over both vectors, whose lanes are numbered through.
                int lane = row * sums + i % (sums / 2);
                lanes[2 * level * WIDTH + i] = lane;
                lanes[(2 * level + 1) * WIDTH + i] = lane + sums / 2;
            }
        }
        return lanes;
    }

    /**
     * Σ weight_t · value_t for WIDTH elements of the values, with a register for each of the 16 partial sums. They go
     * by the place in the window: a rotation of those by position, which changes no bit (REQ-OPS-002).
     *
     * @param weights whole groups of 16, zero from {@code count} on; there the last value is taken again
     * @param from the first value's elements
     */
    private static FloatVector weightedSum(float[] weights, MemorySegment values, long from, long rowBytes, int count) {
        FloatVector p0 = FloatVector.zero(F);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector p4 = p0;
        FloatVector p5 = p0;
        FloatVector p6 = p0;
        FloatVector p7 = p0;
        FloatVector p8 = p0;
        FloatVector p9 = p0;
        FloatVector p10 = p0;
        FloatVector p11 = p0;
        FloatVector p12 = p0;
        FloatVector p13 = p0;
        FloatVector p14 = p0;
        FloatVector p15 = p0;
        for (int t = 0; t < count; t += StridedSum.LANES) {
            long row = from + t * rowBytes;
            // How far a row may go on.
            long most = (count - 1 - t) * rowBytes;
            p0 = p0.add(FloatVector.fromMemorySegment(F, values, row, ORDER).mul(weights[t]));
            p1 = p1.add(FloatVector.fromMemorySegment(F, values, row + Math.min(1 * rowBytes, most), ORDER)
                    .mul(weights[t + 1]));
            p2 = p2.add(FloatVector.fromMemorySegment(F, values, row + Math.min(2 * rowBytes, most), ORDER)
                    .mul(weights[t + 2]));
            p3 = p3.add(FloatVector.fromMemorySegment(F, values, row + Math.min(3 * rowBytes, most), ORDER)
                    .mul(weights[t + 3]));
            p4 = p4.add(FloatVector.fromMemorySegment(F, values, row + Math.min(4 * rowBytes, most), ORDER)
                    .mul(weights[t + 4]));
            p5 = p5.add(FloatVector.fromMemorySegment(F, values, row + Math.min(5 * rowBytes, most), ORDER)
                    .mul(weights[t + 5]));
            p6 = p6.add(FloatVector.fromMemorySegment(F, values, row + Math.min(6 * rowBytes, most), ORDER)
                    .mul(weights[t + 6]));
            p7 = p7.add(FloatVector.fromMemorySegment(F, values, row + Math.min(7 * rowBytes, most), ORDER)
                    .mul(weights[t + 7]));
            p8 = p8.add(FloatVector.fromMemorySegment(F, values, row + Math.min(8 * rowBytes, most), ORDER)
                    .mul(weights[t + 8]));
            p9 = p9.add(FloatVector.fromMemorySegment(F, values, row + Math.min(9 * rowBytes, most), ORDER)
                    .mul(weights[t + 9]));
            p10 = p10.add(FloatVector.fromMemorySegment(F, values, row + Math.min(10 * rowBytes, most), ORDER)
                    .mul(weights[t + 10]));
            p11 = p11.add(FloatVector.fromMemorySegment(F, values, row + Math.min(11 * rowBytes, most), ORDER)
                    .mul(weights[t + 11]));
            p12 = p12.add(FloatVector.fromMemorySegment(F, values, row + Math.min(12 * rowBytes, most), ORDER)
                    .mul(weights[t + 12]));
            p13 = p13.add(FloatVector.fromMemorySegment(F, values, row + Math.min(13 * rowBytes, most), ORDER)
                    .mul(weights[t + 13]));
            p14 = p14.add(FloatVector.fromMemorySegment(F, values, row + Math.min(14 * rowBytes, most), ORDER)
                    .mul(weights[t + 14]));
            p15 = p15.add(FloatVector.fromMemorySegment(F, values, row + Math.min(15 * rowBytes, most), ORDER)
                    .mul(weights[t + 15]));
        }
        p0 = p0.add(p8).add(p4.add(p12));
        p1 = p1.add(p9).add(p5.add(p13));
        p2 = p2.add(p10).add(p6.add(p14));
        p3 = p3.add(p11).add(p7.add(p15));
        return p0.add(p2).add(p1.add(p3));
    }

    /** The same of one element. */
    private static float weightedSum(
            float[] weights, MemorySegment values, long from, long rowBytes, int count, float[] partial) {
        for (int t = 0; t < count; t++) {
            int j = t % StridedSum.LANES;
            partial[j] = partial[j] + weights[t] * values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, from + t * rowBytes);
        }
        return StridedSum.tree(partial);
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
}
