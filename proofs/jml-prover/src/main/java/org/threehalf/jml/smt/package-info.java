/**
 * Writes a condition as SMT-LIB 2 scripts: as it is, and weaker or finite ones that are tried before it. How a term is
 * written is known here alone ({@link org.threehalf.jml.smt.SmtLib}); whoever asks what a script holds asks
 * {@link org.threehalf.jml.smt.SmtText}. May depend on {@code vc}, {@code syntax} and {@code logic}; no solver is
 * called.
 */
@NullMarked
package org.threehalf.jml.smt;

import org.jspecify.annotations.NullMarked;
