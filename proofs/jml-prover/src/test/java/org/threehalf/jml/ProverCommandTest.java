package org.threehalf.jml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The prover on a project that is not this one. */
class ProverCommandTest {
    private static final String ADDER = """
            package org.example;
            public final class Adder {
                private Adder() {}
                //@ requires 0 <= x && x <= Limits.MOST;
                //@ ensures \\result == x + %d;
                public static int next(int x) { return x + 1; }
            }
            """;
    private static final String LIMITS =
            "package org.example; public final class Limits { public static final int MOST = 9; }";

    @TempDir
    Path project;

    private final StringWriter out = new StringWriter();

    @BeforeEach
    void write() throws IOException {
        System.setProperty("prover.cache", project.resolve("cache").toString());
        Path sources = Files.createDirectories(project.resolve("src/org/example"));
        Files.writeString(sources.resolve("Limits.java"), LIMITS);
        Files.writeString(sources.resolve("Adder.java"), ADDER.formatted(1));
    }

    @AfterEach
    void noCache() {
        System.clearProperty("prover.cache");
    }

    private int run(String... args) {
        PrintWriter writer = new PrintWriter(out, true);
        return ProverCommand.commandLine().setOut(writer).setErr(writer).execute(args);
    }

    @Test
    void theVersionIsTheBuilds() {
        assertEquals(0, run("--version"));
        assertTrue(out.toString().matches("(?s)jml-prover \\d+\\.\\d+.*\\RZ3 \\d.*"), out.toString());
    }

    @Test
    void aFolderOfSourcesIsProved() throws IOException {
        String sources = project.resolve("src").toString();
        Path json = project.resolve("results.json");
        assertEquals(0, run("--source-path", sources, "--json", json.toString(), sources), out.toString());
        assertTrue(
                out.toString().contains("Adder.next(int): proved")
                        && out.toString().contains("all proved"),
                out.toString());
        assertTrue(Files.readString(json).contains("threehalf-contract-results/1"));
    }

    @Test
    void classesAreFoundOnTheClassPathAlone() throws IOException {
        Path classes = Files.createDirectories(project.resolve("classes"));
        assertEquals(
                0,
                javax.tools.ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-d",
                                classes.toString(),
                                project.resolve("src/org/example/Limits.java").toString()));
        String file = project.resolve("src/org/example/Adder.java").toString();
        assertEquals(1, run(file), out.toString());
        assertTrue(out.toString().contains("Limits.MOST"), out.toString());
        assertEquals(0, run("--class-path", classes.toString(), file), out.toString());
    }

    @Test
    void aFalseContractIsRefutedUnlessItIsNoProofOfAnything() throws IOException {
        Files.writeString(project.resolve("src/org/example/Adder.java"), ADDER.formatted(2));
        String sources = project.resolve("src").toString();
        assertEquals(1, run("--source-path", sources, sources));
        assertTrue(out.toString().contains("REFUTED"), out.toString());
        // A refuted clause cannot be excused.
        Path open = Files.writeString(
                project.resolve("open.txt"), "Adder.next(int): ensures `\\result == x + 2`\n  a reason\n");
        assertEquals(1, run("--source-path", sources, "--open", open.toString(), sources));
    }

    @Test
    void aBelievedContractIsNamed() throws IOException {
        Path believed = Files.writeString(project.resolve("Base.java"), """
                class Base {
                    //@ ensures \\result == 6;
                    /*@ pure @*/ static int six() { return 5; }
                }
                """);
        Path file = Files.writeString(project.resolve("User.java"), """
                class User {
                    //@ ensures \\result == 6;
                    static int six() { return Base.six(); }
                }
                """);
        assertEquals(0, run("--with", believed.toString(), file.toString()), out.toString());
        assertTrue(
                out.toString().contains("believed, and not proved here: the contracts of Base.six()"), out.toString());
        assertEquals(1, run(believed.toString(), file.toString()), out.toString());
    }

    /**
     * Two classes of one simple name are two: neither what is believed nor what is excused of one is so of the other.
     */
    @Test
    void whatIsSaidOfAClassIsNotSaidOfAnotherOfItsName() throws IOException {
        Path believed = Files.writeString(project.resolve("Base.java"), """
                package a;
                public class Base {
                    //@ ensures \\result == 6;
                    /*@ pure @*/ public static int six() { return 5; }
                }
                """);
        Path file = Files.writeString(project.resolve("User.java"), """
                package b;
                class Base {
                    //@ ensures \\result == 6;
                    static int six() { return a.Base.six(); }
                }
                """);
        assertEquals(0, run("--with", believed.toString(), file.toString()), out.toString());
        assertTrue(
                out.toString().contains("b.Base.six(): proved")
                        && out.toString().contains("believed, and not proved here: the contracts of a.Base.six()"),
                out.toString());
        Files.writeString(believed, Files.readString(believed).replace("return 5", "/*@ assume false; @*/ return 5"));
        Path open = Files.writeString(project.resolve("open.txt"), "b.Base.six(): assume `false`\n  a reason\n");
        assertEquals(1, run("--open", open.toString(), believed.toString(), file.toString()), out.toString());
    }

    @Test
    void aWrongCallIsToldHow() {
        assertEquals(0, run("--help"));
        assertEquals(2, run());
        assertEquals(2, run(project.resolve("none.java").toString()));
        assertEquals(2, run(project.resolve("cache").toString()));
        assertTrue(out.toString().contains("Usage: jml-prover"), out.toString());
    }
}
