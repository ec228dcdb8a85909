package org.threehalf.backends.groq.generator;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.groq.generator.LayerShape.Argument;
import org.threehalf.backends.groq.generator.ProductGenerator.Quantized;
import org.threehalf.backends.groq.mlir.Arith;
import org.threehalf.backends.groq.mlir.Arith.IntegerOperation;
import org.threehalf.backends.groq.mlir.Arith.IntegerPredicate;
import org.threehalf.backends.groq.mlir.Attribute;
import org.threehalf.backends.groq.mlir.Block;
import org.threehalf.backends.groq.mlir.MlirModule;
import org.threehalf.backends.groq.mlir.Tensor;
import org.threehalf.backends.groq.mlir.Type;
import org.threehalf.backends.groq.mlir.Type.TensorType;
import org.threehalf.backends.groq.mlir.Value;
import org.threehalf.backends.spi.decoder.Buffer;
import org.threehalf.backends.spi.decoder.DecoderConfig;
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

/**
 * Generates a transformer layer for one token (REQ-DEC-002, and what it refers to): the layer's program, step by step.
 *
 * <p>The function {@code layer} takes {@link LayerShape#arguments} and returns {@link LayerShape#results}. The cache
 * holds the keys and values of the positions before; the token's own are returned, for the caller to put there (the
 * function may overwrite their place in its argument, but need not). The caller must look at {@code largest}: above the
 * bits of 2⁵⁶ a vector was quantised that REQ-QNT-001 refuses, and the results mean nothing (REQ-DEC-004).
 */
public final class LayerGenerator {

    private final ProductGenerator products;
    private final FloatEmitter floats;

    /** The generator whose steps are right. */
    public LayerGenerator() {
        this(new ProductGenerator(), new FloatEmitter());
    }

    /** A generator with other steps: for tests. */
    LayerGenerator(ProductGenerator products, FloatEmitter floats) {
        this.products = products;
        this.floats = floats;
    }

    /** The module of a layer. */
    public MlirModule layer(LayerShape shape) {
        MlirModule module = new MlirModule(Map.of(
                "threehalf.layer",
                new Attribute.StringAttribute(shape.formats().values().toString())));
        for (TensorRole matrix : shape.program().matrices()) {
            String name = productName(shape, matrix);
            if (!module.has(name)) {
                products.addProduct(module, name, shape.product(matrix));
            }
        }
        List<TensorType> inputs = shape.arguments().stream().map(Argument::type).toList();
        List<TensorType> results = shape.results().stream().map(Argument::type).toList();
        module.function("layer", inputs, results, (at, values) -> {
            Map<String, Value> arguments = new HashMap<>();
            for (int i = 0; i < values.size(); i++) {
                arguments.put(shape.arguments().get(i).name(), values.get(i));
            }
            return new Body(module, shape, at, arguments).results();
        });
        return module;
    }

    private static String productName(LayerShape shape, TensorRole matrix) {
        ProductGenerator.Shape product = shape.product(matrix);
        return "product_%s_%dx%d"
                .formatted(product.format().name().toLowerCase(Locale.ROOT), product.rows(), product.columns());
    }

    /**
     * The function's body. A buffer is a tensor [n], or its vectors or heads as [count, n]: the last step that wrote it
     * left it so, and the next one takes it as it needs it.
     */
    private final class Body {
        private final MlirModule module;
        private final LayerShape shape;
        private final DecoderConfig config;
        private final Block at;
        private final Map<String, Value> arguments;
        private final AttentionEmitter attention;
        private final Map<Buffer, Value> values = new HashMap<>();
        private final Map<Buffer, Quantized> quantized = new HashMap<>();
        private final Map<Cache, Value> stored = new EnumMap<>(Cache.class);
        private final Map<Cache, Value> caches = new EnumMap<>(Cache.class);
        private final List<Value> largest = new ArrayList<>();
        private @Nullable Value position;

        Body(MlirModule module, LayerShape shape, Block at, Map<String, Value> arguments) {
            this.module = module;
            this.shape = shape;
            this.config = shape.config();
            this.at = at;
            this.arguments = arguments;
            this.attention = new AttentionEmitter(
                    floats, config.keyValueHeads(), config.attentionScale(), config.attentionCap());
        }

        private Value argument(String name) {
            return of(arguments, name);
        }

        private static <K> Value of(Map<K, Value> map, K key) {
            Value value = map.get(key);
            if (value == null) {
                throw new IllegalStateException("the layer has no " + key);
            }
            return value;
        }

        List<Value> results() {
            Buffer stream = Buffer.stream(config);
            values.put(stream, argument("x"));
            shape.program().steps().forEach(this::emit);
            Value worst = largest.stream()
                    .reduce((a, b) -> FloatEmitter.elementwise(
                            at, a, b, (block, l, r) -> Arith.of(block, IntegerOperation.MAXSI, l, r)))
                    .orElseThrow();
            return List.of(flat(stream), of(stored, Cache.KEYS), of(stored, Cache.VALUES), worst);
        }

