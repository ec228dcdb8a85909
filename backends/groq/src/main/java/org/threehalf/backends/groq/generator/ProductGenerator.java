package org.threehalf.backends.groq.generator;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
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
import org.threehalf.backends.groq.mlir.Tensor;
import org.threehalf.backends.groq.mlir.Type;
import org.threehalf.backends.groq.mlir.Type.TensorType;
import org.threehalf.backends.groq.mlir.Value;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.ElementaryFunctions;

/**
 * Generates the product of a packed matrix with tokens, and the quantising of tokens.
 *
 * <p>A product, for T tokens and N rows of B blocks, in this order; loops in brackets:
 *
 * <ol>
 *   <li>the activations get zeros up to 64·B, and each block's even inputs are put before its odd ones, as its codes
 *       are;
 *   <li>for each {@link Plane}: unpack [n, b, j] to T[c] in {@code i8}, and contract [n, b, t; Σ over j] in
 *       {@code i32};
 *   <li>I = Σ_b m_b · (the block's sum) [t, n; Σ over b] (REQ-DOT-001);
 *   <li>y = fl₃₂(fl₃₂(I) · fl₃₂(s_row · s_act)) [t, n] (REQ-DOT-004).
 * </ol>
 *
 * Padding codes count nothing, because their activations are 0 (REQ-PCK-005). Every sum fits {@code i32} in any order
 * (REQ-DOT-002).
 *
 * <p>The steps that a mistake could sit in are methods of their own: tests override them with faults, which must be
 * caught.
 */
public class ProductGenerator {

    /** The generator whose steps are right. */
    public ProductGenerator() {}

    /**
     * A module with the product of one matrix with T tokens: the function {@code gemv} for T = 1, else {@code gemm}.
     *
     * <p>It takes the codes [N, B, bytes a block], the sub-scales [N, ⌈B/2⌉] (formats with them), the scales [N], the
     * tokens' codes [T, K] and scales [T]; and returns I [T, N] and y [T, N].
     *
     * @param rows N, at least 1
     * @param columns K, within the format's limit
     * @param tokens T, at least 1
     * @throws IllegalArgumentException if the shape is outside the format's limits, or there is no token
     */
    public final MlirModule product(Format format, int rows, int columns, int tokens) {
        format.requireShape(rows, columns);
        if (tokens < 1) {
            throw new IllegalArgumentException("%d tokens: there must be at least 1".formatted(tokens));
        }
        MlirModule module = new MlirModule(Map.of(
                "threehalf.format", new Attribute.StringAttribute(format.name()),
                "threehalf.rows", new Attribute.IntegerAttribute(rows, Type.I64),
                "threehalf.columns", new Attribute.IntegerAttribute(columns, Type.I64),
                "threehalf.tokens", new Attribute.IntegerAttribute(tokens, Type.I64)));
        addProduct(module, functionName(tokens), new Shape(format, rows, columns, tokens));
        return module;
    }

    /** The name of a product's function: {@code gemv} for one token, else {@code gemm}. */
    public static String functionName(int tokens) {
        return tokens == 1 ? "gemv" : "gemm";
    }

    /**
     * A module with {@code quantize}: takes one token [1, K], and returns its codes [1, K] and scale [1] (REQ-QNT-002,
     * REQ-QNT-003). What REQ-QNT-001 refuses must have been refused.
     *
     * @param columns K, at least 1
     */
    public final MlirModule quantizer(int columns) {
        MlirModule module =
                new MlirModule(Map.of("threehalf.columns", new Attribute.IntegerAttribute(columns, Type.I64)));
        TensorType token = TensorType.of(Type.F32, 1, columns);
        List<TensorType> results = List.of(TensorType.of(Type.I8, 1, columns), TensorType.of(Type.F32, 1));
        module.function("quantize", List.of(token), results, (at, arguments) -> {
            Quantized quantized = quantize(at, arguments.getFirst());
            return List.of(quantized.codes(), quantized.scales());
        });
        return module;
    }

    /**
     * What a product is of.
     *
     * @param rows N
     * @param columns K
     * @param tokens T
     */
    record Shape(Format format, int rows, int columns, int tokens) {
        int blocks() {
            return Format.blocks(columns);
        }

        /** The arguments' types that hold the matrix. */
        List<TensorType> matrix() {
            List<TensorType> types = new ArrayList<>();
            types.add(TensorType.of(
                    Type.I8, rows, blocks(), format.traits().withoutWindows().blockBytes()));
            if (format.hasSubscales()) {
                types.add(TensorType.of(Type.I8, rows, format.rowSubscaleBytes(columns)));
            }
            types.add(TensorType.of(Type.F32, rows));
            return types;
        }
    }

