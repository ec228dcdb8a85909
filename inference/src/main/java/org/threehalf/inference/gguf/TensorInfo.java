package org.threehalf.inference.gguf;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What a GGUF file says of a tensor, its place apart.
 *
 * @param name its name
 * @param type how its elements are stored
 * @param dimensions one to four, each at least 1, the fastest first; the first is a multiple of the type's block
 */
public record TensorInfo(String name, TensorType type, List<Long> dimensions) {

    /**
     * Checks the shape.
     *
     * @throws IllegalArgumentException if it is not as said, or the tensor would take 2⁶³ bytes or more
     */
    public TensorInfo {
        dimensions = List.copyOf(dimensions);
        if (dimensions.isEmpty() || dimensions.size() > 4) {
            throw new IllegalArgumentException("%d dimensions: there must be 1 to 4".formatted(dimensions.size()));
        }
        long elements = 1;
        for (long dimension : dimensions) {
            if (dimension < 1) {
                throw new IllegalArgumentException(
                        "a dimension of %s: it must lie in [1, 2^63)".formatted(Long.toUnsignedString(dimension)));
            }
            if (Math.multiplyHigh(elements, dimension) != 0
                    || elements * dimension < 0
                    || elements * dimension > Long.MAX_VALUE / 256) {
                throw new IllegalArgumentException(
                        "dimensions %s: more elements than any file can hold".formatted(show(dimensions)));
            }
            elements *= dimension;
        }
        if (dimensions.getFirst() % type.blockElements() != 0) {
            throw new IllegalArgumentException("rows of %,d elements are not a multiple of %s's block of %d"
                    .formatted(dimensions.getFirst(), type, type.blockElements()));
        }
    }

    /** Elements a row: the first dimension. */
    public long columns() {
        return dimensions.getFirst();
    }

    /** Rows: the product of the other dimensions. */
    public long rows() {
        return elements() / columns();
    }

    /** All elements. */
    public long elements() {
        long elements = 1;
        for (long dimension : dimensions) {
            elements *= dimension;
        }
        return elements;
    }

    /** Bytes of all elements. */
    public long bytes() {
        return type.bytes(elements());
    }

    /** The dimensions for a person, the fastest first: {@code 640 x 2048}. */
    public String shape() {
        return show(dimensions);
    }

    private static String show(List<Long> dimensions) {
        return dimensions.stream().map(String::valueOf).collect(Collectors.joining(" x "));
    }
}
