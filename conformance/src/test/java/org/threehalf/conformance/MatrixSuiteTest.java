package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.conformance.mistakes.Mistake;
import org.threehalf.conformance.mistakes.SteppedBackend;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.io.Verdict;

/** Right and mistakey backends on made matrices (REQ-CNF-004). */
class MatrixSuiteTest {

    private static ModelUnderTest model(int rows, int columns) {
        List<NamedMatrix> matrices = Arrays.stream(Format.values())
                .map(format -> {
                    SplittableRandom random = new SplittableRandom(format.id());
                    PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, Arena.ofAuto());
                    for (int row = 0; row < rows; row++) {
                        float[] weights = new float[columns];
                        for (int k = 0; k < columns; k++) {
                            weights[k] = (float) random.nextGaussian();
                        }
                        matrix.putRow(row, QuantizedRow.quantize(format, weights));
                    }
                    return new NamedMatrix("m." + format, matrix);
                })
                .toList();
        return new ModelUnderTest("model.gguf", 1, "00", matrices);
    }

    private static List<CaseResult> run(Backend backend, ModelUnderTest model, int rows) {
        List<CaseResult> results = new ArrayList<>();
        new MatrixSuite(backend, rows).run(model, (id, level) -> true, results::add);
        return results;
    }

    private static List<String> failed(List<CaseResult> results) {
        return results.stream()
                .filter(result -> result.verdict() == Verdict.FAILED)
                .map(CaseResult::id)
                .toList();
    }

    @Test
    void theReferenceBackendPassesOnEveryFormat() {
        List<CaseResult> results = run(BackendProvider.named("reference").open(), model(9, 130), 100);
        assertEquals(List.of(), failed(results));
        assertEquals(4 * Format.values().length, results.size());
        assertEquals("model.gguf/m.INT8/quantize-activation", results.getFirst().id());
        assertTrue(
                results.getFirst().note().startsWith("all 9 rows, seed "),
                results.getFirst().note());
    }

    @Test
    void samplesTheFirstTheLastAndOtherRowsAndSaysSo() {
        ModelUnderTest model = model(50, 64);
        assertTrue(run(new SteppedBackend(), model, 7).getFirst().note().startsWith("7 of 50 rows, seed "));
        for (int wrongRow : new int[] {0, 49}) {
            assertEquals(
                    List.of("model.gguf/m.G3/sums"),
                    failed(run(wrongAt(wrongRow), model, 2)).stream()
                            .filter(id -> id.contains("G3/sums"))
                            .toList());
        }
    }

    private static Backend wrongAt(int wrongRow) {
        return new SteppedBackend() {
            @Override
            protected int[] weights(PackedMatrix matrix, int row) {
                int[] weights = super.weights(matrix, row);
                weights[0] += row == wrongRow ? 1 : 0;
                return weights;
            }
        };
    }

    @Test
    void aDifferenceNamesTokenRowAndBothValues() {
        CaseResult sums = run(wrongAt(3), model(5, 64), 100).get(1);
        CaseResult.Failure failure = sums.failure();
        assertTrue(failure != null && failure.difference() != null);
        assertEquals(3, failure.difference().index());
        assertTrue(
                failure.message()
                        .matches(
                                "sums of token 'random'\\[3]: expected 0x[0-9a-f]{8} \\(-?\\d+\\), got 0x[0-9a-f]{8} \\(-?\\d+\\)"),
                failure.message());
    }

    @Test
    void findsMistakesThatTheSeededTokensAreMadeFor() {
        ModelUnderTest model = model(4, 130);
        for (Mistake mistake : Mistake.all()) {
            boolean meant = mistake.name().startsWith("output: flush")
                    || mistake.name().startsWith("output: negative zero lost")
                    || mistake.name().startsWith("wrapping")
                    || mistake.name().startsWith("swapped nibbles")
                    || mistake.name().startsWith("gemm:")
                    || mistake.name().startsWith("gemv:")
                    || mistake.name().startsWith("stale");
            if (meant) {
                assertTrue(!failed(run(mistake.backend().get(), model, 100)).isEmpty(), mistake.name());
            }
        }
    }

    @Test
    void whatABackendThrowsIsTheCasesFailure() {
        Backend throwing = new SteppedBackend() {
            @Override
            public DeviceMatrix load(PackedMatrix matrix) {
                throw new IllegalStateException("no room");
            }

            @Override
            public QuantizedToken quantize(float[] activations) {
                throw new StackOverflowError("deep");
            }
        };
        List<CaseResult> results = run(throwing, model(3, 64), 2);
        assertEquals(results.size(), failed(results).size());
        assertTrue(String.valueOf(results.get(1).failure())
                .contains("the backend threw java.lang.IllegalStateException: no room"));
    }

    @Test
    void refusesALimitBelowTheFirstAndTheLastRow() {
        assertThrows(IllegalArgumentException.class, () -> new MatrixSuite(new SteppedBackend(), 1));
    }
}
