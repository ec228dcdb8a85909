/**
 * Conformance without a line of Java: cases as files that any program reads, and its results judged (section 4 of
 * {@code spec/CONFORMANCE.md}, REQ-CNF-007).
 *
 * <p>{@link org.threehalf.conformance.exchange.ExchangeFolder} writes and judges a folder,
 * {@link org.threehalf.conformance.exchange.DeviceProgram} runs a vendor's program on it. Depends on
 * {@link org.threehalf.conformance}.
 */
@NullMarked
package org.threehalf.conformance.exchange;

import org.jspecify.annotations.NullMarked;
