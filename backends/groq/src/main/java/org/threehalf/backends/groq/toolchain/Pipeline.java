package org.threehalf.backends.groq.toolchain;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.threehalf.kernels.io.WholeFile;

/**
 * Runs {@link Stage}s on a module with {@code mlir-opt}, and makes a shared library of the result with {@code clang}.
 */
public final class Pipeline {

    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final String SCHEDULE = "schedule.mlir";

    private final MlirTools tools;

    /** A pipeline with the given tools. */
    public Pipeline(MlirTools tools) {
        this.tools = tools;
    }

    /** A tool refused a module, or could not be run. The message holds what the tool said. */
    public static final class FailedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        FailedException(String message) {
            super(message);
        }
    }

    /** The text of {@code schedule.mlir}. */
    static String schedule() {
        try (InputStream in = Pipeline.class.getResourceAsStream(SCHEDULE)) {
            if (in == null) {
                throw new IllegalStateException(
                        "the resource " + SCHEDULE + " is missing beside " + Pipeline.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that a library depends on besides its module, as one text. */
    String identity() {
        String passes = Arrays.stream(Stage.values())
                .map(stage -> stage.passes().toString())
                .collect(Collectors.joining("\n"));
        return String.join(
                "\n", tools.identity(), schedule(), passes, clangFlags().toString());
    }

    private static List<String> clangFlags() {
        return List.of(
                "-O2",
                "-march=native",
                "-ffp-contract=off",
                "-fno-fast-math",
                "-shared",
                "-fPIC",
                "-Wno-override-module");
    }

    /**
     * Has {@code mlir-opt} verify a module.
     *
     * @return the module in MLIR's pretty form
     * @throws FailedException if it is refused
     */
    public String verify(String module) {
        return inFolder(folder -> {
            Files.writeString(folder.resolve("module.mlir"), module);
            optimize(folder, "module.mlir", "verified.mlir", List.of());
            return Files.readString(folder.resolve("verified.mlir"));
        });
    }

    /**
     * Takes a module through all stages and keeps the result of each in a folder: {@code 0-generated.mlir},
     * {@code 1-verified.mlir} and so on to {@code 6-translated.ll}.
     *
     * @param module the module's text
     * @param folder where the files go; it is made if need be
     * @return the files, in order
     * @throws FailedException if a tool refuses its input
     * @throws IOException if a file cannot be written
     */
    public List<Path> emit(String module, Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        inFolder(work -> {
            Files.writeString(work.resolve(SCHEDULE), schedule());
            Files.writeString(work.resolve("0-generated.mlir"), module);
            files.add(Path.of("0-generated.mlir"));
            for (Stage stage : Stage.values()) {
                Path next = Path.of(stage.label() + ".mlir");
                optimize(work, files.getLast().toString(), next.toString(), stage.passes());
                files.add(next);
            }
            files.add(Path.of("6-translated.ll"));
            translate(
                    work,
                    files.get(files.size() - 2).toString(),
                    files.getLast().toString());
            for (Path file : files) {
                WholeFile.write(folder.resolve(file), part -> Files.copy(work.resolve(file), part));
            }
            return files;
        });
        return files.stream().map(folder::resolve).toList();
    }

    /**
     * Compiles a module to a shared library.
     *
     * @param module the module's text
     * @param library the file to write; it is there whole or not at all
     * @throws FailedException if a tool refuses its input
     */
    public void compile(String module, Path library) {
        inFolder(folder -> {
            Files.writeString(folder.resolve(SCHEDULE), schedule());
            Files.writeString(folder.resolve("module.mlir"), module);
            optimize(
                    folder,
                    "module.mlir",
                    "llvm.mlir",
                    Stream.of(Stage.values())
                            .flatMap(stage -> stage.passes().stream())
                            .toList());
            translate(folder, "llvm.mlir", "module.ll");
            run(
                    folder,
                    Stream.of(List.of(tools.clang().toString()), clangFlags(), List.of("module.ll", "-o", "module.so"))
                            .flatMap(List::stream)
                            .toList());
            return WholeFile.write(library, part -> Files.copy(folder.resolve("module.so"), part));
        });
    }

    private void optimize(Path folder, String from, String to, List<String> passes) throws IOException {
        List<String> words = new ArrayList<>(List.of(tools.opt().toString(), from, "-o", to));
        if (!passes.isEmpty()) {
            String library = "transform-preload-library{transform-library-paths=" + SCHEDULE + "}";
            words.add("--pass-pipeline="
                    + Stream.concat(Stream.of(library), passes.stream())
                            .collect(Collectors.joining(",", "builtin.module(", ")")));
        }
        run(folder, words);
    }

    private void translate(Path folder, String from, String to) throws IOException {
        run(folder, List.of(tools.translate().toString(), "--mlir-to-llvmir", from, "-o", to));
    }

    private static void run(Path folder, List<String> words) throws IOException {
        Command.Result result = Command.run(words, folder, TIMEOUT);
        if (!result.succeeded()) {
            String how =
                    result.timedOut() ? "did not end within " + TIMEOUT : "ended with exit code " + result.exitCode();
            throw new FailedException("%s %s; it says:%n%s".formatted(words.getFirst(), how, result.tail()));
        }
    }

    private interface Work<T> {
        T in(Path folder) throws IOException;
    }

    private static <T> T inFolder(Work<T> work) {
        try {
            Path folder = Files.createTempDirectory("threehalf-mlir");
            try {
                return work.in(folder);
            } finally {
                try (Stream<Path> files = Files.list(folder)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
