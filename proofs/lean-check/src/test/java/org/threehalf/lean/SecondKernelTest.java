package org.threehalf.lean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.lean.export.KernelExport;
import org.threehalf.lean.export.TwoTheorems;

/** {@link SecondKernel} with stand-ins for the program: one that checks, and such as must not be believed. */
@DisabledOnOs(OS.WINDOWS)
class SecondKernelTest {
    private static final String SAYS = "echo 'Checked 6 declarations with no errors'";

    @TempDir
    Path folder;

    private KernelExport.Compiled compiled = new KernelExport.Compiled(Set.of(), List.of(), 4, "");

    @BeforeEach
    void modules() throws IOException {
        compiled = TwoTheorems.compiled(folder);
    }

    private SecondKernel.Report check(String script) throws IOException {
        Path program = folder.resolve("nanoda_bin");
        Files.writeString(
                program, "#!/bin/sh\nif [ \"$1\" = --help ]; then echo 'nanoda_bin 1.2'; exit 0; fi\n" + script + "\n");
        assertTrue(program.toFile().setExecutable(true));
        return SecondKernel.check(Optional.of(program), Optional.of(compiled), folder.resolve("work"));
    }

    private static List<Verdict> verdicts(SecondKernel.Report report) {
        return report.seeded().stream().map(LeanOutcome.Seeded::verdict).toList();
    }

    @Test
    void oneThatAcceptsTheRightAndRefusesTheWrongTextAgrees() throws IOException {
        SecondKernel.Report report = check("grep -q wrong.ndjson \"$1\" && exit 101\n" + SAYS);
        assertEquals(List.of(), report.problems());
        assertEquals(List.of(Verdict.PASSED, Verdict.PASSED), verdicts(report));
        assertEquals(
                "nanoda_bin 1.2: 2 theorems, with 4 statements of the library as axioms; 6 declarations in right.ndjson",
                report.summary());
    }

    @Test
    void oneThatAcceptsEverythingIsNotBelieved() throws IOException {
        assertEquals(List.of(Verdict.PASSED, Verdict.FAILED), verdicts(check(SAYS)));
    }

    @Test
    void oneThatRefusesOrSaysNothingIsAProblem() throws IOException {
        for (String script : List.of(
                "echo 'type mismatch' >&2; exit 101", "exit 0", "echo 'Checked 0 declarations with no errors'")) {
            SecondKernel.Report report = check(script);
            assertEquals(Verdict.FAILED, verdicts(report).getFirst(), script);
            assertTrue(report.problems().getFirst().what().contains("does not accept the proofs"), script);
        }
    }

    /** It may assume what the library's files have as axioms, and nothing else. */
    @Test
    void itIsToldWhatItMayAssume() throws IOException {
        check(SAYS);
        String settings = Files.readString(folder.resolve("work/settings.json"));
        assertTrue(settings.contains("\"permitted_axioms\":[\"P\",\"Q\",\"p\",\"q\"]"), settings);
        assertTrue(settings.contains("\"unpermitted_axiom_hard_error\":true"), settings);
    }

    @Test
    void whereThereIsNoneNothingIsChecked() throws IOException {
        assertEquals(Optional.empty(), SecondKernel.find(Map.of("PATH", folder.toString())));
        SecondKernel.Report none = SecondKernel.check(Optional.empty(), Optional.of(compiled), folder.resolve("work"));
        assertTrue(none.summary().startsWith("NOT CHECKED: there is no nanoda_bin on PATH"), none.summary());
        assertEquals(List.of(), none.seeded());
        SecondKernel.Report unread = SecondKernel.check(Optional.of(folder), Optional.empty(), folder.resolve("work"));
        assertTrue(unread.summary().startsWith("NOT CHECKED: the files of this Lean"), unread.summary());
    }
}
