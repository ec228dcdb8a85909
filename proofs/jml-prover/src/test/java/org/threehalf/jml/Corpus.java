package org.threehalf.jml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.threehalf.jml.frontend.SourceReader;
import org.threehalf.jml.logic.Verdict;
import org.threehalf.jml.solver.Z3Prover;

/**
 * The corpus: small methods with right and wrong contracts. The Javadoc of each says what must come out: {@code Proved}
 * or {@code Refuted (kind)}, where a clause of that kind must fail.
 */
final class Corpus {
    private Corpus() {}

    private static final Pattern EXPECTATION = Pattern.compile("/\\*\\* (?:Proved|Refuted \\((\\w+)\\))");
    private static final Pattern HEADER = Pattern.compile("static\\s+[\\w\\[\\]]+\\s+(\\w+)\\s*\\(");

    static SourceReader.Source corpus(String name) throws IOException {
        try (var in = Corpus.class.getResourceAsStream("corpus/" + name + ".java")) {
            return new SourceReader.Source(
                    "corpus/" + name + ".java",
                    new String(java.util.Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** What each method's comment expects: an empty string for proved, the kind of the failing clause otherwise. */
    static Map<String, String> expectations(String source) {
        Map<String, String> expected = new LinkedHashMap<>();
        Matcher m = EXPECTATION.matcher(source);
        Matcher header = HEADER.matcher(source);
        while (m.find()) {
            assertTrue(header.find(m.end()), "no method after " + m.group());
            expected.put(header.group(1), m.group(1) == null ? "" : m.group(1));
        }
        if (source.contains("paradox")) {
            // A model method has no Javadoc.
            expected.put("paradox", "model");
        }
        return expected;
    }

    /**
     * Proves all methods of some files, and makes a test of each.
     *
     * @param least how many of them there are at least with a right contract, and with a wrong one
     */
    static Stream<DynamicTest> tests(Path cache, int least, String... files) throws IOException, InterruptedException {
        List<DynamicTest> tests = new ArrayList<>();
        int right = 0;
        int wrong = 0;
        try (Verifier verifier = new Verifier(new Z3Prover(cache, true))) {
            for (String file : files) {
                SourceReader.Source source = corpus(file);
                List<String> errors = new ArrayList<>();
                Map<String, ContractReport.Method> methods = new LinkedHashMap<>();
                for (ContractReport.Method m :
                        verifier.verify(SourceReader.read(List.of(source), List.of()), m -> true, errors, m -> {})) {
                    methods.put(m.name().replaceAll("^\\w+\\.(\\w+)\\(.*$", "$1"), m);
                }
                assertEquals(List.of(), errors, file);
                for (var e : expectations(source.text()).entrySet()) {
                    ContractReport.Method m = methods.remove(e.getKey());
                    tests.add(DynamicTest.dynamicTest(file + "." + e.getKey(), () -> judge(e.getValue(), m)));
                    right += e.getValue().isEmpty() ? 1 : 0;
                    wrong += e.getValue().isEmpty() ? 0 : 1;
                }
                // The model function that right methods use; nothing else goes without an expectation.
                methods.keySet().removeAll(List.of("sum"));
                assertEquals(List.of(), List.copyOf(methods.keySet()), file + ": methods without an expectation");
            }
        }
        assertTrue(right >= least && wrong >= least, right + " right, " + wrong + " wrong");
        return tests.stream();
    }

    /**
     * Holds a verdict against what is expected.
     *
     * @param kind of the clause that must fail; empty where all must be proved
     */
    private static void judge(String kind, ContractReport.@Nullable Method method) {
        assertNotNull(method, "the file has no such method");
        List<String> failing = method.clauses().stream()
                .filter(c -> c.verdict() != Verdict.PROVED)
                .map(c -> c.kind().toString())
                .toList();
        if (kind.isEmpty()) {
            assertEquals(List.of(), failing);
        } else {
            assertTrue(failing.contains(kind), () -> "expected that " + kind + " fails, found " + failing);
        }
    }
}
