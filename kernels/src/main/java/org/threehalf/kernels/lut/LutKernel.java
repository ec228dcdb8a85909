package org.threehalf.kernels.lut;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.KernelMatrix;
import org.threehalf.kernels.product.ProductKernel;

/**
 * Looks products up in tables, with scalar Java that runs on every JVM. The packed matrix is not read after
 * {@link #prepare}.
 */
public final class LutKernel implements ProductKernel {

    /** The kernel; it has no state. */
    public LutKernel() {}

    @Override
    public String name() {
        return "lut";
    }

    @Override
    public String description() {
        return "scalar table look-up, two weights an entry";
    }

    @Override
    public KernelMatrix prepare(PackedMatrix matrix, Arena arena) {
        return LutMatrix.prepare(matrix, arena);
    }

    @Override
    public KernelMatrix over(Format format, int rows, int columns, SegmentAllocator memory) {
        return LutMatrix.over(format, rows, columns, memory);
    }
}
