package org.threehalf.jml.maven;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.maven.plugin.MojoFailureException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The goal on a small project. */
class VerifyMojoTest {
    private static final String SOURCE = """
            package org.example;
            final class Adder {
                //@ requires x < 9;
                //@ ensures \\result == x + %d;
                static int next(int x) { return x + 1; }
            }
            """;

    @TempDir
    Path project;

    @BeforeEach
    void ownCache() {
        System.setProperty("prover.cache", project.resolve("cache").toString());
    }

    @AfterEach
    void noCache() {
        System.clearProperty("prover.cache");
    }

    private VerifyMojo mojo(String source) throws IOException {
        Path folder = Files.createDirectories(project.resolve("src"));
        Files.writeString(folder.resolve("Adder.java"), source);
        VerifyMojo mojo = new VerifyMojo();
        mojo.sources = List.of(folder.toString(), project.resolve("generated").toString());
        mojo.classpath = List.of(project.resolve("classes").toString());
        mojo.basedir = project.toFile();
        mojo.results = project.resolve("target/jml-results.json").toFile();
        return mojo;
    }

    @Test
    void aRightContractPassesAndAWrongOneFails() throws Exception {
        mojo(SOURCE.formatted(1)).execute();
        assertTrue(Files.readString(project.resolve("target/jml-results.json")).contains("PROVED"));
        VerifyMojo wrong = mojo(SOURCE.formatted(2));
        assertThrows(MojoFailureException.class, wrong::execute);
        assertTrue(Files.readString(project.resolve("target/jml-results.json")).contains("REFUTED"));
        wrong.fail = false;
        wrong.execute();
    }

    @Test
    void nothingIsDoneWhereThereIsNoJmlOrItIsSkipped() throws Exception {
        mojo("final class Adder { }\n").execute();
        VerifyMojo skipped = mojo(SOURCE.formatted(2));
        skipped.skip = true;
        skipped.execute();
        assertFalse(Files.exists(project.resolve("target/jml-results.json")));
    }
}
