package org.threehalf.inference.gguf;

/**
 * Checks UTF-8 (RFC 3629: no overlong form, no surrogate, nothing past U+10FFFF) in plain loops over an array, which
 * need no warm-up: a vocabulary has hundreds of thousands of strings.
 */
public final class Utf8 {
    private Utf8() {}

    /** Whether the bytes from {@code from} to before {@code to} are whole characters in UTF-8. */
    public static boolean valid(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            int first = bytes[at];
            int length = first >= 0 ? 1 : first < (byte) 0xe0 ? 2 : first < (byte) 0xf0 ? 3 : 4;
            if (length > 1 && (to - at < length || !validCharacter(bytes, at, first & 0xff, length))) {
                return false;
            }
            at += length;
        }
        return true;
    }

    private static boolean validCharacter(byte[] bytes, int at, int first, int length) {
        int second = bytes[at + 1] & 0xff;
        // The second byte's range depends on the first where a shorter form, a surrogate or a number past the last
        // character would begin.
        int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (first < 0xc2 || first > 0xf4 || second < least || second > most) {
            return false;
        }
        for (int i = 2; i < length; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                return false;
            }
        }
        return true;
    }

    /**
     * Where a piece of a longer text can be cut: at most {@code to}, and before a character whose end may lie behind
     * it.
     *
     * @return more than {@code from} if there are at least 5 bytes
     */
    static int cut(byte[] bytes, int from, int to) {
        int at = to;
        while (at > from && at > to - 4 && (bytes[at - 1] & 0xc0) == 0x80) {
            at--;
        }
        return Math.max(from, at - 1);
    }
}
