package org.threehalf.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.threehalf.backends.llvm.NativeKernel;
import org.threehalf.cli.ThreeHalf;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command runs through and its derived figures follow from its times; no figure itself is judged here. */
class BenchCommandTest {

    private record Run(int exit, String out, String err) {}

    private static Run run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = ThreeHalf.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int exit = line.execute(arguments);
        return new Run(exit, out.toString(), err.toString());
    }

    @Test
    void smallRunIsConsistent(@TempDir Path folder) throws Exception {
        Path json = folder.resolve("bench.json");
        Path plot = folder.resolve("bench.svg");
        Run run = run(
                "bench",
                "--quick",
                "--memory",
                "16",
                "--millis",
                "1",
                "--models",
                "gemma3-270m",
                "--formats",
                "g35",
                "--threads",
                "1,2",
                "--batches",
                "1,4",
                "--json",
                json.toString(),
                "--plot",
                plot.toString());
        assertEquals(0, run.exit(), run.err());
        JsonNode report = JsonMapper.builder().build().readTree(Files.readString(json));
        assertEquals("threehalf-bench/1", report.get("schema").asString());
        List<String> lines = report.get("models")
                .valueStream()
                .map(m -> m.get("kernel").asString() + m.get("threads").asInt())
                .toList();
        // The native kernel is measured where it runs.
        List<String> measured = Stream.of(
                        "reference1", "lut1", "lut2", "simd1", "simd2", "native1", "native2", "float321", "float322")
                .filter(line -> NativeKernel.problem() == null || !line.startsWith("native"))
                .toList();
        assertEquals(measured, lines);
        double reference =
                report.get("models").get(0).get("layer").get("median").asDouble();
        for (JsonNode model : report.get("models")) {
            double layer = model.get("layer").get("median").asDouble();
            double output = model.get("output").get("median").asDouble();
            assertTrue(layer > 0 && output > 0);
            assertEquals(
                    1e9 / (18 * layer + output), model.get("tokensPerSecond").asDouble(), 1e-6);
            assertEquals(
                    model.get("layerBytes").asDouble() / layer,
                    model.get("gigabytesPerSecond").asDouble(),
                    1e-9);
            if (model.has("speedUpOverReference")) {
                assertEquals(
                        reference / layer, model.get("speedUpOverReference").asDouble(), 1e-9);
            }
        }
        assertEquals(2, report.get("streamingRead").size());
        assertEquals(2, report.get("batches").size());
        assertTrue(run.out().contains("QUICK"));
        assertEquals(
                "svg",
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(plot.toFile())
                        .getDocumentElement()
                        .getNodeName());
        try (var files = Files.list(folder)) {
            assertEquals(2, files.count());
        }
    }

    /** 8192² for q and o, 1024 x 8192 twice, and the FFN's three: 855.6 million weights, 70 billion in all. */
    @Test
    void shapesAreThoseOfTheModels() {
        assertEquals(855_638_016L, ModelMatrices.USUAL.get(0).layerWeights());
        assertEquals(218_103_808L, ModelMatrices.USUAL.get(1).layerWeights());
        assertEquals(5_570_560L, ModelMatrices.USUAL.get(2).layerWeights());
        // Without the input embedding, which is not multiplied.
        assertEquals(
                69_501_714_432L,
                80 * ModelMatrices.USUAL.get(0).layerWeights()
                        + ModelMatrices.USUAL.get(0).output().weights());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--kernels;magic;no kernel is called 'magic'",
                "--formats;q4;no format is called 'q4'",
                "--models;gpt;no model is called 'gpt'",
                "--threads;0;at least 1",
                "--batches;2,4;must begin with 1",
                "--memory;1;at least 16",
                "--kernels;float32;at least one of"
            })
    void wrongArgumentsAreRefused(String option, String value, String message) {
        Run run = run("bench", option, value);
        assertEquals(ThreeHalf.USAGE, run.exit());
        assertTrue(run.err().contains(message), run.err());
        assertFalse(run.out().contains("GB/s"));
    }

    /** A timing of a sleep is at least the sleep, and sums and multiples add up. */
    @Test
    void timingsAddUp() {
        Timing timing = Timing.of(number -> java.util.concurrent.locks.LockSupport.parkNanos(100_000), 0, 1);
        assertEquals(5, timing.runs());
        assertTrue(timing.min() >= 100_000 && timing.min() <= timing.median() && timing.median() <= timing.high());
        Timing twice = timing.plus(timing);
        assertEquals(timing.times(2), twice);
        assertEquals(timing, Timing.zero().plus(timing));
    }
}
