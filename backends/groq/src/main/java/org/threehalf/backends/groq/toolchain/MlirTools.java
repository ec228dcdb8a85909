package org.threehalf.backends.groq.toolchain;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tools of MLIR and LLVM {@value #VERSION}.
 *
 * @param opt {@code mlir-opt}
 * @param translate {@code mlir-translate}
 * @param clang {@code clang}
 * @param identity the versions and the host's processor, as the tools state them: part of what a compiled module
 *     depends on
 */
public record MlirTools(Path opt, Path translate, Path clang, String identity) {

    /** The major version whose passes and options the pipeline is written for. */
    public static final int VERSION = 19;

    /** What to install where they are missing. */
    public static final String HINT =
            "install them with 'apt-get install mlir-19-tools clang-19', or name their folder with -Dthreehalf.mlir.bin=DIR";

    private static final Pattern TARGET = Pattern.compile("\"-target-(?:cpu|feature)\" \"([^\"]+)\"");
    private static final Pattern VERSION_LINE = Pattern.compile("version (\\d+)\\.");

    /**
     * Looks for the tools: in the folder that {@code -Dthreehalf.mlir.bin} names, else on PATH and where Debian keeps
     * them.
     *
     * @throws IllegalStateException if one is missing or has another version; the message says what to install
     */
    public static MlirTools find() {
        String folder = System.getProperty("threehalf.mlir.bin");
        List<Path> folders = folder != null
                ? List.of(Path.of(folder))
                : Stream.concat(
                                Stream.of(System.getenv()
                                                .getOrDefault("PATH", "")
                                                .split(File.pathSeparator))
                                        .filter(entry -> !entry.isEmpty()),
                                Stream.of("/usr/lib/llvm-" + VERSION + "/bin"))
                        .map(Path::of)
                        .toList();
        return find(folders);
    }

    /** As {@link #find()}, in the given folders. */
    public static MlirTools find(List<Path> folders) {
        List<String> missing = new ArrayList<>();
        StringBuilder identity = new StringBuilder();
        List<Path> found = new ArrayList<>();
        for (String name : List.of("mlir-opt", "mlir-translate", "clang")) {
            Optional<Path> tool = Stream.of(name + "-" + VERSION, name)
                    .flatMap(file -> folders.stream().map(path -> path.resolve(file)))
                    .filter(Files::isExecutable)
                    .findFirst();
            tool.ifPresent(path -> {
                found.add(path);
                identity.append(version(path, name));
            });
            if (tool.isEmpty()) {
                missing.add(name + "-" + VERSION);
            }
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException("%s not found: %s".formatted(String.join(", ", missing), HINT));
        }
        return new MlirTools(
                found.get(0),
                found.get(1),
                found.get(2),
                identity.append(processor(found.get(2))).toString());
    }

    /** What clang takes this machine's processor for: libraries are compiled for it. */
    private static String processor(Path clang) {
        try {
            List<String> words = List.of(clang.toString(), "-march=native", "-x", "c", "-c", "-###", "/dev/null");
            String said = Command.run(words, Path.of("").toAbsolutePath(), Duration.ofSeconds(20))
                    .output();
            return TARGET.matcher(said).results().map(result -> result.group(1)).collect(Collectors.joining(" "));
        } catch (IOException e) {
            throw new IllegalStateException("%s cannot be run (%s): %s".formatted(clang, e.getMessage(), HINT), e);
        }
    }

    private static String version(Path tool, String name) {
        try {
            Command.Result result = Command.run(
                    List.of(tool.toString(), "--version"), Path.of("").toAbsolutePath(), Duration.ofSeconds(20));
            Matcher matcher = VERSION_LINE.matcher(result.output());
            if (result.succeeded() && matcher.find() && Integer.parseInt(matcher.group(1)) == VERSION) {
                return name + "\n" + result.output();
            }
            throw new IllegalStateException(
                    "%s is not of version %d: %s; it says: %s".formatted(tool, VERSION, HINT, result.tail()));
        } catch (IOException e) {
            throw new IllegalStateException("%s cannot be run (%s): %s".formatted(tool, e.getMessage(), HINT), e);
        }
    }

    /** The version in words: {@code MLIR and LLVM 19.1.7}. */
    public String version() {
        Matcher matcher = Pattern.compile("version (\\d+\\.\\d+\\.\\d+)").matcher(identity);
        return "MLIR and LLVM " + (matcher.find() ? matcher.group(1) : Integer.toString(VERSION));
    }
}
