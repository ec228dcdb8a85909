package org.threehalf.inference.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is read back, is what the Python package writes, and is there as a whole or not at all. */
class GgufWriterTest {

    private static Path propertyFolder = Path.of("");

    @TempDir
    Path folder;

    @BeforeContainer
    static void makeFolder() throws IOException {
        propertyFolder = Files.createTempDirectory("gguf-writer");
    }

    @AfterContainer
    static void removeFolder() throws IOException {
        try (Stream<Path> left = Files.list(propertyFolder)) {
            assertEquals(List.of(), left.toList());
        }
        Files.delete(propertyFolder);
    }

    private static List<TensorInfo> infos(GgufFile file) {
        return file.tensors().stream().map(GgufTensor::info).toList();
    }

    /** The Python package wrote the samples; reading and writing them gives the same bytes. */
    @ParameterizedTest
    @ValueSource(strings = {Samples.DECODERS, Samples.GEMMA_HEADER})
    void writesWhatThePythonPackageWrites(String sample) throws IOException {
        GgufFile file = Samples.open(sample);
        Path copy = folder.resolve("copy.gguf");
        try (GgufWriter writer = GgufWriter.create(copy, file.metadata().entries(), infos(file))) {
            for (GgufTensor tensor : file.tensors()) {
                writer.write(tensor.data());
            }
            writer.commit();
        }
        assertArrayEquals(Samples.bytes(sample), Files.readAllBytes(copy));
        assertOnly("copy.gguf");
    }

    @Provide
    Arbitrary<Map<String, GgufValue>> metadata() {
        Arbitrary<GgufValue> strings =
                Arbitraries.strings().ofMaxLength(20).map(text -> GgufValue.of(text.replaceAll("\\p{Cs}", "?")));
        Arbitrary<GgufValue> integers = Arbitraries.integers().map(GgufValue::ofUint32);
        Arbitrary<GgufValue> values = Arbitraries.oneOf(
                strings,
                integers,
                Arbitraries.longs().map(GgufValue::ofUint64),
                Arbitraries.floats().map(GgufValue::ofFloat32),
                Arbitraries.of(true, false).map(GgufValue::of),
                strings.list().ofMaxSize(5).map(list -> GgufValue.arrayOf(ValueType.STRING, list)),
                integers.list().ofMaxSize(5).map(list -> GgufValue.arrayOf(ValueType.UINT32, list)));
        Arbitrary<Integer> alignments = Arbitraries.of(0, 8, 32, 64, 4096);
        return Combinators.combine(
                        Arbitraries.maps(
                                        Arbitraries.strings()
                                                .alpha()
                                                .ofMinLength(1)
                                                .ofMaxLength(12),
                                        values)
                                .ofMaxSize(6),
                        alignments)
                .as((map, alignment) -> {
                    Map<String, GgufValue> all = new LinkedHashMap<>(map);
                    if (alignment > 0) {
                        all.put("general.alignment", GgufValue.ofUint32(alignment));
                    }
                    return all;
                });
    }

    @Provide
    Arbitrary<List<TensorInfo>> tensors() {
        Arbitrary<TensorInfo> tensor = Combinators.combine(
                        Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(12),
                        Arbitraries.of(TensorType.class),
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.longs().between(1, 5).list().ofMaxSize(3))
                .as((name, type, blocks, others) -> {
                    List<Long> dimensions = new ArrayList<>(List.of((long) blocks * type.blockElements()));
                    dimensions.addAll(others);
                    return new TensorInfo(name, type, dimensions);
                });
        return tensor.list().ofMaxSize(6).uniqueElements(TensorInfo::name);
    }

    @Property(tries = 300)
    void whatIsWrittenIsReadBack(
            @ForAll("metadata") Map<String, GgufValue> metadata,
            @ForAll("tensors") List<TensorInfo> tensors,
            @ForAll long seed)
            throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Path file = propertyFolder.resolve("round-trip.gguf");
        SequencedMap<String, byte[]> data = new LinkedHashMap<>();
        try (GgufWriter writer = GgufWriter.create(file, new LinkedHashMap<>(metadata), tensors)) {
            for (TensorInfo tensor : tensors) {
                byte[] bytes = new byte[(int) tensor.bytes()];
                random.nextBytes(bytes);
                data.put(tensor.name(), bytes);
                writer.write(MemorySegment.ofArray(bytes));
            }
            writer.commit();
        }
        try (GgufFile read = GgufReader.open(file)) {
            assertEquals(tensors, infos(read));
            assertEquals(
                    List.copyOf(metadata.keySet()),
                    List.copyOf(read.metadata().entries().keySet()));
            metadata.forEach((key, value) -> {
                GgufValue found = read.metadata().entries().get(key);
                assertEquals(value.type(), found.type());
                assertEquals(-1, value.bytes().mismatch(found.bytes()), key);
            });
            for (GgufTensor tensor : read.tensors()) {
                assertArrayEquals(data.get(tensor.name()), tensor.data().toArray(ValueLayout.JAVA_BYTE));
            }
        }
        Files.delete(file);
    }

    private static final TensorInfo FOUR = new TensorInfo("four", TensorType.F32, List.of(4L));

    private GgufWriter four() throws IOException {
        return GgufWriter.create(folder.resolve("m.gguf"), new LinkedHashMap<>(), List.of(FOUR));
    }

    private void assertOnly(String... names) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            assertEquals(
                    List.of(names),
                    found.map(path -> path.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void withoutCommitNothingIsLeftAndAnOldFileStays() throws IOException {
        Files.writeString(folder.resolve("m.gguf"), "old");
        try (GgufWriter writer = four()) {
            writer.write(MemorySegment.ofArray(new float[4]));
            assertEquals("old", Files.readString(folder.resolve("m.gguf")));
        }
        assertEquals("old", Files.readString(folder.resolve("m.gguf")));
        assertOnly("m.gguf");
        try (GgufWriter writer = four()) {
            writer.write(MemorySegment.ofArray(new float[4]));
            writer.commit();
        }
        assertOnly("m.gguf");
        assertTrue(Files.size(folder.resolve("m.gguf")) > 3);
    }

    @Test
    void misuseIsRefused() throws IOException {
        try (GgufWriter writer = four()) {
            assertEquals(
                    "0 of 1 tensors are written",
                    assertThrows(IllegalStateException.class, writer::commit).getMessage());
            assertEquals(
                    "tensor four takes 16 bytes, not 12",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> writer.write(MemorySegment.ofArray(new float[3])))
                            .getMessage());
            writer.write(MemorySegment.ofArray(new float[4]));
            assertThrows(IllegalStateException.class, () -> writer.write(MemorySegment.ofArray(new float[4])));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> GgufWriter.create(folder.resolve("m"), new LinkedHashMap<>(), List.of(FOUR, FOUR)));
        SequencedMap<String, GgufValue> odd = new LinkedHashMap<>(Map.of("general.alignment", GgufValue.ofUint32(24)));
        assertThrows(IllegalArgumentException.class, () -> GgufWriter.create(folder.resolve("m"), odd, List.of()));
        assertThrows(IOException.class, () -> GgufWriter.create(folder, new LinkedHashMap<>(), List.of()));
        IOException noFolder = assertThrows(
                IOException.class, () -> GgufWriter.create(folder.resolve("no/m"), new LinkedHashMap<>(), List.of()));
        assertTrue(noFolder.getMessage().endsWith("its folder does not exist"), noFolder.getMessage());
        assertOnly();
        assertFalse(Files.exists(folder.resolve("m")));
    }
}
