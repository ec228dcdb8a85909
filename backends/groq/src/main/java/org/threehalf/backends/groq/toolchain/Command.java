package org.threehalf.backends.groq.toolchain;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program and collects what it says. */
public final class Command {

    private Command() {}

    /**
     * How a program ended.
     *
     * @param exitCode its exit code; −1 where it was ended because its time was up
     * @param timedOut whether its time was up
     * @param output what it wrote to standard output and standard error, in the order written
     */
    public record Result(int exitCode, boolean timedOut, String output) {
        /** Whether it ended by itself with 0. */
        public boolean succeeded() {
            return !timedOut && exitCode == 0;
        }

        /** The last lines of the output, for a message. */
        public String tail() {
            List<String> lines = output.strip().lines().toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
        }
    }

    /**
     * Runs a program in a folder to its end, or ends it, with what it has started, when its time is up.
     *
     * @param words the program and its arguments
     * @param folder where it runs
     * @throws IOException if it cannot be started
     */
    public static Result run(List<String> words, Path folder, Duration timeout) throws IOException {
        Path output = Files.createTempFile("threehalf-command", ".out");
        try {
            Process process = new ProcessBuilder(words)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = false;
            try {
                ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException(words.getFirst() + ": interrupted while waiting for it", interrupted);
            } finally {
                if (!ended) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                }
            }
            return new Result(
                    ended ? process.exitValue() : -1, !ended, Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
