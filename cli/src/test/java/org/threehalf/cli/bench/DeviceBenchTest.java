package org.threehalf.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.threehalf.backends.cuda.ProductMeter;
import org.threehalf.cli.ThreeHalf;
import org.threehalf.kernels.format.Format;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code bench --backend cuda}: its figures follow from given times, its command line, and what it says where there is
 * no GPU.
 */
class DeviceBenchTest {

    /**
     * Times by a rule, in place of a device: a product takes 1 ns for each byte of weights, and a tenth more for each
     * further token.
     *
     * @param hasPeer whether there is a peer: it takes 2 ns for each weight, whatever the tokens
     * @param wrong the format whose results are wrong, or null
     * @param asked what was asked for
     */
    private record Rule(boolean hasPeer, @Nullable Format wrong, List<String> asked) implements ProductMeter {
        @Override
        public String device() {
            return "a device that goes by a rule";
        }

        @Override
        public String peer() {
            return hasPeer ? "a peer" : "NOT MEASURED: there is none";
        }

        @Override
        public Measured streamingRead() {
            return new Measured(4_000, 2_000e-9, 1_000e-9, true);
        }

        @Override
        public Measured product(Format format, int rows, int columns, int tokens) {
            asked.add("%s %dx%d %d".formatted(format, rows, columns, tokens));
            if (format == wrong) {
                throw new IllegalStateException("y[0][0] is wrong: not timed");
            }
            long bytes = format.matrixBytes(rows, columns);
            double seconds = bytes * 1e-9 * (1 + (tokens - 1) / 10.0);
            return new Measured(bytes, seconds, seconds, rows != 256);
        }

        @Override
        public Optional<Measured> peerProduct(int rows, int columns, int tokens) {
            double seconds = 2e-9 * rows * columns;
            return hasPeer
                    ? Optional.of(new Measured((long) rows * columns, seconds, seconds, true))
                    : Optional.empty();
        }

        @Override
        public void close() {
            asked.add("closed");
        }
    }

    private record Run(int exit, String out, String err) {}

    private static Run run(CommandLine line, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit =
                line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
        return new Run(exit, out.toString(), err.toString());
    }

    private static CommandLine bench(ProductMeter meter) {
        return new CommandLine(new BenchCommand((memory, seconds) -> {
            assertEquals(64L << 20, memory);
            assertEquals(0.007, seconds, 1e-12);
            return meter;
        }));
    }

    @Test
    void figuresFollowFromTheTimes(@TempDir Path folder) throws Exception {
        List<String> asked = new ArrayList<>();
        Path json = folder.resolve("bench.json");
        Run run = run(
                bench(new Rule(true, null, asked)),
                "--backend",
                "cuda",
                "--memory",
                "64",
                "--millis",
                "7",
                "--formats",
                "g35,int8",
                "--models",
                "llama-70b,gemma3-270m",
                "--batches",
                "1,11",
                "--json",
                json.toString());
        assertEquals(0, run.exit(), run.err());
        assertEquals("closed", asked.getLast());
        assertEquals(asked.size(), asked.stream().distinct().count(), "nothing is measured twice: " + asked);
        JsonNode report = JsonMapper.builder().build().readTree(Files.readString(json));
        assertEquals("threehalf-bench-device/1", report.get("schema").asString());
        assertEquals("a peer", report.get("peer").asString());
        assertEquals(4, report.get("streamingRead").get("gigabytesPerSecond").asDouble(), 1e-9);
        assertEquals(2, report.get("streamingRead").get("median").asDouble(), 1e-9);
        List<String> lines = report.get("models")
                .valueStream()
                .map(m -> m.get("model").asString() + " " + m.get("format").asString())
                .toList();
        assertEquals(List.of("llama-70b G35", "llama-70b INT8", "gemma3-270m G35", "gemma3-270m INT8"), lines);
        // By hand: a byte takes 1 ns, so a layer of INT8 takes as many as it has weights and, in scales, 4 for each of
        // 8192 + 2·1024 + 8192 + 2·28672 + 8192 rows.
        JsonNode int8 = report.get("models").get(1);
        long layer = 855_638_016L + 4 * (3 * 8_192L + 2 * 1_024L + 2 * 28_672L);
        long output = 128_256L * 8_192 + 4 * 128_256;
        assertEquals(layer, int8.get("layerBytes").asLong());
        assertEquals(1, int8.get("gigabytesPerSecond").asDouble(), 1e-9);
        assertEquals(0.25, int8.get("shareOfStreamingRead").asDouble(), 1e-9, "of the streaming read at its best");
        assertEquals(1e9 / (80.0 * layer + output), int8.get("tokensPerSecond").asDouble(), 1e-9);
        assertTrue(int8.get("cold").asBoolean());
        assertFalse(
                report.get("models").get(3).get("cold").asBoolean(),
                "Gemma's keys have 256 rows, which the rule calls warm");
        JsonNode gemm = report.get("batches").get(1);
        assertEquals(
                "G35 11 8192 8192",
                "%s %d %d %d"
                        .formatted(
                                gemm.get("format").asString(),
                                gemm.get("tokens").asInt(),
                                gemm.get("rows").asInt(),
                                gemm.get("columns").asInt()));
        double seconds = 2e-9 * Format.G35.matrixBytes(8_192, 8_192);
        assertEquals(seconds, gemm.get("seconds").asDouble(), 1e-12);
        assertEquals(
                8_192.0 * 8_192 * 11 / seconds / 1e9,
                gemm.get("gigaMacsPerSecond").asDouble(),
                1e-6);
        assertEquals(5.5, gemm.get("tokensPerSecondOverOneToken").asDouble(), 1e-9);
        assertEquals(2e-9 * 8_192 * 8_192 / seconds, gemm.get("speedUpOverPeer").asDouble(), 1e-9);
        JsonNode peer = report.get("batches").get(5);
        assertEquals(DeviceBenchRun.PEER, peer.get("format").asString());
        assertEquals(11, peer.get("tokensPerSecondOverOneToken").asDouble(), 1e-9);
        assertFalse(peer.has("speedUpOverPeer"));
        assertEquals(6, report.get("batches").size());
        assertTrue(
                run.out().contains("a device that goes by a rule")
                        && run.out().contains("4.0 GB/s at best (the limit), 2.0 median"),
                run.out());
        assertTrue(
                run.out().lines().anyMatch(line -> line.startsWith("llama-70b") && line.contains(" 25%")), run.out());
        assertTrue(run.out().contains("* so small that a cache may have held it"), run.out());
    }

