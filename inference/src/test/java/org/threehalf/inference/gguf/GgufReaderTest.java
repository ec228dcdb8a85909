package org.threehalf.inference.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reading good files, and what becomes of bad ones: a {@link ModelFormatException} that says what and where, at little
 * cost.
 */
class GgufReaderTest {

    private static final byte[] GEMMA = Samples.bytes(Samples.GEMMA_HEADER);
    private static final byte[] DECODERS = Samples.bytes(Samples.DECODERS);
    /** Where the header of the Gemma sample ends, about: most mutations go before it. */
    private static final int GEMMA_HEADER_BYTES = 17_000;

    @TempDir
    Path folder;

    /**
     * Reads a mutant. It may be a good file; else it must be refused by the one exception, which names the file; and
     * whatever is read, its cost in memory is a small multiple of the file's size.
     */
    private static void requireGrace(byte[] mutant) {
        long allocated = Allocation.of(() -> {
            try {
                Samples.readAll(GgufReader.read("mutant.gguf", MemorySegment.ofArray(mutant)));
            } catch (ModelFormatException refused) {
                assertTrue(refused.getMessage().startsWith("mutant.gguf: "), refused.getMessage());
            }
        });
        requireLittle(allocated, mutant.length);
    }

    private static void requireLittle(long allocated, long fileBytes) {
        // Objects of some 300 bytes for an entry of 13 bytes or a tensor of 33, decoded values of up to 32 bits for
        // 2.6, and messages.
        assertTrue(
                allocated <= 40 * fileBytes + 200_000,
                () -> "%,d bytes allocated for a file of %,d".formatted(allocated, fileBytes));
    }

    /** The seeded fault of the memory bound: a reader that believes a count of 2²⁴ would be seen. */
    @Test
    void theMemoryBoundSeesAnArrayOfAClaimedSize() {
        byte[][] kept = new byte[1][];
        long allocated = Allocation.of(() -> kept[0] = new byte[1 << 24]);
        assertThrows(AssertionError.class, () -> requireLittle(allocated, GEMMA.length));
        assertEquals(1 << 24, kept[0].length);
    }

    @Provide
    Arbitrary<List<Mutation>> gemmaMutations() {
        return Mutation.several(GEMMA_HEADER_BYTES);
    }

    @Provide
    Arbitrary<List<Mutation>> decoderMutations() {
        return Mutation.several(2_400);
    }

    @Property(tries = 10_000)
    void mutantsOfARealHeaderAreReadOrRefusedWithGrace(@ForAll("gemmaMutations") List<Mutation> mutations) {
        requireGrace(Mutation.apply(mutations, GEMMA));
    }

    @Property(tries = 2_000)
    void mutantsOfAFileWithAllTypesAreReadOrRefusedWithGrace(@ForAll("decoderMutations") List<Mutation> mutations) {
        requireGrace(Mutation.apply(mutations, DECODERS));
    }

    /** The fuzzing reaches both ends: most mutants of the header are refused, some are good files. */
    @Test
    void aChangedValueIsReadAndAChangedStructureRefused() throws ModelFormatException {
        byte[] otherValue = GEMMA.clone();
        int letter = indexOf(GEMMA, "Gemma 3 270m");
        otherValue[letter] = 'J';
        assertEquals("Jemma 3 270m", read(otherValue).metadata().string("general.name"));
        for (int at = 0; at < 24; at++) {
            byte[] structure = GEMMA.clone();
            structure[at] ^= (byte) 0x80;
            // Byte 8 makes 108 of 236 tensors, which is a good file with much after its end.
            if (at == 8) {
                assertEquals(108, read(structure).tensors().size());
            } else {
                assertThrows(ModelFormatException.class, () -> read(structure), "byte " + at);
            }
        }
    }

    /** Cut off anywhere before the last tensor's last byte, a file is refused. */
    @Test
    void everyTruncationIsRefused() throws ModelFormatException {
        GgufTensor last = null;
        for (GgufTensor tensor : read(GEMMA).tensors()) {
            last = last == null || tensor.offset() > last.offset() ? tensor : last;
        }
        assertTrue(last != null);
        int end = (int) (last.offset() + last.data().byteSize());
        // Every length in the header, then every seventh: between tensors nothing new happens.
        for (int length = 0; length < end; length += length < GEMMA_HEADER_BYTES ? 1 : 7) {
            MemorySegment cut = MemorySegment.ofArray(Arrays.copyOf(GEMMA, length));
            assertThrows(ModelFormatException.class, () -> GgufReader.read("cut.gguf", cut), "cut to " + length);
        }
        GgufReader.read("whole.gguf", MemorySegment.ofArray(Arrays.copyOf(GEMMA, end)));
    }

    @Test
    void readsWhatThePythonPackageWrote() throws IOException {
        GgufFile gemma = read(GEMMA);
        assertEquals(3, gemma.version());
        assertEquals(33, gemma.metadata().entries().size());
        assertEquals(236, gemma.tensors().size());
        assertEquals("gemma3", gemma.metadata().string("general.architecture"));
        assertEquals(18, gemma.metadata().integer("gemma3.block_count"));
        assertEquals(1e6, gemma.metadata().number("gemma3.rope.freq_base"));
        assertEquals(
                List.of("<pad>", "<eos>", "<bos>"),
                gemma.metadata().strings("tokenizer.ggml.tokens").subList(0, 3));
        assertEquals(TensorType.Q4_K, gemma.tensor("blk.0.attn_output.weight").type());
        Samples.readAll(gemma);
    }

