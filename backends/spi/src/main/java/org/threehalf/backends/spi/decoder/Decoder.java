package org.threehalf.backends.spi.decoder;

import org.threehalf.kernels.transformer.RotaryAngles;

/** A model on a device with its cache of keys and values. Not safe for use by several threads at once. */
public interface Decoder extends AutoCloseable {

    /** How many positions the cache holds. */
    int capacity();

    /**
     * Feeds tokens and gives the logits after the last of them (REQ-DEC-001 to REQ-DEC-003). Positions before
     * {@code position} must have been fed; those from there on are replaced. The bits do not depend on how tokens are
     * grouped into calls (REQ-DEC-005).
     *
     * @param tokens ids, at least one
     * @param position where the first of them stands
     * @param logits where the logits of the last {@code logits.length} tokens go, one number a token of the vocabulary;
     *     may be empty
     * @throws IllegalArgumentException if an id is outside the vocabulary, a position was not fed or is past the
     *     capacity, or activations are refused (REQ-DEC-004)
     */
    void forward(int[] tokens, int position, float[][] logits);

    /**
     * Refuses a cache that no decoder has; for implementations.
     *
     * @param capacity positions, 1 … 2²⁰
     * @throws IllegalArgumentException if it is outside its range
     */
    static void requireCapacity(int capacity) {
        if (capacity < 1 || capacity > RotaryAngles.POSITIONS) {
            throw new IllegalArgumentException(
                    "a context of %,d positions: it must be 1 to %,d".formatted(capacity, RotaryAngles.POSITIONS));
        }
    }

    /**
     * Refuses what {@link #forward} must refuse before anything is computed; for implementations.
     *
     * @param tokens ids
     * @param position where the first of them stands
     * @param wanted how many logits are asked for
     * @param fed positions that were fed before
     * @param capacity positions of the cache
     * @param vocabulary how many tokens there are
     * @throws IllegalArgumentException if an argument is outside its range
     */
    static void requireFeed(int[] tokens, int position, int wanted, int fed, int capacity, int vocabulary) {
        if (tokens.length == 0 || wanted > tokens.length) {
            throw new IllegalArgumentException(
                    "%d tokens with the logits of %d wanted".formatted(tokens.length, wanted));
        }
        if (position < 0 || position > fed) {
            throw new IllegalArgumentException(
                    "tokens at position %,d: only %,d positions were fed before".formatted(position, fed));
        }
        if (tokens.length > capacity - position) {
            throw new IllegalArgumentException("%,d tokens at position %,d pass the context of %,d positions"
                    .formatted(tokens.length, position, capacity));
        }
        for (int token : tokens) {
            if (token < 0 || token >= vocabulary) {
                throw new IllegalArgumentException("token %d: the vocabulary has %,d".formatted(token, vocabulary));
            }
        }
    }

    /** Frees the cache and what the device holds. */
    @Override
    void close();
}
