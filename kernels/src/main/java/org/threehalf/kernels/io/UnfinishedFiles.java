package org.threehalf.kernels.io;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What this process has begun to write and is not whole yet: temporary files and folders of parts. A process that is
 * interrupted (Ctrl-C, SIGTERM) or ends otherwise removes them, also where the work that was to do it is in the middle
 * of something long; one that is killed (SIGKILL) leaves them to the next.
 *
 * <p>Whoever wants to end in order first asks for a {@link Grace}: nothing is removed until it is closed, or its time
 * is over.
 */
public final class UnfinishedFiles {
    private static final Set<Path> OPEN = new LinkedHashSet<>();
    private static final Set<Grace> GRACES = new LinkedHashSet<>();
    private static volatile boolean ending;

    static {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(UnfinishedFiles::end, "unfinished-files"));
        } catch (IllegalStateException late) {
            ending = true;
        }
    }

    private UnfinishedFiles() {}

    /** Whether the process is about to end. */
    public static boolean ending() {
        return ending;
    }

    /** A file or folder that is to go if the process ends before it is {@link #done}. */
    static void begun(Path file) {
        synchronized (OPEN) {
            OPEN.add(file);
        }
    }

    /** It has its place, or is gone. */
    static void done(Path file) {
        synchronized (OPEN) {
            OPEN.remove(file);
        }
    }

    /**
     * Keeps the process alive, once it is to end, until the result is closed.
     *
     * @param most no longer than this
     */
    public static Grace grace(Duration most) {
        return new Grace(most);
    }

    /** A while in which what was begun can be ended in order. */
    public static final class Grace implements AutoCloseable {
        private final Duration most;
        private final CountDownLatch closed = new CountDownLatch(1);

        private Grace(Duration most) {
            this.most = most;
            synchronized (GRACES) {
                GRACES.add(this);
            }
        }

        @Override
        public void close() {
            synchronized (GRACES) {
                GRACES.remove(this);
            }
            closed.countDown();
        }
    }

    private static void end() {
        long begin = System.nanoTime();
        ending = true;
        List<Grace> graces;
        synchronized (GRACES) {
            graces = List.copyOf(GRACES);
        }
        try {
            for (Grace grace : graces) {
                grace.closed.await(grace.most.toNanos() - (System.nanoTime() - begin), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<Path> left;
        synchronized (OPEN) {
            left = new ArrayList<>(OPEN);
        }
        for (Path file : left) {
            try {
                FolderTree.deleteWhileWritten(file);
            } catch (IOException stays) {
                // The next process that makes the same removes it.
            }
        }
    }
}
