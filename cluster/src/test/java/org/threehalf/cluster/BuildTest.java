package org.threehalf.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.backends.spi.BackendProvider;

/** Every file of ThreeHalf's counts, whatever its module. */
class BuildTest {
    private static final String SERVICE = "META-INF/services/org.threehalf.backends.spi.BackendProvider";

    @TempDir
    Path folder;

    private static void write(Path root, Map<String, String> files) throws IOException {
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = root.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
    }

    private static Path jar(Path jar, Map<String, String> files) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        }
        return jar;
    }

    private static String build(Path... places) throws IOException {
        List<URL> urls = new ArrayList<>();
        for (Path place : places) {
            urls.add(place.toUri().toURL());
        }
        try (URLClassLoader loader =
                new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            return Build.of(loader);
        }
    }

    @Test
    void foldersAndOneJarOfThemAreTheSameAndWhateverIsChangedIsAnother() throws IOException {
        Map<String, String> files = new LinkedHashMap<>(Map.of(
                "org/threehalf/kernels/A.class", "1",
                "org/threehalf/backends/anything/deep/B.class", "2",
                "org/threehalf/backends/cuda/k.cu", "3",
                "else/where/C.class", "4"));
        Path a = Files.createDirectories(folder.resolve("a"));
        Path b = Files.createDirectories(folder.resolve("b"));
        write(a, files);
        write(a, Map.of(SERVICE, "org.threehalf.kernels.A\n"));
        write(b, Map.of(SERVICE, "else.where.C # ours\n"));
        files.put(SERVICE, "else.where.C\norg.threehalf.kernels.A\n");
        String one = build(a, b);
        assertEquals(one, build(jar(folder.resolve("one.jar"), files)));
        for (String name : files.keySet()) {
            Map<String, String> changed = new LinkedHashMap<>(files);
            changed.put(name, "org.threehalf.Another");
            assertNotEquals(one, build(jar(folder.resolve("changed.jar"), changed)), name);
            changed.remove(name);
            assertNotEquals(one, build(jar(folder.resolve("less.jar"), changed)), name);
        }
        Map<String, String> more = new LinkedHashMap<>(files);
        more.put("org/threehalf/D.class", "5");
        assertNotEquals(one, build(jar(folder.resolve("more.jar"), more)));
        // Of others nothing counts: not all nodes have the same libraries.
        more.remove("org/threehalf/D.class");
        more.put("else/where/E.class", "6");
        assertEquals(one, build(jar(folder.resolve("others.jar"), more)));
        // What comes first on the class path is what is loaded.
        Path first = Files.createDirectories(folder.resolve("first"));
        write(first, Map.of("org/threehalf/kernels/A.class", "7"));
        assertNotEquals(one, build(first, a, b));
        assertEquals(one, build(a, b, first));
    }

    /** A class of each backend that is here, put before the one that is meant, as by spark.executor.extraClassPath. */
    @Test
    void anotherBackendIsAnotherBuild() throws IOException {
        Path[] real = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(Files::exists)
                .toArray(Path[]::new);
        String here = build(real);
        assertEquals(Build.here(), here);
        int number = 0;
        List<String> changed = new ArrayList<>();
        for (BackendProvider provider : BackendProvider.all()) {
            changed.add(provider.getClass().getName().replace('.', '/') + ".class");
        }
        changed.add("org/threehalf/backends/cpu/ProductBackend.class");
        changed.add("org/threehalf/backends/cuda/products.cu");
        changed.add("org/threehalf/inference/gguf/codebooks.txt");
        for (String name : changed) {
            Path alone = folder.resolve("alone" + number++);
            Path file = alone.resolve(name);
            Files.createDirectories(file.getParent());
            byte[] bytes;
            try (InputStream in = Objects.requireNonNull(Build.class.getResourceAsStream("/" + name), name)) {
                bytes = in.readAllBytes();
            }
            bytes[bytes.length - 1] ^= 1;
            Files.write(file, bytes);
            Path[] with = new Path[real.length + 1];
            with[0] = alone;
            System.arraycopy(real, 0, with, 1, real.length);
            assertFalse(Build.same(here, build(with)), name);
        }
    }

    @Test
    void llvmIsHeldAgainstLlvmWhereBothHaveIt() {
        assertTrue(Build.same("1 (classes 0123456789ab)", "1 (classes 0123456789ab, LLVM 20.1.7)"));
        assertTrue(Build.same("1 (classes 0123456789ab, LLVM 20)", "1 (classes 0123456789ab, LLVM 20)"));
        assertFalse(Build.same("1 (classes 0123456789ab, LLVM 19)", "1 (classes 0123456789ab, LLVM 20)"));
        assertFalse(Build.same("1 (classes 0123456789ab)", "1 (classes 0123456789ac)"));
        assertFalse(Build.same("1 (classes 0123456789ab)", "2 (classes 0123456789ab)"));
        assertFalse(Build.same("1", "2"));
    }
}
