package org.threehalf.evidence.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A report whose facts were edited and from which all else was made anew says FAILED if the facts disagree. */
class ContradictionsTest {
    private static final String CLAUSE = "/provers/methods/0/clauses/1";

    @TempDir
    Path folder;

    private ObjectNode report = new JsonMapper().createObjectNode();

    @BeforeEach
    void write() throws IOException {
        report = SampleReport.of(folder.resolve("repository"));
    }

    @Test
    void theSamplePassesWithNothingLeftOut() {
        assertEquals("[]", report.path("problems").toString());
        assertEquals("[]", report.path("notChecked").toString());
        assertEquals("PASSED", report.path("contracts").path(0).path("verdict").asString());
        assertEquals(Judgement.of(Judgement.facts(report)).toString(), report.toString());
    }

    /** What is edited, with the words of the problem that must come of it. */
    @Test
    void successBesideWhatDeniesItFails() {
        for (String[] fault : new String[][] {
            // Theorems.
            {"is not proved: it rests on sorryAx", "/theorems/0/axioms", "[\"sorryAx\", \"Lean.ofReduceBool\"]"},
            {"is not proved: it rests on propext, mine", "/theorems/0/axioms", "[\"propext\", \"mine\"]"},
            {"a proof that was left out", "/theorems/0/axioms", "[]", "/theorems/0/statement", "\"f 0 = sorry\""},
            {"did not see the theorem", "/theorems/0/audited", "false"},
            {"and it states nothing", "/theorems/0/statement", "\"\\u200b\""},
            {"says nothing of lean/Other.lean", "/theorems/0/file", "\"lean/Other.lean\""},
            {"stand in one place", "/theorems/-", "THEOREM"},
            // Lean as a whole.
            {"there is a reason why it did not", "/lean/reason", "\"no npm\""},
            {"its version says that it did not", "/lean/version", "\"not run\""},
            {"Lean did not accept", "/lean/version", "\"\""},
            {"no reason is given", "/lean/verdict", "\"NOT_CHECKED\""},
            {"results of it are given", "/lean/verdict", "\"NOT_CHECKED\"", "/lean/reason", "\"no npm\""},
            {"its hash is that of nothing", "/lean/sources/0/sha256", "\"\""},
            {"the tools name another Lean", "/lean/integrity", "\"sha512-y\""},
            // Contracts.
            {"and to fail: counterexample", CLAUSE + "/failure", "\"counterexample: x = 1\""},
            {"and to be open", CLAUSE + "/open", "\"too hard\""},
            {"is not proved by prover", CLAUSE + "/verdict", "\"UNKNOWN\""},
            {"is not proved by prover", CLAUSE + "/verdict", "\"UNKNOWN\"", CLAUSE + "/open", "\" \""},
            {"is refuted", CLAUSE + "/verdict", "\"REFUTED\"", CLAUSE + "/open", "\"we know\""},
            {"which did not run", CLAUSE + "/checker", "\"another\""},
            {"which did not run", "/provers/checkers/0/version", "\"not run: no Z3\""},
            {"which did not run", "/provers/checkers/0/version", "\"Not Run\""},
            {"which did not run", "/provers/checkers/0/version", "\"\""},
            {"which did not run", "/provers/checkers/-", "{\"name\": \"prover\", \"version\": \"not run\"}"},
            {"the tools name another prover", "/provers/checkers/0/version", "\"Z3 5\""},
            {"0 ensures in place of 1", CLAUSE, ""},
            {"0 ensures in place of 1", CLAUSE + "/kind", "\"assert\""},
            {"0 loop_invariant in place of 1", "/provers/methods/0/clauses/2", ""},
            {"no requires", "/provers/methods/0/clauses/0", ""},
            {"2 ensures in place of 1", "/provers/methods/0/clauses/0/kind", "\"ensures\""},
            {"1 ensures in place of 2", "/contracts/0/clauses/ensures", "2"},
            {"no clause was looked at", "/provers/methods/0/clauses", "[]"},
            {"no clause is written", "/contracts/0/clauses", "{}"},
            {"ensures '1 == 1' in place of what is written", CLAUSE + "/text", "\"1 == 1\""},
            {"ensures 'x + y' in place of what is written", CLAUSE + "/text", "\"x + y\""},
            {"requires 'false' in place of what is written", "/provers/methods/0/clauses/0/text", "\"false\""},
            {
                "is of a kind that is none",
                "/provers/methods/0/clauses/-",
                "{\"kind\": \"proof\", \"line\": 9, \"text\": \"all\", \"verdict\": \"PROVED\", \"checker\": \"prover\", \"open\": \"\", \"failure\": \"\"}"
            },
            {"theorems[].name is a verdict", "/theorems/0/name", "\"FAILED: zero_add\""},
            {"checks[].suite is a verdict", "/checks/0/suite", "\"not run: a device\""},
            {"mutations[].list[].id is a verdict", "/mutations/0/list/0/id", "\"(NOT CHECKED) off by one\""},
            {"conformance[].results[].passed[] is a verdict", "/conformance/0/results/0/passed/0", "\"FAILED\""},
            {"environment.backend.simd is a verdict", "/environment/backend.simd", "\"not run\""},
            {"contracts[].method is a verdict", "/contracts/0/method", "\"REFUTED add\""},
            {"the text of the contract has other clauses", "/contracts/0/jml", "\"/*@ ensures true; @*/\""},
            {"has other clauses than its text", "/contracts/0/jml", "\"no contract\""},
            {"has other clauses than its text", "/contracts/0/clauses/requires", "2"},
            {
                "a clause is listed as open, and refuted",
                CLAUSE + "/verdict",
                "\"UNKNOWN\"",
                CLAUSE + "/open",
                "\"hard\"",
                CLAUSE + "/failure",
                "\"counterexample: x = 1\""
            },
            {"the contract of another version", "/provers/methods/0/line", "8"},
            {"there are two of the method", "/provers/methods/-", "METHOD"},
            {"there are two of the clause", "/provers/methods/0/clauses/-", "CLAUSE"},
            // Vectors and cases.
            {"and differs from it: line 3", "/vectors/0/difference", "\"line 3 differs\""},
            {"is given as emitted", "/lean/emitted", "false"},
            {"is not what Lean emits", "/vectors/0/emitted", "\"" + "1".repeat(64) + "\""},
            {"is not among the files of vectors", "/cases/0/file", "\"spec/vectors/other.json\""},
            {
                "was not judged by 1 of its cases",
                "/conformance/0/results/0/passed",
                "[\"sum-1\"]",
                "/conformance/0/results/0/notChecked",
                "[\"random-1\"]"
            },
            {"there are two of the case of backend", "/conformance/0/results/0/passed", "[\"sum-1\", \"sum-1\"]"},
            {"was judged by no case", "/conformance/0/results/-", "GROUP"},
            {"and it has no results", "/environment/backend.cuda", "\"H200\""},
            {"does not say on what", "/environment/backend.simd", ""},
            {
                "is listed as not checked, and has results",
                "/unchecked/-",
                "{\"what\": \"Backend simd\", \"reason\": \"none\", \"remedy\": \"\"}"
            },
            // Faults, checks, tests.
            {"does not notice the fault: off by one", "/mutations/0/list/0/killedBy", "[\"\"]"},
            {"does not notice the fault: off by one", "/mutations/0/list/0/killedBy", "[\"\\u2060 \"]"},
            {"does not notice the fault: off by one", "/mutations/0/list/0/killedBy", "[\"survived\"]"},
            {
                "there are two of the mutant of faults",
                "/mutations/0/list/-",
                "{\"id\": \"off by one\", \"killedBy\": [\"sum-1\"]}"
            },
            {"holds 1 mutants", "/mutations/0/suite", "\"faults, 2 of 2 mutants\""},
            {"the other mutants are not listed", "/mutations/0/suite", "\"faults, 1 of 9 mutants (a sample)\""},
            {"and that it did not: FAILED", "/checks/0/list/0/detail", "\"FAILED: 3 of 5 wrong\""},
            {"and that it did not", "/checks/0/list/0/detail", "\"not checked: no device\""},
            {"and that it did not", "/checks/0/list/0/detail", "\" NOT_CHECKED\""},
            {"and that it did not", "/checks/0/list/0/detail", "\"[skipped]\""},
            {"and that it did not", "/checks/0/list/0/detail", "\"it was not run here\""},
            {"and that it did not", "/checks/0/list/0/detail", "\"kernels: REFUTED\""},
            {"and that it did not", "/checks/0/list/0/detail", "\"3 of 5 cases equal\""},
            {"and that it did not", "/checks/0/list/0/detail", "\"0 of 5 passed\""},
            {"and that it did not", "/checks/0/list/0/detail", "\"\\uff26\\uff21\\uff29\\uff2c\\uff25\\uff24\""},
            {"and that it did not", "/checks/0/list/0/id", "\"compiles: FAILED\""},
            {
                "is listed as not checked, and failed",
                "/checks/0/list/0/verdict",
                "\"NOT_CHECKED\"",
                "/checks/0/list/0/detail",
                "\"FAILED: 3 of 5 wrong\""
            },
            {
                "is listed as not checked, and failed",
                "/unchecked/-",
                "{\"what\": \"x\", \"reason\": \"FAILED on a device\", \"remedy\": \"\"}"
            },
            {
                "is listed as skipped, and failed",
                "/tests/0/methods/0/skips/-",
                "{\"name\": \"adds\", \"message\": \"FAILURE: 1 is not 2\"}"
            },
            {
                "there are two of the group of backend",
                "/conformance/0/results/-",
                "{\"kind\": \"sum\", \"format\": \"U4\", \"passed\": [\"x\"], \"notChecked\": [], \"failed\": []}"
            },
            {"the commit is none", "/commit", "\"" + "0".repeat(40) + "\""},
            {
                "is that of nothing",
                "/tools/0/hash",
                "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\""
            },
            {
                "there are two of the check of a device",
                "/checks/0/list/-",
                "{\"id\": \"compiles\", \"verdict\": \"PASSED\", \"detail\": \"\"}"
            },
            {"has no test", "/tests/0/methods", "[]"},
            {
                "and nothing of it",
                "/otherTests/-",
                "{\"module\": \"m\", \"type\": \"t\", \"passed\": 0, \"failures\": [], \"skips\": []}"
            },
            // Requirements.
            {"waives its case without a reason", "/requirements/0/waivers/-", "{\"kind\": \"case\", \"reason\": \" \"}"
            },
            {
                "waives its test without a reason",
                "/requirements/0/waivers/-",
                "{\"kind\": \"test\", \"reason\": \"...\\u3164\"}"
            },
            {
                "there are two of the waiver of",
                "/requirements/0/waivers",
                "[{\"kind\": \"test\", \"reason\": \"a\"}, {\"kind\": \"test\", \"reason\": \"b\"}]"
            },
            {"001 is missing", "/requirements/0/id", "\"REQ-" + "ABC-003\""},
            {"requirements[].text says nothing", "/requirements/0/text", "\"\\u00a0\""},
            {"requirements[].line is 0", "/requirements/0/line", "0"},
            // The rest.
            {"contracts[].method says nothing", "/contracts/0/method", "\"\""},
            {"unchecked[].reason says nothing", "/unchecked/-", "{\"what\": \"x\", \"reason\": \"\", \"remedy\": \"\"}"
            },
            {"there are two of the tool", "/tools/-", "{\"name\": \"tool\", \"version\": \"1\", \"hash\": \"3\"}"},
            {"processors is no number", "/environment/processors", "\"-1\""},
            {"time is none", "/environment/time", "\"yesterday\""},
        }) {
            ObjectNode forged = report.deepCopy();
            for (int i = 1; i < fault.length; i += 2) {
                String value = fault[i + 1];
                SampleReport.set(
                        forged,
                        fault[i],
                        switch (value) {
                            case "THEOREM" -> other("/theorems/0", "name");
                            case "METHOD" ->
                                other("/provers/methods/0", "name")
                                        .replace("int,int", "int, int")
                                        .replace("x\"", "\"");
                            case "CLAUSE" -> report.at(CLAUSE).toString();
                            case "GROUP" ->
                                "{\"kind\": \"dot\", \"format\": \"U4\", \"passed\": [], \"notChecked\": [], \"failed\": []}";
                            default -> value;
                        });
            }
            ObjectNode judged = Judgement.of(Judgement.facts(forged));
            String text = fault[1] + ": " + judged.path("problems");
            assertEquals("FAILED", judged.path("result").asString(), text);
            assertTrue(
                    judged.path("problems")
                            .valueStream()
                            .anyMatch(p -> p.path("what").asString().contains(fault[0])),
                    fault[0] + " expected of " + text);
        }
    }

