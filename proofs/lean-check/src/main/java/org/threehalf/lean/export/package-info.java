/**
 * The compiled proofs as other kernels read them: {@link org.threehalf.lean.export.Olean} reads Lean's files,
 * {@link org.threehalf.lean.export.KernelExport} writes their constants as text.
 */
@NullMarked
package org.threehalf.lean.export;

import org.jspecify.annotations.NullMarked;
