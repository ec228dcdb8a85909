package org.threehalf.jml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.ThrowingConsumer;
import org.threehalf.jml.frontend.SourceReader;
import org.threehalf.jml.solver.Z3Prover;
import org.threehalf.jml.syntax.UnsupportedSyntaxException;

/**
 * A small program with contracts.
 *
 * @param reason what its refusal must say; empty where it must be proved
 */
record ContractCase(String name, String reason, String text) {
    /** The cases of a resource: {@code === NAME | reason} and below it the program. */
    private static List<ContractCase> of(String resource) throws IOException {
        try (var in = ContractCase.class.getResourceAsStream(resource)) {
            String all = new String(java.util.Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            List<ContractCase> cases = new ArrayList<>();
            List<String> parts = List.of(all.split("(?m)^=== ", -1));
            for (String part : parts.subList(1, parts.size())) {
                int end = part.indexOf('\n');
                String[] head = part.substring(0, end).split(" \\| ");
                cases.add(new ContractCase(head[0], head.length > 1 ? head[1] : "", part.substring(end + 1)));
            }
            return cases;
        }
    }

    /** Everything that fails of it. */
    List<String> failures(Path cache) throws InterruptedException {
        List<String> errors = new ArrayList<>();
        List<ContractReport.Method> methods = List.of();
        try (Verifier verifier = new Verifier(new Z3Prover(cache, true))) {
            methods = verifier.verify(
                    SourceReader.read(List.of(new SourceReader.Source("T.java", text)), List.of()),
                    m -> true,
                    errors,
                    m -> {});
        } catch (UnsupportedSyntaxException e) {
            errors.add(String.valueOf(e.getMessage()));
        }
        return new ContractReport("", methods, OpenJml.Outcome.notRun(""), errors, 0).failures();
    }

    /**
     * A test of each of a resource's cases: that it is refused, for its reason.
     *
     * @param least how many there are at least
     */
    static Stream<DynamicTest> refused(String resource, int least, Path cache) throws IOException {
        return tests(resource, least, c -> {
            List<String> failures = c.failures(cache);
            assertFalse(c.reason.isEmpty(), "a case without a reason would be refused for any");
            assertTrue(
                    failures.stream().anyMatch(f -> f.contains(c.reason)),
                    "expected `" + c.reason + "`, found " + failures);
        });
    }

    /**
     * A test of each of a resource's cases: that it is proved.
     *
     * @param least how many there are at least
     */
    static Stream<DynamicTest> proved(String resource, int least, Path cache) throws IOException {
        return tests(resource, least, c -> assertEquals(List.of(), c.failures(cache)));
    }

    private static Stream<DynamicTest> tests(String resource, int least, ThrowingConsumer<ContractCase> test)
            throws IOException {
        List<ContractCase> cases = of(resource);
        assertTrue(cases.size() >= least, cases.size() + " cases");
        return DynamicTest.stream(cases.stream(), ContractCase::name, test);
    }
}
