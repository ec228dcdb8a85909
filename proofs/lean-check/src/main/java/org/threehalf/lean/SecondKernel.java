package org.threehalf.lean;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.threehalf.kernels.io.FolderTree;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.lean.export.KernelExport;
import org.threehalf.repository.Problem;
import tools.jackson.databind.json.JsonMapper;

/**
 * Has every constant of the compiled project checked by a kernel of other authors, where one is there: nanoda, a type
 * checker for Lean 4 in Rust. What it is given is read from Lean's compiled files by {@link KernelExport}, without
 * Lean. It may take as axioms what the library's files have as such, and nothing else; and it must refuse the same text
 * with the proof of one theorem under another.
 */
public final class SecondKernel {
    /** By whom what {@link Report#seeded} says is checked. */
    public static final String BY = "a second kernel";
    /** The program's name where it is looked for on {@code PATH}. */
    static final String PROGRAM = "nanoda_bin";
    /** The environment variable that names the program. */
    static final String VARIABLE = "NANODA";

    private static final Duration LIMIT = Duration.ofMinutes(20);

    private SecondKernel() {}

    /**
     * What it came to.
     *
     * @param seeded that it accepts the proofs, and that it refuses a wrong one; empty if there is none
     * @param problems what to report as failures
     * @param summary what it checked, or why nothing was
     */
    record Report(List<LeanOutcome.Seeded> seeded, List<Problem> problems, String summary) {}

    /** The program of this machine. */
    static Optional<Path> find(Map<String, String> environment) {
        String named = environment.getOrDefault(VARIABLE, "");
        return named.isEmpty()
                ? Processes.find(PROGRAM, environment.getOrDefault("PATH", ""))
                : Optional.of(Path.of(named).toAbsolutePath());
    }

    /**
     * Checks.
     *
     * @param compiled the compiled project, if its files can be read
     * @param folder a folder for what is written; it is emptied
     */
    static Report check(Optional<Path> program, Optional<KernelExport.Compiled> compiled, Path folder)
            throws IOException {
        if (program.isEmpty()) {
            return new Report(
                    List.of(),
                    List.of(),
                    "NOT CHECKED: there is no %s on PATH, and %s names none".formatted(PROGRAM, VARIABLE));
        }
        if (compiled.isEmpty()) {
            return new Report(
                    List.of(),
                    List.of(),
                    "NOT CHECKED: the files of this Lean are not read, only those of its npm build");
        }
        FolderTree.delete(folder);
        Files.createDirectories(folder);
        Path text = folder.resolve("right.ndjson");
        KernelExport.Written written = KernelExport.write(text, compiled.get(), false);
        Processes.Result right = run(program.get(), text, written, folder);
        Path other = folder.resolve("wrong.ndjson");
        KernelExport.write(other, compiled.get(), true);
        Processes.Result wrong = run(program.get(), other, written, folder);
        Files.delete(other);
        String accepts = "%,d theorems, with %,d statements of the library as axioms"
                .formatted(written.theorems(), written.assumed().size());
        // It ends with 0 and says how many it checked: one that says nothing has checked nothing.
        boolean accepted =
                right.exit() == 0 && right.output().matches("(?s)Checked [1-9]\\d* declarations with no errors\\s*");
        boolean refused = wrong.exit() != 0 && wrong.exit() != -1;
        List<Problem> problems = new ArrayList<>();
        if (!accepted) {
            problems.add(new Problem(
                    "%s does not accept the proofs (exit code %d): %s"
                            .formatted(program.get(), right.exit(), lastLine(right)),
                    "one of the two kernels is wrong: say so to their authors"));
        }
        if (!refused) {
            problems.add(new Problem(
                    "%s does not refuse a theorem with the proof of another (exit code %d)"
                            .formatted(program.get(), wrong.exit()),
                    "its verdict is worth nothing until it does"));
        }
        return new Report(
                List.of(
                        new LeanOutcome.Seeded("it accepts " + accepts, BY, Verdict.of(accepted)),
                        new LeanOutcome.Seeded(
                                "a theorem with the proof of another is refused", BY, Verdict.of(refused))),
                problems,
                "%s: %s; %,d declarations in %s"
                        .formatted(
                                version(program.get(), folder), accepts, written.declarations(), text.getFileName()));
    }

    private static Processes.Result run(Path program, Path text, KernelExport.Written written, Path folder)
            throws IOException {
        Path settings = folder.resolve("settings.json");
        Files.writeString(
                settings,
                new JsonMapper()
                        .writeValueAsString(Map.of(
                                "export_file_path", text.toString(),
                                "use_stdin", false,
                                "permitted_axioms", List.copyOf(written.assumed()),
                                "unpermitted_axiom_hard_error", true,
                                "nat_extension", true,
                                "string_extension", true,
                                "print_axioms", false,
                                "print_success_message", true)));
        return Processes.run(List.of(program.toString(), settings.toString()), folder, Map.of(), LIMIT);
    }

    private static String version(Path program, Path folder) throws IOException {
        return Processes.run(List.of(program.toString(), "--help"), folder, Map.of(), LIMIT)
                .output()
                .lines()
                .findFirst()
                .orElse(PROGRAM);
    }

    private static String lastLine(Processes.Result result) {
        return (result.output() + result.errors())
                .lines()
                .filter(line -> !line.isBlank())
                .reduce((a, b) -> b)
                .orElse("it says nothing");
    }
}
