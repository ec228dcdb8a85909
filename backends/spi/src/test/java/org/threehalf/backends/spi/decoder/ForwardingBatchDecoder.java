package org.threehalf.backends.spi.decoder;

import java.util.List;

/** Does what another decoder does; a test that wants something else of it overrides that. */
public abstract class ForwardingBatchDecoder implements BatchDecoder {
    /** The other one; closed with this. */
    protected final BatchDecoder right;

    /** Before another one. */
    protected ForwardingBatchDecoder(BatchDecoder right) {
        this.right = right;
    }

    @Override
    public int slots() {
        return right.slots();
    }

    @Override
    public int capacity() {
        return right.capacity();
    }

    @Override
    public int fed(int slot) {
        return right.fed(slot);
    }

    @Override
    public void forward(List<Feed> feeds) {
        right.forward(feeds);
    }

    @Override
    public void copy(int from, int to, int positions) {
        right.copy(from, to, positions);
    }

    @Override
    public void release(int slot) {
        right.release(slot);
    }

    @Override
    public void close() {
        right.close();
    }
}
