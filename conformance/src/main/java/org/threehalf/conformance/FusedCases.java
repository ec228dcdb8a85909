package org.threehalf.conformance;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.threehalf.conformance.oracle.OperationOracle;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.transformer.ElementaryFunctions;

/**
 * Where a device fuses a product and a sum in a single place: in each term of a dot product, of a matrix product, of
 * attention's scores and outputs, in each step of exp, tanh and GELU, and in each rotation. Inputs of the functions
 * were searched for among all binary32 numbers.
 */
final class FusedCases extends WideMaker {
    private static final String FLAG = "Fused";
    private static final String TERMS = "a fused multiply-add in a single term shows";
    private static final String STEPS = "a fused multiply-add in a single step shows";

    /** Lengths of dot products: tails, and past the tiles of devices. */
    static final int[] LENGTHS = {17, 32, 33, 64, 65, 129, 257, 300, 1025, 2050, 5377};

    /** So many terms of one partial sum fall by 2³ each without leaving binary32. */
    private static final int WINDOW = 64;

    private static final int TRIES = 200;

    /**
     * Arguments of exp below −20 at which one fused step shows: in order of the steps, the second reduction, then the
     * polynomial from its highest coefficient. (The first reduction is exact: fused or not, all 547,618,818 numbers
     * between 2⁻²⁶ and 105 in magnitude give the same.)
     */
    private static final float[] EXP = {
        -0x1.71c9cep6f,
        -0x1.cc4ddcp5f,
        -0x1.cc4c02p5f,
        -0x1.687274p5f,
        -0x1.38a78ap5f,
        -0x1.65041p5f,
        -0x1.5ef1e8p6f,
        -0x1.4da37p6f,
        -0x1.38a78ap5f,
        -0x1.32ab52p5f,
        -0x1.ab8f0cp4f,
        -0x1.4574cep4f,
        -0x1.3d4258p6f,
        -0x1.42a39cp6f,
        -0x1.45b95ap5f,
        -0x1.05e56p6f,
        -0x1.4f7d66p5f,
        -0x1.19f2e8p6f,
        -0x1.567bc4p6f,
        -0x1.c85312p5f,
        -0x1.86557cp4f,
        -0x1.0e191cp6f,
        -0x1.bfb33cp4f
    };

    private static final float[] SILU = {
        -0x1.8f324ep3f,
        -0x1.2317cp6f,
        -0x1.01d9dap6f,
        -0x1.8f354p5f,
        -0x1.cc4986p5f,
        0x1.fec332p-3f,
        -0x1.60a3f4p5f,
        -0x1.58f98ep6f,
        -0x1.e12d2ep1f,
        -0x1.34476ep5f,
        -0x1.fd0baap2f,
        -0x1.382122p6f,
        -0x1.342666p5f,
        -0x1.54275p4f,
        -0x1.f3a68ap-1f,
        -0x1.9c4102p1f,
        0x1.529bbep-2f,
        -0x1.7d4c0ep2f,
        -0x1.f43a26p3f,
        0x1.b6ca24p-2f,
        -0x1.4dcd34p2f,
        -0x1.f9da28p4f,
        -0x1.e32dacp4f,
        -0x1.2ff97cp-2f,
        -0x1.28060cp3f,
        -0x1.6598p5f,
        -0x1.a220c2p1f,
        -0x1.7d2f18p5f,
        -0x1.9e0306p5f,
        -0x1.507108p6f
    };

