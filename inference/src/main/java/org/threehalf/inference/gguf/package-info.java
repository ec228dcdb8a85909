/**
 * GGUF files: reading (versions 2 and 3, memory-mapped), decoding their tensors to binary32, and writing (version 3).
 *
 * <p>{@link org.threehalf.inference.gguf.GgufReader#open} maps a file and checks its whole structure; a file that is
 * not as it must be gives a {@link org.threehalf.inference.gguf.ModelFormatException} that says what and where, before
 * anything of the size that the file claims is allocated. Values and tensors are then views of the mapping, decoded
 * when asked for.
 *
 * <p>Depends on the JDK and, for writing, on {@code org.threehalf.kernels.io}. Source: the GGUF specification of the
 * ggml project; the decoders give the same bits as the {@code dequantize} functions of its Python package {@code gguf}
 * (see {@code scripts/make-gguf-testdata}). Serves {@code REQ-GGF-…}.
 */
@NullMarked
package org.threehalf.inference.gguf;

import org.jspecify.annotations.NullMarked;
