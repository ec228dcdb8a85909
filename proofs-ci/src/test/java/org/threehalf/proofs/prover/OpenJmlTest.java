package org.threehalf.proofs.prover;

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

/** OpenJML's driver with a stand-in for OpenJML: a script that prints what the release prints, and keeps its arguments. */
class OpenJmlTest {
    private static final String PROVED = """
            Proving methods in org.x.C
            Skipping proof of org.x.C.C() (no body)
            Starting proof of org.x.C.good(int,byte[]) with prover z3_4_3
            Method assertions are validated [0.52 secs]
            Completed proof of org.x.C.good(int,byte[]) with prover z3_4_3 - no warnings [0.60 secs]
            """;
    private static final String FAILED = PROVED + """
            Starting proof of org.x.C.bad(int) with prover z3_4_3
            org.x.C.bad Method assertions are INVALID
            C.java:11: verify: The prover cannot establish an assertion (Postcondition: C.java:3:) in method bad
            Completed proof of org.x.C.bad(int) with prover z3_4_3 - with warnings [1.71 secs]
            Completed proving methods in org.x.C [1.76 secs]
            """;

    @TempDir
    Path folder;

    private Path standIn(String output, int exit) throws IOException {
        Path launcher = folder.resolve("openjml");
        Files.writeString(folder.resolve("output"), output);
        Files.writeString(launcher, "#!/bin/sh\nprintf '%s\\n' \"$@\" > '" + folder + "/arguments'\ncat '" + folder + "/output'\nexit " + exit + "\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        return launcher;
    }

    @Test
    void allProved() throws IOException, InterruptedException {
        OpenJml.Outcome outcome = OpenJml.run(standIn(PROVED, 0), List.of(Path.of("C.java")), List.of(Path.of("src")));
        assertEquals(Map.of("org.x.C.good(int,byte[])", OpenJml.Verdict.PROVED), outcome.verdicts());
        assertEquals("", outcome.failure());
        assertTrue(outcome.ran());
        assertEquals(List.of("--esc", "--progress", "--timeout=30000", "--source-path", "src", "C.java"), Files.readAllLines(folder.resolve("arguments")));
    }

    @Test
    void failureIsTheMethods() throws IOException, InterruptedException {
        OpenJml.Outcome outcome = OpenJml.run(standIn(FAILED, 6), List.of(Path.of("C.java")), List.of());
        assertEquals(Map.of("org.x.C.good(int,byte[])", OpenJml.Verdict.PROVED, "org.x.C.bad(int)", OpenJml.Verdict.NOT_PROVED), outcome.verdicts());
        assertEquals("", outcome.failure());
    }

    @Test
    void syntaxErrorAndContradictoryOutputAreFailures() throws IOException, InterruptedException {
        assertTrue(OpenJml.run(standIn("C.java:1: error: class, interface, enum, or record expected\n", 1), List.of(), List.of()).failure().contains("error: class"));
        assertFalse(OpenJml.run(standIn(FAILED, 0), List.of(), List.of()).failure().isEmpty());
        assertFalse(OpenJml.run(standIn(PROVED, 6), List.of(), List.of()).failure().isEmpty());
        assertFalse(OpenJml.run(standIn("", 0), List.of(), List.of()).failure().isEmpty());
    }

    @Test
    void proofThatDoesNotEndIsNotProved() {
        String cut = "Starting proof of org.x.C.m(int) with prover z3_4_3\n";
        assertEquals(Map.of("org.x.C.m(int)", OpenJml.Verdict.NOT_PROVED), OpenJml.outcome(Path.of("openjml"), 6, cut).verdicts());
    }

    @Test
    void launcherIsLookedForAtThePropertyThenTheEnvironmentThenPath() throws IOException {
        Path launcher = standIn("", 0);
        assertEquals(launcher, OpenJml.find(folder.toString(), "", "").orElseThrow());
        assertEquals(launcher, OpenJml.find("", folder.toString(), "").orElseThrow());
        assertEquals(launcher, OpenJml.find("", "", "/nowhere" + java.io.File.pathSeparator + folder).orElseThrow());
        assertTrue(OpenJml.find("/nowhere", folder.toString(), folder.toString()).isEmpty());
    }

    @Test
    void disagreementFails() {
        ContractReport.Method proved = new ContractReport.Method("C.m(int)", "C.java", 3, true, true,
                List.of(new ContractReport.Clause("ensures", 2, "true", ContractReport.Verdict.PROVED, 1, 1, "", Map.of(), "")), List.of(), List.of(), null, 1);
        OpenJml.Outcome other = new OpenJml.Outcome(true, "", "", Map.of("org.x.C.m(int)", OpenJml.Verdict.NOT_PROVED));
        List<ContractReport.Method> beside = ContractCheck.beside(List.of(proved), other);
        assertEquals(OpenJml.Verdict.NOT_PROVED, beside.getFirst().openJml());
        assertFalse(new ContractReport("Z3", beside, other, List.of(), 0).passed());
        OpenJml.Outcome same = new OpenJml.Outcome(true, "", "", Map.of("org.x.C.m(int)", OpenJml.Verdict.PROVED));
        assertTrue(new ContractReport("Z3", ContractCheck.beside(List.of(proved), same), same, List.of(), 0).passed());
    }
}
