/**
 * Terms of first-order logic with sealed, typed operators, and how they are made and taken apart; what a prover finds
 * of them. How they are written is none of it. Depends on the JDK alone.
 */
@NullMarked
package org.threehalf.jml.logic;

import org.jspecify.annotations.NullMarked;
