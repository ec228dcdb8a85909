package org.threehalf.backends.groq.mlir;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.threehalf.backends.groq.mlir.Attribute.ArrayAttribute;
import org.threehalf.backends.groq.mlir.Attribute.IntegerArray;
import org.threehalf.backends.groq.mlir.Attribute.IntegerAttribute;
import org.threehalf.backends.groq.mlir.Block.Details;
import org.threehalf.backends.groq.mlir.Type.TensorType;

/** The {@code tensor} dialect with static shapes. */
public final class Tensor {

    private Tensor() {}

    /** A tensor whose elements are not defined: where a result goes. */
    public static Value empty(Block at, TensorType type) {
        return at.appendOne("tensor.empty", List.of(), type, Details.NONE);
    }

    /**
     * Appends elements of one value behind the last dimension.
     *
     * @param extent the last dimension's new extent, not below the old one
     * @param padding the value, a scalar from outside
     */
    public static Value padLast(Block at, Value source, long extent, Value padding) {
        TensorType from = source.tensor();
        require(
                from.rank() >= 1 && extent >= from.shape().getLast(),
                "tensor.pad",
                "%s to a last extent of %d",
                from,
                extent);
        require(
                padding.type().equals(from.element()),
                "tensor.pad",
                "%s with a padding of type %s",
                from,
                padding.type());
        List<Long> shape = new ArrayList<>(from.shape());
        shape.set(shape.size() - 1, extent);
        long[] none = new long[from.rank()];
        long[] high = new long[from.rank()];
        high[high.length - 1] = extent - from.shape().getLast();
        Block body = new Block(at, java.util.Collections.nCopies(from.rank(), Type.INDEX));
        body.terminate("tensor.yield", List.of(padding));
        return at.appendOne(
                "tensor.pad",
                List.of(source),
                new TensorType(shape, from.element()),
                new Details()
                        .with("operandSegmentSizes", IntegerArray.i32(1, 0, 0))
                        .with("static_low", IntegerArray.i64(none))
                        .with("static_high", IntegerArray.i64(high))
                        .region(body));
    }

    /**
     * Splits dimensions.
     *
     * @param groups for each dimension of the source, the extents that it becomes
     */
    public static Value expandShape(Block at, Value source, long[]... groups) {
        TensorType from = source.tensor();
        require(groups.length == from.rank(), "tensor.expand_shape", "%d groups for %s", groups.length, from);
        for (int i = 0; i < groups.length; i++) {
            long product = Arrays.stream(groups[i]).reduce(1, Math::multiplyExact);
            require(
                    product == from.shape().get(i),
                    "tensor.expand_shape",
                    "dimension %d of %s into %s",
                    i,
                    from,
                    Arrays.toString(groups[i]));
        }
        long[] shape = Stream.of(groups).flatMapToLong(Arrays::stream).toArray();
        return at.appendOne(
                "tensor.expand_shape",
                List.of(source),
                TensorType.of(from.element(), shape),
                new Details()
                        .with(
                                "reassociation",
                                reassociation(Stream.of(groups)
                                        .map(group -> group.length)
                                        .toList()))
                        .with("static_output_shape", IntegerArray.i64(shape)));
    }

    /**
     * Joins neighbouring dimensions.
     *
     * @param counts for each dimension of the result, how many of the source it joins
     */
    public static Value collapseShape(Block at, Value source, int... counts) {
        TensorType from = source.tensor();
        require(
                Arrays.stream(counts).sum() == from.rank()
                        && Arrays.stream(counts).allMatch(c -> c >= 1),
                "tensor.collapse_shape",
                "%s by groups of %s",
                from,
                Arrays.toString(counts));
        long[] shape = new long[counts.length];
        for (int i = 0, next = 0; i < counts.length; i++) {
            shape[i] = 1;
            for (int j = 0; j < counts[i]; j++) {
                shape[i] *= from.shape().get(next++);
            }
        }
        return at.appendOne(
                "tensor.collapse_shape",
                List.of(source),
                TensorType.of(from.element(), shape),
                Details.of(
                        "reassociation",
                        reassociation(Arrays.stream(counts).boxed().toList())));
    }

    private static ArrayAttribute reassociation(List<Integer> counts) {
        List<ArrayAttribute> groups = new ArrayList<>();
        int next = 0;
        for (int count : counts) {
            List<IntegerAttribute> group = new ArrayList<>();
            for (int j = 0; j < count; j++) {
                group.add(new IntegerAttribute(next++, Type.I64));
            }
            groups.add(new ArrayAttribute(group));
        }
        return new ArrayAttribute(groups);
    }

    /**
     * A box of a tensor.
     *
     * @param offsets where it starts, one a dimension
     * @param sizes its extents
     * @param keep which dimensions the result keeps, in order; the others must have the size 1
     */
    public static Value extractSlice(Block at, Value source, long[] offsets, long[] sizes, int... keep) {
        TensorType from = source.tensor();
        requireBox("tensor.extract_slice", from, offsets, sizes);
        return at.appendOne(
                "tensor.extract_slice",
                List.of(source),
                kept("tensor.extract_slice", from, sizes, keep),
                box(IntegerArray.i32(1, 0, 0, 0), offsets, sizes));
    }

