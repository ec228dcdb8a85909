package org.threehalf.backends.cuda;

/** A library's product of int8 matrices into int32, on a device. */
interface Int8Gemm extends AutoCloseable {

    /** Name and version. */
    String description();

    /**
     * Starts {@code sums[t][row] = Σ_k weights[row][k] · tokens[t][k]} after all work before, or records it while the
     * device records.
     *
     * @param weights N × K int8, row by row
     * @param rows N
     * @param columns K, a multiple of 4
     * @param tokens T × K int8, token by token
     * @param count T
     * @param sums where T × N int32 go
     */
    void multiply(DeviceMemory weights, int rows, int columns, DeviceMemory tokens, int count, DeviceMemory sums);

    @Override
    void close();
}
