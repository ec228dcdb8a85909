package org.threehalf.evidence.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.threehalf.lean.LeanSources;
import org.threehalf.lean.Theorem;

/**
 * Everything that the repository's sources say about its evidence. What covers what, and what is missing, follows from
 * it and from what checkers found ({@code org.threehalf.evidence.report}).
 *
 * @param specification the requirements
 * @param theorems of {@code lean/}
 * @param contracts of {@code kernels/}
 * @param tests of all modules
 * @param cases of {@code spec/vectors/}, and those that conformance generates
 */
public record Traceability(
        Specification specification,
        List<Theorem> theorems,
        List<Contract> contracts,
        List<TestMethod> tests,
        List<GoldenCase> cases) {

    /** Reads the repository at this root, with no cases but the golden ones. */
    public static Traceability read(Path root) throws IOException {
        return read(root, List.of());
    }

    /**
     * Reads the repository at this root.
     *
     * @param generated cases that conformance generates and that have no file
     */
    public static Traceability read(Path root, List<GoldenCase> generated) throws IOException {
        List<GoldenCase> cases = new ArrayList<>(GoldenVectors.read(root));
        cases.addAll(generated);
        return new Traceability(
                Specification.read(root),
                LeanSources.read(root),
                Contract.read(root),
                TestMethod.read(root),
                List.copyOf(cases));
    }
}
