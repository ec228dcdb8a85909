package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.threehalf.conformance.GeneratedCases;
import org.threehalf.conformance.Level;
import picocli.CommandLine.Option;

/** The options of the conformance commands that say which cases are meant. */
final class ConformanceCases {

    @Option(
            names = "--vectors",
            paramLabel = "DIR",
            description = "the golden vectors (default: those of the installation)")
    private @Nullable Path vectors;

    @Option(
            names = "--level",
            paramLabel = "L",
            split = ",",
            description = "L0, L1, L2, L3, one or several (default: all)")
    private List<String> levels = List.of();

    @Option(
            names = "--seed",
            paramLabel = "N",
            split = ",",
            description = "seeds of the random cases (default: the published ones, 35 and 70)")
    private List<Long> seeds = GeneratedCases.SEEDS;

    @Option(names = "--golden-only", description = "leave the random cases and the extremes out")
    private boolean goldenOnly;

    @Option(names = "--case", paramLabel = "ID", description = "run only this case")
    private @Nullable String only;

    Path vectors() {
        return orInstalled(vectors);
    }

    /** The folder that is asked for, or that of the installation. */
    static Path orInstalled(@Nullable Path vectors) {
        return vectors == null ? Path.of(System.getProperty("threehalf.root", "."), "spec", "vectors") : vectors;
    }

    /** The files in a folder of golden vectors; none where there is no such folder. */
    static List<Path> files(Path vectors) throws IOException {
        if (!Files.isDirectory(vectors)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(vectors)) {
            return files.toList();
        }
    }

    /** The chosen levels. */
    Set<Level> levels() {
        Set<Level> chosen = EnumSet.noneOf(Level.class);
        levels.forEach(name -> chosen.add(Level.ofName(name)));
        return chosen.isEmpty() ? Level.all() : chosen;
    }

    List<Long> seeds() {
        return goldenOnly ? List.of() : seeds;
    }

    @Nullable
    String only() {
        return only;
    }

    /** The options that change which cases there are, for a command that repeats one. */
    List<String> words() {
        List<String> words = new ArrayList<>();
        if (vectors != null) {
            words.addAll(List.of("--vectors", vectors.toString()));
        }
        if (!goldenOnly && !seeds.equals(GeneratedCases.SEEDS)) {
            words.addAll(List.of(
                    "--seed",
                    String.join(",", seeds.stream().map(String::valueOf).toList())));
        }
        if (goldenOnly) {
            words.add("--golden-only");
        }
        return words;
    }
}
