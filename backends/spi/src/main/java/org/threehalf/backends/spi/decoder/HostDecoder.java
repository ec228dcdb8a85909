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
import org.threehalf.kernels.product.WorkerPool;
import org.threehalf.kernels.transformer.Attention;
import org.threehalf.kernels.transformer.ElementwiseOperations;
import org.threehalf.kernels.transformer.RotaryAngles;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * The decoder of section 5 of {@code spec/INFERENCE.md}: products with quantised matrices on a backend, all else on the host.
 *
 * <p>Work between products is spread over the backend's own threads; their number changes no bit. Tokens of one call go through the layers together, whichever slots they belong to, so
 * that a matrix is read once for all of them: each token's row of a product is a sum of its own (REQ-DOT-006) and attention reads the token's own slot, so who else is in the call changes
 * no bit (REQ-DEC-006). The vectors between operations are kept from call to call; a slot's cache is allocated when it is first fed.
 */
public final class HostDecoder implements Decoder, BatchDecoder {
    /** Tokens that go through the layers together; bounds the memory for activations. */
    private static final int CHUNK = 128;

    private final DecoderWeights weights;
    private final DecoderConfig config;
    private final TransformerOperations operations;
    private final WorkerPool pool;
    private final int capacity;
    private final @Nullable Cache[] caches;
    private final List<Layer> layers = new ArrayList<>();
    private final MatrixProduct output;
    private Activations activations;
    private boolean closed;

    /** A layer with its matrices loaded. */
    private record Layer(
            int number,
            LayerWeights weights,
            MatrixProduct query,
            MatrixProduct key,
            MatrixProduct value,
            MatrixProduct attentionOutput,
            MatrixProduct gate,
            MatrixProduct up,
            MatrixProduct down) {}

    /** A slot's keys and values: of each layer, for each key and value head, {@code capacity} positions of n binary32. */
    private static final class Cache implements AutoCloseable {
        private final Arena arena = Arena.ofShared();
        private final MemorySegment[] keys;
        private final MemorySegment[] values;
        /** Positions that were fed. */
        private int fed;

        private Cache(int layers, long bytes) {
            keys = new MemorySegment[layers];
            values = new MemorySegment[layers];
            try {
                for (int i = 0; i < layers; i++) {
                    keys[i] = arena.allocate(bytes, 64);
                    values[i] = arena.allocate(bytes, 64);
                }
            } catch (OutOfMemoryError full) {
                arena.close();
                throw new IllegalStateException("no memory for a cache of keys and values of %,d bytes: ask for a shorter context or fewer slots".formatted(2 * layers * bytes), full);
            }
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    /**
     * Tokens that go through the layers together: of each its slot's cache and its position.
     *
     * @param caches a row's cache; rows of one slot follow each other, at ascending positions
     * @param positions a row's position
     */
    private record Rows(Cache[] caches, int[] positions) {
        private int count() {
            return positions.length;
        }

        /** What was fed of each slot ends where these rows begin. */
        private void begin() {
            for (int t = count() - 1; t >= 0; t--) {
                caches[t].fed = positions[t];
            }
        }

        /** These rows were fed. */
        private void end() {
            for (int t = 0; t < count(); t++) {
                caches[t].fed = positions[t] + 1;
            }
        }
    }

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

        /** The first rows of these; the numbers are the same. */
        Activations first(int tokens) {
            return tokens == tokens()
                    ? this
                    : new Activations(
                            Arrays.copyOf(stream, tokens),
                            Arrays.copyOf(normed, tokens),
                            Arrays.copyOf(query, tokens),
                            Arrays.copyOf(key, tokens),
                            Arrays.copyOf(value, tokens),
                            Arrays.copyOf(attended, tokens),
                            Arrays.copyOf(gate, tokens),
                            Arrays.copyOf(up, tokens),
                            Arrays.copyOf(branch, tokens));
        }
    }

    /**
     * Loads a model with one cache.
     *
     * @param backend computes the products with quantised matrices; stays the caller's
     * @param weights the model
     * @param operations everything else
     * @param capacity positions of the cache, 1 … 2²⁰
     * @throws IllegalArgumentException if the capacity is outside its range
     * @throws IllegalStateException if the device has no room
     */
    public HostDecoder(Backend backend, DecoderWeights weights, TransformerOperations operations, int capacity) {
        this(backend, weights, operations, capacity, 1);
    }

