package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.threehalf.kernels.io.PrivateFolder;
import org.threehalf.kernels.io.WholeFile;

/**
 * What Java knows when {@code threehalf generate} has started (an AOT cache: JEP 483, 514 and 515), kept between runs
 * of a download: the launcher names its file, the first run that took the backend {@code native} makes it, and later
 * starts take it. It holds classes as they were loaded and what was measured of them, no result of any computation.
 *
 * <p>Made by a run of its own, with the model that was just run and one token. It lies in a folder of the user's that
 * nobody else may open ({@link PrivateFolder}); Java checks that it was made by this JDK of these jars, and its
 * checksum, and starts without it if not.
 */
final class KeptStart {
    /**
     * A system property of the launcher's: the file that this run may make, {@value #TAKEN} in a run that took one, or
     * nothing.
     */
    static final String PROPERTY = "threehalf.start";
    /** See {@link #PROPERTY}. */
    static final String TAKEN = "taken";

    /** The backend that needs nothing of the Vector API's module, which an AOT cache cannot hold. */
    static final String BACKEND = "native";

    /** A larger model is not loaded a second time. */
    private static final long LARGEST_MODEL = 1L << 30;
    /** Of other downloads and JDKs: those that were taken or made longest ago go first. */
    private static final int FILES = 4;

    private static final String END = ".aot";
    private static final int SECONDS = 60;

    private final Path file;
    private final List<String> java;

    /**
     * @param file what is made
     * @param java the program and its options
     */
    KeptStart(Path file, List<String> java) {
        this.file = file;
        this.java = List.copyOf(java);
    }

    /** What this run may make; empty if the launcher asked for nothing, or it is there. */
    static Optional<KeptStart> asked() {
        String named = System.getProperty(PROPERTY, "");
        if (!named.endsWith(END) || Files.exists(Path.of(named))) {
            return Optional.empty();
        }
        return Optional.of(new KeptStart(
                Path.of(named),
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString())));
    }

    /** What is to be said of a backend that was taken because no better one is there; empty if there is nothing. */
    static Optional<String> remark(String backend) {
        return System.getProperty(PROPERTY, "").equals(TAKEN) && !backend.equals(BACKEND)
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
            PrivateFolder folder = PrivateFolder.of(file.toAbsolutePath().getParent());
            try (WholeFile whole = WholeFile.begin(file)) {
                try {
                    if (run(whole.temporary(), model)) {
                        whole.commit();
                        err.printf(
                                "note: the next start will be faster; this took %.1f s, once (THREEHALF_CACHE=off: never)%n",
                                (System.nanoTime() - begin) / 1e9);
                        err.flush();
                    }
                } finally {
                    Files.deleteIfExists(configuration(whole.temporary()));
                }
            }
            folder.leaveNewest(FILES, END);
        } catch (IOException | UnsupportedOperationException none) {
            // No home, a full disk, a folder that others may open: the next start is as slow as this one.
        }
    }

    /** Java writes it first, and removes it unless it is killed. */
    private static Path configuration(Path made) {
        return made.resolveSibling(made.getFileName() + ".config");
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
        try {
            process.getOutputStream().close();
            return process.waitFor(SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0 && Files.exists(made);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            process.destroyForcibly();
        }
    }
}
