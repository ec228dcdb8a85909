package org.threehalf.backends.spi.decoder;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.decoder.LayerWeights.AttentionWeights;
import org.threehalf.backends.spi.decoder.LayerWeights.FeedForwardWeights;
import org.threehalf.kernels.transformer.Attention;
import org.threehalf.kernels.transformer.ElementwiseOperations;
import org.threehalf.kernels.transformer.RotaryAngles;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * The decoder of section 5 of {@code spec/INFERENCE.md}: products with quantised matrices on a backend, all else on the host.
 *
 * <p>Work is spread over the threads of the fork-join pool that the caller runs in; their number changes no bit. Tokens of one call go through the layers
 * together, so that a matrix is read once for all of them.
 */
public final class HostDecoder implements Decoder {
    /** Tokens that go through the layers together; bounds the memory for activations. */
    private static final int CHUNK = 64;

    private final DecoderWeights weights;
    private final DecoderConfig config;
    private final TransformerOperations operations;
    private final int capacity;
    private final Arena arena = Arena.ofShared();
    private final List<Layer> layers = new ArrayList<>();
    private final MatrixProduct output;
    private int fed;

    /** A layer with its matrices loaded and its cache: for each key and value head, {@code capacity} positions of n binary32. */
    private record Layer(
            LayerWeights weights,
            MatrixProduct query,
            MatrixProduct key,
            MatrixProduct value,
            MatrixProduct attentionOutput,
            MatrixProduct gate,
            MatrixProduct up,
            MatrixProduct down,
            MemorySegment keys,
            MemorySegment values) {}

    /**
     * Loads a model.
     *
     * @param backend computes the products with quantised matrices; stays the caller's
     * @param weights the model
     * @param operations everything else
     * @param capacity positions of the cache, 1 … 2²⁰
     * @throws IllegalArgumentException if the capacity is outside its range
     * @throws IllegalStateException if the device has no room
     */
    public HostDecoder(Backend backend, DecoderWeights weights, TransformerOperations operations, int capacity) {
        if (capacity < 1 || capacity > RotaryAngles.POSITIONS) {
            throw new IllegalArgumentException("a context of %,d positions: it must be 1 to %,d".formatted(capacity, RotaryAngles.POSITIONS));
        }
        this.weights = weights;
        this.config = weights.config();
        this.operations = operations;
        this.capacity = capacity;
        try {
            for (LayerWeights layer : weights.layers()) {
                layers.add(load(backend, layer));
            }
            output = MatrixProduct.of(backend, weights.output(), operations);
        } catch (RuntimeException | Error e) {
            layers.forEach(HostDecoder::unload);
            arena.close();
            throw e;
        }
    }

    private Layer load(Backend backend, LayerWeights layer) {
        AttentionWeights a = layer.attention();
        FeedForwardWeights f = layer.feedForward();
        long cacheBytes = (long) config.keyValueWidth() * capacity * Float.BYTES;
        return new Layer(
                layer,
                MatrixProduct.of(backend, a.query(), operations),
                MatrixProduct.of(backend, a.key(), operations),
                MatrixProduct.of(backend, a.value(), operations),
                MatrixProduct.of(backend, a.output(), operations),
                MatrixProduct.of(backend, f.gate(), operations),
                MatrixProduct.of(backend, f.up(), operations),
                MatrixProduct.of(backend, f.down(), operations),
                arena.allocate(cacheBytes, 64),
                arena.allocate(cacheBytes, 64));
    }

