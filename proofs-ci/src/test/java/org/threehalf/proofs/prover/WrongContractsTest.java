package org.threehalf.proofs.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small programs with false contracts, each refused for its own reason; and right ones of the same constructs, proved. */
class WrongContractsTest {
    @TempDir
    Path cache;

    private record Case(String name, String reason, String text) {}

    private static List<Case> cases(String file) throws IOException {
        try (var in = WrongContractsTest.class.getResourceAsStream(file)) {
            String all = new String(java.util.Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            List<Case> cases = new ArrayList<>();
            for (String part : all.split("(?m)^=== ", -1)) {
                int end = part.indexOf('\n');
                String[] head = part.substring(0, end).split(" \\| ");
                if (!cases.isEmpty() || !part.contains("===")) {
                    cases.add(new Case(head[0], head.length > 1 ? head[1] : "", part.substring(end + 1)));
                }
            }
            return cases;
        }
    }

    private List<String> failures(Case c) throws InterruptedException {
        List<String> errors = new ArrayList<>();
        List<ContractReport.Method> methods = List.of();
        try (Verifier verifier = new Verifier(new Z3Prover(cache, true))) {
            methods = verifier.verify(SourceReader.read(List.of(new SourceReader.Source("T.java", c.text)), List.of()), m -> true, errors, m -> { });
        } catch (UnsupportedSyntaxException e) {
            errors.add(String.valueOf(e.getMessage()));
        }
        return new ContractReport("", methods, OpenJml.Outcome.notRun(""), errors, 0).failures();
    }

    @Test
    void everyWrongContractIsRefusedForItsReason() throws IOException, InterruptedException {
        List<Case> cases = cases("wrong-contracts.txt");
        assertTrue(cases.size() >= 45, cases.size() + " cases");
        List<String> believed = new ArrayList<>();
        for (Case c : cases) {
            List<String> failures = failures(c);
            if (failures.stream().noneMatch(f -> f.contains(c.reason))) {
                believed.add(c.name + ": expected `" + c.reason + "`, found " + failures);
            }
        }
        assertEquals("", String.join("\n", believed));
    }

    @Test
    void everyRightContractIsProved() throws IOException, InterruptedException {
        List<String> refused = new ArrayList<>();
        for (Case c : cases("right-contracts.txt")) {
            List<String> failures = failures(c);
            if (!failures.isEmpty()) {
                refused.add(c.name + ": " + failures);
            }
        }
        assertEquals("", String.join("\n", refused));
    }
}
