package org.threehalf.lean;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.threehalf.kernels.io.FolderTree;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.repository.Problem;

/**
 * Has the very checker, gate, audit and emitter that judged the project judge sources with a fault. A check that
 * accepts one of them is worth nothing.
 */
final class SeededFaults {
    private static final String HEAD = "module\n@[expose] public section\nnamespace ThreeHalf\n\n";
    private static final String TAIL = "\nend ThreeHalf\n";
    private static final String REFUSED = HEAD + """
            theorem seededFalse : (1 : Nat) + 1 = 3 := by decide

            theorem seededSorry (n : Nat) : n = 3 := by sorry

            theorem seededTypo (n : Nat) : n + mispelt = mispelt + n := Nat.add_comm _ _
            """ + TAIL;
    /** What Lean itself takes. The audit must not. */
    private static final String ACCEPTED = """
            module
            public meta import «Lean»
            @[expose] public section
            namespace ThreeHalf

            axiom seededAxiom : ∀ n : Nat, n = 3

            theorem seededByAxiom : 5 = 3 := seededAxiom 5

            theorem seededByCompiler : (2 : Nat) ^ 20 = 1048576 := by native_decide

            open Lean Elab Command in
            #eval show CommandElabM Unit from do
              let decl : Declaration := .thmDecl { name := `ThreeHalf.seededUnchecked, levelParams := [], type := mkConst ``False, value := mkConst ``True.intro }
              match (← getEnv).addDeclCore 0 decl none (doCheck := false) with
              | .ok env => setEnv env
              | .error _ => pure ()

            instance seededInstance : LE Rat := ⟨fun _ _ => True⟩

            theorem seededTrue : True := trivial

            def Rat.ceil (_ : _root_.Rat) : Int := 0

            def Format.Int.toNat (_ : _root_.Int) : Nat := 0

            theorem seededBinder : ∃ _i : LE Rat, (3 : Rat) ≤ 2 := ⟨⟨fun _ _ => True⟩, trivial⟩

            theorem seededVacuous (h : (1 : Nat) = 2) : (3 : Nat) = 4 := by omega

            def seededDefinition (n : Nat) : Nat := n + 1

            def seededOther (n : Nat) : Nat := n

            theorem seededSound (n : Nat) : seededDefinition n = n + 1 := rfl

            theorem seededIdle (n : Nat) : seededDefinition n = seededDefinition n := rfl

            theorem seededEither (n : Nat) : seededDefinition n = 0 ∨ seededDefinition n ≠ 0 := Decidable.em _

            theorem seededEqual (m n : Nat) (h : m = n) : seededDefinition m = seededDefinition n := by rw [h]

            theorem seededLarger (n : Nat) : seededDefinition n ≤ seededDefinition n + 1 := by omega

            def seededAlways (n : Nat) : Prop := n < 5 ∨ 5 ≤ n

            theorem seededWrapped (n : Nat) : seededAlways (seededDefinition n) := by unfold seededAlways; omega

            theorem seededCancelled (n : Nat) : seededOther 3 + seededDefinition n = 3 + seededDefinition n := rfl

            theorem seededBeside (n : Nat) : (seededDefinition n = 0 ∨ seededDefinition n ≠ 0) ∧ seededOther n = n := ⟨Decidable.em _, rfl⟩

            theorem seededNever (n : Nat) (h : n < n) : seededDefinition n = 77 := by omega

            theorem seededNobody (n : Fin 0) : seededDefinition n = 77 := n.elim0

            theorem seededUnsolved (n : Nat) (h : n * n + 1 = 3) : seededDefinition n = 77 := by
              rcases Nat.lt_or_ge n 2 with h1 | h1
              · rcases (show n = 0 ∨ n = 1 by omega) with h2 | h2 <;> rw [h2] at h <;> omega
              · have := Nat.mul_le_mul h1 h1
                omega

            theorem seededSupposed (m n : Nat) (_h : m < n) : seededDefinition m + n = m + 1 + n := rfl

            theorem seededFar (n : Nat) (h : n * n = 1522756) : seededDefinition n * n = 1522756 + n := by
              unfold seededDefinition; rw [Nat.add_mul, Nat.one_mul, h]

            theorem seededFar_possible : ∃ n : Nat, n * n = 1522756 := ⟨1234, rfl⟩

            def seededDisguise : (fun T : Type => LE T) Nat := ⟨fun _ _ => True⟩

            theorem seededOrder (n : Nat) (h : @LE.le Nat (@leOfOrd Nat _) (seededDefinition n) 3) : @LE.le Nat (@leOfOrd Nat _) (seededDefinition n) 3 := h

            theorem seededKernel : Lean.reduceBool true = Lean.reduceBool true := rfl

            theorem seededDetour (n : Nat) (h : seededDefinition n = 5) : seededDefinition n = 5 ∧ ∃ m, seededDefinition n = m := ⟨h, _, rfl⟩

            def seededList (n : Nat) : List Nat := [n]

            theorem seededParity (n : Nat) : seededDefinition n * (seededDefinition n + 1) % 2 = 0 := by
              have := Nat.mod_two_eq_zero_or_one (seededDefinition n)
              rcases this with h | h <;> simp [Nat.mul_mod, Nat.add_mod, h]

            theorem seededRepeats : seededDefinition 0 % 2 = seededDefinition 1 % 2 ∨ seededDefinition 1 % 2 = seededDefinition 2 % 2 ∨ seededDefinition 0 % 2 = seededDefinition 2 % 2 := by omega

            theorem seededNamed : ∃ f : Nat → Nat, ∀ n, f n = seededDefinition n := ⟨_, fun _ => rfl⟩

            theorem seededLeast : ∃ n, ∀ m, seededDefinition n ≤ seededDefinition m := by
              have all : ∀ k n, seededDefinition n ≤ k → ∃ n, ∀ m, seededDefinition n ≤ seededDefinition m := by
                intro k
                induction k with
                | zero => intro n h; exact ⟨n, fun m => by omega⟩
                | succ k ih =>
                  intro n h
                  by_cases c : ∃ m, seededDefinition m ≤ k
                  · obtain ⟨m, hm⟩ := c
                    exact ih m hm
                  · refine ⟨n, fun m => ?_⟩
                    have : ¬ seededDefinition m ≤ k := fun e => c ⟨m, e⟩
                    omega
              exact all _ 0 (Nat.le_refl _)

            theorem seededForms (n : Nat) : seededList n = [] ∨ ∃ x xs, seededList n = x :: xs :=
              match seededList n with
              | [] => Or.inl rfl
              | x :: xs => Or.inr ⟨x, xs, rfl⟩

            def seededTruth : Nat → Prop
              | 0 => True
              | n + 1 => seededTruth n

            theorem seededTruth_all : ∀ n, seededTruth n
              | 0 => trivial
              | n + 1 => seededTruth_all n

            theorem seededRecursion (n : Nat) : seededTruth (seededDefinition n) := seededTruth_all _

            def seededCopy : Nat → Nat
              | 0 => seededDefinition 0
              | n + 1 => seededDefinition (n + 1)

            theorem seededCopied (n : Nat) : seededCopy n = seededDefinition n := by cases n <;> rfl

            theorem seededBounded : ∃ k, ∀ i, i < 3 → seededDefinition i ≤ k := by
              refine ⟨seededDefinition 0 + seededDefinition 1 + seededDefinition 2, fun i h => ?_⟩
              have : i = 0 ∨ i = 1 ∨ i = 2 := by omega
              rcases this with e | e | e <;> subst e <;> omega

            structure StandIn {α : Type} (definition : α) {p : Prop} (there : p) where
              other : α
              fact : Prop
              because : fact

            def seededFarOther : StandIn seededDefinition (fun h => seededFar 1234 h) := ⟨fun _ => 0, _, trivial⟩

            def seededHollowOther : StandIn seededDefinition (seededParity 3) := ⟨fun _ => 0, _, trivial⟩

            def seededNeverOther : StandIn seededDefinition (fun h => seededNever 3 h) := ⟨fun _ => 5, 3 < 3 → False, fun h => Nat.lt_irrefl 3 h⟩

            def seededCancelledOther : StandIn seededOther (seededCancelled 1) := ⟨fun _ => 7, _, trivial⟩

            def seededSameOther : StandIn seededDefinition (seededSound 1) := ⟨seededDefinition, _, trivial⟩

            def seededAxiomOther : StandIn seededDefinition (seededLarger 1) := ⟨fun _ => 0, False, absurd (seededAxiom 5) (by omega)⟩

            end ThreeHalf
            """;
    /**
     * Sources that the gate must refuse, by what is wrong with them. Each is the body of a module, but for those that
     * start with a module's header.
     */
    private static final Map<String, String> GATED = gated();

