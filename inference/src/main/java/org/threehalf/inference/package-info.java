/**
 * Real models on the kernels: model files, tokenizers, the transformer, generation and perplexity.
 *
 * <p>Depends on {@code kernels}, the backends' SPI, and, to read configurations, on Jackson; conformance and the
 * command line depend on it.
 */
@NullMarked
package org.threehalf.inference;

import org.jspecify.annotations.NullMarked;
