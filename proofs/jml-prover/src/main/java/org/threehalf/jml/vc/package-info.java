/**
 * Verification conditions: {@link org.threehalf.jml.vc.VcGenerator} walks each method symbolically, path by path, and
 * states a {@link org.threehalf.jml.vc.Condition} for everything that must hold. May depend on {@code syntax} and
 * {@code logic}.
 */
@NullMarked
package org.threehalf.jml.vc;

import org.jspecify.annotations.NullMarked;
