package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
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
        BackendProvider provider = provider();
        if (threads != null && threads < 1) {
            throw new IllegalArgumentException("--threads " + threads + ": there must be at least one");
        }
        if (threads != null) {
            // Where the CPU backends read it when they are opened.
            System.setProperty("threehalf.threads", threads.toString());
        }
        return inPool(threads == null ? Runtime.getRuntime().availableProcessors() : threads, () -> {
            // While the file is read: both take the better part of a second.
            try (Opening opening = new Opening(ForkJoinTask.adapt(provider::open).fork());
                    LanguageModel opened = LanguageModel.open(model);
                    Decoder decoder = opening.device().decoder(opened.weights(), Math.max(context, least))) {
                return body.run(opened, decoder);
            }
        });
    }

    /** A backend that is being opened. */
    private record Opening(ForkJoinTask<Backend> task) implements AutoCloseable {
        private Backend device() {
            return task.join();
        }

        @Override
        public void close() {
            device().close();
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
