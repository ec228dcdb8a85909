/**
 * A second computation of the format and of inference, against which backends are judged on real matrices.
 *
 * <p>Written from {@code spec/FORMAT.md} alone and sharing no code with {@code kernels}: rows and tables are read from
 * {@code spec/formats.json}, layout and constants are stated again, sums are exact 64-bit integers and every rounding
 * is done on exact rationals, so that a mistake of the reference kernels is not judged by itself.
 * {@link org.threehalf.conformance.oracle.OperationOracle} and {@link org.threehalf.conformance.oracle.DecoderOracle}
 * do the same for {@code spec/INFERENCE.md}. Depends on the JDK, and for a decoder's weights on the SPI's records,
 * which it reads as data. Serves {@code REQ-FMT-001}, {@code REQ-FMT-002}, {@code REQ-QNT-002}, {@code REQ-QNT-003},
 * {@code REQ-DOT-001}, {@code REQ-DOT-004}, {@code REQ-PCK-…}, {@code REQ-OPS-…}, {@code REQ-ROP-…}, {@code REQ-ATT-…}
 * and {@code REQ-DEC-…}.
 */
@NullMarked
package org.threehalf.conformance.oracle;

import org.jspecify.annotations.NullMarked;