    /**
     * Quantised tokens.
     *
     * @param codes [T, K]
     * @param scales [T]
     * @param amax the bits of each token's largest magnitude [T], or of a NaN
     */
    record Quantized(Value codes, Value scales, Value amax) {}

    /** I [T, N] and y [T, N]. */
    private record Product(Value sums, Value outputs) {}

    /** Adds the function of a product to a module; its arguments and results are those of {@link #product}. */
    final void addProduct(MlirModule module, String name, Shape shape) {
        List<TensorType> inputs = new ArrayList<>(shape.matrix());
        inputs.add(TensorType.of(Type.I8, shape.tokens(), shape.columns()));
        inputs.add(TensorType.of(Type.F32, shape.tokens()));
        List<TensorType> results = List.of(
                TensorType.of(Type.I32, shape.tokens(), shape.rows()),
                TensorType.of(Type.F32, shape.tokens(), shape.rows()));
        module.function(name, inputs, results, (at, arguments) -> {
            int matrix = shape.matrix().size();
            Product product =
                    multiply(at, shape, arguments.subList(0, matrix), arguments.get(matrix), arguments.get(matrix + 1));
            return List.of(product.sums(), product.outputs());
        });
    }

    /** The product of a matrix, given as the arguments of {@link Shape#matrix}, with tokens. */
    private Product multiply(Block at, Shape shape, List<Value> matrix, Value tokenCodes, Value tokenScales) {
        Format format = shape.format();
        int blocks = shape.blocks();
        int[] box = {shape.rows(), blocks, shape.tokens()};
        Value codes = matrix.getFirst();
        Value activations = activationPlanes(at, shape, tokenCodes);

        Value sums = Linalg.fill(
                at, "zero", TensorType.of(accumulator(), box[0], box[1], box[2]), Arith.constant(at, accumulator(), 0));
        for (Plane plane : Plane.of(format)) {
            Value weights = unpack(at, shape, plane, codes);
            Value part = Tensor.extractSlice(
                    at,
                    activations,
                    new long[] {0, plane.odd() ? 1 : 0, 0, plane.first()},
                    new long[] {shape.tokens(), 1, blocks, plane.length()},
                    0,
                    2,
                    3);
            sums = contract(at, weights, part, sums);
        }
        Value rows = sumBlocks(at, shape, matrix, sums);
        TensorType y = TensorType.of(Type.F32, shape.tokens(), shape.rows());
        List<Operand> operands = List.of(
                new Operand(rows, AffineMap.identity(2)),
                new Operand(matrix.getLast(), AffineMap.of(2, 1)),
                new Operand(tokenScales, AffineMap.of(2, 0)));
        Value outputs =
                Linalg.map(at, "output", y, operands, (block, e) -> output(block, e.get(0), e.get(1), e.get(2)));
        return new Product(rows, outputs);
    }

    /** The activations [T, K] as [T, parity, B, 32], with zeros behind K. */
    private Value activationPlanes(Block at, Shape shape, Value codes) {
        long blocks = shape.blocks();
        Value padded =
                Tensor.padLast(at, keptActivations(at, codes), blocks * Format.BLOCK, Arith.constant(at, Type.I8, 0));
        Value pairs = Tensor.expandShape(at, padded, new long[] {shape.tokens()}, new long[] {blocks, Format.HALF, 2});
        TensorType planes = TensorType.of(Type.I8, shape.tokens(), 2, blocks, Format.HALF);
        return Linalg.map(
                at,
                "planes",
                planes,
                List.of(new Operand(pairs, AffineMap.of(4, 0, 2, 3, 1))),
                (block, e) -> e.getFirst());
    }

    /** T[c] of a plane's codes, as {@code i8} [N, B, length]. */
    private Value unpack(Block at, Shape shape, Plane plane, Value codes) {
        long rows = shape.rows();
        long blocks = shape.blocks();
        Value low = Tensor.extractSlice(
                at, codes, new long[] {0, 0, plane.bytes()}, new long[] {rows, blocks, plane.length()}, 0, 1, 2);
        TensorType weights = TensorType.of(Type.I8, rows, blocks, plane.length());
        if (plane.lowBits() == 8) {
            return low;
        }
        List<Operand> inputs = new ArrayList<>(List.of(new Operand(low, AffineMap.identity(3))));
        if (plane.highByte() >= 0) {
            Value high = Tensor.extractSlice(
                    at, codes, new long[] {0, 0, plane.highByte()}, new long[] {rows, blocks, 1}, 0, 1);
            Value bits = Arith.constant(
                    at, Type.I8, LongStream.range(0, plane.length()).boxed().toList());
            inputs.add(new Operand(high, AffineMap.of(3, 0, 1)));
            inputs.add(new Operand(bits, AffineMap.of(3, 2)));
        }
        return Linalg.map(at, "unpack", weights, inputs, (block, e) -> {
            Value code = lowBits(block, plane, e.getFirst());
            if (plane.highByte() >= 0) {
                Value bit = and(block, Arith.of(block, IntegerOperation.SHRUI, e.get(1), e.get(2)), 1);
                code = Arith.of(
                        block,
                        IntegerOperation.ORI,
                        code,
                        Arith.of(block, IntegerOperation.SHLI, bit, constant(block, 2)));
            }
            return value(block, plane.table(), code);
        });
    }

