package org.threehalf.backends.cuda;

import java.util.Optional;
import org.threehalf.kernels.format.Format;

/**
 * Times products on a device, and what they are measured against: the device's own streaming read and another library's
 * int8 product.
 *
 * <p>Every product's results are compared with the reference's bits before it is timed.
 */
public interface ProductMeter extends AutoCloseable {

    /**
     * What was measured.
     *
     * @param bytes of weights that one run reads: for a packed matrix those of REQ-FMT-008, not the activations and
     *     outputs
     * @param seconds of one run, the median
     * @param best of one run, the shortest
     * @param cold whether the matrices that were gone through in turn are more than any cache holds
     */
    record Measured(long bytes, double seconds, double best, boolean cold) {
        /** 10⁹ bytes a second, by the median. */
        public double gigabytesPerSecond() {
            return bytes / seconds / 1e9;
        }

        /** 10⁹ bytes a second of the shortest run. */
        public double bestGigabytesPerSecond() {
            return bytes / best / 1e9;
        }
    }

    /** The device. */
    String device();

    /** The library whose int8 product is measured, or why it is not, and which sizes it refused so far. */
    String peer();

    /** Reads the memory from one end to the other. */
    Measured streamingRead();

    /**
     * A packed matrix with some tokens.
     *
     * @param format the format of the matrix
     * @param rows N
     * @param columns K, a multiple of 4
     * @param tokens T, at least 1; one goes by gemv, several by gemm
     * @throws IllegalStateException if a result is not the reference's
     */
    Measured product(Format format, int rows, int columns, int tokens);

    /**
     * The other library's product of the same size: int8 with int8, into int32, without scales. Empty where there is no
     * such library, or it refuses the size.
     *
     * @throws IllegalStateException if a result is not the exact sum
     */
    Optional<Measured> peerProduct(int rows, int columns, int tokens);

    @Override
    void close();
}
