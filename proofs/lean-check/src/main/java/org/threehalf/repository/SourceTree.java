package org.threehalf.repository;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds and names files of the repository, always in the same order. */
public final class SourceTree {
    private static final Pattern MODULE = Pattern.compile("<module>\\s*([^<\\s]+)\\s*</module>");

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

    /**
     * The folders of the Maven modules: those with a {@code pom.xml}, one or two levels below the root. Those that the
     * root's names in a profile alone are left out: what is said of the others is the same whether somebody has built
     * them, on whatever day, or not.
     */
    public static List<Path> modules(Path root) throws IOException {
        Set<Path> optional = optional(root);
        try (Stream<Path> files = Files.walk(root, 3)) {
            return files.filter(f -> f.endsWith("pom.xml") && !f.getParent().equals(root))
                    .map(Path::getParent)
                    .filter(module -> !optional.contains(module))
                    .sorted(java.util.Comparator.comparing(f -> name(root, f)))
                    .toList();
        }
    }

    private static Set<Path> optional(Path root) throws IOException {
        Path pom = root.resolve("pom.xml");
        String text = Files.exists(pom) ? Files.readString(pom) : "";
        int profiles = text.indexOf("<profiles>");
        return profiles < 0
                ? Set.of()
                : modulesNamed(text.substring(profiles)).map(root::resolve).collect(Collectors.toSet());
    }

    /** The modules that a {@code pom.xml}'s text, or a part of it, names, in its order. */
    public static Stream<String> modulesNamed(String pom) {
        return MODULE.matcher(pom).results().map(m -> m.group(1));
    }

    /** A file's path below the root, with {@code /} on every system. */
    public static String name(Path root, Path file) {
        return root.relativize(file).toString().replace('\\', '/');
    }
}
