package org.threehalf.jml;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    static List<ContractCase> of(String resource) throws IOException {
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

    /** The cases that are not refused, or not for their reason. */
    static String believed(List<ContractCase> cases, Path cache) throws InterruptedException {
        List<String> believed = new ArrayList<>();
        for (ContractCase c : cases) {
            List<String> failures = c.failures(cache);
            if (c.reason.isEmpty() || failures.stream().noneMatch(f -> f.contains(c.reason))) {
                believed.add(c.name + ": expected `" + c.reason + "`, found " + failures);
            }
        }
        return String.join("\n", believed);
    }
}
