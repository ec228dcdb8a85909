package org.threehalf.backends.cuda;

import java.lang.foreign.MemorySegment;
import org.threehalf.backends.spi.decoder.Weights;

/** A matrix of a decoder in a device's memory: packed, or in binary32 (REQ-OPS-011). */
sealed interface DeviceWeights extends AutoCloseable permits ResidentMatrix, DeviceWeights.Real {

    /** N. */
    int rows();

    /** K. */
    int columns();

    /**
     * The product with each token.
     *
     * @param inputs T tokens of K elements
     * @param y where the outputs go: {@code y[t][row]}
     */
    void multiply(TokenInputs inputs, DeviceMemory y);

    /**
     * The rows of tokens as starts of their streams (REQ-DEC-001).
     *
     * @param ids holds the tokens' ids from {@code idsAt}, int32
     * @param idsAt an offset in bytes
     * @param tokens T
     * @param scale the embedding scale
     * @param stream where T rows of K elements go
     */
    void embed(DeviceMemory ids, long idsAt, int tokens, float scale, DeviceMemory stream);

    @Override
    void close();

    /** Brings a matrix to the device as it is stored. */
    static DeviceWeights of(CudaDevice device, Weights weights) {
        return switch (weights) {
            case Weights.Quantized quantized -> new ResidentMatrix(device, quantized.matrix());
            case Weights.Real real -> Real.of(device, real);
        };
    }

    /**
     * A matrix in binary32.
     *
     * @param matrix its rows, one after the other
     */
    record Real(CudaDevice device, int rows, int columns, DeviceMemory matrix) implements DeviceWeights {
        private static final int THREADS = 128;

        private static Real of(CudaDevice device, Weights.Real weights) {
            int rows = weights.rows();
            int columns = weights.columns();
            long rowBytes = (long) columns * Float.BYTES;
            DeviceMemory matrix =
                    device.allocate(rows * rowBytes, "a matrix in binary32, %,d x %,d".formatted(rows, columns));
            float[] row = new float[columns];
            for (int i = 0; i < rows; i++) {
                weights.read(i, row);
                device.upload(MemorySegment.ofArray(row), matrix, i * rowBytes);
            }
            return new Real(device, rows, columns, matrix);
        }

        @Override
        public void multiply(TokenInputs inputs, DeviceMemory y) {
            new KernelLaunches(device).multiply(matrix, rows, columns, inputs.values(), inputs.tokens(), y);
        }

        @Override
        public void embed(DeviceMemory ids, long idsAt, int tokens, float scale, DeviceMemory stream) {
            device.launch(Launch.of("embed_real", Math.ceilDiv(columns, THREADS), tokens, THREADS)
                    .pointer(matrix)
                    .int32(columns)
                    .pointer(ids, idsAt)
                    .float32(scale)
                    .pointer(stream));
        }

        @Override
        public void close() {
            matrix.close();
        }
    }
}
