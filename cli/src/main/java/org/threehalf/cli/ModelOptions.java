package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.generate.LanguageModel;
import picocli.CommandLine.Option;

/** Options of the commands that run one model, and the running. */
public final class ModelOptions extends DeviceOptions {
    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            required = true,
            description = "a GGUF file, one that 'threehalf quantize' wrote, or a Hugging Face folder")
    private Path model = Path.of("");

    /** What runs with an open model. */
    @FunctionalInterface
    public interface Body<T> {
        /** Runs; {@code decoder} has the context that was asked for. */
        T run(LanguageModel model, Decoder decoder) throws Exception;
    }

    /** The options, which picocli sets. */
    public ModelOptions() {}

    /**
     * Opens the model alone, for those who run it elsewhere.
     *
     * @param err told of what its file does not say
     * @throws UsageException if an option is outside its range, or a key that is to be ignored is not one
     */
    public LanguageModel open(PrintWriter err) throws IOException {
        require();
        LanguageModel opened = open(model);
        say(opened, err);
        return opened;
    }

    /** The model's file. */
    public Path file() {
        return model;
    }

    /**
     * Opens model and backend, runs on the threads that were asked for, and closes all.
     *
     * @param least positions that the cache must hold in any case
     * @param err told of what the model's file does not say
     */
    <T> T run(int least, PrintWriter err, Body<T> body) throws Exception {
        return run(least, 1, err, (opened, device, positions) -> {
            try (Decoder decoder = device.decoder(opened.weights(), positions)) {
                return body.run(opened, decoder);
            }
        });
    }

    /**
     * As {@link #run(int, PrintWriter, Body)}, for those who make decoders of their own.
     *
     * @param least positions that a cache must hold in any case
     * @param caches how many caches there will be: there must be memory for all of them
     * @param err told of what the model's file does not say
     */
    <T> T run(int least, int caches, PrintWriter err, OnDevice<T> body) throws Exception {
        return run(model, least, caches, err, body);
    }
}
