package org.threehalf.jml;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.threehalf.jml.logic.Verdict;
import org.threehalf.kernels.io.FolderTree;

/**
 * OpenJML's extended static checking, where it is installed: the second checker of the contracts.
 *
 * <p>It is looked for at {@code -Dopenjml.home=FOLDER}, at the environment variable {@code OPENJML_HOME} and on PATH; a
 * release's folder holds the launcher {@code openjml}. Each file is a run of its own, so that what it cannot read in
 * one is that file's. Its exit codes: 0 all proved, 6 a verification failure, 1 a syntax or type error.
 *
 * <p>OpenJML prints "Method assertions are INVALID" where its solver has a model and where it gives up alike. So the
 * solver is called through a script that keeps its answers, and limits it by its own count of steps in place of the
 * clock, which a busy machine would make differ.
 */
public final class OpenJml {
    private static final Pattern COMPLETED =
            Pattern.compile("^Completed proof of (\\S+\\(.*?\\)) with prover \\S+ - (.*?)(?: \\[.*\\])?$");
    private static final Pattern STARTED = Pattern.compile("^Starting proof of (\\S+\\(.*?\\)) with prover .*$");
    private static final Pattern COMPLAINT =
            Pattern.compile("^(?:.*[/\\\\])?([^/\\\\:]+\\.java):(\\d+): \\w+: The prover cannot"
                    + " establish an assertion \\((\\w+)(?:: (?:.*[/\\\\])?([^/\\\\:]+\\.java):(\\d+):?)?\\).*$");
    /** Where a run of the solver begins in the list of its answers. */
    private static final String RUN = "run";
    /** Z3's count of steps for a method. */
    private static final long RESOURCES = 60_000_000;

    private static final int MINUTES_A_FILE = 30;

    private OpenJml() {}

    /**
     * What became of the runs.
     *
     * @param ran whether OpenJML ran
     * @param detail a sentence for the report
     * @param failure what went wrong apart from single methods; empty where nothing did
     * @param verdicts by {@code org.x.C.m(int,byte[])}: REFUTED where the solver has a model of some assertion's
     *     contrary, or nothing meets a precondition; UNKNOWN where the solver gave up; NOT_CHECKED where the proof was
     *     begun and not completed
     * @param crashed what it said of files that it could not take, by the class's simple name
     * @param complaints what it could not establish, by the methods that {@code verdicts} names
     */
    public record Outcome(
            boolean ran,
            String detail,
            String failure,
            Map<String, Verdict> verdicts,
            Map<String, String> crashed,
            Map<String, List<Complaint>> complaints) {
        static Outcome notRun(String why) {
            return new Outcome(false, "OpenJML: not run (" + why + ")", "", Map.of(), Map.of(), Map.of());
        }

        /** How many methods have a verdict. */
        long count(Verdict verdict) {
            return verdicts.values().stream().filter(v -> v == verdict).count();
        }
    }

    /**
     * Something that it could not establish.
     *
     * @param file the file's own name
     * @param line where the clause stands that it is about, or the statement where there is none
     * @param label what OpenJML calls the check: Postcondition, PossiblyDivideByZero, …
     */
    public record Complaint(String file, int line, String label) {}

    /** The launcher, or nothing where OpenJML is not installed. */
    static Optional<Path> find(String home, String environmentHome, String path) {
        List<Path> places = new ArrayList<>();
        if (!home.isEmpty()) {
            places.add(Path.of(home, "openjml"));
        } else if (!environmentHome.isEmpty()) {
            places.add(Path.of(environmentHome, "openjml"));
        } else {
            for (String folder : path.split(File.pathSeparator)) {
                if (!folder.isEmpty()) {
                    places.add(Path.of(folder, "openjml"));
                }
            }
        }
        return places.stream().filter(Files::isExecutable).findFirst();
    }

