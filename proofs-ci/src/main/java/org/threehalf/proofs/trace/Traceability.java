package org.threehalf.proofs.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Everything that the repository's sources say about its evidence.
 *
 * @param specification the requirements
 * @param theorems of {@code lean/}
 * @param contracts of {@code kernels/}
 * @param tests of all modules
 * @param cases of {@code spec/vectors/}, and those that conformance generates
 * @param matrix how they hang together
 */
public record Traceability(
        Specification specification,
        List<Theorem> theorems,
        List<Contract> contracts,
        List<TestMethod> tests,
        List<GoldenCase> cases,
        TraceMatrix matrix) {

    /** Reads the repository at this root, with no cases but the golden ones. */
    public static Traceability read(Path root) throws IOException {
        return read(root, List.of());
    }

    /**
     * Reads the repository at this root.
     *
     * @param generated cases that conformance generates and that have no file; of their ids those count that the specification defines
     */
    public static Traceability read(Path root, List<GoldenCase> generated) throws IOException {
        Specification specification = Specification.read(root);
        List<Theorem> theorems = LeanSources.read(root);
        List<Contract> contracts = JmlContracts.read(root);
        List<TestMethod> tests = TestSources.read(root);
        List<GoldenCase> cases = new ArrayList<>(GoldenVectors.read(root));
        for (GoldenCase one : generated) {
            SortedSet<String> defined = new TreeSet<>(one.requirements());
            defined.retainAll(specification.requirements().keySet());
            cases.add(new GoldenCase(one.id(), one.file(), defined));
        }
        TraceMatrix matrix = TraceMatrix.of(specification.requirements(), theorems, contracts, tests, cases);
        return new Traceability(specification, theorems, contracts, tests, List.copyOf(cases), matrix);
    }

    /** All that is wrong with the ids and their coverage. */
    public List<Problem> problems() {
        return Stream.concat(specification.problems().stream(), matrix.problems().stream()).toList();
    }
}
