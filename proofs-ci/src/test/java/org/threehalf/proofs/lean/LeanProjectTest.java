package org.threehalf.proofs.lean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.proofs.trace.Problem;

class LeanProjectTest {
    @TempDir
    Path folder;

    private StandIns project;

    @BeforeEach
    void write() throws IOException {
        project = new StandIns(folder);
    }

    @Test
    void modulesComeAfterWhatTheyImport() throws IOException {
        LeanProject read = LeanProject.read(project.root());
        assertEquals(List.of(), read.problems());
        assertEquals(List.of("ThreeHalf.A", "ThreeHalf.B", "ThreeHalf"), List.copyOf(read.modules().keySet()));
        assertEquals(Set.of("Init.Data.Nat"), read.modules().get("ThreeHalf.A").imports());
        assertEquals(Set.of("Audit", "Emit"), read.scripts().keySet());
        assertEquals(Set.of("ThreeHalf.A", "ThreeHalf.B"), read.scripts().get("Audit").importsAll());
    }

    @Test
    void importsEndWhereTheTextBegins() throws IOException {
        project.write("ThreeHalf/A.lean", "/- import Lean -/ module\n-- import Lake\npublic meta import all Init.Core import Std.Data\ndef import' := 1\nimport Lean\n");
        assertEquals(Set.of("Init.Core", "Std.Data"), LeanProject.read(project.root()).modules().get("ThreeHalf.A").imports());
    }

    @Test
    void aLibraryModuleMayNotImportLeansOwn() throws IOException {
        project.write("ThreeHalf/A.lean", "module\nmeta import Lean.Elab\n");
        assertProblem("lean/ThreeHalf/A.lean imports Lean.Elab, which is neither");
    }

    @Test
    void anImportThatDoesNotExistIsNamed() throws IOException {
        project.write("ThreeHalf/A.lean", "module\nimport ThreeHalf.Missing\n");
        assertProblem("lean/ThreeHalf/A.lean imports ThreeHalf.Missing");
    }

    @Test
    void aModuleThatNothingImportsWouldNotBeBuilt() throws IOException {
        project.write("ThreeHalf.lean", "module\npublic import ThreeHalf.A\n");
        assertProblem("lean/ThreeHalf/B.lean is imported by nothing");
    }

    @Test
    void theAuditMustSeeTheInsideOfEveryModule() throws IOException {
        project.write("Audit.lean", "module\nmeta import Lean\nimport all ThreeHalf.A\nimport ThreeHalf.B\n");
        assertProblem("lean/Audit.lean does not see lean/ThreeHalf/B.lean");
    }

    @Test
    void aStrayFileIsCheckedByNothing() throws IOException {
        project.write("Other/C.lean", "theorem c : 1 = 1 := rfl\n");
        assertProblem("lean/Other/C.lean belongs to nothing that is checked");
    }

    @Test
    void aCycleOfImportsIsNamed() throws IOException {
        project.write("ThreeHalf/A.lean", "module\nimport ThreeHalf.B\n");
        assertProblem("imports itself");
    }

    @Test
    void withoutSourcesThereIsNothingToPass() throws IOException {
        assertTrue(LeanProject.read(folder.resolve("tools")).problems().getFirst().what().contains("lean/ThreeHalf.lean is missing"));
    }

    private void assertProblem(String part) throws IOException {
        List<Problem> problems = LeanProject.read(project.root()).problems();
        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.getFirst().what().contains(part), problems.toString());
    }
}
