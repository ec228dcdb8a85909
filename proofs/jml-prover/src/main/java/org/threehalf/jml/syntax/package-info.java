/**
 * What is left of Java and JML once names are resolved and types known: types, expressions, statements, clauses,
 * methods and the program that they make up. May depend on {@code logic}, in which a type says its sort and range.
 */
@NullMarked
package org.threehalf.jml.syntax;

import org.jspecify.annotations.NullMarked;
