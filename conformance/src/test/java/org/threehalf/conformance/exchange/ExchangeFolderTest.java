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
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.conformance.CaseResult;
import org.threehalf.conformance.ConformanceRunner.Cases;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.ConformanceRunner.Run;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.io.FolderTree;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.Verdict;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Cases as files for any program, and its results judged (REQ-CNF-007). */
class ExchangeFolderTest {

    private static final String VECTORS = """
            {"schema": "threehalf-vectors/1", "kind": "refuse", "generator": "by hand", "count": 1,
             "flags": {"NaN": "NaN is refused"}, "cases": [
              {"id": "refuse-1", "comment": "NaN is refused", "requirements": ["REQ-QNT-001"], "flags": ["NaN"], "operation": "quantize-activation", "x": ["7fc00000"]}]}
            """;

    /** Products, rows, packed and unpacked codes, activations and refusals of the wide cases. */
    private static final int WIDE = 253 + 165 + 2 * 93 + 29 + 301;

    /** What the exported folder holds: made once, since making them takes longer than judging them. */
    private static Cases cases = new Cases(List.of(), List.of());

    @TempDir
    static Path temporary = Path.of("");

    private static Path vectors = Path.of("");
    private static Options options = Options.goldenVectors(vectors);
    private static ExchangeFolder folder = new ExchangeFolder(vectors);

    @BeforeAll
    static void export() throws IOException {
        vectors = Files.createDirectory(temporary.resolve("vectors"));
        Files.writeString(vectors.resolve("refuse.json"), VECTORS);
        // The oracle of inference would take most of the time.
        options = new Options(
                vectors, List.of(5L), null, null, 2, java.util.Set.of(Level.L0, Level.L1), null, result -> {});
        folder = new ExchangeFolder(temporary.resolve("exchange"));
        cases = Cases.exchanged(options);
        folder.export(options, cases);
    }

    @BeforeEach
    void nothingIsComputedYet() throws IOException {
        FolderTree.delete(folder.out());
        Files.createDirectory(folder.out());
        Files.writeString(vectors.resolve("refuse.json"), VECTORS);
    }

    private List<JsonNode> lines() throws IOException {
        return Files.readAllLines(folder.in().resolve("cases.jsonl")).stream()
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
    }

