/**
 * What a model will take before anybody has it: bytes by part, cache by context, the most tokens a second that a
 * bandwidth allows.
 *
 * <p>Depends on {@code kernels} and the backends' SPI.
 */
@NullMarked
package org.threehalf.inference.plan;

import org.jspecify.annotations.NullMarked;