    @Test
    void versionTwoIsReadToo() throws ModelFormatException {
        byte[] two = GEMMA.clone();
        two[4] = 2;
        assertEquals(2, read(two).version());
        Samples.readAll(read(two));
    }

    @Test
    void aMappedFileIsClosedWithItsTensors() throws IOException {
        Path file = Files.write(folder.resolve("m.gguf"), GEMMA);
        GgufTensor tensor;
        try (GgufFile open = GgufReader.open(file)) {
            assertEquals(GEMMA.length, open.bytes());
            assertEquals("m.gguf", open.name());
            tensor = open.tensor("token_embd.weight");
            assertArrayEquals(new float[64], tensor.toFloats());
        }
        assertThrows(IllegalStateException.class, tensor::toFloats);
    }

    @Test
    void aFileThatIsNotThereOrNoFile() throws IOException {
        assertThrows(NoSuchFileException.class, () -> GgufReader.open(folder.resolve("missing.gguf")));
        assertThrows(ModelFormatException.class, () -> GgufReader.open(folder));
        Path empty = Files.createFile(folder.resolve("empty.gguf"));
        assertEquals(
                "empty.gguf: 0 bytes: a GGUF file has a header of 24 at least",
                assertThrows(ModelFormatException.class, () -> GgufReader.open(empty))
                        .getMessage());
    }

    @Test
    void wrongMagicAndVersions() {
        assertRefused("no GGUF file: it is a zip archive, perhaps a PyTorch checkpoint", header(0x04034b50, 3, 0, 0));
        assertRefused("no GGUF file: it starts with 0x504b0305, not with \"GGUF\"", header(0x05034b50, 3, 0, 0));
        assertRefused("GGUF version 1: versions 2 and 3 are read", header(GgufReader.MAGIC, 1, 0, 0));
        assertRefused("GGUF version 4294967295: versions 2 and 3 are read", header(GgufReader.MAGIC, -1, 0, 0));
        assertRefused("a big-endian GGUF file", header(GgufReader.MAGIC, 0x03000000, 0, 0));
    }

    @Test
    void hugeCounts() {
        assertRefused(
                "9223372036854775807 tensors at offset 8 cannot fit in the 8 bytes that follow",
                header(GgufReader.MAGIC, 3, Long.MAX_VALUE, 0));
        assertRefused(
                "18446744073709551615 metadata entries at offset 16 cannot fit in the 0 bytes",
                header(GgufReader.MAGIC, 3, 0, -1));
        assertRefused(
                "metadata a: a string of 4611686018427387904 bytes at offset 45: it can have 268,435,456 at most",
                one(b -> string(b, "a").putInt(8).putLong(1L << 62)));
        assertRefused(
                "metadata a: 268435456 bytes at offset 45 pass the end of file (45)",
                one(b -> string(b, "a").putInt(8).putLong(1L << 28)));
        assertRefused(
                "1152921504606846976 elements in metadata a at offset",
                one(b -> string(b, "a").putInt(9).putInt(6).putLong(1L << 60)));
        assertRefused(
                "the key of metadata entry 0 has 18446744073709551615 bytes at offset 24",
                one(b -> b.putLong(-1).putLong(0)));
    }

    @Test
    void wrongMetadata() {
        assertRefused(
                "metadata a: value type 13 at offset 33 is not known",
                one(b -> string(b, "a").putInt(13).putLong(0)));
        assertRefused(
                "metadata a: a boolean of 2 at offset 37: it must be 0 or 1",
                one(b -> string(b, "a").putInt(7).put((byte) 2)));
        assertRefused(
                "metadata a: not UTF-8 in the 2 bytes at offset 45",
                one(b -> string(b, "a").putInt(8).putLong(2).put((byte) 'x').put((byte) 0xff)));
        assertRefused(
                "the key of metadata entry 0: not UTF-8",
                one(b -> b.putLong(1).put((byte) 0xc3).putInt(4).putInt(0)));
        assertRefused("metadata a: arrays in arrays more than 4 deep", one(b -> {
            string(b, "a").putInt(9);
            for (int i = 0; i < 6; i++) {
                b.putInt(9).putLong(1);
            }
        }));
        ByteBuffer twice = buffer(GgufReader.MAGIC, 3, 0, 2);
        string(twice, "key").putInt(4).putInt(1);
        string(twice, "key").putInt(4).putInt(2);
        assertRefused("metadata key occurs twice, again at offset 43", done(twice));
    }

    @Test
    void wrongAlignments() {
        assertRefused(
                "metadata general.alignment is 24: it must be a power of two",
                one(b -> string(b, "general.alignment").putInt(4).putInt(24)));
        assertRefused(
                "metadata general.alignment is 0: ",
                one(b -> string(b, "general.alignment").putInt(4).putInt(0)));
        assertRefused(
                "metadata general.alignment is of type STRING",
                one(b -> string(string(b, "general.alignment").putInt(8), "32")));
    }