    /** Writes the right results, as a program would that knows them. */
    private void writeRight() throws IOException {
        int number = 0;
        for (VectorCase vectorCase : cases.cases()) {
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
        return folder.check("program", "test", options, cases);
    }

    private List<CaseResult> failures() throws IOException {
        return check().report().failures();
    }

    private Path place(String operation) throws IOException {
        String name = lines().stream()
                .filter(line -> line.get("operation").stringValue().equals(operation))
                .findFirst()
                .orElseThrow()
                .get("folder")
                .stringValue();
        return folder.out().resolve(name);
    }

    @Test
    void rightResultsPassAndNoneFail() throws IOException {
        writeRight();
        Run run = check();
        assertTrue(run.report().passed());
        assertEquals(1 + 416 + 7 + WIDE, run.report().results().size());
        assertEquals(List.of(5L), run.report().seeds());
    }

    @Test
    void anEmptyFolderFailsEveryCase() throws IOException {
        Run run = check();
        assertEquals(run.report().results().size(), run.report().failures().size());
        assertTrue(run.report()
                .failures()
                .getFirst()
                .failure()
                .message()
                .endsWith("holds neither a result nor a file 'refused'"));
    }

    @Test
    void everyLineNamesItsFilesAndHidesWhatIsRight() throws IOException {
        for (JsonNode line : lines()) {
            for (JsonNode file : line.get("in")) {
                assertTrue(
                        Files.isRegularFile(folder.in()
                                .resolve(line.get("folder").stringValue())
                                .resolve(file.stringValue())),
                        line::toString);
            }
            assertFalse(line.has("expected"));
        }
        assertTrue(
                lines().stream()
                        .noneMatch(line -> line.get("operation").stringValue().equals("refuse")),
                "a refusal is not announced");
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
        List<String> messages = new ArrayList<>(failures().stream()
                .map(f -> Objects.requireNonNull(f.failure()).message())
                .toList());
        assertEquals(3, messages.size(), messages::toString);
        assertTrue(messages.stream().anyMatch(m -> m.startsWith("y[0][0]: expected 0x")), messages::toString);
        assertTrue(messages.stream().anyMatch(m -> m.endsWith("y.f32 is missing")), messages::toString);
        assertTrue(
                messages.stream().anyMatch(m -> m.contains("values.f32 holds 3 bytes; F32 of shape [1] takes 4")),
                messages::toString);
    }

    @Test
    void whatMustBeRefusedAndIsNotFails() throws IOException {
        writeRight();
        Path place = folder.out().resolve("000000");
        Files.delete(place.resolve("refused"));
        Files.write(place.resolve("scale.f32"), new byte[4]);
        assertEquals(
                "accepted what must be refused", failures().getFirst().failure().message());
    }

    @Test
    void aValidInputThatIsRefusedFails() throws IOException {
        writeRight();
        FolderTree.delete(place("pack"));
        Files.createDirectory(place("pack"));
        Files.writeString(place("pack").resolve("refused"), "too small");
        assertEquals(
                "refused a valid input: too small",
                failures().getFirst().failure().message());
    }

    @Test
    void changedInputsDoNotChangeTheVerdict() throws IOException {
        writeRight();
        Path activations = folder.in().resolve(place("gemv").getFileName()).resolve("activations.i8");
        Files.write(activations, new byte[(int) Files.size(activations)]);
        assertTrue(
                folder.check("program", "test", options).report().passed(),
                "what is right is made again, not read from the folder");
    }

    /** What was asked is a file of its own, which names the vectors; it is believed only as it was written. */
    @Test
    void whatWasAskedIsKeptApart() throws IOException {
        Path file = temporary.resolve("exchange.asked.json");
        assertEquals(file.toAbsolutePath(), Asked.beside(temporary.resolve("exchange")));
        Asked.of(options, cases).write(file);
        String text = Files.readString(file);
        String sha256 = Sha256.of(file);
        Options again = Asked.read(file, sha256).options(vectors, result -> {});
        assertEquals(options.seeds(), again.seeds());
        Files.writeString(vectors.resolve("refuse.json"), VECTORS.replace("refuse-1", "refuse-2"));
        assertTrue(
                assertThrows(IOException.class, () -> Asked.read(file, sha256).options(vectors, result -> {}))
                        .getMessage()
                        .contains("export again"));
        Files.writeString(vectors.resolve("refuse.json"), VECTORS);
        Files.writeString(file, text.replace("\"L0\", ", ""));
        assertTrue(assertThrows(IOException.class, () -> Asked.read(file, sha256))
                .getMessage()
                .contains("it is not what was asked"));
        assertThrows(IOException.class, () -> Asked.read(file, null).options(vectors, result -> {}));
        for (String malformed : List.of(
                "",
                "[]",
                "{}",
                text.replace("\"L0\"", "0"),
                text.replace("[ 5 ]", "[ 5.5 ]"),
                text.replace("[ 5 ]", "5"),
                text.replace("\"L0\"", "\"L9\""),
                text + text,
                text.replaceFirst("\"computations\" : \\d+", "\"computations\" : \"many\""),
                text.replaceFirst("\\{", "{\"case\": 3,"))) {
            Files.writeString(file, malformed);
            assertTrue(
                    assertThrows(IOException.class, () -> Asked.read(file, null), malformed)
                            .getMessage()
                            .contains("is not what 'conformance export' writes"),
                    malformed);
        }
        Files.delete(file);
        assertTrue(assertThrows(IOException.class, () -> Asked.read(file, null))
                .getMessage()
                .contains("is missing"));
    }

    /**
     * Nothing in the folder says what is judged: a program that rewrites all of it but its results is judged by the
     * same cases.
     */
    @Test
    void aProgramCannotChooseItsCases() throws IOException {
        writeRight();
        Path stranger = folder.in().resolveSibling("exchange.json");
        Files.writeString(
                stranger,
                "{\"schema\": \"threehalf-exchange/1\", \"seeds\": [], \"vectors\": [], \"levels\": [\"L0\"], \"case\": \"refuse-1\"}");
        Path lines = folder.in().resolve("cases.jsonl");
        String before = Files.readString(lines);
        Files.writeString(lines, "");
        assertEquals(
                cases.cases().size(),
                folder.check("program", "test", options).report().results().size());
        Files.writeString(lines, before);
        FolderTree.delete(place("gemm"));
        assertEquals(1, failures().size());
        Files.delete(stranger);
    }

    @Test
    void aRefusalStandsAloneAndSaysWhy() throws IOException {
        writeRight();
        for (String fault : List.of("empty", "blank", "beside", "pipe", "link", "folder", "long")) {
            Path refused = folder.out().resolve("000000").resolve("refused");
            FolderTree.delete(refused.getParent());
            Files.writeString(Files.createDirectory(refused.getParent()).resolve("refused"), "NaN");
            if (!fault.equals("beside")) {
                Files.delete(refused);
            }
            switch (fault) {
                case "empty" -> Files.createFile(refused);
                case "blank" -> Files.writeString(refused, " \n");
                case "beside" -> Files.write(refused.resolveSibling("scale.f32"), new byte[4]);
                case "pipe" -> Assumptions.assumeTrue(pipe(refused), "the machine has no mkfifo");
                case "link" ->
                    Files.createSymbolicLink(
                            refused, vectors.resolve("refuse.json").toAbsolutePath());
                case "folder" -> Files.createDirectory(refused);
                default -> Files.write(refused, new byte[1 << 17]);
            }
            assertEquals(1, failures().size(), fault);
        }
    }

    private static boolean pipe(Path file) throws IOException {
        try {
            return new ProcessBuilder("mkfifo", file.toString()).start().waitFor() == 0;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void filesThatNobodyAskedForAreRefused() throws IOException {
        writeRight();
        Files.write(place("output").resolve("more.f32"), new byte[4]);
        assertTrue(failures().getFirst().failure().message().contains("holds more.f32, which was not asked for"));
        Files.delete(place("output").resolve("more.f32"));
        Path y = place("output").resolve("y.f32");
        Path elsewhere = temporary.resolve("y.f32");
        Files.move(y, elsewhere, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.createSymbolicLink(y, elsewhere.toAbsolutePath());
        assertTrue(failures().getFirst().failure().message().contains("is no file of its own"));
        Files.delete(y);
        Files.write(y, new byte[5]);
        assertTrue(
                failures().getFirst().failure().message().contains("y.f32 holds more bytes; F32 of shape [1] takes 4"));
        for (String stranger : List.of("notes.txt", "999999", "-00001", "0")) {
            Path place = Files.createDirectory(folder.out().resolve(stranger));
            assertTrue(assertThrows(IOException.class, this::check, stranger)
                    .getMessage()
                    .contains("belongs to no case"));
            Files.delete(place);
        }
    }

    /** A case that fails in one of several runs failed. */
    @Test
    void aRaceThatShowsOnceFails() throws IOException {
        writeRight();
        var right = check().report();
        byte[] other = Files.readAllBytes(place("output").resolve("y.f32"));
        other[0] ^= 1;
        Files.write(place("output").resolve("y.f32"), other);
        var wrong = check().report();
        var all = org.threehalf.conformance.ConformanceReport.repeated(List.of(right, right, wrong));
        assertEquals(wrong.failures(), all.failures());
        assertEquals(right.results().size(), all.results().size());
        assertTrue(all.detail().endsWith("3 runs, 1 with failures"), all.detail());
        assertTrue(org.threehalf.conformance.ConformanceReport.repeated(List.of(right, right))
                .passed());
    }

    /** What a program leaves running would go on writing while its results are judged. */
    @Test
    void theChildrenOfAProgramEndWithIt() throws IOException {
        for (String then : List.of("sleep 60", "exit 0")) {
            Path number = temporary.resolve("child");
            DeviceProgram program = new DeviceProgram(
                    List.of("sh", "-c", "sleep 61 & echo $! > '" + number + "'; sleep 0.3; " + then, "{in}", "{out}"));
            if (then.equals("exit 0")) {
                program.run(folder, Duration.ofSeconds(20));
            } else {
                assertThrows(IOException.class, () -> program.run(folder, Duration.ofSeconds(1)));
            }
            long child = Long.parseLong(Files.readString(number).strip());
            assertTrue(ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty(), then);
        }
    }

    /** A child that leaves its parent at once and begins a session of its own is nobody's descendant. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void noDaemonIsLeftEither() throws IOException {
        Path number = temporary.resolve("daemon");
        DeviceProgram program = new DeviceProgram(List.of(
                "sh",
                "-c",
                "(setsid sh -c 'echo $$ > \"" + number + "\"; sleep 62 & sleep 62' &) ; sleep 0.5",
                "{in}"));
        program.run(folder, Duration.ofSeconds(20));
        long daemon = Long.parseLong(Files.readString(number).strip());
        assertTrue(ProcessHandle.of(daemon).filter(ProcessHandle::isAlive).isEmpty());
        assertTrue(ProcessHandle.allProcesses()
                .noneMatch(process -> process.info()
                        .arguments()
                        .map(List::of)
                        .orElse(List.of())
                        .equals(List.of("62"))));
    }

    /** A pipe has its reader wait; what is no folder is left as it is. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void whatIsNoFolderIsRefused() throws IOException, InterruptedException {
        Path pipe = temporary.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        Path link = Files.createSymbolicLink(temporary.resolve("link"), temporary.resolve("nowhere"));
        for (Path place : List.of(pipe, link, Files.createFile(temporary.resolve("a-file")))) {
            IOException refused =
                    assertThrows(IOException.class, () -> new ExchangeFolder(place).export(options), place.toString());
            assertEquals(place + " is no folder: name a new one", refused.getMessage());
            assertTrue(Files.exists(place, java.nio.file.LinkOption.NOFOLLOW_LINKS));
        }
    }

    @Test
    void whatCannotBeExchangedIsAnError() {
        for (Options none : List.of(
                new Options(null, List.of(5L), null, null, 2, java.util.Set.of(Level.L3), null, result -> {}),
                options.only("no-such-case"))) {
            Path place = temporary.resolve("none");
            assertThrows(IllegalArgumentException.class, () -> new ExchangeFolder(place).export(none));
            assertFalse(Files.exists(place));
        }
    }

    @Test
    void aFolderThatIsNotEmptyIsLeftAlone() {
        assertTrue(assertThrows(IOException.class, () -> folder.export(options))
                .getMessage()
                .contains("is not empty"));
    }

    @Test
    void aProgramIsRunWithBothFolders() throws IOException {
        DeviceProgram.of("cp {in}/cases.jsonl {out}/copy").run(folder, Duration.ofSeconds(20));
        assertTrue(Files.exists(folder.out().resolve("copy")));
        assertTrue(assertThrows(
                        IOException.class,
                        () -> DeviceProgram.of("false {in} {out}").run(folder, Duration.ofSeconds(20)))
                .getMessage()
                .contains("exit code 1"));
        assertThrows(
                IOException.class,
                () -> DeviceProgram.of("no-such-program-35 {in} {out}").run(folder, Duration.ofSeconds(20)));
        assertThrows(IllegalArgumentException.class, () -> DeviceProgram.of("prog {in}"));
        IOException late = assertThrows(
                IOException.class, () -> new DeviceProgram(List.of("sleep", "30")).run(folder, Duration.ofSeconds(1)));
        assertTrue(late.getMessage().contains("did not end within 1 seconds"), late.getMessage());
    }

    @Test
    void theLevelsOfTheExportAreThoseThatAreJudged() throws IOException {
        ExchangeFolder only = new ExchangeFolder(temporary.resolve("l0"));
        Options l0 = new Options(null, List.of(5L), null, null, 2, java.util.Set.of(Level.L0), null, result -> {});
        only.export(l0);
        Run run = only.check("p", "", l0);
        assertEquals(
                List.of(Level.L0),
                run.report().results().stream()
                        .map(CaseResult::level)
                        .distinct()
                        .toList());
        assertTrue(run.report().results().stream().allMatch(result -> result.verdict() == Verdict.FAILED));
    }
}
