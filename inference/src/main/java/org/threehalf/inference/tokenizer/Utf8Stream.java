package org.threehalf.inference.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Turns bytes that come in pieces to text, holding back a character until all its bytes are there. Bytes that are no
 * UTF-8 become U+FFFD.
 */
public final class Utf8Stream {
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer waiting = ByteBuffer.allocate(0);

    /** A stream at its start. */
    public Utf8Stream() {}

    /** Takes bytes; gives the characters that they complete. */
    public String append(byte[] bytes) {
        ByteBuffer all = ByteBuffer.allocate(waiting.remaining() + bytes.length)
                .put(waiting)
                .put(bytes)
                .flip();
        CharBuffer characters = CharBuffer.allocate(all.remaining() + 1);
        decoder.decode(all, characters, false);
        waiting = all;
        return characters.flip().toString();
    }

    /** Ends the text: what is held back becomes U+FFFD. */
    public String end() {
        CharBuffer characters = CharBuffer.allocate(waiting.remaining() + 1);
        decoder.decode(waiting, characters, true);
        decoder.flush(characters);
        decoder.reset();
        waiting = ByteBuffer.allocate(0);
        return characters.flip().toString();
    }
}