    /** Another item like one that is there. */
    private String other(String path, String name) {
        ObjectNode item = (ObjectNode) report.at(path).deepCopy();
        return item.put(name, item.path(name).asString() + "x").toString();
    }

    /** And it covers nothing. */
    @Test
    void whatDoesNotHoldCoversNothing() {
        for (String[] fault : new String[][] {
            {"/theorems/0/axioms", "[\"sorryAx\"]"},
            {"/theorems/0/statement", "\"by sorry\""},
            {"/theorems/0/audited", "false"}
        }) {
            ObjectNode forged = report.deepCopy();
            SampleReport.set(forged, "/contracts/0/requirements", "[]");
            SampleReport.set(forged, fault[0], fault[1]);
            assertEquals(
                    "[\"theorem or contract\"]",
                    requirement(forged).path("missing").toString(),
                    fault[0]);
        }
        for (String[] fault : new String[][] {
            {CLAUSE + "/failure", "\"x = 1\""},
            {CLAUSE + "/checker", "\"nobody\""},
            {CLAUSE + "/text", "\"1 == 1\""},
            {CLAUSE + "/text", "\"x + y == (x + y)\""},
            {CLAUSE + "/text", "\"0x1p3 < 9.5f && true\""},
            {"/provers/methods/0/clauses/2", ""},
            {"/provers/methods/0/assumptions/-", "\"x is small\""},
            {"/provers/methods/0/line", "8"}
        }) {
            ObjectNode forged = report.deepCopy();
            SampleReport.set(forged, "/theorems/0/requirements", "[]");
            // Judged without the contract's text, which a text like that would contradict.
            SampleReport.set(forged, "/contracts/0/jml", "");
            assertEquals("[]", requirement(forged).path("missing").toString());
            SampleReport.set(forged, fault[0], fault[1]);
            assertEquals(
                    "[\"theorem or contract\"]",
                    requirement(forged).path("missing").toString(),
                    fault[0]);
        }
        ObjectNode waived = report.deepCopy();
        SampleReport.set(waived, "/cases/0/requirements", "[]");
        SampleReport.set(waived, "/requirements/0/waivers/-", "{\"kind\": \"case\", \"reason\": \"\\t\"}");
        assertEquals("[\"case\"]", requirement(waived).path("missing").toString());
        SampleReport.set(waived, "/requirements/0/waivers/0/reason", "\"a layout\"");
        assertEquals("[]", requirement(waived).path("missing").toString());
    }