    /** Runs OpenJML over files where it is installed. */
    static Outcome run(List<Path> files, List<Path> sourcePath) throws IOException, InterruptedException {
        String home = System.getProperty("openjml.home", "");
        String environmentHome =
                Optional.ofNullable(System.getenv("OPENJML_HOME")).orElse("");
        Optional<Path> launcher = find(
                home,
                environmentHome,
                Optional.ofNullable(System.getenv("PATH")).orElse(""));
        if (launcher.isEmpty()) {
            if (!home.isEmpty() || !environmentHome.isEmpty()) {
                String named = home.isEmpty() ? "OPENJML_HOME=" + environmentHome : "-Dopenjml.home=" + home;
                return new Outcome(
                        false,
                        "OpenJML: not run",
                        named + " holds no executable file openjml: point it to the folder of an unpacked release",
                        Map.of(),
                        Map.of(),
                        Map.of());
            }
            return Outcome.notRun(
                    "not installed: unpack a release of github.com/OpenJML/OpenJML and set OPENJML_HOME to its folder");
        }
        return run(launcher.get(), files, sourcePath);
    }

    static Outcome run(Path launcher, List<Path> files, List<Path> sourcePath)
            throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("openjml");
        try {
            Map<String, Verdict> verdicts = new LinkedHashMap<>();
            Map<String, String> crashed = new LinkedHashMap<>();
            Map<String, List<Complaint>> complaints = new LinkedHashMap<>();
            Optional<Path> solver = solver(launcher);
            for (Path file : files) {
                Path answers = folder.resolve("answers");
                Files.writeString(answers, "");
                Path output = folder.resolve("output");
                List<String> command = command(
                        launcher,
                        file,
                        sourcePath,
                        solver.isEmpty() ? Optional.empty() : Optional.of(wrapper(folder, solver.get(), answers)));
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                boolean ended = process.waitFor(MINUTES_A_FILE, TimeUnit.MINUTES);
                if (!ended) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                }
                String type = file.getFileName().toString().replaceFirst("\\.java$", "");
                read(
                        type,
                        ended ? process.exitValue() : -1,
                        Files.readString(output, StandardCharsets.UTF_8),
                        Files.readAllLines(answers),
                        verdicts,
                        crashed,
                        complaints);
            }
            Outcome counted = new Outcome(true, "", "", verdicts, crashed, complaints);
            String detail = "OpenJML (%s): %d files, %d methods: %d proved, %d refuted, %d undecided, %d crashed%s"
                    .formatted(
                            launcher,
                            files.size(),
                            verdicts.size(),
                            counted.count(Verdict.PROVED),
                            counted.count(Verdict.REFUTED),
                            counted.count(Verdict.UNKNOWN),
                            counted.count(Verdict.NOT_CHECKED),
                            solver.isEmpty() ? " (no solver beside it: its limit is the clock's)" : "");
            List<String> failures = new ArrayList<>();
            crashed.forEach((type, why) -> failures.add(type + ": " + why));
            return new Outcome(
                    true,
                    detail,
                    failures.isEmpty() ? "" : "OpenJML could not take " + String.join("; ", failures),
                    verdicts,
                    crashed,
                    complaints);
        } finally {
            FolderTree.delete(folder);
        }
    }

    /** The arguments for a file; the contracts' nullness annotations are on the class path. */
    static List<String> command(Path launcher, Path file, List<Path> sourcePath, Optional<Path> wrapper) {
        List<String> command = new ArrayList<>(List.of(
                launcher.toString(), "--esc", "--progress", "--check-feasibility=precondition,exit", "-source", "21"));
        wrapper.ifPresentOrElse(w -> command.add("--exec=" + w), () -> command.add("--timeout=30000"));
        List<String> annotations = List.of(
                        System.getProperty("java.class.path", "").split(File.pathSeparator))
                .stream()
                .filter(p -> Path.of(p).getFileName().toString().startsWith("jspecify-"))
                .toList();
        if (!annotations.isEmpty()) {
            command.addAll(List.of("-classpath", String.join(File.pathSeparator, annotations)));
        }
        if (!sourcePath.isEmpty()) {
            command.addAll(List.of(
                    "-sourcepath",
                    String.join(
                            File.pathSeparator,
                            sourcePath.stream().map(Path::toString).toList())));
        }
        command.add(file.toString());
        return command;
    }

    /** The Z3 that a release brings in a folder beside its launcher. */
    private static Optional<Path> solver(Path launcher) throws IOException {
        Path home = Optional.ofNullable(launcher.toAbsolutePath().getParent()).orElse(launcher);
        List<Path> found = new ArrayList<>();
        try (var folders = Files.newDirectoryStream(home, "Solvers-*")) {
            for (Path folder : folders) {
                try (var solvers = Files.newDirectoryStream(folder, "z3*")) {
                    solvers.forEach(found::add);
                }
            }
        }
        return found.stream()
                .filter(Files::isRegularFile)
                .filter(Files::isExecutable)
                .sorted()
                .reduce((first, second) -> second);
    }

    /** A script in the solver's place: the same solver with a limit on its steps, whose answers are kept. */
    private static Path wrapper(Path folder, Path solver, Path answers) throws IOException {
        Path script = folder.resolve("z3");
        Files.writeString(
                script,
                "#!/bin/sh\necho %s >> '%s'\n'%s' rlimit=%d \"$@\" | tee -a '%s'\n"
                        .formatted(RUN, answers, solver, RESOURCES, answers));
        if (!script.toFile().setExecutable(true)) {
            throw new IOException("cannot make " + script + " executable");
        }
        return script;
    }

    /**
     * Reads what OpenJML printed of a file, and what its solver answered.
     *
     * @param answers the solver's output, a line {@code run} before that of each method
     */
    static void read(
            String type,
            int exit,
            String output,
            List<String> answers,
            Map<String, Verdict> verdicts,
            Map<String, String> crashed,
            Map<String, List<Complaint>> complaints) {
        List<List<String>> runs = new ArrayList<>();
        for (String line : answers) {
            if (line.equals(RUN)) {
                runs.add(new ArrayList<>());
            } else if (!runs.isEmpty() && (line.equals("sat") || line.equals("unsat") || line.equals("unknown"))) {
                runs.getLast().add(line);
            }
        }
        int begun = 0;
        int named = 0;
        boolean infeasible = false;
        String method = "";
        for (String line : output.lines().toList()) {
            Matcher started = STARTED.matcher(line);
            Matcher completed = COMPLETED.matcher(line);
            Matcher complaint = COMPLAINT.matcher(line);
            if (started.matches()) {
                infeasible = false;
                method = name(started.group(1));
                begun++;
                if (of(type, started.group(1))) {
                    // Until the end of the proof is told, it has none.
                    verdicts.put(name(started.group(1)), Verdict.NOT_CHECKED);
                    named++;
                }
            } else if (complaint.matches() && of(type, method)) {
                boolean declared = complaint.group(4) != null;
                complaints
                        .computeIfAbsent(method, k -> new ArrayList<>())
                        .add(new Complaint(
                                complaint.group(declared ? 4 : 1),
                                Integer.parseInt(complaint.group(declared ? 5 : 2)),
                                complaint.group(3)));
            } else if (line.contains("Feasibility check") && line.contains(": infeasible")) {
                infeasible = true;
            } else if (completed.matches() && of(type, completed.group(1))) {
                List<String> said = begun >= 1 && begun <= runs.size() ? runs.get(begun - 1) : List.of();
                verdicts.put(
                        name(completed.group(1)),
                        switch (completed.group(2)) {
                            case "no warnings" -> infeasible ? Verdict.REFUTED : Verdict.PROVED;
                            case "with warnings" ->
                                infeasible || !said.isEmpty() && said.getFirst().equals("sat")
                                        ? Verdict.REFUTED
                                        : Verdict.UNKNOWN;
                            default -> completed.group(2).contains("error") ? Verdict.NOT_CHECKED : Verdict.UNKNOWN;
                        });
            }
        }
        if (exit != 0 && exit != 6) {
            crashed.put(
                    type,
                    "exit code %d: %s"
                            .formatted(
                                    exit,
                                    output.lines()
                                            .filter(l -> l.contains("error") || l.contains("Exception"))
                                            .findFirst()
                                            .orElse("no message")));
        } else if (named == 0) {
            crashed.put(type, "exit code " + exit + ", and no method of it is named");
        } else if (exit == 0
                && verdicts.entrySet().stream().anyMatch(e -> of(type, e.getKey()) && e.getValue() != Verdict.PROVED)) {
            crashed.put(type, "exit code 0, though not all its methods are proved");
        }
    }

    /** Whether a method is one of a class, or of one nested in it. */
    private static boolean of(String type, String method) {
        String owner = method.substring(0, Math.max(0, method.indexOf('(')));
        return ("." + owner.substring(0, Math.max(0, owner.lastIndexOf('.'))) + ".")
                .replace('$', '.')
                .contains("." + type + ".");
    }

    private static String name(String method) {
        return method.replaceAll("\\(@[^ ]+ :: ([^)]*)\\)", "$1").replace(", ", ",");
    }
}
