package org.threehalf.inference.generate;

import java.util.List;
import org.threehalf.kernels.transformer.TokenSampler;

/**
 * How a text is generated. The same prompt, options and model give the same tokens on every machine and backend
 * (REQ-SMP-001, REQ-DEC-005).
 *
 * @param tokens how many tokens at most, at least one
 * @param sampling how tokens are drawn
 * @param seed where the draws start
 * @param stops texts that end the answer before the first of them that appears in it; empty ones are left out
 */
public record GenerationOptions(int tokens, TokenSampler.Settings sampling, long seed, List<String> stops) {

    /**
     * 256 tokens at temperature 0.8 among the 40 most likely that have 0.95 of the whole, from seed 0, with no text
     * that ends the answer.
     */
    public static final GenerationOptions DEFAULT =
            new GenerationOptions(256, new TokenSampler.Settings(0.8f, 40, 0.95f), 0, List.of());

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if there is to be no token, or a stop is null or empty
     */
    public GenerationOptions {
        if (tokens < 1) {
            throw new IllegalArgumentException("%,d tokens: there must be at least one".formatted(tokens));
        }
        if (stops.stream().anyMatch(stop -> stop == null || stop.isEmpty())) {
            throw new IllegalArgumentException("a text that ends the answer must have a character");
        }
        stops = List.copyOf(stops);
    }

    /** The same with another number of tokens. */
    public GenerationOptions withTokens(int tokens) {
        return new GenerationOptions(tokens, sampling, seed, stops);
    }

    /** The same with another temperature: 0 always takes the most likely token. */
    public GenerationOptions withTemperature(float temperature) {
        return withSampling(new TokenSampler.Settings(temperature, sampling.topK(), sampling.topP()));
    }

    /** The same with tokens drawn in another way. */
    public GenerationOptions withSampling(TokenSampler.Settings sampling) {
        return new GenerationOptions(tokens, sampling, seed, stops);
    }

    /** The same with another seed. */
    public GenerationOptions withSeed(long seed) {
        return new GenerationOptions(tokens, sampling, seed, stops);
    }

    /** The same with other texts that end the answer. */
    public GenerationOptions withStops(List<String> stops) {
        return new GenerationOptions(tokens, sampling, seed, stops);
    }

    /** A sampler at the start of the seed's sequence. */
    public TokenSampler sampler() {
        return new TokenSampler(sampling, seed);
    }
}
