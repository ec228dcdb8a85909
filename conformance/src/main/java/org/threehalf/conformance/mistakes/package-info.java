/**
 * Mistakes that devices make: known ones as backends that make them, and the diagnosis that compares a wrong device
 * with them.
 *
 * <p>{@link org.threehalf.conformance.mistakes.Mistake} lists them;
 * {@link org.threehalf.conformance.mistakes.Diagnosis} says which of them a device's answers look like. Depends on
 * {@link org.threehalf.conformance} for cases and answers, and on the SPI. Serves REQ-CNF-006.
 */
@NullMarked
package org.threehalf.conformance.mistakes;

import org.jspecify.annotations.NullMarked;
