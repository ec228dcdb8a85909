package org.threehalf.cli.doctor;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.threehalf.backends.groq.lpu.LpuTools;
import org.threehalf.backends.llvm.InstructionSet;
import org.threehalf.backends.llvm.NativeKernel;
import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.kernels.io.UserCache;

/**
 * What {@code threehalf doctor} found.
 *
 * @param machine the machine
 * @param backends each with whether it can be used
 * @param chosen the backend that a run takes where none is named
 * @param passedOver what would be faster and cannot be used, each with why: backends that are preferred to the chosen
 *     one, and instruction sets that it prefers to its own
 * @param tools programs of others that some command or check uses
 * @param caches folders where something is kept between runs
 */
public record Diagnosis(
        Machine machine,
        List<Finding> backends,
        Finding chosen,
        List<Finding> passedOver,
        List<Finding> tools,
        List<Cache> caches) {

    /**
     * Something that is there or not.
     *
     * @param name what
     * @param there whether it can be used
     * @param detail what exactly, or why not and what to do
     */
    public record Finding(String name, boolean there, String detail) {}

    /**
     * A folder with what was kept.
     *
     * @param name what is kept
     * @param folder where, whether it exists or not
     * @param files how many files there are
     * @param bytes how large they are together
     */
    public record Cache(String name, Path folder, long files, long bytes) {}

    /** Programs that are looked for on PATH, and what for. */
    private static final List<List<String>> PROGRAMS = List.of(
            List.of(
                    "lake",
                    "checks the Lean proofs (official toolchain); without it npm's build is taken: install elan"),
            List.of("npm", "brings a build of Lean where there is no lake"),
            List.of("mvn", "builds a checkout; a download needs none"),
            List.of("g++", "tests of the CUDA kernels on an emulated device"),
            List.of("nvidia-smi", "comes with NVIDIA's driver, which the backend cuda needs"));

    /**
     * Looks at this machine.
     *
     * @param preferred names of backends that are taken where none is named, the best first
     * @param environment the environment's variables
     */
    public static Diagnosis here(List<String> preferred, Function<String, Optional<String>> environment) {
        List<Finding> backends =
                BackendProvider.all().stream().map(Diagnosis::finding).toList();
        List<Finding> passedOver = new ArrayList<>();
        Finding chosen = new Finding("none", false, "no CPU backend is there");
        for (String name : preferred) {
            Optional<Finding> found = backends.stream()
                    .filter(backend -> backend.name().equals(name))
                    .findFirst();
            if (found.isPresent() && found.get().there()) {
                chosen = found.get();
                break;
            }
            found.ifPresent(passedOver::add);
        }
        if (chosen.name().equals("native")) {
            passedOver.addAll(betterInstructions());
        }
        return new Diagnosis(
                Machine.here(), backends, chosen, List.copyOf(passedOver), tools(environment), caches(environment));
    }

    private static Finding finding(BackendProvider provider) {
        Availability availability = provider.availability();
        return new Finding(provider.name(), availability.available(), availability.detail());
    }

    /** Instruction sets that the native kernel would rather take than the one it takes. */
    private static List<Finding> betterInstructions() {
        InstructionSet taken = NativeKernel.best().instructions();
        return Stream.of(InstructionSet.values())
                .takeWhile(set -> set != taken)
                .map(set -> new Finding(
                        "native with " + set,
                        false,
                        Optional.ofNullable(NativeKernel.problem(set)).orElse("another set was asked for")))
                .toList();
    }

    private static List<Finding> tools(Function<String, Optional<String>> environment) {
        String path = environment.apply("PATH").orElse("");
        List<Finding> tools = new ArrayList<>();
        for (List<String> program : PROGRAMS) {
            Optional<Path> found = onPath(program.getFirst(), path);
            tools.add(new Finding(
                    program.getFirst(),
                    found.isPresent(),
                    found.map(Path::toString).orElse("not on PATH; " + program.get(1))));
        }
        Optional<Path> openJml = environment
                .apply("OPENJML_HOME")
                .map(home -> Path.of(home, "openjml"))
                .filter(Files::isExecutable)
                .or(() -> onPath("openjml", path));
        tools.add(new Finding(
                "openjml",
                openJml.isPresent(),
                openJml.map(Path::toString)
                        .orElse("neither in OPENJML_HOME nor on PATH; optional: a second prover of the contracts")));
        boolean z3 = Diagnosis.class.getResource("/com/microsoft/z3/Context.class") != null;
        tools.add(new Finding(
                "z3",
                z3,
                z3
                        ? "comes with ThreeHalf"
                        : "not on this class path; `threehalf verify` and `mvn verify` bring their own"));
        Optional<Path> groq = LpuTools.findCompiler();
        tools.add(new Finding(
                LpuTools.COMPILER,
                groq.isPresent(),
                groq.map(Path::toString).orElse("not on PATH; proprietary, only the backend groq needs it")));
        return List.copyOf(tools);
    }

    private static Optional<Path> onPath(String program, String path) {
        return Arrays.stream(path.split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    /** What lies in ThreeHalf's cache folder, each part by itself, and what LLVM's libraries are unpacked to. */
    private static List<Cache> caches(Function<String, Optional<String>> environment) {
        Path root = UserCache.root(environment
                .apply("XDG_CACHE_HOME")
                .map(folder -> Map.of("XDG_CACHE_HOME", folder))
                .orElse(Map.of()));
        List<Cache> caches = new ArrayList<>();
        for (List<String> part : List.of(
                List.of("lean", "Lean"),
                List.of("prover", "prover verdicts"),
                List.of("groq-mlir", "MLIR modules"),
                List.of("native", "machine code"),
                List.of("start", "starts of Java"))) {
            caches.add(cache(part.get(1), root.resolve(part.getFirst())));
        }
        try (Stream<Path> folders = Files.list(root)) {
            folders.filter(Files::isDirectory)
                    .filter(folder -> !folder.endsWith("natives"))
                    .filter(folder ->
                            caches.stream().noneMatch(known -> known.folder().equals(folder)))
                    .sorted()
                    .forEach(folder -> caches.add(cache(String.valueOf(folder.getFileName()), folder)));
        } catch (IOException none) {
            // Nothing was kept yet.
        }
        caches.add(cache(
                "native libraries",
                Path.of(System.getProperty(
                        "org.bytedeco.javacpp.cachedir", root.resolve("natives").toString()))));
        return List.copyOf(caches);
    }

    private static Cache cache(String name, Path folder) {
        long[] counted = new long[2];
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(Files::isRegularFile).forEach(file -> {
                    counted[0]++;
                    counted[1] += file.toFile().length();
                });
            } catch (IOException | java.io.UncheckedIOException unreadable) {
                // What could be counted is counted.
            }
        }
        return new Cache(name, folder, counted[0], counted[1]);
    }
}
