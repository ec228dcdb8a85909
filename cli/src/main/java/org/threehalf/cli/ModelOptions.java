package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.generate.LanguageModel;
import picocli.CommandLine.Option;

/** Options of the commands that run a model, and the running. */
final class ModelOptions {
    /** The backends that are taken where none is named, the first that can run: {@code native} needs LLVM and an x86-64 processor, the others only Java. */
    private static final List<String> PREFERRED = List.of("native", "simd", "reference");

    @Option(names = {"-m", "--model"}, paramLabel = "FILE", required = true, description = "a GGUF file, or one that 'threehalf quantize' wrote")
    private Path model = Path.of("");

    @Option(names = "--backend", paramLabel = "NAME", description = "what computes the products with quantised matrices (default: the first of native, simd and reference that runs here)")
    private @Nullable String backend;

    @Option(names = "--threads", paramLabel = "N", description = "threads on the host (default: one a processor). Their number changes no bit")
    private @Nullable Integer threads;

    @Option(names = "--context", paramLabel = "N", defaultValue = "2048", description = "positions that the cache holds (default: ${DEFAULT-VALUE})")
    private int context = 2048;

    /** What runs with an open model. */
    @FunctionalInterface
    interface Body<T> {
        /** Runs; {@code decoder} has the context that was asked for. */
        T run(LanguageModel model, Decoder decoder) throws Exception;
    }

    /**
     * Opens model and backend, runs on the threads that were asked for, and closes all.
     *
     * @param least positions that the cache must hold in any case
     */
    <T> T run(int least, Body<T> body) throws Exception {
        if (threads != null && threads < 1) {
            throw new IllegalArgumentException("--threads " + threads + ": there must be at least one");
        }
        if (threads != null) {
            // Where the CPU backends read it when they are opened.
            System.setProperty("threehalf.threads", threads.toString());
        }
        return inPool(threads == null ? Runtime.getRuntime().availableProcessors() : threads, () -> {
            // While the file is read: both take the better part of a second, a large part of which is asking which backends there are.
            try (Opening opening = Opening.of(() -> provider().open());
                    LanguageModel opened = LanguageModel.open(model);
                    Decoder decoder = opening.device().decoder(opened.weights(), Math.max(context, least))) {
                return body.run(opened, decoder);
            }
        });
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

    private static <T> T inPool(int threads, Callable<T> work) throws Exception {
        // The fork-join pool that a parallel stream runs in is that of the thread that starts it.
        try (ForkJoinPool pool = new ForkJoinPool(threads)) {
            return pool.submit(work).get();
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                // A ForkJoinTask wraps a checked exception once more.
                case RuntimeException wrapper when wrapper.getCause() instanceof IOException io -> throw io;
                case Exception cause -> throw cause;
                case Error error -> throw error;
                default -> throw failed;
            }
        }
    }

    /** The fastest CPU backend. */
    static BackendProvider fastest() {
        return PREFERRED.stream()
                .flatMap(name -> BackendProvider.all().stream().filter(p -> p.name().equals(name)))
                .filter(p -> p.availability().available())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no CPU backend is there: name one with --backend"));
    }

    private BackendProvider provider() {
        if (backend == null) {
            return fastest();
        }
        BackendProvider named = BackendProvider.named(backend);
        Availability availability = named.availability();
        if (!availability.available()) {
            throw new IllegalArgumentException("backend %s cannot run here: %s".formatted(backend, availability.detail()));
        }
        return named;
    }
}
