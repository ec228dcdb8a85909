package org.threehalf.backends.groq.lpu;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The vendor's compiler and a runner, with their command lines:
 *
 * <pre>
 * groq-compiler MODULE.mlir -o PROGRAM.lpubin
 * threehalf-groq-run PROGRAM.lpubin FUNCTION ARGUMENTS RESULTS
 * </pre>
 *
 * <p>The runner is a program of whoever installs the vendor's runtime, which has no command line of its own that we
 * know of: it uploads the program, runs the function once, and ends with 0. ARGUMENTS is a folder that holds
 * {@code 0.bin}, {@code 1.bin} and so on, one a tensor, row-major and little-endian; it leaves the results as such
 * files in the folder RESULTS.
 *
 * @param compiler the compiler
 * @param runner the runner
 * @param timeout what one run of either may take
 */
public record LpuTools(Path compiler, Path runner, Duration timeout) {

    /** The compiler's name; {@code -Dthreehalf.groq.compiler=FILE} names another. */
    public static final String COMPILER = "groq-compiler";
    /** The runner's name; {@code -Dthreehalf.groq.runner=FILE} names another. */
    public static final String RUNNER = "threehalf-groq-run";

    /** What is said where the compiler is missing. */
    public static final String NO_COMPILER = COMPILER + " not found";

    /** The compiler, from {@code -Dthreehalf.groq.compiler} or PATH; empty where there is none. */
    public static Optional<Path> findCompiler() {
        return find("threehalf.groq.compiler", COMPILER);
    }

    private static Optional<Path> find(String property, String name) {
        String named = System.getProperty(property);
        Stream<Path> candidates = named != null
                ? Stream.of(Path.of(named))
                : Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                        .filter(folder -> !folder.isEmpty())
                        .map(folder -> Path.of(folder, name));
        return candidates
                .filter(Files::isRegularFile)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Looks for both.
     *
     * @throws IllegalStateException if one is missing; the message says which, and how to name it
     */
    public static LpuTools find() {
        Path compiler = findCompiler()
                .orElseThrow(
                        () -> new IllegalStateException(
                                NO_COMPILER
                                        + " (proprietary; put it on PATH or name it with -Dthreehalf.groq.compiler=FILE); 'groq-mlir' runs the same modules on the CPU"));
        Path runner = find("threehalf.groq.runner", RUNNER)
                .orElseThrow(
                        () -> new IllegalStateException(
                                RUNNER
                                        + " not found (a program around the vendor's runtime, see docs/GROQ.md; name it with -Dthreehalf.groq.runner=FILE)"));
        return new LpuTools(compiler, runner, timeoutFromProperty());
    }

    /** {@code -Dthreehalf.groq.timeout=SECONDS}, or an hour. */
    static Duration timeoutFromProperty() {
        return Duration.ofSeconds(Long.getLong("threehalf.groq.timeout", 3600));
    }

    /** The compiler's command line. */
    static List<String> compileCommand(Path compiler, Path module, Path program) {
        return List.of(compiler.toString(), module.toString(), "-o", program.toString());
    }

    /** The runner's command line. */
    List<String> runCommand(Path program, String function, Path arguments, Path results) {
        return List.of(runner.toString(), program.toString(), function, arguments.toString(), results.toString());
    }
}
