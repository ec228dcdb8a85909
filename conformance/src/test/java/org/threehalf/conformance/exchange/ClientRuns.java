package org.threehalf.conformance.exchange;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.threehalf.conformance.ConformanceRunner.Cases;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.ConformanceRunner.Run;
import org.threehalf.conformance.Installation;
import org.threehalf.conformance.Level;
import org.threehalf.kernels.io.FolderTree;

/** Compiles the example client in C and runs clients on exported cases, for the tests beside this. */
final class ClientRuns {
    static final Path CLIENTS = Installation.SPEC.resolveSibling("conformance").resolve("clients");
    static final Path C = CLIENTS.resolve("c").resolve("client.c");

    private final Path temporary;
    /** What programs are asked, made and written once for all that are asked the same. */
    private record Exported(Options options, Cases cases, ExchangeFolder folder) {}

    private final Map<Set<Level>, Exported> exported = new HashMap<>();

    ClientRuns(Path temporary) {
        this.temporary = temporary;
    }

    private static boolean runs(List<String> command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException missing) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static String first(String what, Stream<String> candidates, String... arguments) {
        String found = candidates
                .filter(c ->
                        runs(Stream.concat(Stream.of(c), Stream.of(arguments)).toList()))
                .findFirst()
                .orElse("");
        Assumptions.assumeFalse(found.isEmpty(), "the machine has no " + what);
        return found;
    }

    Path compiled(String source) throws IOException {
        String compiler = first("C compiler", Stream.of("cc", "gcc", "clang"), "--version");
        Path file = Files.writeString(Files.createTempFile(temporary, "client", ".c"), source);
        Path program = Path.of(file.toString().replaceFirst("\\.c$", ""));
        assertTrue(runs(List.of(
                compiler,
                "-std=c11",
                "-O2",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-ffp-contract=off",
                "-o",
                program.toString(),
                file.toString(),
                "-lm")));
        return program;
    }

    Run judged(List<String> command, Set<Level> levels) throws IOException {
        Exported asked = exported.get(levels);
        if (asked == null) {
            Options options =
                    new Options(Installation.VECTORS, List.of(35L), null, null, 2, levels, null, result -> {});
            asked = new Exported(
                    options,
                    Cases.exchanged(options),
                    new ExchangeFolder(
                            Files.createTempDirectory(temporary, "run").resolve("exchange")));
            asked.folder().export(options, asked.cases());
            exported.put(levels, asked);
        }
        ExchangeFolder folder = asked.folder();
        // Nothing of the program before.
        FolderTree.delete(folder.out());
        Files.createDirectory(folder.out());
        new DeviceProgram(command).run(folder, Duration.ofMinutes(5));
        return folder.check("client", "example", asked.options(), asked.cases());
    }
}
