package org.threehalf.inference.generate;

import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.decoder.BatchDecoder;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderWeights;

/**
 * An open backend with a model's decoder, whose caches are lent one by one. Safe for use by several threads: one of
 * them computes at a time.
 */
final class DecoderSlots implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Backend backend;
    private final int context;
    private final int slots;
    /** Where there is one slot: the device's own decoder, which may run whole on it. Null where there are several. */
    private final @Nullable Decoder single;

    private final @Nullable BatchDecoder several;
    private final BitSet lent = new BitSet();
    private boolean closed;

    /**
     * Brings a model to a backend.
     *
     * @param backend closed with this, and where this fails
     * @param weights the model's; their memory must outlive this
     * @param context positions of a cache
     * @param slots how many caches
     * @throws IllegalArgumentException if a number is outside its range, or the backend refuses the model
     * @throws IllegalStateException if the device has no room
     */
    DecoderSlots(Backend backend, DecoderWeights weights, int context, int slots) {
        this.backend = backend;
        this.context = context;
        this.slots = slots;
        try {
            this.single = slots == 1 ? backend.decoder(weights, context) : null;
            this.several = slots == 1 ? null : backend.batchDecoder(weights, context, slots);
        } catch (RuntimeException | Error failed) {
            backend.close();
            throw failed;
        }
    }

    /** The backend's name. */
    String backend() {
        return backend.name();
    }

    /**
     * Lends a cache until the decoder is closed.
     *
     * @throws IllegalStateException if none is free, or this is closed
     */
    Decoder take() {
        lock.lock();
        try {
            requireOpen();
            int slot = lent.nextClearBit(0);
            if (slot == slots) {
                throw new IllegalStateException(
                        "%d texts are under way, and the model was opened for no more: close one, or open it with more slots"
                                .formatted(slots));
            }
            lent.set(slot);
            return new Slot(slot);
        } finally {
            lock.unlock();
        }
    }

    /** How many caches are lent. */
    int lent() {
        lock.lock();
        try {
            return lent.cardinality();
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
    }

    private final class Slot implements Decoder {
        private final int number;
        private boolean returned;

        private Slot(int number) {
            this.number = number;
        }

        @Override
        public int capacity() {
            return context;
        }

        @Override
        public void forward(int[] tokens, int position, float[][] logits) {
            lock.lock();
            try {
                requireOpen();
                if (returned) {
                    throw new IllegalStateException("the text was closed");
                }
                if (single != null) {
                    single.forward(tokens, position, logits);
                } else if (several != null) {
                    several.forward(List.of(new BatchDecoder.Feed(number, tokens, position, logits)));
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (!returned) {
                    returned = true;
                    lent.clear(number);
                    if (!closed && several != null) {
                        several.release(number);
                    }
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** After the step that is being computed. What is lent can be used no more. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                if (single != null) {
                    single.close();
                }
                if (several != null) {
                    several.close();
                }
                backend.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