    private static final float[] GELU = {
        -0x1.7fbe46p2f,
        -0x1.1cba04p3f,
        -0x1.b31b54p2f,
        -0x1.013fc4p3f,
        -0x1.0146a4p3f,
        0x1.3fb978p-3f,
        -0x1.125d1ep0f,
        -0x1.5f21c4p0f,
        -0x1.b38236p0f,
        -0x1.ffaad6p0f,
        -0x1.337828p2f,
        -0x1.f25772p-1f,
        -0x1.eefa0ap2f,
        -0x1.16dedp0f,
        -0x1.59cf4cp-1f,
        -0x1.050384p1f,
        0x1.97bc3p-3f,
        -0x1.e89c18p1f,
        0x1.4320dp-1f,
        0x1.f446cp-3f,
        -0x1.a95bfep1f,
        -0x1.5c2b96p-1f,
        -0x1.591d32p-1f,
        -0x1.888a1ep-3f,
        -0x1.785908p2f,
        -0x1.a0ae66p-3f,
        -0x1.03ec2p1f,
        -0x1.41155ep-1f,
        0x1.25158ep-1f,
        -0x1.7d4bfep1f,
        -0x1.ab498ap2f,
        -0x1.35023ap2f,
        -0x1.287e4p1f,
        -0x1.2c8896p1f,
        -0x1.975522p2f
    };
    /** Above 0.625 by exp, in which no fused second reduction shows (none of 68,157,442 numbers); below by its own. */
    private static final float[] TANH = {
        0x1.ae0414p-1f,
        0x1.887422p0f,
        -0x1.ae0414p-1f,
        -0x1.887422p0f,
        0x1.9e767p-1f,
        -0x1.56c864p1f,
        -0x1.efa12cp0f,
        0x1.31593ap0f,
        -0x1.9f5e9ep-1f,
        -0x1.d4dcdep-1f,
        -0x1.c640bcp-1f,
        -0x1.c113a8p-1f,
        0x1.421b5ap0f,
        -0x1.a95b1ep0f,
        0x1.db9a06p0f,
        -0x1.afe5ccp-1f,
        -0x1.98cb16p-1f,
        -0x1.e45a78p-1f,
        -0x1.e0aba8p-1f,
        0x1.ca8fd4p-1f,
        -0x1.29b38ep-1f,
        -0x1.0c6c9p-1f,
        -0x1.044e08p-1f,
        0x1.29b38ep-1f,
        0x1.3caeaap-1f,
        -0x1.e8a012p-2f,
        -0x1.cfbec4p-2f,
        -0x1.3dc656p-1f,
        0x1.2d2218p-1f,
        -0x1.35a006p-1f,
        0x1.2be5eep-1f,
        -0x1.30d2d6p-1f,
        0x1.368358p-1f,
        -0x1.a4c20ep-2f,
        0x1.cd2b58p-2f,
        -0x1.c5729p-2f,
        -0x1.318b7p-1f,
        -0x1.2ec7b2p-1f,
        0x1.055cp-1f,
        -0x1.fadb6ep-2f,
        -0x1.00dbfp-1f,
        -0x1.cf6c0cp-4f,
        -0x1.04c1c6p-1f,
        -0x1.095eb2p-1f,
        -0x1.2e7a5ap-1f
    };

    private FusedCases() {
        super(139);
    }

    static List<VectorCase> all() {
        FusedCases all = new FusedCases();
        for (int n : LENGTHS) {
            all.dots(n);
        }
        all.products();
        all.scores();
        all.outputs();
        all.functions();
        all.rotations();
        return all.cases;
    }

    /**
     * A vector whose products with another take back most of what their partial sum holds, time after time: such a
     * difference is exact, so that the bits which a product loses by its own rounding are the last ones of the result.
     * Zero outside of the terms {@code start} to {@code start + count} of each partial sum.
     *
     * @param given the other vector
     * @param first the partial sum of term 0
     */
    private float[] cancelling(float[] given, int first, int start, int count) {
        float[] vector = new float[given.length];
        float[] sums = new float[16];
        int[] seen = new int[16];
        float top = Math.scalb(1f, Math.min(count, (given.length + 15) / 16 - start) * 3 / 2);
        for (int k = 0; k < given.length; k++) {
            int lane = (first + k) % 16;
            int i = seen[lane]++;
            if (i < start || i >= start + count) {
                continue;
            }
            float term = i == start
                    ? top * (float) (1 + random.nextDouble()) * (random.nextBoolean() ? 1 : -1)
                    : -sums[lane] * (float) random.nextDouble(0.8, 0.93);
            vector[k] = term / given[k];
            sums[lane] += given[k] * vector[k];
        }
        return vector;
    }

    /** Dot products until each term from the 17th on has one in which it shows. (The first 16 are added to nothing.) */
    private void dots(int n) {
        BitSet open = new BitSet();
        open.set(16, n);
        for (int i = 0, number = 0; i < TRIES && !open.isEmpty(); i++) {
            float[] a = awayFromZero(n);
            float[] b = cancelling(a, 0, Math.max(0, open.nextSetBit(0) / 16 - 1), WINDOW);
            BitSet shown = shown(a, b);
            shown.and(open);
            if (!shown.isEmpty()) {
                open.andNot(shown);
                operation(
                        "dot-product",
                        "%d-fused-%d".formatted(n, number++),
                        FLAG,
                        TERMS,
                        List.of(Part.f32("a", a), Part.f32("b", b)),
                        new float[] {OperationOracle.dot(a, b)},
                        "REQ-OPS-001",
                        "REQ-OPS-003");
            }
        }
    }

    /** The terms in which fusing them alone changes a dot product. */
    static BitSet shown(float[] a, float[] b) {
        BitSet shown = new BitSet();
        float right = plain(a, b, -1);
        for (int k = 16; k < a.length; k++) {
            shown.set(k, b[k] != 0 && plain(a, b, k) != right);
        }
        return shown;
    }

    /** Numbers between ½ and 2 in magnitude. */
    private float[] awayFromZero(int n) {
        float[] values = new float[n];
        for (int k = 0; k < n; k++) {
            values[k] = (float) random.nextDouble(0.5, 2) * (random.nextBoolean() ? 1 : -1);
        }
        return values;
    }

