package org.threehalf.kernels.product;

import java.lang.foreign.Arena;
import org.threehalf.kernels.PackedMatrix;

/** A way to compute the product of a matrix with tokens on the CPU. Safe for use by several threads. */
public interface ProductKernel {

    /** Its name, as in {@code --backend}. */
    String name();

    /** One line for a person: how it computes, and with which width. */
    String description();

    /**
     * Brings a matrix into the kernel's layout.
     *
     * @param matrix the matrix; whether it is still read afterwards is said by the kernel
     * @param arena owns the memory of the layout; it must be accessible from every thread that will compute
     * @throws IllegalArgumentException if a row's scale is refused (REQ-FMT-004)
     * @throws OutOfMemoryError if the arena cannot give the memory
     */
    KernelMatrix prepare(PackedMatrix matrix, Arena arena);
}
