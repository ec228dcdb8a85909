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
import org.jspecify.annotations.Nullable;
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

    private Path prefix = Path.of("");
    private Path model = Path.of("");

    @BeforeEach
    void places() throws IOException {
        prefix = folder.resolve("start/1-2");
        model = Files.writeString(folder.resolve("model.gguf"), "");
    }

    private String make(String backend, String java) throws IOException {
        Path program = Scripts.executable(folder.resolve("java"), java);
        StringWriter said = new StringWriter();
        new KeptStart(prefix, List.of(program.toString())).make(backend, model, new PrintWriter(said));
        return said.toString();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(prefix.getParent())) {
            return files.map(path -> String.valueOf(path.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aRunOfTheModelMakesIt() throws IOException {
        String said = make("native", MAKES);
        assertTrue(said.startsWith("note: the next start will be faster; this took "), said);
        assertEquals(1, names().size());
        String name = names().getFirst();
        Path file = prefix.resolveSibling(name);
        // The launcher asks for the name with the checksum that cksum gives.
        assertTrue(name.matches("1-2\\.\\d+-" + Files.size(file) + "\\.aot"), name);
        List<String> arguments = Files.readAllLines(file);
        assertEquals(
                List.of("generate", "-m", model.toString(), "-p", "The", "-n", "1", "-t", "0"),
                arguments.subList(arguments.size() - 9, arguments.size()));
        assertTrue(!arguments.contains("jdk.incubator.vector"), arguments::toString);
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(prefix.getParent())));
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
        assertTrue(Files.notExists(prefix.getParent()));
    }

    @Test
    void aFolderThatOthersMayOpenHasNone() throws IOException {
        Files.createDirectories(prefix.getParent());
        Files.setPosixFilePermissions(prefix.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        assertEquals("", make("native", MAKES));
        assertEquals(List.of(), names());
    }

    /** Of other downloads and JDKs, and of runs that were killed. */
    @Test
    void theOldestGo() throws IOException {
        make("native", MAKES);
        Path killed = Files.writeString(prefix.resolveSibling(".1-2.aot.x.part.config"), "");
        Files.setLastModifiedTime(killed, FileTime.fromMillis(1_000_000));
        for (int k = 0; k < 5; k++) {
            Path other = Files.writeString(prefix.resolveSibling("other" + k + ".aot"), "");
            Files.setLastModifiedTime(other, FileTime.fromMillis(1_000_000L * (k + 1)));
        }
        make("native", MAKES + "; echo more >> \"$out\"");
        List<String> names = names();
        // What was made before of the same jars would have been taken if it were whole.
        assertEquals(List.of("other2.aot", "other3.aot", "other4.aot"), names.subList(1, names.size()));
        assertTrue(names.getFirst().startsWith("1-2."), names::toString);
    }

    /** A process that is ended while it makes one ends what makes it, and leaves nothing. */
    @Test
    void anEndInTheMiddleLeavesNothing() throws Exception {
        Path pid = folder.resolve("pid");
        Path program = Scripts.executable(
                folder.resolve("java"),
                "for a; do case $a in -XX:AOTCacheOutput=*) out=${a#*=} ;; esac; done\n"
                        + "(echo $$ > '%s.new'; mv '%s.new' '%s'; while :; do echo x >> \"$out\"; echo x > \"$out.config\"; sleep 0.01; done) &\nwait"
                                .formatted(pid, pid, pid));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Making.class.getName(),
                        prefix.toString(),
                        program.toString(),
                        model.toString())
                .inheritIO()
                .start();
        while (Files.notExists(pid)) {
            assertTrue(process.isAlive());
            Thread.sleep(10);
        }
        process.destroy();
        process.waitFor();
        long shell = Long.parseLong(Files.readString(pid).strip());
        for (int turn = 0; turn < 500 && ProcessHandle.of(shell).isPresent(); turn++) {
            Thread.sleep(10);
        }
        assertTrue(ProcessHandle.of(shell).isEmpty());
        assertEquals(List.of(), names());
    }

    /** What {@link #anEndInTheMiddleLeavesNothing} runs. */
    static final class Making {
        private Making() {}

        public static void main(String[] arguments) {
            new KeptStart(Path.of(arguments[0]), List.of(arguments[1]))
                    .make("native", Path.of(arguments[2]), new PrintWriter(System.err));
        }
    }

    /** One that Java would not take, since it is of other jars, is removed. */
    @Test
    void oneThatWasNotTakenIsRemoved() throws IOException {
        Path kept = Files.writeString(folder.resolve("1-2.3-4.aot"), "");
        KeptStart.removeUnlessShared("", "mixed mode");
        KeptStart.removeUnlessShared(kept.toString(), "mixed mode, sharing");
        assertTrue(Files.exists(kept));
        KeptStart.removeUnlessShared(kept.toString(), "mixed mode");
        assertTrue(Files.notExists(kept));
    }

    @Test
    void onlyARunThatWasAskedMakesOne() {
        String asked = System.getProperty(KeptStart.ASKED);
        String taken = System.getProperty(KeptStart.TAKEN);
        try {
            System.clearProperty(KeptStart.ASKED);
            System.clearProperty(KeptStart.TAKEN);
            assertEquals(Optional.empty(), KeptStart.asked());
            assertEquals(Optional.empty(), KeptStart.remark("reference"));
            System.setProperty(KeptStart.TAKEN, prefix.toString());
            assertEquals(Optional.empty(), KeptStart.asked());
            assertEquals(Optional.empty(), KeptStart.remark("native"));
            assertTrue(KeptStart.remark("reference").orElse("").contains("THREEHALF_CACHE=off"));
            System.setProperty(KeptStart.ASKED, prefix.toString());
            assertTrue(KeptStart.asked().isPresent());
        } finally {
            restore(KeptStart.ASKED, asked);
            restore(KeptStart.TAKEN, taken);
        }
    }

    private static void restore(String property, @Nullable String value) {
        if (value == null) {
            System.clearProperty(property);
        } else {
            System.setProperty(property, value);
        }
    }
}
