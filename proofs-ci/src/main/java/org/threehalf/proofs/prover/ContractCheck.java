package org.threehalf.proofs.prover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Checks the contracts of the reference kernels, or of given files. */
public final class ContractCheck {
    private ContractCheck() {}

    /** Where earlier verdicts are remembered: {@code -Dprover.cache}, else {@code ~/.cache/threehalf/prover}. */
    static Path cache() {
        String folder = System.getProperty("prover.cache", "");
        return folder.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache", "threehalf", "prover") : Path.of(folder);
    }

    /** The sources whose contracts a build proves. */
    static List<Path> referenceSources(Path root) throws IOException {
        Path folder = root.resolve("kernels/src/main/java/org/threehalf/kernels/reference");
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".java") && !f.endsWith("package-info.java")).sorted().toList();
        }
    }

    /** Proves the contracts of some files; classes they use are looked up on the source path. */
    static ContractReport check(List<Path> files, Path root, List<Path> sourcePath, Consumer<ContractReport.Method> finished) throws IOException, InterruptedException {
        long start = System.nanoTime();
        List<SourceReader.Source> sources = new ArrayList<>();
        for (Path f : files) {
            Path absolute = f.toAbsolutePath().normalize();
            String name = absolute.startsWith(root) ? root.relativize(absolute).toString() : f.toString();
            sources.add(new SourceReader.Source(name, Files.readString(f)));
        }
        List<String> errors = new ArrayList<>();
        List<ContractReport.Method> methods = List.of();
        try (Verifier verifier = new Verifier(new Z3Prover(cache(), Boolean.getBoolean("prover.quick")))) {
            methods = verifier.verify(SourceReader.read(sources, sourcePath), errors, finished);
        } catch (UnsupportedSyntaxException e) {
            errors.add(String.valueOf(e.getMessage()));
        }
        return new ContractReport(Z3Prover.version(), methods, OpenJml.Outcome.notRun("TODO"), errors, (System.nanoTime() - start) / 1_000_000);
    }
}
