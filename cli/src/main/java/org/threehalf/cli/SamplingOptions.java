package org.threehalf.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.generate.GenerationOptions;
import org.threehalf.kernels.transformer.TokenSampler;
import picocli.CommandLine.Option;

/** Options of the commands that draw tokens. */
public final class SamplingOptions {
    @Option(
            names = {"-t", "--temperature"},
            paramLabel = "T",
            defaultValue = "0.8",
            description = "0 always takes the most likely token (default: ${DEFAULT-VALUE})")
    private float temperature = 0.8f;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "40",
            description = "draw among the K most likely tokens; 0 for all (default: ${DEFAULT-VALUE})")
    private int topK = 40;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "0.95",
            description = "of those, the most likely that together have this share (default: ${DEFAULT-VALUE})")
    private float topP = 0.95f;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "same seed, same text, on every machine and backend (default: by the clock)")
    private @Nullable Long seed;

    /** The options, which picocli sets. */
    public SamplingOptions() {}

    /** The seed that was given, or another one where none was. */
    public long seed(long byDefault) {
        return seed == null ? byDefault : seed;
    }

    /** The seed: the one given, or one by the clock, the same at every call. */
    long seed() {
        if (seed == null) {
            seed = System.nanoTime() & 0xffff_ffffL;
        }
        return seed;
    }

    /** Refuses settings that are outside their ranges, before a model is loaded. */
    public void check() {
        try {
            settings();
        } catch (IllegalArgumentException outside) {
            throw new UsageException(String.valueOf(outside.getMessage()), outside);
        }
    }

    /**
     * How tokens are drawn.
     *
     * @throws IllegalArgumentException if a setting is outside its range
     */
    public TokenSampler.Settings settings() {
        return new TokenSampler.Settings(temperature, topK, topP);
    }

    /**
     * How a text is generated with these settings.
     *
     * @param tokens how many tokens at most
     */
    GenerationOptions of(int tokens) {
        return new GenerationOptions(tokens, settings(), seed(), List.of());
    }
}
