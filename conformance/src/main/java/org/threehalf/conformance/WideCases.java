package org.threehalf.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.threehalf.conformance.oracle.OperationOracle;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.format.Format;

/**
 * Cases for faults that small and random ones let pass: sizes beyond the widths at which devices tile, equal scores,
 * and values that tell each coefficient from its neighbours; {@link SizeCases}, {@link RefusalCases},
 * {@link RoundingCases}, {@link FusedCases}, {@link OperationSizeCases} and wide decoders join them. They do not depend
 * on a seed.
 *
 * <p>Inputs that separate neighbours were searched for in plain binary32 arithmetic; what is right comes from the
 * oracle, as everywhere.
 */
final class WideCases extends WideMaker {
    /**
     * Rows, columns, tokens: sub-scales past column 4,096 and tokens past 16; the widest matrix of LLaMA-70B; rows and
     * tokens past 64 and 32; tokens past 128.
     */
    private static final int[][] SHAPES = {{3, 4133, 17}, {2, 28_672, 1}, {65, 65, 33}, {3, 200, 129}};

    private static final int[] LENGTHS = {65, 129, 257, 1025};
    /** First position, positions, head. */
    private static final int[][] ATTENTION = {{0, 65, 256}, {3, 257, 128}, {9, 1025, 16}, {0, 64, 64}};

    /** Where exp differs if one of its coefficients, or log2 e, or a part of ln 2 is one unit in the last place off. */
    private static final float[] EXP = {
        -0x1.704618p5f, -0x1.483dfcp4f, -0x1.e4d48cp5f, -0x1.601e68p5f, -0x1.be6306p5f, -0x1.3685fcp6f, -0x1.155084p6f
    };
    /** The same for tanh below its switch, and for GELU. */
    private static final float[] TANH = {0x1.169f0ep-1f, 0x1.2bd65cp-1f, -0x1.169f0ep-1f};

    private static final float[] GELU = {-0x1.b74738p0f, -0x1.81efbep1f};
    /** The ends of exp: its largest finite value, its least, and the limits at which it is cut. */
    private static final float[] ENDS = {
        88.72f,
        88.722f,
        0x1.62e42ep6f,
        0x1.62e43p6f,
        88.8f,
        89,
        Math.nextUp(89f),
        Math.nextDown(89f),
        100,
        -88.72f,
        -88.722f,
        -0x1.62e42ep6f,
        -0x1.62e43p6f,
        -89,
        Math.nextDown(-89f),
        -87.33f,
        -87.34f,
        103.9f,
        103.97f,
        103.98f,
        104,
        Math.nextUp(104f),
        -103.9f,
        -103.97f,
        -103.98f,
        -104,
        Math.nextDown(-104f),
        0.625f,
        Math.nextUp(0.625f)
    };

    private static final int TRIES = 400;

    private WideCases() {
        super(105);
    }

    /** All of them; those of level L2 take a while to make and are left out if they are not asked for. */
    static List<VectorCase> all(boolean inference) {
        return inference ? Made.ALL : Made.PRODUCTS;
    }

    /** Made once. */
    private static final class Made {
        private static final List<VectorCase> PRODUCTS = products();
        private static final List<VectorCase> ALL = with(PRODUCTS);

        private static List<VectorCase> products() {
            WideCases wide = new WideCases();
            for (Format format : Format.values()) {
                for (int[] shape : SHAPES) {
                    wide.product(format, shape[0], shape[1], shape[2]);
                }
            }
            for (Format format : Format.values()) {
                if (format.traits().windowed()) {
                    wide.subscales(format);
                }
            }
            for (Format format : Format.values()) {
                wide.smallest(format);
                if (format.traits().windowed()) {
                    wide.tails(format);
                }
            }
            wide.clamped(Format.G4, CLAMPED_CODES);
            wide.clamped(Format.T3, CLAMPED_WINDOWS);
            wide.limits();
            List<VectorCase> all = new ArrayList<>(wide.cases);
            all.addAll(SizeCases.all());
            all.addAll(RefusalCases.all());
            all.addAll(RoundingCases.all());
            return List.copyOf(all);
        }

        private static List<VectorCase> with(List<VectorCase> products) {
            WideCases wide = new WideCases();
            wide.operations();
            wide.exponentials();
            wide.attention();
            List<VectorCase> all = new ArrayList<>(products);
            all.addAll(wide.cases);
            all.addAll(FusedCases.all());
            all.addAll(OperationSizeCases.all());
            all.addAll(TransformerCases.wideDecoders());
            return List.copyOf(all);
        }
    }

