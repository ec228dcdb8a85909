package org.threehalf.jml.syntax;

import java.util.Locale;

/**
 * What has to hold: a clause of a contract, or a check that Java's semantics ask for. Reports and lists write a kind in
 * small letters, as JML writes the clause's keyword.
 */
public enum CheckKind {
    /** A method writes only what its contract allows. */
    ASSIGNABLE,
    /** JML's statement assert. */
    ASSERT,
    /** JML's statement assume: it is not proved. */
    ASSUME,
    /** The precondition of a callee. */
    CALL,
    /** A cast loses nothing. */
    CAST,
    /** A loop's measure is not negative, and decreases. */
    DECREASES,
    /** A divisor is not 0. */
    DIVISION,
    /** A postcondition. */
    ENSURES,
    /** What is thrown may be thrown. */
    EXCEPTION,
    /** What is known at a loop's end does not contradict itself. */
    FEASIBLE,
    /** An index is within its array. */
    INDEX,
    /** A static invariant. */
    INVARIANT,
    /** A loop's invariant holds at its start and is kept by a round. */
    LOOP_INVARIANT,
    /** A loop writes only what it says. */
    LOOP_WRITES,
    /** The measure of a recursive method decreases. */
    MEASURED_BY,
    /** A model method's definition has a value; without a body, it is assumed. */
    MODEL,
    /** What depends on which NaN a number is, is not asked of NaN. */
    NAN,
    /** A result is not null. */
    NON_NULL,
    /** What is used is not null. */
    NULL,
    /** An integer stays within its type. */
    OVERFLOW,
    /** A precondition has a value, and some values meet it. */
    REQUIRES,
    /** An assignment to a ghost variable has a value. */
    SET,
    /** A shift's count is within the width. */
    SHIFT,
    /** What a contract says of an exception. */
    SIGNALS,
    /** An array's size is not negative. */
    SIZE,
    /** An expression of JML has a value. */
    WELL_DEFINED;

    /**
     * The text of the check of {@link #REQUIRES} that no contract has written: a case's preconditions exclude none of
     * each other.
     */
    public static final String TOGETHER = "the preconditions of the case can hold together";

    /** As reports and lists write it. */
    @Override
    public String toString() {
        return this == WELL_DEFINED ? "well-defined" : name().toLowerCase(Locale.ROOT);
    }
}
