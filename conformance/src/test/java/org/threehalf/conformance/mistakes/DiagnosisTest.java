package org.threehalf.conformance.mistakes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.threehalf.backends.spi.Backend;
import org.threehalf.conformance.Answer;
import org.threehalf.conformance.CaseArrays;
import org.threehalf.conformance.ConformanceReport.Finding;
import org.threehalf.conformance.ConformanceRunner.Judged;
import org.threehalf.conformance.WholeSuite;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;

/** A wrong device is told why (REQ-CNF-006): every known mistake is recognised from its answers alone. */
class DiagnosisTest {

    /**
     * Of the formats of windows T35 alone: its two neighbours are decoded the same way, and a device with a mistake in
     * windows has it in all three.
     */
    private static final List<VectorCase> CASES = WholeSuite.CASES.stream()
            .filter(c -> c.format() != Format.T4 && c.format() != Format.T3)
            .filter(c -> !c.header().id().startsWith("random-70/")
                    && !c.header().id().startsWith("extreme/")
                    && !c.header().id().startsWith("wide/")
                    && !(c instanceof VectorCase.DecoderRun))
            .toList();
    /** But for those of rotation: they show in whole decoders alone, which a diagnosis does not look at. */
    private static final List<Mistake> KNOWN = Mistake.all().stream()
            .filter(mistake -> !mistake.name().startsWith("rotation: "))
            .toList();

    /** Each mistake's answer to a case is found once: every diagnosis holds its device against all mistakes. */
    private static final Map<Mistake, Map<VectorCase, Answer>> KNOWN_ANSWERS = new ConcurrentHashMap<>();

    private static Answer answer(Mistake mistake, VectorCase vectorCase) {
        Map<VectorCase, Answer> known =
                KNOWN_ANSWERS.computeIfAbsent(mistake, m -> Collections.synchronizedMap(new IdentityHashMap<>()));
        Answer answer = known.get(vectorCase);
        if (answer == null) {
            answer = Diagnosis.Answers.BY_RUNNING.of(mistake, vectorCase);
            known.put(vectorCase, answer);
        }
        return answer;
    }

    private static List<Judged> judge(Backend backend) {
        return CASES.parallelStream()
                .map(c -> Judged.of(c, CaseArrays.answer(backend, c)))
                .toList();
    }

    @TestFactory
    Stream<DynamicTest> everyKnownMistakeIsRecognised() {
        return KNOWN.stream()
                .map(mistake -> DynamicTest.dynamicTest(mistake.name(), () -> {
                    List<Judged> judged = CASES.parallelStream()
                            .map(c -> Judged.of(c, answer(mistake, c)))
                            .toList();
                    List<Finding> findings = Diagnosis.explain(judged, KNOWN, DiagnosisTest::answer);
                    assertFalse(findings.isEmpty(), "nothing was recognised");
                    assertTrue(findings.getFirst().mistakes().contains(mistake.name()), findings::toString);
                }));
    }

    @Test
    void aRightDeviceHasNoDiagnosis() {
        assertEquals(List.of(), Diagnosis.explain(judge(new SteppedBackend())));
    }

    @Test
    void oneWrongBitOfATableIsNamed() {
        Mistake bit = Mistake.tableBits().stream()
                .filter(m -> m.name().equals("T3G[5] bit 2 wrong at odd inputs in products"))
                .findFirst()
                .orElseThrow();
        List<Finding> findings = Diagnosis.explain(judge(bit.backend().get()));
        assertEquals(List.of(bit.name()), findings.getFirst().mistakes());
        assertEquals(findings.getFirst().failed(), findings.getFirst().explained());
    }

    @Test
    void twoMistakesAtOnceAreBothNamed() {
        Backend both = new SteppedBackend() {
            @Override
            protected int activationCode(float x, float scale) {
                return (int) Math.max(-127, Math.min(127, (double) (int) (x / scale)));
            }

            @Override
            public float output(int sum, float rowScale, float activationScale) {
                return sum * (rowScale * activationScale) + 0.0f;
            }
        };
        List<String> named = new ArrayList<>();
        Diagnosis.explain(judge(both), KNOWN, DiagnosisTest::answer)
                .forEach(finding -> named.addAll(finding.mistakes()));
        assertTrue(
                named.contains("activations: truncating conversion") && named.contains("output: negative zero lost"),
                named::toString);
    }

    @Test
    void anUnknownMistakeIsNotExplainedAway() {
        Backend odd = new SteppedBackend() {
            @Override
            public DeviceMatrix load(PackedMatrix matrix) {
                Matrix right = (Matrix) super.load(matrix);
                return new Matrix(matrix, weights(right)) {
                    @Override
                    public void sums(QuantizedToken token, int[] sums) {
                        super.sums(token, sums);
                        sums[0] ^= 0x15;
                    }
                };
            }

            private int[][] weights(Matrix right) {
                return right.weights;
            }
        };
        assertEquals(List.of(), Diagnosis.explain(judge(odd), KNOWN, DiagnosisTest::answer));
    }
}
