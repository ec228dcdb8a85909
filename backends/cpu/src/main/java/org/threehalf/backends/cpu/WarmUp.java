package org.threehalf.backends.cpu;

import org.threehalf.kernels.product.KernelMatrix;

/**
 * Runs a kernel in the background while a model is loaded, so that the compiler has seen it when the first token comes.
 *
 * <p>Until it is compiled, vector code is a thousand times slower than after. Without this the first prompt takes
 * seconds, most of them on one of the two processors that a small machine has; while a model is read the other one is
 * idle.
 */
final class WarmUp implements AutoCloseable {
    /** The name of its thread. */
    static final String NAME = "threehalf-warm-up";

    /** Smaller matrices are of models so small that nobody waits for them. */
    static final long LEAST_WEIGHTS = 1 << 18;
    /** Tiles of a product with one token: few, so that it stops soon. */
    private static final int TILES = 2;
    /** Tokens of the products with several. */
    private static final int BATCH = 32;
    /** Rounds after which everything is compiled. */
    private static final int ROUNDS = 2_000;

    private final KernelMatrix matrix;
    private final Thread thread;
    private volatile boolean stopped;

    /** Starts. */
    WarmUp(KernelMatrix matrix) {
        this.matrix = matrix;
        this.thread = Thread.ofPlatform().daemon().name(NAME).unstarted(this::run);
        thread.start();
    }

    private void run() {
        byte[][] tokens = new byte[BATCH][matrix.columns()];
        KernelMatrix.Scratch scratch = matrix.scratch();
        int tiles = Math.min(TILES, matrix.tiles());
        for (int round = 0; round < ROUNDS && !stopped; round++) {
            matrix.sums(tokens, 1, 0, tiles, scratch, (token, row, sums, count) -> {});
            if (!stopped) {
                matrix.sums(tokens, BATCH, 0, 1, scratch, (token, row, sums, count) -> {});
            }
        }
    }

    /** Asks it to stop: the processor is wanted. */
    void stop() {
        stopped = true;
    }

    /** Waits until it does not read the matrix any more. */
    @Override
    public void close() {
        stopped = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
