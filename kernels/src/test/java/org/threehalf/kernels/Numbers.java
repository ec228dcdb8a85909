package org.threehalf.kernels;

import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.providers.ArbitraryProvider;
import net.jqwik.api.providers.TypeUsage;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;

/** Generators of binary32 numbers, rows and tokens: all exponents, subnormals, signed zeros, ties, limits. */
public final class Numbers {

    private Numbers() {}

    /** Any binary32 number of at most so large a magnitude. */
    public static Arbitrary<Float> upTo(float limit) {
        Arbitrary<Float> any = Arbitraries.integers()
                .between(0, Float.floatToRawIntBits(limit))
                .map(Float::intBitsToFloat);
        Arbitrary<Float> special = Arbitraries.of(
                0f, Float.MIN_VALUE, 0x1.fffffcp-127f, Float.MIN_NORMAL, 0.5f, 1f, limit, Math.nextDown(limit));
        Arbitrary<Float> magnitude =
                Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(9, any), net.jqwik.api.Tuple.of(1, special));
        return Combinators.combine(magnitude, Arbitraries.of(1f, -1f)).as((value, sign) -> value * sign);
    }

    /** A row's or token's scale: not negative. */
    public static Arbitrary<Float> scale(float limit) {
        return upTo(limit).map(Math::abs);
    }

    /**
     * Neighbouring values of like size, as in real rows: an exponent for all, and for each a mantissa of few or many
     * bits; the few make ties and grid points. Some rows are quite mixed, some are all zeros.
     */
    public static Arbitrary<float[]> row(float limit, int least, int most) {
        Arbitrary<Integer> exponents = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(6, Arbitraries.integers().between(-12, 12)),
                net.jqwik.api.Tuple.of(2, Arbitraries.integers().between(-150, -100)),
                net.jqwik.api.Tuple.of(2, Arbitraries.integers().between(-90, Math.getExponent(limit) - 1)));
        Arbitrary<Double> mantissas = Arbitraries.oneOf(
                Arbitraries.integers().between(-(1 << 24), 1 << 24).map(m -> m * 0x1p-24),
                Arbitraries.integers().between(-31, 31).map(m -> m * 0x1p-5),
                Arbitraries.integers().between(-254, 254).map(m -> m / 254.0));
        Arbitrary<float[]> like = Combinators.combine(
                        exponents, mantissas.list().ofMinSize(least).ofMaxSize(most))
                .as((exponent, list) -> {
                    float[] row = new float[list.size()];
                    for (int k = 0; k < row.length; k++) {
                        row[k] = (float) Math.scalb(list.get(k), exponent + 1);
                    }
                    return row;
                });
        Arbitrary<float[]> mixed =
                upTo(limit).list().ofMinSize(least).ofMaxSize(most).map(Numbers::toArray);
        Arbitrary<float[]> zeros = Arbitraries.integers().between(least, most).map(float[]::new);
        return Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(8, like), net.jqwik.api.Tuple.of(3, mixed), net.jqwik.api.Tuple.of(1, zeros));
    }

    private static float[] toArray(List<Float> list) {
        float[] array = new float[list.size()];
        for (int k = 0; k < array.length; k++) {
            array[k] = list.get(k);
        }
        return array;
    }

    /** Weights of a row that every format takes. */
    public record Weights(float[] values) {
        @Override
        public String toString() {
            return java.util.Arrays.toString(values);
        }
    }

    /** Activations of a token that is not refused. */
    public record Activations(float[] values) {
        @Override
        public String toString() {
            return java.util.Arrays.toString(values);
        }
    }

    /** Provides {@link Weights}: 1 to 200 of them. */
    public static final class WeightsProvider implements ArbitraryProvider {
        @Override
        public boolean canProvideFor(TypeUsage target) {
            return target.isOfType(Weights.class);
        }

        @Override
        public Set<Arbitrary<?>> provideFor(TypeUsage target, SubtypeProvider subtypes) {
            return Set.of(row(Format.MAX_SCALE, 1, 200).map(Weights::new));
        }
    }

    /** Provides {@link Activations}: 1 to 200 of them. */
    public static final class ActivationsProvider implements ArbitraryProvider {
        @Override
        public boolean canProvideFor(TypeUsage target) {
            return target.isOfType(Activations.class);
        }

        @Override
        public Set<Arbitrary<?>> provideFor(TypeUsage target, SubtypeProvider subtypes) {
            return Set.of(row(Format.MAX_ACTIVATION, 1, 200).map(Activations::new));
        }
    }

    /** A row of any format, quantised. */
    public static Arbitrary<QuantizedRow> quantizedRow() {
        return Combinators.combine(Arbitraries.of(Format.class), row(Format.MAX_SCALE, 1, 200))
                .as(QuantizedRow::quantize);
    }

    /** A row of any format with any codes, sub-scales and scale: more than quantising makes. */
    public static Arbitrary<QuantizedRow> anyRow() {
        return Combinators.combine(
                        Arbitraries.of(Format.class),
                        Arbitraries.integers().between(1, 200),
                        scale(Format.MAX_SCALE),
                        Arbitraries.longs())
                .as((format, columns, scale, seed) -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    return new QuantizedRow(
                            format, scale, codes(format, columns, random), subscales(format, columns, random));
                });
    }

    /**
     * T of an input by the text of REQ-FMT-002 and REQ-FMT-009: in a format of windows the eight bits from p_i on, bit
     * by bit.
     */
    public static int integer(QuantizedRow row, int k) {
        FormatTraits traits = row.format().traits();
        if (!traits.windowed()) {
            return row.format().codebook(k).value(row.codes()[k] & 0xff);
        }
        int block = k / 64 * 64;
        int bits = 32 * traits.pairBits();
        boolean[] string = new boolean[bits];
        for (int i = 0; i < 64; i++) {
            int code = block + i < row.columns() ? row.codes()[block + i] : 0;
            for (int t = 0; t < traits.codeBits(i); t++) {
                string[position(traits, i) + t] = (code >> t & 1) != 0;
            }
        }
        int window = 0;
        for (int t = 0; t < 8; t++) {
            window |= string[(position(traits, k - block) + t) % bits] ? 1 << t : 0;
        }
        return row.format().codebook(k).value(window);
    }

    private static int position(FormatTraits traits, int i) {
        return traits.pairBits() * (i / 2) + traits.evenBits() * (i % 2);
    }

    /** Codes of a row, each equally likely. */
    public static byte[] codes(Format format, int columns, SplittableRandom random) {
        byte[] codes = new byte[columns];
        for (int k = 0; k < columns; k++) {
            codes[k] = (byte) random.nextInt(1 << format.traits().codeBits(k));
        }
        return codes;
    }

    /** Sub-scales of a row, each equally likely; none where the format has none. */
    public static byte[] subscales(Format format, int columns, SplittableRandom random) {
        byte[] subscales = new byte[format.hasSubscales() ? Format.blocks(columns) : 0];
        for (int b = 0; b < subscales.length; b++) {
            subscales[b] = (byte) random.nextInt(Format.MAX_SUBSCALE + 1);
        }
        return subscales;
    }

    /** Activation codes, uniformly in [−127, 127]. */
    public static byte[] activationCodes(int columns, long seed) {
        return activationCodes(columns, new SplittableRandom(seed));
    }

    /** Activation codes, uniformly in [−127, 127]. */
    public static byte[] activationCodes(int columns, SplittableRandom random) {
        byte[] codes = new byte[columns];
        for (int k = 0; k < columns; k++) {
            codes[k] = (byte) random.nextInt(-127, 128);
        }
        return codes;
    }
}