    private static JsonNode requirement(ObjectNode forged) {
        return Judgement.of(Judgement.facts(forged)).path("requirements").path(0);
    }

    /** What nobody judged is listed, whichever backend it is and whether the case is golden or random. */
    @Test
    void casesByWhichABackendWasNotJudgedAreListed() throws IOException {
        SampleReport.set(report, "/conformance/1/results/0/passed", "[\"sum-1\"]");
        ObjectNode lacking = Judgement.of(Judgement.facts(report));
        assertEquals("PASSED", lacking.path("result").asString());
        assertEquals(
                "Conformance of backend simd by 1 cases that another was judged by",
                lacking.path("notChecked").path(0).path("what").asString());
        SampleReport.set(report, "/conformance/1/results/0/notChecked", "[\"random-1\"]");
        ObjectNode open = Judgement.of(Judgement.facts(report));
        assertEquals(
                "it was not judged by random-1",
                open.path("notChecked").path(0).path("reason").asString());
        SampleReport.set(report, "/conformance/1/results/0/passed", "[]");
        SampleReport.set(report, "/conformance/1/results/0/notChecked", "[\"random-1\", \"sum-1\"]");
        ObjectNode golden = Judgement.of(Judgement.facts(report));
        assertEquals("FAILED", golden.path("result").asString());
        // The reference passed it; that does not make it one that every backend passed.
        assertTrue(new String(
                        Bundle.of(golden).files().getOrDefault("evidence-to-requirements.csv", new byte[0]),
                        StandardCharsets.UTF_8)
                .contains("case,sum-1,spec/vectors/sum.json,,NOT_CHECKED,"));
    }

