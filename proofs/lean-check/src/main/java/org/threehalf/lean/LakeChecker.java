package org.threehalf.lean;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.threehalf.kernels.io.FolderTree;
import org.threehalf.kernels.io.Verdict;

/**
 * The official toolchain: {@code lake build}, then {@code lake env lean} for the scripts, in a copy of the sources and
 * nothing else. What an earlier build left in {@code lean/.lake}, or somebody else put there, is not read.
 */
final class LakeChecker implements LeanChecker {
    private static final Duration LIMIT = Duration.ofMinutes(60);
    private static final Pattern VERSION = Pattern.compile("Lean \\(version ([^,\\s]+),.*?commit ([0-9a-f]+)");

    private final Path lake;
    private final Identity identity;
    private final Path work;

    private LakeChecker(Path lake, Identity identity, Path work) {
        this.lake = lake;
        this.identity = identity;
        this.work = work;
    }

    /**
     * Asks a lake who it is.
     *
     * @param work a folder of this run's own, for the copies; it is emptied
     * @throws IOException if it does not answer, or runs another Lean than {@code lean/lean-toolchain} names
     */
    static LakeChecker of(Path lake, Path leanFolder, Path work) throws IOException {
        Processes.Result answer =
                Processes.run(List.of(lake.toString(), "env", "lean", "--version"), leanFolder, Map.of(), LIMIT);
        Matcher version = VERSION.matcher(answer.output());
        if (answer.exit() != 0 || !version.find()) {
            throw new IOException(
                    "%s env lean --version ended with exit code %d and said: %s; install the toolchain with elan, or run mvn verify with -Dlean.check=npm"
                            .formatted(lake, answer.exit(), (answer.output() + answer.errors()).strip()));
        }
        Path pin = leanFolder.resolve("lean-toolchain");
        String pinned = Files.exists(pin) ? Files.readString(pin).strip() : "";
        if (!pinned.equals("leanprover/lean4:v" + version.group(1))) {
            throw new IOException(
                    "%s runs Lean %s, but lean/lean-toolchain names '%s'; have elan manage lake, which installs the pinned one by itself"
                            .formatted(lake, version.group(1), pinned));
        }
        FolderTree.delete(work);
        return new LakeChecker(lake, new Identity("lake", version.group(1), version.group(2), ""), work);
    }

    @Override
    public Identity identity() {
        return identity;
    }

    /** One run for all modules: lake itself knows what is unchanged. */
    @Override
    public Map<String, Outcome> build(LeanProject project) throws IOException {
        Processes.Result result = Processes.run(
                List.of(lake.toString(), "build", "--wfail", LeanProject.LIBRARY), copied(project), Map.of(), LIMIT);
        String output = result.output() + result.errors();
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        for (LeanProject.Module module : project.modules().values()) {
            String file = project.folder().relativize(module.path()).toString().replace('\\', '/');
            boolean blamed = Pattern.compile("(?m)^(?:error|warning): (?:\\./+)?" + Pattern.quote(file) + ":")
                    .matcher(output)
                    .find();
            Verdict verdict = result.exit() == 0 ? Verdict.PASSED : blamed ? Verdict.FAILED : Verdict.NOT_CHECKED;
            outcomes.put(
                    module.name(), new Outcome(verdict, result.exit(), verdict == Verdict.FAILED ? output : "", false));
        }
        if (result.exit() != 0 && outcomes.values().stream().noneMatch(o -> o.verdict() == Verdict.FAILED)) {
            // lake failed for a reason that names no source: the root stands for the whole.
            outcomes.put(LeanProject.LIBRARY, new Outcome(Verdict.FAILED, result.exit(), output, false));
        }
        return outcomes;
    }

    @Override
    public Outcome run(LeanProject project, LeanProject.Module script, Path output, Map<String, String> more)
            throws IOException {
        Map<String, String> environment = LeanChecker.told(project, script, more);
        environment.put("THREEHALF_VECTORS", output.toAbsolutePath().toString());
        Processes.Result result = Processes.run(
                List.of(
                        lake.toString(),
                        "env",
                        "lean",
                        "-DwarningAsError=true",
                        project.folder().relativize(script.path()).toString()),
                copied(project),
                environment,
                LIMIT);
        return new Outcome(
                Verdict.of(result.exit() == 0),
                result.exit(),
                result.output() + (result.exit() == 0 ? "" : result.errors()),
                false);
    }

    /**
     * The project's sources and lake's two files, as they are now, in a folder of their own that keeps what this check
     * itself built.
     */
    private Path copied(LeanProject project) throws IOException {
        Path copy = work.resolve("lake");
        for (LeanProject.Module source : project.sources()) {
            copy(
                    source.path(),
                    copy.resolve(project.folder().relativize(source.path()).toString()));
        }
        for (String file : List.of("lakefile.toml", "lean-toolchain")) {
            if (Files.exists(project.folder().resolve(file))) {
                copy(project.folder().resolve(file), copy.resolve(file));
            }
        }
        return copy;
    }

    private static void copy(Path from, Path to) throws IOException {
        if (!Files.exists(to) || Files.mismatch(from, to) >= 0) {
            Files.createDirectories(to.getParent());
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
