package org.threehalf.lean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.repository.Problem;

class TranslatedRunsTest {
    private static final Path ROOT = Path.of(System.getProperty("threehalf.root", "../.."));

    @TempDir
    Path folder;

    /** A Lean that ends so, and prints this. */
    private record Stub(int exit, String output) implements LeanChecker {
        @Override
        public Identity identity() {
            return new Identity("stub", "4", "", "");
        }

        @Override
        public Map<String, Outcome> build(LeanProject project) {
            throw new IllegalStateException("nothing is built");
        }

        @Override
        public Outcome run(LeanProject project, LeanProject.Module script, Path output, Map<String, String> more)
                throws IOException {
            assertTrue(Files.readString(script.path()).contains("#eval IO.println (\"@ Right left\""));
            assertTrue(Files.exists(project.folder().resolve("lean-toolchain")));
            return new Outcome(Verdict.of(exit == 0), exit, this.output, false);
        }
    }

    private TranslatedRuns.Report compared(boolean semantics, Stub stub) throws IOException {
        LeanProject.Module module = new LeanProject.Module(
                TranslatedRuns.SEMANTICS,
                ROOT.resolve("lean/ThreeHalf/Java/Semantics.lean"),
                "lean/ThreeHalf/Java/Semantics.lean",
                new TreeSet<>(),
                "");
        LeanProject project = new LeanProject(
                ROOT.resolve("lean"),
                semantics ? Map.of(module.name(), module) : Map.of(),
                new TreeMap<>(),
                new TreeSet<>(),
                new TreeSet<>(),
                new TreeMap<>(),
                List.of());
        return TranslatedRuns.compared(project, folder.resolve("work"), (work, first) -> stub);
    }

    @Test
    void aLeanThatSaysNothingFails() throws IOException {
        TranslatedRuns.Report report = compared(true, new Stub(0, ""));
        assertTrue(report.seeded().size() > 18, report.toString());
        assertTrue(report.seeded().stream().allMatch(s -> s.verdict() == Verdict.FAILED), report.toString());
        assertEquals(report.seeded().size(), report.problems().size());
        assertTrue(
                report.problems()
                        .getFirst()
                        .what()
                        .startsWith("the comparison of translated methods with Java does not show that "),
                report.toString());
        assertTrue(report.summary().matches("\\d+ calls of \\d+ translated methods .*"), report.summary());
    }

    @Test
    void aLeanThatRefusesTheProgramFails() throws IOException {
        TranslatedRuns.Report report = compared(true, new Stub(1, "Translated.lean:7:1: error: not so\n"));
        assertEquals(
                List.of("Lean does not run the translated methods:\nTranslated.lean:7:1: error: not so"),
                report.problems().stream().map(Problem::what).toList());
        assertTrue(report.seeded().stream().allMatch(s -> s.verdict() == Verdict.FAILED), report.toString());
    }

    @Test
    void withoutTheModelNothingIsCompared() throws IOException {
        TranslatedRuns.Report report = compared(false, new Stub(0, ""));
        assertEquals(List.of(), report.seeded());
        assertEquals(List.of(), report.problems());
        assertEquals("NOT CHECKED: there is no module ThreeHalf.Java.Semantics", report.summary());
    }
}
