package org.threehalf.kernels.transformer;

/** Element by element: the gated product, the residual, and a factor (REQ-OPS-010, REQ-OPS-013). */
public final class ElementwiseOperations {
    private ElementwiseOperations() {}

    /**
     * gate_k becomes act(gate_k) · up_k (REQ-OPS-010), or the product of both when they are limited (REQ-OPS-013).
     *
     * @param activation the function
     * @param gate n values, overwritten
     * @param up n values or more
     */
    /*@ public normal_behavior
      @   requires gate.length <= up.length && gate != up;
      @   assignable gate[*];
      @   ensures (\forall int i; 0 <= i && i < gate.length;
      @       Float.floatToIntBits(gate[i]) == Float.floatToIntBits(ElementaryFunctions.gated(activation,
      @       \old(gate[i]), up[i])));
      @*/
    public static void gate(Activation activation, float[] gate, float[] up) {
        //@ loop_invariant 0 <= k && k <= gate.length;
        /*@ loop_invariant (\forall int i; 0 <= i && i < k;
          @     Float.floatToIntBits(gate[i]) == Float.floatToIntBits(ElementaryFunctions.gated(activation,
          @     \old(gate[i]), up[i]))); @*/
        /*@ loop_invariant (\forall int i; k <= i && i < gate.length;
          @     Float.floatToIntBits(gate[i]) == Float.floatToIntBits(\old(gate[i]))); @*/
        //@ loop_writes gate[*];
        //@ decreases gate.length - k;
        for (int k = 0; k < gate.length; k++) {
            gate[k] = ElementaryFunctions.gated(activation, gate[k], up[k]);
        }
    }

    /**
     * x_k becomes x_k + d_k (REQ-OPS-010).
     *
     * @param x n values, overwritten
     * @param addition n values or more
     */
    /*@ public normal_behavior
      @   requires x.length <= addition.length && x != addition;
      @   assignable x[*];
      @   ensures (\forall int i; 0 <= i && i < x.length;
      @       Float.floatToIntBits(x[i]) == Float.floatToIntBits(\old(x[i]) + addition[i]));
      @*/
    public static void add(float[] x, float[] addition) {
        //@ loop_invariant 0 <= k && k <= x.length;
        /*@ loop_invariant (\forall int i; 0 <= i && i < k;
          @     Float.floatToIntBits(x[i]) == Float.floatToIntBits(\old(x[i]) + addition[i])); @*/
        /*@ loop_invariant (\forall int i; k <= i && i < x.length;
          @     Float.floatToIntBits(x[i]) == Float.floatToIntBits(\old(x[i]))); @*/
        //@ loop_writes x[*];
        //@ decreases x.length - k;
        for (int k = 0; k < x.length; k++) {
            x[k] = x[k] + addition[k];
        }
    }

    /** x_k becomes x_k · factor (REQ-DEC-001). */
    /*@ public normal_behavior
      @   requires factor == factor;
      @   assignable x[*];
      @   ensures (\forall int i; 0 <= i && i < x.length;
      @       Float.floatToIntBits(x[i]) == Float.floatToIntBits(\old(x[i]) * factor));
      @*/
    public static void scale(float[] x, float factor) {
        //@ loop_invariant 0 <= k && k <= x.length;
        /*@ loop_invariant (\forall int i; 0 <= i && i < k;
          @     Float.floatToIntBits(x[i]) == Float.floatToIntBits(\old(x[i]) * factor)); @*/
        /*@ loop_invariant (\forall int i; k <= i && i < x.length;
          @     Float.floatToIntBits(x[i]) == Float.floatToIntBits(\old(x[i]))); @*/
        //@ loop_writes x[*];
        //@ decreases x.length - k;
        for (int k = 0; k < x.length; k++) {
            x[k] = x[k] * factor;
        }
    }
}
