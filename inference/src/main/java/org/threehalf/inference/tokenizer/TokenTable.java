package org.threehalf.inference.tokenizer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ValueType;

/**
 * The texts of tokens and the way back from a text to its token, in three arrays. A text becomes a string when it is
 * asked for: making hundreds of thousands of them, of which a prompt needs a few, took a good part of the time to the
 * first token.
 *
 * <p>The index is a hash table with linear probing, at most half full. The hash is a polynomial of the text over the
 * integers modulo 2⁶¹ − 1 at a random place, so nobody can write a file whose tokens collide: two texts of n bytes do
 * with a probability of n / (7 · 2⁶⁰) (Carter and Wegman, Universal classes of hash functions, 1979).
 */
final class TokenTable {
    private static final long MODULUS = (1L << 61) - 1;

    private final byte[] bytes;
    /**
     * Where token i begins, and after it the end of the last; between two of them lie 8 bytes of length, as in the
     * file.
     */
    private final int[] starts;
    /** Ids, or −1. */
    private final int[] index;

    private final long place = ThreadLocalRandom.current().nextLong(1L << 60, MODULUS);

    private TokenTable(byte[] bytes, int[] starts) {
        this.bytes = bytes;
        this.starts = starts;
        this.index = new int[Math.max(2, Integer.highestOneBit(Math.max(1, size())) << 2)];
        Arrays.fill(index, -1);
        for (int id = 0; id < size(); id++) {
            int at = slot(bytes, starts[id], end(id));
            if (index[at] >= 0 && end(id) > starts[id]) {
                throw new IllegalArgumentException(
                        "an array in which tokens %,d and %,d are both '%s': each must be another"
                                .formatted(index[at], id, token(id)));
            }
            // Of empty texts, which are nobody's, the last one counts.
            index[at] = id;
        }
    }

    /**
     * The tokens of an array of strings.
     *
     * @throws IllegalArgumentException if it is none, has 2³¹ bytes or more, or two of its texts are equal and not
     *     empty
     */
    static TokenTable of(GgufValue strings) {
        if (strings.elementType() != ValueType.STRING) {
            throw new IllegalArgumentException(
                    "an array of %s where one of strings is needed".formatted(strings.elementType()));
        }
        MemorySegment stored = strings.elementBytes();
        // An array of Java has some bytes less than 2^31, and the index has up to four times as many entries as there
        // are tokens.
        if (stored.byteSize() > Integer.MAX_VALUE - 64 || strings.count() >= 1 << 28) {
            throw new IllegalArgumentException(
                    "%,d strings in %,d bytes: a vocabulary can have 2^28 - 1 in less than 2^31"
                            .formatted(strings.count(), stored.byteSize()));
        }
        byte[] bytes = stored.toArray(ValueLayout.JAVA_BYTE);
        int[] starts = new int[(int) strings.count() + 1];
        int at = 0;
        for (int id = 0; id < starts.length - 1; id++) {
            // Lengths are less than 2^31 here: their upper four bytes are 0.
            int length =
                    bytes[at] & 0xff | (bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff) << 16 | bytes[at + 3] << 24;
            starts[id] = at + Long.BYTES;
            at = starts[id] + length;
        }
        starts[starts.length - 1] = at + Long.BYTES;
        return new TokenTable(bytes, starts);
    }

    /** How many tokens there are. */
    int size() {
        return starts.length - 1;
    }

    /** A token's text. */
    String token(int id) {
        return new String(bytes, starts[id], end(id) - starts[id], StandardCharsets.UTF_8);
    }

    /** The token of a text; −1 if there is none. */
    int find(String text) {
        byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
        return index[slot(wanted, 0, wanted.length)];
    }

    private int end(int id) {
        return starts[id + 1] - Long.BYTES;
    }

    /** Where a text stands in the index, or the free entry where it would. */
    private int slot(byte[] text, int from, int to) {
        int mask = index.length - 1;
        int at = (int) hash(text, from, to) & mask;
        while (index[at] >= 0 && !Arrays.equals(text, from, to, bytes, starts[index[at]], end(index[at]))) {
            at = at + 1 & mask;
        }
        return at;
    }

    /** Seven bytes a step; the length comes first, so no text is another with zeros. */
    private long hash(byte[] text, int from, int to) {
        long hash = to - from;
        for (int at = from; at < to; at += 7) {
            long digit = 0;
            for (int i = at; i < Math.min(at + 7, to); i++) {
                digit = digit << 8 | text[i] & 0xff;
            }
            hash = timesPlace(hash) + digit;
            hash = (hash & MODULUS) + (hash >>> 61);
        }
        hash = timesPlace(hash);
        return hash ^ hash >>> 32;
    }

    /** hash · place modulo 2⁶¹ − 1, or that and the modulus. */
    private long timesPlace(long hash) {
        long low = hash * place;
        long high = Math.multiplyHigh(hash, place);
        long sum = (low & MODULUS) + (low >>> 61 | high << 3);
        return (sum & MODULUS) + (sum >>> 61);
    }
}