    private static final String TABLE = "the table of theorems";
    /** Theorems that name a requirement and serve it with nothing, by what is wrong with them. */
    private static final Map<String, String> HOLLOW = ordered(
            "seededTrue", "a requirement named by a theorem that does not speak of it",
            "seededIdle seededDetour",
                    "a requirement named by a theorem that holds of any definition (f n = f n, P → P)",
            "seededEither", "a theorem that holds of any definition by the excluded middle",
            "seededEqual", "a theorem that holds of any definition because equal arguments give equal values",
            "seededLarger", "a theorem that holds of any definition by arithmetic (f n ≤ f n + 1)",
            "seededWrapped", "a theorem that wraps a definition in a proposition which always holds",
            "seededCancelled", "a theorem in which the definition cancels out",
            "seededBeside", "a theorem that says something of another definition beside",
            "seededParity", "a theorem that holds of any definition by parity (f n * (f n + 1) is even)",
            "seededRepeats", "a theorem that holds of any definition because three numbers have two parities",
            "seededNamed", "a theorem that says that there is such a function",
            "seededLeast", "a theorem that holds of any definition because some value is the least",
            "seededForms", "a theorem that names the forms that a list has",
            "seededRecursion", "a theorem that wraps a definition in a recursion which always holds",
            "seededCopied", "a theorem that compares a definition with another name of it, by cases",
            "seededBounded", "a theorem that holds of any definition because three numbers have a bound",
            "seededNever", "a hypothesis that contradicts itself (n < n)",
            "seededNobody", "a binder whose type is empty (Fin 0)",
            "seededUnsolved", "a hypothesis that no value meets, for a reason that no tactic finds");
    /** Theorems that serve it, by what they show of the check. */
    private static final Map<String, String> SOLID = ordered(
            "seededSound", "that a theorem which fixes the definition serves the requirement",
            "seededSupposed", "that one whose hypothesis is possible serves it",
            "seededFar", "that one whose hypothesis another theorem shows to be possible serves it");

