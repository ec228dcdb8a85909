/**
 * Reads Java with javac and JML with an own parser into {@code syntax}, and refuses what lies outside the subset, with
 * an error that names it. May depend on {@code syntax} and the JDK's compiler.
 */
@NullMarked
package org.threehalf.jml.frontend;

import org.jspecify.annotations.NullMarked;
