package org.threehalf.proofs.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Everything that the repository's sources say about its evidence.
 *
 * @param specification the requirements
 * @param theorems of {@code lean/}
 * @param contracts of {@code kernels/}
 * @param tests of all modules
 * @param cases of {@code spec/vectors/}
 * @param matrix how they hang together
 */
public record Traceability(
        Specification specification,
        List<Theorem> theorems,
        List<Contract> contracts,
        List<TestMethod> tests,
        List<GoldenCase> cases,
        TraceMatrix matrix) {

    /** Reads the repository at this root. */
    public static Traceability read(Path root) throws IOException {
        Specification specification = Specification.read(root);
        List<Theorem> theorems = LeanSources.read(root);
        List<Contract> contracts = JmlContracts.read(root);
        List<TestMethod> tests = TestSources.read(root);
        List<GoldenCase> cases = GoldenVectors.read(root);
        TraceMatrix matrix = TraceMatrix.of(specification.requirements(), theorems, contracts, tests, cases);
        return new Traceability(specification, theorems, contracts, tests, cases, matrix);
    }

    /** All that is wrong with the ids and their coverage. */
    public List<Problem> problems() {
        return Stream.concat(specification.problems().stream(), matrix.problems().stream()).toList();
    }
}
