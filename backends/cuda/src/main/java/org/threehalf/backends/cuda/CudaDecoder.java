package org.threehalf.backends.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.Buffer;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.LayerProgram;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.Rotary;
import org.threehalf.backends.spi.decoder.Step;
import org.threehalf.backends.spi.decoder.Step.Add;
import org.threehalf.backends.spi.decoder.Step.AddBias;
import org.threehalf.backends.spi.decoder.Step.Attend;
import org.threehalf.backends.spi.decoder.Step.Cache;
import org.threehalf.backends.spi.decoder.Step.Centre;
import org.threehalf.backends.spi.decoder.Step.Gate;
import org.threehalf.backends.spi.decoder.Step.Mix;
import org.threehalf.backends.spi.decoder.Step.Multiply;
import org.threehalf.backends.spi.decoder.Step.Norm;
import org.threehalf.backends.spi.decoder.Step.Rotate;
import org.threehalf.backends.spi.decoder.Step.Scale;
import org.threehalf.backends.spi.decoder.Step.SoftCap;
import org.threehalf.backends.spi.decoder.Step.Store;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.backends.spi.decoder.Tensors;
import org.threehalf.backends.spi.decoder.Weights;

/**
 * The decoder of section 5 of {@code spec/INFERENCE.md}, all of it on the device: each step of the layers' programs is
 * a launch, or a few.
 *
 * <p>Weights stay packed; norms, biases, tables of angles, the cache of keys and values and all activations live on the
 * device, too. A single token's way from its id to its logits is recorded once as a graph, and each token after starts
 * it with one call: the token's id and position are read from the device's memory. Several tokens go through the layers
 * together, without a graph.
 */
final class CudaDecoder implements Decoder {
    /** Tokens that go through the layers together; bounds the memory for activations. */
    private static final int CHUNK = 64;
    /** What the scores of a chunk may take; with a long context fewer tokens go together. */
    private static final long SCORE_BYTES = 256L << 20;

    /**
     * The state on the device, int32: the position of the first token (so this is a pointer to it), the least refused
     * index or −1, the tokens' ids.
     */
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
    private final List<Bound> layers = new ArrayList<>();
    private final Bound head;

    private final DeviceMemory state;
    /** Of each buffer of the programs, but for the logits, rows of a chunk of tokens. */
    private final Map<Buffer, DeviceMemory> buffers = new HashMap<>();

    private final DeviceMemory scores;
    private final DeviceMemory lastLogits;
    private final Scratch manyLogits;
    private final TokenInputs.Lent quantized;

    private CudaDevice.@Nullable Graph tokenGraph;
    private int fed;
    private boolean closed;

    /** A table of angles: {@code pairs} cosines, and as many sines, a position. */
    private record Angles(
            int pairs,
            @Nullable DeviceMemory cosines,
            @Nullable DeviceMemory sines) {}

    /**
     * A program with its tensors on the device.
     *
     * @param angles of the positions, if it rotates
     * @param caches what it stores, if it does
     */
    private record Bound(
            LayerProgram program,
            Map<TensorRole, DeviceWeights> matrices,
            Map<TensorRole, DeviceMemory> vectors,
            Angles angles,
            Map<Cache, DeviceMemory> caches) {
        private static <K, V> V of(Map<K, V> map, K key) {
            V value = map.get(key);
            if (value == null) {
                throw new IllegalStateException("nothing of this program on the device is " + key);
            }
            return value;
        }
    }

