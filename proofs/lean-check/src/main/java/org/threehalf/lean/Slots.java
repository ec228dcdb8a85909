package org.threehalf.lean;

/** A number of processes that may run at the same time, and who goes first when one ends. */
final class Slots {
    private int free;
    private int waitingFirst;

    Slots(int slots) {
        this.free = slots;
    }

    /**
     * Waits for a slot. Give it back with {@link #release}.
     *
     * @param first whether to go before all that wait without this
     */
    synchronized void acquire(boolean first) throws InterruptedException {
        waitingFirst += first ? 1 : 0;
        try {
            while (free == 0 || !first && waitingFirst > 0) {
                wait();
            }
        } finally {
            waitingFirst -= first ? 1 : 0;
            notifyAll();
        }
        free--;
    }

    synchronized void release() {
        free++;
        notifyAll();
    }
}
