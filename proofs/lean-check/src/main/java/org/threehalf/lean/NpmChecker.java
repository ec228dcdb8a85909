package org.threehalf.lean;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.threehalf.kernels.io.FolderTree;
import org.threehalf.kernels.io.PrivateFolder;
import org.threehalf.kernels.io.PrivateFolder.Secret;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.lean.export.KernelExport;
import org.threehalf.repository.SourceTree;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lean from npm, one process a module, at most two at a time (each takes a processor and 1.5 GB).
 *
 * <p>What Lean said is kept in a cache under a hash of the source, of everything that it imports, of the toolchain and
 * of the options, so an unchanged module is not checked again. It is believed only if it carries the code that this
 * user's secret gives ({@link PrivateFolder}). A run that ended in any other way than with exit code 0, or 1 and an
 * error message, is not kept.
 */
final class NpmChecker implements LeanChecker {
    private static final int PROCESSES = 2;
    private static final Duration LIMIT = Duration.ofMinutes(20);
    /**
     * A run lasts seconds, so optimising what runs a little does not pay, and neither do threads for it beside the two
     * processes: measured on two processors, a module of a minute takes a fifth less.
     */
    private static final List<String> NODE_OPTIONS = List.of(
            "--stack-size=4000",
            "--wasm-tiering-budget=60000000",
            "--wasm-num-compilation-tasks=2",
            "--single-threaded-gc");

    private static final List<String> OPTIONS = List.of("-DwarningAsError=true", "-DautoImplicit=false", "-R", "/lean");
    /**
     * The build prints its own steps before this line, and the first 200 characters of the source: nothing of that is
     * Lean's word.
     */
    private static final String STARTED = "[DEBUG:G] Now calling lean_shell_main...";

    private static final JsonMapper JSON = new JsonMapper();
    /** For all checkers of this program together. */
    private static final Slots RUNNING = new Slots(PROCESSES);

    private final NpmToolchain toolchain;
    private final NpmToolchain.Pins pins;
    private final Path results;
    private final Secret secret;
    private final Path work;
    private final boolean first;
    private final boolean fresh;
    private final Map<String, String> keys = new ConcurrentHashMap<>();

    /**
     * A checker.
     *
     * @param cache holds results between runs, of all working trees of this user
     * @param work a folder of this run's own; it is emptied
     * @param first whether its steps go before those of checkers without this
     * @param fresh whether to take no result of an earlier run
     */
    NpmChecker(NpmToolchain toolchain, NpmToolchain.Pins pins, Path cache, Path work, boolean first, boolean fresh)
            throws IOException {
        this.toolchain = toolchain;
        this.pins = pins;
        this.secret = PrivateFolder.closed(cache).secret("secret");
        this.results = PrivateFolder.closed(cache.resolve("results")).path();
        this.work = work;
        this.first = first;
        this.fresh = fresh;
        FolderTree.delete(work);
        Files.createDirectories(work.resolve("build"));
    }

    @Override
    public Identity identity() {
        return new Identity(
                "npm " + pins.lean() + " on " + pins.node(),
                pins.leanVersion(),
                pins.leanCommit(),
                pins.lean().integrity());
    }

    @Override
    public Optional<KernelExport.Compiled> compiled(LeanProject project) {
        return Optional.of(new KernelExport.Compiled(
                project.modules().keySet(),
                List.of(work.resolve("build"), toolchain.folder().resolve("lib/lean")),
                // It is compiled to 32-bit WebAssembly.
                Integer.BYTES,
                pins.leanVersion()));
    }

    @Override
    public Map<String, Outcome> build(LeanProject project) throws IOException {
        Map<String, CompletableFuture<Outcome>> futures = new LinkedHashMap<>();
        for (LeanProject.Module module : project.modules().values()) {
            List<CompletableFuture<Outcome>> imports = module.imports().stream()
                    .filter(futures::containsKey)
                    .map(futures::get)
                    .toList();
            futures.put(
                    module.name(),
                    Tasks.after(
                            CompletableFuture.allOf(imports.toArray(CompletableFuture[]::new)),
                            () -> imports.stream().anyMatch(i -> i.join().verdict() != Verdict.PASSED)
                                    ? new Outcome(Verdict.NOT_CHECKED, 0, "", false)
                                    : compile(project, module)));
        }
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        for (Map.Entry<String, CompletableFuture<Outcome>> future : futures.entrySet()) {
            outcomes.put(future.getKey(), Tasks.join(future.getValue()));
        }
        return outcomes;
    }

