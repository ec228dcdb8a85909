package org.threehalf.backends.groq.lpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.threehalf.backends.groq.toolchain.Command;
import org.threehalf.backends.groq.toolchain.Compiler;
import org.threehalf.kernels.io.FolderTree;
import org.threehalf.kernels.io.WholeFile;

/**
 * Compiles modules with the vendor's compiler, and calls them through the runner. Programs live in a folder that is
 * deleted at the end.
 */
public final class LpuCompiler implements Compiler {

    /** Ending of a compiled program. */
    public static final String PROGRAM = ".lpubin";

    private final LpuTools tools;
    private final Path folder;
    private int programs;

    /**
     * A compiler with the given tools.
     *
     * @throws UncheckedIOException if there is no place for the programs
     */
    public LpuCompiler(LpuTools tools) {
        this.tools = tools;
        try {
            this.folder = Files.createTempDirectory("threehalf-lpu");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Compiles one module.
     *
     * @param compiler the vendor's compiler
     * @param module the file with the module
     * @param program the file to write; it is there whole or not at all
     * @throws IllegalStateException if the compiler reports an error, leaves no program, or does not end in time; with
     *     what it said
     * @throws IOException if it cannot be started, or a file cannot be written
     */
    public static void compile(Path compiler, Path module, Path program) throws IOException {
        compile(compiler, module, program, LpuTools.timeoutFromProperty());
    }

    static void compile(Path compiler, Path module, Path program, Duration timeout) throws IOException {
        Path target = program.toAbsolutePath();
        WholeFile.write(program, part -> {
            run(LpuTools.compileCommand(compiler, module.toAbsolutePath(), part), target.getParent(), timeout);
            if (!Files.isRegularFile(part) || Files.size(part) == 0) {
                throw new IllegalStateException(
                        "%s ended with 0 on %s but left no program".formatted(compiler, module));
            }
        });
    }

    private static void run(List<String> words, Path folder, Duration timeout) throws IOException {
        Command.Result result = Command.run(words, folder, timeout);
        if (!result.succeeded()) {
            String how = result.timedOut()
                    ? "did not end within %d s".formatted(timeout.toSeconds())
                    : "ended with exit code " + result.exitCode();
            throw new IllegalStateException(
                    "%s %s; it says:%n%s".formatted(String.join(" ", words), how, result.tail()));
        }
    }

    @Override
    public Function function(String module, String name, int arguments, int results) {
        try {
            Path text = folder.resolve("module-%d.mlir".formatted(programs));
            Path program = folder.resolve("module-%d%s".formatted(programs++, PROGRAM));
            Files.writeString(text, module);
            compile(tools.compiler(), text, program, tools.timeout());
            return buffers -> call(
                    program,
                    name,
                    List.of(buffers).subList(0, arguments),
                    List.of(buffers).subList(arguments, arguments + results));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void call(Path program, String function, List<MemorySegment> arguments, List<MemorySegment> results) {
        try {
            Path in = Files.createTempDirectory(folder, "arguments");
            Path out = Files.createTempDirectory(folder, "results");
            try {
                for (int i = 0; i < arguments.size(); i++) {
                    Files.write(in.resolve(i + ".bin"), arguments.get(i).toArray(ValueLayout.JAVA_BYTE));
                }
                run(tools.runCommand(program, function, in, out), folder, tools.timeout());
                for (int i = 0; i < results.size(); i++) {
                    results.get(i)
                            .copyFrom(MemorySegment.ofArray(result(
                                    out.resolve(i + ".bin"), results.get(i).byteSize())));
                }
            } finally {
                // With all that the vendor's programs may leave where they run.
                FolderTree.delete(in);
                FolderTree.delete(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] result(Path file, long size) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) != size) {
            throw new IllegalStateException("%s ended with 0 but left %s as result %s; %,d bytes are needed"
                    .formatted(
                            tools.runner(),
                            Files.isRegularFile(file) ? "%,d bytes".formatted(Files.size(file)) : "nothing",
                            file.getFileName(),
                            size));
        }
        return Files.readAllBytes(file);
    }

    @Override
    public void close() {
        try {
            FolderTree.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
