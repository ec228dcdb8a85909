package org.threehalf.proofs.lean;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.threehalf.proofs.evidence.LeanOutcome;
import org.threehalf.proofs.evidence.Verdict;

/**
 * Has the very checker and audit that judged the project judge sources with a fault. A check that accepts one of them is worth nothing.
 *
 * <p>The words that {@link LeanGate} refuses stand here in Java strings, and its own verdict on them is taken too.
 */
final class SeededFaults {
    private static final String REFUSED = """
            module
            @[expose] public section
            namespace ThreeHalf

            theorem seededFalse : (1 : Nat) + 1 = 3 := by decide

            theorem seededSorry (n : Nat) : n = 3 := by sorry

            end ThreeHalf
            """;
    private static final String ACCEPTED = """
            module
            @[expose] public section
            namespace ThreeHalf

            axiom seededAxiom : ∀ n : Nat, n = 3

            theorem seededByAxiom : 5 = 3 := seededAxiom 5

            theorem seededByCompiler : (2 : Nat) ^ 20 = 1048576 := by native_decide

            theorem seededSound (n : Nat) : n + 0 = n := rfl

            end ThreeHalf
            """;
    private static final String LAKEFILE = "name = \"ThreeHalf\"\ndefaultTargets = [\"ThreeHalf\"]\n[[lean_lib]]\nname = \"ThreeHalf\"\nleanOptions = { warningAsError = true }\n";

    private SeededFaults() {}

    /** Opens the checker for a project in another folder; {@code first}: it goes before others where there are not processors enough. */
    interface Opening {
        LeanChecker open(Path work, boolean first) throws IOException;
    }

    /**
     * Tries all faults.
     *
     * @param lean the project's folder, for its audit and its toolchain's name
     * @param folder a folder for the faulty projects; it is emptied
     */
    static List<LeanOutcome.Seeded> tried(Path lean, Path folder, Opening opening) throws IOException {
        NpmToolchain.delete(folder);
        List<LeanOutcome.Seeded> faults = new ArrayList<>();

        LeanProject refused = project(lean, folder.resolve("refused"), REFUSED);
        LeanChecker.Outcome build = opening.open(folder.resolve("refused/work"), false).build(refused).get(LeanProject.LIBRARY);
        faults.add(fault("a false theorem", "Lean", build.verdict() == Verdict.FAILED && errorAt(build.output(), 5)));
        faults.add(fault("a theorem whose proof is left out (sorry)", "Lean", build.verdict() == Verdict.FAILED && errorAt(build.output(), 7)));
        faults.add(fault("the word sorry", "the gate", refused.problems().stream().anyMatch(p -> p.what().contains("ThreeHalf.lean:7:") && p.what().contains("`sorry`"))));

        LeanProject accepted = project(lean, folder.resolve("accepted"), ACCEPTED);
        LeanChecker checker = opening.open(folder.resolve("accepted/work"), false);
        LeanChecker.Outcome built = checker.build(accepted).get(LeanProject.LIBRARY);
        if (built.verdict() != Verdict.PASSED) {
            throw new IOException("the audit's self-test could not be built: " + built.output());
        }
        Path output = Files.createDirectories(folder.resolve("accepted/out"));
        LeanChecker.Outcome audit = checker.run(accepted, accepted.scripts().get("Audit"), output);
        boolean failed = audit.exit() != 0;
        faults.add(fault("an axiom of the project's own", "the audit", failed && names(audit.output(), "ThreeHalf.seededByAxiom", "ThreeHalf.seededAxiom")));
        faults.add(fault("a proof by compiled code (native_decide)", "the audit", failed && names(audit.output(), "ThreeHalf.seededByCompiler", "")));
        faults.add(fault("the words axiom and native_decide", "the gate", List.of("axiom", "native_decide").stream()
                .allMatch(w -> accepted.problems().stream().anyMatch(p -> p.what().contains("`" + w + "`")))));
        // Not a fault: an audit that blames everything would catch all of the above.
        faults.add(fault("that a sound theorem beside them is not blamed", "the audit", !names(audit.output(), "ThreeHalf.seededSound", "")));
        return faults;
    }

    private static LeanOutcome.Seeded fault(String what, String by, boolean caught) {
        return new LeanOutcome.Seeded(what, by, caught ? Verdict.PASSED : Verdict.FAILED);
    }

    private static boolean errorAt(String output, int line) {
        return output.lines().anyMatch(l -> l.matches("(error: )?(\\./+)?(lean/)?ThreeHalf\\.lean:%d:\\d+: .*".formatted(line)) && l.contains("error"));
    }

    private static boolean names(String output, String name, String because) {
        return output.lines().anyMatch(l -> l.startsWith("problem\t" + name + "\t") && l.contains(because));
    }

    private static LeanProject project(Path lean, Path root, String source) throws IOException {
        Path folder = Files.createDirectories(root.resolve("lean"));
        Files.writeString(folder.resolve("ThreeHalf.lean"), source);
        Files.writeString(folder.resolve("lakefile.toml"), LAKEFILE);
        if (Files.exists(lean.resolve("lean-toolchain"))) {
            Files.copy(lean.resolve("lean-toolchain"), folder.resolve("lean-toolchain"));
        }
        // The project's own audit, looking at this library instead.
        String audit = Files.readString(lean.resolve("Audit.lean"));
        Files.writeString(folder.resolve("Audit.lean"), audit.replaceFirst("(?m)^import all ThreeHalf\\S*$", "import all ThreeHalf")
                .replaceAll("(?m)^import all ThreeHalf\\.\\S*\\R", ""));
        return LeanProject.read(root);
    }
}
