package org.threehalf.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTreeTest {

    @TempDir
    Path root;

    @Test
    void modulesOfProfilesAreNoneOfIts() throws IOException {
        for (String module : List.of("kernels", "backends/cpu", "cluster")) {
            Files.createDirectories(root.resolve(module));
            Files.writeString(root.resolve(module).resolve("pom.xml"), "");
        }
        assertEquals(List.of("backends/cpu", "cluster", "kernels"), names());
        Files.writeString(
                root.resolve("pom.xml"),
                "<modules><module>kernels</module><module>backends/cpu</module></modules><profiles><profile><modules><module>cluster</module></modules></profile></profiles>");
        assertEquals(List.of("backends/cpu", "kernels"), names());
    }

    private List<String> names() throws IOException {
        return SourceTree.modules(root).stream()
                .map(module -> SourceTree.name(root, module))
                .toList();
    }
}