    private static final String EMITTED = """
            module
            @[expose] public section
            namespace ThreeHalf.Vectors

            /- What an empty line splits stays a comment.

            def answer : Nat := 42

            -/
            def answer : Nat := 7

            theorem answer_value : answer = 7 := rfl

            def answerFile (_ : Unit) : String := Nat.repr answer

            def files : List (String × (Unit → String)) := [("answer", answerFile)]

            end ThreeHalf.Vectors
            """;
    static final String LAKEFILE =
            "name = \"ThreeHalf\"\ndefaultTargets = [\"ThreeHalf\"]\n[[lean_lib]]\nname = \"ThreeHalf\"\n"
                    + LeanProject.LAKE_OPTIONS + "\n";

    private final Path lean;
    private final Path folder;
    private final Opening opening;
    private final List<LeanOutcome.Seeded> faults = new ArrayList<>();

    private SeededFaults(Path lean, Path folder, Opening opening) {
        this.lean = lean;
        this.folder = folder;
        this.opening = opening;
    }

    /**
     * Opens the checker for a project in another folder; {@code first}: it goes before others where there are not
     * processors enough.
     */
    interface Opening {
        LeanChecker open(Path work, boolean first) throws IOException;
    }

    /**
     * Tries all faults.
     *
     * @param lean the project's folder, for its programs and its toolchain's name
     * @param folder a folder for the faulty projects; it is emptied
     */
    static List<LeanOutcome.Seeded> tried(Path lean, Path folder, Opening opening) throws IOException {
        FolderTree.delete(folder);
        SeededFaults tried = new SeededFaults(lean, folder, opening);
        tried.compiler();
        tried.gate();
        tried.audit();
        tried.emitter();
        return tried.faults;
    }

    private void compiler() throws IOException {
        LeanProject refused = project("refused", Map.of("ThreeHalf.lean", REFUSED));
        LeanChecker.Outcome build = opening.open(folder.resolve("refused/work"), false)
                .build(refused)
                .get(LeanProject.LIBRARY);
        fault("a false theorem", "Lean", build.verdict() == Verdict.FAILED && errorAt(build.output(), 5));
        fault(
                "a theorem whose proof is left out (sorry)",
                "Lean",
                build.verdict() == Verdict.FAILED && errorAt(build.output(), 7));
        fault(
                "a misspelt name in a statement, which would stand for anything",
                "Lean",
                build.verdict() == Verdict.FAILED && errorAt(build.output(), 9));
    }

