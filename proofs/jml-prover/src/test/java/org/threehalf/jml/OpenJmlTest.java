package org.threehalf.jml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.jml.logic.Verdict;
import org.threehalf.jml.syntax.CheckKind;

/**
 * OpenJML's driver with a stand-in for OpenJML: a script that prints what release 0.21 prints (its own documentation
 * and source say so), calls the solver that it is given as often as that does, and keeps its arguments. That a real
 * OpenJML agrees is NOT CHECKED here.
 */
class OpenJmlTest {
    private static final String PROVED = """
            Proving methods in org.x.C
            Skipping proof of org.x.C.C() (no body)
            Starting proof of org.x.C.good(int,byte[]) with prover z3_4_3
            Method assertions are validated [0.52 secs]
            C.java:2:Feasibility check #1 - end of preconditions : OK [0.01 secs]
            C.java:2:Feasibility check #2 - at program exit : OK [0.01 secs]
            Completed proof of org.x.C.good(int,byte[]) with prover z3_4_3 - no warnings [0.60 secs]
            """;
    private static final String FAILED = PROVED + """
            Starting proof of org.x.C.bad(int) with prover z3_4_3
            org.x.C.bad Method assertions are INVALID
            C.java:11: verify: The prover cannot establish an assertion (Postcondition: C.java:3:) in method bad
            C.java:3: verify: Associated declaration: C.java:11:
            Completed proof of org.x.C.bad(int) with prover z3_4_3 - with warnings [1.71 secs]
            Completed proving methods in org.x.C [1.76 secs]
            """;

    @TempDir
    Path folder;

