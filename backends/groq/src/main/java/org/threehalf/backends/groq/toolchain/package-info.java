/**
 * MLIR's and LLVM's tools: finding them, running the pipeline on a module, keeping what was compiled, and calling it.
 *
 * <p>Depends on nothing of this project but knows the roles that {@code schedule.mlir} gives to the generator's
 * operations.
 */
@NullMarked
package org.threehalf.backends.groq.toolchain;

import org.jspecify.annotations.NullMarked;
