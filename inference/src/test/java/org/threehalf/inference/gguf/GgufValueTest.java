package org.threehalf.inference.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class GgufValueTest {

    private static GgufValue stored(ValueType type, int... bytes) {
        byte[] stored = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            stored[i] = (byte) bytes[i];
        }
        return new GgufValue(type, MemorySegment.ofArray(stored));
    }

    @Test
    void integersOfEveryWidthWithTheirSigns() {
        assertEquals(254, stored(ValueType.UINT8, 254).asLong());
        assertEquals(-2, stored(ValueType.INT8, 254).asLong());
        assertEquals(0xfe01, stored(ValueType.UINT16, 1, 254).asLong());
        assertEquals((short) 0xfe01, stored(ValueType.INT16, 1, 254).asLong());
        assertEquals(0xff00_0001L, stored(ValueType.UINT32, 1, 0, 0, 255).asLong());
        assertEquals(0xff00_0001, stored(ValueType.INT32, 1, 0, 0, 255).asLong());
        assertEquals(
                -1,
                stored(ValueType.INT64, 255, 255, 255, 255, 255, 255, 255, 255).asLong());
        assertEquals(Long.MAX_VALUE, GgufValue.ofUint64(Long.MAX_VALUE).asLong());
        String message = assertThrows(IllegalArgumentException.class, GgufValue.ofUint64(-1)::asLong)
                .getMessage();
        assertEquals("an integer of 18446744073709551615, which passes 2^63 - 1", message);
    }

    @Test
    void otherScalars() {
        assertEquals(1.5, GgufValue.ofFloat32(1.5f).asDouble());
        assertEquals(-2.0, stored(ValueType.FLOAT64, 0, 0, 0, 0, 0, 0, 0, 0xc0).asDouble());
        assertEquals(7.0, GgufValue.ofUint32(7).asDouble());
        assertTrue(GgufValue.of(true).asBoolean());
        assertFalse(GgufValue.of(false).asBoolean());
        assertEquals("Größe ▁", GgufValue.of("Größe ▁").asString());
    }

    @Test
    void arrays() {
        GgufValue strings =
                GgufValue.arrayOf(ValueType.STRING, List.of(GgufValue.of(""), GgufValue.of("ä"), GgufValue.of("c")));
        assertEquals(List.of("", "ä", "c"), strings.asStrings());
        assertThrows(IndexOutOfBoundsException.class, () -> strings.asStrings().get(3));
        assertArrayEquals(
                new long[] {3, 0xffff_ffffL},
                GgufValue.arrayOf(ValueType.UINT32, List.of(GgufValue.ofUint32(3), GgufValue.ofUint32(-1)))
                        .asLongs());
        assertArrayEquals(
                new float[] {1, -0.0f},
                GgufValue.arrayOf(ValueType.FLOAT32, List.of(GgufValue.ofFloat32(1), GgufValue.ofFloat32(-0.0f)))
                        .asFloats());
        assertArrayEquals(
                new boolean[] {true},
                GgufValue.arrayOf(ValueType.BOOL, List.of(GgufValue.of(true))).asBooleans());
        assertEquals(
                0, GgufValue.arrayOf(ValueType.STRING, List.of()).asStrings().size());
        assertThrows(
                IllegalArgumentException.class, () -> GgufValue.arrayOf(ValueType.STRING, List.of(GgufValue.of(true))));
    }

    @Test
    void anotherTypeThanAskedFor() {
        assertEquals(
                "a value of type STRING where an integer is needed",
                assertThrows(IllegalArgumentException.class, GgufValue.of("1")::asLong)
                        .getMessage());
        assertThrows(IllegalArgumentException.class, GgufValue.ofFloat32(1)::asLong);
        assertThrows(IllegalArgumentException.class, GgufValue.of(true)::asDouble);
        assertThrows(IllegalArgumentException.class, GgufValue.ofUint32(1)::asBoolean);
        assertThrows(IllegalArgumentException.class, GgufValue.ofUint32(1)::asString);
        assertThrows(IllegalArgumentException.class, GgufValue.ofUint32(1)::asStrings);
        assertEquals(
                "an array of UINT32 where one of strings is needed",
                assertThrows(IllegalArgumentException.class, GgufValue.arrayOf(ValueType.UINT32, List.of())::asStrings)
                        .getMessage());
    }

    @Test
    void summariesAreOneShortLine() {
        assertEquals("\"a\\nb\"", GgufValue.of("a\nb").summary(9));
        assertEquals("\"aaa…\"", GgufValue.of("aaaaaa").summary(3));
        assertEquals("true", GgufValue.of(true).summary(9));
        assertEquals("18446744073709551615", GgufValue.ofUint64(-1).summary(9));
        assertEquals("1.0E-6", GgufValue.ofFloat32(1e-6f).summary(9));
        assertEquals(
                "0 x UINT32: ", GgufValue.arrayOf(ValueType.UINT32, List.of()).summary(9));
        List<GgufValue> five =
                List.of(GgufValue.of("a"), GgufValue.of("b"), GgufValue.of("c"), GgufValue.of("d"), GgufValue.of("e"));
        assertEquals(
                "5 x STRING: \"a\", \"b\", \"c\", \"d\", …",
                GgufValue.arrayOf(ValueType.STRING, five).summary(40));
    }
}