    private Outcome compile(LeanProject project, LeanProject.Module module) throws IOException {
        String stem = module.name().replace('.', '/');
        Outcome outcome = cached(
                "module",
                key(project, module),
                out -> {
                    Files.createDirectories(out.resolve(stem).getParent());
                    return lean(project, module, out, List.of("-o", "/out/" + stem + ".olean"), Map.of());
                },
                work.resolve("build"));
        if (outcome.verdict() == Verdict.PASSED
                && !Files.exists(work.resolve("build").resolve(stem + ".olean"))) {
            throw new IOException(
                    "Lean accepted %s but wrote no %s.olean; it is not installed well".formatted(module.file(), stem));
        }
        return outcome;
    }

    @Override
    public Outcome run(LeanProject project, LeanProject.Module script, Path output, Map<String, String> more)
            throws IOException {
        Map<String, String> told = LeanChecker.told(project, script, more);
        // A script may also read the sources that it does not import.
        String all = Sha256.of(key(project, script)
                + told
                + project.modules().values().stream().map(m -> key(project, m)).collect(Collectors.joining()));
        return cached("script", all, out -> lean(project, script, out, List.of(), told), output);
    }

    /** What a kept result's authentication code is of: all of it, and the question that it answers. */
    private static byte[] sealed(String kind, String key, int exit, String output, Path files) throws IOException {
        StringBuilder text = new StringBuilder(kind + "\n" + key + "\n" + exit + "\n" + Sha256.of(output) + "\n");
        for (Path file : SourceTree.files(files, "")) {
            text.append(Sha256.of(file))
                    .append("  ")
                    .append(SourceTree.name(files, file))
                    .append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private interface Step {
        Outcome run(Path out) throws IOException;
    }

    /**
     * Takes a result from the cache, or runs a step in a new folder and keeps what it wrote if it passed; then copies
     * the files.
     */
    private Outcome cached(String kind, String key, Step step, Path to) throws IOException {
        Path entry = results.resolve(kind + "-" + key);
        Path log = entry.resolve("outcome.json");
        if (!fresh && Files.exists(log)) {
            JsonNode kept = JSON.readTree(Files.readString(log));
            int exit = kept.path("exit").asInt();
            String output = kept.path("output").asString("");
            if (secret.authentic(
                    kept.path("code").asString(""), sealed(kind, key, exit, output, entry.resolve("files")))) {
                copy(entry.resolve("files"), to);
                Files.setLastModifiedTime(log, FileTime.from(Instant.now()));
                return new Outcome(Verdict.of(exit == 0), exit, output, true);
            }
            System.out.println(
                    "Lean: the kept result %s is not what this check wrote; checking again".formatted(entry));
            FolderTree.delete(entry);
        }
        Path temporary = Files.createTempDirectory(results, "running-");
        try {
            Path files = Files.createDirectory(temporary.resolve("files"));
            Outcome outcome = step.run(files);
            copy(files, to);
            if (outcome.exit() == 0 || outcome.exit() == 1 && outcome.output().contains(": error")) {
                Files.writeString(
                        temporary.resolve("outcome.json"),
                        JSON.createObjectNode()
                                .put("exit", outcome.exit())
                                .put("output", outcome.output())
                                .put("code", secret.hex(sealed(kind, key, outcome.exit(), outcome.output(), files)))
                                .toString());
                try {
                    Files.move(temporary, entry, StandardCopyOption.ATOMIC_MOVE);
                } catch (FileSystemException e) {
                    // Another run may have checked the same at the same time.
                    if (!Files.exists(log)) {
                        throw e;
                    }
                }
            }
            return outcome;
        } finally {
            FolderTree.delete(temporary);
        }
    }

    private Outcome lean(
            LeanProject project, LeanProject.Module module, Path out, List<String> arguments, Map<String, String> told)
            throws IOException {
        try {
            RUNNING.acquire(first);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before " + module.file(), e);
        }
        try {
            Path scratch = Files.createTempDirectory(work, "scratch-");
            ObjectNode settings = JSON.createObjectNode();
            settings.put("folder", "/scratch");
            settings.putObject("mounts")
                    .put("/lean", project.folder().toString())
                    .put("/build", work.resolve("build").toString())
                    .put("/out", out.toString())
                    .put("/scratch", scratch.toString())
                    .put("/toolchain", toolchain.folder().toString());
            ObjectNode environment =
                    settings.putObject("env").put("LEAN_SYSROOT", "/toolchain").put("THREEHALF_VECTORS", "/out");
            told.forEach(environment::put);
            List<String> command = new ArrayList<>();
            command.add(toolchain.folder().resolve("node").toString());
            command.addAll(NODE_OPTIONS);
            command.add(toolchain.folder().resolve("lean.js").toString());
            command.addAll(OPTIONS);
            command.addAll(arguments);
            command.add("/" + module.file());
            Outcome outcome = judged(command, scratch, settings);
            if (outcome.exit() > 1 || outcome.exit() == 1 && !outcome.output().contains(": error")) {
                // Lean itself ends with 0, or with 1 and an error message: Node died, for want of memory mostly, and
                // that says nothing about the source.
                System.out.println(
                        "Lean: %s ended with exit code %d; once more".formatted(module.file(), outcome.exit()));
                outcome = judged(command, scratch, settings);
            }
            return outcome;
        } finally {
            RUNNING.release();
        }
    }

    private static Outcome judged(List<String> command, Path scratch, ObjectNode settings) throws IOException {
        Processes.Result result = Processes.run(
                command,
                scratch,
                Map.of(
                        "THREEHALF_LEAN",
                        settings.toString(),
                        "LEAN_PATH",
                        "/build:/toolchain/lib/lean",
                        "NODE_OPTIONS",
                        "",
                        "MALLOC_ARENA_MAX",
                        "1"),
                LIMIT);
        if (result.exit() == 0) {
            return new Outcome(Verdict.PASSED, 0, leanOutput(result.output()), false);
        }
        String output = result.exit() == -1
                ? "did not end within %d minutes".formatted(LIMIT.toMinutes())
                : leanOutput(result.output() + result.errors());
        return new Outcome(
                Verdict.FAILED,
                result.exit(),
                output.contains(": error") ? output : "exit code %d%n%s".formatted(result.exit(), output),
                false);
    }

    /** Lean's own words: from where Lean was called on, without the build's debugging lines. */
    static String leanOutput(String text) {
        int start = text.indexOf("\n" + STARTED);
        return text.substring(Math.max(start, 0))
                .lines()
                .filter(line -> !line.isBlank()
                        && !line.startsWith("[DEBUG:")
                        && !line.matches("  - /\\S+\\.olean|  mainModule\\? = \\w+"))
                .map(line -> line.startsWith("/lean/") ? line.substring(1) : line)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    /** A hash of everything that a module's result depends on. */
    private String key(LeanProject project, LeanProject.Module module) {
        String known = keys.get(module.file() + module.sha256());
        if (known != null) {
            return known;
        }
        StringBuilder text = new StringBuilder(
                "2\n" + toolchain.hash() + "\n" + OPTIONS + "\n" + module.name() + "\n" + module.sha256() + "\n");
        module.imports().stream()
                .map(project.modules()::get)
                .filter(java.util.Objects::nonNull)
                .forEach(i -> text.append(key(project, i)).append('\n'));
        String key = Sha256.of(text.toString());
        keys.put(module.file() + module.sha256(), key);
        return key;
    }

    private static void copy(Path from, Path to) throws IOException {
        for (Path file : SourceTree.files(from, "")) {
            Path target = to.resolve(from.relativize(file).toString());
            Files.createDirectories(target.getParent());
            Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
