package org.threehalf.kernels.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.VectorSupport;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.KernelMatrix;
import org.threehalf.kernels.product.ProductKernel;

/** Byte shuffles of the Vector API, rows in lanes. The packed matrix is not read after {@link #prepare}. */
public final class SimdKernel implements ProductKernel {

    private final int bits;

    /**
     * A kernel of a width, which runs on any machine but fast only where the machine has it.
     *
     * @param bits 128, 256 or 512
     * @throws IllegalArgumentException if there is no such width
     * @throws IllegalStateException if the Vector API is not there
     */
    public SimdKernel(int bits) {
        if (!VectorSupport.isWidth(bits)) {
            throw new IllegalArgumentException("a vector width of " + bits + " bits: it must be 128, 256 or 512");
        }
        VectorSupport.require();
        this.bits = bits;
    }

    /**
     * The kernel of the machine's width ({@link VectorSupport#bits}).
     *
     * @throws IllegalStateException if the Vector API is not there
     */
    public static SimdKernel widest() {
        return new SimdKernel(VectorSupport.bits());
    }

    /** The width in bits. */
    public int bits() {
        return bits;
    }

    @Override
    public String name() {
        return "simd";
    }

    @Override
    public String description() {
        return "Vector API, " + bits + " bits, table look-up by byte shuffles";
    }

    @Override
    public KernelMatrix prepare(PackedMatrix matrix, Arena arena) {
        return SimdMatrix.prepare(matrix, bits, arena);
    }

    @Override
    public KernelMatrix over(Format format, int rows, int columns, SegmentAllocator memory) {
        return SimdMatrix.over(format, rows, columns, bits, memory);
    }
}
