package org.threehalf.backends.groq;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.threehalf.backends.groq.generator.LayerGenerator;
import org.threehalf.backends.groq.generator.LayerShape;
import org.threehalf.backends.groq.generator.LayerShape.Argument;
import org.threehalf.backends.groq.toolchain.Compiler;
import org.threehalf.backends.spi.decoder.Buffer;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.HostBuffers;
import org.threehalf.backends.spi.decoder.HostProgram;
import org.threehalf.backends.spi.decoder.LayerProgram;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.Rotary;
import org.threehalf.backends.spi.decoder.Step.Cache;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.backends.spi.product.Products;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.RowScales;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.WorkerPool;
import org.threehalf.kernels.transformer.ScalarOperations;

/**
 * A decoder whose layers are generated modules, one token a call (REQ-DEC-002); layers of one shape share a module. The
 * host does what comes before and after the layers: embeddings, tables of cosines and sines, the last norm. Weights lie
 * where the model has them and are passed with each call.
 */
final class MlirDecoder implements Decoder {

    private static final int LARGEST_ACTIVATION = Float.floatToRawIntBits(Format.MAX_ACTIVATION);

    private final DecoderWeights weights;
    private final DecoderConfig config;
    private final int capacity;
    private final Arena arena = Arena.ofShared();
    private final List<Layer> layers = new ArrayList<>();
    private final HostProgram head;
    private final HostBuffers headBuffers;
    private final MemorySegment position = arena.allocate(ValueLayout.JAVA_LONG);
    private final MemorySegment largest = arena.allocate(ValueLayout.JAVA_INT);
    private final MemorySegment key;
    private final MemorySegment value;
    private MemorySegment stream;
    private MemorySegment next;
    private int fed;

    /** A layer's function and what it is called with: buffers that stay, and those of the token. */
    private record Layer(
            LayerShape shape, Compiler.Function function, Rotary rotary, Map<String, MemorySegment> buffers) {}

