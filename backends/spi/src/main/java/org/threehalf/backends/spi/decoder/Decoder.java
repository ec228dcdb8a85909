package org.threehalf.backends.spi.decoder;

/** A model on a device with its cache of keys and values. Not safe for use by several threads at once. */
public interface Decoder extends AutoCloseable {

    /** How many positions the cache holds. */
    int capacity();

    /**
     * Feeds tokens and gives the logits after the last of them (REQ-DEC-001 to REQ-DEC-003). Positions before {@code position} must have been fed; those from there on are
     * replaced. The bits do not depend on how tokens are grouped into calls (REQ-DEC-005).
     *
     * @param tokens ids, at least one
     * @param position where the first of them stands
     * @param logits where the logits of the last {@code logits.length} tokens go, one number a token of the vocabulary; may be empty
     * @throws IllegalArgumentException if an id is outside the vocabulary, a position was not fed or is past the capacity, or activations are refused (REQ-DEC-004)
     */
    void forward(int[] tokens, int position, float[][] logits);

    /** Frees the cache and what the device holds. */
    @Override
    void close();
}
