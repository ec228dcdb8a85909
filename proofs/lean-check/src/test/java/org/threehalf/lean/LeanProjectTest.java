package org.threehalf.lean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.repository.Problem;

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
        assertEquals(
                List.of("ThreeHalf.A", "ThreeHalf.B", "ThreeHalf"),
                List.copyOf(read.modules().keySet()));
        assertEquals(Set.of("Init.Data.Nat"), read.modules().get("ThreeHalf.A").imports());
        assertEquals(Set.of("Audit", "Emit", "Gate", "Mutants"), read.scripts().keySet());
    }

    @Test
    void importsEndWhereTheTextBegins() throws IOException {
        project.write(
                "ThreeHalf/A.lean",
                "/- import Lean -/ module\n-- import Lake\npublic import all Init.Core import Std.Data\ndef import' := 1\nimport Lean\n");
        assertEquals(
                Set.of("Init.Core", "Std.Data"),
                LeanProject.read(project.root()).modules().get("ThreeHalf.A").imports());
    }

    @Test
    void aModuleThatNothingImportsWouldNotBeBuilt() throws IOException {
        project.write("ThreeHalf.lean", "module\npublic import ThreeHalf.A\n");
        assertProblem("lean/ThreeHalf/B.lean is imported by nothing");
    }

    @Test
    void aStrayFileIsCheckedByNothing() throws IOException {
        project.write("Other/C.lean", "theorem c : 1 = 1 := rfl\n");
        assertProblem("lean/Other/C.lean belongs to nothing that is checked");
    }

    @Test
    void oneFileIsOneModule() throws IOException {
        project.write("ThreeHalf/Inner/D.lean", "module\n");
        project.write("ThreeHalf/Inner.D.lean", "module\n");
        project.write("ThreeHalf.lean", "module\npublic import ThreeHalf.B\npublic import ThreeHalf.Inner.D\n");
        assertProblem("lean/ThreeHalf/Inner.D.lean is no name of a module's file");
        assertEquals(
                "lean/ThreeHalf/Inner/D.lean",
                LeanProject.read(project.root())
                        .modules()
                        .get("ThreeHalf.Inner.D")
                        .file());
    }

    @Test
    void lakeIsToldNothingButWhatToBuild() throws IOException {
        project.write(
                "lakefile.toml",
                "name = \"ThreeHalf\"\n\n[[lean_lib]]\nname = \"ThreeHalf\"\nleanOptions = { warningAsError = true, autoImplicit = false }\n");
        assertEquals(List.of(), LeanProject.read(project.root()).problems());
        project.write("lakefile.toml", "name = \"ThreeHalf\"\n");
        assertProblem(
                "lean/lakefile.toml does not say 'leanOptions = { warningAsError = true, autoImplicit = false }'");
        project.write(
                "lakefile.toml",
                "leanOptions = { warningAsError = true, autoImplicit = false }\nmoreLeanArgs = [\"-Ddebug.skipKernelTC=true\"]\n");
        assertProblem("lean/lakefile.toml says 'moreLeanArgs");
    }

    @Test
    void aProgramThatIsMissingIsNamed() throws IOException {
        java.nio.file.Files.delete(project.root().resolve("lean/Gate.lean"));
        assertProblem("lean/Gate.lean is missing");
    }

    @Test
    void aCycleOfImportsIsNamed() throws IOException {
        project.write("ThreeHalf/A.lean", "module\nimport ThreeHalf.B\n");
        assertProblem("imports itself");
    }

    @Test
    void withoutSourcesThereIsNothingToPass() throws IOException {
        assertTrue(LeanProject.read(folder.resolve("tools"))
                .problems()
                .getFirst()
                .what()
                .contains("lean/ThreeHalf.lean is missing"));
    }

    private void assertProblem(String part) throws IOException {
        List<Problem> problems = LeanProject.read(project.root()).problems();
        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.getFirst().what().contains(part), problems.toString());
    }
}