    /** A release: a launcher, and a solver that gives an answer a run. */
    private Path standIn(String output, int exit, String... answers) throws IOException {
        Path launcher = folder.resolve("openjml");
        Files.writeString(folder.resolve("output"), output);
        Files.writeString(launcher, """
                #!/bin/sh
                printf '%%s\\n' "$@" >> '%1$s/arguments'
                for a in "$@"; do case "$a" in --exec=*) solver=${a#--exec=};; esac; done
                for answer in %2$s; do ANSWER=$answer "$solver" -smt2 -in > /dev/null; done
                cat '%1$s/output'
                exit %3$d
                """.formatted(folder, String.join(" ", answers), exit));
        Path solver = Files.createDirectories(folder.resolve("Solvers-linux")).resolve("z3-4.3.1");
        Files.writeString(
                solver, "#!/bin/sh\necho \"$@\" >> '" + folder + "/solver'\nprintf 'success\\n%s\\n' \"$ANSWER\"\n");
        for (Path p : List.of(launcher, solver)) {
            Files.setPosixFilePermissions(p, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return launcher;
    }

    private OpenJml.Outcome run(String output, int exit, String... answers) throws IOException, InterruptedException {
        return OpenJml.run(standIn(output, exit, answers), List.of(Path.of("org/x/C.java")), List.of(Path.of("src")));
    }

    @Test
    void allProved() throws IOException, InterruptedException {
        OpenJml.Outcome outcome = run(PROVED, 0, "unsat");
        assertEquals(Map.of("org.x.C.good(int,byte[])", Verdict.PROVED), outcome.verdicts());
        assertEquals("", outcome.failure());
        assertTrue(outcome.ran());
        assertTrue(
                outcome.detail().contains("1 files, 1 methods: 1 proved, 0 refuted, 0 undecided, 0 crashed"),
                outcome.detail());
        List<String> arguments = Files.readAllLines(folder.resolve("arguments"));
        assertEquals(
                List.of("--esc", "--progress", "--check-feasibility=precondition,exit", "-source", "21"),
                arguments.subList(0, 5));
        assertTrue(arguments.get(5).startsWith("--exec="), arguments.toString());
        assertTrue(arguments.get(arguments.indexOf("-classpath") + 1).contains("jspecify-"), arguments.toString());
        assertEquals(
                List.of("-sourcepath", "src", "org/x/C.java"),
                arguments.subList(arguments.size() - 3, arguments.size()));
        assertTrue(
                Files.readString(folder.resolve("solver")).matches("rlimit=\\d+ -smt2 -in\n"),
                Files.readString(folder.resolve("solver")));
    }

    @Test
    void aModelRefutesAndGivingUpDecidesNothing() throws IOException, InterruptedException {
        assertEquals(
                Map.of("org.x.C.good(int,byte[])", Verdict.PROVED, "org.x.C.bad(int)", Verdict.REFUTED),
                run(FAILED, 6, "unsat", "sat").verdicts());
        OpenJml.Outcome outcome = run(FAILED, 6, "unsat", "unknown");
        assertEquals(
                Map.of("org.x.C.good(int,byte[])", Verdict.PROVED, "org.x.C.bad(int)", Verdict.UNKNOWN),
                outcome.verdicts());
        assertEquals("", outcome.failure());
        assertEquals(
                Map.of("org.x.C.bad(int)", List.of(new OpenJml.Complaint("C.java", 3, "Postcondition"))),
                outcome.complaints());
        String limit = FAILED.replace("- with warnings", "- timeout");
        assertEquals(
                Verdict.UNKNOWN, run(limit, 6, "unsat", "unknown").verdicts().get("org.x.C.bad(int)"));
    }

    @Test
    void aPreconditionThatNothingMeetsRefutes() throws IOException, InterruptedException {
        String infeasible = PROVED.replace("end of preconditions : OK", "end of preconditions : infeasible");
        assertEquals(Verdict.REFUTED, run(infeasible, 6, "unsat").verdicts().get("org.x.C.good(int,byte[])"));
    }

    @Test
    void anErrorInAFileIsThatFilesAlone() throws IOException, InterruptedException {
        Path launcher = standIn("", 0);
        Files.writeString(launcher, """
                #!/bin/sh
                for a in "$@"; do last=$a; done
                case "$last" in *D.java) echo 'D.java:1: error: class, interface, enum, or record expected'; exit 1;; esac
                cat '%s/output'
                """.formatted(folder));
        Files.writeString(folder.resolve("output"), PROVED);
        OpenJml.Outcome outcome = OpenJml.run(launcher, List.of(Path.of("D.java"), Path.of("C.java")), List.of());
        assertEquals(Map.of("org.x.C.good(int,byte[])", Verdict.PROVED), outcome.verdicts());
        assertEquals(
                "OpenJML could not take D: exit code 1: D.java:1: error: class, interface, enum, or record expected",
                outcome.failure());
    }

    @Test
    void contradictoryOutputIsAFailure() throws IOException, InterruptedException {
        assertFalse(run(FAILED, 0, "unsat", "sat").failure().isEmpty());
        assertFalse(run("", 0).failure().isEmpty());
    }

    @Test
    void aProofThatDoesNotEndIsACrash() throws IOException, InterruptedException {
        String cut = PROVED + "Starting proof of org.x.C.m(int) with prover z3_4_3\nMISMATCHED BLOCKS\n";
        OpenJml.Outcome outcome = run(cut, 1, "unsat");
        assertEquals(Verdict.NOT_CHECKED, outcome.verdicts().get("org.x.C.m(int)"));
        assertFalse(outcome.failure().isEmpty());
    }

    @Test
    void onlyMethodsOfTheFileCount() throws IOException, InterruptedException {
        assertEquals(
                1,
                run(PROVED + PROVED.replace("org.x.C", "org.x.Other"), 0, "unsat", "unsat")
                        .verdicts()
                        .size());
    }

    @Test
    void launcherIsLookedForAtThePropertyThenTheEnvironmentThenPath() throws IOException {
        Path launcher = standIn("", 0);
        assertEquals(launcher, OpenJml.find(folder.toString(), "", "").orElseThrow());
        assertEquals(launcher, OpenJml.find("", folder.toString(), "").orElseThrow());
        assertEquals(
                launcher,
                OpenJml.find("", "", "/nowhere" + java.io.File.pathSeparator + folder)
                        .orElseThrow());
        assertTrue(
                OpenJml.find("/nowhere", folder.toString(), folder.toString()).isEmpty());
    }

    /** Where a check has no clause of the contract, the statement's line is told. */
    @Test
    void aCheckWithoutAClauseIsToldByItsStatement() throws IOException, InterruptedException {
        String division = FAILED.replace("Postcondition: C.java:3:", "PossiblyDivideByZero")
                .replace("C.java:11: verify", "org/x/C.java:11: verify");
        assertEquals(
                List.of(new OpenJml.Complaint("C.java", 11, "PossiblyDivideByZero")),
                run(division, 6, "unsat", "sat").complaints().get("org.x.C.bad(int)"));
    }

    /** The table, as the module's README shows it. */
    @Test
    void theTableSaysHowVerdictsGoTogether() throws IOException, InterruptedException {
        OpenJml.Outcome outcome = run(FAILED, 6, "unsat", "unknown");
        List<ContractReport.Method> methods = List.of("C.good(int,byte[])", "C.bad(int)", "C.other(int)").stream()
                .map(name -> new ContractReport.Method(
                        name,
                        "C.java",
                        3,
                        true,
                        true,
                        List.of(new ContractReport.Clause(
                                CheckKind.ENSURES, 2, "true", Verdict.PROVED, 1, 1, "", Map.of(), "")),
                        List.of(),
                        List.of(),
                        Verdict.NOT_CHECKED,
                        1))
                .toList();
        ContractReport report = new ContractReport("Z3", ContractCheck.beside(methods, outcome), outcome, List.of(), 0);
        assertEquals("""
                OpenJML:    1 of 3 methods proved by both
                OpenJML:    2 of 3 methods proved by the built-in prover alone
                OpenJML:    0 of 3 methods proved by OpenJML alone
                OpenJML:    0 of 3 methods refuted by OpenJML
                OpenJML:    1 of 3 methods not decided by OpenJML
                OpenJML:    1 of 3 methods not reached by OpenJML (crashed, or not named)
                """, String.join("\n", report.table()) + "\n");
        assertEquals(List.of(), new ContractReport("Z3", methods, OpenJml.Outcome.notRun(""), List.of(), 0).table());
    }

    @Test
    void disagreementFails() {
        ContractReport.Method proved = new ContractReport.Method(
                "C.m(int)",
                "C.java",
                3,
                true,
                true,
                List.of(new ContractReport.Clause(
                        CheckKind.ENSURES, 2, "true", Verdict.PROVED, 1, 1, "", Map.of(), "")),
                List.of(),
                List.of(),
                Verdict.NOT_CHECKED,
                1);
        for (Verdict verdict : Verdict.values()) {
            OpenJml.Outcome other =
                    new OpenJml.Outcome(true, "", "", Map.of("org.x.C.m(int)", verdict), Map.of(), Map.of());
            List<ContractReport.Method> beside = ContractCheck.beside(List.of(proved), other);
            assertEquals(verdict, beside.getFirst().openJml());
            // What the other gave up on is no disagreement.
            assertEquals(
                    verdict != Verdict.REFUTED,
                    new ContractReport("Z3", beside, other, List.of(), 0).passed(),
                    verdict.toString());
        }
        ContractReport.Method refuted = new ContractReport.Method(
                "C.m(int)",
                "C.java",
                3,
                true,
                true,
                List.of(new ContractReport.Clause(
                        CheckKind.ENSURES, 2, "true", Verdict.REFUTED, 1, 1, "", Map.of(), "")),
                List.of(),
                List.of(),
                Verdict.PROVED,
                1);
        assertEquals(
                1,
                new ContractReport("Z3", List.of(refuted), OpenJml.Outcome.notRun(""), List.of(), 0)
                        .disagreements()
                        .size());
    }
}
