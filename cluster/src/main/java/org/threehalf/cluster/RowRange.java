package org.threehalf.cluster;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.kernels.format.Format;

/**
 * Rows of a matrix that is quantised.
 *
 * @param tensor its name
 * @param format its format then
 * @param first the first row
 * @param count how many
 * @param columns K
 */
record RowRange(String tensor, Format format, int first, int count, int columns) implements Serializable {
    /** Rows are cut at multiples of it, so that groups of rows that are quantised together stay together. */
    private static final int TILE_ROWS = 8;
    /** A range holds so many weights at most: bounds the memory of a task. */
    private static final long MOST_WEIGHTS = 1L << 24;

    private long weights() {
        return (long) count * columns;
    }

    /** All rows of a tensor. */
    static RowRange whole(GgufTensor tensor, Format format) {
        return new RowRange(tensor.name(), format, 0, (int) tensor.rows(), (int) tensor.columns());
    }

    private RowRange part(int from, int rows) {
        return new RowRange(tensor, format, first + from, rows, columns);
    }

    /** How many weights they have. */
    static long weights(List<RowRange> ranges) {
        return ranges.stream().mapToLong(RowRange::weights).sum();
    }

    /**
     * Cuts matrices into parts of about as many weights each, in their order.
     *
     * @param matrices whole ones
     * @param parts how many; fewer where there are not so many tiles of rows
     * @return the ranges of each part: none of a part crosses a matrix's end, and all of them together are all rows
     *     once
     */
    static List<List<RowRange>> cut(List<RowRange> matrices, int parts) {
        long all = weights(matrices);
        List<List<RowRange>> cut = new ArrayList<>();
        List<RowRange> current = new ArrayList<>();
        long done = 0;
        for (RowRange matrix : matrices) {
            int row = 0;
            while (row < matrix.count) {
                long due = Math.max(1, (long) Math.ceil((double) all * (cut.size() + 1) / parts) - done);
                long rows = Math.min(
                        (due + matrix.columns - 1) / matrix.columns,
                        Math.max(TILE_ROWS, MOST_WEIGHTS / matrix.columns));
                int count = (int) Math.min(matrix.count - row, (rows + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS);
                current.add(matrix.part(row, count));
                row += count;
                done += (long) count * matrix.columns;
                if (done >= (double) all * (cut.size() + 1) / parts) {
                    cut.add(current);
                    current = new ArrayList<>();
                }
            }
        }
        if (!current.isEmpty()) {
            cut.add(current);
        }
        return cut;
    }
}
