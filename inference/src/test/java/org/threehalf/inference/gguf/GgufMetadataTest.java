package org.threehalf.inference.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class GgufMetadataTest {

    private static GgufMetadata sample() {
        SequencedMap<String, GgufValue> entries = new LinkedHashMap<>();
        entries.put("s", GgufValue.of("text"));
        entries.put("n", GgufValue.ofUint32(7));
        entries.put("f", GgufValue.ofFloat32(0.5f));
        entries.put("b", GgufValue.of(true));
        entries.put("l", GgufValue.arrayOf(ValueType.STRING, List.of(GgufValue.of("x"))));
        return new GgufMetadata("m.gguf", entries);
    }

    private static void assertRefused(String message, Executable executable) {
        assertEquals(
                message, assertThrows(ModelFormatException.class, executable).getMessage());
    }

    @Test
    void givesValues() throws ModelFormatException {
        GgufMetadata metadata = sample();
        assertEquals("text", metadata.string("s"));
        assertEquals(7, metadata.integer("n"));
        assertEquals(7, metadata.integer("n", 1, 7));
        assertEquals(0.5, metadata.number("f"));
        assertEquals(List.of("x"), metadata.strings("l"));
        assertEquals(Optional.of(true), metadata.findBoolean("b"));
        assertEquals(Optional.of("text"), metadata.findString("s"));
        assertEquals(Optional.of(7L), metadata.findInteger("n"));
        assertEquals(Optional.of(7.0), metadata.findNumber("n"));
        assertEquals(Optional.of(List.of("x")), metadata.findStrings("l"));
        assertEquals(Optional.empty(), metadata.findString("none"));
        assertEquals(5, metadata.entries().size());
    }

    @Test
    void saysWhichKeyIsMissingOrWrong() {
        GgufMetadata metadata = sample();
        assertRefused("m.gguf: metadata none is missing", () -> metadata.string("none"));
        assertRefused(
                "m.gguf: metadata n is a value of type UINT32 where a string is needed", () -> metadata.string("n"));
        assertRefused("m.gguf: metadata n is 7: it must lie in [8, 9]", () -> metadata.integer("n", 8, 9));
        assertRefused(
                "m.gguf: metadata l is an array of STRING where one of integers is needed",
                () -> metadata.integers("l"));
        assertRefused(
                "m.gguf: metadata l is an array of STRING where one of FLOAT32 numbers is needed",
                () -> metadata.floats("l"));
        assertRefused(
                "m.gguf: metadata s is a value of type STRING where a boolean is needed",
                () -> metadata.findBoolean("s"));
        assertThrows(
                UnsupportedOperationException.class, () -> metadata.entries().remove("s"));
    }
}
