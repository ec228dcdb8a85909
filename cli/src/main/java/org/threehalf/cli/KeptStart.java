package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.threehalf.kernels.io.PrivateFolder;
import org.threehalf.kernels.io.UnfinishedFiles;
import org.threehalf.kernels.io.WholeFile;

/**
 * What Java knows when {@code threehalf generate} has started (an AOT cache: JEP 483, 514 and 515), kept between runs
 * of a download: the launcher asks for it, the first run that took the backend {@code native} makes it, and later
 * starts take it. It holds classes as they were loaded and what was measured of them, no result of any computation.
 *
 * <p>Made by a run of its own, with the model that was just run and one token. It lies in a folder of the user's that
 * nobody else may open ({@link PrivateFolder}), under a name with its checksum, which the launcher compares. Java
 * checks that it was made by this JDK of these jars, and starts without it if not; then it is removed, and made anew by
 * the next run.
 */
final class KeptStart {
    /** A system property of the launcher's: what the name of the file that this run may make begins with. */
    static final String ASKED = "threehalf.start";
    /** Likewise: the file that this run was to take. */
    static final String TAKEN = "threehalf.start.taken";

    /** The backend that needs nothing of the Vector API's module, which an AOT cache cannot hold. */
    static final String BACKEND = "native";

    /** A larger model is not loaded a second time. */
    private static final long LARGEST_MODEL = 1L << 30;
    /** Of other downloads and JDKs: those that were made longest ago go first. */
    private static final int FILES = 4;

    private static final String END = ".aot";
    /** Java writes a file with this end first, and removes it unless it is killed. */
    private static final String CONFIGURATION = ".config";

    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Path prefix;
    private final List<String> java;

    /**
     * @param prefix what the file's name begins with
     * @param java the program and its options
     */
    KeptStart(Path prefix, List<String> java) {
        this.prefix = prefix;
        this.java = List.copyOf(java);
    }

    /** What this run may make; empty if the launcher asked for nothing. */
    static Optional<KeptStart> asked() {
        String named = System.getProperty(ASKED, "");
        return named.isEmpty()
                ? Optional.empty()
                : Optional.of(new KeptStart(
                        Path.of(named),
                        List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                                .toString())));
    }

    /** Removes the file that this run was to take and Java would not: with another class path or JDK than it is of. */
    static void judge() {
        removeUnlessShared(System.getProperty(TAKEN, ""), System.getProperty("java.vm.info", ""));
    }

    /**
     * @param taken the file that Java was to take; may be empty
     * @param virtualMachine what Java says of itself, which has "sharing" in it if the file was taken
     */
    static void removeUnlessShared(String taken, String virtualMachine) {
        if (!taken.isEmpty() && !virtualMachine.contains("sharing")) {
            try {
                Files.deleteIfExists(Path.of(taken));
            } catch (IOException stays) {
                // The start was slower, and the next will be.
            }
        }
    }

    /** What is to be said of a backend that was taken because no better one is there; empty if there is nothing. */
    static Optional<String> remark(String backend) {
        return !System.getProperty(TAKEN, "").isEmpty() && !backend.equals(BACKEND)
                ? Optional.of(
                        "native cannot run here, and simd was not asked: THREEHALF_CACHE=off asks it (see 'threehalf doctor')")
                : Optional.empty();
    }

    /**
     * Makes the file, if it can be made; the run that was just done is good without it.
     *
     * @param backend that ran
     * @param model that it ran
     * @param err told that it took some time
     */
    void make(String backend, Path model, PrintWriter err) {
        try {
            if (!backend.equals(BACKEND) || !Files.isRegularFile(model) || Files.size(model) > LARGEST_MODEL) {
                return;
            }
            long begin = System.nanoTime();
            Path parent = prefix.toAbsolutePath().getParent();
            PrivateFolder folder = PrivateFolder.of(parent);
            // What runs that were killed have left of Java's.
            remove(parent, name -> name.endsWith(CONFIGURATION), Instant.now().minus(LONGEST.multipliedBy(2)));
            // It takes its own name when its checksum is known.
            Path unnamed = prefix.resolveSibling(prefix.getFileName() + END);
            try (UnfinishedFiles.Grace _ = UnfinishedFiles.grace(GRACE);
                    WholeFile whole = WholeFile.begin(unnamed)) {
                try {
                    Optional<String> sum =
                            run(whole.temporary(), model) ? checksum(whole.temporary()) : Optional.empty();
                    if (sum.isEmpty()) {
                        return;
                    }
                    whole.commit();
                    // Of the same jars and JDK, what is damaged: the launcher would have taken it else.
                    remove(
                            parent,
                            name -> name.startsWith(prefix.getFileName() + ".")
                                    && name.endsWith(END)
                                    && !name.equals(String.valueOf(unnamed.getFileName())),
                            Instant.MAX);
                    Files.move(unnamed, prefix.resolveSibling(prefix.getFileName() + "." + sum.get() + END));
                } finally {
                    Path temporary = whole.temporary();
                    Files.deleteIfExists(temporary.resolveSibling(temporary.getFileName() + CONFIGURATION));
                }
            }
            folder.leaveNewest(FILES, END);
            err.printf(
                    "note: the next start will be faster; this took %.1f s, once (THREEHALF_CACHE=off: never)%n",
                    (System.nanoTime() - begin) / 1e9);
            err.flush();
        } catch (IOException | UnsupportedOperationException none) {
            // No home, a full disk, a folder that others may open: the next start is as slow as this one.
        }
    }

    /** Removes the files of some names. */
    private static void remove(Path folder, Predicate<String> names, Instant before) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (names.test(String.valueOf(file.getFileName()))
                        && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** The POSIX checksum and the size, as the launcher's {@code cksum} says them. */
    private static Optional<String> checksum(Path file) throws IOException {
        Process process = new ProcessBuilder("cksum")
                .redirectInput(file.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return said.matches("\\d+ \\d+") ? Optional.of(said.replace(' ', '-')) : Optional.empty();
    }

    private boolean run(Path made, Path model) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Stream.of(
                        java,
                        List.of(
                                "-XX:AOTCacheOutput=" + made,
                                "--enable-native-access=ALL-UNNAMED",
                                "-Dthreehalf.root=" + System.getProperty("threehalf.root", ""),
                                "-cp",
                                System.getProperty("java.class.path"),
                                ThreeHalf.class.getName(),
                                "generate",
                                "-m",
                                model.toAbsolutePath().toString(),
                                "-p",
                                "The",
                                "-n",
                                "1",
                                "-t",
                                "0"))
                .flatMap(List::stream)
                .toList());
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        // Java has another Java write the file, which nobody else would end.
        Thread end = new Thread(() -> end(process));
        try {
            Runtime.getRuntime().addShutdownHook(end);
            process.getOutputStream().close();
            return process.waitFor(LONGEST.toMillis(), TimeUnit.MILLISECONDS)
                    && process.exitValue() == 0
                    && Files.exists(made);
        } catch (IllegalStateException ending) {
            // This process has been told to end.
            return false;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            end(process);
            try {
                Runtime.getRuntime().removeShutdownHook(end);
            } catch (IllegalStateException ending) {
                // It runs, or was never there.
            }
        }
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
