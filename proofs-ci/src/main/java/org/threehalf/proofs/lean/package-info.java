/// The source gate of the Lean check: what no Lean source of the project may contain, whatever Lean itself says about it.
/// Depends on the JDK only. Serves the design's rule that theorems use no `sorry` and no axioms of their own.
@NullMarked
package org.threehalf.proofs.lean;

import org.jspecify.annotations.NullMarked;
