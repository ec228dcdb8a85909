/**
 * Tokenizers from the metadata of a GGUF file: SentencePiece-style with scores and byte fallback, and byte-level
 * byte-pair encoding.
 *
 * <p>Their ids equal those of the reference implementations (sentencepiece, tokenizers, llama.cpp) on a corpus of
 * varied lines; see the tests. Depends on the package {@code gguf}.
 */
@NullMarked
package org.threehalf.inference.tokenizer;

import org.jspecify.annotations.NullMarked;
