package org.threehalf.proofs.prover;

/** A clause with an expression, and its source text for reports. */
record Clause(String kind, int line, String text, Expr expr) {}
