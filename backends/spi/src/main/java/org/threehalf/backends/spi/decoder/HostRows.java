package org.threehalf.backends.spi.decoder;

/**
 * Tokens that go through the layers together on the host: of each its text's cache and its position.
 *
 * @param caches a row's cache; rows of one text follow each other, at ascending positions
 * @param positions a row's position
 * @param tables the positions' angles
 */
record HostRows(KeyValueCache[] caches, int[] positions, RotaryTables tables) {
    /** For programs that look at no position. */
    static final HostRows NONE = new HostRows(new KeyValueCache[0], new int[0], RotaryTables.NONE);

    /** What was fed of each text ends where these rows begin. */
    void begin() {
        for (int t = positions.length - 1; t >= 0; t--) {
            caches[t].setFed(positions[t]);
        }
    }

    /** These rows were fed. */
    void end() {
        for (int t = 0; t < positions.length; t++) {
            caches[t].setFed(positions[t] + 1);
        }
    }
}
