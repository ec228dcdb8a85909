package org.threehalf.kernels.product;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;

/** A way to compute the product of a matrix with tokens on the CPU. Safe for use by several threads. */
public interface ProductKernel {

    /** Its name, as in {@code --backend}. */
    String name();

    /** One line for a person: how it computes, and with which width. */
    String description();

    /**
     * Whether its layout has the bits of a format of windows as they are stored (REQ-PCK-009); otherwise a byte for
     * each weight.
     */
    default boolean cutsWindows() {
        return false;
    }

    /**
     * Brings a matrix into the kernel's layout. Its scales are not looked at: they are the product's
     * ({@link ThreadedProduct}).
     *
     * @param matrix the matrix; whether it is still read afterwards is said by the kernel
     * @param arena owns the memory of the layout; it must be accessible from every thread that will compute
     * @throws OutOfMemoryError if the arena cannot give the memory
     */
    /*@ public behavior
      @   ensures \result.format() == matrix.format() && \result.rows() == matrix.rows()
      @       && \result.columns() == matrix.columns();
      @   signals_only OutOfMemoryError;
      @*/
    KernelMatrix prepare(PackedMatrix matrix, Arena arena);

    /**
     * A matrix over whatever bytes the memory holds, for measurements: its codes and sub-scales are those that the
     * bytes happen to mean. A kernel for which not every byte has a meaning changes the memory.
     *
     * @param memory gives the matrix's segments, without clearing them
     * @throws IllegalArgumentException if the shape is outside the format's limits (REQ-FMT-003)
     */
    KernelMatrix over(Format format, int rows, int columns, SegmentAllocator memory);
}
