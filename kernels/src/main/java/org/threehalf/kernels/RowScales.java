package org.threehalf.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.threehalf.kernels.format.Format;

/** The scales of a matrix's rows, each looked at once: whoever has them need not doubt them. */
public final class RowScales {

    private final float[] scales;

    private RowScales(float[] scales) {
        this.scales = scales;
    }

    /**
     * A packed matrix's scales, as they are now.
     *
     * @throws IllegalArgumentException if one is refused (REQ-FMT-004), with its row
     */
    /*@ public behavior
      @   ensures \result.rows() == matrix.rows();
      @   ensures (\forall int row; 0 <= row && row < \result.rows();
      @       \result.of(row) == matrix.scale(row) && 0 <= \result.of(row) && \result.of(row) <= 0x1p40f);
      @   signals_only IllegalArgumentException;
      @*/
    public static RowScales of(PackedMatrix matrix) {
        float[] scales = new float[matrix.rows()];
        for (int row = 0; row < scales.length; row++) {
            scales[row] = matrix.scale(row);
            try {
                Format.requireScale(scales[row]);
            } catch (IllegalArgumentException refused) {
                throw new IllegalArgumentException("row %,d: %s".formatted(row, refused.getMessage()), refused);
            }
        }
        return new RowScales(scales);
    }

    /** So many scales of 1. */
    public static RowScales ones(int rows) {
        float[] scales = new float[rows];
        Arrays.fill(scales, 1);
        return new RowScales(scales);
    }

    /** N. */
    public /*@ pure @*/ int rows() {
        return scales.length;
    }

    /**
     * A row's scale.
     *
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public /*@ pure @*/ float of(int row) {
        return scales[row];
    }

    /** All of them in the platform's byte order, read-only, on the heap. */
    public MemorySegment segment() {
        return MemorySegment.ofArray(scales).asReadOnly();
    }
}
