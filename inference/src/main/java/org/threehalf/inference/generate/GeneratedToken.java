package org.threehalf.inference.generate;

/** A token that was drawn, with the text that it completes. */
public final class GeneratedToken {
    /** The id of what is no token: the last piece of a text, where some was held back until its end. */
    public static final int NONE = -1;

    private final int id;
    private final String text;
    private final TokenStream stream;
    private final long serial;

    GeneratedToken(int id, String text, TokenStream stream, long serial) {
        this.id = id;
        this.text = text;
        this.stream = stream;
        this.serial = serial;
    }

    /** The token's id, or {@link #NONE}. */
    public int id() {
        return id;
    }

    /**
     * The characters that can be shown now. Empty where the token ends inside a character, or what is there could
     * become a text that ends the answer; a later piece has it then. All pieces of a stream, one after the other, are
     * its whole text.
     */
    public String text() {
        return text;
    }

    /**
     * The logits that the token was drawn from, before temperature and cuts: a copy, one number a token of the
     * vocabulary.
     *
     * @throws IllegalStateException if the stream has gone on since, or this is {@link #NONE}: they are not kept
     */
    public float[] logits() {
        return stream.logits(serial);
    }

    @Override
    public String toString() {
        return "%d '%s'".formatted(id, text);
    }
}
