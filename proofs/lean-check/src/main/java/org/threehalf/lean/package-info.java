/// The Lean check of `mvn verify`: the choice of a Lean (`lake`, or the npm build), the gate on the sources' syntax,
/// the build module by module, the
/// audit of all constants, the table of what theorems speak of, the emission of the golden vectors, and the seeded
/// faults that each of these must catch.
/// What it says comes in records: `LeanOutcome`, `Theorem`, and the `Problem` of `org.threehalf.repository`.
/// Depends on the JDK, Jackson, Commons Compress, `org.threehalf.repository` and `org.threehalf.kernels.io`.
/// Serves the design's rule that theorems use no `sorry` and no axioms of their own.
@NullMarked
package org.threehalf.lean;

import org.jspecify.annotations.NullMarked;