    @Test
    void withoutAPeerNothingIsComparedWithIt() {
        Run run = run(
                bench(new Rule(false, null, new ArrayList<>())),
                "--backend",
                "cuda",
                "--memory",
                "64",
                "--millis",
                "7",
                "--models",
                "llama-8b",
                "--batches",
                "1,8");
        assertEquals(0, run.exit(), run.err());
        assertTrue(run.out().contains("peer: NOT MEASURED: there is none"), run.out());
        assertFalse(run.out().contains(DeviceBenchRun.PEER), run.out());
        for (Format format : Format.values()) {
            assertTrue(
                    run.out().lines().anyMatch(line -> line.startsWith(format.name() + " ") && line.endsWith(" -")),
                    format + " in " + run.out());
        }
    }

    /** The command's answer to wrong bits is 1, and no table and no file is left. */
    @Test
    void wrongBitsEndTheRun(@TempDir Path folder) {
        Path json = folder.resolve("bench.json");
        List<String> asked = new ArrayList<>();
        Run run = run(
                bench(new Rule(true, Format.U3, asked)),
                "--backend",
                "cuda",
                "--memory",
                "64",
                "--millis",
                "7",
                "--json",
                json.toString());
        assertEquals(ThreeHalf.FAILED, run.exit());
        assertTrue(run.err().contains("threehalf bench: y[0][0] is wrong: not timed"), run.err());
        assertEquals("", run.out());
        assertFalse(Files.exists(json));
        assertEquals("closed", asked.getLast());
    }

    @Test
    void withoutAGpuItSaysWhy() {
        Run run = run(
                new CommandLine(new BenchCommand((memory, seconds) -> {
                    throw new IllegalStateException("no NVIDIA driver: install one");
                })),
                "--backend",
                "cuda");
        assertEquals(ThreeHalf.USAGE, run.exit());
        assertEquals("threehalf bench: backend cuda cannot run here: no NVIDIA driver: install one\n", run.err());
        assertEquals("", run.out());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--kernels;lut;are of the CPU's kernels",
                "--threads;2;are of the CPU's kernels",
                "--plot;plot.svg;are of the CPU's kernels",
                "--formats;q4;no format is called 'q4'",
                "--memory;1;at least 16",
                "--batches;2;must begin with 1"
            })
    void whatIsNotOfAGpuIsRefused(String option, String value, String message) {
        Run run = run(ThreeHalf.commandLine(), "bench", "--backend", "cuda", option, value);
        assertEquals(ThreeHalf.USAGE, run.exit());
        assertTrue(run.err().contains(message), run.err());
    }

    @Test
    void anotherBackendIsRefused() {
        Run run = run(ThreeHalf.commandLine(), "bench", "--backend", "groq");
        assertEquals(ThreeHalf.USAGE, run.exit());
        assertTrue(run.err().contains("bench measures on 'cpu' or 'cuda', not on 'groq'"), run.err());
    }
}
