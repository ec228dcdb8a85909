package org.threehalf.evidence.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No class with a contract is passed over without a word. */
class KernelContractsTest {
    private static final String JML = "class A {\n//@ ensures \\result == 1;\nstatic int one() { return 1; }\n}\n";

    @TempDir
    Path root;

    private static Path repository() {
        return Path.of(System.getProperty("threehalf.root", "../.."))
                .toAbsolutePath()
                .normalize();
    }

    private void write(String file, String text) throws IOException {
        Path place = root.resolve(file);
        Files.createDirectories(place.getParent());
        Files.writeString(place, text);
    }

    @Test
    void everyClassWithJmlIsProvedOrListedWithAReason() throws IOException {
        assertEquals(List.of(), KernelContracts.unlooked(repository()));
        List<Path> proved = KernelContracts.provedSources(repository());
        List<Path> reference = KernelContracts.referenceSources(repository());
        assertTrue(reference.size() >= 9 && proved.size() > reference.size(), proved.toString());
        assertTrue(proved.containsAll(reference));
    }

    @Test
    void aNewClassOfTheKernelsIsProvedWithoutBeingNamedAnywhere() throws IOException {
        write("kernels/pom.xml", "<project/>");
        write("kernels/src/main/java/a/A.java", JML);
        write("kernels/src/main/java/a/B.java", "class B { String text = \"//@ ensures no;\"; }\n");
        assertEquals(List.of(root.resolve("kernels/src/main/java/a/A.java")), KernelContracts.provedSources(root));
        assertEquals(List.of(), KernelContracts.unlooked(root, Map.of()));
    }

    @Test
    void aClassOfAnotherModuleThatNoProverLooksAtIsAnError() throws IOException {
        write("backends/x/pom.xml", "<project/>");
        write("backends/x/src/main/java/a/A.java", JML);
        List<String> errors = KernelContracts.unlooked(root, Map.of());
        assertEquals(1, errors.size());
        assertTrue(
                errors.getFirst().startsWith("backends/x/src/main/java/a/A.java has JML, and no prover looks at it"),
                errors.toString());
        assertEquals(
                List.of(), KernelContracts.unlooked(root, Map.of("backends/x/src/main/java/a/A.java", "a reason")));
    }

    @Test
    void aLineAboutAClassWithoutJmlIsAnError() throws IOException {
        write("kernels/pom.xml", "<project/>");
        write("kernels/src/main/java/a/A.java", "class A { }\n");
        for (String file : List.of("kernels/src/main/java/a/A.java", "kernels/src/main/java/a/Gone.java")) {
            List<String> errors = KernelContracts.unlooked(root, Map.of(file, "a reason"));
            assertTrue(errors.size() == 1 && errors.getFirst().contains(file + ": take it off"), errors.toString());
        }
    }

    @Test
    void aLineWithoutAReasonIsRefused() {
        assertThrows(IOException.class, () -> KernelContracts.parse("kernels/src/main/java/a/A.java\n"));
        assertThrows(IOException.class, () -> KernelContracts.parse("kernels/src/main/java/a/A.java |  \n"));
    }
}
