/**
 * From a model file to {@link org.threehalf.backends.spi.decoder.DecoderWeights}: which tensors and numbers an
 * architecture has.
 *
 * <p>An {@link org.threehalf.inference.decoder.Architecture} is a short description;
 * {@link org.threehalf.inference.decoder.DecoderReader} reads the tensors that it asks for. A tensor that nothing asks
 * for is refused, since a model with unknown parts would run and give wrong answers. Depends on the SPI and on the
 * packages {@code gguf} and {@code model}. Serves {@code REQ-DEC-…}.
 */
@NullMarked
package org.threehalf.inference.decoder;

import org.jspecify.annotations.NullMarked;
