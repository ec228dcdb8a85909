package org.threehalf.inference.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** README's Java is the example's, which {@code scripts/check-example} builds and runs. */
class ExampleTest {
    private static final Path ROOT = Path.of(System.getProperty("threehalf.root", ".."));

    private static List<List<String>> javaOf(List<String> markdown) {
        List<List<String>> blocks = new ArrayList<>();
        List<String> block = null;
        for (String line : markdown) {
            if (block == null && line.equals("```java")) {
                block = new ArrayList<>();
                blocks.add(block);
            } else if (line.equals("```")) {
                block = null;
            } else if (block != null) {
                block.add(line.strip());
            }
        }
        return blocks;
    }

    private static boolean contains(List<String> source, List<String> block) {
        return Collections.indexOfSubList(source, block) >= 0;
    }

    @Test
    void readmeShowsWhatTheExampleDoes() throws IOException {
        List<List<String>> blocks = javaOf(Files.readAllLines(ROOT.resolve("README.md")));
        List<String> source =
                Files.readAllLines(ROOT.resolve("examples/library/src/main/java/org/example/Example.java")).stream()
                        .map(String::strip)
                        .toList();
        assertEquals(1, blocks.size());
        assertTrue(blocks.getFirst().size() > 5);
        assertTrue(contains(source, blocks.getFirst()), "README.md: its Java is not that of examples/library");
        // A line that says something else is seen.
        List<String> other = new ArrayList<>(blocks.getFirst());
        other.set(2, other.get(2).replace("model", "file"));
        assertFalse(contains(source, other));
    }
}
