package org.threehalf.backends.spi.product;

import java.util.List;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.reference.DotProduct;

/**
 * The products of a device: all that a decoder on the host asks of it. Not safe for use by several threads at once, but
 * for {@link #quantize}.
 */
public interface Products {

    /**
     * Quantises a token (REQ-QNT-001 to REQ-QNT-003). A decoder calls it on several threads of its pool at once, where
     * that has several.
     *
     * @param activations K numbers
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

    /**
     * y = fl₃₂(fl₃₂(I) · fl₃₂(s_row · s_act)) (REQ-DOT-004), the last step of a product by itself: by default the
     * host's.
     */
    default float output(int sum, float rowScale, float activationScale) {
        return DotProduct.output(sum, rowScale, activationScale);
    }

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
