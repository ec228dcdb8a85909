package org.threehalf.backends.spi.decoder;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.decoder.LayerWeights.AttentionWeights;
import org.threehalf.backends.spi.decoder.LayerWeights.FeedForwardWeights;
import org.threehalf.kernels.product.WorkerPool;
import org.threehalf.kernels.transformer.Attention;
import org.threehalf.kernels.transformer.ElementwiseOperations;
import org.threehalf.kernels.transformer.RotaryAngles;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * The decoder of section 5 of {@code spec/INFERENCE.md}: products with quantised matrices on a backend, all else on the host.
 *
 * <p>Work between products is spread over the backend's own threads; their number changes no bit. Tokens of one call go through the layers together, so that a matrix is read
 * once for all of them. The vectors between operations are kept from call to call.
 */
public final class HostDecoder implements Decoder {
    /** Tokens that go through the layers together; bounds the memory for activations. */
    private static final int CHUNK = 128;

    private final DecoderWeights weights;
    private final DecoderConfig config;
    private final TransformerOperations operations;
    private final WorkerPool pool;
    private final int capacity;
    private final Arena arena = Arena.ofShared();
    private final List<Layer> layers = new ArrayList<>();
    private final MatrixProduct output;
    private Activations activations;
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

    /** The vectors of some tokens between operations, a row a token. */
    private record Activations(
            float[][] stream, float[][] normed, float[][] query, float[][] key, float[][] value, float[][] attended, float[][] gate, float[][] up, float[][] branch) {

        static Activations of(DecoderConfig c, int tokens) {
            return new Activations(
                    new float[tokens][c.width()],
                    new float[tokens][c.width()],
                    new float[tokens][c.queryWidth()],
                    new float[tokens][c.keyValueWidth()],
                    new float[tokens][c.keyValueWidth()],
                    new float[tokens][c.queryWidth()],
                    new float[tokens][c.hidden()],
                    new float[tokens][c.hidden()],
                    new float[tokens][c.width()]);
        }

        int tokens() {
            return stream.length;
        }
    }

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
        this.pool = backend.workers();
        this.capacity = capacity;
        this.activations = Activations.of(config, 1);
        try {
            for (LayerWeights layer : weights.layers()) {
                layers.add(load(backend, layer));
            }
            output = MatrixProduct.of(backend, weights.output(), operations, pool);
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
                MatrixProduct.of(backend, a.query(), operations, pool),
                MatrixProduct.of(backend, a.key(), operations, pool),
                MatrixProduct.of(backend, a.value(), operations, pool),
                MatrixProduct.of(backend, a.output(), operations, pool),
                MatrixProduct.of(backend, f.gate(), operations, pool),
                MatrixProduct.of(backend, f.up(), operations, pool),
                MatrixProduct.of(backend, f.down(), operations, pool),
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
            Activations x = activations(to - from);
            embed(tokens, from, x.stream());
            Angles angles = new Angles(position + from, to - from);
            fed = position + from;
            layers(x, position + from, angles);
            fed = position + to;
            int firstWanted = Math.max(from, tokens.length - logits.length);
            if (firstWanted < to) {
                int first = firstWanted - (tokens.length - logits.length);
                logits(x, firstWanted - from, to - from, Arrays.copyOfRange(logits, first, first + to - firstWanted));
            }
        }
    }

    private Activations activations(int tokens) {
        if (activations.tokens() != tokens) {
            activations = Activations.of(config, tokens);
        }
        return activations;
    }

    /**
     * Takes streams through the layers, each x in place, for those who calibrate a quantiser a layer at a time. Positions before {@code position} must have been fed, as in {@link #forward}.
     *
     * @param streams x of each token before the first layer, width numbers each; afterwards x after the last layer
     * @param position where the first token stands
     * @throws IllegalArgumentException if a position was not fed or is past the capacity, or a stream has another width
     */
    public void transform(float[][] streams, int position) {
        Decoder.requireFeed(new int[streams.length], position, 0, fed, capacity, config.vocabulary());
        for (float[] stream : streams) {
            if (stream.length != config.width()) {
                throw new IllegalArgumentException("a stream of %,d numbers in a model of width %,d".formatted(stream.length, config.width()));
            }
        }
        for (int from = 0; from < streams.length; from += CHUNK) {
            int to = Math.min(from + CHUNK, streams.length);
            fed = position + from;
            Activations x = activations(to - from);
            for (int t = from; t < to; t++) {
                System.arraycopy(streams[t], 0, x.stream()[t - from], 0, config.width());
            }
            layers(x, position + from, new Angles(position + from, to - from));
            for (int t = from; t < to; t++) {
                System.arraycopy(x.stream()[t - from], 0, streams[t], 0, config.width());
            }
            fed = position + to;
        }
    }

    private void layers(Activations x, int position, Angles angles) {
        for (Layer layer : layers) {
            attention(layer, x, position, angles);
            feedForward(layer, x);
        }
    }

    /** REQ-DEC-001. */
    private void embed(int[] tokens, int from, float[][] stream) {
        pool.forEach(stream.length, t -> {
            weights.embedding().read(tokens[from + t], stream[t]);
            if (config.embeddingScale() != 1) {
                ElementwiseOperations.scale(stream[t], config.embeddingScale());
            }
        });
    }

    /** The first half of a layer: x = x + W_o · attention(norm(x)) (REQ-DEC-002). */
    private void attention(Layer layer, Activations x, int position, Angles angles) {
        AttentionWeights w = layer.weights().attention();
        MatrixProduct.Inputs normed = normed(x.stream(), w.norm(), x.normed());
        layer.query().multiply(normed, x.query());
        layer.key().multiply(normed, x.key());
        layer.value().multiply(normed, x.value());
        Angles.Table table = angles.of(w.frequencies());
        pool.forEach(x.tokens(), t -> {
            float[] query = x.query()[t];
            float[] key = x.key()[t];
            float[] value = x.value()[t];
            addBias(query, w.queryBias());
            addBias(key, w.keyBias());
            addBias(value, w.valueBias());
            for (int h = 0; h < config.heads(); h++) {
                normAndRotate(query, h, w.queryNorm(), table, t);
            }
            for (int h = 0; h < config.keyValueHeads(); h++) {
                normAndRotate(key, h, w.keyNorm(), table, t);
                store(key, h, layer.keys(), position + t);
                store(value, h, layer.values(), position + t);
            }
        });
        // Heads that share keys and values go together, but for some of them where there would be too few tasks.
        int parts = parts(x.tokens());
        int perToken = config.keyValueHeads() * parts;
        pool.forEach(x.tokens() * perToken, i -> {
            int t = i / perToken;
            int shared = config.heads() / config.keyValueHeads();
            int head = i % perToken / parts * shared;
            int from = head + shared * (i % parts) / parts;
            int to = head + shared * (i % parts + 1) / parts;
            attend(layer, x.query()[t], from, to, position + t, x.attended()[t]);
        });
        addBranch(layer.attentionOutput(), x.attended(), w.outputBias(), w.postNorm(), x);
    }

    /** Into how many parts the query heads of a key and value head are divided, so that every worker has one. */
    private int parts(int tokens) {
        int groups = tokens * config.keyValueHeads();
        return Math.min(config.heads() / config.keyValueHeads(), (pool.workers() + groups - 1) / groups);
    }

    /** Query heads from … to − 1, which share keys and values. */
    private void attend(Layer layer, float[] query, int from, int to, int position, float[] output) {
        int n = config.headSize();
        long headBytes = (long) capacity * n * Float.BYTES;
        long cache = Attention.keyValueHead(from, config.heads(), config.keyValueHeads()) * headBytes;
        operations.attend(
                query,
                from * n,
                to - from,
                layer.keys().asSlice(cache, headBytes),
                layer.values().asSlice(cache, headBytes),
                n,
                Attention.firstSeen(position, layer.weights().attention().window()),
                position,
                config.attentionScale(),
                config.attentionCap(),
                output,
                from * n);
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
    private void feedForward(Layer layer, Activations x) {
        FeedForwardWeights w = layer.weights().feedForward();
        MatrixProduct.Inputs normed = normed(x.stream(), w.norm(), x.normed());
        layer.gate().multiply(normed, x.gate());
        layer.up().multiply(normed, x.up());
        pool.forEach(x.tokens(), t -> operations.gate(config.activation(), x.gate()[t], x.up()[t]));
        addBranch(layer.down(), x.gate(), null, w.postNorm(), x);
    }

    /** x = x + [norm](W · y [+ b]). */
    private void addBranch(MatrixProduct product, float[][] y, float @Nullable [] bias, float @Nullable [] postNorm, Activations x) {
        product.multiply(new MatrixProduct.Inputs(y), x.branch());
        pool.forEach(x.tokens(), t -> {
            float[] branch = x.branch()[t];
            addBias(branch, bias);
            if (postNorm != null) {
                operations.rmsNorm(branch, 0, postNorm, config.normEpsilon(), branch, 0);
            }
            operations.add(x.stream()[t], branch);
        });
    }

    /** REQ-DEC-003, of the tokens from … to − 1. */
    private void logits(Activations x, int from, int to, float[][] logits) {
        output.multiply(normed(Arrays.copyOfRange(x.stream(), from, to), weights.outputNorm(), Arrays.copyOfRange(x.normed(), from, to)), logits);
        if (config.logitCap() > 0) {
            pool.forEach(logits.length, t -> operations.softCap(logits[t], config.logitCap()));
        }
    }

    private MatrixProduct.Inputs normed(float[][] stream, float[] norm, float[][] normed) {
        pool.forEach(stream.length, t -> operations.rmsNorm(stream[t], 0, norm, config.normEpsilon(), normed[t], 0));
        return new MatrixProduct.Inputs(normed);
    }

    private void addBias(float[] y, float @Nullable [] bias) {
        if (bias != null) {
            operations.add(y, bias);
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
