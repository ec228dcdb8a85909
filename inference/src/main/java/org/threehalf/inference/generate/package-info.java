/**
 * A model that is ready to run: text in, text out, and how well it predicts a text.
 * {@link org.threehalf.inference.generate.LanguageModel} is the door for other programs: it is opened with
 * {@link org.threehalf.inference.generate.LanguageModel.Options}, and gives a
 * {@link org.threehalf.inference.generate.TokenStream} or a {@link org.threehalf.inference.generate.Chat}. The command
 * line goes through the same streams, on decoders of its own.
 *
 * <p>Depends on the backends' SPI and on the packages {@code decoder}, {@code tokenizer}, {@code template},
 * {@code model} and {@code batch} (texts that end an answer). Serves {@code REQ-DEC-…} and {@code REQ-SMP-…}.
 */
@NullMarked
package org.threehalf.inference.generate;

import org.jspecify.annotations.NullMarked;
