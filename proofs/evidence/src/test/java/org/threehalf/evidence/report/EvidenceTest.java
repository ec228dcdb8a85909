package org.threehalf.evidence.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.evidence.SampleRepository;
import org.threehalf.evidence.trace.Traceability;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.lean.LeanOutcome;
import org.threehalf.repository.Problem;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class EvidenceTest {
    private static final String THEOREM = "ThreeHalf.Sum.zero_add'";
    private static final String SOURCE = "lean/ThreeHalf/Sum.lean";
    /** Put together here, so that tracing this very source does not find it. */
    private static final String UNKNOWN = "REQ-" + "XYZ-001";

    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path folder;

    private SampleRepository repository;

    @BeforeEach
    void write() throws IOException {
        repository = new SampleRepository(folder.resolve("repository"));
        Files.createDirectories(folder.resolve("emitted"));
        Files.copy(repository.root().resolve("spec/vectors/sum.json"), folder.resolve("emitted/sum.json"));
    }

    @Test
    void aRunWithoutFaultsPassesAndMeetsTheSchema() throws IOException {
        Evidence evidence = evidence(lean(Verdict.PASSED), "PASSED", "a");
        assertEquals(List.of(), evidence.problems());
        ObjectNode json = evidence.toJson();
        assertEquals("PASSED", json.path("result").asString());
        assertEquals("PASSED", json.path("theorems").path(0).path("verdict").asString());
        assertEquals(
                "PASSED",
                json.path("cases").path(0).path("verdicts").path("reference").asString());
        assertMeetsSchema(json);
    }

    @Test
    void theSchemaRefusesAnUnknownVerdict() throws IOException {
        ObjectNode json = evidence(lean(Verdict.PASSED), "PASSED", "a").toJson();
        ((ObjectNode) json.path("lean")).put("verdict", "PROBABLY");
        assertTrue(!EvidenceSchema.errors(json.toString()).isEmpty());
    }

    @Test
    void twoRunsDifferInTheEnvironmentAlone() throws IOException {
        ObjectNode first = evidence(lean(Verdict.PASSED), "PASSED", "a").toJson();
        ObjectNode second = evidence(lean(Verdict.PASSED), "PASSED", "b").toJson();
        assertTrue(!first.toString().equals(second.toString()));
        first.remove("environment");
        second.remove("environment");
        assertEquals(first.toString(), second.toString());
    }

    @Test
    void aSkippedLeanCheckIsNotChecked() throws IOException {
        Evidence evidence = evidence(LeanOutcome.notChecked("skipped by -Dlean.check=skip"), "PASSED", "a");
        ObjectNode json = evidence.toJson();
        assertEquals("NOT_CHECKED", json.path("lean").path("verdict").asString());
        assertEquals(
                "NOT_CHECKED", json.path("theorems").path(0).path("verdict").asString());
        assertEquals("NOT_CHECKED", json.path("vectors").path(0).path("verdict").asString());
        assertTrue(evidence.notChecked().stream().anyMatch(n -> n.reason().equals("skipped by -Dlean.check=skip")));
        assertMeetsSchema(json);
    }

    @Test
    void aTheoremThatTheAuditDidNotSeeIsNotChecked() throws IOException {
        repository.replace(SOURCE, "zero_add'", "unseen");
        assertEquals(
                "NOT_CHECKED",
                evidence(lean(Verdict.PASSED), "PASSED", "a")
                        .toJson()
                        .path("theorems")
                        .path(0)
                        .path("verdict")
                        .asString());
    }

    @Test
    void aFailedProofFails() throws IOException {
        ObjectNode json = evidence(lean(Verdict.FAILED), "PASSED", "a").toJson();
        assertEquals("FAILED", json.path("result").asString());
        assertEquals("FAILED", json.path("theorems").path(0).path("verdict").asString());
    }

    @Test
    void aFailedCaseFailsAndSaysHowToRepeatIt() throws IOException {
        List<Problem> problems = evidence(lean(Verdict.PASSED), "FAILED", "a").problems();
        assertEquals(
                SampleRepository.ID + " (spec/FORMAT.md:3) has no case that passed",
                problems.getFirst().what());
        Problem problem = problems.getLast();
        assertTrue(problem.what().contains("sum-1") && problem.remedy().contains("--case sum-1"), problem.toString());
    }

    @Test
    void aFailedTestFailsAndASkippedOneIsNotChecked() throws IOException {
        Evidence before = evidence(lean(Verdict.PASSED), "PASSED", "a");
        assertTrue(before.notChecked().stream()
                .anyMatch(n -> n.what().contains("addsAll") && n.reason().equals("no time")));
        repository.replace("kernels/target/surefire-reports/TEST-a.SumTest.xml", "skipped", "failure");
        assertTrue(only(evidence(lean(Verdict.PASSED), "PASSED", "a")).what().contains("addsAll failed: no time"));
    }

    @Test
    void anAssumptionsReasonIsReadFromTheStackTraceWithoutThisMachinesFolder() throws IOException {
        repository.replace(
                "kernels/target/surefire-reports/TEST-a.SumTest.xml", "<skipped message=\"no time\"/>", """
                <skipped type="x"><![CDATA[org.opentest4j.TestAbortedException: Assumption failed: NOT CHECKED: there is no %s/models/a.gguf
                \tat a.SumTest]]></skipped>""".formatted(
                                repository.root()));
        assertTrue(evidence(lean(Verdict.PASSED), "PASSED", "a").notChecked().stream()
                .anyMatch(n -> n.what().contains("addsAll") && n.reason().equals("there is no models/a.gguf")));
    }

    @Test
    void contractsThatNobodyProvedAreNotChecked() throws IOException {
        Evidence evidence = evidence(lean(Verdict.PASSED), "PASSED", "a");
        assertTrue(evidence.notChecked().stream()
                .anyMatch(n -> n.what().equals("JML contracts") && n.reason().equals("no prover was run on them")));
    }

    @Test
    void aProvedContractPassesWithItsClausesAndChecker() throws IOException {
        proofs("PROVED", "");
        Evidence evidence = evidence(lean(Verdict.PASSED), "PASSED", "a");
        assertEquals(List.of(), evidence.problems());
        ObjectNode json = evidence.toJson();
        assertEquals("PASSED", json.path("contracts").path(0).path("verdict").asString());
        assertEquals(
                "threehalf prover",
                json.path("contracts")
                        .path(0)
                        .path("checked")
                        .path(0)
                        .path("checker")
                        .asString());
        assertEquals(1, json.path("summary").path("contractsProved").asInt());
        assertTrue(
                json.path("tools").toString().contains("Z3 4"),
                json.path("tools").toString());
        assertTrue(evidence.notChecked().stream()
                .anyMatch(n -> n.what().equals("JML contracts by OpenJML")
                        && n.reason().equals("not run: not installed")));
        assertMeetsSchema(json);
    }

    /** What rests on an assumption is not proved. */
    @Test
    void aContractUnderAnAssumptionIsNotChecked() throws IOException {
        proofs("PROVED", "");
        repository.replace(
                "proofs/evidence/target/results/contracts.json",
                "\"assumptions\": []",
                "\"assumptions\": [\"x is small\"]");
        Evidence evidence = evidence(lean(Verdict.PASSED), "PASSED", "a");
        assertTrue(evidence.notChecked().stream()
                .anyMatch(n -> n.what().startsWith("Assumption in Sum.add")
                        && n.reason().endsWith("x is small")));
        assertEquals(
                "NOT_CHECKED",
                evidence.toJson().path("contracts").path(0).path("verdict").asString());
    }

    @Test
    void aClauseThatIsNotProvedFails() throws IOException {
        proofs("UNKNOWN", "");
        Problem problem = only(evidence(lean(Verdict.PASSED), "PASSED", "a"));
        assertEquals(
                "kernels/src/main/java/a/Sum.java:7: Sum.add(int,int): ensures '\\result == x + y' is not proved by threehalf prover: too hard",
                problem.what());
    }

    /** It stands before everything else that nobody checked, and is no proof; refuted, it fails. */
    @Test
    void anOpenClauseIsNotCheckedAndComesFirst() throws IOException {
        proofs("UNKNOWN", "");
        String file = "proofs/evidence/target/results/contracts.json";
        repository.replace(file, "\"failure\":", "\"open\": \"no prover does it\", \"failure\":");
        Evidence evidence = evidence(lean(Verdict.PASSED), "PASSED", "a");
        assertEquals(List.of(), evidence.problems());
        assertEquals(
                new NotChecked(
                        "Contract clause of Sum.add(int,int) (kernels/src/main/java/a/Sum.java:7): ensures '\\result == x + y'",
                        "NOT PROVED: no prover does it",
                        "./threehalf verify --contracts kernels/src/main/java/a/Sum.java"),
                evidence.notChecked().getFirst());
        assertEquals(
                "NOT_CHECKED",
                evidence.toJson().path("contracts").path(0).path("verdict").asString());
        assertMeetsSchema(evidence.toJson());
        repository.replace(file, "UNKNOWN", "REFUTED");
        assertTrue(only(evidence(lean(Verdict.PASSED), "PASSED", "a")).what().contains("is refuted"));
    }

    @Test
    void proofsOfAnotherVersionOfTheSourceFail() throws IOException {
        proofs("PROVED", "");
        repository.replace("kernels/src/main/java/a/Sum.java", "return y", "return y + 0");
        assertTrue(only(evidence(lean(Verdict.PASSED), "PASSED", "a"))
                .what()
                .contains("speaks of another version of kernels/src/main/java/a/Sum.java"));
    }

    @Test
    void whatAProverReportsBesideItsClausesFails() throws IOException {
        proofs("PROVED", "Sum.java:3: unsupported syntax");
        assertEquals(
                "Sum.java:3: unsupported syntax",
                only(evidence(lean(Verdict.PASSED), "PASSED", "a")).what());
    }

    @Test
    void aSurvivingMutantFailsAndAKilledOneIsListed() throws IOException {
        repository.write("kernels/target/results/mutants.json", """
                {"schema": "threehalf-mutation-results/1", "suite": "conformance", "mutants": [{"id": "off by one", "killedBy": ["sum-1"]}, {"id": "flush", "killedBy": []}]}
                """);
        Evidence evidence = evidence(lean(Verdict.PASSED), "PASSED", "a");
        assertEquals(
                "conformance does not notice the fault: flush", only(evidence).what());
        ObjectNode json = evidence.toJson();
        assertEquals(
                List.of(2, 1),
                List.of(
                        json.path("summary").path("mutants").asInt(),
                        json.path("summary").path("mutantsKilled").asInt()));
        assertMeetsSchema(json);
    }

    @Test
    void whatAMutationSuiteReportsFails() throws IOException {
        repository.write("kernels/target/results/mutants.json", """
                {"schema": "threehalf-mutation-results/1", "suite": "contracts", "mutants": [{"id": "off by one", "killedBy": ["ensures"]}], "problems": ["an explanation of nothing"]}
                """);
        assertEquals(
                "an explanation of nothing",
                only(evidence(lean(Verdict.PASSED), "PASSED", "a")).what());
    }

    @Test
    void checksOfADeviceAreListedAndWhatIsMissingIsSaid() throws IOException {
        repository.write("kernels/target/results/device.json", """
                {"schema": "threehalf-check-results/1", "suite": "a device", "checks": [{"id": "compiles", "verdict": "PASSED", "detail": "3 kernels"},
                  {"id": "runs", "verdict": "NOT_CHECKED", "detail": "none was at hand"}]}
                """);
        Evidence evidence = evidence(lean(Verdict.PASSED), "PASSED", "a");
        assertEquals(List.of(), evidence.problems());
        assertTrue(evidence.notChecked()
                .contains(new NotChecked("a device: runs", "none was at hand", "provide what it needs")));
        ObjectNode json = evidence.toJson();
        assertEquals(
                List.of("compiles", "runs"),
                json.path("checks")
                        .path(0)
                        .path("list")
                        .valueStream()
                        .map(c -> c.path("id").asString())
                        .toList());
        assertMeetsSchema(json);
    }

    /** Neither a failure, nor a verdict that is not known, nor an empty list passes. */
    @Test
    void aFailedCheckOfADeviceFails() throws IOException {
        for (String checks : List.of(
                "{\"id\": \"runs\", \"verdict\": \"FAILED\", \"detail\": \"3 of 4\"}",
                "{\"id\": \"runs\", \"verdict\": \"ok\", \"detail\": \"3 of 4\"}",
                "")) {
            repository.write(
                    "kernels/target/results/device.json",
                    "{\"schema\": \"threehalf-check-results/1\", \"suite\": \"a device\", \"checks\": [" + checks
                            + "]}");
            assertEquals(
                    checks.isEmpty() ? "the check results of a device hold no check" : "a device: runs failed: 3 of 4",
                    only(evidence(lean(Verdict.PASSED), "PASSED", "a")).what());
        }
    }

    @Test
    void aResultFileOfUnknownKindFails() throws IOException {
        repository.write("kernels/target/results/other.json", "{\"schema\": \"threehalf-other/1\"}");
        assertTrue(only(evidence(lean(Verdict.PASSED), "PASSED", "a"))
                .what()
                .contains("kernels/target/results/other.json has a member 'schema' that is not known"));
    }

    @Test
    void aTestWithoutReportFails() throws IOException {
        repository.write(
                "kernels/target/surefire-reports/TEST-a.SumTest.xml",
                "<testsuite><testcase classname=\"a.SumTest\" name=\"adds\"/></testsuite>");
        assertEquals(
                "surefire reported nothing about 1 tests of kernels, the first a.SumTest.addsAll",
                only(evidence(lean(Verdict.PASSED), "PASSED", "a")).what());
    }

    @Test
    void aReportOlderThanTheClassesFails() throws IOException {
        repository.write("kernels/target/classes/a/Sum.class", "");
        repository.write("other/pom.xml", "<project/>");
        repository.write("other/target/surefire-reports/TEST-b.xml", "<testsuite/>");
        Path report = repository.root().resolve("kernels/target/surefire-reports/TEST-a.SumTest.xml");
        assertEquals(List.of(), evidenceAfterTouching(report, 0));
        assertTrue(
                evidenceAfterTouching(report, -60)
                        .getFirst()
                        .what()
                        .contains(
                                "1 test reports of kernels are older than kernels/target/classes/a/Sum.class, the first TEST-a.SumTest.xml"));
        // A module that is built later rests on the classes of those before it.
        assertTrue(evidenceAfterTouching(repository.root().resolve("other/target/surefire-reports/TEST-b.xml"), -60)
                .toString()
                .contains("1 test reports of other are older than kernels/"));
    }

    private List<Problem> evidenceAfterTouching(Path report, int seconds) throws IOException {
        Files.setLastModifiedTime(
                report,
                java.nio.file.attribute.FileTime.from(java.time.Instant.now().plusSeconds(seconds)));
        return evidence(lean(Verdict.PASSED), "PASSED", "a").problems();
    }

    @Test
    void aTheoremThatTheAuditDidNotSeeFails() throws IOException {
        repository.replace(SOURCE, "zero_add'", "unseen");
        assertTrue(only(evidence(lean(Verdict.PASSED), "PASSED", "a"))
                .what()
                .contains("the axiom audit did not see the theorem ThreeHalf.Sum.unseen (lean/ThreeHalf/Sum.lean:9)"));
    }

    private void proofs(String verdict, String problem) throws IOException {
        Path source = repository.root().resolve("kernels/src/main/java/a/Sum.java");
        repository.write("proofs/evidence/pom.xml", "<project/>");
        repository.write("proofs/evidence/target/results/contracts.json", """
                {"schema": "threehalf-contract-results/1",
                 "checkers": [{"name": "threehalf prover", "version": "Z3 4"}, {"name": "OpenJML", "version": "not run: not installed"}],
                 "sources": [{"file": "kernels/src/main/java/a/Sum.java", "sha256": "%s"}],
                 "methods": [{"file": "kernels/src/main/java/a/Sum.java", "line": 9, "name": "Sum.add(int,int)", "assumptions": [],
                   "clauses": [{"kind": "ensures", "line": 7, "text": "\\\\result == x + y", "verdict": "%s", "checker": "threehalf prover", "failure": "%s"},
                     {"kind": "requires", "line": 6, "text": "x < 1000 && y < 1000", "verdict": "PROVED", "checker": "threehalf prover"},
                     {"kind": "loop_invariant", "line": 10, "text": "x >= 0", "verdict": "PROVED", "checker": "threehalf prover"},
                     {"kind": "decreases", "line": 11, "text": "x", "verdict": "PROVED", "checker": "threehalf prover"}]}],
                 "problems": [%s]}
                """.formatted(
                        Sha256.of(source),
                        verdict,
                        verdict.equals("PROVED") ? "" : "too hard",
                        problem.isEmpty() ? "" : '"' + problem + '"'));
    }

    @Test
    void oneByteOfAVectorFileFailsWithItsFileAndLine() throws IOException {
        Files.writeString(
                folder.resolve("emitted/sum.json"),
                Files.readString(folder.resolve("emitted/sum.json")).replace("sum-1", "sum-2"));
        Problem problem = only(evidence(lean(Verdict.PASSED), "PASSED", "a"));
        assertTrue(
                problem.what().contains("spec/vectors/sum.json differs")
                        && problem.what().contains("line 2"),
                problem.what());
    }

    @Test
    void aVectorFileThatIsMissingOnEitherSideFails() throws IOException {
        Files.move(folder.resolve("emitted/sum.json"), folder.resolve("emitted/other.json"));
        List<Problem> problems = evidence(lean(Verdict.PASSED), "PASSED", "a").problems();
        assertEquals(2, problems.size());
        assertTrue(problems.getFirst().what().contains("other.json is missing"), problems.toString());
        assertTrue(problems.getLast().what().contains("sum.json is not emitted"), problems.toString());
    }

    @Test
    void thePageStartsWithWhatWasNotCheckedAndEscapesText() throws IOException {
        repository.replace("spec/FORMAT.md", "exact.", "exact <b>&.");
        Bundle.of(evidence(LeanOutcome.notChecked("skipped"), "PASSED", "a").toJson())
                .write(folder.resolve("out"));
        String page = Files.readString(folder.resolve("out/index.html"));
        assertTrue(page.indexOf("NOT CHECKED") > page.indexOf("</style>"));
        assertEquals(page.indexOf("<h2>"), page.indexOf("<h2>NOT CHECKED"));
        assertTrue(page.contains("JML contracts: NOT CHECKED</td><td>no prover was run on them"));
        assertTrue(page.contains("exact &lt;b&gt;&amp;."));
        assertTrue(!page.contains("http"), "the page must need no network");
        assertMeetsSchema((ObjectNode) JSON.readTree(folder.resolve("out/evidence.json")));
        try (var files = Files.list(folder.resolve("out"))) {
            assertEquals(
                    List.of(
                            "MANIFEST.sha256",
                            "evidence-to-requirements.csv",
                            "evidence.json",
                            "index.html",
                            "requirements-to-evidence.csv",
                            "statement.intoto.json",
                            "threehalf-evidence.zip"),
                    files.map(f -> f.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void reportsAllGapsOfAnUncoveredRequirementAtOnce() throws IOException {
        repository.write("spec/MORE.md", "**%s** Bare.\n".formatted(UNKNOWN));
        assertEquals(
                UNKNOWN + " (spec/MORE.md:1) has no theorem or contract, no test, no case",
                only(evidence(lean(Verdict.PASSED), "PASSED", "a")).what());
    }

    @Test
    void aWaiverWithReasonClosesAGapOfItsKindOnly() throws IOException {
        repository.write(
                "spec/MORE.md",
                "**%s** Bare.\nWaiver (theorem): a layout. Waiver (case): no\nfiles.\n".formatted(UNKNOWN));
        assertEquals(
                UNKNOWN + " (spec/MORE.md:1) has no test",
                only(evidence(lean(Verdict.PASSED), "PASSED", "a")).what());
    }

    @Test
    void findsUndefinedIdsWhereverTheyAre() throws IOException {
        for (String file : List.of(
                "lean/ThreeHalf/Sum.lean",
                "kernels/src/main/java/a/Sum.java",
                "kernels/src/test/java/a/SumTest.java",
                "spec/vectors/sum.json")) {
            repository = new SampleRepository(folder.resolve(file.replace('/', '-')));
            repository.replace(file, SampleRepository.ID, UNKNOWN);
            assertTrue(
                    evidence(lean(Verdict.PASSED), "PASSED", "a").problems().stream()
                            .anyMatch(p -> p.what().contains("names " + UNKNOWN)
                                    && p.what().contains(file)),
                    file);
        }
        repository = new SampleRepository(folder.resolve("specification"));
        repository.replace("spec/FORMAT.md", "exact.", "exact (" + UNKNOWN + ").");
        assertTrue(evidence(lean(Verdict.PASSED), "PASSED", "a").problems().stream()
                .anyMatch(p -> p.what().contains("names " + UNKNOWN)));
        repository = new SampleRepository(folder.resolve("waiver"));
        repository.replace("spec/FORMAT.md", "exact.", "exact.\nWaiver (theorem): see " + UNKNOWN + ".");
        assertTrue(evidence(lean(Verdict.PASSED), "PASSED", "a").problems().stream()
                .anyMatch(p -> p.what().contains("names " + UNKNOWN)));
    }

    /**
     * What is named for a requirement counts only if it passed; where no checker of its kind ran at all, it is open.
     */
    @Test
    void evidenceThatDidNotPassCoversNothing() throws IOException {
        repository.replace("kernels/src/main/java/a/Sum.java", "Adds (" + SampleRepository.ID + ").", "Adds.");
        assertEquals(
                true,
                requirement(evidence(lean(Verdict.PASSED), "PASSED", "a"))
                        .path("covered")
                        .asBoolean());
        JsonNode open = requirement(evidence(LeanOutcome.notChecked("skipped"), "PASSED", "a"));
        assertEquals("[\"theorem or contract\"]", open.path("open").toString());
        assertEquals("[]", open.path("missing").toString());
        assertEquals(false, open.path("covered").asBoolean());
        JsonNode failed = requirement(evidence(lean(Verdict.FAILED), "PASSED", "a"));
        assertEquals("[\"theorem or contract\"]", failed.path("missing").toString());
        assertEquals(
                "[\"case\"]",
                requirement(evidence(lean(Verdict.PASSED), "FAILED", "a"))
                        .path("missing")
                        .toString());
    }

    /** A contract covers if all its clauses are proved; one that no prover looked at does not, where provers ran. */
    @Test
    void aContractThatIsNotProvedCoversNothing() throws IOException {
        repository.replace("lean/ThreeHalf/Sum.lean", "nothing. [" + SampleRepository.ID + "]", "nothing.");
        proofs("PROVED", "");
        assertEquals(
                true,
                requirement(evidence(lean(Verdict.PASSED), "PASSED", "a"))
                        .path("covered")
                        .asBoolean());
        proofs("UNKNOWN", "");
        repository.replace(
                "proofs/evidence/target/results/contracts.json",
                "\"failure\":",
                "\"open\": \"no prover does it\", \"failure\":");
        assertEquals(
                "[\"theorem or contract\"]",
                requirement(evidence(lean(Verdict.PASSED), "PASSED", "a"))
                        .path("missing")
                        .toString());
        repository.replace("proofs/evidence/target/results/contracts.json", "Sum.add(int,int)", "Sum.other()");
        assertEquals(
                "[\"theorem or contract\"]",
                requirement(evidence(lean(Verdict.PASSED), "PASSED", "a"))
                        .path("missing")
                        .toString());
    }

    /** Preconditions and frames alone promise nothing: an empty body meets them. */
    @Test
    void aProvedContractWithoutAPostconditionCoversNothing() throws IOException {
        repository.replace("lean/ThreeHalf/Sum.lean", "nothing. [" + SampleRepository.ID + "]", "nothing.");
        for (String hollow : List.of("true", "(true)", "1 == 1", "x == x", "0x1p0f <= 2")) {
            repository = new SampleRepository(folder.resolve("hollow" + hollow.replaceAll("\\W", "-")));
            repository.replace("lean/ThreeHalf/Sum.lean", "nothing. [" + SampleRepository.ID + "]", "nothing.");
            repository.replace("kernels/src/main/java/a/Sum.java", "\\result == x + y", hollow);
            proofs("PROVED", "");
            repository.replace("proofs/evidence/target/results/contracts.json", "\\\\result == x + y", hollow);
            JsonNode json = evidence(lean(Verdict.PASSED), "PASSED", "a").toJson();
            assertEquals(
                    "PASSED", json.path("contracts").path(0).path("verdict").asString());
            assertEquals(
                    "[\"theorem or contract\"]",
                    json.path("requirements").path(0).path("missing").toString(),
                    hollow);
        }
        for (String other : List.of("requires", "assignable")) {
            proofs("PROVED", "");
            repository.replace("proofs/evidence/target/results/contracts.json", "\"ensures\"", '"' + other + '"');
            JsonNode json = evidence(lean(Verdict.PASSED), "PASSED", "a").toJson();
            assertEquals(
                    "FAILED", json.path("contracts").path(0).path("verdict").asString());
            assertEquals(
                    "[\"theorem or contract\"]",
                    json.path("requirements").path(0).path("missing").toString(),
                    other);
        }
    }

    private static JsonNode requirement(Evidence evidence) {
        return evidence.toJson().path("requirements").path(0);
    }

    private Evidence evidence(LeanOutcome lean, String verdict, String host) throws IOException {
        ConformanceResult conformance = ConformanceResult.of(JSON.readTree("""
                {"backend": {"name": "reference", "detail": "on %s"}, "summary": [{"kind": "sum", "format": "U4", "passed": 1, "failed": 0}],
                 "cases": [{"id": "sum-1", "kind": "sum", "format": "U4", "verdict": "%s", "failure": {"message": "1 is not 2"}}]}
                """.formatted(host, verdict)));
        Path root = repository.root();
        return new Evidence(
                "unknown",
                false,
                Traceability.read(root),
                lean,
                VectorComparison.compare(root.resolve("spec/vectors"), lean.emitted()),
                TestResults.read(root),
                ResultFiles.read(root),
                List.of(new Tool("maven", "3", "0".repeat(64))),
                List.of(conformance),
                List.of(),
                List.of(),
                Map.of("host", host));
    }

    private LeanOutcome lean(Verdict verdict) {
        return new LeanOutcome(
                verdict,
                "",
                "npm",
                "4.28.0",
                "38f3c0c",
                "sha512-x",
                List.of(new LeanOutcome.Source(SOURCE, "0".repeat(64), verdict)),
                Map.of(THEOREM, List.of("propext")),
                Map.of(),
                List.of(new LeanOutcome.Seeded("a false theorem", "Lean", Verdict.PASSED)),
                folder.resolve("emitted"),
                List.of(),
                Map.of("seconds", "1"));
    }

    private static Problem only(Evidence evidence) {
        assertEquals(1, evidence.problems().size(), evidence.problems().toString());
        return evidence.problems().getFirst();
    }

    private static void assertMeetsSchema(ObjectNode json) {
        assertEquals(List.of(), EvidenceSchema.errors(json.toString()));
    }
}
