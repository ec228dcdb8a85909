/**
 * A model of what an LPU would need for a network: chips, cycles, tokens a second. A model and not a measurement: no
 * LPU was at hand.
 *
 * <p>Depends on {@link org.threehalf.backends.groq.generator} for shapes and for the work that the generated modules
 * ask for.
 */
@NullMarked
package org.threehalf.backends.groq.plan;

import org.jspecify.annotations.NullMarked;
