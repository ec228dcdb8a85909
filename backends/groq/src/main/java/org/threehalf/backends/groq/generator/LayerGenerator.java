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
import org.threehalf.backends.groq.mlir.AffineMap;
import org.threehalf.backends.groq.mlir.Arith;
import org.threehalf.backends.groq.mlir.Arith.FloatPredicate;
import org.threehalf.backends.groq.mlir.Arith.IntegerOperation;
import org.threehalf.backends.groq.mlir.Arith.IntegerPredicate;
import org.threehalf.backends.groq.mlir.Attribute;
import org.threehalf.backends.groq.mlir.Block;
import org.threehalf.backends.groq.mlir.Linalg;
import org.threehalf.backends.groq.mlir.Linalg.Iterator;
import org.threehalf.backends.groq.mlir.Linalg.Operand;
import org.threehalf.backends.groq.mlir.MlirModule;
import org.threehalf.backends.groq.mlir.Scf;
import org.threehalf.backends.groq.mlir.Tensor;
import org.threehalf.backends.groq.mlir.Type;
import org.threehalf.backends.groq.mlir.Type.TensorType;
import org.threehalf.backends.groq.mlir.Value;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.kernels.transformer.Rotation;

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
        private final List<Value> largest = new ArrayList<>();

        Body(MlirModule module, LayerShape shape, Block at, Map<String, Value> arguments) {
            this.module = module;
            this.shape = shape;
            this.config = shape.config();
            this.at = at;
            this.arguments = arguments;
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
            Value attended = attention(query, keys, values, position);
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
            return rotated && shape.pairs() > 0 ? rotated(rows, heads) : rows;
        }

        /** Each pair (u, v) becomes (u·cos − v·sin, u·sin + v·cos) (REQ-ROP-005). */
        private Value rotated(Value rows, int heads) {
            int pairs = shape.pairs();
            boolean split = config.rotation() == Rotation.Layout.SPLIT;
            long[] part = {heads, 2L * pairs};
            Value turned = Tensor.extractSlice(at, rows, new long[2], part, 0, 1);
            Value box = Tensor.expandShape(at, turned, new long[] {heads}, split ? new long[] {2, pairs} : new long[] {pairs, 2});
            long[] size = split ? new long[] {heads, 1, pairs} : new long[] {heads, pairs, 1};
            long[] second = split ? new long[] {0, 1, 0} : new long[] {0, 0, 1};
            int[] keep = split ? new int[] {0, 2} : new int[] {0, 1};
            Value u = Tensor.extractSlice(at, box, new long[3], size, keep);
            Value v = Tensor.extractSlice(at, box, second, size, keep);
            int pair = split ? 2 : 1;
            int side = split ? 1 : 2;
            List<Operand> operands = List.of(
                    new Operand(u, AffineMap.of(3, 0, pair)),
                    new Operand(v, AffineMap.of(3, 0, pair)),
                    new Operand(argument("cosines"), AffineMap.of(3, pair)),
                    new Operand(argument("sines"), AffineMap.of(3, pair)));
            Value changed = Linalg.map(at, "", box.tensor(), operands, (block, e) -> {
                Value first = Arith.subf(block, Arith.mulf(block, e.get(0), e.get(2)), Arith.mulf(block, e.get(1), e.get(3)));
                Value last = Arith.addf(block, Arith.mulf(block, e.get(0), e.get(3)), Arith.mulf(block, e.get(1), e.get(2)));
                Value isFirst = Arith.cmpi(block, IntegerPredicate.EQ, Linalg.index(block, side), FloatEmitter.index(block, 0));
                return Arith.select(block, isFirst, first, last);
            });
            Value flat = Tensor.collapseShape(at, changed, 1, 2);
            return part[1] == config.headSize() ? flat : Tensor.insertSlice(at, flat, rows, new long[2], part, 0, 1);
        }

        /** x + [norm](W · y [+ b]). */
        private Value plusBranch(Value x, Value y, Matrix matrix, @Nullable Option bias, Option norm) {
            Value branch = plusBias(product(quantized(y), matrix), bias);
            if (shape.options().contains(norm)) {
                branch = norm(branch, option(norm));
            }
            return FloatEmitter.elementwise(at, x, branch, Arith::addf);
        }

        /** REQ-ATT-002 to REQ-ATT-005: the heads' outputs one after the other. */
        private Value attention(Value query, Value keys, Value values, Value position) {
            int kvHeads = config.keyValueHeads();
            int group = config.heads() / kvHeads;
            int n = config.headSize();
            long[] heads = {kvHeads, group};
            Value one = FloatEmitter.index(at, 1);
            Value first = firstSeen(position);
            Value end = Arith.addi(at, position, one);
            Value grouped = Tensor.expandShape(at, FloatEmitter.padded(at, query), new long[] {kvHeads, group}, new long[] {FloatEmitter.chunks(n) * FloatEmitter.LANES});

            TensorType scoreType = TensorType.of(Type.F32, kvHeads, group, shape.capacity());
            Value noScores = Linalg.fill(at, "", scoreType, Arith.constant(at, Float.NEGATIVE_INFINITY));
            Value noMaximum = Linalg.fill(at, "", TensorType.of(Type.F32, heads), Arith.constant(at, Float.NEGATIVE_INFINITY));
            List<Value> scored = Scf.loop(at, first, end, one, List.of(noScores, noMaximum), (block, t, carried) -> {
                Value dots = floats.sums(block, heads, FloatEmitter.index(block, 0), FloatEmitter.index(block, FloatEmitter.chunks(n)), (body, h, k) -> {
                    Value q = Tensor.extract(body, grouped, List.of(h.get(0), h.get(1), k));
                    return Arith.mulf(body, q, element(body, keys, h.getFirst(), t, k, n));
                });
                List<Operand> operand = List.of(new Operand(dots, AffineMap.identity(2)));
                Value scores = Linalg.map(block, "", dots.tensor(), operand, (body, e) -> {
                    Value score = Arith.mulf(body, e.getFirst(), Arith.constant(body, config.attentionScale()));
                    return config.attentionCap() > 0 ? floats.softCap(body, score, config.attentionCap()) : score;
                });
                Value all = Tensor.insertSliceAt(block, scores, carried.get(0), 2, t, new long[] {kvHeads, group, 1}, 0, 1);
                Operand largestSoFar = new Operand(carried.get(1), AffineMap.identity(2));
                List<Operand> candidates = List.of(new Operand(scores, AffineMap.identity(2)));
                Value maximum = Linalg.generic(block, "", List.of(Iterator.PARALLEL, Iterator.PARALLEL), candidates, largestSoFar, (body, e) ->
                        Arith.select(body, Arith.cmpf(body, FloatPredicate.OGT, e.get(0), e.get(1)), e.get(0), e.get(1)));
                return List.of(all, maximum);
            });

            // Positions that are not seen have the score −∞, hence the weight 0: their terms change no sum (REQ-OPS-002).
            List<Operand> operands = List.of(new Operand(scored.get(0), AffineMap.identity(3)), new Operand(scored.get(1), AffineMap.of(3, 0, 1)));
            Value weights = Linalg.map(at, "", scoreType, operands, (block, e) -> floats.exp(block, Arith.subf(block, e.get(0), e.get(1))));
            Value lanes = FloatEmitter.index(at, FloatEmitter.LANES);
            Value from = Arith.of(at, IntegerOperation.DIVUI, first, lanes);
            Value to = Arith.addi(at, Arith.of(at, IntegerOperation.DIVUI, position, lanes), one);
            Value total = floats.sums(at, heads, from, to, (block, h, t) -> Tensor.extract(block, weights, List.of(h.get(0), h.get(1), t)));
            Value sums = floats.sums(at, new long[] {kvHeads, group, n}, from, to, (block, h, t) -> {
                Value weight = Tensor.extract(block, weights, List.of(h.get(0), h.get(1), t));
                return Arith.mulf(block, weight, Tensor.extract(block, values, List.of(h.get(0), t, h.get(2))));
            });
            List<Operand> quotients = List.of(new Operand(sums, AffineMap.identity(3)), new Operand(total, AffineMap.of(3, 0, 1)));
            Value outputs = Linalg.map(at, "", sums.tensor(), quotients, (block, e) -> Arith.divf(block, e.get(0), e.get(1)));
            return Tensor.collapseShape(at, outputs, 3);
        }

        /** An element of the cache; behind the head's n elements, where the query has zeros, the last one. */
        private Value element(Block block, Value cache, Value head, Value t, Value k, int n) {
            if (n % FloatEmitter.LANES == 0) {
                return Tensor.extract(block, cache, List.of(head, t, k));
            }
            Value last = FloatEmitter.index(block, n - 1);
            return Tensor.extract(block, cache, List.of(head, t, Arith.of(block, IntegerOperation.MINSI, k, last)));
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
