/**
 * Real models on the kernels: model files, tokenizers, the transformer, generation and perplexity.
 *
 * <p>Depends on {@code kernels} and the backends' SPI; conformance and the command line depend on it.
 */
@NullMarked
package org.threehalf.inference;

import org.jspecify.annotations.NullMarked;
