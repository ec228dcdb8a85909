package org.threehalf.inference.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The check of UTF-8 is the one of Java's decoder, also where a string is looked at in pieces. */
class Utf8Test {

    private static boolean decodes(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException malformed) {
            return false;
        }
    }

    private static void assertAsDecoder(byte... bytes) {
        assertEquals(
                decodes(bytes),
                Utf8.valid(bytes, 0, bytes.length),
                () -> java.util.HexFormat.of().formatHex(bytes));
    }

    /**
     * All of one and two bytes; of three and four, every first and second byte with thirds and fourths at the edges of
     * their ranges.
     */
    @Test
    void everyBeginningOfACharacterIsJudgedAsJavasDecoderDoes() {
        byte[] edges = {0, 0x7f, (byte) 0x80, (byte) 0xbf, (byte) 0xc0, (byte) 0xff};
        for (int first = 0; first < 256; first++) {
            assertAsDecoder((byte) first);
            for (int second = 0; second < 256; second++) {
                assertAsDecoder((byte) first, (byte) second);
                for (byte third : edges) {
                    assertAsDecoder((byte) first, (byte) second, third);
                    for (byte fourth : edges) {
                        assertAsDecoder((byte) first, (byte) second, third, fourth);
                    }
                }
            }
        }
    }

    @Property(tries = 2_000)
    void textIsValidAndStaysSoInAnyWindow(@ForAll String text, @ForAll byte[] damage) {
        byte[] whole = text.getBytes(StandardCharsets.UTF_8);
        assertTrue(Utf8.valid(whole, 0, whole.length));
        assertAsDecoder(damage);
    }

    /**
     * Strings of many lengths around the size of the window, of characters of 1 to 4 bytes, after a prefix that shifts
     * them against it.
     */
    @Test
    void longStringsAreReadInPieces() throws Exception {
        SplittableRandom random = new SplittableRandom(5);
        for (int length : List.of(65_530, 65_536, 65_541, 131_072, 200_000)) {
            for (String character : List.of("a", "ä", "▁", "😀")) {
                String text = "x".repeat(random.nextInt(5))
                        + character.repeat(length / character.getBytes(StandardCharsets.UTF_8).length);
                byte[] file = file(text);
                assertEquals(
                        text,
                        GgufReader.read("t", MemorySegment.ofArray(file))
                                .metadata()
                                .string("k"));
                // One byte of the text spoilt, wherever it is; 0xff occurs in no UTF-8.
                file[file.length - 1 - random.nextInt(length - 8)] = (byte) 0xff;
                ModelFormatException refused = assertThrows(
                        ModelFormatException.class, () -> GgufReader.read("t", MemorySegment.ofArray(file)));
                assertTrue(String.valueOf(refused.getMessage()).contains("not UTF-8"), refused::getMessage);
            }
        }
    }

    @Test
    void aStringOfNothingButContinuationsEnds() {
        byte[] file = file("a".repeat(200_000));
        java.util.Arrays.fill(file, 100, file.length, (byte) 0x80);
        assertThrows(ModelFormatException.class, () -> GgufReader.read("t", MemorySegment.ofArray(file)));
        assertFalse(Utf8.valid(file, 100, file.length));
    }

    /** A file of one string and no tensor. */
    private static byte[] file(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(24 + 8 + 1 + 4 + 8 + utf8.length).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        file.putInt(GgufReader.MAGIC).putInt(3).putLong(0).putLong(1);
        return file.putLong(1)
                .put((byte) 'k')
                .putInt(ValueType.STRING.ordinal())
                .putLong(utf8.length)
                .put(utf8)
                .array();
    }
}