    /**
     * Blocks whose sub-scale turns on a single bound of REQ-QNT-015: with its constants one off, with the other side of
     * equality, without sub-scale 0 or without seam 0 another sub-scale or other codes come out. The blocks' seeds were
     * searched for.
     */
    private void subscales(Format format) {
        SubscaleSeeds seeds = SUBSCALE_SEEDS.get(format);
        int[][] blocks = {
            // The row's scale is 1.
            largest(64 * format.traits().scaleDivisor()),
            pairs(seeds.pairs(), 512),
            pairs(seeds.pairs(), 511),
            outlier(0),
            outlier(1),
            spread(seeds.seam()),
            new int[64],
            new SplittableRandom(7).ints(64, -20, 21).toArray()
        };
        float[] weights = new float[64 * blocks.length + 5];
        for (int k = 0; k < weights.length - 5; k++) {
            weights[k] = blocks[k / 64][k % 64] / 64f;
        }
        quantized(format, "sub-scales", "which sub-scales a block tries turns on one bound, or on equality", weights);
        // Four squares whose sum is 262144 · 2² · 4 − 1.
        int[] below = {273, -94, 823, -1853};
        float[] four = new float[68];
        four[0] = format.scaleDivisor();
        for (int i = 0; i < 4; i++) {
            four[64 + i] = below[i] / 64f;
        }
        quantized(format, "sum-of-squares-one-below", "a sum of squares that is one below a bound", four);
        // Of a subnormal scale 345 times less than the largest weight, the largest u is past what sub-scale 15 reaches.
        float[] subnormal = new float[64];
        Arrays.fill(subnormal, 2 * Float.MIN_VALUE);
        subnormal[17] = -517 * Float.MIN_VALUE;
        quantized(
                format,
                "sub-scales-of-a-subnormal-scale",
                "a weight past what the largest sub-scale reaches",
                subnormal);
    }

    /** Seeds of blocks that show what they are there for. */
    private record SubscaleSeeds(int pairs, int seam) {}

    private static final Map<Format, SubscaleSeeds> SUBSCALE_SEEDS = Map.of(
            Format.T35,
            new SubscaleSeeds(2, 6),
            Format.T4,
            new SubscaleSeeds(1, 44),
            Format.T3,
            new SubscaleSeeds(3, 9));

    /**
     * Rows of 0 and of numbers whose scale rounds to 0, and rows of the smallest numbers, whose scale rounds to 2⁻¹⁴⁹
     * though the largest is half as large again as it reaches: the only rows in which codes are clamped.
     */
    private void smallest(Format format) {
        // A path of windows takes the oracle a while to find.
        int some = format.traits().windowed() ? 3 : 65;
        quantized(format, "zeros", "a scale of 0", new float[some]);
        float[] nothing = new float[some];
        Arrays.fill(nothing, format.scaleDivisor() / 2 * Float.MIN_VALUE);
        quantized(format, "scale-rounds-to-0", "a scale of 0", nothing);
        int largest = pastTheScale(format);
        float[] clamped = new float[2 * some];
        for (int k = 0; k < clamped.length; k++) {
            int q = k % 3 == 0 ? largest - k : k % 3 == 1 ? k - largest : random.nextInt(-largest, largest + 1);
            clamped[k] = Math.clamp(q, -largest, largest) * Float.MIN_VALUE;
        }
        quantized(format, "clamped", "codes past the tables' ends", clamped);
    }

    /**
     * A weight in units of 2⁻¹⁴⁹ whose row has the scale 2⁻¹⁴⁹ and which is half as large again as that scale reaches:
     * the largest one, or one less. The searched seeds hang on it.
     */
    private static int pastTheScale(Format format) {
        int divisor = format.scaleDivisor();
        return divisor * 3 / 2 - (divisor > 7 ? 1 : 0);
    }

    /** Seeds of blocks that come out otherwise where a bound of the clamp to ±29760 (REQ-QNT-010) is one off. */
    private static final long[] CLAMPED_CODES = {4376, 24_877, 29_683, 50_122};

    private static final long[] CLAMPED_WINDOWS = {58, 1147, 2713, 2946};

    /** A block for each seed, in units of the row's scale, 2⁻¹⁴⁹: small numbers, and some of one sign past D. */
    private void clamped(Format format, long[] seeds) {
        int largest = pastTheScale(format);
        float[] weights = new float[64 * seeds.length];
        for (int b = 0; b < seeds.length; b++) {
            SplittableRandom block = new SplittableRandom(seeds[b]);
            int many = 1 + below(block, 16);
            int spread = 2 + below(block, 400);
            int[] q = new int[64];
            for (int i = 0; i < 64; i++) {
                q[i] = below(block, 2 * spread + 1) - spread;
            }
            int sign = seeds[b] % 2 == 1 ? 1 : -1;
            for (int i = 0; i < many; i++) {
                int value = sign * (466 + below(block, largest - 465));
                q[below(block, 64)] = value;
            }
            q[below(block, 64)] = sign * largest;
            for (int i = 0; i < 64; i++) {
                weights[64 * b + i] = q[i] * Float.MIN_VALUE;
            }
        }
        quantized(format, "clamp-bounds", "a block for each bound that is one off", weights);
    }