    private void gate() throws IOException {
        Map<String, String> sources = new LinkedHashMap<>();
        sources.put("ThreeHalf.lean", HEAD + "theorem seededSound (n : Nat) : n + 0 = n := rfl\n" + TAIL);
        int number = 0;
        for (String source : GATED.values()) {
            sources.put(
                    "ThreeHalf/F%d.lean".formatted(number++),
                    source.startsWith("module") ? source : HEAD + source + TAIL);
        }
        LeanProject project = project("gated", sources);
        LeanChecker.Outcome outcome = opening.open(folder.resolve("gated/work"), false)
                .run(
                        project,
                        project.scripts().get(LeanProject.GATE),
                        Files.createDirectories(folder.resolve("gated/out")));
        List<Problem> problems = SourceRules.spelling(project.modules().values());
        problems.addAll(SourceRules.judge(
                outcome.exit(), outcome.output(), project.modules().values()));
        problems.addAll(SourceRules.theorems(outcome.output(), project.modules().values()));
        number = 0;
        for (String what : GATED.keySet()) {
            String file = "lean/ThreeHalf/F%d.lean:".formatted(number++);
            fault(what, "the gate", problems.stream().anyMatch(p -> p.what().startsWith(file)));
        }
        // Not a fault: a gate that blames everything would catch all of the above.
        fault(
                "that a sound module beside them is not blamed",
                "the gate",
                outcome.exit() == 0 && problems.stream().noneMatch(p -> p.what().startsWith("lean/ThreeHalf.lean:")));
    }

