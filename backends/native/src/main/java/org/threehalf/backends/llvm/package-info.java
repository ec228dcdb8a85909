/**
 * The third kernel of the CPU, {@code native}: LLVM IR from a generator of this project, compiled in the process, with
 * the bits of the reference. Optional: without LLVM's libraries, or on a processor without the instructions, the
 * backend says that it is not available, and why.
 *
 * <p>Read {@link org.threehalf.backends.llvm.TileLayout} first (how codes lie), then
 * {@link org.threehalf.backends.llvm.ProductGenerator} (what is computed, with its bounds), then
 * {@link org.threehalf.backends.llvm.Instructions} (what depends on the processor). Depends on {@code backends/cpu} and
 * LLVM. Serves {@code REQ-DOT-001} to {@code REQ-DOT-006}.
 */
@NullMarked
package org.threehalf.backends.llvm;

import org.jspecify.annotations.NullMarked;