    private static byte[] tensor(String name, int dimensions, long first, long second, int type, long offset) {
        return tensors(1, b -> describe(b, name, dimensions, first, second, type, offset));
    }

    private static void describe(
            ByteBuffer b, String name, int dimensions, long first, long second, int type, long offset) {
        string(b, name).putInt(dimensions);
        for (int i = 0; i < Math.min(dimensions, 8); i++) {
            b.putLong(i == 0 ? first : i == 1 ? second : 1);
        }
        b.putInt(type).putLong(offset);
    }

    private static byte[] tensors(int count, Consumer<ByteBuffer> list) {
        ByteBuffer b = buffer(GgufReader.MAGIC, 3, count, 0);
        list.accept(b);
        b.position((b.position() + 31) / 32 * 32 + 256);
        return done(b);
    }

    @Test
    void wrongTensors() {
        assertEquals(8, readGood(tensor("w", 2, 4, 2, 0, 32)).rows() * 4);
        assertRefused("tensor w: 288 bytes at offset 96 pass the end of file (352)", tensor("w", 2, 36, 2, 0, 0));
        assertRefused(
                "tensor w: 32 bytes at offset 9223372036854775776 of the data pass the end of file",
                tensor("w", 2, 4, 2, 0, Long.MAX_VALUE - 31));
        assertRefused(
                "tensor w: its data's offset 8 is not a multiple of the alignment 32", tensor("w", 2, 4, 2, 0, 8));
        assertRefused(
                "tensor w: its data's offset 18446744073709551584 is not a multiple", tensor("w", 2, 4, 2, 0, -32));
        assertRefused("tensor w: a dimension of 0: it must lie in [1, 2^63)", tensor("w", 2, 4, 0, 0, 0));
        assertRefused("tensor w: a dimension of 18446744073709551615", tensor("w", 2, 4, -1, 0, 0));
        assertRefused(
                "tensor w: dimensions 4611686018427387904 x 4611686018427387904: more elements",
                tensor("w", 2, 1L << 62, 1L << 62, 0, 0));
        assertRefused(
                "tensor w: dimensions 4294967296 x 4294967296: more elements",
                tensor("w", 2, 1L << 32, 1L << 32, 0, 0));
        assertRefused("tensor w: 0 dimensions: there must be 1 to 4", tensor("w", 0, 4, 2, 0, 0));
        assertRefused("tensor w: 5 dimensions: there must be 1 to 4", tensor("w", 5, 4, 2, 0, 0));
        assertRefused("tensor w: type 4 is not known", tensor("w", 2, 4, 2, 4, 0));
        assertRefused("tensor w: type 4294967295 is not known", tensor("w", 2, 4, 2, -1, 0));
        assertRefused(
                "tensor w: rows of 33 elements are not a multiple of Q8_0's block of 32", tensor("w", 2, 33, 2, 8, 0));
        assertRefused("the name of tensor 0 has 0 bytes", tensor("", 2, 4, 2, 0, 0));
    }

    @Test
    void overlapsAndDuplicates() {
        assertRefused("tensor b: its 64 bytes at offset 128 overlap tensor a at offset 160", tensors(2, b -> {
            describe(b, "a", 1, 8, 1, 0, 64);
            describe(b, "b", 1, 16, 1, 0, 32);
        }));
        assertRefused("tensor a occurs twice in the list", tensors(2, b -> {
            describe(b, "a", 1, 8, 1, 0, 0);
            describe(b, "a", 1, 8, 1, 0, 32);
        }));
    }

    private static GgufTensor readGood(byte[] bytes) {
        try {
            return read(bytes).tensors().iterator().next();
        } catch (ModelFormatException e) {
            throw new AssertionError(e);
        }
    }

    private static GgufFile read(byte[] bytes) throws ModelFormatException {
        return GgufReader.read("m.gguf", MemorySegment.ofArray(bytes));
    }

    private static void assertRefused(String part, byte[] bytes) {
        String message =
                assertThrows(ModelFormatException.class, () -> read(bytes)).getMessage();
        assertTrue(message.startsWith("m.gguf: " + part), message);
    }

    private static ByteBuffer buffer(int magic, int version, long tensors, long entries) {
        return ByteBuffer.allocate(1024)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(magic)
                .putInt(version)
                .putLong(tensors)
                .putLong(entries);
    }

    private static byte[] header(int magic, int version, long tensors, long entries) {
        return done(buffer(magic, version, tensors, entries));
    }

    /** A file of one metadata entry. */
    private static byte[] one(Consumer<ByteBuffer> entry) {
        ByteBuffer b = buffer(GgufReader.MAGIC, 3, 0, 1);
        entry.accept(b);
        return done(b);
    }

    private static byte[] done(ByteBuffer b) {
        return Arrays.copyOf(b.array(), b.position());
    }

    private static ByteBuffer string(ByteBuffer b, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return b.putLong(utf8.length).put(utf8);
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
    }
}