    /**
     * Brings a model to the device.
     *
     * @param device stays the caller's
     * @param model the model
     * @param capacity positions of the cache, 1 … 2²⁰
     * @throws IllegalArgumentException if the capacity is outside its range or a row's scale is refused
     * @throws CudaException if the device has no room
     */
    CudaDecoder(CudaDevice device, DecoderWeights model, int capacity) {
        Decoder.requireCapacity(capacity);
        DecoderWeights weights = model.within(capacity);
        this.device = device;
        this.launches = new KernelLaunches(device);
        this.config = weights.config();
        this.capacity = capacity;
        this.chunk = (int) Math.max(1, Math.min(CHUNK, SCORE_BYTES / ((long) config.heads() * capacity * Float.BYTES)));
        try {
            Map<Weights, DeviceWeights> matrices = new IdentityHashMap<>();
            embedding = matrix(weights.embedding(), matrices);
            List<Angles> tables = new ArrayList<>();
            List<Rotary> rotaries = new ArrayList<>();
            for (LayerWeights layer : weights.layers()) {
                layers.add(layer(layer, matrices, tables, rotaries));
            }
            head = bound(LayerProgram.logits(weights), weights, matrices, new Angles(0, null, null), Map.of());

            state = own(device.allocate(IDS + (long) CHUNK * Integer.BYTES, "ids and positions"));
            activations(Buffer.stream(config));
            layers.forEach(layer -> layer.program.buffers().forEach(this::activations));
            head.program.buffers().stream()
                    .filter(buffer -> !buffer.equals(Buffer.logits(config)))
                    .forEach(this::activations);
            scores = own(device.allocate(
                    (long) chunk * config.heads() * (capacity + 1L) * Float.BYTES,
                    "attention's scores of %d tokens".formatted(chunk)));
            lastLogits = own(device.allocate((long) config.vocabulary() * Float.BYTES, "logits"));
            manyLogits = own(new Scratch(device, "logits of several tokens"));
            int widest = buffers.keySet().stream().mapToInt(Buffer::width).max().orElseThrow();
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

    /** Room for a buffer's rows, once. */
    private void activations(Buffer buffer) {
        if (!buffers.containsKey(buffer)) {
            buffers.put(
                    buffer,
                    own(device.allocate(
                            (long) chunk * buffer.width() * Float.BYTES,
                            "buffer %s of %d tokens".formatted(buffer.name(), chunk))));
        }
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

    private Bound layer(
            LayerWeights layer, Map<Weights, DeviceWeights> matrices, List<Angles> tables, List<Rotary> rotaries) {
        int known = 0;
        while (known < rotaries.size() && !rotaries.get(known).same(layer.rotary())) {
            known++;
        }
        if (known == rotaries.size()) {
            rotaries.add(layer.rotary());
            tables.add(angles(layer.rotary()));
        }
        Map<Cache, DeviceMemory> caches = new EnumMap<>(Cache.class);
        for (Cache cache : Cache.values()) {
            caches.put(
                    cache,
                    own(device.allocate(
                            (long) config.keyValueWidth() * capacity * Float.BYTES,
                            "a layer's cache of %,d positions".formatted(capacity))));
        }
        return bound(LayerProgram.of(config, layer), layer, matrices, tables.get(known), caches);
    }

    private Bound bound(
            LayerProgram program,
            Tensors tensors,
            Map<Weights, DeviceWeights> matrices,
            Angles angles,
            Map<Cache, DeviceMemory> caches) {
        Map<TensorRole, DeviceWeights> loaded = new EnumMap<>(TensorRole.class);
        Map<TensorRole, DeviceMemory> vectors = new EnumMap<>(TensorRole.class);
        for (TensorRole role : program.tensors()) {
            if (role.isMatrix()) {
                loaded.put(role, matrix(tensors.matrix(role), matrices));
            } else {
                vectors.put(role, vector(tensors.vector(role), role.label()));
            }
        }
        return new Bound(program, loaded, vectors, angles, caches);
    }

    /** Cosines and sines of all positions, made by the host (REQ-ROP-003, REQ-ROP-004). */
    private Angles angles(Rotary rotary) {
        int pairs = rotary.frequencies().length;
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
                rotary.angles(from + t, cosine, sine, t * pairs);
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
                device.download(
                        results,
                        (long) i * config.vocabulary() * Float.BYTES,
                        MemorySegment.ofArray(row).asSlice(0, (long) config.vocabulary() * Float.BYTES));
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
            throw new IllegalArgumentException(
                    "activation %d of a vector on the device is not finite or passes 2^56 in magnitude: the model's weights are damaged"
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
        DeviceMemory results =
                wanted <= 1 ? lastLogits : manyLogits.atLeast((long) wanted * config.vocabulary() * Float.BYTES);
        if (wanted > 0) {
            logits(tokens, wanted, results);
        }
        return results;
    }

    /**
     * Generates tokens with temperature 0, each fed to the next without coming back to the host: one start of a graph a
     * token (REQ-SMP-002).
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
            throw new IllegalArgumentException("%,d tokens from position %,d pass the context of %,d positions"
                    .formatted(count, position, capacity));
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
        embedding.embed(state, IDS, tokens, config.embeddingScale(), Bound.of(buffers, Buffer.stream(config)));
        layers.forEach(layer -> enqueue(layer, tokens, 0, lastLogits));
    }

    /** REQ-DEC-003, for the last {@code wanted} of the tokens. */
    private void logits(int tokens, int wanted, DeviceMemory results) {
        enqueue(head, wanted, tokens - wanted, results);
    }

    /**
     * Starts the work of a program.
     *
     * @param tokens how many tokens
     * @param from the first of them in the stream, which only a norm, or what centres it, reads from there
     * @param logits where the logits go, if the program has them
     */
    private void enqueue(Bound bound, int tokens, int from, DeviceMemory logits) {
        Map<Buffer, DeviceMemory> at = new HashMap<>(buffers);
        at.put(Buffer.logits(config), logits);
        // What several products take is quantised once: until it is written, or other inputs take its place.
        Buffer quantizedFrom = null;
        TokenInputs inputs = null;
        for (Step step : bound.program.steps()) {
            if (step instanceof Multiply(TensorRole matrix, Buffer x, Buffer y)) {
                if (inputs == null || !x.equals(quantizedFrom)) {
                    inputs = new TokenInputs(device, Bound.of(at, x), tokens, x.width(), quantized);
                    quantizedFrom = x;
                }
                Bound.of(bound.matrices, matrix).multiply(inputs, Bound.of(at, y));
            } else {
                enqueue(step, bound, at, tokens, from);
            }
            if (step.writes().isPresent() && step.writes().get().equals(quantizedFrom)) {
                inputs = null;
            }
        }
    }

    private void enqueue(Step step, Bound bound, Map<Buffer, DeviceMemory> at, int tokens, int from) {
        switch (step) {
            case Multiply multiply ->
                throw new IllegalStateException("a product with its inputs is enqueued before: " + multiply);
            case Centre(Buffer x, Buffer y) ->
                launches.centre(Bound.of(at, x), skipped(x, from), tokens, x.width(), Bound.of(at, y));
            case Norm(TensorRole weights, Buffer x, Buffer y, int vectors) ->
                launches.norm(
                        Bound.of(at, x),
                        skipped(x, from),
                        tokens * vectors,
                        x.width() / vectors,
                        Bound.of(bound.vectors, weights),
                        config.normEpsilon(),
                        Bound.of(at, y));
            case Add(Buffer to, Buffer addition) ->
                launches.add(Bound.of(at, to), Bound.of(at, addition), tokens * to.width(), tokens * to.width());
            case AddBias(Buffer to, TensorRole bias) ->
                launches.add(Bound.of(at, to), Bound.of(bound.vectors, bias), tokens * to.width(), to.width());
            case Scale(Buffer x, float factor) -> launches.scale(Bound.of(at, x), (long) tokens * x.width(), factor);
            case Rotate(Buffer x, int heads, int pairs, var layout) -> {
                if (bound.angles.cosines == null || bound.angles.sines == null) {
                    throw new IllegalStateException("a layer without frequencies rotates");
                }
                launches.rotate(
                        layout,
                        Bound.of(at, x),
                        tokens,
                        heads,
                        x.width() / heads,
                        bound.angles.cosines,
                        bound.angles.sines,
                        pairs,
                        state);
            }
            case Store(Buffer x, Cache cache) ->
                launches.store(heads(0), Bound.of(at, x), tokens, state, Bound.of(bound.caches, cache));
            case Attend(Buffer query, Buffer to, int window, boolean sinks) ->
                launches.attend(
                        heads(window),
                        tokens,
                        Bound.of(at, query),
                        Bound.of(bound.caches, Cache.KEYS),
                        Bound.of(bound.caches, Cache.VALUES),
                        state,
                        sinks ? Bound.of(bound.vectors, TensorRole.ATTENTION_SINKS) : null,
                        scores,
                        Bound.of(at, to));
            case Gate(var activation, Buffer gate, Buffer up) ->
                launches.gate(activation, Bound.of(at, gate), Bound.of(at, up), tokens * gate.width());
            case Mix mix -> throw new IllegalArgumentException("experts are mixed by the host: " + mix);
            case SoftCap(Buffer x, float cap) -> launches.softCap(Bound.of(at, x), (long) tokens * x.width(), cap);
        }
    }

    /** Bytes before the first token that is read. */
    private long skipped(Buffer x, int from) {
        return x.equals(Buffer.stream(config)) ? (long) from * x.width() * Float.BYTES : 0;
    }

    private KernelLaunches.Heads heads(int window) {
        return new KernelLaunches.Heads(
                config.heads(),
                config.keyValueHeads(),
                config.headSize(),
                capacity,
                window,
                config.attentionScale(),
                config.attentionCap());
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
