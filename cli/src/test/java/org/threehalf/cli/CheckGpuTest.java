package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code scripts/check-gpu} with a stand-in for {@code threehalf}: which commands it runs, what it keeps,
 * and what it answers.
 */
@DisabledOnOs(OS.WINDOWS)
class CheckGpuTest {

    @TempDir
    Path folder;

    private Path results = Path.of("");
    private Path model = Path.of("");

    /**
     * Its stand-in notes its words, prints them, writes the file after --json, and fails for the command that FAIL
     * names.
     */
    @BeforeEach
    void makeCheckout() throws IOException {
        results = folder.resolve("results");
        model = Files.writeString(folder.resolve("a model.gguf"), "");
        Scripts.copy("scripts/check-gpu", folder);
        Scripts.executable(folder.resolve("threehalf"), """
                echo "$*" >>"$(dirname "$0")/commands"
                echo "output of $1"
                [ "$1" = "$FAIL" ] && { echo "what went wrong" >&2; exit 1; }
                while [ $# -gt 0 ]; do
                    if [ "$1" = --json ]; then echo '{}' >"$2"; fi
                    shift
                done
                exit 0
                """);
    }

    private int run(String fail, String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(folder.resolve("scripts/check-gpu").toString(), "--out", results.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(Map.of("FAIL", fail));
        Process process = builder.start();
        output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor();
    }

    private String output = "";

    private String kept(String name) throws IOException {
        return Files.readString(results.resolve(name));
    }

    @Test
    void everythingWithAModel() throws Exception {
        assertEquals(0, run("", "--model", model.toString(), "--quick"), () -> output);
        assertEquals(
                List.of(
                        "backends cuda",
                        "--version",
                        "conformance run --backend cuda --model " + model + " --json "
                                + results.resolve("conformance.json") + " --html "
                                + results.resolve("conformance.html"),
                        "bench --backend cuda --quick --json " + results.resolve("bench.json"),
                        "generate -m " + model + " --backend cuda -p The capital of France is -n 128 --temperature 0"),
                Files.readAllLines(folder.resolve("commands")));
        assertEquals("PASSED conformance L0 to L3\nPASSED bench\nPASSED generate\n", kept("summary.txt"));
        assertEquals("output of bench\n", kept("bench.txt"));
        assertEquals("{}\n", kept("bench.json"));
        assertTrue(kept("machine.txt").contains("output of backends"));
    }

    @Test
    void withoutAModelItSaysWhatIsNotChecked() throws Exception {
        assertEquals(0, run(""), () -> output);
        assertEquals(
                "PASSED conformance L0 to L2\nNOT CHECKED conformance L3 and a decoder's tokens/s: they need --model FILE\nPASSED bench\n",
                kept("summary.txt"));
    }

    /** A failed step fails the whole, keeps what it said, and does not stop the others. */
    @Test
    void aFailedStepFails() throws Exception {
        assertEquals(1, run("conformance", "--model", model.toString()), () -> output);
        String failed =
                "FAILED conformance L0 to L3 (exit code 1, see %s)\n".formatted(results.resolve("conformance.txt"));
        assertEquals(failed + "PASSED bench\nPASSED generate\n", kept("summary.txt"));
        assertEquals("output of conformance\nwhat went wrong\n", kept("conformance.txt"));
    }

    /** Without a GPU nothing runs, and results of an earlier run are not left to be taken for this one's. */
    @Test
    void withoutAGpuNothingRuns() throws Exception {
        Files.createDirectories(results);
        Files.writeString(results.resolve("bench.json"), "of another day");
        assertEquals(2, run("backends"));
        assertTrue(output.contains("what went wrong\ncheck-gpu: not run: backend cuda cannot be used here\n"), output);
        assertEquals(List.of("backends cuda"), Files.readAllLines(folder.resolve("commands")));
        assertEquals("check-gpu: not run: backend cuda cannot be used here\n", kept("summary.txt"));
        assertTrue(Files.notExists(results.resolve("bench.json")));
    }

    @Test
    void wrongArgumentsAreTwo() throws Exception {
        assertEquals(2, run("", "--modle", "x"));
        assertTrue(
                output.contains("check-gpu: '--modle' is not known\n") && output.contains("check-gpu [--out DIR]"),
                output);
        assertEquals(2, run("", "--model"));
        assertEquals(2, run("", "--model", folder.resolve("none").toString()));
        assertTrue(output.contains("there is no such file"), output);
    }
}