    /**
     * Loads a model with several caches.
     *
     * @param backend computes the products with quantised matrices; stays the caller's
     * @param weights the model
     * @param operations everything else
     * @param capacity positions of each cache, 1 … 2²⁰
     * @param slots how many caches, at least one
     * @throws IllegalArgumentException if the capacity or the number of slots is outside its range
     * @throws IllegalStateException if the device has no room
     */
    public HostDecoder(Backend backend, DecoderWeights weights, TransformerOperations operations, int capacity, int slots) {
        if (slots < 1) {
            throw new IllegalArgumentException("%,d slots: there must be at least one".formatted(slots));
        }
        if (capacity < 1 || capacity > RotaryAngles.POSITIONS) {
            throw new IllegalArgumentException("a context of %,d positions: it must be 1 to %,d".formatted(capacity, RotaryAngles.POSITIONS));
        }
        this.weights = weights;
        this.config = weights.config();
        this.operations = operations;
        this.pool = backend.workers();
        this.capacity = capacity;
        this.caches = new Cache[slots];
        this.activations = Activations.of(config, 1);
        try {
            for (LayerWeights layer : weights.layers()) {
                layers.add(load(backend, layer));
            }
            if (slots == 1) {
                // Whoever asks for one hears now that there is no memory for it.
                cache(0);
            }
            output = MatrixProduct.of(backend, weights.output(), operations, pool);
        } catch (RuntimeException | Error e) {
            layers.forEach(HostDecoder::unload);
            closeCaches();
            throw e;
        }
    }

    private Cache cache(int slot) {
        Cache cache = caches[slot];
        if (cache == null) {
            cache = new Cache(weights.layers().size(), (long) config.keyValueWidth() * capacity * Float.BYTES);
            caches[slot] = cache;
        }
        return cache;
    }

    private void closeCaches() {
        for (int slot = 0; slot < caches.length; slot++) {
            release(slot);
        }
    }

    private Layer load(Backend backend, LayerWeights layer) {
        AttentionWeights a = layer.attention();
        FeedForwardWeights f = layer.feedForward();
        return new Layer(
                layers.size(),
                layer,
                MatrixProduct.of(backend, a.query(), operations, pool),
                MatrixProduct.of(backend, a.key(), operations, pool),
                MatrixProduct.of(backend, a.value(), operations, pool),
                MatrixProduct.of(backend, a.output(), operations, pool),
                MatrixProduct.of(backend, f.gate(), operations, pool),
                MatrixProduct.of(backend, f.up(), operations, pool),
                MatrixProduct.of(backend, f.down(), operations, pool));
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
    public int slots() {
        return caches.length;
    }

    @Override
    public int fed(int slot) {
        Cache cache = caches[slot];
        return cache == null ? 0 : cache.fed;
    }

    @Override
    public void forward(int[] tokens, int position, float[][] logits) {
        forward(List.of(new Feed(0, tokens, position, logits)));
    }

    @Override
    public void forward(List<Feed> feeds) {
        BatchDecoder.requireFeeds(this, feeds, config.vocabulary());
        int total = feeds.stream().mapToInt(feed -> feed.tokens().length).sum();
        Cache[] rowCaches = new Cache[total];
        int[] positions = new int[total];
        int[] tokens = new int[total];
        float[][] wanted = new float[total][];
        int row = 0;
        for (Feed feed : feeds) {
            int count = feed.tokens().length;
            System.arraycopy(feed.tokens(), 0, tokens, row, count);
            System.arraycopy(feed.logits(), 0, wanted, row + count - feed.logits().length, feed.logits().length);
            Arrays.fill(rowCaches, row, row + count, cache(feed.slot()));
            for (int t = 0; t < count; t++) {
                positions[row + t] = feed.position() + t;
            }
            row += count;
        }
        for (int from = 0; from < total; from += CHUNK) {
            int to = Math.min(from + CHUNK, total);
            Rows rows = new Rows(Arrays.copyOfRange(rowCaches, from, to), Arrays.copyOfRange(positions, from, to));
            Activations x = activations(rows.count());
            embed(tokens, from, x.stream());
            layers(x, rows);
            logits(x, Arrays.copyOfRange(wanted, from, to));
        }
    }

    @Override
    public void copy(int from, int to, int positions) {
        if (positions < 0 || positions > fed(from)) {
            throw new IllegalArgumentException("%,d positions of slot %d: %,d were fed".formatted(positions, from, fed(from)));
        }
        if (from == to || positions == 0) {
            cache(to).fed = positions;
            return;
        }
        Cache source = cache(from);
        Cache target = cache(to);
        long headBytes = (long) capacity * config.headSize() * Float.BYTES;
        long bytes = (long) positions * config.headSize() * Float.BYTES;
        target.fed = 0;
        pool.forEach(layers.size(), layer -> {
            for (int head = 0; head < config.keyValueHeads(); head++) {
                MemorySegment.copy(source.keys[layer], head * headBytes, target.keys[layer], head * headBytes, bytes);
                MemorySegment.copy(source.values[layer], head * headBytes, target.values[layer], head * headBytes, bytes);
            }
        });
        target.fed = positions;
    }

    @Override
    public void release(int slot) {
        Cache cache = caches[slot];
        if (cache != null) {
            caches[slot] = null;
            cache.close();
        }
    }

    private Activations activations(int tokens) {
        if (activations.tokens() < tokens) {
            activations = Activations.of(config, tokens);
        }
        return activations.first(tokens);
    }

    /**
     * Takes streams through the layers, each x in place, for those who calibrate a quantiser a layer at a time. Positions before {@code position} must have been fed, as in
     * {@link #forward(int[], int, float[][])}; the slot is 0.
     *
     * @param streams x of each token before the first layer, width numbers each; afterwards x after the last layer
     * @param position where the first token stands
     * @throws IllegalArgumentException if a position was not fed or is past the capacity, or a stream has another width
     */
    public void transform(float[][] streams, int position) {
        Decoder.requireFeed(new int[streams.length], position, 0, fed(0), capacity, config.vocabulary());
        for (float[] stream : streams) {
            if (stream.length != config.width()) {
                throw new IllegalArgumentException("a stream of %,d numbers in a model of width %,d".formatted(stream.length, config.width()));
            }
        }
        for (int from = 0; from < streams.length; from += CHUNK) {
            int to = Math.min(from + CHUNK, streams.length);
            int first = position + from;
            Cache[] slot = new Cache[to - from];
            Arrays.fill(slot, cache(0));
            Activations x = activations(to - from);
            for (int t = from; t < to; t++) {
                System.arraycopy(streams[t], 0, x.stream()[t - from], 0, config.width());
            }
            layers(x, new Rows(slot, IntStream.range(first, first + to - from).toArray()));
            for (int t = from; t < to; t++) {
                System.arraycopy(x.stream()[t - from], 0, streams[t], 0, config.width());
            }
        }
    }

    private void layers(Activations x, Rows rows) {
        Angles angles = new Angles(rows.positions());
        rows.begin();
        for (Layer layer : layers) {
            attention(layer, x, rows, angles);
            feedForward(layer, x);
        }
        rows.end();
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
    private void attention(Layer layer, Activations x, Rows rows, Angles angles) {
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
                store(key, h, rows.caches()[t].keys[layer.number()], rows.positions()[t]);
                store(value, h, rows.caches()[t].values[layer.number()], rows.positions()[t]);
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
            attend(layer, rows.caches()[t], x.query()[t], from, to, rows.positions()[t], x.attended()[t]);
        });
        addBranch(layer.attentionOutput(), x.attended(), w.outputBias(), w.postNorm(), x);
    }

