package org.threehalf.backends.spi.decoder;

/**
 * A buffer of a program: of each token {@code width} binary32 numbers.
 *
 * @param name unique in a program
 * @param width numbers a token, at least 1
 */
public record Buffer(String name, int width) {

    /** The residual stream: what a program is given, and, of a layer, what it leaves. */
    public static Buffer stream(DecoderConfig config) {
        return new Buffer("stream", config.dim());
    }

    /** The logits, which the last program leaves. */
    public static Buffer logits(DecoderConfig config) {
        return new Buffer("logits", config.vocabulary());
    }

    /**
     * Checks the width.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Buffer {
        if (width < 1) {
            throw new IllegalArgumentException("buffer %s of %d numbers a token".formatted(name, width));
        }
    }
}
