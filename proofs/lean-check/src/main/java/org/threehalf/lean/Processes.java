package org.threehalf.lean;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
     * @param environment is added to this process's own
     * @throws IOException if it cannot be started, or if this thread is interrupted
     */
    static Result run(List<String> command, Path folder, Map<String, String> environment, Duration limit)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            CompletableFuture<String> output = text(process.getInputStream());
            CompletableFuture<String> errors = text(process.getErrorStream());
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                kill(process);
            }
            return new Result(ended ? process.exitValue() : -1, output.join(), errors.join());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while %s was running".formatted(command.getFirst()), e);
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

    private static CompletableFuture<String> text(InputStream stream) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (stream) {
                text.complete(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                text.completeExceptionally(new UncheckedIOException(e));
            }
        });
        return text;
    }
}
