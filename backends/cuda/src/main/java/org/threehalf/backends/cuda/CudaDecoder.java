package org.threehalf.backends.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.LayerWeights.AttentionWeights;
import org.threehalf.backends.spi.decoder.LayerWeights.FeedForwardWeights;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.kernels.transformer.RotaryAngles;

/**
 * The decoder of section 5 of {@code spec/INFERENCE.md}, all of it on the device.
 *
 * <p>Weights stay packed; norms, biases, tables of angles, the cache of keys and values and all activations live on the device, too. A single
 * token's way from its id to its logits is recorded once as a graph, and each token after starts it with one call: the token's id and position
 * are read from the device's memory. Several tokens go through the layers together, without a graph.
 */
final class CudaDecoder implements Decoder {
    /** Tokens that go through the layers together; bounds the memory for activations. */
    private static final int CHUNK = 64;
    /** What the scores of a chunk may take; with a long context fewer tokens go together. */
    private static final long SCORE_BYTES = 256L << 20;

    /** The state on the device, int32: the position of the first token (so this is a pointer to it), the least refused index or −1, the tokens' ids. */
    private static final long REFUSED = Integer.BYTES;
    private static final long IDS = 2L * Integer.BYTES;

    private final CudaDevice device;
    private final KernelLaunches launches;
    private final DecoderConfig config;
    private final int capacity;
    private final int chunk;

    /** Everything that is to be freed, in the order of its making. */
    private final List<AutoCloseable> owned = new ArrayList<>();

    private final DeviceWeights embedding;
    private final List<Layer> layers = new ArrayList<>();
    private final DeviceMemory outputNorm;
    private final DeviceWeights output;

    private final DeviceMemory state;
    private final DeviceMemory stream;
    private final DeviceMemory normed;
    private final DeviceMemory query;
    private final DeviceMemory key;
    private final DeviceMemory value;
    private final DeviceMemory attended;
    private final DeviceMemory scores;
    private final DeviceMemory branch;
    private final DeviceMemory gate;
    private final DeviceMemory up;
    private final DeviceMemory lastLogits;
    private final Scratch manyLogits;
    private final TokenInputs.Lent quantized;

    private CudaDevice.@Nullable Graph tokenGraph;
    private int fed;
    private boolean closed;

    /** A table of angles: {@code pairs} cosines, and as many sines, a position. */
    private record Angles(int pairs, @Nullable DeviceMemory cosines, @Nullable DeviceMemory sines) {}

    private record Layer(
            DeviceMemory attentionNorm,
            DeviceWeights query,
            DeviceWeights key,
            DeviceWeights value,
            DeviceWeights attentionOutput,
            @Nullable DeviceMemory queryBias,
            @Nullable DeviceMemory keyBias,
            @Nullable DeviceMemory valueBias,
            @Nullable DeviceMemory outputBias,
            @Nullable DeviceMemory queryNorm,
            @Nullable DeviceMemory keyNorm,
            @Nullable DeviceMemory postNorm,
            KernelLaunches.Heads heads,
            Angles angles,
            DeviceMemory feedForwardNorm,
            DeviceWeights gate,
            DeviceWeights up,
            DeviceWeights down,
            @Nullable DeviceMemory postFeedForwardNorm,
            DeviceMemory keys,
            DeviceMemory values) {}

