package org.threehalf.kernels.transformer;

import java.util.Objects;
import java.util.Optional;

/**
 * A matrix of N rows and K columns whose weights can be had in binary32, whatever they are stored as (REQ-OPS-011).
 * Safe to read from several threads.
 */
public interface FloatMatrix {
    /** N. */
    int rows();

    /** K. */
    int columns();

    /**
     * Reads a row.
     *
     * @param row 0 … N − 1
     * @param values where its K weights go, at the front
     */
    void read(int row, float[] values);

    /** Its rows as they are stored, where they lie in memory one after the other in an encoding that has a name. */
    default Optional<StoredRows> stored() {
        return Optional.empty();
    }

    /**
     * Some of its rows as a matrix; nothing is copied.
     *
     * @param from the first, 0 … N − 1
     * @param count how many, 1 … N − from
     * @throws IndexOutOfBoundsException if it has not so many
     */
    default FloatMatrix slice(int from, int count) {
        return new Slice(this, from, count);
    }

    /**
     * Some rows of a matrix.
     *
     * @param whole the matrix
     * @param from the first
     * @param rows how many
     */
    record Slice(FloatMatrix whole, int from, int rows) implements FloatMatrix {
        /**
         * Checks the range.
         *
         * @throws IndexOutOfBoundsException if it is not within the matrix
         */
        public Slice {
            Objects.checkFromIndexSize(from, rows, whole.rows());
        }

        @Override
        public int columns() {
            return whole.columns();
        }

        @Override
        public void read(int row, float[] values) {
            Objects.checkIndex(row, rows);
            whole.read(from + row, values);
        }

        @Override
        public Optional<StoredRows> stored() {
            return whole.stored()
                    .map(stored -> new StoredRows(
                            stored.encoding(),
                            stored.data().asSlice(from * stored.rowBytes(), rows * stored.rowBytes()),
                            stored.rowBytes()));
        }
    }

    /**
     * A matrix whose rows are at hand.
     *
     * @param values at least one row, all of one length; not copied
     */
    static FloatMatrix of(float[][] values) {
        return new Rows(values);
    }

    /**
     * A matrix whose rows are at hand.
     *
     * @param values the rows
     */
    record Rows(float[][] values) implements FloatMatrix {
        @Override
        public int rows() {
            return values.length;
        }

        @Override
        public int columns() {
            return values[0].length;
        }

        @Override
        public void read(int row, float[] into) {
            System.arraycopy(values[row], 0, into, 0, columns());
        }
    }
}
