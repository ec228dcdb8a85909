package org.threehalf.kernels.transformer;

/** A matrix of N rows and K columns whose weights can be had in binary32, whatever they are stored as (REQ-OPS-011). Safe to read from several threads. */
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
}
