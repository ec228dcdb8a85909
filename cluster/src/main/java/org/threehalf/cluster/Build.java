package org.threehalf.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.threehalf.backends.spi.Backend;
import org.threehalf.cli.ThreeHalf;
import org.threehalf.conformance.ConformanceRunner;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.io.Sha256;

/**
 * Which ThreeHalf this is: its version, and a hash of the classes that compute. Unlike a commit's it tells what was
 * changed and not committed, needs no repository, and is the same for classes in folders and in a jar.
 */
final class Build {
    /** A class of each module whose code decides results; all classes of their packages count, and those below. */
    private static final List<Class<?>> ANCHORS = List.of(
            PackedMatrix.class,
            Backend.class,
            LanguageModel.class,
            ConformanceRunner.class,
            ThreeHalf.class,
            Build.class);

    private static final List<String> PACKAGES =
            List.of("kernels", "backends/spi", "inference", "conformance", "cli", "cluster");

    private Build() {}

    private static final class Here {
        private static final String ID = "%s (classes %s)".formatted(ThreeHalf.version(), hash().substring(0, 12));
    }

    /** The build that runs, for people too. */
    static String here() {
        return Here.ID;
    }

    private static String hash() {
        SortedMap<String, String> classes = new TreeMap<>();
        try {
            for (int i = 0; i < ANCHORS.size(); i++) {
                add(ANCHORS.get(i), "org/threehalf/" + PACKAGES.get(i), classes);
            }
        } catch (IOException | URISyntaxException unreadable) {
            throw new IllegalStateException("the classes of ThreeHalf cannot be read: " + unreadable, unreadable);
        }
        MessageDigest all = Sha256.digest();
        for (Map.Entry<String, String> entry : classes.entrySet()) {
            all.update("%s %s%n"
                    .formatted(entry.getKey(), entry.getValue())
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(all.digest());
    }

    private static void add(Class<?> anchor, String folder, SortedMap<String, String> classes)
            throws IOException, URISyntaxException {
        Path place = Path.of(
                anchor.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(place)) {
            addFiles(place, folder, classes);
            return;
        }
        try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + place.toUri()), Map.of())) {
            addFiles(jar.getPath("/"), folder, classes);
        } catch (java.nio.file.FileSystemAlreadyExistsException open) {
            throw new IOException(place + " is open elsewhere in this process", open);
        }
    }

    private static void addFiles(Path root, String folder, SortedMap<String, String> classes) throws IOException {
        try (Stream<Path> files = Files.walk(root.resolve(folder))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                try (InputStream in = Files.newInputStream(file)) {
                    classes.put(root.relativize(file).toString().replace('\\', '/'), Sha256.of(in.readAllBytes()));
                }
            }
        }
    }
}