    private void audit() throws IOException {
        Files.createDirectories(folder.resolve("accepted/spec"));
        Files.writeString(
                folder.resolve("accepted/spec/theorems.json"),
                "{\"schema\": \"%s\", \"requirements\": {\"REQ-DOT-001\": [\"ThreeHalf.seededDefinition\", \"ThreeHalf.seededList\"]}}"
                        .formatted(TheoremTable.SCHEMA));
        LeanProject accepted = project("accepted", Map.of("ThreeHalf.lean", ACCEPTED));
        LeanChecker checker = opening.open(folder.resolve("accepted/work"), false);
        LeanChecker.Outcome built = checker.build(accepted).get(LeanProject.LIBRARY);
        if (built.verdict() != Verdict.PASSED) {
            throw new IOException("the audit's self-test could not be built: " + built.output());
        }
        LeanChecker.Outcome audit = checker.run(
                accepted,
                accepted.scripts().get(LeanProject.AUDIT),
                Files.createDirectories(folder.resolve("accepted/out")));
        boolean failed = audit.exit() != 0;
        fault(
                "an axiom of the project's own",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.seededByAxiom", "ThreeHalf.seededAxiom"));
        fault(
                "a proof by compiled code (native_decide)",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.seededByCompiler", ""));
        fault(
                "False, added without the kernel's check (doCheck := false)",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.seededUnchecked", "the kernel refuses it"));
        fault(
                "an import of Lean's own modules under an escaped name",
                "the audit",
                failed && names(audit.output(), "Lean", "imported by the library"));
        fault(
                "another meaning of ≤ on rational numbers",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.seededInstance", "is an instance for types of others"));
        fault(
                "a definition that hides one of the library's",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.Rat.ceil", "hides Rat.ceil"));
        fault(
                "a definition that hides one of the library's where a namespace is open",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.Format.Int.toNat", "hides Int.toNat"));
        fault(
                "a statement that binds its own meaning of ≤",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.seededBinder", "binds an instance for types of others"));
        fault(
                "a theorem that says True",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.seededTrue", "says True"));
        fault(
                "a theorem with a hypothesis that speaks of no variable",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.seededVacuous", "speaks of no variable"));
        fault(
                "an instance of a type that computes to a class",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.seededDisguise", "is an instance for types of others"));
        fault(
                "an order of the library's that is not the type's own",
                "the audit",
                failed
                        && names(
                                audit.output(),
                                "ThreeHalf.seededOrder",
                                "is not the one which Lean finds by itself: ",
                                "leOfOrd"));
        fault(
                "compiled code that the kernel would run (Lean.reduceBool)",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.seededKernel", "uses Lean.reduceBool"));
        fault(
                "a stand-in that the library names for a theorem which holds of anything",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.seededHollowOther", "is not shown to be a stand-in"));
        fault(
                "a stand-in at values that a hypothesis excludes",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.seededNeverOther", "is not shown to be a stand-in"));
        fault(
                "a definition that is named as its own stand-in",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.seededSameOther", "is not shown to be a stand-in"));
        fault(
                "a stand-in that is shown with an axiom",
                "the audit",
                failed && names(audit.output(), "ThreeHalf.seededAxiomOther", "reaches ThreeHalf.seededAxiom"));
        fault(
                "that a sound theorem beside them is not blamed",
                "the audit",
                !names(audit.output(), "ThreeHalf.seededSound", ""));
        // The table of what requirements are about, on what the audit says that these statements use.
        AuditReport report = AuditReport.of(audit.exit(), audit.output(), java.util.Set.of());
        TheoremTable table = new TheoremTable(
                Map.of("REQ-DOT-001", new TreeSet<>(List.of("ThreeHalf.seededDefinition", "ThreeHalf.seededList"))),
                Map.of());
        fault(
                "that a stand-in for one definition tells a statement from no other's",
                TABLE,
                Set.of("ThreeHalf.seededOther").equals(report.told().get("ThreeHalf.seededCancelled")));
        List<Theorem> claims = Stream.concat(
                        HOLLOW.keySet().stream().flatMap(names -> Stream.of(names.split(" "))), SOLID.keySet().stream())
                .map(n -> new Theorem(
                        "ThreeHalf." + n, "lean/ThreeHalf.lean", 1, "", new TreeSet<>(List.of("REQ-DOT-001")), ""))
                .toList();
        Set<String> hollow = table.check(
                        claims,
                        table.spoken(report.uses(), report.told()),
                        report.possible().keySet())
                .hollow();
        HOLLOW.forEach((names, what) -> fault(
                what,
                TABLE,
                Stream.of(names.split(" "))
                        .allMatch(n ->
                                report.uses().containsKey("ThreeHalf." + n) && hollow.contains("ThreeHalf." + n))));
        SOLID.forEach((name, what) -> fault(
                what, TABLE, report.uses().containsKey("ThreeHalf." + name) && !hollow.contains("ThreeHalf." + name)));
    }

    private void emitter() throws IOException {
        LeanProject project = project("emitted", Map.of("ThreeHalf.lean", EMITTED));
        LeanChecker checker = opening.open(folder.resolve("emitted/work"), false);
        LeanChecker.Outcome built = checker.build(project).get(LeanProject.LIBRARY);
        if (built.verdict() != Verdict.PASSED) {
            throw new IOException("the emitter's self-test could not be built: " + built.output());
        }
        Path right = Files.createDirectories(folder.resolve("emitted/right"));
        LeanChecker.Outcome outcome = checker.run(project, project.scripts().get(LeanProject.EMIT), right);
        Path answer = right.resolve("answer.json");
        fault(
                "a definition in a comment that an empty line splits",
                "the emitter",
                outcome.exit() == 0
                        && Files.exists(answer)
                        && Files.readString(answer).equals("7"));
        // The library that was compiled stays; its source says something else.
        LeanProject changed = project("changed", Map.of("ThreeHalf.lean", EMITTED.replace("Nat := 7", "Nat := 42")));
        Path wrong = Files.createDirectories(folder.resolve("changed/out"));
        fault(
                "a source that is not what was compiled",
                "the emitter",
                checker.run(changed, changed.scripts().get(LeanProject.EMIT), wrong)
                                        .exit()
                                != 0
                        && !Files.exists(wrong.resolve("answer.json")));
    }

    private static Map<String, String> ordered(String... pairs) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }

    private void fault(String what, String by, boolean caught) {
        faults.add(new LeanOutcome.Seeded(what, by, Verdict.of(caught)));
    }

    private static boolean errorAt(String output, int line) {
        return output.lines()
                .anyMatch(l -> l.matches("(error: )?(\\./+)?(lean/)?ThreeHalf\\.lean:%d:\\d+: .*".formatted(line))
                        && l.contains("error"));
    }

    private static boolean names(String output, String name, String... because) {
        return output.lines()
                .anyMatch(l -> l.startsWith("problem\t" + name + "\t")
                        && Stream.of(because).allMatch(l::contains));
    }

    private LeanProject project(String name, Map<String, String> sources) throws IOException {
        Path root = folder.resolve(name);
        Path project = Files.createDirectories(root.resolve("lean"));
        for (Map.Entry<String, String> source : sources.entrySet()) {
            Path file = project.resolve(source.getKey());
            Files.createDirectories(file.getParent());
            Files.writeString(file, source.getValue());
        }
        Files.writeString(project.resolve("lakefile.toml"), LAKEFILE);
        for (String own : List.of("lean-toolchain", "Gate.lean", "Audit.lean", "Emit.lean")) {
            if (Files.exists(lean.resolve(own))) {
                Files.copy(lean.resolve(own), project.resolve(own));
            }
        }
        return LeanProject.read(root);
    }

    private static Map<String, String> gated() {
        Map<String, String> faults = new LinkedHashMap<>();
        faults.put(
                "an import of Lean's own modules under an escaped name",
                "module\npublic meta import «Lean»\n@[expose] public section\nnamespace ThreeHalf\n\nend ThreeHalf\n");
        faults.put(
                "an import of Lean's own modules",
                "module\nimport Lean.Elab\n@[expose] public section\nnamespace ThreeHalf\n\nend ThreeHalf\n");
        faults.put("code that runs while the source is compiled (#eval)", "#eval 1 + 1\n");
        faults.put("code that runs while the source is compiled (run_cmd)", "run_cmd pure ()\n");
        faults.put("code that runs where the module is imported (initialize)", "initialize pure ()\n");
        faults.put(
                "a macro that switches the kernel's check off",
                "macro \"checked\" : command => `(set_option debug.skipKernelTC true)\nchecked\n");
        faults.put("an option that switches the kernel's check off", "set_option debug.skipKernelTC true\n");
        faults.put(
                "an option inside a proof",
                "theorem t : (1 : Nat) = 1 := by\n  set_option debug.skipKernelTC true in\n  rfl\n");
        faults.put("an instance of ≤ for rational numbers", "instance : LE Rat := ⟨fun _ _ => True⟩\n");
        faults.put("a notation", "notation a \" is \" b => a = b\n");
        faults.put("a syntax of the source's own", "syntax \"sound\" : tactic\n");
        faults.put("a definition for the compiler's time (meta)", "meta def f : Nat := 1\n");
        faults.put(
                "other code for a definition (implemented_by)",
                "def g : Nat := 1\n\n@[implemented_by g] def f : Nat := 2\n");
        faults.put("an attribute added later", "def f : Nat := 2\n\nattribute [local simp] f\n");
        faults.put("an axiom", "axiom cheat : False\n");
        faults.put("a proof that is left out (sorry)", "theorem t : (1 : Nat) = 2 := by sorry\n");
        faults.put("a proof by compiled code (native_decide)", "theorem t : (1 : Nat) = 1 := by native_decide\n");
        faults.put("a proof by compiled code (decide +native)", "theorem t : (1 : Nat) = 1 := by decide +native\n");
        faults.put("an unsafe definition", "unsafe def f : Nat := 1\n");
        faults.put("a partial definition", "partial def f (n : Nat) : Nat := f (n + 1)\n");
        faults.put(
                "a namespace of Lean's own, with its syntax",
                "module\n@[expose] public section\nnamespace Lean\n\nend Lean\n");
        faults.put("a namespace that is opened, with its syntax", "open Lean\n");
        faults.put(
                "a quoted name that holds a line of the audit's",
                "theorem «x\ntheorem\tThreeHalf.anything\t\tThreeHalf.fl32\t1 = 2\nrest» : 1 = 1 := rfl\n");
        faults.put(
                "code by hand for a definition, under the name that Lean gives it",
                "def answer._unsafe_rec : Nat := 42\n\ndef answer : Nat := 7\n");
        faults.put("a name of another alphabet", "def f\u0430 : Nat := 1\n");
        faults.put("a name outside the namespace", "def _root_.Nat.cheap : Nat := 1\n");
        faults.put(
                "a string with delimiters of its own, in which a theorem stands",
                "def s : String := r#\"\n\n/-- REQ-DOT-001 -/\ntheorem t : f = g\n\"#\n");
        faults.put("a theorem that only Lean takes for one", "/-- REQ-DOT-001 -/ theorem t : (1 : Nat) = 1 := rfl\n");
        faults.put("what is no Lean", "theorem theorem theorem\n");
        return faults;
    }
}
