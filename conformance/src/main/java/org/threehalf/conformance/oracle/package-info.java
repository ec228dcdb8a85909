/**
 * A second computation of the format, against which backends are judged on real matrices.
 *
 * <p>Written from {@code spec/FORMAT.md} alone and sharing no code with {@code kernels}: tables, layout and constants are stated again,
 * sums are exact 64-bit integers and every rounding is done on exact rationals, so that a mistake of the reference kernels is not
 * judged by itself. Depends on the JDK alone. Serves {@code REQ-FMT-001}, {@code REQ-FMT-002}, {@code REQ-QNT-002},
 * {@code REQ-QNT-003}, {@code REQ-DOT-001}, {@code REQ-DOT-004} and {@code REQ-PCK-…}.
 */
@NullMarked
package org.threehalf.conformance.oracle;

import org.jspecify.annotations.NullMarked;
