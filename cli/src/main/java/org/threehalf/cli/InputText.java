package org.threehalf.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Texts that are given to a command: a file, a pipe, or {@code -} for the standard input, in UTF-8. */
final class InputText {
    private InputText() {}

    /**
     * Reads a text.
     *
     * @param file its name, or {@code -}
     * @throws UsageException if it is a folder
     * @throws IOException if it cannot be read, or is not UTF-8; says where
     */
    static String read(Path file) throws IOException {
        boolean standard = file.toString().equals("-");
        if (!standard && Files.isDirectory(file)) {
            throw new UsageException(file + ": a folder; the name of a file is needed");
        }
        byte[] bytes = standard ? System.in.readAllBytes() : Files.readAllBytes(file);
        String name = standard ? "the standard input" : file.toString();
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer encoded = ByteBuffer.wrap(bytes);
        CharBuffer text = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(encoded, text, true);
        if (result.isError()) {
            throw new IOException("%s: not a text in UTF-8: byte 0x%02x at offset %,d"
                    .formatted(name, bytes[encoded.position()] & 0xff, encoded.position()));
        }
        return text.flip().toString();
    }
}
