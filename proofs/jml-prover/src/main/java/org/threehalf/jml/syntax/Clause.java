package org.threehalf.jml.syntax;

/** A clause with an expression, and its source text for reports. */
public record Clause(CheckKind kind, int line, String text, Expr expr) {}
