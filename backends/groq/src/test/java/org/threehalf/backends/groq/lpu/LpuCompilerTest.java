package org.threehalf.backends.groq.lpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.threehalf.backends.groq.toolchain.Compiler;

/** The driver with stand-ins for the vendor's programs, which were not at hand. */
class LpuCompilerTest {

    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private Path module;
    private Path program;

    @BeforeEach
    void module() throws IOException {
        module = Files.writeString(folder.resolve("m.mlir"), "module {}");
        program = folder.resolve("m.lpubin");
    }

    private void assertNothingLeft() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(
                    List.of("groq-compiler", "m.mlir"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    /** The compiler gets the documented command line, and its program is there afterwards. */
    @Test
    void compiles() throws IOException {
        Path compiler = StandIns.script(folder.resolve("groq-compiler"), "echo \"$1 $2\" > \"$3\"");
        LpuCompiler.compile(compiler, module, program, LONG);
        assertEquals(module.toAbsolutePath() + " -o\n", Files.readString(program));
    }

    /** An error of the compiler, no program, an empty one: each says so, and leaves nothing. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "echo 'error: op not supported'; exit 3 | ended with exit code 3; it says:",
                "exit 0                                 | ended with 0 on",
                ": > \"$3\"                             | but left no program",
                "echo half > \"$3\"; exit 1             | ended with exit code 1"
            })
    void reportsAFailedCompiler(String body, String message) throws IOException {
        Path compiler = StandIns.script(folder.resolve("groq-compiler"), body);
        IllegalStateException failure =
                assertThrows(IllegalStateException.class, () -> LpuCompiler.compile(compiler, module, program, LONG));
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
        assertTrue(
                !body.contains("not supported") || failure.getMessage().contains("error: op not supported"),
                failure.getMessage());
        assertNothingLeft();
    }

    /** A compiler that does not end is ended, with its children. */
    @Test
    void endsACompilerThatHangs() throws IOException {
        Path compiler = StandIns.script(folder.resolve("groq-compiler"), "echo half > \"$3\"; sleep 600; true");
        IllegalStateException failure = assertThrows(
                IllegalStateException.class,
                () -> LpuCompiler.compile(compiler, module, program, Duration.ofSeconds(1)));
        assertTrue(failure.getMessage().contains("did not end within 1 s"), failure.getMessage());
        assertNothingLeft();
    }

    /** A compiler that cannot be started is an input-output error that names it. */
    @Test
    void reportsACompilerThatCannotStart() {
        IOException failure = assertThrows(
                IOException.class, () -> LpuCompiler.compile(folder.resolve("none"), module, program, LONG));
        assertTrue(failure.getMessage().contains(folder.resolve("none").toString()), failure.getMessage());
    }

    /** Arguments go to the runner as files, and its files come back as results; wrong sizes and errors are reported. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cp \"$3/1.bin\" \"$4/0.bin\"              | ''",
                "printf 1234567 > \"$4/0.bin\"             | left 7 bytes as result 0.bin; 8 bytes are needed",
                "exit 0                                    | left nothing as result 0.bin",
                "echo 'no device'; exit 9                  | ended with exit code 9"
            })
    void calls(String body, String message) throws IOException {
        Path runner = StandIns.script(folder.resolve("threehalf-groq-run"), body);
        try (Compiler compiler = new LpuCompiler(new LpuTools(StandIns.compiler(folder), runner, LONG));
                Arena arena = Arena.ofConfined()) {
            Compiler.Function function = compiler.function("module {}", "f", 2, 1);
            MemorySegment first = arena.allocate(4);
            MemorySegment second = arena.allocateFrom(java.lang.foreign.ValueLayout.JAVA_LONG, 35);
            MemorySegment result = arena.allocate(8);
            if (message.isEmpty()) {
                function.call(first, second, result);
                assertEquals(35, result.get(java.lang.foreign.ValueLayout.JAVA_LONG, 0));
            } else {
                IllegalStateException failure =
                        assertThrows(IllegalStateException.class, () -> function.call(first, second, result));
                assertTrue(failure.getMessage().contains(message), failure.getMessage());
            }
        }
    }
}
