package org.threehalf.backends.spi.decoder;

/** Brings whole decoders to a device. */
public interface DecoderFactory {

    /**
     * Brings a whole decoder to the device.
     *
     * @param weights the model; its memory must outlive the decoder
     * @param capacity positions that the cache of keys and values holds
     * @throws IllegalArgumentException if a row's scale is refused (REQ-FMT-004) or the capacity is outside its range
     * @throws IllegalStateException if the device has no room
     */
    Decoder decoder(DecoderWeights weights, int capacity);

    /**
     * Brings a whole decoder with several caches to the device, for texts that run beside each other.
     *
     * @param weights the model; its memory must outlive the decoder
     * @param capacity positions that each cache holds
     * @param slots how many caches
     * @throws IllegalArgumentException if a row's scale is refused (REQ-FMT-004), or the capacity or the number of
     *     slots is outside its range
     * @throws IllegalStateException if the device has no room
     */
    BatchDecoder batchDecoder(DecoderWeights weights, int capacity, int slots);
}
