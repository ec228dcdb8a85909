package org.threehalf.kernels.product;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.reference.DotProduct;

/** The reference kernels behind the interface of the fast ones. The packed matrix itself is read; nothing is repacked. */
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
    public KernelMatrix prepare(PackedMatrix matrix, Arena arena) {
        ThreadedProduct.scales(matrix);
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
        public int grain() {
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
        public void sums(byte[][] tokens, int count, int fromGrain, int toGrain, Scratch scratch, Sink sink) {
            int[] sum = ((ReferenceScratch) scratch).sum;
            for (int row = fromGrain; row < toGrain; row++) {
                QuantizedRow weights = matrix.row(row);
                short[] integers = weights.integerWeights();
                for (int t = 0; t < count; t++) {
                    sum[0] = DotProduct.dot(tokens[t], integers, matrix.columns(), matrix.format().maxWeight());
                    sink.put(t, row, sum, 1);
                }
            }
        }
    }
}
