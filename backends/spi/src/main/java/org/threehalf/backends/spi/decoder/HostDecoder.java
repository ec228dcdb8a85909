package org.threehalf.backends.spi.decoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.product.Products;
import org.threehalf.kernels.product.WorkerPool;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * The decoder of section 5 of {@code spec/INFERENCE.md}: products with quantised matrices on a device, all else on the
 * host.
 *
 * <p>What a layer does is its {@link LayerProgram}; this class has the texts' caches, and takes tokens through the
 * programs in groups. Work between products is spread over the pool's threads; their number changes no bit. Tokens of
 * one call go through the layers together, whichever slots they belong to, so that a matrix is read once for all of
 * them: each token's row of a product is a sum of its own (REQ-DOT-006) and attention reads the token's own slot, so
 * who else is in the call changes no bit (REQ-DEC-006). The vectors between operations are kept from call to call; a
 * slot's cache is allocated when it is first fed.
 */
public final class HostDecoder implements Decoder, BatchDecoder {
    /** Tokens that go through the layers together; bounds the memory for activations. */
    private static final int CHUNK = 128;

    private final DecoderWeights weights;
    private final DecoderConfig config;
    private final WorkerPool pool;
    private final int capacity;
    private final @Nullable KeyValueCache[] caches;
    private final List<HostProgram> layers = new ArrayList<>();
    private final HostProgram head;
    private final Buffer stream;
    private final Buffer logits;
    private final Set<Buffer> buffers = new HashSet<>();
    private HostBuffers activations;
    private boolean closed;

    /**
     * Loads a model.
     *
     * @param device computes the products with quantised matrices; stays the caller's
     * @param operations everything else
     * @param pool the threads for everything else; stays the caller's
     * @param weights the model
     * @param capacity positions of each cache, 1 … 2²⁰
     * @param slots how many caches, at least one
     * @throws IllegalArgumentException if the capacity or the number of slots is outside its range
     * @throws IllegalStateException if the device has no room
     */
    public HostDecoder(
            Products device,
            TransformerOperations operations,
            WorkerPool pool,
            DecoderWeights weights,
            int capacity,
            int slots) {
        if (slots < 1) {
            throw new IllegalArgumentException("%,d slots: there must be at least one".formatted(slots));
        }
        Decoder.requireCapacity(capacity);
        this.weights = weights.within(capacity);
        this.config = weights.config();
        this.pool = pool;
        this.capacity = capacity;
        this.caches = new KeyValueCache[slots];
        this.stream = Buffer.stream(config);
        this.logits = Buffer.logits(config);
        try {
            for (LayerWeights layer : this.weights.layers()) {
                LayerProgram program = LayerProgram.of(config, layer);
                buffers.addAll(program.buffers());
                layers.add(new HostProgram(device, operations, pool, program, layer, layers.size(), layer.rotary()));
            }
            if (slots == 1) {
                // Whoever asks for one hears now that there is no memory for its beginning.
                cache(0);
            }
            LayerProgram last = LayerProgram.logits(this.weights);
            buffers.addAll(last.buffers());
            // The logits lie where the caller wants them.
            buffers.remove(logits);
            head = new HostProgram(device, operations, pool, last, weights);
        } catch (RuntimeException | Error e) {
            layers.forEach(HostProgram::close);
            closeCaches();
            throw e;
        }
        this.activations = HostBuffers.of(buffers, 1);
    }

    private KeyValueCache cache(int slot) {
        KeyValueCache cache = caches[slot];
        if (cache == null) {
            cache = new KeyValueCache(config, weights.layers().size(), capacity);
            caches[slot] = cache;
        }
        return cache;
    }

