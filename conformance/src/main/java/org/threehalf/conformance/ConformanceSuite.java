package org.threehalf.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.conformance.CaseResult.Failure;
import org.threehalf.conformance.CaseResult.Spread;
import org.threehalf.conformance.vectors.Difference;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.format.Format;

/** Judges answers to golden and generated cases (REQ-CNF-001 to REQ-CNF-003). */
public final class ConformanceSuite {
    private ConformanceSuite() {}

    /** Runs a case on a backend and judges it. */
    public static CaseResult run(Backend backend, VectorCase vectorCase) {
        return judge(vectorCase, CaseArrays.answer(backend, vectorCase));
    }

    /** Judges what a device made of a case, wherever the answer comes from. */
    public static CaseResult judge(VectorCase vectorCase, Answer answer) {
        Format format = vectorCase.format();
        VectorCase.Header header = vectorCase.header();
        return new CaseResult(
                header.id(),
                Level.of(vectorCase),
                header.kind(),
                format == null ? null : format.name(),
                header.requirements(),
                header.flags(),
                "",
                failure(vectorCase, answer));
    }

    private static @Nullable Failure failure(VectorCase vectorCase, Answer answer) {
        boolean refuse = CaseArrays.mustBeRefused(vectorCase);
        return switch (answer) {
            case Answer.Broken broken -> Failure.of(broken.message());
            case Answer.Refused refused -> refuse ? null : Failure.of("refused a valid input: " + refused.message());
            case Answer.Values values ->
                refuse
                        ? Failure.of("accepted what must be refused")
                        : difference(CaseArrays.expected(vectorCase), values.parts());
        };
    }

    /** The failure that two lists of arrays make, or null if they hold the same bits. */
    static @Nullable Failure difference(List<Part> expected, List<Part> actual) {
        if (expected.size() != actual.size()) {
            return Failure.of("expected %d arrays, got %d".formatted(expected.size(), actual.size()));
        }
        Difference first = null;
        List<Spread> spreads = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            Part right = expected.get(i);
            Part given = actual.get(i);
            if (!right.shape().equals(given.shape()) || right.type() != given.type()) {
                return Failure.of("%s: expected %s of shape %s, got %s of shape %s"
                        .formatted(right.name(), right.type(), right.shape(), given.type(), given.shape()));
            }
            int[] places = right.differences(given);
            if (places.length > 0) {
                first = first == null ? right.differenceAt(places[0], given) : first;
                int[] kept = Arrays.copyOf(places, Math.min(places.length, Spread.KEPT));
                spreads.add(new Spread(
                        right.name(),
                        right.size(),
                        places.length,
                        Arrays.stream(kept).boxed().toList()));
            }
        }
        return first == null ? null : new Failure(first.toString(), first, spreads);
    }
}
