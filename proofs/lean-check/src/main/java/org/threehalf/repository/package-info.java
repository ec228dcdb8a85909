/**
 * The repository as its checks read it: which files and modules it has and what they are called, which requirement ids
 * a text names, and what a check says that fails ({@link org.threehalf.repository.Problem}). {@code org.threehalf.lean}
 * and {@code org.threehalf.evidence} have it in common. Depends on the JDK alone.
 */
@NullMarked
package org.threehalf.repository;

import org.jspecify.annotations.NullMarked;
