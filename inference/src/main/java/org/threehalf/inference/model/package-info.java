/**
 * Quantised models: the container of section 7 of {@code spec/FORMAT.md}, written and read.
 *
 * <p>{@link org.threehalf.inference.model.QuantizedModelWriter} makes one of a GGUF file;
 * {@link org.threehalf.inference.model.QuantizedModel} opens one and gives its matrices as views of the mapped file.
 * Depends on {@code kernels} and {@link org.threehalf.inference.gguf}. Serves {@code REQ-GGF-001} to
 * {@code REQ-GGF-004}.
 */
@NullMarked
package org.threehalf.inference.model;

import org.jspecify.annotations.NullMarked;