    private static void unload(Layer layer) {
        for (MatrixProduct product :
                List.of(layer.query(), layer.key(), layer.value(), layer.attentionOutput(), layer.gate(), layer.up(), layer.down())) {
            product.close();
        }
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public void forward(int[] tokens, int position, float[][] logits) {
        Decoder.requireFeed(tokens, position, logits.length, fed, capacity, config.vocabulary());
        for (int from = 0; from < tokens.length; from += CHUNK) {
            int to = Math.min(from + CHUNK, tokens.length);
            float[][] stream = embed(Arrays.copyOfRange(tokens, from, to));
            Angles angles = new Angles(position + from, to - from);
            fed = position + from;
            for (Layer layer : layers) {
                attention(layer, stream, position + from, angles);
                feedForward(layer, stream);
            }
            fed = position + to;
            int firstWanted = Math.max(from, tokens.length - logits.length);
            if (firstWanted < to) {
                int first = firstWanted - (tokens.length - logits.length);
                logits(Arrays.copyOfRange(stream, firstWanted - from, to - from), Arrays.copyOfRange(logits, first, first + to - firstWanted));
            }
        }
    }

    /** REQ-DEC-001. */
    private float[][] embed(int[] tokens) {
        float[][] stream = new float[tokens.length][config.width()];
        each(tokens.length, t -> {
            weights.embedding().read(tokens[t], stream[t]);
            if (config.embeddingScale() != 1) {
                ElementwiseOperations.scale(stream[t], config.embeddingScale());
            }
        });
        return stream;
    }

    /** The first half of a layer: x = x + W_o · attention(norm(x)) (REQ-DEC-002). */
    private void attention(Layer layer, float[][] stream, int position, Angles angles) {
        AttentionWeights w = layer.weights().attention();
        int tokens = stream.length;
        float[][] query = new float[tokens][config.queryWidth()];
        float[][] key = new float[tokens][config.keyValueWidth()];
        float[][] value = new float[tokens][config.keyValueWidth()];
        MatrixProduct.Inputs normed = new MatrixProduct.Inputs(normed(stream, w.norm()));
        layer.query().multiply(normed, query);
        layer.key().multiply(normed, key);
        layer.value().multiply(normed, value);
        each(tokens, t -> {
            addBias(query[t], w.queryBias());
            addBias(key[t], w.keyBias());
            addBias(value[t], w.valueBias());
            for (int h = 0; h < config.heads(); h++) {
                normAndRotate(query[t], h, w.queryNorm(), angles.of(w.frequencies()), t);
            }
            for (int h = 0; h < config.keyValueHeads(); h++) {
                normAndRotate(key[t], h, w.keyNorm(), angles.of(w.frequencies()), t);
                store(key[t], h, layer.keys(), position + t);
                store(value[t], h, layer.values(), position + t);
            }
        });
        float[][] attended = new float[tokens][config.queryWidth()];
        each(tokens * config.heads(), i -> {
            int t = i / config.heads();
            int h = i % config.heads();
            attend(layer, query[t], h, position + t, attended[t]);
        });
        addBranch(layer.attentionOutput(), attended, w.outputBias(), w.postNorm(), stream);
    }

    private void attend(Layer layer, float[] query, int head, int position, float[] output) {
        int n = config.headSize();
        long headBytes = (long) capacity * n * Float.BYTES;
        long from = Attention.keyValueHead(head, config.heads(), config.keyValueHeads()) * headBytes;
        operations.attend(
                query,
                head * n,
                layer.keys().asSlice(from, headBytes),
                layer.values().asSlice(from, headBytes),
                n,
                Attention.firstSeen(position, layer.weights().attention().window()),
                position,
                config.attentionScale(),
                config.attentionCap(),
                output,
                head * n);
    }

    private void normAndRotate(float[] x, int head, float @Nullable [] norm, Angles.Table table, int t) {
        int from = head * config.headSize();
        if (norm != null) {
            operations.rmsNorm(x, from, norm, config.normEpsilon(), x, from);
        }
        operations.rotate(config.rotation(), x, from, table.cosines, table.sines, t * table.pairs, table.pairs);
    }

    private void store(float[] x, int head, MemorySegment cache, int position) {
        int n = config.headSize();
        MemorySegment.copy(x, head * n, cache, ValueLayout.JAVA_FLOAT, ((long) head * capacity + position) * n * Float.BYTES, n);
    }

    /** The second half of a layer: x = x + W_down · gated(norm(x)) (REQ-DEC-002). */
    private void feedForward(Layer layer, float[][] stream) {
        FeedForwardWeights w = layer.weights().feedForward();
        float[][] gate = new float[stream.length][config.hidden()];
        float[][] up = new float[stream.length][config.hidden()];
        MatrixProduct.Inputs normed = new MatrixProduct.Inputs(normed(stream, w.norm()));
        layer.gate().multiply(normed, gate);
        layer.up().multiply(normed, up);
        each(stream.length, t -> operations.gate(config.activation(), gate[t], up[t]));
        addBranch(layer.down(), gate, null, w.postNorm(), stream);
    }

    /** x = x + [norm](W · y [+ b]). */
    private void addBranch(MatrixProduct product, float[][] y, float @Nullable [] bias, float @Nullable [] postNorm, float[][] stream) {
        float[][] branch = new float[stream.length][config.width()];
        product.multiply(new MatrixProduct.Inputs(y), branch);
        each(stream.length, t -> {
            addBias(branch[t], bias);
            if (postNorm != null) {
                operations.rmsNorm(branch[t], 0, postNorm, config.normEpsilon(), branch[t], 0);
            }
            operations.add(stream[t], branch[t]);
        });
    }

    /** REQ-DEC-003. */
    private void logits(float[][] stream, float[][] logits) {
        output.multiply(new MatrixProduct.Inputs(normed(stream, weights.outputNorm())), logits);
        if (config.logitCap() > 0) {
            each(logits.length, t -> operations.softCap(logits[t], config.logitCap()));
        }
    }

    private float[][] normed(float[][] stream, float[] norm) {
        float[][] normed = new float[stream.length][stream[0].length];
        each(stream.length, t -> operations.rmsNorm(stream[t], 0, norm, config.normEpsilon(), normed[t], 0));
        return normed;
    }

    private void addBias(float[] y, float @Nullable [] bias) {
        if (bias != null) {
            operations.add(y, bias);
        }
    }

    private static void each(int n, java.util.function.IntConsumer action) {
        if (n == 1) {
            action.accept(0);
        } else {
            IntStream.range(0, n).parallel().forEach(action);
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            layers.forEach(HostDecoder::unload);
            output.close();
            arena.close();
        }
    }

    /** Cosines and sines of some positions, made once for each set of frequencies in use. */
    private final class Angles {

        /** The tables of one set of frequencies: {@code pairs} numbers a position. */
        private static final class Table {
            private final float[] frequencies;
            private final int pairs;
            private final float[] cosines;
            private final float[] sines;

            private Table(float[] frequencies, int position, int count) {
                this.frequencies = frequencies;
                pairs = frequencies.length;
                cosines = new float[pairs * count];
                sines = new float[pairs * count];
                for (int t = 0; t < count; t++) {
                    RotaryAngles.cosinesAndSines(frequencies, position + t, cosines, sines, t * pairs);
                }
            }
        }

        private final List<Table> tables = new ArrayList<>();

        private Angles(int position, int count) {
            for (Layer layer : layers) {
                float[] frequencies = layer.weights().attention().frequencies();
                if (tables.stream().noneMatch(t -> t.frequencies == frequencies)) {
                    tables.add(new Table(frequencies, position, count));
                }
            }
        }

        private Table of(float[] frequencies) {
            return tables.stream().filter(t -> t.frequencies == frequencies).findFirst().orElseThrow();
        }
    }
}
