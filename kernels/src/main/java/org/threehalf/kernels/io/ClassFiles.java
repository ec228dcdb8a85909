package org.threehalf.kernels.io;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The class files that run: for those who must know whether results were found by the same code. */
public final class ClassFiles {
    private ClassFiles() {}

    /**
     * The jar or the folder of classes that a class comes from.
     *
     * @throws IOException if that is not known
     */
    public static Path place(Class<?> one) throws IOException {
        CodeSource source = one.getProtectionDomain().getCodeSource();
        if (source == null) {
            throw new IOException(one.getName() + ": it is not known where its class file is");
        }
        try {
            return Path.of(source.getLocation().toURI());
        } catch (URISyntaxException | IllegalArgumentException elsewhere) {
            throw new IOException(source.getLocation() + ": not a jar or a folder", elsewhere);
        }
    }

    /**
     * The class files of a package and of those below it, in the jar or the folder that a class comes from: the same
     * for both.
     *
     * @param one the class
     * @param parent the package, with slashes
     * @return each one's SHA-256 by its name from the package on, with slashes
     * @throws IOException if they cannot be read, or there is none
     */
    public static SortedMap<String, String> sha256(Class<?> one, String parent) throws IOException {
        Path place = place(one);
        if (Files.isDirectory(place)) {
            return sha256(place.resolve(parent));
        }
        try (FileSystem jar = FileSystems.newFileSystem(place)) {
            return sha256(jar.getPath("/").resolve(parent));
        }
    }

    /** As {@link #sha256(Class, String)}, of a folder. */
    public static SortedMap<String, String> sha256(Path folder) throws IOException {
        SortedMap<String, String> classes = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            List<Path> files =
                    walk.filter(file -> file.toString().endsWith(".class")).toList();
            for (Path file : files) {
                classes.put(folder.relativize(file).toString().replace('\\', '/'), Sha256.of(Files.readAllBytes(file)));
            }
        }
        if (classes.isEmpty()) {
            throw new IOException("no classes in " + folder);
        }
        return classes;
    }
}
