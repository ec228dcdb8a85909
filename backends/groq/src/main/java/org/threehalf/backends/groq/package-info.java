/**
 * Groq LPUs, by MLIR from a generator of our own: on the CPU ({@code groq-mlir}) and, with the vendor's tools, on an
 * LPU ({@code groq}).
 *
 * <p>{@link org.threehalf.backends.groq.mlir} builds typed MLIR; {@link org.threehalf.backends.groq.generator}
 * generates a model's operations with it; {@link org.threehalf.backends.groq.toolchain} compiles them with MLIR's and
 * LLVM's tools; {@link org.threehalf.backends.groq.lpu} drives the vendor's. Depends on the SPI. None of the tools is
 * needed to build or use the rest. {@code README.md} shows the stages and says what was checked.
 */
@NullMarked
package org.threehalf.backends.groq;

import org.jspecify.annotations.NullMarked;