    /** All kinds waived, with reasons: nothing is wrong, and nothing is covered. */
    @Test
    void aRequirementThatWaivesEverythingIsNotCovered() {
        for (String list : List.of("/theorems/0/requirements", "/contracts/0/requirements", "/cases/0/requirements")) {
            SampleReport.set(report, list, "[]");
        }
        report.path("tests").path(0).path("methods").forEach(m -> ((ArrayNode) m.path("requirements")).removeAll());
        for (String kind : List.of("theorem", "test", "case")) {
            SampleReport.set(
                    report, "/requirements/0/waivers/-", "{\"kind\": \"" + kind + "\", \"reason\": \"withdrawn\"}");
        }
        ObjectNode judged = Judgement.of(Judgement.facts(report));
        assertEquals("[]", judged.path("problems").toString());
        assertEquals(0, judged.path("summary").path("requirementsCovered").asInt());
        assertTrue(judged.path("notChecked").path(0).path("reason").asString().contains("withdrawn; withdrawn"));
    }

    /** Numbers are counts: none is negative, broken, or larger than there can be of anything. */
    @Test
    void aNumberThatIsNoCountIsRefused() {
        for (String number : List.of(
                "9223372036854775807",
                "1180591620717411303424",
                "1" + "0".repeat(900),
                "1000001",
                "-1",
                "1.0",
                "1e3",
                "1e999999999",
                "-0")) {
            SampleReport.set(report, "/tests/0/methods/0/passed", "77777");
            byte[] text = EvidenceWriter.json(report).replace("77777", number).getBytes(StandardCharsets.UTF_8);
            String message = String.valueOf(assertThrows(ForgedException.class, () -> Bundle.derived(text))
                    .getMessage());
            assertTrue(message.startsWith("evidence.json holds the number " + number.substring(0, 1)), message);
        }
    }

