package org.threehalf.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterConformanceCommandTest {

    @TempDir
    Path folder;

    private String report(int code, Object... arguments) throws IOException {
        Path json = folder.resolve("report.json");
        Path junit = folder.resolve("report.xml");
        Files.deleteIfExists(json);
        Files.deleteIfExists(junit);
        Object[] all = java.util.stream.Stream.concat(
                        java.util.Arrays.stream(arguments),
                        java.util.stream.Stream.of("--json", json, "--junit", junit))
                .toArray();
        ClusterLines lines = ClusterLines.run(all);
        assertEquals(code, lines.code(), lines::err);
        return Files.readString(json) + Files.readString(junit) + lines.out();
    }

    @Test
    void givesTheReportOfOneProcess() throws IOException {
        // A control character in its name is in cases' names, and XML has none.
        Path model = folder.resolve("a\u0007model.gguf");
        assertEquals(
                0,
                ClusterLines.run("quantize", ClusterLines.tiny("llama3"), model).code());
        Object[] what = {"--backend", "simd", "--golden-only", "--level", "L0,L3", "--model", model, "--repeat", 2};
        String one = report(0, prepended(what, "conformance"));
        for (int partitions : List.of(1, 5)) {
            String many = report(
                    0, prepended(what, "cluster", "conformance", "--master", "local[2]", "--partitions", partitions));
            assertEquals(withoutProgress(one), withoutProgress(many));
        }
        assertTrue(one.contains("a?model.gguf/tokens"), one);
    }

    /** What is wrong is told as one process tells it, where the vectors and not the backend are. */
    @Test
    void aFailureIsToldAsOneProcessTellsIt() throws IOException {
        Path vectors = Files.createDirectory(folder.resolve("vectors"));
        String dot = Files.readString(Path.of(System.getProperty("threehalf.root"), "spec/vectors/dot.json"));
        String wrong = dot.replaceFirst("\"sum\": ?(-?)(\\d+)", "\"sum\": $11$2");
        assertFalse(dot.equals(wrong));
        Files.writeString(vectors.resolve("dot.json"), wrong);
        String one = report(1, "conformance", "--golden-only", "--vectors", vectors);
        String many = report(
                1,
                "cluster",
                "conformance",
                "--golden-only",
                "--vectors",
                vectors,
                "--master",
                "local[2]",
                "--partitions",
                3);
        assertEquals(one, many);
        assertTrue(one.contains("FAILED"), one);
    }

    @Test
    void refusesWhatCannotBeSpread() {
        ClusterLines program =
                ClusterLines.run("cluster", "conformance", "--exec", "true {in} {out}", "--master", "local[1]");
        assertEquals(2, program.code());
        assertTrue(program.err().contains("a program runs on one machine"), program::err);
        ClusterLines none = ClusterLines.run(
                "cluster", "conformance", "--golden-only", "--case", "no/such", "--master", "local[1]");
        assertEquals(2, none.code());
        assertTrue(none.err().contains("there is no case 'no/such'"), none::err);
    }

    private static Object[] prepended(Object[] words, Object... first) {
        return java.util.stream.Stream.concat(java.util.Arrays.stream(first), java.util.Arrays.stream(words))
                .toArray();
    }

    /** Which process computes level L3 is told by the one that does. */
    private static String withoutProgress(String text) {
        return text.lines().filter(line -> !line.startsWith("level L3:")).reduce("", (a, b) -> a + b + "\n");
    }
}
