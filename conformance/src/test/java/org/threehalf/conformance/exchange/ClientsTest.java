package org.threehalf.conformance.exchange;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.conformance.ConformanceRunner.Run;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.ReportText;

/**
 * The example clients in C and Python, written from {@code spec/} alone, pass every exchanged case (REQ-CNF-007): the
 * specification suffices. Where the machine has no C compiler or no numpy, the test is skipped and the evidence says
 * NOT CHECKED.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientsTest {

    private static final Path PYTHON = ClientRuns.CLIENTS.resolve("python").resolve("client.py");

    /** Of the class: what was exported for one test is there for the next. */
    private final ClientRuns runs;

    ClientsTest(@TempDir Path temporary) {
        this.runs = new ClientRuns(temporary);
    }

    private static void assertPasses(Run run) {
        assertTrue(
                run.report().passed(),
                () -> String.join(
                        "",
                        run.report().failures().stream()
                                .limit(5)
                                .map(f -> ReportText.failure(f, ""))
                                .toList()));
        assertTrue(
                run.report().results().size() > 600,
                "cases: " + run.report().results().size());
    }

    @Test
    void theClientInCPassesEveryCase() throws IOException {
        assertPasses(runs.judged(
                List.of(runs.compiled(Files.readString(ClientRuns.C)).toString(), "{in}", "{out}"), Level.all()));
    }

    @Test
    void theClientInPythonPassesEveryCase() throws IOException {
        Stream<String> candidates = Stream.of(System.getenv().getOrDefault("THREEHALF_PYTHON", "python3"), "python3");
        String python =
                ClientRuns.first("Python with numpy (set THREEHALF_PYTHON to one)", candidates, "-c", "import numpy");
        assertPasses(runs.judged(List.of(python, PYTHON.toString(), "{in}", "{out}"), Level.all()));
    }
}
