/// The Lean check of `mvn verify`: the choice of a Lean (`lake`, or the npm build), the gate on the sources' syntax,
/// the build module by module, the
/// audit of all constants, the table of what theorems speak of, the emission of the golden vectors, and the seeded
/// faults that each of these must catch.
/// Depends on the JDK, Jackson, Commons Compress, and the records of `org.threehalf.proofs.evidence` and
/// `org.threehalf.proofs.trace`.
/// Serves the design's rule that theorems use no `sorry` and no axioms of their own.
@NullMarked
package org.threehalf.proofs.lean;

import org.jspecify.annotations.NullMarked;
