package org.threehalf.backends.spi.decoder;

import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.transformer.FloatMatrix;

/** A matrix of a decoder, as it is stored; its product is that of REQ-OPS-011. */
public sealed interface Weights {

    /** N, outputs. */
    default int rows() {
        return switch (this) {
            case Quantized(var matrix) -> matrix.rows();
            case Real(var matrix) -> matrix.rows();
        };
    }

    /** K, inputs. */
    default int columns() {
        return switch (this) {
            case Quantized(var matrix) -> matrix.columns();
            case Real(var matrix) -> matrix.columns();
        };
    }

    /**
     * A row in binary32.
     *
     * @param row 0 … N − 1
     * @param values where its K weights go
     */
    default void read(int row, float[] values) {
        switch (this) {
            case Quantized(var matrix) -> System.arraycopy(matrix.dequantize(row), 0, values, 0, matrix.columns());
            case Real(var matrix) -> matrix.read(row, values);
        }
    }

    /**
     * Some of its rows as a matrix; nothing is copied.
     *
     * @param from the first, 0 … N − 1
     * @param count how many, 1 … N − from
     * @throws IndexOutOfBoundsException if it has not so many
     */
    default Weights slice(int from, int count) {
        return switch (this) {
            case Quantized(var matrix) -> new Quantized(matrix.slice(from, count));
            case Real(var matrix) -> new Real(matrix.slice(from, count));
        };
    }

    /**
     * A matrix in a format of {@code spec/FORMAT.md}; its vectors are rotated before they are quantised, and its rows
     * rotated back when they are read, if it is a rotated one (REQ-ROT-003, REQ-ROT-005).
     *
     * @param matrix the packed matrix
     */
    record Quantized(PackedMatrix matrix) implements Weights {}

    /**
     * A matrix whose weights count as binary32.
     *
     * @param matrix gives the rows
     */
    record Real(FloatMatrix matrix) implements Weights {}
}
