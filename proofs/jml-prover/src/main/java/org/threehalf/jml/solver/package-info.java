/**
 * Has Z3 judge scripts, finds counterexamples in terms of Java, and remembers verdicts. May depend on {@code smt} and
 * what that depends on, and Z3.
 */
@NullMarked
package org.threehalf.jml.solver;

import org.jspecify.annotations.NullMarked;
