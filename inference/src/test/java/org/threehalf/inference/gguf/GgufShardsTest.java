package org.threehalf.inference.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.inference.TinyModels;

/** Models in several files, and files that are no GGUF. */
class GgufShardsTest {

    @TempDir
    private Path folder;

    private Path part(int number, int of) {
        return folder.resolve("m-%05d-of-%05d.gguf".formatted(number, of));
    }

    /** Writes a part of a model: every n-th tensor. */
    private void write(Path target, String model, int number, int of, int saidNumber, int saidOf, int saidTensors)
            throws IOException {
        try (GgufFile file = GgufReader.open(TinyModels.path(model))) {
            SequencedMap<String, GgufValue> metadata =
                    number == 0 ? new LinkedHashMap<>(file.metadata().entries()) : new LinkedHashMap<>();
            metadata.put("split.no", GgufValue.ofUint32(saidNumber));
            metadata.put("split.count", GgufValue.ofUint32(saidOf));
            metadata.put("split.tensors.count", GgufValue.ofUint32(saidTensors));
            List<GgufTensor> all = new ArrayList<>(file.tensors());
            List<GgufTensor> mine = all.subList(all.size() * number / of, all.size() * (number + 1) / of);
            try (GgufWriter writer = GgufWriter.create(
                    target, metadata, mine.stream().map(GgufTensor::info).toList())) {
                for (GgufTensor tensor : mine) {
                    writer.write(tensor.data());
                }
                writer.commit();
            }
        }
    }

    private int split(int of) throws IOException {
        int tensors;
        try (GgufFile file = GgufReader.open(TinyModels.path("qwen3"))) {
            tensors = file.tensors().size();
        }
        for (int i = 0; i < of; i++) {
            write(part(i + 1, of), "qwen3", i, of, i, of, tensors);
        }
        return tensors;
    }

    /** Whichever is named: the same tensors, and a model's metadata without a word of parts. */
    @Test
    void partsAreReadAsOne() throws IOException {
        split(3);
        for (int named = 1; named <= 3; named++) {
            try (GgufFile joined = GgufReader.open(part(named, 3));
                    GgufFile whole = GgufReader.open(TinyModels.path("qwen3"))) {
                assertEquals(
                        whole.tensors().stream().map(GgufTensor::info).toList(),
                        joined.tensors().stream().map(GgufTensor::info).toList());
                for (GgufTensor tensor : whole.tensors()) {
                    assertArrayEquals(
                            tensor.data().toArray(ValueLayout.JAVA_BYTE),
                            joined.tensor(tensor.name()).data().toArray(ValueLayout.JAVA_BYTE));
                }
                assertEquals(
                        List.copyOf(whole.metadata().entries().keySet()),
                        List.copyOf(joined.metadata().entries().keySet()));
                assertEquals(Files.size(part(1, 3)) + Files.size(part(2, 3)) + Files.size(part(3, 3)), joined.bytes());
                assertEquals("m-00001-of-00003.gguf", joined.name());
            }
        }
    }

    private String refusal(Path path) {
        return assertThrows(ModelFormatException.class, () -> GgufReader.open(path))
                .getMessage();
    }

    @Test
    void partsThatDoNotBelongTogether() throws IOException {
        int tensors = split(2);
        Path second = part(2, 2);
        Files.move(second, folder.resolve("away"));
        assertTrue(refusal(part(1, 2)).contains("file 2 of 2 that hold the model is missing: m-00002-of-00002.gguf"));
        Path odd = Files.copy(part(1, 2), folder.resolve("odd.gguf"));
        assertTrue(refusal(odd).contains("must be called"), refusal(odd));
        write(second, "qwen3", 1, 2, 0, 2, tensors);
        assertTrue(refusal(part(1, 2)).contains("it says that it is file 1 of 2"), refusal(part(1, 2)));
        write(second, "qwen3", 1, 2, 1, 3, tensors);
        assertTrue(refusal(part(1, 2)).contains("file 2 of 3"), refusal(part(1, 2)));
        write(second, "qwen3", 0, 2, 1, 2, tensors);
        assertTrue(refusal(part(1, 2)).contains("is in another of the model's files too"), refusal(part(1, 2)));
        write(part(1, 2), "qwen3", 0, 2, 0, 2, tensors + 1);
        write(second, "qwen3", 1, 2, 1, 2, tensors + 1);
        assertTrue(refusal(part(1, 2)).contains("split.tensors.count"), refusal(part(1, 2)));
    }

