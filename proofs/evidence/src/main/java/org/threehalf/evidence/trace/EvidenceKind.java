package org.threehalf.evidence.trace;

/** The kinds of evidence that a requirement can have. */
public enum EvidenceKind {
    /** A Lean theorem. */
    THEOREM,
    /** A JML contract of a reference kernel. */
    CONTRACT,
    /** A test or property. */
    TEST,
    /** A case of the conformance suite. */
    CASE;

    /** The word that the specification uses in {@code Waiver (word): reason}. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
