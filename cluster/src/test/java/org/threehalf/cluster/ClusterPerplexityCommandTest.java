package org.threehalf.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.kernels.io.Sha256;

class ClusterPerplexityCommandTest {

    @TempDir
    Path folder;

    /** The figures and the hash, without the time. */
    private static String figures(ClusterLines lines) {
        assertEquals(0, lines.code(), lines::err);
        return lines.out().replaceAll(", [0-9.]+ s", "");
    }

    private static ClusterLines measure(String command, Object[] windows, Object... more) {
        return ClusterLines.run(
                Stream.of(command.split(" "), windows, more).flatMap(Stream::of).toArray());
    }

    @Test
    void givesTheDigitsAndTheHashOfOneProcess() throws IOException {
        Path model = ClusterLines.tiny("gemma3");
        Path text = Files.writeString(
                folder.resolve("text"),
                "Three and a half bits hold a weight, and every machine gives the same bits for it. ".repeat(4));
        Object[] windows = {"-m", model, "-f", text, "--window", 16, "--windows", 7};
        String one = figures(measure("perplexity", windows, "--hash", "--logits", folder.resolve("one")));
        assertTrue(one.contains("SHA-256"), one);
        for (int partitions : List.of(1, 2, 5)) {
            Path logits = folder.resolve("many");
            String many = figures(measure(
                    "cluster perplexity",
                    windows,
                    "--hash",
                    "--logits",
                    logits,
                    "--master",
                    "local[2]",
                    "--partitions",
                    partitions));
            assertEquals(one, many);
            assertEquals(Sha256.of(folder.resolve("one")), Sha256.of(logits));
        }
        String without = figures(measure("cluster perplexity", windows, "--master", "local[2]"));
        assertEquals(one.lines().findFirst(), without.lines().findFirst());
        assertEquals(List.of("many", "one", "text"), ClusterLines.names(folder));
    }

    /** What is of others beside the parts stays, whatever its name; and what is read is not written to. */
    @Test
    void nothingOfOthersIsTouched() throws IOException {
        Path mine = Files.createDirectory(folder.resolve("perplexity"));
        Files.writeString(mine.resolve("notes"), "mine");
        Files.writeString(folder.resolve("threehalf-perplexity"), "mine too");
        Path model = Files.copy(ClusterLines.tiny("gemma3"), folder.resolve("m.gguf"));
        Path text = Files.writeString(folder.resolve("text"), "a text of some length, for two windows of it");
        Object[] windows = {"-m", model, "-f", text, "--window", 8, "--windows", 2};
        String one = figures(measure("perplexity", windows, "--hash"));
        assertEquals(
                one,
                figures(measure("cluster perplexity", windows, "--hash", "--parts", folder, "--master", "local[2]")));
        for (Path read : List.of(model, text)) {
            long bytes = Files.size(read);
            for (String command : List.of("perplexity", "cluster perplexity")) {
                ClusterLines over = measure(command, windows, "--logits", read);
                assertEquals(2, over.code(), over::err);
                assertTrue(over.err().contains("which is read: choose another name"), over::err);
                assertEquals(bytes, Files.size(read));
            }
        }
        for (Path parts : List.of(folder.resolve("none"), text, Path.of("/dev/null"))) {
            ClusterLines none =
                    measure("cluster perplexity", windows, "--hash", "--parts", parts, "--master", "local[1]");
            assertEquals(2, none.code(), none::err);
            assertTrue(none.err().contains("--parts " + parts + ": "), none::err);
            assertEquals(1, none.err().lines().count(), none::err);
        }
        assertEquals(List.of("m.gguf", "perplexity", "text", "threehalf-perplexity"), ClusterLines.names(folder));
        assertEquals(List.of("notes"), ClusterLines.names(mine));
    }

    @Test
    void aBackendThatANodeLacksIsNamed() throws IOException {
        Path text = Files.writeString(folder.resolve("text"), "a text of some length");
        ClusterLines run = ClusterLines.run(
                "cluster",
                "perplexity",
                "-m",
                ClusterLines.tiny("gemma3"),
                "-f",
                text,
                "--window",
                8,
                "--backend",
                "abacus",
                "--master",
                "local[1]");
        assertEquals(2, run.code());
        assertTrue(
                run.err()
                        .lines()
                        .toList()
                        .getLast()
                        .matches("threehalf perplexity: node \\S+: no backend is called 'abacus'; there are .*"),
                run::err);
    }
}
