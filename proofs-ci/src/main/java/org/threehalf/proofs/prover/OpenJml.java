package org.threehalf.proofs.prover;

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

/**
 * OpenJML's extended static checking, where it is installed: the second checker of the contracts.
 *
 * <p>It is looked for at {@code -Dopenjml.home=FOLDER}, at the environment variable {@code OPENJML_HOME} and on PATH; a release's folder
 * holds the launcher {@code openjml}. Its exit codes: 0 all proved, 6 a verification failure, 1 a syntax or type error.
 */
public final class OpenJml {
    private static final Pattern COMPLETED = Pattern.compile("^Completed proof of (\\S+\\(.*?\\)) with prover \\S+ - (.*?)(?: \\[.*\\])?$");
    private static final Pattern STARTED = Pattern.compile("^Starting proof of (\\S+\\(.*?\\)) with prover .*$");
    private static final int MILLIS_A_METHOD = 30_000;

    private OpenJml() {}

    /** OpenJML's verdict on a method. */
    public enum Verdict {
        /** Verified. */
        PROVED,
        /** Some assertion could not be established, or the proof did not come to an end. */
        NOT_PROVED,
        /** OpenJML's output does not name the method, although it ran. */
        NOT_NAMED
    }

    /**
     * What became of the run.
     *
     * @param ran whether OpenJML ran
     * @param detail a sentence for the report
     * @param failure what went wrong apart from single methods; empty where nothing did
     * @param verdicts by {@code org.x.C.m(int,byte[])}
     */
    public record Outcome(boolean ran, String detail, String failure, Map<String, Verdict> verdicts) {
        static Outcome notRun(String why) {
            return new Outcome(false, "OpenJML: not run (" + why + ")", "", Map.of());
        }
    }

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
        String environmentHome = Optional.ofNullable(System.getenv("OPENJML_HOME")).orElse("");
        Optional<Path> launcher = find(home, environmentHome, Optional.ofNullable(System.getenv("PATH")).orElse(""));
        if (launcher.isEmpty()) {
            if (!home.isEmpty() || !environmentHome.isEmpty()) {
                String named = home.isEmpty() ? "OPENJML_HOME=" + environmentHome : "-Dopenjml.home=" + home;
                return new Outcome(false, "OpenJML: not run", named + " holds no executable file openjml: point it to the folder of an unpacked release", Map.of());
            }
            return Outcome.notRun("not installed: unpack a release of github.com/OpenJML/OpenJML and set OPENJML_HOME to its folder");
        }
        return run(launcher.get(), files, sourcePath);
    }

    static Outcome run(Path launcher, List<Path> files, List<Path> sourcePath) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(launcher.toString(), "--esc", "--progress", "--timeout=" + MILLIS_A_METHOD));
        if (!sourcePath.isEmpty()) {
            command.add("--source-path");
            command.add(String.join(File.pathSeparator, sourcePath.stream().map(Path::toString).toList()));
        }
        files.forEach(f -> command.add(f.toString()));
        Path output = Files.createTempFile("openjml", ".log");
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
            if (!process.waitFor(60, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                return new Outcome(true, "OpenJML: stopped", "OpenJML did not end within an hour: " + launcher, Map.of());
            }
            return outcome(launcher, process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            Files.deleteIfExists(output);
        }
    }

    /** Reads what OpenJML printed. */
    static Outcome outcome(Path launcher, int exit, String output) {
        Map<String, Verdict> verdicts = new LinkedHashMap<>();
        output.lines().forEach(line -> {
            Matcher started = STARTED.matcher(line);
            Matcher completed = COMPLETED.matcher(line);
            if (started.matches()) {
                // Until the end of the proof is told, it has none.
                verdicts.put(name(started.group(1)), Verdict.NOT_PROVED);
            } else if (completed.matches()) {
                verdicts.put(name(completed.group(1)), completed.group(2).equals("no warnings") ? Verdict.PROVED : Verdict.NOT_PROVED);
            }
        });
        long proved = verdicts.values().stream().filter(v -> v == Verdict.PROVED).count();
        String detail = "OpenJML (%s): exit code %d, %d of %d methods proved".formatted(launcher, exit, proved, verdicts.size());
        String failure = "";
        if (exit != 0 && exit != 6) {
            failure = "OpenJML could not read the sources (exit code %d): %s".formatted(exit, output.lines().filter(l -> l.contains("error")).findFirst().orElse("no message"));
        } else if (exit == 0 && proved < verdicts.size() || verdicts.isEmpty()) {
            failure = "OpenJML's exit code %d and its output do not fit together: %d of %d methods proved".formatted(exit, proved, verdicts.size());
        } else if (exit == 6 && proved == verdicts.size()) {
            failure = "OpenJML reports a verification failure (exit code 6) outside the methods it names";
        }
        return new Outcome(true, detail, failure, verdicts);
    }

    private static String name(String method) {
        return method.replaceAll("\\(@[^ ]+ :: ([^)]*)\\)", "$1").replace(", ", ",");
    }
}
