package org.threehalf.conformance.oracle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.ExpertWeights;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.Rotary;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.Rotation;

/**
 * A decoder with quantised matrices, computed a second time by section 5 of {@code spec/INFERENCE.md}, token after
 * token. The SPI's records are read as data; nothing of {@code kernels} computes.
 */
public final class DecoderOracle {
    private final DecoderWeights weights;
    private final DecoderConfig config;
    private final List<List<float[]>> keys = new ArrayList<>();
    private final List<List<float[]>> values = new ArrayList<>();
    private final Map<PackedMatrix, int[][]> integers = new IdentityHashMap<>();
    private final Map<String, float[][]> angles = new HashMap<>();

    /** A decoder that was fed nothing. */
    public DecoderOracle(DecoderWeights weights) {
        this.weights = weights;
        this.config = weights.config();
        weights.layers().forEach(layer -> {
            keys.add(new ArrayList<>());
            values.add(new ArrayList<>());
        });
    }

    /** Feeds the next token and gives its logits (REQ-DEC-001 to REQ-DEC-003). */
    public float[] feed(int token) {
        float[] x = embedding(token);
        x = config.embeddingScale() == 1 ? x : OperationOracle.scaled(x, config.embeddingScale());
        for (int i = 0; i < weights.layers().size(); i++) {
            LayerWeights layer = weights.layers().get(i);
            x = OperationOracle.plus(x, times(attention(i, layer, x), config.residualScale()));
            x = OperationOracle.plus(x, times(feedForward(layer, x), config.residualScale()));
        }
        float[] logits = times(
                multiply(weights.output(), normed(x, weights.outputNorm(), weights.outputNormBias()), null),
                config.logitScale());
        for (int v = 0; v < logits.length && config.logitCap() > 0; v++) {
            logits[v] = OperationOracle.softCap(logits[v], config.logitCap());
        }
        return logits;
    }

    /** E's row, as its matrix gives it: in binary32, or a quantised one brought back. */
    private float[] embedding(int token) {
        if (weights.embedding() instanceof Weights.Real(var real)) {
            float[] row = new float[real.columns()];
            real.read(token, row);
            return row;
        }
        PackedMatrix embedding = matrix(weights.embedding());
        float[] x = Oracle.dequantize(integers(embedding)[token], embedding.scale(token));
        return embedding.rotated() ? Oracle.rotated(x) : x;
    }

    private static float[] times(float[] x, float factor) {
        return factor == 1 ? x : OperationOracle.scaled(x, factor);
    }

    private float[] attention(int layer, LayerWeights w, float[] x) {
        float[] a = normed(
                x, w.vectors().get(TensorRole.ATTENTION_NORM), w.vectors().get(TensorRole.ATTENTION_NORM_BIAS));
        int position = keys.get(layer).size();
        float[] q = normed(
                multiply(w.matrix(TensorRole.QUERY), a, w.vectors().get(TensorRole.QUERY_BIAS)),
                w.vectors().get(TensorRole.QUERY_ROW_NORM));
        float[] k = normed(
                multiply(w.matrix(TensorRole.KEY), a, w.vectors().get(TensorRole.KEY_BIAS)),
                w.vectors().get(TensorRole.KEY_ROW_NORM));
        float[] query = heads(q, w.vectors().get(TensorRole.QUERY_NORM), w.rotary(), position);
        keys.get(layer).add(heads(k, w.vectors().get(TensorRole.KEY_NORM), w.rotary(), position));
        values.get(layer)
                .add(multiply(w.matrix(TensorRole.VALUE), a, w.vectors().get(TensorRole.VALUE_BIAS)));
        int size = config.headSize();
        int first = w.window() == 0 ? 0 : Math.max(0, position - w.window() + 1);
        float[] attended = new float[query.length];
        for (int head = 0; head < config.heads(); head++) {
            int shared = head / (config.heads() / config.keyValueHeads()) * size;
            float[][] keysOfHead = slices(keys.get(layer).subList(first, position + 1), shared);
            float[][] valuesOfHead = slices(values.get(layer).subList(first, position + 1), shared);
            float[] queryOfHead = Arrays.copyOfRange(query, head * size, head * size + size);
            System.arraycopy(
                    OperationOracle.attend(
                            queryOfHead,
                            keysOfHead,
                            valuesOfHead,
                            first,
                            config.attentionScale(),
                            config.attentionCap(),
                            w.vectors().containsKey(TensorRole.ATTENTION_SINKS)
                                    ? w.vector(TensorRole.ATTENTION_SINKS)[head]
                                    : Float.NEGATIVE_INFINITY),
                    0,
                    attended,
                    head * size,
                    size);
        }
        return normed(
                multiply(
                        w.matrix(TensorRole.ATTENTION_OUTPUT),
                        attended,
                        w.vectors().get(TensorRole.ATTENTION_OUTPUT_BIAS)),
                w.vectors().get(TensorRole.POST_ATTENTION_NORM));
    }

    private float[][] slices(List<float[]> positions, int from) {
        return positions.stream()
                .map(p -> Arrays.copyOfRange(p, from, from + config.headSize()))
                .toArray(float[][]::new);
    }

