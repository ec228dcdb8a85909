package org.threehalf.conformance.exchange;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.conformance.ConformanceReport.Finding;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.ConformanceRunner.Run;
import org.threehalf.conformance.Installation;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.ReportText;
import org.threehalf.conformance.mistakes.Diagnosis;
import org.threehalf.kernels.io.FolderTree;

/**
 * The example clients in C and Python, written from {@code spec/} alone, pass every exchanged case (REQ-CNF-007): the
 * specification suffices. Where the machine has no C compiler or no numpy, the test is skipped and the evidence says
 * NOT CHECKED.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientsTest {

    private static final Path CLIENTS =
            Installation.SPEC.resolveSibling("conformance").resolve("clients");
    private static final Path C = CLIENTS.resolve("c").resolve("client.c");
    private static final Path PYTHON = CLIENTS.resolve("python").resolve("client.py");

    /** Of the class: what was exported for one test is there for the next. */
    @TempDir
    static Path temporary = Path.of("");

    /** What programs are asked, written once for all that are asked the same. */
    private final Map<Set<Level>, ExchangeFolder> exported = new HashMap<>();

    private static boolean runs(List<String> command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException missing) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String first(String what, Stream<String> candidates, String... arguments) {
        String found = candidates
                .filter(c ->
                        runs(Stream.concat(Stream.of(c), Stream.of(arguments)).toList()))
                .findFirst()
                .orElse("");
        Assumptions.assumeFalse(found.isEmpty(), "the machine has no " + what);
        return found;
    }

    private Path compiled(String source) throws IOException {
        String compiler = first("C compiler", Stream.of("cc", "gcc", "clang"), "--version");
        Path file = Files.writeString(Files.createTempFile(temporary, "client", ".c"), source);
        Path program = Path.of(file.toString().replaceFirst("\\.c$", ""));
        assertTrue(runs(List.of(
                compiler,
                "-std=c11",
                "-O2",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-ffp-contract=off",
                "-o",
                program.toString(),
                file.toString(),
                "-lm")));
        return program;
    }

    private Run judged(List<String> command, Set<Level> levels) throws IOException {
        Options options = new Options(Installation.VECTORS, List.of(35L), null, null, 2, levels, null, result -> {});
        ExchangeFolder folder = exported.get(levels);
        if (folder == null) {
            folder = new ExchangeFolder(
                    Files.createTempDirectory(temporary, "run").resolve("exchange"));
            folder.export(options);
            exported.put(levels, folder);
        }
        // Nothing of the program before.
        FolderTree.delete(folder.out());
        Files.createDirectory(folder.out());
        new DeviceProgram(command).run(folder, Duration.ofMinutes(5));
        return folder.check("client", "example", options);
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
        assertPasses(judged(List.of(compiled(Files.readString(C)).toString(), "{in}", "{out}"), Level.all()));
    }

    @Test
    void theClientInPythonPassesEveryCase() throws IOException {
        Stream<String> candidates = Stream.of(System.getenv().getOrDefault("THREEHALF_PYTHON", "python3"), "python3");
        String python = first("Python with numpy (set THREEHALF_PYTHON to one)", candidates, "-c", "import numpy");
        assertPasses(judged(List.of(python, PYTHON.toString(), "{in}", "{out}"), Level.all()));
    }

    /**
     * A mistake in the client's source.
     *
     * @param name what the diagnosis must call it
     * @param level where it shows
     * @param right what stands in the source
     * @param wrong what stands there instead
     */
    private record Slip(String name, Level level, String right, String wrong) {}

    private static final List<Slip> SLIPS = List.of(
            new Slip(
                    "activations: round half away",
                    Level.L0,
                    "(int8_t)clamp_rne(q, -127, 127)",
                    "(int8_t)fmax(-127, fmin(127, round(q)))"),
            new Slip(
                    "output: flush of a subnormal product of scales",
                    Level.L1,
                    "volatile float scale = row_scale * activation_scale,",
                    "volatile float scale = row_scale * activation_scale < 0x1p-126f ? 0 : row_scale * activation_scale,"),
            new Slip(
                    "wrapping 16-bit accumulation",
                    Level.L1,
                    "sum += a[k] * m * value(f, codes, columns, k);",
                    "sum = (int16_t)(sum + a[k] * m * value(f, codes, columns, k));"),
            new Slip(
                    "transformer: silu: x times the logistic function",
                    Level.L2,
                    "static float silu(float x) { return x / (1 + exponential(-x)); }",
                    "static float silu(float x) { return x * (1 / (1 + exponential(-x))); }"));

    @Test
    void mistakesInTheClientInCAreFoundAndNamed() throws IOException {
        String source = Files.readString(C);
        for (Slip slip : SLIPS) {
            assertTrue(source.contains(slip.right()), slip.name());
            Run run = judged(
                    List.of(compiled(source.replace(slip.right(), slip.wrong())).toString(), "{in}", "{out}"),
                    Set.of(slip.level()));
            assertFalse(run.report().passed(), slip.name());
            List<Finding> findings = Diagnosis.explain(run.judged());
            assertTrue(
                    !findings.isEmpty() && findings.getFirst().mistakes().contains(slip.name()),
                    () -> slip.name() + ": " + findings);
        }
    }
}
