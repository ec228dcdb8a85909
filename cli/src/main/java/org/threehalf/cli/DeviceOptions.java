package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.kernels.transformer.RotaryAngles;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the commands that run models, and the running. */
public class DeviceOptions {
    @Option(
            names = "--backend",
            paramLabel = "NAME",
            description =
                    "what computes the products with quantised matrices (default: the first of native, simd and reference that runs here)")
    private @Nullable String backend;

    @Mixin
    private ThreadOption threads = new ThreadOption();

    @Option(
            names = "--context",
            paramLabel = "N",
            description =
                    "positions that the cache holds (default: 2048, or as many as the model was trained for if those are fewer)")
    private @Nullable Integer context;

    @Option(
            names = "--ignore-key",
            paramLabel = "KEY",
            description =
                    "go on although the file has this metadata, which nothing here computes and which may change the result (may be given several times); results say so")
    private Set<String> ignoredKeys = new TreeSet<>();

    /** What runs with an open model and a device. */
    @FunctionalInterface
    public interface OnDevice<T> {
        /**
         * Runs.
         *
         * @param model the open model
         * @param device the open backend
         * @param positions what a cache must hold
         */
        T run(LanguageModel model, Backend device, int positions) throws Exception;
    }

    /**
     * Opens model and backend, runs on the threads that were asked for, and closes all.
     *
     * @param model the model's file
     * @param least positions that a cache must hold in any case
     * @param caches how many caches there will be: there must be memory for all of them
     * @param err told of what the model's file does not say
     */
    final <T> T run(Path model, int least, int caches, PrintWriter err, OnDevice<T> body) throws Exception {
        require();
        // One that is named is asked for before a model is read.
        BackendProvider named = backend == null ? null : provider(backend);
        return threads.inPool(() -> {
            // While the file is read: both take the better part of a second, a large part of which is asking which
            // backends there are.
            try (Opening opening = Opening.of(() -> threads.open(named == null ? BackendProvider.fastest() : named));
                    LanguageModel opened = open(model)) {
                say(opened, err);
                if (named == null) {
                    KeptStart.remark(opening.device().name()).ifPresent(remark -> err.println("note: " + remark));
                }
                int positions = positions(opened, least);
                MachineMemory.require(
                        caches * cacheBytes(opened.weights(), positions),
                        caches == 1
                                ? "the cache of %,d positions".formatted(positions)
                                : "%d caches of %,d positions".formatted(caches, positions),
                        caches == 1 ? "give a smaller --context" : "give a smaller --context or fewer --slots");
                try {
                    return body.run(opened, opening.device(), positions);
                } catch (IllegalArgumentException failed) {
                    // Where a number that is none was met, a weight may be the cause: it is named then. To look at all
                    // of them before would cost what a first token costs.
                    opened.requireFinite();
                    throw failed;
                }
            }
        });
    }

    /** Refuses numbers outside their ranges. */
    final void require() {
        threads.require();
        if (context != null) {
            UsageException.requireRange("--context", context, 1, RotaryAngles.POSITIONS);
        }
    }

    /** The backend that was named, or null for the fastest. */
    public final @Nullable String backend() {
        return backend;
    }

    /** The keys that are to be ignored. */
    public final Set<String> ignoredKeys() {
        return Set.copyOf(ignoredKeys);
    }

    /**
     * Positions that a cache holds.
     *
     * @param opened the model
     * @param least positions that it must hold in any case
     */
    public final int positions(LanguageModel opened, int least) {
        return Math.max(least, context == null ? opened.usualContext() : context);
    }

    /** Opens a model with the keys that may be ignored. */
    final LanguageModel open(Path model) throws IOException {
        try {
            return LanguageModel.open(model, LanguageModel.Options.DEFAULT.withIgnoredKeys(ignoredKeys));
        } catch (IllegalArgumentException wrongKey) {
            throw new UsageException("--ignore-key: " + wrongKey.getMessage(), wrongKey);
        }
    }

    final void say(LanguageModel opened, PrintWriter err) {
        opened.tokenizer().notices().forEach(notice -> err.println("note: " + ThreeHalf.printable(notice)));
        if (context != null && context > opened.trainedContext()) {
            err.printf(
                    "note: %s was trained for %,d positions: --context %,d goes beyond%n",
                    opened.file().name(), opened.trainedContext(), context);
        }
        err.flush();
    }

    /** Bytes of keys and values of all layers (REQ-ATT-001). */
    private static long cacheBytes(DecoderWeights weights, int positions) {
        return 2L * weights.layers().size() * weights.config().keyValueWidth() * positions * Float.BYTES;
    }

    /** What results say of keys that were ignored; empty if none were. */
    public static String remark(LanguageModel opened) {
        return opened.ignoredKeys().isEmpty() ? "" : " (ignoring " + String.join(", ", opened.ignoredKeys()) + ")";
    }

    /** A backend that is being opened. */
    private record Opening(FutureTask<Backend> task) implements AutoCloseable {
        private static Opening of(Callable<Backend> open) {
            FutureTask<Backend> task = new FutureTask<>(open);
            Thread.ofPlatform().daemon().name("threehalf-open").start(task);
            return new Opening(task);
        }

        private Backend device() throws Exception {
            try {
                return task.get();
            } catch (ExecutionException failed) {
                throw failed.getCause() instanceof Exception cause ? cause : failed;
            }
        }

        /** What the opening failed with is told by {@link #device}, or was of no use to anybody. */
        @Override
        public void close() {
            try {
                task.get().close();
            } catch (ExecutionException failed) {
                // Nothing was opened.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static BackendProvider provider(String backend) {
        BackendProvider named;
        try {
            named = BackendProvider.named(backend);
        } catch (IllegalArgumentException unknown) {
            throw new UsageException("--backend: " + unknown.getMessage(), unknown);
        }
        Availability availability = named.availability();
        if (!availability.available()) {
            throw new UsageException("backend %s cannot run here: %s".formatted(backend, availability.detail()));
        }
        return named;
    }
}
