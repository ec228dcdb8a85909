package org.threehalf.kernels.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 7, 8, 0xd, 0x1b, 0x7f, 0x85, 0x9b, 0x9d, 0xad, 0x61c, 0x200e, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066,
                0x2069, 0xfeff, 0xd800, 0xe0041
            })
    void whatSteersIsReplaced(int character) {
        String text = "a" + Character.toString(character) + "b";
        assertEquals("a\ufffdb", Printable.line(text));
        assertEquals("a\ufffdb", Printable.text(text));
    }

    @Test
    void linesAreKeptWhereTheyMayBe() {
        assertEquals("a\ufffdb\ufffdc", Printable.line("a\nb\tc"));
        assertEquals("a\nb\tc", Printable.text("a\nb\tc"));
    }

    @Test
    void whatShowsIsAsItIs() {
        String text = "äöü ñ 漢字 עברית 👩\u200d👩 می\u200cخواهم \u00a0 ∀x";
        assertEquals(text, Printable.line(text));
    }
}
