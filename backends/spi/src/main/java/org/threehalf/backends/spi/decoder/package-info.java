/**
 * A whole decoder (the transformer of a language model) as records that a backend can take to its device, and the
 * decoder that runs on the host.
 *
 * <p>{@link org.threehalf.backends.spi.decoder.DecoderWeights} describes a model: numbers in
 * {@link org.threehalf.backends.spi.decoder.DecoderConfig}, and for each layer its tensors by
 * {@link org.threehalf.backends.spi.decoder.TensorRole}, window and rotary frequencies. What a layer does with them is
 * a {@link org.threehalf.backends.spi.decoder.LayerProgram}: steps over buffers, which a device enqueues, emits, or
 * leaves to {@link org.threehalf.backends.spi.decoder.HostProgram}.
 * {@link org.threehalf.backends.spi.decoder.DecoderFactory#decoder} makes a
 * {@link org.threehalf.backends.spi.decoder.Decoder}; a backend that overrides nothing gets
 * {@link org.threehalf.backends.spi.decoder.HostDecoder}, which does the products on the device and all else on the
 * host. Every decoder gives the same bits ({@code spec/INFERENCE.md}). Depends on {@code spi.product} and
 * {@code kernels}. Serves {@code REQ-DEC-…} and {@code REQ-ATT-…}.
 */
@NullMarked
package org.threehalf.backends.spi.decoder;

import org.jspecify.annotations.NullMarked;
