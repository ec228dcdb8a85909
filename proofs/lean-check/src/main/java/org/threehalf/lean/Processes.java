package org.threehalf.lean;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs other programs. */
final class Processes {
    private Processes() {}

    /**
     * A program that ended.
     *
     * @param exit its exit code; -1 if it was ended because its time was up
     * @param output what it wrote to standard output
     * @param errors what it wrote to standard error
     */
    record Result(int exit, String output, String errors) {}

    /**
     * Runs a program to its end, without input. One that passes its time is killed, with its children.
     *
     * <p>What it writes goes to files: Node's writing to a pipe fails where the reader is slow, so that a busy machine
     * cut Lean's longest outputs short.
     *
     * @param environment is added to this process's own
     * @throws IOException if it cannot be started, or if this thread is interrupted
     */
    static Result run(List<String> command, Path folder, Map<String, String> environment, Duration limit)
            throws IOException {
        Path output = Files.createTempFile("output-", ".txt");
        Path errors = Files.createTempFile("errors-", ".txt");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile());
            builder.environment().putAll(environment);
            int exit = exit(builder, limit);
            return new Result(exit, text(output), text(errors));
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }

    private static int exit(ProcessBuilder builder, Duration limit) throws IOException {
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS) ? process.exitValue() : -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(
                    "interrupted while %s was running"
                            .formatted(builder.command().getFirst()),
                    e);
        } finally {
            kill(process);
        }
    }

    /** The program's file in a list of folders such as that of {@code PATH}, or nothing. */
    static Optional<Path> find(String program, String path) {
        for (String folder : path.split(java.io.File.pathSeparator)) {
            Path file = Path.of(folder.isEmpty() ? "." : folder, program);
            if (Files.isRegularFile(file) && Files.isExecutable(file)) {
                return Optional.of(file.toAbsolutePath());
            }
        }
        return Optional.empty();
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** What was written; bytes that are no UTF-8 are replaced. */
    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