    /**
     * A box of a tensor that starts at 0 but in one dimension, where it starts at a value known at run time.
     *
     * @param dimension that dimension
     * @param offset where the box starts in it, an {@code index}; the box must lie inside the tensor
     * @param sizes its extents
     * @param keep as in {@link #extractSlice}
     */
    public static Value extractSliceAt(Block at, Value source, int dimension, Value offset, long[] sizes, int... keep) {
        TensorType from = source.tensor();
        requireBox("tensor.extract_slice", from, new long[from.rank()], sizes);
        require(offset.type().equals(Type.INDEX), "tensor.extract_slice", "an offset of type %s", offset.type());
        return at.appendOne(
                "tensor.extract_slice",
                List.of(source, offset),
                kept("tensor.extract_slice", from, sizes, keep),
                box(IntegerArray.i32(1, 1, 0, 0), dynamicAt(from.rank(), dimension), sizes));
    }

    /**
     * A tensor with a box replaced.
     *
     * @param source what comes into the box: its extents, less dimensions of 1
     * @param offsets where the box starts
     * @param sizes its extents
     * @param keep the box's dimensions that the source has
     */
    public static Value insertSlice(Block at, Value source, Value into, long[] offsets, long[] sizes, int... keep) {
        TensorType to = into.tensor();
        requireBox("tensor.insert_slice", to, offsets, sizes);
        requireSource(source, to, sizes, keep);
        return at.appendOne(
                "tensor.insert_slice", List.of(source, into), to, box(IntegerArray.i32(1, 1, 0, 0, 0), offsets, sizes));
    }

    /** As {@link #insertSlice}, into the box of {@link #extractSliceAt}. */
    public static Value insertSliceAt(
            Block at, Value source, Value into, int dimension, Value offset, long[] sizes, int... keep) {
        TensorType to = into.tensor();
        requireBox("tensor.insert_slice", to, new long[to.rank()], sizes);
        require(offset.type().equals(Type.INDEX), "tensor.insert_slice", "an offset of type %s", offset.type());
        requireSource(source, to, sizes, keep);
        return at.appendOne(
                "tensor.insert_slice",
                List.of(source, into, offset),
                to,
                box(IntegerArray.i32(1, 1, 1, 0, 0), dynamicAt(to.rank(), dimension), sizes));
    }

    private static void requireSource(Value source, TensorType to, long[] sizes, int[] keep) {
        TensorType expected = kept("tensor.insert_slice", to, sizes, keep);
        require(
                source.type().equals(expected),
                "tensor.insert_slice",
                "%s where %s is needed",
                source.type(),
                expected);
    }

    private static TensorType kept(String name, TensorType type, long[] sizes, int[] keep) {
        boolean inRange = Arrays.stream(keep).allMatch(i -> i >= 0 && i < sizes.length) && strictlyAscending(keep);
        long[] shape = inRange ? Arrays.stream(keep).mapToLong(i -> sizes[i]).toArray() : new long[0];
        boolean same = inRange
                && Arrays.stream(shape).reduce(1, (a, b) -> a * b)
                        == Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
        require(
                same,
                name,
                "a box of %s does not keep to dimensions %s",
                Arrays.toString(sizes),
                Arrays.toString(keep));
        return TensorType.of(type.element(), shape);
    }

    private static long[] dynamicAt(int rank, int dimension) {
        long[] offsets = new long[rank];
        offsets[dimension] = Long.MIN_VALUE;
        return offsets;
    }

    private static Details box(IntegerArray segments, long[] offsets, long[] sizes) {
        return new Details()
                .with("operandSegmentSizes", segments)
                .with("static_offsets", IntegerArray.i64(offsets))
                .with("static_sizes", IntegerArray.i64(sizes))
                .with("static_strides", IntegerArray.i64(ones(sizes.length)));
    }

    /** The element of the given subscripts, each an {@code index} value. */
    public static Value extract(Block at, Value source, List<Value> subscripts) {
        TensorType from = source.tensor();
        requireSubscripts("tensor.extract", from, subscripts);
        return at.appendOne(
                "tensor.extract",
                Stream.concat(Stream.of(source), subscripts.stream()).toList(),
                from.element(),
                Details.NONE);
    }

    /** The tensor with one element replaced. */
    public static Value insert(Block at, Value element, Value into, List<Value> subscripts) {
        TensorType to = into.tensor();
        requireSubscripts("tensor.insert", to, subscripts);
        require(
                element.type().equals(to.element()),
                "tensor.insert",
                "an element of type %s into %s",
                element.type(),
                to);
        return at.appendOne(
                "tensor.insert",
                Stream.concat(Stream.of(element, into), subscripts.stream()).toList(),
                to,
                Details.NONE);
    }

    private static void requireSubscripts(String name, TensorType type, List<Value> subscripts) {
        boolean fit = subscripts.size() == type.rank()
                && subscripts.stream().allMatch(value -> value.type().equals(Type.INDEX));
        require(
                fit,
                name,
                "%s with subscripts of types %s",
                type,
                subscripts.stream().map(Value::type).toList());
    }

    private static void requireBox(String name, TensorType type, long[] offsets, long[] sizes) {
        boolean fits = offsets.length == type.rank() && sizes.length == type.rank();
        for (int i = 0; fits && i < offsets.length; i++) {
            fits = offsets[i] >= 0
                    && sizes[i] >= 1
                    && offsets[i] + sizes[i] <= type.shape().get(i);
        }
        require(
                fits,
                name,
                "the box at %s of %s is not inside %s",
                Arrays.toString(offsets),
                Arrays.toString(sizes),
                type);
    }

    private static boolean strictlyAscending(int[] values) {
        for (int i = 1; i < values.length; i++) {
            if (values[i] <= values[i - 1]) {
                return false;
            }
        }
        return true;
    }

    private static long[] ones(int count) {
        long[] ones = new long[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static void require(boolean condition, String name, String complaint, Object... arguments) {
        IllTypedException.require(condition, name, complaint, arguments);
    }
}
