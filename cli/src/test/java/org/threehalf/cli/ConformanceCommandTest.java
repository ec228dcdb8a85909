package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.conformance.ModelReader;
import org.threehalf.conformance.NamedMatrix;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;
import picocli.CommandLine;

class ConformanceCommandTest {

    private static final String VECTORS = """
            {"schema": "threehalf-vectors/1", "kind": "output", "generator": "by hand", "count": 1,
             "flags": {"Odd": "I is odd"}, "cases": [
              {"id": "output-1", "comment": "made by hand", "requirements": ["REQ-DOT-004"], "flags": ["Odd"],
               "sum": 3, "rowScale": "3f800000", "activationScale": "40000000", "y": "40c00000"}]}
            """;

    @TempDir
    Path folder;

    private final StringWriter text = new StringWriter();

    private int execute(String... arguments) {
        CommandLine line = ConformanceCommand.commandLine(ConformanceCommandTest::openAnything);
        return line.setOut(new PrintWriter(text)).setErr(new PrintWriter(text)).execute(arguments);
    }

    /** Whatever file is there, a model of one matrix of two rows. */
    private static ModelReader.OpenModel openAnything(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        Arena arena = Arena.ofShared();
        PackedMatrix matrix = PackedMatrix.allocate(Format.G35, 3, 70, arena);
        for (int row = 0; row < 3; row++) {
            float[] weights = new float[70];
            weights[69 - row] = row - 1;
            matrix.putRow(row, QuantizedRow.quantize(Format.G35, weights));
        }
        return new ModelReader.OpenModel() {
            @Override
            public List<NamedMatrix> matrices() {
                return List.of(new NamedMatrix("blk.0.w", matrix));
            }

            @Override
            public void close() {
                arena.close();
            }
        };
    }

    private String vectors(String content) throws IOException {
        Path vectors = Files.createDirectories(folder.resolve("golden vectors"));
        Files.writeString(vectors.resolve("output.json"), content);
        return vectors.toString();
    }

    private void assertShows(String part) {
        assertTrue(text.toString().contains(part), text::toString);
    }

    @Test
    void allRightIsZero() throws IOException {
        Path json = folder.resolve("result.json");
        assertEquals(
                0,
                execute("--vectors", vectors(VECTORS), "--golden-only", "-v", "--json", json.toString()),
                text::toString);
        assertShows("PASSED  output-1");
        assertShows("backend reference (");
        assertTrue(Files.readString(json).contains("\"passed\" : true"));
    }

    @Test
    void aDifferenceIsOneAndIsShownWithTheCommandThatRepeatsIt() throws IOException {
        String tampered = vectors(VECTORS.replace("40c00000", "40c00001"));
        assertEquals(1, execute("--vectors", tampered, "--golden-only"));
        assertShows("y[0]: expected 0x40c00001 (6.0000005), got 0x40c00000 (6.0)");
        assertShows("Odd: I is odd");
        assertShows("repeat: ./threehalf conformance --backend reference --vectors '" + tampered
                + "' --golden-only --case output-1");
    }

    @Test
    void theMatricesOfAModelAreCasesToo() throws IOException {
        Path model = Files.writeString(folder.resolve("m.gguf"), "anything");
        assertEquals(
                0,
                execute(
                        "--vectors",
                        vectors(VECTORS),
                        "--golden-only",
                        "--model",
                        model.toString(),
                        "--rows",
                        "2",
                        "-v"),
                text::toString);
        assertShows("PASSED  m.gguf/blk.0.w/gemm  (2 of 3 rows, seed ");
        assertEquals(
                0,
                execute("--vectors", vectors(VECTORS), "--model", model.toString(), "--case", "m.gguf/blk.0.w/sums"));
        assertShows("matrix-sums");
    }

    @Test
    void whatCannotBeginIsTwo() throws IOException {
        String vectors = vectors(VECTORS);
        assertEquals(2, execute("--backend", "abacus", "--vectors", vectors));
        assertShows("no backend is called 'abacus'");
        assertEquals(2, execute("--backend", "groq", "--vectors", vectors));
        assertShows("backend groq cannot run here: ");
        assertEquals(2, execute("--vectors", folder.resolve("nowhere").toString()));
        assertShows("nowhere");
        assertEquals(2, execute("--vectors", vectors, "--case", "output-2"));
        assertShows("there is no case 'output-2'");
        assertEquals(2, execute("--vectors", vectors, "--rows", "1"));
        assertShows("at least 2");
        assertEquals(
                2,
                execute(
                        "--vectors",
                        vectors,
                        "--model",
                        folder.resolve("missing.gguf").toString()));
        assertShows("missing.gguf");
    }

