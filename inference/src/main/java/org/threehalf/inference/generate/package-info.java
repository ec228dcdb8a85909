/**
 * A model that is ready to run: text in, text out, and how well it predicts a text.
 *
 * <p>Depends on the backends' SPI and on the packages {@code decoder}, {@code tokenizer}, {@code template} and {@code model}. Serves {@code REQ-DEC-…} and {@code REQ-SMP-…}.
 */
@NullMarked
package org.threehalf.inference.generate;

import org.jspecify.annotations.NullMarked;
