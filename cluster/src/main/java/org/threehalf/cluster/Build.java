package org.threehalf.cluster;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.threehalf.cli.ThreeHalf;
import org.threehalf.kernels.io.Sha256;

/**
 * Which ThreeHalf this is: its version, and a hash of every file of ThreeHalf on the class path: all classes and
 * resources below {@code org/threehalf}, as the class loader finds them, and the services that they are found by, with
 * the classes that are named there. Unlike a commit's it tells what was changed and not committed, needs no repository,
 * and is the same for classes in folders and in a jar.
 *
 * <p>LLVM, which compiles kernels, stands beside it where it is there: not all nodes need have it.
 */
final class Build {
    private static final String OURS = "org/threehalf/";
    private static final String SERVICES = "META-INF/services/org.threehalf.";
    private static final String LLVM = "META-INF/maven/org.bytedeco/llvm/pom.properties";
    private static final String LLVM_CLASS = "org/bytedeco/llvm/presets/LLVM.class";
    private static final Pattern ID = Pattern.compile("(.*\\(classes [0-9a-f]{12})(?:, LLVM (\\S+))?\\)");

    private Build() {}

    private static final class Here {
        private static final String ID = of(Build.class.getClassLoader());
    }

    /** The build that runs, for people too. */
    static String here() {
        return Here.ID;
    }

    /** The build that a class loader finds. */
    static String of(ClassLoader loader) {
        try {
            String llvm = llvm(loader);
            return "%s (classes %s%s)"
                    .formatted(
                            ThreeHalf.version(), hash(loader).substring(0, 12), llvm.isEmpty() ? "" : ", LLVM " + llvm);
        } catch (IOException unreadable) {
            throw new IllegalStateException("the classes of ThreeHalf cannot be read: " + unreadable, unreadable);
        }
    }

    /**
     * Whether two builds give the same: they have the same classes, and, where both have LLVM, the same one.
     *
     * @param one {@link #here()} of a node
     * @param other that of another
     */
    static boolean same(String one, String other) {
        Matcher first = ID.matcher(one);
        Matcher second = ID.matcher(other);
        return first.matches() && second.matches()
                ? first.group(1).equals(second.group(1))
                        && (first.group(2) == null
                                || second.group(2) == null
                                || first.group(2).equals(second.group(2)))
                : one.equals(other);
    }

    /** LLVM's version, or a hash of its binding where that is not told; empty if there is none. */
    private static String llvm(ClassLoader loader) throws IOException {
        try (InputStream in = loader.getResourceAsStream(LLVM)) {
            if (in != null) {
                Properties properties = new Properties();
                properties.load(in);
                String version = properties.getProperty("version", "");
                if (version.matches("\\S+")) {
                    return version;
                }
            }
        }
        try (InputStream in = loader.getResourceAsStream(LLVM_CLASS)) {
            return in == null ? "" : Sha256.of(in.readAllBytes()).substring(0, 12);
        }
    }

    private static String hash(ClassLoader loader) throws IOException {
        Set<String> files = new TreeSet<>();
        Set<String> services = new TreeSet<>();
        for (Path place : places(loader)) {
            for (String name : Files.isDirectory(place) ? ofFolder(place) : ofJar(place)) {
                (name.startsWith(OURS) ? files : services).add(name);
            }
        }
        StringBuilder all = new StringBuilder();
        for (String service : services) {
            // Of several jars that offer one, one jar made of them has the lines of all.
            TreeSet<String> offered = new TreeSet<>();
            for (URL url : Collections.list(loader.getResources(service))) {
                try (InputStream in = url.openStream()) {
                    new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .map(line -> line.replaceFirst("#.*", "").strip())
                            .filter(line -> !line.isEmpty())
                            .forEach(offered::add);
                }
            }
            all.append(service).append(' ').append(offered).append('\n');
            offered.forEach(name -> files.add(name.replace('.', '/') + ".class"));
        }
        for (String file : files) {
            // As it is loaded: of two of a name, the one that counts.
            try (InputStream in = loader.getResourceAsStream(file)) {
                all.append(file)
                        .append(' ')
                        .append(in == null ? "none" : Sha256.of(in.readAllBytes()))
                        .append('\n');
            }
        }
        if (files.isEmpty()) {
            throw new IOException("there are none on the class path");
        }
        return Sha256.of(all.toString());
    }

    /** All jars and folders of a class path. */
    private static Set<Path> places(ClassLoader loader) {
        Set<Path> places = new LinkedHashSet<>();
        for (ClassLoader one = loader; one != null; one = one.getParent()) {
            if (one instanceof URLClassLoader urls) {
                for (URL url : urls.getURLs()) {
                    try {
                        if (url.getProtocol().equals("file")) {
                            places.add(Path.of(url.toURI()));
                        }
                    } catch (URISyntaxException | IllegalArgumentException noPath) {
                        places.add(Path.of(url.getPath()));
                    }
                }
            }
        }
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            try {
                places.add(Path.of(entry));
            } catch (InvalidPathException noPath) {
                // Nothing is found there either.
            }
        }
        places.removeIf(place -> !Files.exists(place));
        return places;
    }

    private static boolean counts(String name) {
        return name.startsWith(OURS) || name.startsWith(SERVICES);
    }

    private static Set<String> ofFolder(Path folder) throws IOException {
        Set<String> names = new TreeSet<>();
        for (String below : Set.of(OURS, "META-INF/services")) {
            Path top = folder.resolve(below);
            if (Files.isDirectory(top)) {
                try (Stream<Path> walk = Files.walk(top)) {
                    walk.filter(Files::isRegularFile)
                            .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                            .filter(Build::counts)
                            .forEach(names::add);
                }
            }
        }
        return names;
    }

    private static Set<String> ofJar(Path jar) {
        Set<String> names = new TreeSet<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            zip.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(ZipEntry::getName)
                    .filter(Build::counts)
                    .forEach(names::add);
        } catch (IOException noJar) {
            // The class loader passes over it too.
        }
        return names;
    }
}
