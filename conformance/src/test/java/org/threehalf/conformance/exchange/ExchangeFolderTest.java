package org.threehalf.conformance.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.conformance.CaseResult;
import org.threehalf.conformance.ConformanceRunner.Cases;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.ConformanceRunner.Run;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.Verdict;
import org.threehalf.conformance.vectors.VectorCase;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Cases as files for any program, and its results judged (REQ-CNF-007). */
class ExchangeFolderTest {

    private static final String VECTORS =
            """
            {"schema": "threehalf-vectors/1", "kind": "refuse", "flags": {"NaN": "NaN is refused"}, "cases": [
              {"id": "refuse-1", "requirements": ["REQ-QNT-001"], "flags": ["NaN"], "operation": "quantize-activation", "x": ["7fc00000"]}]}
            """;

    /** What the exported folder holds. */
    private static final List<VectorCase> CASES = new ArrayList<>();

    @TempDir
    static Path temporary = Path.of("");

    private static Path vectors = Path.of("");
    private static Options options = Options.goldenVectors(vectors);
    private static ExchangeFolder folder = new ExchangeFolder(vectors);

    @BeforeAll
    static void export() throws IOException {
        vectors = Files.createDirectory(temporary.resolve("vectors"));
        Files.writeString(vectors.resolve("refuse.json"), VECTORS);
        options = new Options(vectors, List.of(5L), null, null, 2, Level.all(), null, result -> {});
        folder = new ExchangeFolder(temporary.resolve("exchange"));
        folder.export(options);
        CASES.addAll(Cases.of(options).cases());
    }

    @BeforeEach
    void nothingIsComputedYet() throws IOException {
        ExchangeFolder.delete(folder.out());
        Files.createDirectory(folder.out());
        Files.writeString(vectors.resolve("refuse.json"), VECTORS);
    }

    private List<JsonNode> lines() throws IOException {
        return Files.readAllLines(folder.in().resolve("cases.jsonl")).stream().map(line -> JsonMapper.shared().readTree(line)).toList();
    }

    /** Writes the right results, as a program would that knows them. */
    private void writeRight() throws IOException {
        int number = 0;
        for (VectorCase vectorCase : CASES) {
            for (Entry entry : Entry.of(vectorCase)) {
                Path place = Files.createDirectories(folder.out().resolve("%06d".formatted(number++)));
                if (entry.out() == null) {
                    Files.writeString(place.resolve("refused"), "NaN");
                } else {
                    for (Part part : Objects.requireNonNull(entry.out())) {
                        Files.write(place.resolve(Entry.file(part)), part.bytes());
                    }
                }
            }
        }
    }

    private Run check() throws IOException {
        return folder.check("program", "test", vectors, result -> {});
    }

    private List<CaseResult> failures() throws IOException {
        return check().report().failures();
    }

    private Path place(String operation) throws IOException {
        String name = lines().stream().filter(line -> line.get("operation").stringValue().equals(operation)).findFirst().orElseThrow().get("folder").stringValue();
        return folder.out().resolve(name);
    }

    @Test
    void rightResultsPassAndNoneFail() throws IOException {
        writeRight();
        Run run = check();
        assertTrue(run.report().passed());
        assertEquals(1 + 314 + 81 + 7, run.report().results().size());
        assertEquals(List.of(5L), run.report().seeds());
    }

    @Test
    void anEmptyFolderFailsEveryCase() throws IOException {
        Run run = check();
        assertEquals(run.report().results().size(), run.report().failures().size());
        assertTrue(run.report().failures().getFirst().failure().message().endsWith("holds neither a result nor a file 'refused'"));
    }

    @Test
    void everyLineNamesItsFilesAndHidesWhatIsRight() throws IOException {
        for (JsonNode line : lines()) {
            for (JsonNode file : line.get("in")) {
                assertTrue(Files.isRegularFile(folder.in().resolve(line.get("folder").stringValue()).resolve(file.stringValue())), line::toString);
            }
            assertFalse(line.has("expected"));
        }
        assertTrue(lines().stream().noneMatch(line -> line.get("operation").stringValue().equals("refuse")), "a refusal is not announced");
    }