    private static int below(SplittableRandom block, int n) {
        return (int) ((block.nextLong() >>> 33) % n);
    }

    /** Last blocks of all but one input and of one, where what lies past a block is larger than all in it. */
    private void tails(Format format) {
        for (int columns : new int[] {127, 193}) {
            float[] weights = gaussian(columns, 0.2f);
            for (int k = 64; k < columns; k += 64) {
                weights[k] = 17;
            }
            quantized(format, "tail-" + columns, "the last block has one input less, or one alone", weights);
        }
    }

    /** The largest K is quantised, and no row is refused. */
    private void limits() {
        quantized(Format.G35, "largest-k", "the largest K", gaussian(Format.G35.maxColumns(), 1));
        cases.add(new VectorCase.RefuseMatrix(
                header("refuse", "no-row", "Shape", "a matrix without rows", "REQ-FMT-003"),
                Format.G35,
                64,
                List.of()));
    }

    private void quantized(Format format, String rest, String reason, float[] weights) {
        quantized(format, rest, "SubscaleChoice", reason, weights);
    }

    private static int[] largest(int value) {
        int[] u = new int[64];
        u[0] = value;
        return u;
    }

    /**
     * The sum of squares is 64 · 2560², where the rule of REQ-QNT-015 has equality: of each pair both are ±2560, or one
     * is ±3584 and the other ±512, since 3584² + 512² = 2 · 2560². The first such 512 is {@code small} in its place.
     */
    private static int[] pairs(long seed, int small) {
        SplittableRandom block = new SplittableRandom(seed);
        int[] u = new int[64];
        boolean placed = small == 512;
        for (int i = 0; i < 64; i += 2) {
            if (block.nextInt(3) == 0) {
                u[i] = 2560 * sign(block);
                u[i + 1] = 2560 * sign(block);
                continue;
            }
            int large = 3584 * sign(block);
            int other = Math.multiplyExact(placed ? 512 : small, sign(block));
            placed = true;
            boolean largeFirst = block.nextBoolean();
            u[i] = largeFirst ? large : other;
            u[i + 1] = largeFirst ? other : large;
        }
        return u;
    }

    /** Small numbers, and one of which 1472 m reaches all, or all but one. */
    private static int[] outlier(int past) {
        SplittableRandom block = new SplittableRandom(0);
        int m = 3 + block.nextInt(11);
        int[] u = new int[64];
        for (int i = 0; i < 64; i++) {
            u[i] = (int) (block.nextGaussian() * (150 + block.nextInt(350)));
        }
        u[block.nextInt(64)] = (1472 * m + past) * sign(block);
        return u;
    }

    private static int[] spread(long seed) {
        SplittableRandom block = new SplittableRandom(seed);
        int[] u = new int[64];
        for (int i = 0; i < 64; i++) {
            u[i] = (int) (block.nextGaussian() * 2000);
        }
        return u;
    }

    private static int sign(SplittableRandom block) {
        return block.nextBoolean() ? 1 : -1;
    }

    private void operations() {
        for (int n : LENGTHS) {
            float[] a = gaussian(n, 3);
            float[] b = gaussian(n, 0.5f);
            String rest = String.valueOf(n);
            gate(false, rest, "Wide", TILES, a, b);
            gate(true, rest, "Wide", TILES, a, b);
            operation(
                    "residual",
                    rest,
                    "Wide",
                    TILES,
                    List.of(Part.f32("x", a), Part.f32("d", b)),
                    OperationOracle.plus(a, b),
                    "REQ-OPS-010");
            softCap(rest, "Wide", TILES, a, 2.5f);
            int found = 0;
            for (int i = 0; i < TRIES && found < 2; i++) {
                float[] x = gaussian(n, 2);
                if (meanByReciprocal(x) != meanByDivision(x)) {
                    norm(
                            rest + "-" + found++,
                            "MeanByReciprocal",
                            "a mean by 1/n in place of a division by n shows",
                            x,
                            b,
                            1e-6f);
                }
            }
        }
        for (int angles : new int[] {16, 17, 32, 64, 128}) {
            float[] cosines = new float[angles];
            float[] sines = new float[angles];
            float[] frequencies = new float[angles];
            for (int i = 0; i < angles; i++) {
                frequencies[i] = Math.scalb(1f, -i % 20);
                float[] angle = OperationOracle.angle(977, frequencies[i]);
                cosines[i] = angle[0];
                sines[i] = angle[1];
            }
            float[] x = gaussian(2 * angles + 3, 1);
            List<Part> inputs = List.of(Part.f32("x", x), Part.f32("cosines", cosines), Part.f32("sines", sines));
            operation(
                    "rotate-split",
                    angles + "-pairs",
                    "Wide",
                    TILES,
                    inputs,
                    OperationOracle.rotate(false, x, cosines, sines),
                    "REQ-ROP-005");
            operation(
                    "rotate-interleaved",
                    angles + "-pairs",
                    "Wide",
                    TILES,
                    inputs,
                    OperationOracle.rotate(true, x, cosines, sines),
                    "REQ-ROP-005");
        }
    }