        private void emit(Step step) {
            switch (step) {
                case Multiply(TensorRole matrix, Buffer from, Buffer to) -> put(to, product(quantized(from), matrix));
                case Centre(Buffer from, Buffer to) -> put(to, floats.centred(at, rows(from, 1)));
                case Norm(TensorRole weights, Buffer from, Buffer to, int vectors) ->
                    put(
                            to,
                            floats.rmsNorm(
                                    at, rows(from, vectors), argument(LayerShape.name(weights)), config.normEpsilon()));
                case Add(Buffer to, Buffer addition) ->
                    put(to, FloatEmitter.elementwise(at, flat(to), flat(addition), Arith::addf));
                case AddBias(Buffer to, TensorRole bias) ->
                    put(to, FloatEmitter.elementwise(at, flat(to), argument(LayerShape.name(bias)), Arith::addf));
                case Scale(Buffer x, float factor) -> put(x, floats.scaled(at, flat(x), factor));
                case Rotate(Buffer x, int heads, int pairs, var layout) ->
                    put(x, floats.rotated(at, layout, rows(x, heads), pairs, argument("cosines"), argument("sines")));
                case Store(Buffer from, Cache cache) -> store(from, cache);
                case Attend(Buffer query, Buffer to, int window, boolean sinks) ->
                    put(
                            to,
                            attention.attend(
                                    at,
                                    rows(query, config.heads()),
                                    of(caches, Cache.KEYS),
                                    of(caches, Cache.VALUES),
                                    firstSeen(position(), window),
                                    position(),
                                    sinks ? argument(LayerShape.name(TensorRole.ATTENTION_SINKS)) : null));
                case Gate(var activation, Buffer gate, Buffer up) ->
                    put(
                            gate,
                            FloatEmitter.elementwise(
                                    at, flat(gate), flat(up), (block, g, u) -> floats.gated(block, activation, g, u)));
                case Mix mix -> throw new IllegalArgumentException("experts are mixed by the host: " + mix);
                case SoftCap(Buffer x, float cap) -> put(x, floats.softCapped(at, flat(x), cap));
            }
        }

        private void put(Buffer buffer, Value value) {
            values.put(buffer, value);
            quantized.remove(buffer);
        }

        /** A buffer as [n]. */
        private Value flat(Buffer buffer) {
            Value value = of(values, buffer);
            return value.tensor().rank() == 1 ? value : Tensor.collapseShape(at, value, 2);
        }

        /** A buffer as [count, n]. */
        private Value rows(Buffer buffer, long count) {
            Value value = of(values, buffer);
            return value.tensor().rank() == 2 && value.tensor().shape().getFirst() == count
                    ? value
                    : Tensor.expandShape(at, flat(buffer), new long[] {count, buffer.width() / count});
        }

        private Quantized quantized(Buffer buffer) {
            Quantized known = quantized.get(buffer);
            if (known == null) {
                known = products.quantize(at, rows(buffer, 1));
                largest.add(known.amax());
                quantized.put(buffer, known);
            }
            return known;
        }

        /** W · x (REQ-OPS-011). */
        private Value product(Quantized x, TensorRole matrix) {
            String name = LayerShape.name(matrix);
            List<Value> operands = new ArrayList<>(List.of(argument(name + "_codes")));
            if (shape.product(matrix).format().hasSubscales()) {
                operands.add(argument(name + "_subscales"));
            }
            operands.add(argument(name + "_scales"));
            operands.add(x.codes());
            operands.add(x.scales());
            Value y = module.call(at, productName(shape, matrix), operands).getLast();
            return Tensor.collapseShape(at, y, 2);
        }

        /** REQ-ATT-001. */
        private void store(Buffer from, Cache cache) {
            Value value = rows(from, config.keyValueHeads());
            long[] row = {config.keyValueHeads(), 1, config.headSize()};
            stored.put(cache, value);
            caches.put(
                    cache, Tensor.insertSliceAt(at, value, argument(LayerShape.name(cache)), 1, position(), row, 0, 2));
        }

        private Value position() {
            Value known = position;
            if (known == null) {
                known = Arith.indexCast(
                        at, Tensor.extract(at, argument("position"), List.of(FloatEmitter.index(at, 0))), Type.INDEX);
                position = known;
            }
            return known;
        }

        /** max(0, p − w + 1), or 0 without a window (REQ-ATT-002). */
        private Value firstSeen(Value p, int window) {
            Value zero = FloatEmitter.index(at, 0);
            if (window == 0) {
                return zero;
            }
            Value reach = FloatEmitter.index(at, window - 1);
            Value isWhole = Arith.cmpi(at, IntegerPredicate.SLE, p, reach);
            return Arith.select(at, isWhole, zero, Arith.subi(at, p, reach));
        }
    }
}
