package org.threehalf.evidence.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.evidence.SampleRepository;
import org.threehalf.evidence.trace.Traceability;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.lean.LeanOutcome;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class BundleTest {
    private static final String COMMIT = "1".repeat(40);

    @TempDir
    Path folder;

    private SampleRepository repository;

    @BeforeEach
    void write() {
        repository = new SampleRepository(folder.resolve("repository"));
    }

    @Test
    void isTheSameFileForTheSameReportAndWholeWhenReadBack() throws IOException {
        Bundle.of(evidence("a")).write(folder.resolve("one"));
        Bundle.of(evidence("a")).write(folder.resolve("two"));
        Path zip = folder.resolve("one/threehalf-evidence.zip");
        assertArrayEquals(Files.readAllBytes(zip), Files.readAllBytes(folder.resolve("two/threehalf-evidence.zip")));
        Bundle read = Bundle.verified(zip);
        assertEquals(evidence("a").toString(), read.evidence().toString());
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("one/index.html")),
                read.files().get("index.html"));
    }

    @Test
    void theStatementBindsCommitAndFiles() throws IOException {
        Bundle bundle = Bundle.of(evidence("a"));
        JsonNode statement = new JsonMapper().readTree(bundle.files().get("statement.intoto.json"));
        assertEquals(
                COMMIT,
                statement
                        .path("subject")
                        .path(0)
                        .path("digest")
                        .path("gitCommit")
                        .asString());
        Map<String, String> hashes = new TreeMap<>();
        statement
                .path("subject")
                .forEach(s -> hashes.put(
                        s.path("name").asString(),
                        s.path("digest").path("sha256").asString("")));
        assertEquals(Sha256.of(bundle.files().get("evidence.json")), hashes.get("evidence.json"));
        // The sample's run has nothing that failed, and contracts that nobody proved.
        assertEquals("WARNED", statement.path("predicate").path("result").asString());
        assertTrue(statement.path("predicate").path("warnedTests").toString().contains("JML contracts: NOT CHECKED"));
    }

    @Test
    void tracesInBothDirections() throws IOException {
        Bundle bundle = Bundle.of(evidence("a"));
        String forward = text(bundle, "requirements-to-evidence.csv");
        String backward = text(bundle, "evidence-to-requirements.csv");
        String id = SampleRepository.ID;
        assertTrue(forward.contains(id + ",theorem,ThreeHalf.Sum.zero_add',PASSED\n"), forward);
        assertTrue(
                forward.contains(id + ",test,a.SumTest.adds,PASSED\n")
                        && forward.contains(id + ",test,a.SumTest.addsAll,NOT_CHECKED\n"),
                forward);
        assertTrue(forward.contains(id + ",contract,\"a.Sum.add(int, int)\",NOT_CHECKED\n"), forward);
        assertTrue(
                backward.contains("theorem,ThreeHalf.Sum.zero_add',lean/ThreeHalf/Sum.lean,9,PASSED," + id + "\n"),
                backward);
        assertTrue(
                backward.contains(
                        "property,a.SumTest.addsAll,kernels/src/test/java/a/SumTest.java,5,NOT_CHECKED," + id + "\n"),
                backward);
        assertTrue(backward.contains("case,sum-1,spec/vectors/sum.json,,PASSED," + id + "\n"), backward);
    }

    /** Whatever stands in the archive beside what follows from the report, and wherever: it is another file. */
    @Test
    void whatIsNotTheArchiveOfTheReportIsRefused() throws IOException {
        Bundle bundle = Bundle.of(evidence("a"));
        byte[] zip = bundle.zip();
        assertArrayEquals(zip, Bundle.verified(write(zip)).zip());
        // Damaged, cut, or with something before, between or behind.
        for (int at = 0; at < zip.length; at += Math.max(1, zip.length / 100)) {
            byte[] changed = zip.clone();
            changed[at] ^= 1;
            refused(changed, "");
            refused(Arrays.copyOf(zip, at), "");
        }
        refused(Arrays.copyOf(zip, zip.length + 1), "archive is not as");
        refused(join(zip, zip), "");
        refused(join(new byte[1], zip), "");
        refused(join(Bundle.of(evidence("b")).zip(), zip), "");
        // Members that are missing, added, doubled, or leave the folder.
        for (String name : bundle.files().keySet()) {
            SortedMap<String, byte[]> without = new TreeMap<>(bundle.files());
            without.remove(name);
            refused(new Bundle(without).zip(), name);
        }
        for (String name : List.of(
                "more.txt",
                "../evidence.json",
                "/evidence.json",
                "a/",
                "evidence.json ",
                "Evidence.json",
                "index.html\\",
                "")) {
            SortedMap<String, byte[]> more = new TreeMap<>(bundle.files());
            more.put(name, new byte[0]);
            refused(new Bundle(more).zip(), "");
        }
        byte[] twice = new String(zip, StandardCharsets.ISO_8859_1)
                .replace("requirements-to-evidence.csv", "evidence-to-requirements.csv")
                .getBytes(StandardCharsets.ISO_8859_1);
        refused(twice, "");
        refused("no zip".getBytes(StandardCharsets.UTF_8), "is no evidence bundle");
        refused(new byte[0], "is no evidence bundle");
    }

    @Test
    void aPageThatWasEditedIsNoticedThoughTheManifestWasMadeAnew() throws IOException {
        Bundle bundle = Bundle.of(evidence("a"));
        String before = Sha256.of(bundle.files().get("index.html"));
        bundle.files()
                .put(
                        "index.html",
                        text(bundle, "index.html")
                                .replace("NOT CHECKED", "PASSED")
                                .getBytes(StandardCharsets.UTF_8));
        String manifest = text(bundle, "MANIFEST.sha256")
                .replace(before, Sha256.of(bundle.files().get("index.html")));
        bundle.files().put("MANIFEST.sha256", manifest.getBytes(StandardCharsets.UTF_8));
        refused(bundle.zip(), "");
    }

    /**
     * The strongest forger: edits one value of the report and makes everything else anew from it, as this program
     * would.
     */
    @Test
    void everyMemberOfAReportThatFollowsFromOthersIsHeldAgainstThem() throws IOException {
        ObjectNode report = evidence("a");
        List<String> believed = new ArrayList<>();
        int[] mutants = new int[1];
        eachValue(report, "", (path, change) -> {
            ObjectNode forged = report.deepCopy();
            change.accept(forged);
            mutants[0]++;
            try {
                Bundle.derived(EvidenceWriter.json(forged).getBytes(StandardCharsets.UTF_8));
                believed.add(path.replaceAll("\\d+", "N"));
            } catch (ForgedException e) {
                assertTrue(!String.valueOf(e.getMessage()).isBlank());
            }
        });
        assertTrue(mutants[0] > 250, "mutants: " + mutants[0]);
        // What is left are names, texts and places, which no rule joins to a verdict: a signature does (SignatureTest).
        // No verdict and no count is among them.
        List<String> facts = believed.stream().distinct().sorted().toList();
        assertEquals(
                List.of(),
                facts.stream()
                        .filter(f -> !f.matches(
                                "(?s)/commit|/dirty|/environment/.*|.*/(text|file|line|reason|remedy|what|by|statement|reading|module|message|version|commit|integrity|checker|name|hash|committed"
                                        + "|type|kind|format|waivers/N|difference|method|clauses/\\w+|property|axioms(/N)?|id|sha256|passed|killedBy/N|suite|detail|backend|audited|emitted|passed/N)"
                                        + "|.*/(clauses/\\w+|axioms/N|tools/N|jml) removed"))
                        .toList());
    }

    /** Verdicts that are facts: changed for the worse, the report's result no longer follows. */
    @Test
    void aReportThatSaysPassedOverAFailureIsRefused() throws IOException {
        for (String[] fault : new String[][] {
            {"/lean/verdict", "\"FAILED\""},
            {"/lean/sources/0/verdict", "\"FAILED\""},
            {"/lean/seeded/0/verdict", "\"NOT_CHECKED\""},
            {"/theorems/0/audited", "false"},
            {"/lean/problems", "[{\"what\": \"x\", \"remedy\": \"y\"}]"},
            {"/reported", "[{\"what\": \"x\", \"remedy\": \"y\"}]"},
            {"/problems", "[{\"what\": \"x\", \"remedy\": \"y\"}]"},
            {"/tests/0/methods/0/failures", "[{\"name\": \"adds\", \"message\": \"\"}]"},
            {"/tests/0/methods/0/passed", "0"},
            {"/requirements", "[]"},
            {"/theorems", "[]"},
            {"/tests", "[]"},
            {"/cases", "[]"},
            {"/conformance", "[]"},
            {"/conformance/0/results/0/failed", "[{\"id\": \"sum-2\", \"message\": \"x\"}]"},
            {"/conformance/0/results/0/passed", "[]"},
            {"/conformance/0/backend", "\"simd\""},
            {"/vectors/0/emitted", "\"" + "1".repeat(64) + "\""},
            {"/lean/emitted", "false"},
            {"/requirements/0/id", "\"REQ-" + "ABC-002\""},
            {"/theorems/0/requirements", "[\"REQ-" + "ABC-009\"]"},
            {"/checks", "[{\"suite\": \"s\", \"list\": []}]"},
            {
                "/otherTests",
                "[{\"module\": \"m\", \"type\": \"t\", \"passed\": 0, \"failures\": [{\"name\": \"n\", \"message\": \"\"}], \"skips\": []}]"
            }
        }) {
            ObjectNode forged = evidence("a");
            assertEquals(
                    "PASSED",
                    forged.path("result").asString(),
                    forged.path("problems").toString());
            set(forged, fault[0], fault[1]);
            refused(Bundle.of(forged).zip(), "");
            // With all that follows made anew it is an honest report of a failure.
            if (!fault[0].equals("/problems")) {
                assertEquals(
                        "FAILED",
                        Judgement.of(Judgement.facts(forged)).path("result").asString(),
                        fault[0]);
            }
        }
    }

    @Test
    void whatIsNotWrittenAsThisProgramWritesItIsRefused() throws IOException {
        String report = text(Bundle.of(evidence("a")), "evidence.json");
        for (String text : List.of(
                report.replaceFirst("\"dirty\"", "\"dirty\" : true, \"dirty\""),
                report + " ",
                report + "{}",
                report.replace(" : 9,", " : 9.0,"),
                report.replaceFirst("PASSED", "P\\\\u0041SSED"),
                "{\"schema\":\"threehalf-evidence/2\",\"result\":\"PASSED\"}",
                "{}",
                "[]",
                "",
                "[".repeat(100_000),
                "{\"schema\":\"threehalf-evidence/1\",\"result\":\"PASSED\"}")) {
            assertTrue(!text.equals(report));
            Bundle bundle = Bundle.of(evidence("a"));
            bundle.files().put("evidence.json", text.getBytes(StandardCharsets.UTF_8));
            refused(bundle.zip(), "evidence.json");
        }
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("bundle.zip"), bytes);
    }

    private void refused(byte[] bytes, String part) throws IOException {
        Path file = write(bytes);
        String message = String.valueOf(
                assertThrows(ForgedException.class, () -> Bundle.verified(file)).getMessage());
        assertTrue(message.contains(part), message);
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private interface Mutants {
        void take(String path, Consumer<ObjectNode> change);
    }

    /** Changes each value, takes each member and item away, and doubles each item. */
    private static void eachValue(JsonNode node, String path, Mutants mutants) {
        if (node instanceof ObjectNode object) {
            for (String name : List.copyOf(object.propertyNames())) {
                mutants.take(path + "/" + name + " removed", r -> ((ObjectNode) r.at(path)).remove(name));
                eachValue(object.path(name), path + "/" + name, mutants);
            }
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                int at = i;
                mutants.take(
                        path + "/" + i + " doubled",
                        r -> ((ArrayNode) r.at(path)).insert(at, r.at(path).path(at)));
                mutants.take(path + "/" + i + " removed", r -> ((ArrayNode) r.at(path)).remove(at));
                eachValue(array.path(i), path + "/" + i, mutants);
            }
        } else {
            List<String> others = node.isNumber()
                    ? List.of("" + (node.asLong() + 1))
                    : node.isBoolean()
                            ? List.of("" + !node.asBoolean())
                            : node.asString().length() == 64
                                    ? List.of("\"" + "3".repeat(64) + "\"")
                                    : List.of("\"PASSED\"", "\"FAILED\"", "\"x\"");
            for (String other : others) {
                if (!other.equals(node.toString())) {
                    mutants.take(path, r -> set(r, path, other));
                }
            }
        }
    }

    private static void set(ObjectNode root, String path, String json) {
        JsonNode parent = root.at(path.substring(0, path.lastIndexOf('/')));
        String name = path.substring(path.lastIndexOf('/') + 1);
        JsonNode value = new JsonMapper().readTree(json);
        if (parent instanceof ArrayNode array) {
            array.set(Integer.parseInt(name), value);
        } else {
            ((ObjectNode) parent).set(name, value);
        }
    }

    @Test
    void theDifferenceNamesWhatWasAddedRemovedAndChanged() throws IOException {
        ObjectNode before = evidence("a");
        assertEquals(List.of(), EvidenceDiff.lines(before, evidence("b")));
        repository.replace("spec/FORMAT.md", "The sum is", "The total is");
        repository.replace("kernels/target/surefire-reports/TEST-a.SumTest.xml", "<skipped message=\"no time\"/>", "");
        repository.replace("lean/ThreeHalf/Sum.lean", "theorem zero_add'", "theorem plus_zero");
        List<String> lines = EvidenceDiff.lines(before, evidence("a"));
        assertTrue(
                lines.contains(
                        "~ requirements " + SampleRepository.ID + " text: The sum is exact. → The total is exact."),
                lines.toString());
        assertTrue(
                lines.contains("~ tests kernels a.SumTest methods addsAll verdict: NOT_CHECKED → PASSED"),
                lines.toString());
        assertTrue(
                lines.contains("+ theorems ThreeHalf.Sum.plus_zero")
                        && lines.contains("- theorems ThreeHalf.Sum.zero_add'"),
                lines.toString());
        assertTrue(lines.contains("- notChecked Test a.SumTest.addsAll"), lines.toString());
    }

    private ObjectNode evidence(String host) throws IOException {
        Path root = repository.root();
        LeanOutcome lean = new LeanOutcome(
                Verdict.PASSED,
                "",
                "npm",
                "4",
                "0",
                "sha512-x",
                List.of(new LeanOutcome.Source("lean/ThreeHalf/Sum.lean", "0".repeat(64), Verdict.PASSED)),
                Map.of("ThreeHalf.Sum.zero_add'", List.of("propext")),
                Map.of(),
                List.of(new LeanOutcome.Seeded("a false theorem", "Lean", Verdict.PASSED)),
                root.resolve("spec/vectors"),
                List.of(),
                Map.of());
        ConformanceResult reference = ConformanceResult.of(new JsonMapper().readTree("""
                {"backend": {"name": "reference", "detail": ""}, "cases": [{"id": "sum-1", "kind": "sum", "format": "U4", "verdict": "PASSED"}, {"id": "random-1", "kind": "sum", "format": "U4", "verdict": "PASSED"}]}
                """));
        return new Evidence(
                        COMMIT,
                        false,
                        Traceability.read(root),
                        lean,
                        VectorComparison.compare(root.resolve("spec/vectors"), lean.emitted()),
                        TestResults.read(root),
                        ResultFiles.read(root),
                        List.of(new Tool("tool", "1", "2".repeat(64))),
                        List.of(reference),
                        List.of(),
                        List.of(),
                        Map.of("host", host))
                .toJson();
    }

    private static String text(Bundle bundle, String name) {
        return new String(bundle.files().getOrDefault(name, new byte[0]), StandardCharsets.UTF_8);
    }
}
