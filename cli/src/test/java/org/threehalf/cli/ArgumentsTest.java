package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArgumentsTest {
    @TempDir
    Path folder;

    private Optional<String> wrong(byte[] typed, String... arguments) throws IOException {
        return Arguments.wrong(arguments, Files.write(folder.resolve("cmdline"), typed));
    }

    /** Java's U+FFFD stands for bytes that were none, or was typed. */
    @Test
    void whatIsNoTextIsTold() throws IOException {
        assertTrue(
                wrong(new byte[] {'-', 'p', 0, (byte) 0xff, 0}, "-p", "\ufffd").isPresent());
        assertTrue(wrong("-p\0caf\u00e9\0".getBytes(StandardCharsets.ISO_8859_1), "-p", "caf\ufffd")
                .isPresent());
        // A half of a pair.
        assertTrue(wrong(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80, 0}, "\ufffd")
                .isPresent());
        assertEquals(Optional.empty(), wrong("\ufffd\0".getBytes(StandardCharsets.UTF_8), "\ufffd"));
        assertEquals(Optional.empty(), wrong(new byte[] {(byte) 0xff}, "-p", "x"));
        assertEquals(Optional.empty(), Arguments.wrong(new String[] {"\ufffd"}, folder.resolve("none")));
    }
}
