package org.threehalf.backends.spi;

import org.threehalf.backends.spi.decoder.BatchDecoder;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderFactory;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.HostDecoder;
import org.threehalf.backends.spi.product.Products;
import org.threehalf.kernels.product.WorkerPool;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * An open device: its products, its decoders, and what conformance asks for besides. Who needs less takes less:
 * {@link Products}, {@link DecoderFactory}, {@link RowCodec}, {@link TransformerOperations}. Not safe for use by
 * several threads at once.
 *
 * <p>What the default methods give is the host's: a backend that does it itself overrides them.
 */
public interface Backend extends Products, DecoderFactory, AutoCloseable {

    /** The provider's name. */
    String name();

    /**
     * Whether products read a format of windows as it is stored (REQ-PCK-009); otherwise its matrices are a byte a
     * weight on the device.
     */
    default boolean cutsWindows() {
        return false;
    }

    /** What is done with rows ahead of time, by default by the reference kernels. */
    default RowCodec rowCodec() {
        return RowCodec.REFERENCE;
    }

    /**
     * The operations of {@code spec/INFERENCE.md} as the device computes them, an array at a time. Conformance judges
     * them by this (level L2); a device whose decoder runs whole gives here the same kernels that its decoder uses. By
     * default the host computes them, the fastest way that it has.
     */
    default TransformerOperations operations() {
        return TransformerOperations.fastest();
    }

    /**
     * The threads of the host that the device's products run on: always the same pool, which stays the backend's. What
     * a decoder does between products runs on them too, so that two sets of threads never compete for the same
     * processors; {@link #quantize(float[])} is called on several of them at once. By default the calling thread alone.
     */
    default WorkerPool workers() {
        return WorkerPool.CALLER;
    }

    /** By default only the quantised matrices are on the device, and everything else runs on the host. */
    @Override
    default Decoder decoder(DecoderWeights weights, int capacity) {
        return new HostDecoder(this, operations(), workers(), weights, capacity, 1);
    }

    /** By default as {@link #decoder}, also where that has a decoder of the device's own. */
    @Override
    default BatchDecoder batchDecoder(DecoderWeights weights, int capacity, int slots) {
        return new HostDecoder(this, operations(), workers(), weights, capacity, slots);
    }

    /** Frees the device's memory. Matrices that are still loaded become unusable. */
    @Override
    void close();
}
