package org.threehalf.backends.spi;

import java.util.List;
import org.threehalf.backends.spi.decoder.BatchDecoder;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.HostDecoder;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.WorkerPool;
import org.threehalf.kernels.reference.DotProduct;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * An open device. Not safe for use by several threads at once.
 *
 * <p>The default methods are what a host does ahead of time, by the reference kernels; a backend that does it itself overrides them.
 */
public interface Backend extends AutoCloseable {

    /** The provider's name. */
    String name();

    /**
     * Quantises a token (REQ-QNT-001 to REQ-QNT-003).
     *
     * @throws IllegalArgumentException if a value is refused
     */
    QuantizedToken quantize(float[] activations);

    /**
     * Brings a matrix to the device.
     *
     * @throws IllegalArgumentException if a row's scale is refused (REQ-FMT-004)
     * @throws IllegalStateException if the device has no room, saying how much was needed and how much there is
     */
    DeviceMatrix load(PackedMatrix matrix);

    /** y = fl₃₂(fl₃₂(I) · fl₃₂(s_row · s_act)) (REQ-DOT-004). */
    default float output(int sum, float rowScale, float activationScale) {
        return DotProduct.output(sum, rowScale, activationScale);
    }

    /** Quantises a row of weights (REQ-QNT-005 to REQ-QNT-012). */
    default QuantizedRow quantize(Format format, float[] weights) {
        return QuantizedRow.quantize(format, weights);
    }

    /** A row's packed codes (REQ-PCK-001 to REQ-PCK-005). */
    default byte[] packCodes(QuantizedRow row) {
        return row.packedCodes();
    }

    /** A row's packed sub-scales (REQ-PCK-006). */
    default byte[] packSubscales(QuantizedRow row) {
        return row.packedSubscales();
    }

    /** A row from its packed bytes (REQ-PCK-008). */
    default QuantizedRow unpack(Format format, int columns, float scale, byte[] codes, byte[] subscales) {
        return QuantizedRow.unpack(format, columns, scale, codes, subscales);
    }

    /** A row's binary32 weights (REQ-FMT-006). */
    default float[] dequantize(QuantizedRow row) {
        return row.dequantize();
    }

    /**
     * The operations of {@code spec/INFERENCE.md} as the device computes them, an array at a time. Conformance judges them by this (level L2); a device whose decoder runs
     * whole gives here the same kernels that its decoder uses. By default the host computes them, the fastest way that it has.
     */
    default TransformerOperations operations() {
        return TransformerOperations.fastest();
    }

    /**
     * The threads of the host that the device's products run on. What a decoder does between products runs on them too, so that two sets of threads never compete for the same
     * processors; {@link #quantize(float[])} is called on several of them at once. By default the calling thread alone. They stay the backend's.
     */
    default WorkerPool workers() {
        return new WorkerPool(1);
    }

    /**
     * Brings a whole decoder to the device. By default only its quantised matrices are there, and everything else runs on the host.
     *
     * @param weights the model; its memory must outlive the decoder
     * @param capacity positions that the cache of keys and values holds
     * @throws IllegalArgumentException if a row's scale is refused (REQ-FMT-004) or the capacity is outside its range
     * @throws IllegalStateException if the device has no room
     */
    default Decoder decoder(DecoderWeights weights, int capacity) {
        return new HostDecoder(this, weights, operations(), capacity);
    }

    /**
     * Brings a whole decoder with several caches to the device, for texts that run beside each other. By default only its quantised matrices are there, and everything else runs on the host,
     * also where {@link #decoder} has a decoder of the device's own.
     *
     * @param weights the model; its memory must outlive the decoder
     * @param capacity positions that each cache holds
     * @param slots how many caches
     * @throws IllegalArgumentException if a row's scale is refused (REQ-FMT-004), or the capacity or the number of slots is outside its range
     * @throws IllegalStateException if the device has no room
     */
    default BatchDecoder batchDecoder(DecoderWeights weights, int capacity, int slots) {
        return new HostDecoder(this, weights, operations(), capacity, slots);
    }

    /** Frees the device's memory. Matrices that are still loaded become unusable. */
    @Override
    void close();

    /** A matrix of N × K on the device. */
    interface DeviceMatrix extends AutoCloseable {

        /**
         * The integer results of every row (REQ-DOT-001).
         *
         * @param token K activations
         * @param sums where the N results go
         */
        void sums(QuantizedToken token, int[] sums);

        /**
         * y of every row (REQ-DOT-004).
         *
         * @param token K activations
         * @param y where the N outputs go
         */
        void gemv(QuantizedToken token, float[] y);

        /**
         * y of every row for several tokens (REQ-DOT-006).
         *
         * @param tokens T tokens of K activations
         * @param y where the outputs go, {@code y[t][row]}
         */
        void gemm(List<QuantizedToken> tokens, float[][] y);

        /** Frees its memory on the device. */
        @Override
        void close();
    }
}
