package org.threehalf.kernels.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is ended from outside leaves what is whole, and nothing else. */
class UnfinishedFilesTest {

    @TempDir
    Path folder;

    /** What is ended: it has parts, half of a file and a whole one, and then computes, which nobody can interrupt. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) throws IOException {
            Path folder = Path.of(arguments[0]);
            UnfinishedFiles.Grace grace = UnfinishedFiles.grace(Duration.ofMillis(Long.parseLong(arguments[1])));
            PartsFolder parts = PartsFolder.beside(folder.resolve("out"));
            Files.writeString(Files.createDirectory(parts.path().resolve("a")).resolve("part"), "x");
            WholeFile half = WholeFile.begin(folder.resolve("half"));
            Files.writeString(half.temporary(), "x");
            WholeFile.write(folder.resolve("whole"), "x");
            System.out.println("ready");
            boolean inOrder = arguments[2].equals("in order");
            while (!inOrder || !UnfinishedFiles.ending()) {
                LockSupport.parkNanos(1_000_000);
            }
            half.commit();
            grace.close();
        }
    }

    private List<String> leftBy(String grace, String how) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        folder.toString(),
                        grace,
                        how)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var out = process.inputReader()) {
            assertEquals("ready", out.readLine());
            try (var begun = Files.list(folder)) {
                assertEquals(3, begun.count());
            }
            process.destroy();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        try (var left = Files.list(folder)) {
            return left.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void nothingIsLeftOfWhatIsNotWhole() throws Exception {
        assertEquals(List.of("whole"), leftBy("0", "computing"));
    }

    /** Who is busy longer than he has asked for is not waited for. */
    @Test
    void noLongerThanItsGrace() throws Exception {
        assertEquals(List.of("whole"), leftBy("500", "computing"));
    }

    /** What ends in order meanwhile is whole. */
    @Test
    void whatIsEndedInOrderStays() throws Exception {
        assertEquals(List.of("half", "whole"), leftBy("60000", "in order"));
    }
}