    private void products() {
        for (int[] shape : new int[][] {{67, 300}, {20, 1027}}) {
            float[] x = awayFromZero(shape[1]);
            float[][] matrix = new float[shape[0]][];
            for (int row = 0; row < matrix.length; row++) {
                matrix[row] = cancelling(x, 0, 0, WINDOW + 1);
            }
            matrixProduct("%dx%d-fused".formatted(shape[0], shape[1]), FLAG, TERMS, matrix, x);
        }
        for (int[] shape : new int[][] {{261, 20}, {1031, 17}}) {
            float[][] matrix = vectors(shape[0], shape[1]);
            matrixProduct("%dx%d".formatted(shape[0], shape[1]), "Wide", TILES, matrix, gaussian(shape[1], 2));
        }
    }

    /** Keys whose products with the query nearly cancel, brought to about 1 where they end. */
    private void scores() {
        for (int n : new int[] {20, 40, 72, 100, 128, 250}) {
            float[] query = awayFromZero(n);
            float[][] keys = new float[40][];
            for (int t = 0; t < keys.length; t++) {
                keys[t] = cancelling(query, 0, 0, WINDOW);
                int exponent = Math.getExponent(plain(query, keys[t], -1));
                for (int k = 0; k < n; k++) {
                    keys[t][k] = Math.scalb(keys[t][k], -exponent);
                }
            }
            attend("scores-fused-" + n, FLAG, TERMS, query, keys, vectors(keys.length, n), 3, 0.7f, 0);
        }
    }

    /** Values whose terms nearly cancel, over positions in which no weight is small. */
    private void outputs() {
        for (int[] shape : new int[][] {{0, 37}, {5, 300}, {37, 1040}}) {
            int n = 16;
            float[] query = gaussian(n, 1);
            float[][] keys = vectors(shape[1], n);
            float scale = 0.11f;
            float[] e = new float[keys.length];
            float largest = Float.NEGATIVE_INFINITY;
            for (int t = 0; t < e.length; t++) {
                e[t] = plain(query, keys[t], -1) * scale;
                largest = Math.max(largest, e[t]);
            }
            for (int t = 0; t < e.length; t++) {
                e[t] = ElementaryFunctions.exp(e[t] - largest);
            }
            float[][] values = new float[keys.length][n];
            for (int d = 0; d < n; d++) {
                float[] column = cancelling(e, shape[0], 0, WINDOW + 2);
                for (int t = 0; t < column.length; t++) {
                    values[t][d] = column[t];
                }
            }
            attend(
                    "outputs-fused-%d-%d".formatted(shape[0], shape[0] + shape[1] - 1),
                    FLAG,
                    TERMS,
                    query,
                    keys,
                    values,
                    shape[0],
                    scale,
                    0);
        }
    }

    private void functions() {
        // As for the coefficients: the weight of score 0 is 1, the others do not reach the sum, output d is exp of
        // score d.
        int n = EXP.length + 1;
        float[] query = Arrays.copyOf(new float[] {1}, n);
        float[][] keys = new float[n][n];
        float[][] values = new float[n][n];
        for (int t = 0; t < n; t++) {
            keys[t][0] = t == 0 ? 0 : EXP[t - 1];
            values[t][t] = 1;
        }
        attend("exp-fused", FLAG, STEPS, query, keys, values, 0, 1, 0);
        gate(false, "fused", FLAG, STEPS, SILU, filled(SILU.length, 1));
        gate(true, "fused", FLAG, STEPS, GELU, filled(GELU.length, 1));
        softCap("fused", FLAG, STEPS, TANH, 1);
    }

    /** Pairs in each of which every one of the four products shows that may be fused. */
    private void rotations() {
        int pairs = 130;
        float[] cosines = new float[pairs];
        float[] sines = new float[pairs];
        float[] first = new float[pairs];
        float[] second = new float[pairs];
        for (int i = 0; i < pairs; i++) {
            boolean all = false;
            while (!all) {
                double angle = random.nextDouble(6);
                float c = (float) StrictMath.cos(angle);
                float s = (float) StrictMath.sin(angle);
                float u = (float) random.nextGaussian();
                float v = (float) random.nextGaussian();
                float x = u * c - v * s;
                float y = u * s + v * c;
                all = Math.fma(u, c, -(v * s)) != x
                        && Math.fma(-v, s, u * c) != x
                        && Math.fma(u, s, v * c) != y
                        && Math.fma(v, c, u * s) != y;
                cosines[i] = c;
                sines[i] = s;
                first[i] = u;
                second[i] = v;
            }
        }
        for (boolean interleaved : new boolean[] {false, true}) {
            float[] x = new float[2 * pairs];
            for (int i = 0; i < pairs; i++) {
                x[interleaved ? 2 * i : i] = first[i];
                x[interleaved ? 2 * i + 1 : i + pairs] = second[i];
            }
            operation(
                    interleaved ? "rotate-interleaved" : "rotate-split",
                    "fused",
                    FLAG,
                    "a fused multiply-add in a single pair shows",
                    List.of(Part.f32("x", x), Part.f32("cosines", cosines), Part.f32("sines", sines)),
                    OperationOracle.rotate(interleaved, x, cosines, sines),
                    "REQ-OPS-001",
                    "REQ-ROP-005");
        }
    }
}
