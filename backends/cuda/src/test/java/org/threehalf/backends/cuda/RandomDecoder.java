package org.threehalf.backends.cuda;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.Rotary;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.FloatMatrix;
import org.threehalf.kernels.transformer.RotaryFrequencies;
import org.threehalf.kernels.transformer.Rotation;

/** Makes small decoders of random shape and content, with each optional part there or not. */
final class RandomDecoder {
    private final SplittableRandom random;
    private final Arena arena;

    private RandomDecoder(SplittableRandom random, Arena arena) {
        this.random = random;
        this.arena = arena;
    }

    /** A decoder; its packed matrices live in the arena. */
    static DecoderWeights make(SplittableRandom random, Arena arena) {
        return new RandomDecoder(random, arena).make();
    }

    private DecoderWeights make() {
        int keyValueHeads = random.nextInt(1, 4);
        int heads = keyValueHeads * random.nextInt(1, 4);
        int headSize = 2 * random.nextInt(1, 40);
        int width = random.nextInt(1, 150);
        int hidden = random.nextInt(1, 200);
        int vocabulary = random.nextInt(2, 300);
        DecoderConfig config = new DecoderConfig(
                        vocabulary,
                        width,
                        heads,
                        keyValueHeads,
                        headSize,
                        hidden,
                        1e-5f,
                        random.nextBoolean() ? 1 : (float) Math.sqrt(width),
                        (float) (1 / Math.sqrt(headSize)),
                        random.nextBoolean() ? 0 : 50,
                        random.nextBoolean() ? 0 : 30,
                        Activation.values()[random.nextInt(Activation.values().length)],
                        random.nextBoolean() ? Rotation.Layout.SPLIT : Rotation.Layout.INTERLEAVED)
                .withScales(random.nextBoolean() ? 1 : 0.3f, random.nextBoolean() ? 1 : 0.125f);
        int pairs = random.nextInt(5) == 0 ? 0 : random.nextInt(4) == 0 ? Math.max(1, headSize / 4) : headSize / 2;
        List<float[]> frequencies = new ArrayList<>();
        for (float base : new float[] {10_000, 1_000_000}) {
            frequencies.add(pairs == 0 ? new float[0] : RotaryFrequencies.of(base, 2 * pairs));
        }
        List<LayerWeights> layers = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            layers.add(layer(config, frequencies.get(i % 2)));
        }
        Weights embedding = matrix(vocabulary, width);
        Weights output = random.nextBoolean() ? embedding : matrix(vocabulary, width);
        return new DecoderWeights(config, embedding, layers, vector(width, 1), output, optional(width));
    }

    private LayerWeights layer(DecoderConfig c, float[] frequencies) {
        boolean before = random.nextInt(4) > 0;
        boolean rows = random.nextBoolean();
        return LayerWeights.of(
                role -> matrix(role.rows(c), role.columns(c)),
                role -> switch (role) {
                    case ATTENTION_NORM, FEED_FORWARD_NORM -> before ? vector(role.columns(c), 1) : null;
                    case ATTENTION_NORM_BIAS, FEED_FORWARD_NORM_BIAS -> before ? optional(role.columns(c)) : null;
                    // Norms before a block or behind it: without either, the stream grows until no activation can be
                    // quantised.
                    case POST_ATTENTION_NORM, POST_FEED_FORWARD_NORM ->
                        before ? optional(role.columns(c)) : vector(role.columns(c), 1);
                    case QUERY_NORM, KEY_NORM -> rows ? null : optional(role.columns(c));
                    case QUERY_ROW_NORM, KEY_ROW_NORM -> rows ? optional(role.columns(c)) : null;
                    // Of layers with experts alone.
                    case ROUTER_BIAS -> null;
                    default -> optional(role.columns(c));
                },
                random.nextBoolean() ? 0 : random.nextInt(1, 12),
                new Rotary(frequencies, random.nextInt(3) == 0 ? 1.3f : 1, null, 0));
    }

    private float @Nullable [] optional(int n) {
        return random.nextInt(3) == 0 ? vector(n, 0.5f) : null;
    }

    private float[] vector(int n, float size) {
        float[] values = new float[n];
        for (int k = 0; k < n; k++) {
            values[k] = (float) (size * (random.nextDouble() * 2 - 0.5));
        }
        return values;
    }

    private Weights matrix(int rows, int columns) {
        float[][] values = new float[rows][columns];
        for (float[] row : values) {
            for (int k = 0; k < columns; k++) {
                row[k] = (float) (random.nextDouble() * 2 - 1);
            }
        }
        if (random.nextInt(5) == 0) {
            return new Weights.Real(FloatMatrix.of(values));
        }
        PackedMatrix packed =
                PackedMatrix.allocate(Format.values()[random.nextInt(Format.values().length)], rows, columns, arena);
        for (int i = 0; i < rows; i++) {
            packed.putRow(i, QuantizedRow.quantize(packed.format(), values[i]));
        }
        return new Weights.Quantized(packed);
    }
}
