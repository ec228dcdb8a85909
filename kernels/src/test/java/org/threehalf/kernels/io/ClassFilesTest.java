package org.threehalf.kernels.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassFilesTest {
    private static final String PARENT = "org/threehalf/kernels/io";
    private static final String NAME = PARENT + "/ClassFiles.class";

    @TempDir
    Path folder;

    private static byte[] compiled() throws IOException {
        try (InputStream in = Objects.requireNonNull(ClassFiles.class.getResourceAsStream("ClassFiles.class"))) {
            return in.readAllBytes();
        }
    }

    /** The class files beside this class as it comes from a folder or a jar. */
    private static SortedMap<String, String> beside(Path place) throws IOException, ClassNotFoundException {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {place.toUri().toURL()}, null)) {
            Class<?> one = loader.loadClass(ClassFiles.class.getName());
            assertEquals(place, ClassFiles.place(one));
            return ClassFiles.sha256(one, PARENT);
        }
    }

    @Test
    void aJarAndAFolderOfTheSameClassesAreTheSame() throws IOException, ClassNotFoundException {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Path below = classes.resolve(PARENT).resolve("below");
        Files.createDirectories(below);
        Files.write(classes.resolve(NAME), compiled());
        Files.write(below.resolve("B.class"), new byte[] {1, 2});
        Files.writeString(below.resolve("text"), "no class");
        Path jar = folder.resolve("a.jar");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (String name : new String[] {NAME, PARENT + "/below/B.class", PARENT + "/below/text"}) {
                out.putNextEntry(new ZipEntry(name));
                out.write(Files.readAllBytes(classes.resolve(name)));
                out.closeEntry();
            }
        }
        SortedMap<String, String> found = beside(classes);
        assertEquals(
                Map.of("ClassFiles.class", Sha256.of(compiled()), "below/B.class", Sha256.of(new byte[] {1, 2})),
                found);
        assertEquals(found, beside(jar));
        // Twice, and at once: a jar is not opened for the whole process.
        assertEquals(found, beside(jar));
        Files.write(below.resolve("B.class"), new byte[] {1, 3});
        assertNotEquals(found, beside(classes));
    }

    @Test
    void noClassesAndClassesFromNowhereAreRefused() {
        assertTrue(String.valueOf(assertThrows(IOException.class, () -> ClassFiles.sha256(folder))
                        .getMessage())
                .startsWith("no classes in"));
        assertThrows(IOException.class, () -> ClassFiles.place(String.class));
    }
}
