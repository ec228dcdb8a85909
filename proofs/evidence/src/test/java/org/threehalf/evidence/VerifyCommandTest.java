package org.threehalf.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.cli.ThreeHalf;
import org.threehalf.jml.solver.OwnCode;

/** The exit code says whether something was proved. */
class VerifyCommandTest {
    @TempDir
    Path folder;

    @BeforeEach
    void ownCache() {
        System.setProperty("prover.cache", folder.resolve("cache").toString());
    }

    @AfterEach
    void noCache() {
        System.clearProperty("prover.cache");
    }

    /** By the whole command line. */
    private static int run(String... args) {
        return ThreeHalf.commandLine()
                .execute(Stream.concat(Stream.of("verify"), Stream.of(args)).toArray(String[]::new));
    }

    private int verify(String text, boolean relative) throws IOException {
        Path file = folder.resolve("T.java");
        Files.writeString(file, text);
        Path named = relative ? Path.of("").toAbsolutePath().relativize(file) : file;
        return run("--contracts", named.toString());
    }

    @Test
    void aFileOutsideTheCheckoutIsJudgedHoweverItIsNamed() throws IOException {
        String wrong = "class T {\n//@ ensures \\result == 3;\nstatic int wrong() { return 2; }\n}\n";
        assertEquals(1, verify(wrong, true));
        assertEquals(1, verify(wrong, false));
        assertEquals(0, verify(wrong.replace("== 3", "== 2"), true));
    }

    @Test
    void nothingProvedIsNoSuccess() throws IOException {
        assertEquals(1, verify("class T { }\n", false));
        assertEquals(1, verify("class T { static int m() { return 2; } }\n", false));
    }

    /** A frame alone is no evidence for a requirement: a gutted body has it too. */
    @Test
    void aHollowContractThatNamesARequirementIsNoSuccess() throws IOException {
        String text =
                "class T {\n/** Doubles (%s). */\n//@ ensures %s;\nstatic int twice(byte b) { return b + b; }\n}\n";
        assertEquals(1, verify(text.formatted("REQ-" + "ABC-001", "true"), false));
        assertEquals(0, verify(text.formatted("REQ-" + "ABC-001", "\\result == b + b"), false));
        assertEquals(0, verify(text.formatted("no requirement", "true"), false));
        String nothing =
                "class T {\n// Sets it (%s).\n//@ requires a != null; assignable a[*];\nstatic void set(int[] a) { }\n}\n";
        assertEquals(1, verify(nothing.formatted("REQ-" + "ABC-001"), false));
    }

    /** What stands in a source steers no terminal. */
    @Test
    void whatAContractSaysIsPrintedWithoutWhatSteers() throws IOException {
        Path file = Files.writeString(
                folder.resolve("T.java"),
                "class T {\n//@ ensures \\result == 3 /*\u202e\u009b2J*/;\nstatic int wrong() { return 2; }\n}\n");
        java.io.StringWriter out = new java.io.StringWriter();
        ThreeHalf.commandLine()
                .setOut(new java.io.PrintWriter(out, true))
                .setErr(new java.io.PrintWriter(out, true))
                .execute("verify", "--contracts", file.toString());
        assertEquals(
                0,
                out.toString()
                        .codePoints()
                        .filter(c -> c == 0x202e || c == 0x9b)
                        .count(),
                out.toString());
        assertTrue(out.toString().contains("\ufffd"), out.toString());
    }

    @Test
    void aFolderIsWrongUsage() throws IOException {
        assertEquals(0, run("--help"));
        assertEquals(2, run());
        assertEquals(
                2,
                run(
                        "--contracts",
                        Files.createDirectories(folder.resolve("empty")).toString()));
        assertEquals(2, run("--contracts", folder.resolve("none.java").toString()));
    }

    @Test
    void theHashOfOwnCodeChangesWithAnyClass() throws IOException {
        Path a = Files.createDirectories(folder.resolve("a"));
        Files.writeString(a.resolve("A.class"), "one");
        String before = OwnCode.of(a);
        Files.writeString(a.resolve("A.class"), "two");
        assertNotEquals(before, OwnCode.of(a));
    }
}
