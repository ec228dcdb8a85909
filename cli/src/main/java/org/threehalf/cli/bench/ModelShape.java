package org.threehalf.cli.bench;

import java.util.List;

/**
 * The matrices of a transformer that decoding one token multiplies.
 *
 * @param name the model
 * @param layers its layers
 * @param layer the matrices of one layer
 * @param output the matrix that gives the logits
 */
public record ModelShape(String name, int layers, List<Part> layer, Part output) {

    /**
     * Matrices of one shape.
     *
     * @param name which ones
     * @param rows N
     * @param columns K
     * @param count how many
     */
    public record Part(String name, int rows, int columns, int count) {
        /** N · K. */
        public long weights() {
            return (long) rows * columns;
        }
    }

    /** A 70B LLaMA (3): hidden 8192, FFN 28,672, 64 heads and 8 KV heads of 128, 80 layers, 128,256 tokens. */
    public static final ModelShape LLAMA_70B = of("LLaMA-70B", 80, 8_192, 28_672, 64, 8, 128, 128_256);
    /** An 8B LLaMA (3): hidden 4096, FFN 14,336, 32 heads and 8 KV heads of 128, 32 layers, 128,256 tokens. */
    public static final ModelShape LLAMA_8B = of("LLaMA-8B", 32, 4_096, 14_336, 32, 8, 128, 128_256);
    /** Gemma 3 270M, the real model of the tests: hidden 640, FFN 2048, 4 heads and 1 KV head of 256, 18 layers, 262,144 tokens. */
    public static final ModelShape GEMMA_270M = of("Gemma-3-270M", 18, 640, 2_048, 4, 1, 256, 262_144);

    /** All of them. */
    public static final List<ModelShape> ALL = List.of(LLAMA_70B, LLAMA_8B, GEMMA_270M);

    private static ModelShape of(String name, int layers, int hidden, int ffn, int heads, int kvHeads, int head, int vocabulary) {
        return new ModelShape(
                name,
                layers,
                List.of(
                        new Part("q", heads * head, hidden, 1),
                        new Part("k, v", kvHeads * head, hidden, 2),
                        new Part("o", hidden, heads * head, 1),
                        new Part("gate, up", ffn, hidden, 2),
                        new Part("down", hidden, ffn, 1)),
                new Part("output", vocabulary, hidden, 1));
    }

    /** Weights of a layer. */
    public long layerWeights() {
        return layer.stream().mapToLong(part -> part.count() * part.weights()).sum();
    }
}
