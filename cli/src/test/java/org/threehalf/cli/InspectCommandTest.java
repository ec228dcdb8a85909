package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.GgufWriter;
import org.threehalf.inference.gguf.ValueType;

class InspectCommandTest {

    @TempDir
    Path folder;

    private Path quantised() throws IOException {
        Path model = Models.small(folder.resolve("m.gguf"));
        Path out = folder.resolve("q.gguf");
        assertEquals(
                0, CommandLines.run("quantize", model, out, "--format", "g35").code());
        return out;
    }

    private static void assertShows(Path file, String... lines) {
        CommandLines run = CommandLines.run("inspect", file);
        assertEquals(0, run.code(), run::err);
        for (String regex : lines) {
            assertTrue(
                    run.out().lines().anyMatch(line -> line.matches(regex)),
                    () -> "no line " + regex + " in:\n" + run.out());
        }
    }

    @Test
    void showsAGgufFile() throws IOException {
        assertShows(
                Models.small(folder.resolve("m.gguf")),
                "m\\.gguf: GGUF version 3, [\\d,]+ bytes, 1 metadata entries, 3 tensors",
                "general\\.name +STRING +\"Tiny\"",
                "a\\.weight +F32 +70 x 3 +840 +32\\.0000",
                "norm\\.weight +F32 +4 +16 +32\\.0000",
                "total +342 +1,368 +32\\.0000");
    }

    @Test
    void showsAQuantisedModelByItsMatrices() throws IOException {
        assertShows(
                quantised(),
                "threehalf\\.formats +ARRAY +2 x UINT32: 5, 5",
                "a\\.weight +G35 +3 x 70 +183 +6\\.9714",
                "total +338 +249 +5\\.8935",
                "norm\\.weight +F32 +4 +16 +32\\.0000");
    }

    /** Of a folder's tensors each is counted as it is stored: of what two share each its half, and scales, too. */
    @Test
    void countsWhatIsStored() {
        assertShows(
                Models.tinyFolder("gpt-oss"),
                "blk\\.0\\.ffn_gate_exps\\.weight +MXFP4 +32 x 64 x 5 +5,440 +4\\.2500",
                "blk\\.0\\.ffn_down_exps\\.weight +MXFP4 +64 x 32 x 5 +5,440 +4\\.2500",
                "total +93,234 +100,424 +8\\.6169");
        assertShows(Models.tinyFolder("gpt-oss.gguf"), "total +93,234 +100,424 +8\\.6169");
        assertShows(
                Models.tinyFolder("gpt-oss-bf16"),
                "blk\\.0\\.ffn_up_exps\\.weight +BF16 +32 x 24 x 5 +7,680 +16\\.0000");
        // A byte an element, and a binary32 a row of 32.
        assertShows(Models.tinyFolder("qwen3-float8"), "blk\\.0\\.ffn_up\\.weight +F32 +32 x 48 +1,728 +9\\.0000");
        assertEquals(
                2,
                CommandLines.run("inspect", Models.tinyFolder("gpt-oss"), "--json", "--width", 5)
                        .code());
    }

    /** Short arrays of all types are written out as they are. */
    @Test
    void everyArrayIsInTheJson() throws IOException {
        Path file = folder.resolve("arrays.gguf");
        SequencedMap<String, GgufValue> metadata = new LinkedHashMap<>();
        metadata.put("f32", GgufValue.ofFloat32s(new float[] {0.5f, -2}));
        metadata.put(
                "u64", GgufValue.arrayOf(ValueType.UINT64, List.of(GgufValue.ofUint64(-1), GgufValue.ofUint64(3))));
        metadata.put("flags", GgufValue.arrayOf(ValueType.BOOL, List.of(GgufValue.of(true), GgufValue.of(false))));
        metadata.put("i64", GgufValue.arrayOf(ValueType.INT64, List.of(GgufValue.ofInt64(Long.MIN_VALUE))));
        GgufWriter.create(file, metadata, List.of()).commit();
        String json = CommandLines.run("inspect", "--json", file).out().replaceAll("\\s", "");
        assertTrue(json.contains("\"value\":[0.5,-2.0]"), json);
        assertTrue(json.contains("\"value\":[true,false]"), json);
        assertTrue(json.contains("\"value\":[-9223372036854775808]"), json);
        assertTrue(json.contains("\"value\":[18446744073709551615,3]"), json);
    }

    /** REQ-GGF-004: a container that a reader must refuse is not shown as if it were good. */
    @Test
    void refusesADamagedContainer() throws IOException {
        Path out = quantised();
        byte[] bytes = Files.readAllBytes(out);
        int at = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("a.weight.scales");
        bytes[at] = 'z';
        Files.write(out, bytes);
        CommandLines run = CommandLines.run("inspect", out);
        assertEquals(1, run.code());
        assertEquals("threehalf inspect: q.gguf: tensor a.weight.scales is missing%n".formatted(), run.err());
        assertEquals("", run.out());
    }
}
