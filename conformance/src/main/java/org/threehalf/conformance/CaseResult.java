package org.threehalf.conformance;

import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What became of one case (REQ-CNF-003).
 *
 * @param id the case's stable name
 * @param kind what was computed: a kind of golden vector, or {@code matrix-…} for a real matrix
 * @param format the format's name, or null where the case has none
 * @param requirements ids of the requirements that the case serves
 * @param flags why the case exists: names of flags and their reasons
 * @param note what a reader must know to weigh the result, such as how many rows were compared; may be empty
 * @param failure null if the case passed
 */
public record CaseResult(
        String id,
        String kind,
        @Nullable String format,
        List<String> requirements,
        SequencedMap<String, String> flags,
        String note,
        @Nullable Failure failure) {

    /**
     * Why a case failed.
     *
     * @param message what happened, in one line
     * @param difference the first value that differs, or null if no value was there to compare
     */
    public record Failure(String message, @Nullable Difference difference) {}

    /** Whether the case passed. */
    public Verdict verdict() {
        return failure == null ? Verdict.PASSED : Verdict.FAILED;
    }

    /** A body of a case: returns if all is right. */
    @FunctionalInterface
    interface Body {
        void run() throws Mismatch;
    }

    /** Runs a body. Whatever it throws is the case's failure; only errors of the virtual machine other than exhausted memory or stack pass. */
    static @Nullable Failure failureOf(Body body) {
        try {
            body.run();
            return null;
        } catch (Mismatch mismatch) {
            return new Failure(String.valueOf(mismatch.getMessage()), mismatch.difference());
        } catch (RuntimeException | LinkageError | AssertionError | OutOfMemoryError | StackOverflowError thrown) {
            return new Failure("the backend threw " + thrown, null);
        }
    }
}
