package org.threehalf.jml.solver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Map;
import java.util.stream.Stream;
import org.threehalf.kernels.io.Sha256;

/** The hash of the prover's own classes, so that no verdict outlives the code that found it. */
public final class OwnCode {
    /** The package that all of the prover's are below. */
    private static final String ROOT = "org.threehalf.jml";

    private static final String HASH = compute();

    private OwnCode() {}

    /** The hash of all classes of the prover, by name and content. */
    static String hash() {
        return HASH;
    }

    private static String compute() {
        CodeSource source = OwnCode.class.getProtectionDomain().getCodeSource();
        if (source == null) {
            throw new IllegalStateException("the prover does not know where its classes are");
        }
        String folder = ROOT.replace('.', '/');
        try {
            Path place = Path.of(source.getLocation().toURI());
            if (Files.isDirectory(place)) {
                return of(place.resolve(folder));
            }
            try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + place.toUri()), Map.of())) {
                return of(jar.getPath("/" + folder));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The hash of the classes in a folder and below it. */
    public static String of(Path folder) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path f : files.filter(f -> f.toString().endsWith(".class"))
                    .sorted(java.util.Comparator.comparing(f -> name(folder, f)))
                    .toList()) {
                all.append(name(folder, f))
                        .append(' ')
                        .append(Sha256.of(Files.readAllBytes(f)))
                        .append('\n');
            }
        }
        if (all.isEmpty()) {
            throw new IllegalStateException("no classes in " + folder);
        }
        return Sha256.of(all.toString());
    }

    private static String name(Path folder, Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }
}
