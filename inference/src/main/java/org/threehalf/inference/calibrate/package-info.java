/**
 * Quantising a model with calibration: what its matrices see on a text decides which codes are chosen.
 *
 * <p>{@link org.threehalf.inference.calibrate.CalibratedModel} runs the text through the model a layer at a time and
 * gives each matrix to {@code CalibratedQuantizer} of {@code kernels}.
 * {@link org.threehalf.inference.calibrate.FormatAllocation} chooses each matrix's format within a number of bytes, by
 * how much the model's predictions move when that matrix alone is coarse. Depends on {@code kernels}, the SPI, and the
 * packages {@code gguf}, {@code model}, {@code decoder} and {@code generate}. The files that result are those of
 * section 7 of {@code spec/FORMAT.md}.
 */
@NullMarked
package org.threehalf.inference.calibrate;

import org.jspecify.annotations.NullMarked;