    /**
     * Brings a model to the device.
     *
     * @param device stays the caller's
     * @param weights the model
     * @param capacity positions of the cache, 1 … 2²⁰
     * @throws IllegalArgumentException if the capacity is outside its range or a row's scale is refused
     * @throws CudaException if the device has no room
     */
    CudaDecoder(CudaDevice device, DecoderWeights weights, int capacity) {
        if (capacity < 1 || capacity > RotaryAngles.POSITIONS) {
            throw new IllegalArgumentException("a context of %,d positions: it must be 1 to %,d".formatted(capacity, RotaryAngles.POSITIONS));
        }
        this.device = device;
        this.launches = new KernelLaunches(device);
        this.config = weights.config();
        this.capacity = capacity;
        this.chunk = (int) Math.max(1, Math.min(CHUNK, SCORE_BYTES / ((long) config.heads() * capacity * Float.BYTES)));
        try {
            Map<Weights, DeviceWeights> matrices = new IdentityHashMap<>();
            embedding = matrix(weights.embedding(), matrices);
            List<Angles> tables = new ArrayList<>();
            List<float[]> frequencies = new ArrayList<>();
            for (LayerWeights layer : weights.layers()) {
                layers.add(layer(layer, matrices, tables, frequencies));
            }
            outputNorm = vector(weights.outputNorm(), "output norm");
            output = matrix(weights.output(), matrices);

            int widest = Math.max(Math.max(config.width(), config.queryWidth()), config.hidden());
            state = own(device.allocate(IDS + (long) CHUNK * Integer.BYTES, "ids and positions"));
            stream = activations(config.width(), "streams");
            normed = activations(config.width(), "norms' results");
            query = activations(config.queryWidth(), "queries");
            key = activations(config.keyValueWidth(), "keys");
            value = activations(config.keyValueWidth(), "values");
            attended = activations(config.queryWidth(), "attention's results");
            scores = activations((long) config.heads() * capacity, "attention's scores");
            branch = activations(config.width(), "branches");
            gate = activations(config.hidden(), "gates");
            up = activations(config.hidden(), "gated values");
            lastLogits = own(device.allocate((long) config.vocabulary() * Float.BYTES, "logits"));
            manyLogits = own(new Scratch(device, "logits of several tokens"));
            quantized = new TokenInputs.Lent(
                    own(device.allocate(chunk * TokenLayout.bytes(widest), "quantised activations")),
                    own(device.allocate((long) chunk * Float.BYTES, "scales of activations")),
                    state,
                    REFUSED);
        } catch (RuntimeException | Error e) {
            free();
            throw e;
        }
    }

    private <T extends AutoCloseable> T own(T resource) {
        owned.add(resource);
        return resource;
    }

    private DeviceMemory activations(long elements, String purpose) {
        return own(device.allocate(chunk * elements * Float.BYTES, purpose + " of %d tokens".formatted(chunk)));
    }

    /** A matrix that is used twice (embedding and output) is loaded once. */
    private DeviceWeights matrix(Weights weights, Map<Weights, DeviceWeights> loaded) {
        DeviceWeights known = loaded.get(weights);
        if (known == null) {
            known = own(DeviceWeights.of(device, weights));
            loaded.put(weights, known);
        }
        return known;
    }

    private DeviceMemory vector(float[] values, String purpose) {
        DeviceMemory memory = own(device.allocate((long) values.length * Float.BYTES, purpose));
        device.upload(MemorySegment.ofArray(values), memory, 0);
        return memory;
    }

    private @Nullable DeviceMemory optional(float @Nullable [] values, String purpose) {
        return values == null ? null : vector(values, purpose);
    }

    private Layer layer(LayerWeights layer, Map<Weights, DeviceWeights> matrices, List<Angles> tables, List<float[]> frequencies) {
        AttentionWeights a = layer.attention();
        FeedForwardWeights f = layer.feedForward();
        int known = 0;
        while (known < frequencies.size() && !Arrays.equals(frequencies.get(known), a.frequencies())) {
            known++;
        }
        if (known == frequencies.size()) {
            frequencies.add(a.frequencies());
            tables.add(angles(a.frequencies()));
        }
        long cacheBytes = (long) config.keyValueWidth() * capacity * Float.BYTES;
        String cache = "a layer's cache of %,d positions".formatted(capacity);
        return new Layer(
                vector(a.norm(), "attention norm"),
                matrix(a.query(), matrices),
                matrix(a.key(), matrices),
                matrix(a.value(), matrices),
                matrix(a.output(), matrices),
                optional(a.queryBias(), "query bias"),
                optional(a.keyBias(), "key bias"),
                optional(a.valueBias(), "value bias"),
                optional(a.outputBias(), "attention output bias"),
                optional(a.queryNorm(), "query norm"),
                optional(a.keyNorm(), "key norm"),
                optional(a.postNorm(), "post-attention norm"),
                new KernelLaunches.Heads(
                        config.heads(), config.keyValueHeads(), config.headSize(), capacity, a.window(), config.attentionScale(), config.attentionCap()),
                tables.get(known),
                vector(f.norm(), "feed-forward norm"),
                matrix(f.gate(), matrices),
                matrix(f.up(), matrices),
                matrix(f.down(), matrices),
                optional(f.postNorm(), "post-feed-forward norm"),
                own(device.allocate(cacheBytes, cache)),
                own(device.allocate(cacheBytes, cache)));
    }

