package org.threehalf.conformance.exchange;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.conformance.ConformanceReport.Finding;
import org.threehalf.conformance.ConformanceRunner.Run;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.mistakes.Diagnosis;

/** Mistakes in the client in C are found by the exchanged cases, and the diagnosis says what they are (REQ-CNF-007). */
class ClientMistakesTest {
    @TempDir
    Path temporary = Path.of("");

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
        ClientRuns runs = new ClientRuns(temporary);
        String source = Files.readString(ClientRuns.C);
        for (Slip slip : SLIPS) {
            assertTrue(source.contains(slip.right()), slip.name());
            Run run = runs.judged(
                    List.of(
                            runs.compiled(source.replace(slip.right(), slip.wrong()))
                                    .toString(),
                            "{in}",
                            "{out}"),
                    Set.of(slip.level()));
            assertFalse(run.report().passed(), slip.name());
            List<Finding> findings = Diagnosis.explain(run.judged());
            assertTrue(
                    !findings.isEmpty() && findings.getFirst().mistakes().contains(slip.name()),
                    () -> slip.name() + ": " + findings);
        }
    }
}
