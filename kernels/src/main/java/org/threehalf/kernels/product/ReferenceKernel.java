package org.threehalf.kernels.product;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.reference.DotProduct;

/**
 * The product of a packed matrix with tokens by the reference kernels, row after row: it defines what is right, and
 * every other implementation must give the same bits.
 *
 * <p>The static methods compute on the calling thread; as a {@link ProductKernel} it stands behind the interface of the
 * fast ones. The packed matrix itself is read; nothing is repacked.
 */
public final class ReferenceKernel implements ProductKernel {

    /** The kernel; it has no state. */
    public ReferenceKernel() {}

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public String description() {
        return "scalar Java with JML contracts";
    }

    @Override
    public boolean cutsWindows() {
        return true;
    }

    @Override
    public KernelMatrix prepare(PackedMatrix matrix, Arena arena) {
        return new ReferenceMatrix(matrix);
    }

    @Override
    public KernelMatrix over(Format format, int rows, int columns, SegmentAllocator memory) {
        format.requireShape(rows, columns);
        MemorySegment scales = memory.allocate((long) rows * Float.BYTES);
        for (int row = 0; row < rows; row++) {
            scales.set(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) row * Float.BYTES, 1);
        }
        return new ReferenceMatrix(new PackedMatrix(
                format,
                rows,
                columns,
                memory.allocate(rows * format.rowCodeBytes(columns)),
                memory.allocate((long) rows * format.rowSubscaleBytes(columns)),
                scales));
    }

    /**
     * The integer results I of every row (REQ-DOT-001).
     *
     * @param matrix N × K
     * @param token K activations
     * @param sums where the N results go
     * @throws IllegalArgumentException if a size does not match, or a row's scale is refused
     */
    public static void sums(PackedMatrix matrix, QuantizedToken token, int[] sums) {
        requireSizes(matrix, token, sums.length);
        for (int row = 0; row < matrix.rows(); row++) {
            sums[row] = matrix.row(row).dot(token);
        }
    }

    /**
     * y of every row (REQ-DOT-004).
     *
     * @param matrix N × K
     * @param token K activations
     * @param y where the N outputs go
     * @throws IllegalArgumentException if a size does not match, or a row's scale is refused
     */
    public static void gemv(PackedMatrix matrix, QuantizedToken token, float[] y) {
        requireSizes(matrix, token, y.length);
        for (int row = 0; row < matrix.rows(); row++) {
            QuantizedRow weights = matrix.row(row);
            y[row] = DotProduct.output(weights.dot(token), weights.scale(), token.scale());
        }
    }

    /**
     * The outputs of several tokens, each as by {@link #gemv} (REQ-DOT-006); a row's weights are unpacked once.
     *
     * @param matrix N × K
     * @param tokens T tokens of K activations
     * @param y where the outputs go: {@code y[t][row]}
     * @throws IllegalArgumentException if a size does not match, or a row's scale is refused
     */
    public static void gemm(PackedMatrix matrix, List<QuantizedToken> tokens, float[][] y) {
        if (y.length != tokens.size()) {
            throw new IllegalArgumentException("%d outputs for %d tokens".formatted(y.length, tokens.size()));
        }
        for (int t = 0; t < y.length; t++) {
            requireSizes(matrix, tokens.get(t), y[t].length);
        }
        for (int row = 0; row < matrix.rows(); row++) {
            QuantizedRow weights = matrix.row(row);
            short[] integers = weights.integerWeights();
            for (int t = 0; t < y.length; t++) {
                QuantizedToken token = tokens.get(t);
                int sum = DotProduct.dot(
                        token.codes(),
                        integers,
                        matrix.columns(),
                        matrix.format().maxWeight());
                y[t][row] = DotProduct.output(sum, weights.scale(), token.scale());
            }
        }
    }

    private static void requireSizes(PackedMatrix matrix, QuantizedToken token, int outputs) {
        if (token.columns() != matrix.columns() || outputs != matrix.rows()) {
            throw new IllegalArgumentException("a matrix of %d x %d with a token of %d activations and %d outputs"
                    .formatted(matrix.rows(), matrix.columns(), token.columns(), outputs));
        }
    }

    private record ReferenceMatrix(PackedMatrix matrix) implements KernelMatrix {

        private static final class ReferenceScratch implements Scratch {
            private final int[] sum = new int[1];
        }

        @Override
        public Format format() {
            return matrix.format();
        }

        @Override
        public int rows() {
            return matrix.rows();
        }

        @Override
        public int columns() {
            return matrix.columns();
        }

        @Override
        public int tileRows() {
            return 1;
        }

        @Override
        public long bytesRead() {
            return matrix.codes().byteSize() + matrix.subscales().byteSize();
        }

        @Override
        public Scratch scratch() {
            return new ReferenceScratch();
        }

        @Override
        public void sums(byte[][] tokens, int count, int fromTile, int toTile, Scratch scratch, Sink sink) {
            int[] sum = ((ReferenceScratch) scratch).sum;
            for (int row = fromTile; row < toTile; row++) {
                QuantizedRow weights = matrix.row(row);
                short[] integers = weights.integerWeights();
                for (int t = 0; t < count; t++) {
                    sum[0] = DotProduct.dot(
                            tokens[t],
                            integers,
                            matrix.columns(),
                            matrix.format().maxWeight());
                    sink.put(t, row, sum, 1);
                }
            }
        }
    }
}
