package org.threehalf.proofs.evidence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.proofs.SampleRepository;
import org.threehalf.proofs.hash.Sha;
import org.threehalf.proofs.trace.Problem;
import org.threehalf.proofs.trace.Traceability;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
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
        Bundle read = Bundle.read(zip);
        assertEquals(List.of(), read.problems());
        assertEquals(evidence("a").toString(), read.evidence().toString());
        assertArrayEquals(Files.readAllBytes(folder.resolve("one/index.html")), read.files().get("index.html"));
    }

    @Test
    void theStatementBindsCommitAndFiles() throws IOException {
        Bundle bundle = Bundle.of(evidence("a"));
        JsonNode statement = new JsonMapper().readTree(bundle.files().get("statement.intoto.json"));
        assertEquals(COMMIT, statement.path("subject").path(0).path("digest").path("gitCommit").asString());
        Map<String, String> hashes = new TreeMap<>();
        statement.path("subject").forEach(s -> hashes.put(s.path("name").asString(), s.path("digest").path("sha256").asString("")));
        assertEquals(Sha.hex(bundle.files().get("evidence.json")), hashes.get("evidence.json"));
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
        assertTrue(forward.contains(id + ",test,a.SumTest.adds,PASSED\n") && forward.contains(id + ",test,a.SumTest.addsAll,NOT_CHECKED\n"), forward);
        assertTrue(forward.contains(id + ",contract,\"a.Sum.add(int, int)\",NOT_CHECKED\n"), forward);
        assertTrue(backward.contains("theorem,ThreeHalf.Sum.zero_add',lean/ThreeHalf/Sum.lean,9,PASSED," + id + "\n"), backward);
        assertTrue(backward.contains("property,a.SumTest.addsAll,kernels/src/test/java/a/SumTest.java,5,NOT_CHECKED," + id + "\n"), backward);
        assertTrue(backward.contains("case,sum-1,spec/vectors/sum.json,,NOT_CHECKED," + id + "\n"), backward);
    }

    @Test
    void aChangedByteIsNoticedInEveryFile() throws IOException {
        for (String name : List.copyOf(Bundle.of(evidence("a")).files().keySet())) {
            Bundle bundle = Bundle.of(evidence("a"));
            byte[] bytes = bundle.files().get(name).clone();
            bytes[bytes.length / 2] ^= 1;
            bundle.files().put(name, bytes);
            assertTrue(!bundle.problems().isEmpty(), name);
        }
    }

    @Test
    void aMissingOrAddedFileIsNoticed() throws IOException {
        Bundle bundle = Bundle.of(evidence("a"));
        bundle.files().remove("index.html");
        assertEquals("index.html is missing", only(bundle).what());
        Bundle other = Bundle.of(evidence("a"));
        other.files().put("more.txt", new byte[1]);
        assertEquals("more.txt is not in the manifest", only(other).what());
        other.files().remove("MANIFEST.sha256");
        assertEquals("there is no MANIFEST.sha256", only(other).what());
    }

    @Test
    void aPageThatWasEditedIsNoticedThoughTheManifestWasMadeAnew() throws IOException {
        Bundle bundle = Bundle.of(evidence("a"));
        String before = Sha.hex(bundle.files().get("index.html"));
        bundle.files().put("index.html", text(bundle, "index.html").replace("NOT CHECKED", "PASSED").getBytes(StandardCharsets.UTF_8));
        String manifest = text(bundle, "MANIFEST.sha256").replace(before, Sha.hex(bundle.files().get("index.html")));
        bundle.files().put("MANIFEST.sha256", manifest.getBytes(StandardCharsets.UTF_8));
        assertTrue(bundle.problems().stream().anyMatch(p -> p.what().equals("index.html does not follow from evidence.json")), bundle.problems().toString());
    }

    @Test
    void aFileThatIsNoBundleIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("x.zip"), "no zip");
        assertTrue(assertThrows(IOException.class, () -> Bundle.read(file)).getMessage().contains("is no evidence bundle"));
    }

    @Test
    void theDifferenceNamesWhatWasAddedRemovedAndChanged() throws IOException {
        ObjectNode before = evidence("a");
        assertEquals(List.of(), EvidenceDiff.lines(before, evidence("b")));
        repository.replace("spec/FORMAT.md", "The sum is", "The total is");
        repository.replace("kernels/target/surefire-reports/TEST-a.SumTest.xml", "<skipped message=\"no time\"/>", "");
        repository.replace("lean/ThreeHalf/Sum.lean", "theorem zero_add'", "theorem plus_zero");
        List<String> lines = EvidenceDiff.lines(before, evidence("a"));
        assertTrue(lines.contains("~ requirements " + SampleRepository.ID + " text: The sum is exact. → The total is exact."), lines.toString());
        assertTrue(lines.contains("~ tests kernels a.SumTest methods addsAll verdict: NOT_CHECKED → PASSED"), lines.toString());
        assertTrue(lines.contains("+ theorems ThreeHalf.Sum.plus_zero") && lines.contains("- theorems ThreeHalf.Sum.zero_add'"), lines.toString());
        assertTrue(lines.contains("- notChecked Test a.SumTest.addsAll"), lines.toString());
    }

    private ObjectNode evidence(String host) throws IOException {
        Path root = repository.root();
        LeanOutcome lean = new LeanOutcome(Verdict.PASSED, "", "npm", "4", "0", "sha512-x",
                List.of(new LeanOutcome.Source("lean/ThreeHalf/Sum.lean", "0".repeat(64), Verdict.PASSED)), Map.of("ThreeHalf.Sum.zero_add'", List.of("propext")),
                Map.of(), List.of(), null, List.of(), Map.of());
        return new Evidence(COMMIT, false, Traceability.read(root), lean, VectorComparison.compare(root.resolve("spec/vectors"), null),
                TestResults.read(root), ResultFiles.read(root), List.of(new Tool("tool", "1", "2".repeat(64))), List.of(), List.of(), List.of(), Map.of("host", host)).toJson();
    }

    private static String text(Bundle bundle, String name) {
        return new String(bundle.files().getOrDefault(name, new byte[0]), StandardCharsets.UTF_8);
    }

    private static Problem only(Bundle bundle) throws IOException {
        assertEquals(1, bundle.problems().size(), bundle.problems().toString());
        return bundle.problems().getFirst();
    }
}
