package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The repository's scripts, in folders where they call stand-ins. */
final class Scripts {
    private Scripts() {}

    /** Copies a script of the repository to its place in another checkout. */
    static void copy(String script, Path checkout) throws IOException {
        Path copy = checkout.resolve(script);
        Files.createDirectories(copy.getParent());
        Files.copy(
                Path.of(System.getProperty("threehalf.root", "..")).resolve(script),
                copy,
                StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** Writes a program of the shell. */
    static Path executable(Path file, String script) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        assertTrue(file.toFile().setExecutable(true));
        return file;
    }
}
