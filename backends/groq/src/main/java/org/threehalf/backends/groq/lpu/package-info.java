/**
 * Drives the vendor's tools for an LPU: {@code groq-compiler} on a generated module, and a runner around the vendor's
 * runtime for its calls.
 *
 * <p>Both are proprietary and are looked for at run time. This driver has been tested with stand-ins only: no
 * {@code groq-compiler}, runtime or LPU was at hand. Depends on {@link org.threehalf.backends.groq.toolchain} for
 * running programs.
 */
@NullMarked
package org.threehalf.backends.groq.lpu;

import org.jspecify.annotations.NullMarked;