    private interface Function {
        float of(float x);
    }

    private static float[] each(float[] x, Function function) {
        float[] y = new float[x.length];
        for (int k = 0; k < y.length; k++) {
            y[k] = function.of(x[k]);
        }
        return y;
    }

    private static float meanByDivision(float[] x) {
        return reciprocalRoot(plain(x, x, -1) / x.length);
    }

    private static float meanByReciprocal(float[] x) {
        return reciprocalRoot(plain(x, x, -1) * (1f / x.length));
    }

    private static float reciprocalRoot(float mean) {
        return 1 / (float) Math.sqrt(mean + 1e-6f);
    }

    /**
     * exp bit by bit: a key whose score is 0 has the weight 1, the others lie so far below that the sum of weights
     * stays 1, and the values are unit vectors; so output d is exp of score d.
     */
    private void exponentials() {
        float[] scores = Arrays.copyOf(new float[] {0}, 64);
        System.arraycopy(EXP, 0, scores, 1, EXP.length);
        for (int t = 1 + EXP.length; t < scores.length; t++) {
            scores[t] = -18 - 87 * (t - EXP.length) / 56f;
        }
        float[] query = Arrays.copyOf(new float[] {1}, scores.length);
        float[][] keys = new float[scores.length][scores.length];
        float[][] values = new float[scores.length][scores.length];
        for (int t = 0; t < scores.length; t++) {
            keys[t][0] = scores[t];
            values[t][t] = 1;
        }
        attend(
                "exp-bits",
                "Neighbours",
                "a coefficient of exp that is one unit in the last place off shows",
                query,
                keys,
                values,
                0,
                1,
                0);
        String reason =
                "where exp and tanh change their course, and where a coefficient one unit in the last place off shows";
        float[] edges = new float[ENDS.length + TANH.length + GELU.length];
        System.arraycopy(ENDS, 0, edges, 0, ENDS.length);
        System.arraycopy(TANH, 0, edges, ENDS.length, TANH.length);
        System.arraycopy(GELU, 0, edges, ENDS.length + TANH.length, GELU.length);
        float[] large = new float[edges.length];
        Arrays.fill(large, 0x1p100f);
        List<Part> gate = List.of(Part.f32("g", edges), Part.f32("u", large));
        operation(
                "gated-silu",
                "ends",
                "Neighbours",
                reason,
                gate,
                OperationOracle.gate(false, edges, large),
                "REQ-OPS-004",
                "REQ-OPS-005");
        operation(
                "gated-gelu",
                "ends",
                "Neighbours",
                reason,
                gate,
                OperationOracle.gate(true, edges, large),
                "REQ-OPS-004",
                "REQ-OPS-006");
        operation(
                "soft-cap",
                "ends",
                "Neighbours",
                reason,
                List.of(Part.f32("x", edges), Part.f32("cap", 1)),
                each(edges, x -> OperationOracle.softCap(x, 1)),
                "REQ-OPS-007",
                "REQ-OPS-008");
    }

    private void attention() {
        for (int[] shape : ATTENTION) {
            // No power of two, so that it matters what is scaled, and scores near each other, so that all weights
            // count.
            float scale = 0.9f / (float) Math.sqrt(shape[2]);
            float[][] keys = vectors(shape[1], shape[2]);
            float[][] values = vectors(shape[1], shape[2]);
            attend(
                    "%d-%d/%d".formatted(shape[0], shape[0] + shape[1] - 1, shape[2]),
                    "Wide",
                    TILES,
                    gaussian(shape[2], 1),
                    keys,
                    values,
                    shape[0],
                    scale,
                    0);
        }
        attend(
                "cap-below-1",
                "SmallCap",
                "a cap of the scores below 1",
                gaussian(16, 1),
                vectors(40, 16),
                vectors(40, 16),
                0,
                1,
                0.75f);
        // Without its maximum subtracted, exp of such scores is infinite, or zero in the sum.
        for (float score : new float[] {120, -120, 3.3f}) {
            float[][] keys = new float[40][8];
            for (float[] key : keys) {
                key[0] = score;
            }
            attend(
                    "equal-%s".formatted(score),
                    "EqualScores",
                    "all scores are equal: the maximum is subtracted all the same",
                    new float[] {1, 0, 0, 0, 0, 0, 0, 0},
                    keys,
                    vectors(40, 8),
                    2,
                    1,
                    0);
        }
    }
}
