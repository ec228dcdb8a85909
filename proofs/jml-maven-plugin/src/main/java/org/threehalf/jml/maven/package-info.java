/** The prover as a goal of Maven. May depend on {@code org.threehalf.jml} and Maven's own API. */
@NullMarked
package org.threehalf.jml.maven;

import org.jspecify.annotations.NullMarked;
