/**
 * A whole decoder (the transformer of a language model) as records that a backend can take to its device, and the decoder that runs on the host.
 *
 * <p>{@link org.threehalf.backends.spi.decoder.DecoderWeights} describes a model: numbers in {@link org.threehalf.backends.spi.decoder.DecoderConfig}, and for each
 * layer its matrices, norms, window and rotary frequencies. {@link org.threehalf.backends.spi.Backend#decoder} makes a
 * {@link org.threehalf.backends.spi.decoder.Decoder} of it; a backend that overrides nothing gets
 * {@link org.threehalf.backends.spi.decoder.HostDecoder}, which does the products on the device and all else on the host. Every decoder gives the same bits
 * ({@code spec/INFERENCE.md}). Depends on {@code kernels}. Serves {@code REQ-DEC-…} and {@code REQ-ATT-…}.
 */
@NullMarked
package org.threehalf.backends.spi.decoder;

import org.jspecify.annotations.NullMarked;