    @Test
    void wrongMissingAndShortFilesAreTold() throws IOException {
        writeRight();
        Path y = place("gemm").resolve("y.f32");
        byte[] bytes = Files.readAllBytes(y);
        bytes[0] ^= 1;
        Files.write(y, bytes);
        Files.delete(place("output").resolve("y.f32"));
        Files.write(place("dequantize").resolve("values.f32"), new byte[3]);
        List<String> messages = new ArrayList<>(failures().stream().map(f -> Objects.requireNonNull(f.failure()).message()).toList());
        assertEquals(3, messages.size(), messages::toString);
        assertTrue(messages.stream().anyMatch(m -> m.startsWith("y[0][0]: expected 0x")), messages::toString);
        assertTrue(messages.stream().anyMatch(m -> m.endsWith("y.f32 is missing")), messages::toString);
        assertTrue(messages.stream().anyMatch(m -> m.contains("values.f32 holds 3 bytes; F32 of shape [1] takes 4")), messages::toString);
    }

    @Test
    void whatMustBeRefusedAndIsNotFails() throws IOException {
        writeRight();
        Path place = folder.out().resolve("000000");
        Files.delete(place.resolve("refused"));
        Files.write(place.resolve("scale.f32"), new byte[4]);
        assertEquals("accepted what must be refused", failures().getFirst().failure().message());
    }

    @Test
    void aValidInputThatIsRefusedFails() throws IOException {
        writeRight();
        Files.writeString(place("pack").resolve("refused"), "too small");
        assertEquals("refused a valid input: too small", failures().getFirst().failure().message());
    }

    @Test
    void changedInputsDoNotChangeTheVerdict() throws IOException {
        writeRight();
        Path activations = folder.in().resolve(place("gemv").getFileName()).resolve("activations.i8");
        Files.write(activations, new byte[(int) Files.size(activations)]);
        assertTrue(check().report().passed(), "what is right is made again, not read from the folder");
    }

    @Test
    void otherVectorsAreNoticed() throws IOException {
        Files.writeString(vectors.resolve("refuse.json"), VECTORS.replace("refuse-1", "refuse-2"));
        assertTrue(assertThrows(IOException.class, this::check).getMessage().contains("export again"));
        assertTrue(assertThrows(IOException.class, () -> new ExchangeFolder(temporary).check("p", "", vectors, r -> {})).getMessage().contains("exchange.json is missing"));
    }

    @Test
    void aFolderThatIsNotEmptyIsLeftAlone() {
        assertTrue(assertThrows(IOException.class, () -> folder.export(options)).getMessage().contains("is not empty"));
    }

    @Test
    void aProgramIsRunWithBothFolders() throws IOException {
        DeviceProgram.of("cp {in}/cases.jsonl {out}/copy").run(folder, Duration.ofSeconds(20));
        assertTrue(Files.exists(folder.out().resolve("copy")));
        assertTrue(assertThrows(IOException.class, () -> DeviceProgram.of("false {in} {out}").run(folder, Duration.ofSeconds(20))).getMessage().contains("exit code 1"));
        assertThrows(IOException.class, () -> DeviceProgram.of("no-such-program-35 {in} {out}").run(folder, Duration.ofSeconds(20)));
        assertThrows(IllegalArgumentException.class, () -> DeviceProgram.of("prog {in}"));
        IOException late = assertThrows(IOException.class, () -> new DeviceProgram(List.of("sleep", "30")).run(folder, Duration.ofSeconds(1)));
        assertTrue(late.getMessage().contains("did not end within 1 seconds"), late.getMessage());
    }

    @Test
    void theLevelsOfTheExportAreThoseThatAreJudged() throws IOException {
        ExchangeFolder only = new ExchangeFolder(temporary.resolve("l0"));
        only.export(new Options(null, List.of(5L), null, null, 2, java.util.Set.of(Level.L0), null, result -> {}));
        Run run = only.check("p", "", vectors, result -> {});
        assertEquals(List.of(Level.L0), run.report().results().stream().map(CaseResult::level).distinct().toList());
        assertTrue(run.report().results().stream().allMatch(result -> result.verdict() == Verdict.FAILED));
    }
}
