/**
 * Continuous batching: texts that have nothing to do with each other are generated together, each with the bits that it
 * has alone (REQ-DEC-006).
 *
 * <p>{@link org.threehalf.inference.batch.BatchGenerator} owns one thread that feeds a
 * {@link org.threehalf.backends.spi.decoder.BatchDecoder} step by step: a token of each running answer, and a piece of
 * the prompts that are still to be read. Knows tokens, not HTTP: the server stands on it. Depends on the backends' SPI
 * and on {@code inference.tokenizer} and {@code inference.generate}.
 */
@NullMarked
package org.threehalf.inference.batch;

import org.jspecify.annotations.NullMarked;