    private void closeCaches() {
        for (int slot = 0; slot < caches.length; slot++) {
            release(slot);
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
        KeyValueCache cache = caches[slot];
        return cache == null ? 0 : cache.fed();
    }

    @Override
    public void forward(int[] tokens, int position, float[][] logitsOf) {
        forward(List.of(new Feed(0, tokens, position, logitsOf)));
    }

    @Override
    public void forward(List<Feed> feeds) {
        BatchDecoder.requireFeeds(this, feeds, config.vocabulary());
        int total = feeds.stream().mapToInt(feed -> feed.tokens().length).sum();
        KeyValueCache[] rowCaches = new KeyValueCache[total];
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
            int first = from;
            int to = Math.min(from + CHUNK, total);
            HostBuffers x = activations(to - from);
            pool.forEach(x.tokens(), t -> weights.embed(tokens[first + t], x.rows(stream)[t]));
            layers(x, Arrays.copyOfRange(rowCaches, from, to), Arrays.copyOfRange(positions, from, to));
            logits(x, Arrays.copyOfRange(wanted, from, to));
        }
    }

    @Override
    public void copy(int from, int to, int positions) {
        if (positions < 0 || positions > fed(from)) {
            throw new IllegalArgumentException(
                    "%,d positions of slot %d: %,d were fed".formatted(positions, from, fed(from)));
        }
        if (from == to || positions == 0) {
            cache(to).setFed(positions);
            return;
        }
        KeyValueCache source = cache(from);
        KeyValueCache target = cache(to);
        target.setFed(0);
        target.reserve(positions);
        pool.forEach(layers.size(), layer -> target.copy(source, layer, positions));
        target.setFed(positions);
    }

    @Override
    public void release(int slot) {
        KeyValueCache cache = caches[slot];
        if (cache != null) {
            caches[slot] = null;
            cache.close();
        }
    }

    private HostBuffers activations(int tokens) {
        if (activations.tokens() < tokens) {
            activations = HostBuffers.of(buffers, tokens);
        }
        return activations.first(tokens);
    }

    /**
     * Takes streams through the layers, each x in place, for those who calibrate a quantiser a layer at a time.
     * Positions before {@code position} must have been fed, as in {@link #forward(int[], int, float[][])}; the slot is
     * 0.
     *
     * @param streams x of each token before the first layer, dim numbers each; afterwards x after the last layer
     * @param position where the first token stands
     * @throws IllegalArgumentException if a position was not fed or is past the capacity, or a stream has another width
     */
    public void transform(float[][] streams, int position) {
        Decoder.requireFeed(new int[streams.length], position, 0, fed(0), capacity, config.vocabulary());
        for (float[] given : streams) {
            if (given.length != config.dim()) {
                throw new IllegalArgumentException(
                        "a stream of %,d numbers in a model of width %,d".formatted(given.length, config.dim()));
            }
        }
        for (int from = 0; from < streams.length; from += CHUNK) {
            int to = Math.min(from + CHUNK, streams.length);
            int first = position + from;
            KeyValueCache[] slot = new KeyValueCache[to - from];
            Arrays.fill(slot, cache(0));
            // The callers' own arrays are the buffer.
            HostBuffers x = activations(to - from).with(stream, Arrays.copyOfRange(streams, from, to));
            layers(x, slot, IntStream.range(first, first + to - from).toArray());
        }
    }

    private void layers(HostBuffers x, KeyValueCache[] slots, int[] positions) {
        for (int t = 0; t < slots.length; t++) {
            slots[t].reserve(positions[t] + 1);
        }
        HostRows rows = new HostRows(slots, positions, new RotaryTables(weights.layers(), positions));
        rows.begin();
        layers.forEach(layer -> layer.run(x, rows));
        rows.end();
    }

    /**
     * REQ-DEC-003.
     *
     * @param wanted where each token's logits go, null for tokens whose logits nobody wants
     */
    private void logits(HostBuffers x, @Nullable float[][] wanted) {
        int[] rows =
                IntStream.range(0, wanted.length).filter(t -> wanted[t] != null).toArray();
        if (rows.length > 0) {
            head.run(x.gathered(rows)
                    .with(logits, Arrays.stream(rows).mapToObj(t -> wanted[t]).toArray(float[][]::new)));
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            layers.forEach(HostProgram::close);
            head.close();
            closeCaches();
        }
    }
}