    /** Each head normed, where the layer has a norm for it, and rotated. */
    private float[] heads(float[] all, float @Nullable [] norm, Rotary rotary, int position) {
        float[][] pair = angles.computeIfAbsent(
                Arrays.toString(rotary.frequencies()) + rotary.magnitude() + position, key -> angles(rotary, position));
        float[] result = new float[all.length];
        int size = config.headSize();
        for (int from = 0; from < all.length; from += size) {
            float[] head = normed(Arrays.copyOfRange(all, from, from + size), norm);
            head = OperationOracle.rotate(config.rotation() == Rotation.Layout.INTERLEAVED, head, pair[0], pair[1]);
            System.arraycopy(head, 0, result, from, size);
        }
        return result;
    }

    private static float[][] angles(Rotary rotary, int position) {
        float[] frequencies = rotary.frequencies();
        float[][] pair = new float[2][frequencies.length];
        for (int i = 0; i < frequencies.length; i++) {
            float[] angle = OperationOracle.angle(position, frequencies[i]);
            pair[0][i] = angle[0];
            pair[1][i] = angle[1];
        }
        return new float[][] {times(pair[0], rotary.magnitude()), times(pair[1], rotary.magnitude())};
    }

    private float[] feedForward(LayerWeights w, float[] x) {
        float[] f = normed(
                x, w.vectors().get(TensorRole.FEED_FORWARD_NORM), w.vectors().get(TensorRole.FEED_FORWARD_NORM_BIAS));
        float[] d = w.experts().isEmpty()
                ? block(
                        new ExpertWeights(
                                w.matrix(TensorRole.GATE), w.matrix(TensorRole.UP), w.matrix(TensorRole.DOWN)),
                        f)
                : mixed(w, f);
        return normed(d, w.vectors().get(TensorRole.POST_FEED_FORWARD_NORM));
    }

    private float[] block(ExpertWeights b, float[] f) {
        float[] g = multiply(b.gate(), f, b.biases().get(TensorRole.GATE));
        float[] u = multiply(b.up(), f, b.biases().get(TensorRole.UP));
        return multiply(
                b.down(),
                config.activation() == Activation.CLAMPED_SWIGLU
                        ? OperationOracle.clampedSwiglu(g, u)
                        : OperationOracle.gate(config.activation() == Activation.GELU, g, u),
                b.biases().get(TensorRole.DOWN));
    }

    /** REQ-EXP-001, REQ-EXP-002. */
    private float[] mixed(LayerWeights w, float[] f) {
        float[] shares = OperationOracle.shares(
                multiply(w.matrix(TensorRole.ROUTER), f, w.vectors().get(TensorRole.ROUTER_BIAS)),
                config.experts().used(),
                config.experts().renormalised());
        float[] d = null;
        for (int e = 0; e < shares.length; e++) {
            if (!Float.isNaN(shares[e])) {
                float[] term = OperationOracle.scaled(block(w.experts().get(e), f), shares[e]);
                d = d == null ? term : OperationOracle.plus(d, term);
            }
        }
        return Objects.requireNonNull(d);
    }

    private float[] normed(float[] x, float @Nullable [] norm) {
        return norm == null ? x : OperationOracle.rmsNorm(x, norm, config.normEpsilon());
    }

    /** A norm of the stream, which is a layer norm where it has a bias. */
    private float[] normed(float[] x, float @Nullable [] norm, float @Nullable [] bias) {
        return norm == null || bias == null
                ? normed(x, norm)
                : OperationOracle.layerNorm(x, norm, bias, config.normEpsilon());
    }

    /** W x [+ b] (REQ-OPS-011, REQ-OPS-010). */
    private float[] multiply(Weights w, float[] x, float @Nullable [] bias) {
        if (w instanceof Weights.Real(var real)) {
            float[] row = new float[x.length];
            float[] y = new float[real.rows()];
            for (int i = 0; i < y.length; i++) {
                real.read(i, row);
                y[i] = OperationOracle.dot(row, x);
            }
            return bias == null ? y : OperationOracle.plus(y, bias);
        }
        PackedMatrix matrix = matrix(w);
        Oracle.Token token = Oracle.quantize(matrix.rotated() ? Oracle.rotated(x) : x);
        int[][] rows = integers(matrix);
        float[] y = new float[rows.length];
        for (int row = 0; row < y.length; row++) {
            y[row] = Oracle.output(Oracle.sum(rows[row], token.codes()), matrix.scale(row), token.scale());
        }
        return bias == null ? y : OperationOracle.plus(y, bias);
    }

    private int[][] integers(PackedMatrix matrix) {
        return integers.computeIfAbsent(matrix, m -> {
            int[][] rows = new int[m.rows()][];
            for (int row = 0; row < rows.length; row++) {
                rows[row] = Oracle.weights(m, row);
            }
            return rows;
        });
    }

    private static PackedMatrix matrix(Weights weights) {
        if (weights instanceof Weights.Quantized(PackedMatrix matrix)) {
            return matrix;
        }
        throw new IllegalArgumentException("the oracle computes with quantised matrices alone");
    }
}
