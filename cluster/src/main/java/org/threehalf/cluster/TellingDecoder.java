package org.threehalf.cluster;

import java.util.List;
import org.threehalf.backends.spi.decoder.BatchDecoder;

/**
 * A decoder whose errors (memory that does not suffice, a model that is cut short while it is mapped) are exceptions:
 * the generator hands those to whoever waits for the answers, and an error would end its thread, and with it a worker's
 * process, with stack traces.
 *
 * @param decoder what computes
 */
record TellingDecoder(BatchDecoder decoder) implements BatchDecoder {

    @Override
    public int slots() {
        return decoder.slots();
    }

    @Override
    public int capacity() {
        return decoder.capacity();
    }

    @Override
    public int fed(int slot) {
        return decoder.fed(slot);
    }

    @Override
    public void forward(List<Feed> feeds) {
        telling(() -> decoder.forward(feeds));
    }

    @Override
    public void copy(int from, int to, int positions) {
        telling(() -> decoder.copy(from, to, positions));
    }

    private static void telling(Runnable step) {
        try {
            step.run();
        } catch (Error error) {
            throw new IllegalStateException(error.toString(), error);
        }
    }

    @Override
    public void release(int slot) {
        decoder.release(slot);
    }

    @Override
    public void close() {
        decoder.close();
    }
}
