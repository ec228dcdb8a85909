/**
 * Folders as Hugging Face's libraries write them, read as the GGUF files that would be made of them:
 * {@code config.json}, safetensors in one file or several, {@code tokenizer.json} and what stands beside it.
 *
 * <p>{@link org.threehalf.inference.huggingface.HuggingFaceFolder#open} gives a
 * {@link org.threehalf.inference.gguf.GgufFile} whose metadata has GGUF's keys and whose tensors have GGUF's names and
 * order of rows, so that everything behind it knows one form of a model. Weights stay mapped; rows of query and key,
 * which llama's GGUF files store in another order, are found where they are. What {@code config.json} says and nothing
 * computes becomes metadata under {@code huggingface.}, which is refused by name as any other unknown key is.
 *
 * <p>Sources: the specification of the safetensors format, the configurations and {@code tokenizer.json} files of the
 * models' publishers. Depends on {@link org.threehalf.inference.gguf} and on Jackson.
 */
@NullMarked
package org.threehalf.inference.huggingface;

import org.jspecify.annotations.NullMarked;
