/**
 * The number format as data: the family of formats, their tables and limits.
 *
 * <p>Depends on the JDK alone. Serves the requirements {@code REQ-FMT-…} of {@code spec/FORMAT.md}; the Lean twin is
 * {@code ThreeHalf/Format.lean}.
 */
@NullMarked
package org.threehalf.kernels.format;

import org.jspecify.annotations.NullMarked;