    /** sums[n, b, t] += Σ_j weights[n, b, j] · activations[t, b, j]. */
    private Value contract(Block at, Value weights, Value activations, Value sums) {
        List<Iterator> iterators = List.of(Iterator.PARALLEL, Iterator.PARALLEL, Iterator.PARALLEL, Iterator.REDUCTION);
        List<Operand> inputs = List.of(
                new Operand(weights, AffineMap.of(4, 0, 1, 3)), new Operand(activations, AffineMap.of(4, 2, 1, 3)));
        return Linalg.generic(
                at,
                "contract",
                iterators,
                inputs,
                new Operand(sums, AffineMap.of(4, 0, 1, 2)),
                (block, e) -> accumulate(block, e.get(0), e.get(1), e.get(2)));
    }

    /** I[t, n] = Σ_b m[n, b] · sums[n, b, t]. */
    private Value sumBlocks(Block at, Shape shape, List<Value> matrix, Value sums) {
        TensorType type = TensorType.of(Type.I32, shape.tokens(), shape.rows());
        Value zero = Linalg.fill(at, "", type, Arith.constant(at, Type.I32, 0));
        List<Operand> inputs = new ArrayList<>(List.of(new Operand(sums, AffineMap.of(3, 1, 2, 0))));
        if (shape.format().hasSubscales()) {
            inputs.add(new Operand(subscales(at, shape, matrix.get(1)), AffineMap.of(3, 1, 2)));
        }
        List<Iterator> iterators = List.of(Iterator.PARALLEL, Iterator.PARALLEL, Iterator.REDUCTION);
        return Linalg.generic(at, "rows", iterators, inputs, new Operand(zero, AffineMap.of(3, 0, 1)), (block, e) -> {
            Value sum = blockSum(block, e.getFirst());
            Value scaled = inputs.size() == 1 ? sum : Arith.muli(block, sum, Arith.extui(block, e.get(1), Type.I32));
            return Arith.addi(block, e.getLast(), scaled);
        });
    }

    /** The sub-scales [N, B] as {@code i8} from their bytes [N, ⌈B/2⌉] (REQ-PCK-006). */
    private Value subscales(Block at, Shape shape, Value packed) {
        long rows = shape.rows();
        long bytes = shape.format().rowSubscaleBytes(shape.columns());
        TensorType pairs = TensorType.of(Type.I8, rows, bytes, 2);
        Value unpacked =
                Linalg.map(at, "subscales", pairs, List.of(new Operand(packed, AffineMap.of(3, 0, 1))), (block, e) -> {
                    Value upper = Arith.indexCast(block, Linalg.index(block, 2), Type.I8);
                    Value shift = Arith.of(block, IntegerOperation.SHLI, upper, constant(block, 2));
                    return and(
                            block, Arith.of(block, IntegerOperation.SHRUI, e.getFirst(), shift), Format.MAX_SUBSCALE);
                });
        Value flat = Tensor.collapseShape(at, unpacked, 1, 2);
        return Tensor.extractSlice(at, flat, new long[] {0, 0}, new long[] {rows, shape.blocks()}, 0, 1);
    }

    /**
     * Quantises tokens [T, K] (REQ-QNT-002, REQ-QNT-003).
     *
     * <p>amax is found among the bits of |x|: for numbers without a sign they are ordered as integers, so that the
     * order of the reduction is free. Rounding to the nearest even integer is one addition and one subtraction of
     * 1.5·2²³: in [2²³, 2²⁴) binary32 numbers are the integers.
     */
    final Quantized quantize(Block at, Value tokens) {
        TensorType type = tokens.tensor();
        long count = type.shape().get(0);
        List<Iterator> iterators = List.of(Iterator.PARALLEL, Iterator.REDUCTION);
        Value zero = Linalg.fill(at, "", TensorType.of(Type.I32, count), Arith.constant(at, Type.I32, 0));
        List<Operand> inputs = List.of(new Operand(tokens, AffineMap.identity(2)));
        Value amax =
                Linalg.generic(at, "amax", iterators, inputs, new Operand(zero, AffineMap.of(2, 0)), (block, e) -> {
                    Value bits = Arith.bitcast(block, e.getFirst(), Type.I32);
                    Value magnitude = Arith.of(
                            block, IntegerOperation.ANDI, bits, Arith.constant(block, Type.I32, Integer.MAX_VALUE));
                    return Arith.of(block, IntegerOperation.MAXSI, magnitude, e.getLast());
                });
        Value scales = Linalg.map(
                at,
                "",
                TensorType.of(Type.F32, count),
                List.of(new Operand(amax, AffineMap.identity(1))),
                (block, e) ->
                        Arith.divf(block, Arith.bitcast(block, e.getFirst(), Type.F32), Arith.constant(block, 127f)));
        List<Operand> operands =
                List.of(new Operand(tokens, AffineMap.identity(2)), new Operand(scales, AffineMap.of(2, 0)));
        Value codes = Linalg.map(
                at,
                "",
                new TensorType(type.shape(), Type.I8),
                operands,
                (block, e) -> activationCode(block, e.get(0), e.get(1)));
        return new Quantized(codes, scales, amax);
    }

