package org.threehalf.inference.huggingface;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.threehalf.inference.gguf.ModelFormatException;

/** Headers that are not as they must be, by hand and at random. */
class SafetensorsTest {

    private static byte[] file(String header, int dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(8 + json.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }

    private static String refusal(byte[] bytes) {
        return assertThrows(ModelFormatException.class, () -> Safetensors.read("m", MemorySegment.ofArray(bytes)))
                .getMessage();
    }

    private static String entry(String name, String type, String shape, long from, long to) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}".formatted(name, type, shape, from, to);
    }

    @Test
    void wholeFilesAreRead() throws IOException {
        String header = "{\"__metadata__\":{\"format\":\"pt\"}," + entry("b", "F32", "[2,3]", 4, 28) + ","
                + entry("a", "BF16", "[2]", 0, 4) + "," + entry("one", "I64", "[]", 28, 36) + "}   ";
        var tensors = Safetensors.read("m", MemorySegment.ofArray(file(header, 36)));
        assertEquals(List.of("b", "a", "one"), List.copyOf(tensors.keySet()));
        assertEquals(List.of(2L, 3L), Objects.requireNonNull(tensors.get("b")).shape());
        assertEquals(24, Objects.requireNonNull(tensors.get("b")).data().byteSize());
    }

    @Test
    void whatIsWrongIsSaid() {
        record Case(String header, int bytes, String message) {}
        for (Case one : List.of(
                new Case("{" + entry("a", "F32", "[2]", 0, 8) + "}", 12, "4 bytes behind the last tensor"),
                new Case(
                        "{" + entry("a", "F32", "[2]", 4, 12) + "}",
                        12,
                        "its bytes begin at 4, and those before it end at 0"),
                new Case(
                        "{" + entry("a", "F32", "[2]", 0, 8) + "," + entry("b", "F32", "[2]", 4, 12) + "}",
                        12,
                        "overlap"),
                new Case(
                        "{" + entry("a", "F32", "[2]", 0, 8) + "," + entry("b", "F32", "[2]", 0, 8) + "}",
                        8,
                        "overlap"),
                new Case(
                        "{" + entry("a", "F32", "[2]", 0, 8) + "," + entry("b", "F32", "[1]", 12, 16) + "}",
                        16,
                        "its bytes begin at 12"),
                new Case(
                        "{" + entry("a", "F32", "[2]", 0, 8) + "," + entry("a", "F32", "[2]", 8, 16) + "}",
                        16,
                        "stands twice in an object"),
                new Case("{" + entry("a", "F32", "[3]", 0, 8) + "}", 8, "takes 12 bytes, and it has 8"),
                new Case("{" + entry("a", "F32", "[2]", 8, 0) + "}", 8, "are not within"),
                new Case("{" + entry("a", "F32", "[2]", 0, 16) + "}", 8, "are not within"),
                new Case("{" + entry("a", "F7", "[2]", 0, 8) + "}", 8, "dtype 'F7' is not known"),
                new Case("{" + entry("a", "F32", "[-2]", 0, 8) + "}", 8, "numbers of 0 or more"),
                new Case(
                        "{" + entry("a", "F32", "[4611686018427387904,4]", 0, 8) + "}",
                        8,
                        "more elements than any file can hold"),
                new Case(
                        "{" + entry("a", "F32", "[4294967296,4294967296,0]", 0, 0) + "}",
                        0,
                        "more elements than any file can hold"),
                new Case("{" + entry("a", "F32", "[1,1,1,1,1,1,1,1,1]", 0, 4) + "}", 4, "at most 8"),
                new Case(
                        "{" + entry("a", "F32", "[99999999999999999999]", 0, 4) + "}",
                        4,
                        ": the number 99999999999999999999 is too large"),
                new Case(
                        "{" + entry("a", "F32", "[1.5]", 0, 4) + "}",
                        4,
                        "a number with a fraction or an exponent found"),
                new Case("{" + entry("", "F32", "[1]", 0, 4) + "}", 4, "a tensor's name of 0 characters"),
                new Case("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "two data_offsets are needed"),
                new Case(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}",
                        4,
                        "'x' is not known"),
                new Case(
                        "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                        4,
                        "stands twice in an object"),
                new Case("{\"a\":[]}", 0, "a list found"),
                new Case("{\"__metadata__\":{\"a\":1}}", 0, "an integer found"),
                new Case("{\"a\":", 0, "no JSON"),
                new Case("{}x", 0, "no JSON"),
                new Case("{\"\u00ff\":{}}", 0, "not UTF-8"),
                new Case(" {}", 0, "begins with 0x20"))) {
            String message = refusal(file(one.header, one.bytes));
            assertTrue(message.startsWith("m: ") && message.contains(one.message), one.header + " -> " + message);
        }
        assertTrue(refusal(new byte[3]).contains("3 bytes"));
        assertTrue(refusal(ByteBuffer.allocate(64).putLong(0, -1).array())
                .contains("a header of 18446744073709551615 bytes"));
        assertTrue(refusal(ByteBuffer.allocate(64)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(0, 57)
                        .array())
                .contains("a header of 57 bytes"));
        assertTrue(refusal(file("{" + "\"a\":{".repeat(50_000), 0)).length() < 1000, "nested deeply");
    }

    /** Nothing but a message comes of damaged files: bits, bytes, numbers, pieces out of place. */
    @Test
    void mutants() throws IOException, java.net.URISyntaxException {
        byte[] whole = Files.readAllBytes(
                Path.of(Objects.requireNonNull(SafetensorsTest.class.getResource("qwen2/model.safetensors"))
                        .toURI()));
        SplittableRandom random = new SplittableRandom(35);
        int header =
                8 + (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
        int accepted = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] mutant = whole.clone();
            for (int j = random.nextInt(1, 4); j > 0; j--) {
                int at = random.nextInt(header);
                switch (random.nextInt(4)) {
                    case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
                    case 1 -> mutant[at] = (byte) "{}[]\",:0129-eE.\\u".charAt(random.nextInt(17));
                    case 2 -> mutant[at] = (byte) random.nextInt(256);
                    default ->
                        System.arraycopy(
                                whole,
                                random.nextInt(8, header - 40),
                                mutant,
                                Math.min(at, header - 40),
                                random.nextInt(40));
                }
            }
            try {
                Safetensors.read("m", MemorySegment.ofArray(mutant))
                        .values()
                        .forEach(tensor -> assertTrue(tensor.data().byteSize() >= 0));
                accepted++;
            } catch (ModelFormatException refused) {
                assertTrue(refused.getMessage().length() < 70_000);
            }
        }
        assertTrue(accepted > 0 && accepted < 12_000, accepted + " of 20,000 read: names may be any");
    }
}
