package org.threehalf.lean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.threehalf.repository.Problem;

class SourceRulesTest {
    private static final List<LeanProject.Module> LIBRARY = List.of(
            new LeanProject.Module("ThreeHalf.A", Path.of("A.lean"), "lean/ThreeHalf/A.lean", Set.of("Init.Core"), "0"),
            new LeanProject.Module(
                    "ThreeHalf", Path.of("ThreeHalf.lean"), "lean/ThreeHalf.lean", Set.of("ThreeHalf.A"), "0"));
    private static final String GOOD = """
            import\tThreeHalf/A.lean\t2\tpublic import Init.Core
            kind\tThreeHalf/A.lean\t3\tLean.Parser.Command.declaration
            text\tThreeHalf/A.lean\t4\tLean.Parser.Command.namespace\tnamespace ThreeHalf
            text\tThreeHalf/A.lean\t5\tLean.Parser.Command.namespace\tnamespace Format
            text\tThreeHalf/A.lean\t6\tLean.Parser.Term.attrInstance\texpose
            text\tThreeHalf/A.lean\t7\tLean.Parser.Command.optDeriving\tderiving DecidableEq
            text\tThreeHalf/A.lean\t8\tLean.Parser.Command.set_option\tset_option maxRecDepth 4000
            parsed\tThreeHalf/A.lean\t9
            import\tThreeHalf.lean\t2\tpublic import ThreeHalf.A
            parsed\tThreeHalf.lean\t1
            gate\t2
            """;

    @Test
    void whatIsOnTheListsPasses() {
        assertEquals(List.of(), SourceRules.judge(0, GOOD, LIBRARY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kind\tThreeHalf/A.lean\t3\tLean.Parser.Command.eval",
                "kind\tThreeHalf/A.lean\t3\tLean.Parser.Command.macro",
                "kind\tThreeHalf/A.lean\t3\tLean.Parser.Command.instance",
                "kind\tThreeHalf/A.lean\t3\tLean.Parser.Term.sorry",
                "import\tThreeHalf/A.lean\t3\tpublic meta import «Lean»",
                "import\tThreeHalf/A.lean\t3\timport «Init»",
                "import\tThreeHalf/A.lean\t3\timport Lean",
                "import\tThreeHalf/A.lean\t3\tmeta import Init.Core",
                "import\tThreeHalf/A.lean\t3\timport Initial",
                "text\tThreeHalf/A.lean\t3\tLean.Parser.Term.attrInstance\timplemented_by f",
                "text\tThreeHalf/A.lean\t3\tLean.Parser.Term.attrInstance\tinit",
                "text\tThreeHalf/A.lean\t3\tLean.Parser.Command.set_option\tset_option debug.skipKernelTC true",
                "text\tThreeHalf/A.lean\t3\tLean.Parser.Command.set_option\tset_option «maxRecDepth» 1",
                "text\tThreeHalf/A.lean\t3\tLean.Parser.Command.namespace\tnamespace Lean",
                "text\tThreeHalf/A.lean\t3\tLean.Parser.Command.open\topen Lean",
                "text\tThreeHalf/A.lean\t3\tLean.Parser.Command.optDeriving\tderiving DecidableEq, Hashable",
                "problem\tThreeHalf/A.lean\t3\tunexpected token",
                "text\tThreeHalf/A.lean\t3\tLean.Parser.Tactic.posConfigItem\t+native",
                "text\tThreeHalf/A.lean\t3\tLean.Parser.Command.sectionHeader\tmeta"
            })
    void anythingElseIsRefusedInItsPlace(String line) {
        List<Problem> problems = SourceRules.judge(0, line + "\n" + GOOD, LIBRARY);
        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.getFirst().what().startsWith("lean/ThreeHalf/A.lean:3: error: "), problems.toString());
    }

    @Test
    void aGateThatStopsEarlyOrLeavesASourceOutFails() {
        assertProblem("before its last line", 0, GOOD.replace("gate\t2\n", ""));
        assertProblem("before its last line", 0, GOOD.replace("gate\t2", "gate\t1"));
        assertProblem("exit code 1", 1, GOOD);
        assertProblem("did not parse lean/ThreeHalf.lean", 0, GOOD.replace("parsed\tThreeHalf.lean\t1\n", ""));
    }

    @Test
    void importsThatTheBuildReadOtherwiseAreRefused() {
        assertProblem(
                "its imports are read as",
                0,
                GOOD.replace("import\tThreeHalf/A.lean\t2\tpublic import Init.Core\n", ""));
    }

    private static List<String> spelling(Path folder, String text) throws IOException {
        Path file = Files.writeString(folder.resolve("A.lean"), text);
        return SourceRules.spelling(
                        List.of(new LeanProject.Module("ThreeHalf.A", file, "lean/ThreeHalf/A.lean", Set.of(), "0")))
                .stream()
                .map(Problem::what)
                .toList();
    }

    /** Comments are read, too: where one ends is Lean's to say, and not this check's. */
    @Test
    void namesAreSpeltPlainly(@TempDir Path folder) throws IOException {
        assertEquals(
                List.of(),
                spelling(
                        folder,
                        "/-- Σ_b m_b · T[c_k], ŵ, fl₃₂, 2⁻¹⁴⁹. -/\ntheorem t (x : Nat) : ∀ _ : Nat, getElem?_cons x ≤ f' _ x := by\n"));
        for (String name : List.of("_unsafe_rec", "answer._redArg", "a._lam_0", "_root_.Nat.f", "(_h", "h._x")) {
            List<String> found = spelling(folder, "\ndef " + name + " : Nat := 1\n");
            assertEquals(1, found.size(), name);
            assertTrue(found.getFirst().startsWith("lean/ThreeHalf/A.lean:2: error: the name '_"), found.getFirst());
        }
        for (int character : new int[] {0x00ab, 0x0430, 0x212b, 0x200b, 0x202e, 0xfeff, 0x09, 0x0d, 0x00}) {
            List<String> found = spelling(folder, "def f" + Character.toString(character) + " : Nat := 1\n");
            assertEquals(
                    List.of(
                            "lean/ThreeHalf/A.lean:1: error: the character U+%04X is not among those that sources are written in"
                                    .formatted(character)),
                    found);
        }
    }

    private static void assertProblem(String part, int exit, String output) {
        List<Problem> problems = SourceRules.judge(exit, output, LIBRARY);
        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.getFirst().what().contains(part), problems.toString());
    }
}
