package org.threehalf.proofs.lean;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.threehalf.proofs.evidence.Verdict;

/** The official toolchain: {@code lake build}, then {@code lake env lean} for the scripts. */
final class LakeChecker implements LeanChecker {
    private static final Duration LIMIT = Duration.ofMinutes(60);
    private static final Pattern VERSION = Pattern.compile("Lean \\(version ([^,\\s]+),.*?commit ([0-9a-f]+)");

    private final Path lake;
    private final Identity identity;

    private LakeChecker(Path lake, Identity identity) {
        this.lake = lake;
        this.identity = identity;
    }

    /**
     * Asks a lake who it is.
     *
     * @throws IOException if it does not answer, or runs another Lean than {@code lean/lean-toolchain} names
     */
    static LakeChecker of(Path lake, Path leanFolder) throws IOException {
        Processes.Result answer = Processes.run(List.of(lake.toString(), "env", "lean", "--version"), leanFolder, Map.of(), LIMIT);
        Matcher version = VERSION.matcher(answer.output());
        if (answer.exit() != 0 || !version.find()) {
            throw new IOException("%s env lean --version ended with exit code %d and said: %s; install the toolchain with elan, or run mvn verify with -Dlean.check=npm"
                    .formatted(lake, answer.exit(), (answer.output() + answer.errors()).strip()));
        }
        Path pin = leanFolder.resolve("lean-toolchain");
        String pinned = Files.exists(pin) ? Files.readString(pin).strip() : "";
        if (!pinned.endsWith(":v" + version.group(1))) {
            throw new IOException("%s runs Lean %s, but lean/lean-toolchain names '%s'; have elan manage lake, which installs the pinned one by itself"
                    .formatted(lake, version.group(1), pinned));
        }
        return new LakeChecker(lake, new Identity("lake", version.group(1), version.group(2), ""));
    }

    @Override
    public Identity identity() {
        return identity;
    }

    /** One run for all modules: lake itself knows what is unchanged. */
    @Override
    public Map<String, Outcome> build(LeanProject project) throws IOException {
        Processes.Result result = Processes.run(List.of(lake.toString(), "build", "--wfail", LeanProject.LIBRARY), project.folder(), Map.of(), LIMIT);
        String output = result.output() + result.errors();
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        for (LeanProject.Module module : project.modules().values()) {
            String file = project.folder().relativize(module.path()).toString().replace('\\', '/');
            boolean blamed = Pattern.compile("(?m)^(?:error|warning): (?:\\./+)?" + Pattern.quote(file) + ":").matcher(output).find();
            Verdict verdict = result.exit() == 0 ? Verdict.PASSED : blamed ? Verdict.FAILED : Verdict.NOT_CHECKED;
            outcomes.put(module.name(), new Outcome(verdict, result.exit(), verdict == Verdict.FAILED ? output : "", false));
        }
        if (result.exit() != 0 && outcomes.values().stream().noneMatch(o -> o.verdict() == Verdict.FAILED)) {
            // lake failed for a reason that names no source: the root stands for the whole.
            outcomes.put(LeanProject.LIBRARY, new Outcome(Verdict.FAILED, result.exit(), output, false));
        }
        return outcomes;
    }

    @Override
    public Outcome run(LeanProject project, LeanProject.Module script, Path output) throws IOException {
        Processes.Result result = Processes.run(
                List.of(lake.toString(), "env", "lean", "-DwarningAsError=true", project.folder().relativize(script.path()).toString()),
                project.folder(), Map.of("THREEHALF_VECTORS", output.toString(), LeanChecker.SOURCES, LeanChecker.sources(project)), LIMIT);
        return new Outcome(result.exit() == 0 ? Verdict.PASSED : Verdict.FAILED, result.exit(),
                result.output() + (result.exit() == 0 ? "" : result.errors()), false);
    }
}
