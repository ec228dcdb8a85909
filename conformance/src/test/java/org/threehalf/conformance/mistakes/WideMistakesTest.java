package org.threehalf.conformance.mistakes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.threehalf.conformance.CaseArrays;
import org.threehalf.conformance.CaseResult;
import org.threehalf.conformance.ConformanceReport.Finding;
import org.threehalf.conformance.ConformanceRunner.Judged;
import org.threehalf.conformance.ConformanceSuite;
import org.threehalf.conformance.KillList;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.WholeSuite;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.io.Verdict;

/**
 * Mistakes that show past the width of a tile or in one coefficient alone are found, and named (REQ-CNF-005,
 * REQ-CNF-006).
 */
class WideMistakesTest {
    private static final List<VectorCase> CASES = WholeSuite.CASES.stream()
            .filter(c -> !(c instanceof VectorCase.DecoderRun))
            .filter(c -> c.format() == null || c.format() == Format.G35 || c.format() == Format.INT8)
            .filter(c -> !c.header().id().startsWith("extreme/"))
            .toList();

    private static List<VectorCase> cases(boolean inference) {
        return CASES.stream()
                .filter(c -> (Level.of(c) == Level.L2) == inference)
                .toList();
    }

    private static List<VectorCase> touched(Mistake mistake) {
        return cases(
                !WideMistakes.products().stream().map(Mistake::name).toList().contains(mistake.name()));
    }

    @Test
    void everyOneIsKilled() throws IOException {
        KillList list = new KillList("mistakes past the width of tiles, in one coefficient, at one end of a range");
        for (Mistake mistake : WideMistakes.all()) {
            Optional<CaseResult> killer = touched(mistake).parallelStream()
                    .map(c -> ConformanceSuite.run(mistake.backend().get(), c))
                    .filter(result -> result.verdict() == Verdict.FAILED)
                    .findFirst();
            list.add(mistake.name(), killer);
        }
        assertEquals(List.of(), list.survivors());
        list.write("wide-mistakes.json");
    }

    @Test
    void everyOneIsNamed() {
        List<String> unnamed = new ArrayList<>();
        for (Mistake mistake : WideMistakes.all()) {
            List<Judged> judged = touched(mistake).parallelStream()
                    .map(c -> Judged.of(c, CaseArrays.answer(mistake.backend().get(), c)))
                    .toList();
            List<Finding> findings = Diagnosis.explain(
                    judged,
                    java.util.stream.Stream.concat(WideMistakes.all().stream(), OperationMistakes.all().stream())
                            .toList());
            if (findings.isEmpty() || !findings.getFirst().mistakes().contains(mistake.name())) {
                unnamed.add(mistake.name() + ": " + findings);
            }
        }
        assertEquals(List.of(), unnamed);
        assertEquals(47, WideMistakes.all().size());
    }
}