    /** Cosines and sines of all positions, made by the host (REQ-ROP-003, REQ-ROP-004). */
    private Angles angles(float[] frequencies) {
        int pairs = frequencies.length;
        if (pairs == 0) {
            return new Angles(0, null, null);
        }
        long bytes = (long) capacity * pairs * Float.BYTES;
        DeviceMemory cosines = own(device.allocate(bytes, "cosines of %,d positions".formatted(capacity)));
        DeviceMemory sines = own(device.allocate(bytes, "sines of %,d positions".formatted(capacity)));
        int step = Math.max(1, (1 << 20) / pairs);
        float[] cosine = new float[step * pairs];
        float[] sine = new float[step * pairs];
        for (int from = 0; from < capacity; from += step) {
            int count = Math.min(step, capacity - from);
            for (int t = 0; t < count; t++) {
                RotaryAngles.cosinesAndSines(frequencies, from + t, cosine, sine, t * pairs);
            }
            long at = (long) from * pairs * Float.BYTES;
            long size = (long) count * pairs * Float.BYTES;
            device.upload(MemorySegment.ofArray(cosine).asSlice(0, size), cosines, at);
            device.upload(MemorySegment.ofArray(sine).asSlice(0, size), sines, at);
        }
        return new Angles(pairs, cosines, sines);
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public void forward(int[] tokens, int position, float[][] logits) {
        require(tokens, position, logits.length);
        for (int from = 0; from < tokens.length; from += chunk) {
            int to = Math.min(from + chunk, tokens.length);
            int firstWanted = Math.max(from, tokens.length - logits.length);
            int wanted = Math.max(0, to - firstWanted);
            fed = position + from;
            writeState(position + from, Arrays.copyOfRange(tokens, from, to));
            DeviceMemory results = run(to - from, wanted);
            requireNothingRefused();
            fed = position + to;
            for (int i = 0; i < wanted; i++) {
                float[] row = logits[firstWanted + i - (tokens.length - logits.length)];
                device.download(results, (long) i * config.vocabulary() * Float.BYTES, MemorySegment.ofArray(row).asSlice(0, (long) config.vocabulary() * Float.BYTES));
            }
        }
    }

    private void require(int[] tokens, int position, int wanted) {
        if (closed) {
            throw new IllegalStateException("the decoder is closed");
        }
        Decoder.requireFeed(tokens, position, wanted, fed, capacity, config.vocabulary());
    }

    private void writeState(int position, int... tokens) {
        int[] words = new int[2 + tokens.length];
        words[0] = position;
        words[1] = -1;
        System.arraycopy(tokens, 0, words, 2, tokens.length);
        device.upload(MemorySegment.ofArray(words), state, 0);
    }

    private void requireNothingRefused() {
        int[] refused = new int[1];
        device.download(state, REFUSED, MemorySegment.ofArray(refused));
        if (refused[0] != -1) {
            throw new IllegalArgumentException("activation %d of a vector on the device is not finite or passes 2^56 in magnitude: the model's weights are damaged"
                    .formatted(refused[0]));
        }
    }

    /** Starts the work of some tokens; the logits of the last {@code wanted} come to the memory that is returned. */
    private DeviceMemory run(int tokens, int wanted) {
        if (tokens == 1 && wanted == 1) {
            CudaDevice.Graph graph = tokenGraph;
            if (graph == null) {
                graph = own(device.capture(() -> {
                    layers(1);
                    logits(1, 1, lastLogits);
                }));
                tokenGraph = graph;
            }
            graph.launch();
            return lastLogits;
        }
        layers(tokens);
        DeviceMemory results = wanted <= 1 ? lastLogits : manyLogits.atLeast((long) wanted * config.vocabulary() * Float.BYTES);
        if (wanted > 0) {
            logits(tokens, wanted, results);
        }
        return results;
    }

    /**
     * Generates tokens with temperature 0, each fed to the next without coming back to the host: one start of a graph a token (REQ-SMP-002).
     *
     * @param token the first token to feed
     * @param position where it stands; positions before must have been fed
     * @param count how many tokens to generate, at least 1
     * @return the generated tokens
     * @throws IllegalArgumentException as {@link #forward}, and if logits are not finite (REQ-DEC-004)
     */
    int[] generate(int token, int position, int count) {
        require(new int[] {token}, position, 1);
        if (count < 1 || count > capacity - position) {
            throw new IllegalArgumentException("%,d tokens from position %,d pass the context of %,d positions".formatted(count, position, capacity));
        }
        int[] drawn = new int[count];
        fed = position;
        writeState(position, token);
        try (DeviceMemory list = device.allocate((long) capacity * Integer.BYTES, "generated tokens");
                CudaDevice.Graph graph = device.capture(() -> {
                    layers(1);
                    logits(1, 1, lastLogits);
                    launches.takeMostLikely(lastLogits, config.vocabulary(), state, list);
                })) {
            for (int i = 0; i < count; i++) {
                graph.launch();
            }
            requireNothingRefused();
            device.download(list, (long) position * Integer.BYTES, MemorySegment.ofArray(drawn));
        }
        fed = position + count;
        return drawn;
    }

    /** REQ-DEC-001 and REQ-DEC-002. */
    private void layers(int tokens) {
        embedding.embed(state, IDS, tokens, config.embeddingScale(), stream);
        for (Layer layer : layers) {
            attention(layer, tokens);
            feedForward(layer, tokens);
        }
    }

    private void attention(Layer layer, int tokens) {
        launches.norm(stream, 0, tokens, config.width(), layer.attentionNorm, config.normEpsilon(), normed);
        TokenInputs inputs = new TokenInputs(device, normed, tokens, config.width(), quantized);
        layer.query.multiply(inputs, query);
        layer.key.multiply(inputs, key);
        layer.value.multiply(inputs, value);
        addBias(query, tokens, config.queryWidth(), layer.queryBias);
        addBias(key, tokens, config.keyValueWidth(), layer.keyBias);
        addBias(value, tokens, config.keyValueWidth(), layer.valueBias);
        normAndRotate(query, tokens, config.heads(), layer.queryNorm, layer.angles);
        normAndRotate(key, tokens, config.keyValueHeads(), layer.keyNorm, layer.angles);
        launches.store(layer.heads, key, tokens, state, layer.keys);
        launches.store(layer.heads, value, tokens, state, layer.values);
        launches.attend(layer.heads, tokens, query, layer.keys, layer.values, state, scores, attended);
        addBranch(layer.attentionOutput, attended, tokens, config.queryWidth(), layer.outputBias, layer.postNorm);
    }

    private void normAndRotate(DeviceMemory x, int tokens, int heads, @Nullable DeviceMemory norm, Angles angles) {
        if (norm != null) {
            launches.norm(x, 0, tokens * heads, config.headSize(), norm, config.normEpsilon(), x);
        }
        if (angles.cosines != null && angles.sines != null) {
            launches.rotate(config.rotation(), x, tokens, heads, config.headSize(), angles.cosines, angles.sines, angles.pairs, state);
        }
    }

    private void feedForward(Layer layer, int tokens) {
        launches.norm(stream, 0, tokens, config.width(), layer.feedForwardNorm, config.normEpsilon(), normed);
        TokenInputs inputs = new TokenInputs(device, normed, tokens, config.width(), quantized);
        layer.gate.multiply(inputs, gate);
        layer.up.multiply(inputs, up);
        launches.gate(config.activation(), gate, up, tokens * config.hidden());
        addBranch(layer.down, gate, tokens, config.hidden(), null, layer.postFeedForwardNorm);
    }

    /** x = x + [norm](W · y [+ b]). */
    private void addBranch(DeviceWeights matrix, DeviceMemory y, int tokens, int columns, @Nullable DeviceMemory bias, @Nullable DeviceMemory postNorm) {
        matrix.multiply(new TokenInputs(device, y, tokens, columns, quantized), branch);
        addBias(branch, tokens, config.width(), bias);
        if (postNorm != null) {
            launches.norm(branch, 0, tokens, config.width(), postNorm, config.normEpsilon(), branch);
        }
        launches.add(stream, branch, tokens * config.width(), tokens * config.width());
    }

    /** REQ-DEC-003, for the last {@code wanted} of the tokens. */
    private void logits(int tokens, int wanted, DeviceMemory results) {
        launches.norm(stream, (long) (tokens - wanted) * config.width() * Float.BYTES, wanted, config.width(), outputNorm, config.normEpsilon(), normed);
        output.multiply(new TokenInputs(device, normed, wanted, config.width(), quantized), results);
        if (config.logitCap() > 0) {
            launches.softCap(results, (long) wanted * config.vocabulary(), config.logitCap());
        }
    }

    private void addBias(DeviceMemory y, int tokens, int n, @Nullable DeviceMemory bias) {
        if (bias != null) {
            launches.add(y, bias, tokens * n, n);
        }
    }

    /** Waits for the work, and frees the model and the cache; once is enough. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            free();
        }
    }

    private void free() {
        for (AutoCloseable resource : owned.reversed()) {
            try {
                resource.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        owned.clear();
    }
}
