package org.threehalf.backends.spi.decoder;

import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.Rotation;

/**
 * The numbers of a decoder that all its layers share.
 *
 * @param vocabulary how many tokens there are
 * @param dim elements of the residual stream
 * @param heads H, query heads; a multiple of {@code keyValueHeads}
 * @param keyValueHeads H_kv
 * @param headSize n, elements of a head
 * @param ffn elements of a feed-forward block
 * @param normEpsilon ε of every norm
 * @param embeddingScale factor on embeddings, 1 for none (REQ-DEC-001)
 * @param attentionScale c (REQ-ATT-004)
 * @param attentionCap cap of the scores, 0 for none (REQ-ATT-004)
 * @param logitCap cap of the logits, 0 for none (REQ-DEC-003)
 * @param activation the gate's function
 * @param rotation which elements make a rotated pair
 * @param residualScale factor on what a layer's two halves add to the stream, 1 for none (REQ-DEC-002)
 * @param logitScale factor on the logits, 1 for none (REQ-DEC-003)
 * @param experts the experts of each layer; of a model with experts {@code ffn} is that of one of them
 */
public record DecoderConfig(
        int vocabulary,
        int dim,
        int heads,
        int keyValueHeads,
        int headSize,
        int ffn,
        float normEpsilon,
        float embeddingScale,
        float attentionScale,
        float attentionCap,
        float logitCap,
        Activation activation,
        Rotation.Layout rotation,
        float residualScale,
        float logitScale,
        Experts experts)
        implements DecoderSizes {

    /**
     * A layer's experts.
     *
     * @param count how many there are, 0 for a model without
     * @param used how many a token goes through
     * @param renormalised whether their shares are divided by their sum (REQ-EXP-001)
     */
    public record Experts(int count, int used, boolean renormalised) {
        /** A model without experts. */
        public static final Experts NONE = new Experts(0, 0, false);

        /**
         * Checks the range.
         *
         * @throws IllegalArgumentException if a token cannot go through so many
         */
        public Experts {
            if (count < 0 || (count == 0 ? used != 0 : used < 1 || used > count)) {
                throw new IllegalArgumentException(
                        "%,d of %,d experts are used: there must be at least one, and at most all"
                                .formatted(used, count));
            }
        }
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the number that is outside its range
     */
    public DecoderConfig {
        requirePositive("vocabulary", vocabulary);
        requirePositive("width", dim);
        requirePositive("heads", heads);
        requirePositive("key and value heads", keyValueHeads);
        requirePositive("head size", headSize);
        requirePositive("feed-forward size", ffn);
        if (heads % keyValueHeads != 0) {
            throw new IllegalArgumentException(
                    "%d query heads are no multiple of %d key and value heads".formatted(heads, keyValueHeads));
        }
        if ((long) heads * headSize > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "%d heads of %d elements are more than 2^31 - 1 together".formatted(heads, headSize));
        }
        requireFinite("norm epsilon", normEpsilon, normEpsilon > 0);
        requireFinite("embedding scale", embeddingScale, embeddingScale > 0);
        requireFinite("attention scale", attentionScale, attentionScale > 0);
        requireFinite("attention cap", attentionCap, attentionCap >= 0);
        requireFinite("logit cap", logitCap, logitCap >= 0);
        requireFinite("residual scale", residualScale, residualScale > 0);
        requireFinite("logit scale", logitScale, logitScale > 0);
    }

    /** The numbers of a decoder that scales neither what it adds to the stream nor its logits. */
    public DecoderConfig(
            int vocabulary,
            int dim,
            int heads,
            int keyValueHeads,
            int headSize,
            int ffn,
            float normEpsilon,
            float embeddingScale,
            float attentionScale,
            float attentionCap,
            float logitCap,
            Activation activation,
            Rotation.Layout rotation) {
        this(
                vocabulary,
                dim,
                heads,
                keyValueHeads,
                headSize,
                ffn,
                normEpsilon,
                embeddingScale,
                attentionScale,
                attentionCap,
                logitCap,
                activation,
                rotation,
                1,
                1,
                Experts.NONE);
    }

    /** These with other factors. */
    public DecoderConfig withScales(float residual, float logits) {
        return new DecoderConfig(
                vocabulary,
                dim,
                heads,
                keyValueHeads,
                headSize,
                ffn,
                normEpsilon,
                embeddingScale,
                attentionScale,
                attentionCap,
                logitCap,
                activation,
                rotation,
                residual,
                logits,
                experts);
    }

    /** These with experts. */
    public DecoderConfig withExperts(Experts changed) {
        return new DecoderConfig(
                vocabulary,
                dim,
                heads,
                keyValueHeads,
                headSize,
                ffn,
                normEpsilon,
                embeddingScale,
                attentionScale,
                attentionCap,
                logitCap,
                activation,
                rotation,
                residualScale,
                logitScale,
                changed);
    }

    private static void requirePositive(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("%s: %d; it must be at least 1".formatted(what, value));
        }
    }

    private static void requireFinite(String what, float value, boolean inRange) {
        if (!inRange || !Float.isFinite(value)) {
            throw new IllegalArgumentException("%s: %s is outside its range".formatted(what, value));
        }
    }

    @Override
    public int routed() {
        return experts.count();
    }
}
