package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.BackendProvider;
import picocli.CommandLine;

/** Every backend is listed with whether it can be used, and the exit code answers for those that are named. */
class BackendsCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine line = ThreeHalf.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return line.execute(arguments);
    }

    @AfterEach
    void forget() {
        System.clearProperty("threehalf.groq.compiler");
    }

    @Test
    void allAreListed() {
        assertEquals(0, run("backends"), err.toString());
        List<String> names = out.toString()
                .lines()
                .filter(line -> !line.startsWith(" "))
                .map(line -> line.split(" ")[0])
                .toList();
        assertEquals(BackendProvider.all().stream().map(BackendProvider::name).toList(), names);
        assertTrue(
                names.containsAll(List.of("reference", "lut", "simd", "cuda", "groq", "groq-mlir")), names.toString());
    }

    @Test
    void anAvailableOneIsAnswerZero() {
        assertEquals(0, run("backends", "reference", "simd"), err.toString());
        assertEquals(
                2,
                out.toString()
                        .lines()
                        .filter(line -> line.contains(" available "))
                        .count(),
                out.toString());
    }

    @Test
    void oneThatIsNotSaysWhy() {
        System.setProperty("threehalf.groq.compiler", "/nowhere/groq-compiler");
        assertEquals(ThreeHalf.FAILED, run("backends", "reference", "groq"));
        assertTrue(
                out.toString().contains("groq       NOT AVAILABLE")
                        && out.toString().contains("groq-compiler not found"),
                out.toString());
    }

    @Test
    void anUnknownOneIsRefused() {
        assertEquals(ThreeHalf.USAGE, run("backends", "tpu"));
        assertTrue(err.toString().contains("tpu"), err.toString());
    }
}