    /** One activation's code (REQ-QNT-003). Where s = 0 it divides by 1: then |x| is below 1/2, and rounds to 0. */
    private Value activationCode(Block at, Value x, Value scale) {
        Value isZero = Arith.cmpf(at, FloatPredicate.OEQ, scale, Arith.constant(at, 0f));
        Value quotient = Arith.divf(at, x, Arith.select(at, isZero, Arith.constant(at, 1f), scale));
        Value low = Arith.constant(at, -127f);
        Value high = Arith.constant(at, 127f);
        // Clamping first is the same, since the bounds are integers.
        Value above = Arith.select(at, Arith.cmpf(at, FloatPredicate.OLT, quotient, low), low, quotient);
        Value clamped = Arith.select(at, Arith.cmpf(at, FloatPredicate.OGT, above, high), high, above);
        return Arith.fptosi(at, roundToEven(at, clamped), Type.I8);
    }

    /** rne(q) for |q| ≤ 127. */
    Value roundToEven(Block at, Value q) {
        Value magic = Arith.constant(at, ElementaryFunctions.ROUND);
        return Arith.subf(at, Arith.addf(at, q, magic), magic);
    }

    /** The activations that a product counts: all. */
    Value keptActivations(Block at, Value codes) {
        return codes;
    }

    /** A code's bits that lie in its own byte. */
    Value lowBits(Block at, Plane plane, Value bits) {
        Value shifted =
                plane.shift() == 0 ? bits : Arith.of(at, IntegerOperation.SHRUI, bits, constant(at, plane.shift()));
        return and(at, shifted, (1 << plane.lowBits()) - 1);
    }

    /** T[c]: arithmetic where the table's steps are equal, else a tree of choices by the code's bits. */
    Value value(Block at, Codebook table, Value code) {
        if (table.isUniform()) {
            int step = table.value(1) - table.value(0);
            Value steps = step == 1 ? code : Arith.muli(at, code, constant(at, step));
            return Arith.addi(at, steps, constant(at, table.value(0)));
        }
        List<Value> choices = IntStream.range(0, table.size())
                .mapToObj(c -> constant(at, table.value(c)))
                .toList();
        for (int bit = 0; choices.size() > 1; bit++) {
            Value isSet = Arith.cmpi(at, IntegerPredicate.NE, and(at, code, 1 << bit), constant(at, 0));
            List<Value> all = choices;
            choices = IntStream.range(0, all.size() / 2)
                    .mapToObj(i -> Arith.select(at, isSet, all.get(2 * i + 1), all.get(2 * i)))
                    .toList();
        }
        return choices.getFirst();
    }

    /** The type in which a block is summed. */
    Type.IntegerType accumulator() {
        return Type.I32;
    }

    /** sum + weight · activation, in the accumulator's type. */
    Value accumulate(Block at, Value weight, Value activation, Value sum) {
        Value product =
                Arith.muli(at, Arith.extsi(at, weight, accumulator()), Arith.extsi(at, activation, accumulator()));
        return Arith.addi(at, sum, product);
    }

    /** A block's sum, in 32 bits. */
    Value blockSum(Block at, Value sum) {
        return accumulator().equals(Type.I32) ? sum : Arith.extsi(at, sum, Type.I32);
    }

    /** y = fl₃₂(fl₃₂(I) · fl₃₂(s_row · s_act)) (REQ-DOT-004). */
    Value output(Block at, Value sum, Value rowScale, Value activationScale) {
        return Arith.mulf(at, Arith.sitofp(at, sum, Type.F32), Arith.mulf(at, rowScale, activationScale));
    }

    private static Value and(Block at, Value bits, int mask) {
        return Arith.of(at, IntegerOperation.ANDI, bits, constant(at, mask));
    }

    private static Value constant(Block at, int value) {
        return Arith.constant(at, Type.I8, value);
    }
}
