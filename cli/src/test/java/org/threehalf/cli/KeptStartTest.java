package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What {@link KeptStart} leaves in its folder, with a stand-in for Java. */
@DisabledOnOs(OS.WINDOWS)
class KeptStartTest {
    /** Writes the file that it is asked for, with the arguments that it got. */
    private static final String MAKES =
            "for a; do case $a in -XX:AOTCacheOutput=*) out=${a#*=} ;; esac; done; printf '%s\\n' \"$@\" > \"$out\"";

    @TempDir
    Path folder;

    private Path file = Path.of("");
    private Path model = Path.of("");

    @BeforeEach
    void places() throws IOException {
        file = folder.resolve("start/1-2.aot");
        model = Files.writeString(folder.resolve("model.gguf"), "");
    }

    private String make(String backend, String java) throws IOException {
        Path program = Scripts.executable(folder.resolve("java"), java);
        StringWriter said = new StringWriter();
        new KeptStart(file, List.of(program.toString())).make(backend, model, new PrintWriter(said));
        return said.toString();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(file.getParent())) {
            return files.map(path -> String.valueOf(path.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aRunOfTheModelMakesIt() throws IOException {
        String said = make("native", MAKES);
        assertTrue(said.startsWith("note: the next start will be faster; this took "), said);
        List<String> arguments = Files.readAllLines(file);
        assertEquals(
                List.of("generate", "-m", model.toString(), "-p", "The", "-n", "1", "-t", "0"),
                arguments.subList(arguments.size() - 9, arguments.size()));
        assertTrue(!arguments.contains("jdk.incubator.vector"), arguments::toString);
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
    }

    /** A run that fails, or that writes nothing, leaves nothing, also of what Java writes on its way. */
    @Test
    void aFailureLeavesNothing() throws IOException {
        for (String java : List.of(
                MAKES + "; exit 1",
                "exit 0",
                "for a; do case $a in -XX:AOTCacheOutput=*) echo half > \"${a#*=}.config\" ;; esac; done; exit 1")) {
            assertEquals("", make("native", java));
            assertEquals(List.of(), names());
        }
    }

    @Test
    void otherBackendsAndLargeModelsMakeNone() throws IOException {
        assertEquals("", make("simd", MAKES));
        try (var large = new java.io.RandomAccessFile(model.toFile(), "rw")) {
            large.setLength((1L << 30) + 1);
        }
        assertEquals("", make("native", MAKES));
        model = folder;
        assertEquals("", make("native", MAKES));
        assertTrue(Files.notExists(file.getParent()));
    }

    @Test
    void aFolderThatOthersMayOpenHasNone() throws IOException {
        Files.createDirectories(file.getParent());
        Files.setPosixFilePermissions(file.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        assertEquals("", make("native", MAKES));
        assertEquals(List.of(), names());
    }

    /** Of other downloads and JDKs. */
    @Test
    void theOldestGo() throws IOException {
        make("native", MAKES);
        for (int k = 0; k < 5; k++) {
            Path other = Files.writeString(file.resolveSibling("other" + k + ".aot"), "");
            Files.setLastModifiedTime(other, FileTime.fromMillis(1_000_000L * (k + 1)));
        }
        make("native", MAKES);
        assertEquals(List.of("1-2.aot", "other2.aot", "other3.aot", "other4.aot"), names());
    }

    @Test
    void onlyARunThatWasAskedMakesOne() {
        String before = System.getProperty(KeptStart.PROPERTY);
        try {
            System.clearProperty(KeptStart.PROPERTY);
            assertEquals(Optional.empty(), KeptStart.asked());
            assertEquals(Optional.empty(), KeptStart.remark("reference"));
            System.setProperty(KeptStart.PROPERTY, KeptStart.TAKEN);
            assertEquals(Optional.empty(), KeptStart.asked());
            assertEquals(Optional.empty(), KeptStart.remark("native"));
            assertTrue(KeptStart.remark("reference").orElse("").contains("THREEHALF_CACHE=off"));
            System.setProperty(KeptStart.PROPERTY, file.toString());
            assertTrue(KeptStart.asked().isPresent());
        } finally {
            if (before == null) {
                System.clearProperty(KeptStart.PROPERTY);
            } else {
                System.setProperty(KeptStart.PROPERTY, before);
            }
        }
    }
}
