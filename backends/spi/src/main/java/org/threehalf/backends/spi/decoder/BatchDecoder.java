package org.threehalf.backends.spi.decoder;

import java.util.BitSet;
import java.util.List;

/**
 * A model on a device with several caches of keys and values, so that texts that have nothing to do with each other go
 * through the layers together. Each text has a slot of its own. Not safe for use by several threads at once.
 */
public interface BatchDecoder extends AutoCloseable {

    /**
     * Tokens of one text.
     *
     * @param slot its cache, 0 … slots − 1
     * @param tokens ids, at least one
     * @param position where the first of them stands; positions before it must have been fed to this slot, those from
     *     there on are replaced
     * @param logits where the logits of the last {@code logits.length} tokens go, one number a token of the vocabulary;
     *     may be empty
     */
    record Feed(int slot, int[] tokens, int position, float[][] logits) {}

    /** How many caches there are. */
    int slots();

    /** How many positions each cache holds. */
    int capacity();

    /**
     * Positions of a slot that are filled.
     *
     * @param slot 0 … slots − 1
     */
    int fed(int slot);

    /**
     * Feeds tokens of several texts. The logits of each are the same bits as if it were alone in the decoder
     * (REQ-DEC-006).
     *
     * @param feeds at least one, no slot twice
     * @throws IllegalArgumentException if a slot is named twice or not there, an id is outside the vocabulary, a
     *     position was not fed or is past the capacity, or activations are refused (REQ-DEC-004). Each slot then still
     *     holds what was fed before the position that its feed began at, and can be fed again from there
     * @throws IllegalStateException if there is no memory for a slot's cache
     */
    void forward(List<Feed> feeds);

    /**
     * Takes over the beginning of a text from another slot: afterwards {@code to} holds the first positions of
     * {@code from} and nothing else.
     *
     * @param from a slot
     * @param to another one, or the same: then it forgets what comes after these positions
     * @param positions how many, 0 … those that {@code from} was fed
     * @throws IllegalArgumentException if that many were not fed
     * @throws IllegalStateException if there is no memory for a slot's cache
     */
    void copy(int from, int to, int positions);

    /**
     * Frees a slot's memory; it is empty afterwards.
     *
     * @param slot 0 … slots − 1
     */
    void release(int slot);

    /**
     * Refuses what {@link #forward} must refuse before anything is computed; for implementations.
     *
     * @param decoder the decoder that is fed
     * @param feeds what it is fed
     * @param vocabulary how many tokens there are
     * @throws IllegalArgumentException if an argument is outside its range
     */
    static void requireFeeds(BatchDecoder decoder, List<Feed> feeds, int vocabulary) {
        if (feeds.isEmpty()) {
            throw new IllegalArgumentException("nothing to feed");
        }
        BitSet seen = new BitSet();
        for (Feed feed : feeds) {
            if (feed.slot() < 0 || feed.slot() >= decoder.slots()) {
                throw new IllegalArgumentException("slot %d: there are %d".formatted(feed.slot(), decoder.slots()));
            }
            if (seen.get(feed.slot())) {
                throw new IllegalArgumentException("slot %d is fed twice in one call".formatted(feed.slot()));
            }
            seen.set(feed.slot());
            Decoder.requireFeed(
                    feed.tokens(),
                    feed.position(),
                    feed.logits().length,
                    decoder.fed(feed.slot()),
                    decoder.capacity(),
                    vocabulary);
        }
    }

    /** Frees the caches and what the device holds. */
    @Override
    void close();
}
