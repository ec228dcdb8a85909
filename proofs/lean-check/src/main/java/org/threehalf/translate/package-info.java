/**
 * Translates Java methods to Lean definitions over {@code lean/ThreeHalf/Java/Semantics.lean}, so that theorems speak
 * of the very sources of the reference kernels ({@code lean/ThreeHalf/Java/Generated}).
 *
 * <p>javac parses and attributes the sources; names and types are its symbols. What the subset does not have is an
 * error that names its line and column.
 */
@org.jspecify.annotations.NullMarked
package org.threehalf.translate;
