package org.threehalf.conformance.vectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.threehalf.conformance.Installation;
import org.threehalf.conformance.Schemas;
import org.threehalf.kernels.format.Format;

class GoldenVectorsTest {

    private static final String DOT = """
            {"schema": "threehalf-vectors/1", "kind": "dot", "generator": "by hand", "count": 1,
             "flags": {"Odd": "K is odd"}, "cases": [
              {"id": "dot-1", "comment": "K is odd", "format": "U4", "requirements": ["REQ-DOT-001"], "flags": ["Odd"], "columns": 3, "scale": "3f800000",
               "packedCodes": {"repeat": [8, 136], "times": 15, "tail": [255, 0]}, "activations": [1, -127, 0], "sum": -2}]}
            """;

    @TempDir
    Path folder;

    private List<VectorFile> read(String... texts) throws IOException {
        for (int i = 0; i < texts.length; i++) {
            Files.writeString(folder.resolve("file" + i + ".json"), texts[i]);
        }
        return GoldenVectors.read(folder);
    }

    @Test
    void theCommittedVectorsFollowTheirSchema() throws IOException {
        for (VectorFile file : GoldenVectors.read(Installation.VECTORS)) {
            assertEquals(
                    List.of(),
                    Schemas.complaints(
                            "vectors.schema.json", Files.readString(Installation.VECTORS.resolve(file.name()))),
                    file.name());
        }
    }

    @Test
    void theCommittedVectorsCoverEveryKindAndFormat() {
        List<VectorCase> cases = GoldenVectors.read(Installation.VECTORS).stream()
                .flatMap(file -> file.cases().stream())
                .toList();
        assertTrue(cases.size() >= 500, "only " + cases.size() + " cases");
        assertEquals(
                cases.size(),
                new HashSet<>(cases.stream().map(c -> c.header().id()).toList()).size());
        Set<String> kinds = Set.of(
                "quantize-activation",
                "quantize-weight",
                "pack",
                "dequantize",
                "dot",
                "output",
                "gemv",
                "gemm",
                "refuse");
        assertEquals(kinds, cases.stream().map(c -> c.header().kind()).collect(Collectors.toSet()));
        // Lean does not define the search for the codes of a format of windows (REQ-QNT-014).
        Set<Format> all = EnumSet.allOf(Format.class);
        Set<Format> ofCodes = EnumSet.allOf(Format.class);
        ofCodes.removeIf(format -> format.traits().windowed());
        for (String kind : kinds) {
            Set<Format> formats = cases.stream()
                    .filter(c -> c.header().kind().equals(kind) && c.format() != null)
                    .map(VectorCase::format)
                    .collect(Collectors.toSet());
            Set<Format> expected = switch (kind) {
                case "quantize-activation", "output" -> Set.of();
                case "quantize-weight" -> ofCodes;
                default -> all;
            };
            assertEquals(expected, formats, kind);
        }
        for (VectorCase vectorCase : cases) {
            assertFalse(
                    vectorCase.header().flags().isEmpty(), vectorCase.header().id());
            assertFalse(
                    vectorCase.header().requirements().isEmpty(),
                    vectorCase.header().id());
        }
    }

    @Test
    void readsACaseAndExpandsItsArrays() throws IOException {
        VectorFile file = read(DOT).getFirst();
        assertEquals("file0.json", file.name());
        assertTrue(file.sha256().matches("[0-9a-f]{64}"));
        VectorCase.Dot dot = assertInstanceOf(VectorCase.Dot.class, file.cases().getFirst());
        assertEquals("K is odd", dot.header().flags().get("Odd"));
        assertEquals(32, dot.row().codes().length);
        assertEquals((byte) 136, dot.row().codes()[29]);
        assertEquals((byte) 255, dot.row().codes()[30]);
        assertArrayEquals(new byte[] {1, -127, 0}, dot.activations());
        assertEquals(-2, dot.expected());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "threehalf-vectors/1"  | "threehalf-vectors/9"     | #/schema: 'threehalf-vectors/9' is not known
            "kind": "dot"          | "kind": "dots"            | #/kind: the kind 'dots' is not known
            "kind": "dot",         |                           | the member 'kind' is missing
            ["Odd"]                | ["Even"]                  | #/cases/0/flags/0: the flag 'Even' is not explained
            "U4"                   | "U5"                      | #/cases/0/format: no format is called 'U5'
            "3f800000"             | "3F800000"                | #/cases/0/scale: the eight lower-case
            "3f800000"             | 1                         | #/cases/0/scale: a string is expected
            "columns": 3           | "columns": -3             | #/cases/0/columns: an integer from 0
            -127, 0                | -129, 0                   | #/cases/0/activations/1: an integer from -128 to 127
            "times": 15            | "times": 99999999         | #/cases/0/packedCodes/times: an integer from 0
            "times": 15            | "times": 16777216         | #/cases/0/packedCodes: 16777216 times 2 elements
            "repeat": [8, 136],    |                           | #/cases/0/packedCodes: the member 'repeat' is missing
            [255, 0]               | [255, 256]                | #/cases/0/packedCodes/tail/1: an integer from 0 to 255
            "sum": -2              | "sum": 2147483648         | #/cases/0/sum: an integer
            "sum": -2              | "sum": -2, "sum": 3       | not a readable JSON file
            "sum": -2}]}           | "sum": -2}]               | not a readable JSON file
            "sum": -2}]}           | "sum": -2}]} 1            | not a readable JSON file
            "cases": [             | "cases": [4,              | #/cases/0: an object is expected
            "count": 1             | "count": 2                | #/count: 2 cases are announced, and there are 1
            "count": 1,            |                           | the member 'count' is missing
            "by hand"              | 7                         | #/generator: a string is expected
            "comment": "K is odd"  | "comment": " "            | #/cases/0/comment: it says nothing
            "comment": "K is odd", |                           | #/cases/0: the member 'comment' is missing
            """)
    void malformedFilesAreRefusedWithFileAndPlace(String right, String wrong, String message) {
        String text = DOT.replace(right, wrong == null ? "" : wrong);
        assertFalse(text.equals(DOT), "the replacement must change something");
        VectorFormatException refused = assertThrows(VectorFormatException.class, () -> read(text));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("file0.json"), refused.getMessage());
        assertTrue(String.valueOf(refused.getMessage()).contains(message), refused.getMessage());
    }

    @Test
    void anIdThatTwoCasesHaveIsRefused() {
        VectorFormatException refused = assertThrows(VectorFormatException.class, () -> read(DOT, DOT));
        assertEquals("file1.json: the case 'dot-1' is also in file0.json", refused.getMessage());
    }

    @Test
    void aFolderWithoutVectorsIsRefused() {
        assertThrows(VectorFormatException.class, () -> GoldenVectors.read(folder));
        assertThrows(VectorFormatException.class, () -> GoldenVectors.read(folder.resolve("missing")));
    }
}