    @Test
    void aReportOfTheFutureIsRefused() {
        ObjectNode forged = report.deepCopy();
        Bundle.notOfTheFuture(forged, Instant.parse("2025-12-31T01:00:00Z"));
        assertThrows(ForgedException.class, () -> Bundle.notOfTheFuture(forged, Instant.parse("2025-12-30T00:00:00Z")));
        SampleReport.set(forged, "/environment/time", "\"later\"");
        assertThrows(ForgedException.class, () -> Bundle.notOfTheFuture(forged, Instant.now()));
    }

    /**
     * A report that says PASSED over its own problems, and one with hardly anything in it, each whole in every other
     * respect: their content is what is refused.
     */
    @Test
    void passedOverProblemsAndPassedOverNothingAreRefusedByTheirContent() throws IOException {
        ObjectNode kept = report.deepCopy();
        SampleReport.set(kept, "/conformance/0/results/0/failed/-", "{\"id\": \"sum-9\", \"message\": \"3 is not 4\"}");
        kept = Judgement.of(Judgement.facts(kept));
        assertTrue(!kept.path("problems").isEmpty());
        kept.put("result", "PASSED");
        refused(kept, "contradicts itself: ~ result: PASSED → FAILED");
        ObjectNode minimal = report.deepCopy();
        for (String list : List.copyOf(minimal.propertyNames())) {
            if (minimal.path(list) instanceof ArrayNode array) {
                array.removeAll();
            }
        }
        for (String list : List.of("checkers", "methods")) {
            ((ArrayNode) minimal.path("provers").path(list)).removeAll();
        }
        minimal = Judgement.of(Judgement.facts(minimal));
        assertEquals("FAILED", minimal.path("result").asString());
        minimal.put("result", "PASSED");
        ((ArrayNode) minimal.path("problems")).removeAll();
        refused(minimal, "contradicts itself: ");
        ObjectNode bare = new JsonMapper().createObjectNode();
        bare.put("schema", Evidence.SCHEMA).put("result", "PASSED");
        refused(bare, "does not meet its schema");
    }

    /** All files but the report are those of the true one: what is refused is the report. */
    private void refused(ObjectNode forged, String words) throws IOException {
        Bundle bundle = Bundle.of(report);
        bundle.files().put("evidence.json", EvidenceWriter.json(forged).getBytes(StandardCharsets.UTF_8));
        Path zip = Files.write(folder.resolve("forged.zip"), bundle.zip());
        String message = String.valueOf(
                assertThrows(ForgedException.class, () -> Bundle.verified(zip)).getMessage());
        assertTrue(message.contains(words), message);
    }
}