    /** A part that calls itself the whole is none, and what later parts say must be what the first one says. */
    @Test
    void partsThatContradictTheirNameOrEachOther() throws IOException {
        split(2);
        byte[] second = Files.readAllBytes(part(2, 2));
        Path lone = TinyModels.copy("qwen3", part(1, 3), values -> values, tensor -> tensor);
        assertTrue(
                refusal(lone).contains("it is called one of 3 files")
                        && refusal(lone).contains("split.count is missing"),
                refusal(lone));
        for (GgufValue count : List.of(GgufValue.ofUint32(0), GgufValue.ofUint32(1))) {
            rewrite(second, "split.count", count);
            assertTrue(refusal(part(2, 2)).contains("and its metadata says that it is all of it"), refusal(part(2, 2)));
        }
        rewrite(second, "qwen3.block_count", GgufValue.ofUint32(7));
        assertEquals(
                "m-00002-of-00002.gguf: metadata qwen3.block_count is 7, and 2 in m-00001-of-00002.gguf, whose metadata is the model's",
                refusal(part(1, 2)));
        rewrite(second, "qwen3.rope.scaling.factor", GgufValue.ofFloat32(4));
        assertTrue(
                refusal(part(1, 2)).contains("qwen3.rope.scaling.factor is 4.0, and missing in"), refusal(part(1, 2)));
        rewrite(second, "qwen3.block_count", GgufValue.ofUint64(2));
        assertTrue(refusal(part(1, 2)).contains("qwen3.block_count"), "of another type");
        rewrite(second, "split.tensors.count", GgufValue.ofUint32(99));
        assertTrue(refusal(part(1, 2)).contains("split.tensors.count is 99"), refusal(part(1, 2)));
        rewrite(second, "qwen3.block_count", GgufValue.ofUint32(2));
        GgufReader.open(part(1, 2)).close();
    }

    /** A name whose number is none of the model's, and a number that the name or the count contradicts. */
    @Test
    void numbersThatFitNoPart() throws IOException {
        split(2);
        for (int number : new int[] {0, 3, 99_999}) {
            Path none = Files.copy(part(1, 2), part(number, 2));
            assertTrue(
                    refusal(none).contains("it is called file %d of 2 that hold a model".formatted(number)),
                    refusal(none));
            write(none, "qwen3", 0, 1, 7, 2, 1);
            assertTrue(refusal(none).contains("it is called file"), refusal(none));
        }
        Path alone = Files.copy(TinyModels.path("qwen3"), part(7, 1));
        assertTrue(refusal(alone).contains("it is called file 7 of 1"), refusal(alone));
        GgufReader.open(Files.copy(TinyModels.path("qwen3"), part(1, 1))).close();
        Path plain = folder.resolve("plain.gguf");
        write(plain, "qwen3", 0, 1, 3, 1, 99);
        assertEquals("plain.gguf: metadata split.no is 3, and split.count is 1", refusal(plain));
    }

    /** Writes the second part of two with one more value. */
    private void rewrite(byte[] original, String key, GgufValue value) throws IOException {
        GgufFile file = GgufReader.read("second", MemorySegment.ofArray(original));
        SequencedMap<String, GgufValue> metadata =
                new LinkedHashMap<>(file.metadata().entries());
        metadata.put(key, value);
        try (GgufWriter writer = GgufWriter.create(
                part(2, 2),
                metadata,
                file.tensors().stream().map(GgufTensor::info).toList())) {
            for (GgufTensor tensor : file.tensors()) {
                writer.write(tensor.data());
            }
            writer.commit();
        }
    }

    /** What else people have under such names is called what it is. */
    @Test
    void otherFilesAreCalledWhatTheyAre() throws IOException {
        Path file = folder.resolve("x.gguf");
        SequencedMap<String, String> starts = new LinkedHashMap<>();
        starts.put("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "a Git LFS pointer");
        starts.put("<!DOCTYPE html><html>nothing here</html>", "a web page");
        starts.put("\n<html><head>", "a web page");
        starts.put("PK\u0003\u0004 and so on, long enough", "a zip archive");
        starts.put("\u0001\u0002\u0000\u0000\u0000\u0000\u0000\u0000{\"model.embed_tokens\":{}}", "a safetensors file");
        starts.put("tjgg and so on, long enough for it", "a GGJT file");
        starts.put("\u001f\u008b", "a gzip archive");
        for (var start : starts.entrySet()) {
            Files.write(file, start.getKey().getBytes(StandardCharsets.ISO_8859_1));
            assertTrue(refusal(file).contains("no GGUF file: it is " + start.getValue()), refusal(file));
        }
        Files.writeString(file, "not a model at all, but long enough");
        assertFalse(refusal(file).contains("it is a"));
    }
}
