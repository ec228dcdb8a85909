package org.threehalf.backends.groq.generator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.groq.generator.LayerShape.Argument;
import org.threehalf.backends.groq.generator.LayerShape.Matrix;
import org.threehalf.backends.groq.generator.LayerShape.Option;
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
import org.threehalf.backends.spi.decoder.DecoderConfig;

/**
 * Generates a transformer layer for one token (REQ-DEC-002, and what it refers to).
 *
 * <p>The function {@code layer} takes {@link LayerShape#arguments} and returns {@link LayerShape#results}. The cache holds the keys and values of the positions
 * before; the token's own are returned, for the caller to put there (the function may overwrite their place in its argument, but need not). The caller
 * must look at {@code largest}: above the bits of 2⁵⁶ a vector was quantised that REQ-QNT-001 refuses, and the results mean nothing (REQ-DEC-004).
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
        MlirModule module = new MlirModule(Map.of("threehalf.layer", new Attribute.StringAttribute(shape.formats().toString())));
        for (Matrix matrix : Matrix.values()) {
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

    private static String productName(LayerShape shape, Matrix matrix) {
        ProductGenerator.Shape product = shape.product(matrix);
        return "product_%s_%dx%d".formatted(product.format().name().toLowerCase(java.util.Locale.ROOT), product.rows(), product.columns());
    }

    /** The function's body. Vectors are tensors [n]; a head's elements [heads, n]; a query's heads are grouped by the key head that they share. */
    private final class Body {
        private final MlirModule module;
        private final LayerShape shape;
        private final DecoderConfig config;
        private final Block at;
        private final Map<String, Value> arguments;
        private final AttentionEmitter attention;
        private final List<Value> largest = new ArrayList<>();

        Body(MlirModule module, LayerShape shape, Block at, Map<String, Value> arguments) {
            this.module = module;
            this.shape = shape;
            this.config = shape.config();
            this.at = at;
            this.arguments = arguments;
            this.attention = new AttentionEmitter(floats, config.keyValueHeads(), config.attentionScale(), config.attentionCap());
        }

        private Value argument(String name) {
            Value value = arguments.get(name);
            if (value == null) {
                throw new IllegalStateException("the layer has no argument " + name);
            }
            return value;
        }

        List<Value> results() {
            int kvHeads = config.keyValueHeads();
            int n = config.headSize();
            Value x = argument("x");
            Quantized normed = quantized(norm(x, argument("attention_norm")));
            Value query = heads(normed, Matrix.QUERY, config.heads(), Option.QUERY_BIAS, Option.QUERY_NORM, true);
            Value key = heads(normed, Matrix.KEY, kvHeads, Option.KEY_BIAS, Option.KEY_NORM, true);
            Value value = heads(normed, Matrix.VALUE, kvHeads, Option.VALUE_BIAS, null, false);

            Value position = Arith.indexCast(at, Tensor.extract(at, argument("position"), List.of(FloatEmitter.index(at, 0))), Type.INDEX);
            long[] row = {kvHeads, 1, n};
            Value keys = Tensor.insertSliceAt(at, key, argument("keys"), 1, position, row, 0, 2);
            Value values = Tensor.insertSliceAt(at, value, argument("values"), 1, position, row, 0, 2);
            Value attended = Tensor.collapseShape(at, attention.attend(at, query, keys, values, firstSeen(position), position), 2);
            Value afterAttention = plusBranch(x, attended, Matrix.ATTENTION_OUTPUT, Option.OUTPUT_BIAS, Option.POST_ATTENTION_NORM);

            Quantized forward = quantized(norm(afterAttention, argument("feed_forward_norm")));
            Value gate = product(forward, Matrix.GATE);
            Value up = product(forward, Matrix.UP);
            Value gated = FloatEmitter.elementwise(at, gate, up, (block, g, u) -> Arith.mulf(block, floats.activation(block, config.activation(), g), u));
            Value result = plusBranch(afterAttention, gated, Matrix.DOWN, null, Option.POST_FEED_FORWARD_NORM);
            Value worst = largest.stream().reduce((a, b) ->
                    FloatEmitter.elementwise(at, a, b, (block, l, r) -> Arith.of(block, IntegerOperation.MAXSI, l, r))).orElseThrow();
            return List.of(result, key, value, worst);
        }

        /** rmsnorm of one vector (REQ-OPS-009). */
        private Value norm(Value x, Value weights) {
            long n = x.tensor().elements();
            Value row = Tensor.expandShape(at, x, new long[] {1, n});
            return Tensor.collapseShape(at, floats.rmsNorm(at, row, weights, config.normEpsilon()), 2);
        }

        private Quantized quantized(Value x) {
            Quantized quantized = products.quantize(at, Tensor.expandShape(at, x, new long[] {1, x.tensor().elements()}));
            largest.add(quantized.amax());
            return quantized;
        }

        /** W · x (REQ-OPS-011). */
        private Value product(Quantized x, Matrix matrix) {
            String name = matrix.name().toLowerCase(java.util.Locale.ROOT);
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

        private Value plusBias(Value y, @Nullable Option bias) {
            return bias == null || !shape.options().contains(bias) ? y : FloatEmitter.elementwise(at, y, option(bias), Arith::addf);
        }

        private Value option(Option option) {
            return argument(option.name().toLowerCase(java.util.Locale.ROOT));
        }

        /** The heads [heads, n] of a query, key or value. */
        private Value heads(Quantized x, Matrix matrix, int heads, Option bias, @Nullable Option norm, boolean rotated) {
            Value rows = Tensor.expandShape(at, plusBias(product(x, matrix), bias), new long[] {heads, config.headSize()});
            if (norm != null && shape.options().contains(norm)) {
                rows = floats.rmsNorm(at, rows, option(norm), config.normEpsilon());
            }
            return rotated && shape.pairs() > 0
                    ? floats.rotated(at, config.rotation(), rows, shape.pairs(), argument("cosines"), argument("sines"))
                    : rows;
        }

        /** x + [norm](W · y [+ b]). */
        private Value plusBranch(Value x, Value y, Matrix matrix, @Nullable Option bias, Option norm) {
            Value branch = plusBias(product(quantized(y), matrix), bias);
            if (shape.options().contains(norm)) {
                branch = norm(branch, option(norm));
            }
            return FloatEmitter.elementwise(at, x, branch, Arith::addf);
        }

        /** max(0, p − w + 1), or 0 without a window (REQ-ATT-002). */
        private Value firstSeen(Value position) {
            Value zero = FloatEmitter.index(at, 0);
            if (shape.window() == 0) {
                return zero;
            }
            Value reach = FloatEmitter.index(at, shape.window() - 1);
            Value isWhole = Arith.cmpi(at, IntegerPredicate.SLE, position, reach);
            return Arith.select(at, isWhole, zero, Arith.subi(at, position, reach));
        }
    }
}
