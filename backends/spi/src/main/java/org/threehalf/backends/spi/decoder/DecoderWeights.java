package org.threehalf.backends.spi.decoder;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.LayerWeights.AttentionWeights;
import org.threehalf.backends.spi.decoder.LayerWeights.FeedForwardWeights;

/**
 * A whole decoder. The memory behind its matrices belongs to whoever opened the model, and must outlive every {@link Decoder} made of it.
 *
 * @param config numbers of the model
 * @param embedding vocabulary rows of width
 * @param layers the layers, in order
 * @param outputNorm width weights
 * @param output vocabulary rows of width; {@code embedding} itself where the model ties them
 */
public record DecoderWeights(DecoderConfig config, Weights embedding, List<LayerWeights> layers, float[] outputNorm, Weights output) {

    /**
     * Checks every shape against the numbers, and that norms, biases and frequencies are finite.
     *
     * @throws IllegalArgumentException naming the layer and the part, with both shapes
     */
    public DecoderWeights {
        layers = List.copyOf(layers);
        requireShape("embedding", embedding, config.vocabulary(), config.width());
        requireShape("output", output, config.vocabulary(), config.width());
        requireLength("output norm", outputNorm, config.width());
        for (int i = 0; i < layers.size(); i++) {
            String layer = "layer " + i + ": ";
            check(layer, config, layers.get(i).attention());
            check(layer, config, layers.get(i).feedForward());
        }
    }

    /** The matrices that the products of a token read: those of the layers, and the output matrix. */
    public Stream<Weights> multiplied() {
        return Stream.concat(
                Stream.of(output),
                layers.stream().flatMap(layer -> Stream.of(
                        layer.attention().query(), layer.attention().key(), layer.attention().value(), layer.attention().output(),
                        layer.feedForward().gate(), layer.feedForward().up(), layer.feedForward().down())));
    }

    /** Whether some matrix is rotated (REQ-ROT-003), which a decoder that does not rotate on its device must leave to {@link HostDecoder}. */
    public boolean anyRotated() {
        return Stream.concat(Stream.of(embedding), multiplied()).anyMatch(weights -> weights instanceof Weights.Quantized(var matrix) && matrix.rotated());
    }

    private static void check(String layer, DecoderConfig config, AttentionWeights a) {
        int width = config.width();
        requireLength(layer + "attention norm", a.norm(), width);
        requireShape(layer + "query", a.query(), config.queryWidth(), width);
        requireShape(layer + "key", a.key(), config.keyValueWidth(), width);
        requireShape(layer + "value", a.value(), config.keyValueWidth(), width);
        requireShape(layer + "attention output", a.output(), width, config.queryWidth());
        requireLength(layer + "query bias", a.queryBias(), config.queryWidth());
        requireLength(layer + "key bias", a.keyBias(), config.keyValueWidth());
        requireLength(layer + "value bias", a.valueBias(), config.keyValueWidth());
        requireLength(layer + "attention output bias", a.outputBias(), width);
        requireLength(layer + "query norm", a.queryNorm(), config.headSize());
        requireLength(layer + "key norm", a.keyNorm(), config.headSize());
        requireLength(layer + "post-attention norm", a.postNorm(), width);
        if (a.window() < 0) {
            throw new IllegalArgumentException(layer + "a window of " + a.window() + " positions");
        }
        if (a.frequencies().length > config.headSize() / 2) {
            throw new IllegalArgumentException(layer + "%d rotary frequencies for heads of %d elements".formatted(a.frequencies().length, config.headSize()));
        }
        for (float frequency : a.frequencies()) {
            if (!(frequency > 0 && frequency <= 1)) {
                throw new IllegalArgumentException(layer + "a rotary frequency of " + frequency + ": it must lie in (0, 1]");
            }
        }
    }

    private static void check(String layer, DecoderConfig config, FeedForwardWeights f) {
        requireLength(layer + "feed-forward norm", f.norm(), config.width());
        requireShape(layer + "gate", f.gate(), config.hidden(), config.width());
        requireShape(layer + "up", f.up(), config.hidden(), config.width());
        requireShape(layer + "down", f.down(), config.width(), config.hidden());
        requireLength(layer + "post-feed-forward norm", f.postNorm(), config.width());
    }

    private static void requireShape(String what, Weights weights, int rows, int columns) {
        if (weights.rows() != rows || weights.columns() != columns) {
            throw new IllegalArgumentException(
                    "%s: %d rows of %d; the model's numbers ask for %d rows of %d".formatted(what, weights.rows(), weights.columns(), rows, columns));
        }
    }

    private static void requireLength(String what, float @Nullable [] values, int length) {
        if (values == null) {
            return;
        }
        if (values.length != length) {
            throw new IllegalArgumentException("%s: %d numbers; the model asks for %d".formatted(what, values.length, length));
        }
        for (int k = 0; k < length; k++) {
            if (!Float.isFinite(values[k])) {
                throw new IllegalArgumentException("%s: number %d is %s".formatted(what, k, values[k]));
            }
        }
    }
}
