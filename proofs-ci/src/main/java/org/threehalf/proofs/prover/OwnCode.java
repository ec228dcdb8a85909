package org.threehalf.proofs.prover;

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
import org.threehalf.proofs.hash.Sha;

/** The hash of the prover's own classes, so that no verdict outlives the code that found it. */
final class OwnCode {
    private static final String HASH = compute();

    private OwnCode() {}

    /** The hash of all classes of this package, by name and content. */
    static String hash() {
        return HASH;
    }

    private static String compute() {
        CodeSource source = OwnCode.class.getProtectionDomain().getCodeSource();
        if (source == null) {
            throw new IllegalStateException("the prover does not know where its classes are");
        }
        String folder = OwnCode.class.getPackageName().replace('.', '/');
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

    /** The hash of the classes in a folder. */
    static String of(Path folder) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path f : files.filter(f -> f.toString().endsWith(".class"))
                    .sorted(java.util.Comparator.comparing(f -> f.getFileName().toString()))
                    .toList()) {
                all.append(f.getFileName())
                        .append(' ')
                        .append(Sha.hex(Files.readAllBytes(f)))
                        .append('\n');
            }
        }
        if (all.isEmpty()) {
            throw new IllegalStateException("no classes in " + folder);
        }
        return Sha.hex(all.toString());
    }
}