    /**
     * Loads a model.
     *
     * @param products for the product with the output matrix; stays the caller's
     * @param compiler compiles the layers; stays the caller's
     * @param weights the model; every matrix of a layer is quantised
     * @param capacity positions of the cache, 1 … 2²⁰
     * @throws IllegalArgumentException if the capacity is outside its range, a layer has a matrix that is not
     *     quantised, or a row's scale is refused
     */
    MlirDecoder(Products products, Compiler compiler, DecoderWeights weights, int capacity) {
        Decoder.requireCapacity(capacity);
        this.weights = weights.within(capacity);
        this.config = weights.config();
        this.capacity = capacity;
        try {
            stream = floats(config.dim());
            next = floats(config.dim());
            key = floats(config.keyValueWidth());
            value = floats(config.keyValueWidth());
            Map<LayerShape, Compiler.Function> functions = new HashMap<>();
            for (LayerWeights layer : this.weights.layers()) {
                LayerShape shape = LayerShape.of(config, layer, capacity);
                Compiler.Function function = functions.computeIfAbsent(
                        shape,
                        s -> compiler.function(
                                new LayerGenerator().layer(s).print(),
                                "layer",
                                s.arguments().size(),
                                s.results().size()));
                layers.add(new Layer(shape, function, layer.rotary(), buffers(shape, layer)));
            }
            LayerProgram logits = LayerProgram.logits(this.weights);
            head = new HostProgram(products, new ScalarOperations(), WorkerPool.CALLER, logits, weights);
            headBuffers = HostBuffers.of(
                    logits.buffers().stream()
                            .filter(buffer -> !buffer.equals(Buffer.logits(config)))
                            .toList(),
                    1);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Whether a model's layers can be generated: every matrix of theirs is quantised, none rotated, and there are no
     * experts.
     */
    static boolean takes(DecoderWeights weights) {
        return !weights.anyRotated()
                && !weights.hasExperts()
                && weights.layers().stream()
                        .allMatch(layer -> layer.matrices().values().stream()
                                .allMatch(matrix -> matrix instanceof Weights.Quantized));
    }

    private MemorySegment floats(long count) {
        return arena.allocate(ValueLayout.JAVA_FLOAT, count);
    }

    private Map<String, MemorySegment> buffers(LayerShape shape, LayerWeights layer) {
        Map<String, MemorySegment> buffers = new HashMap<>();
        long cache = (long) config.keyValueWidth() * shape.capacity();
        buffers.put("position", position);
        buffers.put("cosines", floats(shape.pairs()));
        buffers.put("sines", floats(shape.pairs()));
        for (Cache kind : Cache.values()) {
            buffers.put(LayerShape.name(kind), floats(cache));
        }
        layer.vectors().forEach((role, vector) -> buffers.put(LayerShape.name(role), copy(vector)));
        for (TensorRole role : shape.program().matrices()) {
            if (layer.matrix(role) instanceof Weights.Quantized(PackedMatrix packed)) {
                String name = LayerShape.name(role);
                buffers.put(name + "_codes", MlirBackend.offHeap(packed.byteCodes(arena), arena));
                buffers.put(name + "_subscales", MlirBackend.offHeap(packed.subscales(), arena));
                buffers.put(
                        name + "_scales",
                        MlirBackend.offHeap(RowScales.of(packed).segment(), arena));
            }
        }
        return buffers;
    }

    private MemorySegment copy(float[] values) {
        return arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public void forward(int[] tokens, int from, float[][] logits) {
        Decoder.requireFeed(tokens, from, logits.length, fed, capacity, config.vocabulary());
        for (int t = 0; t < tokens.length; t++) {
            fed = from + t;
            embed(tokens[t]);
            position.set(ValueLayout.JAVA_LONG, 0, from + t);
            for (int i = 0; i < layers.size(); i++) {
                run(i, from + t);
            }
            fed = from + t + 1;
            int wanted = t - (tokens.length - logits.length);
            if (wanted >= 0) {
                logits(logits[wanted]);
            }
        }
    }

    /** REQ-DEC-001. */
    private void embed(int token) {
        float[] x = new float[config.dim()];
        weights.embed(token, x);
        MemorySegment.copy(x, 0, stream, ValueLayout.JAVA_FLOAT, 0, x.length);
    }

    private void run(int index, int at) {
        Layer layer = layers.get(index);
        int pairs = layer.shape().pairs();
        float[] cosines = new float[pairs];
        float[] sines = new float[pairs];
        layer.rotary().angles(at, cosines, sines, 0);
        MemorySegment.copy(cosines, 0, buffer(layer, "cosines"), ValueLayout.JAVA_FLOAT, 0, pairs);
        MemorySegment.copy(sines, 0, buffer(layer, "sines"), ValueLayout.JAVA_FLOAT, 0, pairs);
        List<MemorySegment> buffers = new ArrayList<>();
        for (Argument argument : layer.shape().arguments()) {
            buffers.add(argument.name().equals("x") ? stream : buffer(layer, argument.name()));
        }
        buffers.addAll(List.of(next, key, value, largest));
        layer.function().call(buffers.toArray(MemorySegment[]::new));
        int bits = largest.get(ValueLayout.JAVA_INT, 0);
        if (bits > LARGEST_ACTIVATION) {
            throw new IllegalArgumentException(
                    "layer %d at position %,d: an activation of magnitude %s: it must be finite and at most 2^56"
                            .formatted(index, at, Float.intBitsToFloat(bits)));
        }
        store(layer, Cache.KEYS, key, at);
        store(layer, Cache.VALUES, value, at);
        MemorySegment before = stream;
        stream = next;
        next = before;
    }

    private static MemorySegment buffer(Layer layer, String name) {
        MemorySegment buffer = layer.buffers().get(name);
        if (buffer == null) {
            throw new IllegalStateException("the layer has no buffer " + name);
        }
        return buffer;
    }

    /** REQ-ATT-001. */
    private void store(Layer layer, Cache cache, MemorySegment heads, int at) {
        long bytes = (long) config.headSize() * Float.BYTES;
        for (int head = 0; head < config.keyValueHeads(); head++) {
            MemorySegment.copy(
                    heads,
                    head * bytes,
                    buffer(layer, LayerShape.name(cache)),
                    ((long) head * layer.shape().capacity() + at) * bytes,
                    bytes);
        }
    }

    /** REQ-DEC-003. */
    private void logits(float[] logits) {
        MemorySegment.copy(
                stream, ValueLayout.JAVA_FLOAT, 0, headBuffers.rows(Buffer.stream(config))[0], 0, config.dim());
        head.run(headBuffers.with(Buffer.logits(config), new float[][] {logits}));
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            head.close();
            arena.close();
        }
    }
}
