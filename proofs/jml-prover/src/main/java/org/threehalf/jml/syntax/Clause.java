package org.threehalf.jml.syntax;

/**
 * A clause with an expression.
 *
 * @param kind what it says
 * @param line where it begins, from 1
 * @param text as it is written, for reports
 * @param expr what was read of it
 */
public record Clause(CheckKind kind, int line, String text, Expr expr) {}
