/** Hashes of files, bytes and texts, for all checks of this module. Depends on the JDK alone. */
@NullMarked
package org.threehalf.proofs.hash;

import org.jspecify.annotations.NullMarked;
