package org.threehalf.proofs.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds and names files of the repository, always in the same order. */
public final class SourceTree {
    private SourceTree() {}

    /** The files below a folder whose name ends so, in the order of their paths; none if the folder does not exist. */
    public static List<Path> files(Path folder, String suffix) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.getFileName().toString().endsWith(suffix) && Files.isRegularFile(f))
                    .sorted(java.util.Comparator.comparing(f -> name(folder, f)))
                    .toList();
        }
    }

    /** The folders of the Maven modules: those with a {@code pom.xml}, one or two levels below the root. */
    public static List<Path> modules(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root, 3)) {
            return files.filter(f -> f.endsWith("pom.xml") && !f.getParent().equals(root))
                    .map(Path::getParent)
                    .sorted(java.util.Comparator.comparing(f -> name(root, f)))
                    .toList();
        }
    }

    /** A file's path below the root, with {@code /} on every system. */
    public static String name(Path root, Path file) {
        return root.relativize(file).toString().replace('\\', '/');
    }
}
