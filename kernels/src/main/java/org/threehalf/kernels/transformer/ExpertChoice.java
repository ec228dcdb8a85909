package org.threehalf.kernels.transformer;

import java.util.Arrays;

/**
 * The experts that a token goes through, and how much each counts (REQ-EXP-001; Shazeer et al., Outrageously large
 * neural networks, 2017; Jiang et al., Mixtral of experts, 2024).
 *
 * @param experts their numbers, ascending
 * @param shares what each one's output is multiplied by, in the same order
 */
public record ExpertChoice(int[] experts, float[] shares) {

    /**
     * The experts of a token.
     *
     * @param routed the router's output, a number for each expert
     * @param used how many to take, 1 … the experts
     * @param renormalised whether the shares of those that are taken are divided by their sum
     * @throws IllegalArgumentException if there are not so many experts, or a number is not finite (REQ-DEC-004)
     */
    public static ExpertChoice of(float[] routed, int used, boolean renormalised) {
        if (used < 1 || used > routed.length) {
            throw new IllegalArgumentException(
                    "%,d experts of %,d: at least one, and at most all can be taken".formatted(used, routed.length));
        }
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < routed.length; i++) {
            if (!Float.isFinite(routed[i])) {
                throw new IllegalArgumentException(
                        "the router's output for expert %,d is %s: the model's weights are damaged"
                                .formatted(i, routed[i]));
            }
            largest = Math.max(largest, routed[i]);
        }
        float[] powers = new float[routed.length];
        for (int i = 0; i < powers.length; i++) {
            powers[i] = ElementaryFunctions.exp(routed[i] - largest);
        }
        float total = StridedSum.sum(powers, 0, powers.length - 1);
        int[] experts = largest(routed, used);
        float[] shares = new float[used];
        for (int i = 0; i < used; i++) {
            shares[i] = powers[experts[i]] / total;
        }
        if (renormalised) {
            float taken = StridedSum.sum(shares, 0, used - 1);
            for (int i = 0; i < used; i++) {
                shares[i] = shares[i] / taken;
            }
        }
        return new ExpertChoice(experts, shares);
    }

    /** The numbers of the largest, ascending; of equal ones the smaller number first. */
    private static int[] largest(float[] routed, int used) {
        boolean[] taken = new boolean[routed.length];
        int[] experts = new int[used];
        for (int i = 0; i < used; i++) {
            int best = -1;
            for (int e = 0; e < routed.length; e++) {
                if (!taken[e] && (best < 0 || routed[e] > routed[best])) {
                    best = e;
                }
            }
            taken[best] = true;
            experts[i] = best;
        }
        Arrays.sort(experts);
        return experts;
    }
}