    /** Into how many parts the query heads of a key and value head are divided, so that every worker has one. */
    private int parts(int tokens) {
        int groups = tokens * config.keyValueHeads();
        return Math.min(config.heads() / config.keyValueHeads(), (pool.workers() + groups - 1) / groups);
    }

    /** Query heads from … to − 1, which share keys and values. */
    private void attend(Layer layer, Cache slot, float[] query, int from, int to, int position, float[] output) {
        int n = config.headSize();
        long headBytes = (long) capacity * n * Float.BYTES;
        long cache = Attention.keyValueHead(from, config.heads(), config.keyValueHeads()) * headBytes;
        operations.attend(
                query,
                from * n,
                to - from,
                slot.keys[layer.number()].asSlice(cache, headBytes),
                slot.values[layer.number()].asSlice(cache, headBytes),
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

    /**
     * REQ-DEC-003.
     *
     * @param wanted where each token's logits go, null for tokens whose logits nobody wants
     */
    private void logits(Activations x, @Nullable float[][] wanted) {
        int[] rows = IntStream.range(0, wanted.length).filter(t -> wanted[t] != null).toArray();
        if (rows.length == 0) {
            return;
        }
        float[][] logits = gather(wanted, rows);
        output.multiply(normed(gather(x.stream(), rows), weights.outputNorm(), gather(x.normed(), rows)), logits);
        if (config.logitCap() > 0) {
            pool.forEach(logits.length, t -> operations.softCap(logits[t], config.logitCap()));
        }
    }

    private static float[][] gather(float[][] x, int[] rows) {
        return Arrays.stream(rows).mapToObj(t -> x[t]).toArray(float[][]::new);
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
        if (!closed) {
            closed = true;
            layers.forEach(HostDecoder::unload);
            output.close();
            closeCaches();
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

            private Table(float[] frequencies, int[] positions) {
                this.frequencies = frequencies;
                pairs = frequencies.length;
                cosines = new float[pairs * positions.length];
                sines = new float[pairs * positions.length];
                for (int t = 0; t < positions.length; t++) {
                    RotaryAngles.cosinesAndSines(frequencies, positions[t], cosines, sines, t * pairs);
                }
            }
        }

        private final List<Table> tables = new ArrayList<>();

        private Angles(int[] positions) {
            for (Layer layer : layers) {
                float[] frequencies = layer.weights().attention().frequencies();
                if (tables.stream().noneMatch(t -> t.frequencies == frequencies)) {
                    tables.add(new Table(frequencies, positions));
                }
            }
        }

        private Table of(float[] frequencies) {
            return tables.stream().filter(t -> t.frequencies == frequencies).findFirst().orElseThrow();
        }
    }
}
