package org.threehalf.lean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.repository.SourceTree;

/** No line of the Lean sources is over 100 characters, comments and strings among them. */
class LineLengthTest {
    private static final int COLUMNS = 100;

    @Test
    void noLineOfTheSourcesIsTooLong() throws IOException {
        Path lean = Path.of(System.getProperty("threehalf.root", "..")).resolve("lean");
        assertFalse(SourceTree.files(lean.resolve(LeanProject.LIBRARY), ".lean").isEmpty(), "no sources were read");
        assertEquals(List.of(), tooLong(lean));
    }

    /** Counted are characters, not what they take in UTF-8 or UTF-16: 𝔽 takes four bytes, and two Java characters. */
    @Test
    void aLineOfOneMoreIsFound(@TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("ThreeHalf"));
        Files.writeString(folder.resolve("A.lean"), "-- " + "𝔽".repeat(97) + "\n-- " + "w".repeat(97));
        assertEquals(List.of(), tooLong(folder));
        Files.writeString(folder.resolve("ThreeHalf/B.lean"), "module\n\n-- " + "ŵ".repeat(98) + "\n");
        assertEquals(List.of("ThreeHalf/B.lean:3: 101"), tooLong(folder));
        Files.writeString(folder.resolve("A.lean"), "\n-- " + "𝔽".repeat(98));
        assertEquals(List.of("A.lean:2: 101", "ThreeHalf/B.lean:3: 101"), tooLong(folder));
    }

    /** The lines that are too long, as file, line and length; what Lake builds or fetches is not looked at. */
    private static List<String> tooLong(Path lean) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : SourceTree.files(lean, ".lean")) {
            String name = SourceTree.name(lean, file);
            if (name.startsWith(".lake/")) {
                continue;
            }
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                int length = line.codePointCount(0, line.length());
                if (length > COLUMNS) {
                    found.add("%s:%d: %d".formatted(name, number, length));
                }
            }
        }
        return found;
    }
}