    @Test
    void severalBackendsAreJudgedTogetherAndThoseThatCannotRunAreTold() throws IOException {
        Path junit = folder.resolve("result.xml");
        Path html = folder.resolve("result.html");
        Path json = folder.resolve("r.json");
        assertEquals(
                0,
                execute(
                        "run",
                        "--backend",
                        "all",
                        "--golden-only",
                        "--vectors",
                        vectors(VECTORS),
                        "--junit",
                        junit.toString(),
                        "--html",
                        html.toString(),
                        "--json",
                        json.toString()),
                text::toString);
        assertShows("backend groq: NOT CHECKED: ");
        assertShows("backend reference (");
        assertTrue(Files.readString(junit).contains("reference.L1.output"));
        assertTrue(Files.readString(html).contains("reference: <span class=\"PASSED\">"));
        assertTrue(Files.exists(folder.resolve("r-reference.json")));
    }

    /** What is judged by, or is judged, is not written over. */
    @Test
    void noReportIsWrittenOverWhatIsRead() throws IOException {
        String vectors = vectors(VECTORS);
        Path file;
        try (var files = Files.list(Path.of(vectors))) {
            file = files.findFirst().orElseThrow();
        }
        String before = Files.readString(file);
        for (String option : java.util.List.of("--json", "--junit", "--html")) {
            assertEquals(2, execute("run", "--vectors", vectors, "--golden-only", option, file.toString()));
            assertShows("which is read");
            assertEquals(before, Files.readString(file));
            // Before the run, and as what cannot begin.
            assertEquals(
                    2,
                    execute("run", "--vectors", vectors, "--golden-only", option, folder.toString()),
                    text::toString);
            assertEquals(
                    2,
                    execute("run", "--exec", "true {in} {out}", "--vectors", vectors, option, folder.toString()),
                    text::toString);
        }
        assertFalse(text.toString().contains(" of 1 cases"), text.toString());
    }

    @Test
    void levelsAreChosen() throws IOException {
        assertEquals(
                0,
                execute("run", "--vectors", vectors(VECTORS), "--level", "l1", "--golden-only", "-v"),
                text::toString);
        assertShows("PASSED  output-1");
        assertEquals(2, execute("run", "--vectors", vectors(VECTORS), "--level", "L7"));
        assertShows("no level is called 'L7'");
    }

    @Test
    void casesGoOutAsFilesAndTheirResultsAreJudged() throws IOException {
        String vectors = vectors(VECTORS);
        Path exchange = folder.resolve("exchange");
        assertEquals(0, execute("export", exchange.toString(), "--vectors", vectors, "--golden-only"), text::toString);
        assertShows("1 computations: read ");
        assertEquals(1, execute("check", exchange.toString(), "--vectors", vectors));
        assertShows("y.f32 is missing");
        Files.createDirectories(exchange.resolve("out").resolve("000000"));
        Files.write(exchange.resolve("out").resolve("000000").resolve("y.f32"), new byte[] {0, 0, (byte) 0xc0, 0x40});
        assertEquals(0, execute("check", exchange.toString(), "--vectors", vectors, "--name", "abacus"));
        assertShows("backend abacus (results in ");
        assertShows(
                "exchange; L0, L1, L2, L3, golden vectors alone; NOT CHECKED whether that is all that was exported");
        assertEquals(2, execute("check", folder.resolve("nowhere").toString(), "--vectors", vectors));
        assertShows("nowhere.asked.json is missing");
        assertEquals(2, execute("check", exchange.toString(), "--vectors", vectors, "--asked-sha256", "0".repeat(64)));
        assertShows("it is not what was asked");
        assertEquals(2, execute("export", folder.resolve("l3").toString(), "--vectors", vectors, "--level", "L3"));
        assertShows("level L3 needs a model's weights");
    }

    @Test
    void aProgramThatFailsIsTwoAndOneThatDoesNothingIsOne() throws IOException {
        String vectors = vectors(VECTORS);
        assertEquals(2, execute("run", "--exec", "false {in} {out}", "--vectors", vectors, "--golden-only"));
        assertShows("exit code 1");
        assertEquals(2, execute("run", "--exec", "true", "--vectors", vectors, "--golden-only"));
        assertShows("must name both folders");
        assertEquals(1, execute("run", "--exec", "true {in} {out}", "--vectors", vectors, "--golden-only"));
        assertShows("repeat: ./threehalf conformance --exec 'true {in} {out}' --vectors");
        assertShows("FAILED, 0 of 1 cases");
        assertEquals(
                1, execute("run", "--exec", "true {in} {out}", "--vectors", vectors, "--golden-only", "--repeat", "2"));
        assertShows("2 runs, 2 with failures");
        assertEquals(
                2, execute("run", "--exec", "true {in} {out}", "--vectors", vectors, "--golden-only", "--repeat", "0"));
        assertEquals(2, execute("run", "--exec", "true {in} {out}", "--vectors", vectors, "--level", "L3"));
        assertEquals(2, execute("run", "--vectors", vectors, "--level", "L3"));
        assertShows("level L3 needs a model, by --model FILE");
    }
}
