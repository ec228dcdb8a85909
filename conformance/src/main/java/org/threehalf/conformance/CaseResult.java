package org.threehalf.conformance;

import java.io.Serializable;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.threehalf.conformance.vectors.Difference;
import org.threehalf.kernels.io.Verdict;

/**
 * What became of one case (REQ-CNF-003).
 *
 * @param id the case's stable name
 * @param level its level
 * @param kind what was computed: a kind of golden vector, or {@code matrix-…} for a real matrix
 * @param format the format's name, or null where the case has none
 * @param requirements ids of the requirements that the case serves
 * @param flags why the case exists: names of flags and their reasons
 * @param note what a reader must know to weigh the result, such as how many rows were compared; may be empty
 * @param failure null if the case passed
 */
public record CaseResult(
        String id,
        Level level,
        String kind,
        @Nullable String format,
        List<String> requirements,
        SequencedMap<String, String> flags,
        String note,
        @Nullable Failure failure)
        implements Serializable {

    /**
     * Why a case failed.
     *
     * @param message what happened, in one line
     * @param difference the first value that differs, or null if no value was there to compare
     * @param spreads where the differences lie, one an array that has any
     */
    public record Failure(String message, @Nullable Difference difference, List<Spread> spreads)
            implements Serializable {
        /** Takes a copy of the list. */
        public Failure {
            spreads = List.copyOf(spreads);
        }

        /** A failure with no value to compare. */
        static Failure of(String message) {
            return new Failure(message, null, List.of());
        }
    }

    /**
     * Where an array differs.
     *
     * @param part the array's name
     * @param size its number of elements
     * @param count how many differ
     * @param places the indexes of the first {@link #KEPT} that differ, counted through all dimensions
     */
    public record Spread(String part, int size, int count, List<Integer> places) implements Serializable {
        /** The most places that are kept. */
        public static final int KEPT = 4096;

        /** Takes a copy of the list. */
        public Spread {
            places = List.copyOf(places);
        }
    }

    /** Whether the case passed. */
    public Verdict verdict() {
        return Verdict.of(failure == null);
    }

    /** A body of a case: gives its failure, or null if all is right. */
    @FunctionalInterface
    interface Body {
        @Nullable
        Failure run();
    }

    /**
     * Runs a body. Whatever it throws is the case's failure; only errors of the virtual machine other than exhausted
     * memory or stack pass.
     */
    static @Nullable Failure failureOf(Body body) {
        try {
            return body.run();
        } catch (RuntimeException | LinkageError | AssertionError | OutOfMemoryError | StackOverflowError thrown) {
            return Failure.of("the backend threw " + thrown);
        }
    }
}
