/**
 * The operations of a transformer that are not products with quantised weights, to the bit as {@code spec/INFERENCE.md}
 * fixes them.
 *
 * <p>The scalar classes come first: {@link org.threehalf.kernels.transformer.ElementaryFunctions},
 * {@link org.threehalf.kernels.transformer.StridedSum}, {@link org.threehalf.kernels.transformer.Normalization},
 * {@link org.threehalf.kernels.transformer.ElementwiseOperations},
 * {@link org.threehalf.kernels.transformer.RotaryFrequencies}, {@link org.threehalf.kernels.transformer.RotaryAngles},
 * {@link org.threehalf.kernels.transformer.Rotation}, {@link org.threehalf.kernels.transformer.Attention},
 * {@link org.threehalf.kernels.transformer.MostLikelyToken}, {@link org.threehalf.kernels.transformer.TokenSampler}.
 * They are short, work on arrays, and say what is right.
 * {@link org.threehalf.kernels.transformer.TransformerOperations} is the interface that a decoder uses.
 *
 * <p>{@link org.threehalf.kernels.transformer.VectorOperations} gives the same bits by the Vector API. The JML
 * contracts state shapes, ranges and memory; {@code mvn verify} proves those of the scalar classes.
 *
 * <p>Depends on {@code kernels.VectorSupport} alone. Serves {@code REQ-OPS-…}, {@code REQ-ROP-…}, {@code REQ-ATT-…} and
 * {@code REQ-SMP-…}.
 */
@NullMarked
package org.threehalf.kernels.transformer;

import org.jspecify.annotations.NullMarked;
