package org.threehalf.backends.groq.mlir;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.threehalf.backends.groq.mlir.Attribute.AffineMapAttribute;
import org.threehalf.backends.groq.mlir.Attribute.ArrayAttribute;
import org.threehalf.backends.groq.mlir.Attribute.DialectAttribute;
import org.threehalf.backends.groq.mlir.Attribute.IntegerArray;
import org.threehalf.backends.groq.mlir.Attribute.IntegerAttribute;
import org.threehalf.backends.groq.mlir.Block.Details;
import org.threehalf.backends.groq.mlir.Type.TensorType;

/** The {@code linalg} dialect: loops over the elements of tensors. */
public final class Linalg {

    private Linalg() {}

    /** What a loop may do. */
    public enum Iterator {
        /** Iterations are independent. */
        PARALLEL,
        /**
         * Iterations are folded into one element, in any order: for integers only, where the order does not matter
         * (REQ-DOT-003).
         */
        REDUCTION
    }

    /**
     * A tensor and how the loops run over it.
     *
     * @param value a tensor
     * @param map from the loops to its subscripts
     */
    public record Operand(Value value, AffineMap map) {}

    /**
     * {@code linalg.generic} with one output: computes an element from elements of the inputs and the output's present
     * one.
     *
     * @param role what {@code schedule.mlir} calls it, or an empty string
     * @param iterators the loops, outermost first
     * @param inputs the tensors read
     * @param output the tensor whose elements are folded into or overwritten
     * @param body from the inputs' elements and last the output's, the new element
     * @return the tensor after
     * @throws IllTypedException if a map does not fit its tensor, two tensors disagree on a loop's extent, no tensor
     *     gives it, a reduction runs over floating-point numbers or over a loop of the output, or the body's value has
     *     another type
     */
    public static Value generic(
            Block at,
            String role,
            List<Iterator> iterators,
            List<Operand> inputs,
            Operand output,
            BiFunction<Block, List<Value>, Value> body) {
        String name = "linalg.generic";
        List<Operand> operands =
                Stream.concat(inputs.stream(), Stream.of(output)).toList();
        long[] extents = new long[iterators.size()];
        for (Operand operand : operands) {
            TensorType type = operand.value().tensor();
            AffineMap map = operand.map();
            IllTypedException.require(
                    map.dims() == extents.length && map.results().size() == type.rank(),
                    name,
                    "%s does not fit %s and %d loops",
                    map,
                    type,
                    extents.length);
            for (int i = 0; i < type.rank(); i++) {
                int loop = map.results().get(i);
                long extent = type.shape().get(i);
                IllTypedException.require(
                        extents[loop] == 0 || extents[loop] == extent,
                        name,
                        "loop %d runs to %d and, over %s, to %d",
                        loop,
                        extents[loop],
                        type,
                        extent);
                extents[loop] = extent;
            }
        }
        IllTypedException.require(
                Arrays.stream(extents).allMatch(extent -> extent > 0), name, "a loop runs over no tensor");
        TensorType result = output.value().tensor();
        for (int loop = 0; loop < extents.length; loop++) {
            boolean folded = iterators.get(loop) == Iterator.REDUCTION;
            IllTypedException.require(
                    folded != output.map().results().contains(loop),
                    name,
                    "loop %d is %s but %s",
                    loop,
                    iterators.get(loop),
                    folded ? "runs over the output" : "does not run over the output");
            IllTypedException.require(
                    !folded || !(result.element() instanceof Type.FloatType),
                    name,
                    "a sum of %s in any order has no defined bits",
                    result.element());
        }
        Block block = new Block(
                at,
                operands.stream()
                        .map(operand -> operand.value().tensor().element())
                        .toList());
        Value yielded = body.apply(block, block.arguments());
        IllTypedException.require(
                yielded.type().equals(result.element()),
                "linalg.yield",
                "a value of type %s into %s",
                yielded.type(),
                result);
        block.terminate("linalg.yield", List.of(yielded));
        Details details = new Details()
                .with("operandSegmentSizes", IntegerArray.i32(inputs.size(), 1))
                .with(
                        "indexing_maps",
                        new ArrayAttribute(operands.stream()
                                .map(operand -> new AffineMapAttribute(operand.map()))
                                .toList()))
                .with(
                        "iterator_types",
                        new ArrayAttribute(
                                iterators.stream().map(Linalg::attribute).toList()))
                .region(block);
        if (!role.isEmpty()) {
            details.with(Map.of("threehalf.role", new Attribute.StringAttribute(role)));
        }
        return at.appendOne(name, operands.stream().map(Operand::value).toList(), result, details);
    }

    private static DialectAttribute attribute(Iterator iterator) {
        return new DialectAttribute("linalg.iterator_type", iterator.name().toLowerCase(java.util.Locale.ROOT));
    }

    /**
     * As {@link #generic}, for a new tensor with a value for each of its elements; all loops are parallel and
     * {@code maps} belong to the inputs.
     */
    public static Value map(
            Block at, String role, TensorType type, List<Operand> inputs, BiFunction<Block, List<Value>, Value> body) {
        List<Iterator> iterators = new ArrayList<>(java.util.Collections.nCopies(type.rank(), Iterator.PARALLEL));
        Operand output = new Operand(Tensor.empty(at, type), AffineMap.identity(type.rank()));
        return generic(at, role, iterators, inputs, output, body);
    }

    /** A tensor with one value everywhere; the value is a scalar from outside. */
    public static Value fill(Block at, String role, TensorType type, Value value) {
        return map(at, role, type, List.of(), (block, arguments) -> value);
    }

    /** Within a body: the loop's counter, an {@code index}. */
    public static Value index(Block at, int loop) {
        return at.appendOne(
                "linalg.index", List.of(), Type.INDEX, Details.of("dim", new IntegerAttribute(loop, Type.I64)));
    }
}
