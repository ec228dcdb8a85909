package org.threehalf.backends.spi.decoder;

import org.jspecify.annotations.Nullable;

/**
 * One layer of a decoder (REQ-DEC-002). What only some models have is null in the others. Arrays are owned by this record.
 *
 * @param attention the first half
 * @param feedForward the second half
 */
public record LayerWeights(AttentionWeights attention, FeedForwardWeights feedForward) {

    /**
     * The attention's half of a layer.
     *
     * @param norm width weights
     * @param query H·n rows of width
     * @param key H_kv·n rows of width
     * @param value H_kv·n rows of width
     * @param output width rows of H·n
     * @param queryBias H·n numbers, or null
     * @param keyBias H_kv·n numbers, or null
     * @param valueBias H_kv·n numbers, or null
     * @param outputBias width numbers, or null
     * @param queryNorm n weights of the norm of each query head, or null
     * @param keyNorm n weights of the norm of each key head, or null
     * @param postNorm width weights of the norm after the output, or null
     * @param window positions that a query sees, 0 for all (REQ-ATT-002)
     * @param frequencies the rotary frequencies after scaling, one a pair (REQ-ROP-002)
     */
    public record AttentionWeights(
            float[] norm,
            Weights query,
            Weights key,
            Weights value,
            Weights output,
            float @Nullable [] queryBias,
            float @Nullable [] keyBias,
            float @Nullable [] valueBias,
            float @Nullable [] outputBias,
            float @Nullable [] queryNorm,
            float @Nullable [] keyNorm,
            float @Nullable [] postNorm,
            int window,
            float[] frequencies) {}

    /**
     * The feed-forward half of a layer.
     *
     * @param norm width weights
     * @param gate hidden rows of width
     * @param up hidden rows of width
     * @param down width rows of hidden
     * @param postNorm width weights of the norm after it, or null
     */
    public record FeedForwardWeights(float[] norm, Weights gate, Weights up, Weights down, float @Nullable [] postNorm) {}
}
