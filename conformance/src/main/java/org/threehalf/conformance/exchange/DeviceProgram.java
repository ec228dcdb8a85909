package org.threehalf.conformance.exchange;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A vendor's own program that computes an {@link ExchangeFolder}.
 *
 * @param words its command line, with {@code {in}} and {@code {out}} for the two folders
 */
public record DeviceProgram(List<String> words) {
    /** How often its children are looked for: one that outlives its parent is found only while that lives. */
    private static final long LOOK_MILLIS = 50;

    private static final Duration ORPHANS = Duration.ofSeconds(10);

    /** Takes a copy of the words. */
    public DeviceProgram {
        words = List.copyOf(words);
    }

    /**
     * A program from one line, its words parted by spaces.
     *
     * @throws IllegalArgumentException if the line names no program or lacks one of the folders
     */
    public static DeviceProgram of(String line) {
        List<String> words = Arrays.stream(line.strip().split("\\s+")).toList();
        if (!line.contains("{in}") || !line.contains("{out}")) {
            throw new IllegalArgumentException("'%s' must name both folders, as in: prog {in} {out}".formatted(line));
        }
        return new DeviceProgram(words);
    }

    /**
     * Runs it, with its output passed through. When this returns, or this process is ended, neither it nor a process
     * that it started runs any more: nobody writes results while they are judged. On Linux that holds of processes that
     * left their parents too ({@link Orphans}); elsewhere of those that were seen while these lived. One program at a
     * time: another one waits.
     *
     * @param limit after which it is ended
     * @throws IOException if it cannot be started, ends with another exit code than 0, or passes the limit
     */
    public void run(ExchangeFolder folder, Duration limit) throws IOException {
        synchronized (DeviceProgram.class) {
            runAlone(folder, limit);
        }
    }

    private void runAlone(ExchangeFolder folder, Duration limit) throws IOException {
        List<String> command = words.stream()
                .map(word -> word.replace("{in}", absolute(folder.in())).replace("{out}", absolute(folder.out())))
                .toList();
        Set<ProcessHandle> others = Orphans.children(Set.of());
        boolean adopts = Orphans.adopt(true);
        Process process;
        try {
            process = new ProcessBuilder(command).inheritIO().start();
        } catch (IOException notThere) {
            Orphans.adopt(false);
            throw notThere;
        }
        others.add(process.toHandle());
        Set<ProcessHandle> tree = ConcurrentHashMap.newKeySet();
        Thread atExit = new Thread(() -> end(process, tree), "threehalf-end-program");
        boolean hooked = hook(atExit);
        try {
            long end = System.nanoTime() + limit.toNanos();
            boolean ended = false;
            while (!ended && System.nanoTime() < end) {
                process.descendants().forEach(tree::add);
                ended = process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            }
            if (!ended) {
                throw new IOException("%s did not end within %d seconds and was stopped"
                        .formatted(command.getFirst(), limit.toSeconds()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(command.getFirst() + " was interrupted", e);
        } finally {
            end(process, tree);
            boolean alone = !adopts || endOrphans(others);
            Orphans.adopt(false);
            if (hooked) {
                unhook(atExit);
            }
            if (!alone) {
                throw new IOException("%s started processes that go on starting others; its results are not judged"
                        .formatted(command.getFirst()));
            }
        }
        if (process.exitValue() != 0) {
            throw new IOException("%s ended with exit code %d; its results are not judged"
                    .formatted(command.getFirst(), process.exitValue()));
        }
    }

    private static void end(Process process, Set<ProcessHandle> tree) {
        process.descendants().forEach(tree::add);
        tree.forEach(child -> child.descendants().forEach(tree::add));
        process.destroyForcibly();
        tree.forEach(ProcessHandle::destroyForcibly);
        tree.forEach(child ->
                child.onExit().completeOnTimeout(child, 5, TimeUnit.SECONDS).join());
        process.onExit().completeOnTimeout(process, 5, TimeUnit.SECONDS).join();
    }

    /** Whether no process is left of those that were left behind, and begot others. */
    private static boolean endOrphans(Set<ProcessHandle> others) {
        long end = System.nanoTime() + ORPHANS.toNanos();
        Set<ProcessHandle> left = Orphans.children(others);
        while (!left.isEmpty() && System.nanoTime() < end) {
            left.forEach(Orphans::end);
            // Children of those that were ended have come to this process by now.
            left = Orphans.children(others);
        }
        return left.isEmpty();
    }

    private static boolean hook(Thread thread) {
        try {
            Runtime.getRuntime().addShutdownHook(thread);
            return true;
        } catch (IllegalStateException ending) {
            return false;
        }
    }

    private static void unhook(Thread thread) {
        try {
            Runtime.getRuntime().removeShutdownHook(thread);
        } catch (IllegalStateException ending) {
            // It runs already.
        }
    }

    private static String absolute(Path path) {
        return path.toAbsolutePath().toString();
    }
}
