package org.threehalf.kernels.transformer;

/** The token that is drawn at temperature 0 (REQ-SMP-002). */
public final class MostLikelyToken {
    private MostLikelyToken() {}

    /**
     * The first candidate in the order of REQ-SMP-002: of those with the largest logit the one with the smallest id.
     *
     * @param logits one a token of the vocabulary, none of them NaN
     * @return the token's id
     */
    /*@ public normal_behavior
      @   requires logits.length >= 1 && (\forall int i; 0 <= i && i < logits.length; logits[i] == logits[i]);
      @   ensures 0 <= \result && \result < logits.length;
      @   ensures (\forall int i; 0 <= i && i < logits.length; logits[i] <= logits[\result]);
      @   ensures (\forall int i; 0 <= i && i < \result; logits[i] < logits[\result]);
      @*/
    /*@ pure @*/ public static int of(float[] logits) {
        int best = 0;
        //@ loop_invariant 1 <= id && id <= logits.length && 0 <= best && best < id;
        //@ loop_invariant (\forall int i; 0 <= i && i < id; logits[i] <= logits[best]);
        //@ loop_invariant (\forall int i; 0 <= i && i < best; logits[i] < logits[best]);
        //@ loop_writes \nothing;
        //@ decreases logits.length - id;
        for (int id = 1; id < logits.length; id++) {
            if (logits[id] > logits[best]) {
                best = id;
            }
        }
        return best;
    }
}
