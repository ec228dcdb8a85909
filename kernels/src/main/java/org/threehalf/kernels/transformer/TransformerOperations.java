package org.threehalf.kernels.transformer;

import org.threehalf.kernels.VectorSupport;

/**
 * The operations that a decoder needs beside its matrix products. Implementations give the same bits; they differ in
 * speed. Safe for use by several threads at once.
 */
public interface TransformerOperations {

    /** The fastest on this machine: by the Vector API where its module is there, otherwise the reference. */
    static TransformerOperations fastest() {
        return VectorSupport.available() ? new VectorOperations() : new ScalarOperations();
    }

    /** Σ a_k · b_k over n elements (REQ-OPS-003). */
    /*@ public normal_behavior
      @   requires 0 <= n && 0 <= aFrom && aFrom <= a.length - n && 0 <= bFrom && bFrom <= b.length - n;
      @   ensures \result == StridedSum.dot(a, aFrom, b, bFrom, n) || \result != \result;
      @*/
    /*@ pure @*/
    float dot(float[] a, int aFrom, float[] b, int bFrom, int n);

    /**
     * A row's dot product with each of some vectors (REQ-OPS-003).
     *
     * @param row n numbers at its front
     * @param vectors n numbers at the front of each
     * @param n how many
     * @param results where the dot products go, one a vector
     */
    /*@ public normal_behavior
      @   requires 0 <= n && n <= row.length && vectors.length <= results.length;
      @   requires (\forall int t; 0 <= t && t < vectors.length; n <= vectors[t].length && vectors[t] != results)
      @       && row != results;
      @   assignable results[0 .. vectors.length - 1];
      @*/
    default void dots(float[] row, float[][] vectors, int n, float[] results) {
        for (int t = 0; t < vectors.length; t++) {
            results[t] = dot(row, 0, vectors[t], 0, n);
        }
    }

    /**
     * The products of some rows of a matrix with each of some vectors (REQ-OPS-011): each row is brought to binary32
     * once.
     *
     * @param matrix of K columns
     * @param from the first row, 0 … N
     * @param to behind the last one, from {@code from} to N
     * @param vectors K numbers at the front of each
     * @param y where row i's product with vector t goes: {@code y[t][i]}
     */
    default void products(FloatMatrix matrix, int from, int to, float[][] vectors, float[][] y) {
        float[] row = new float[matrix.columns()];
        float[] results = new float[vectors.length];
        for (int i = from; i < to; i++) {
            matrix.read(i, row);
            dots(row, vectors, row.length, results);
            for (int t = 0; t < vectors.length; t++) {
                y[t][i] = results[t];
            }
        }
    }

    /** As {@link Normalization#rms} (REQ-OPS-009). */
    /*@ public normal_behavior
      @   requires weights.length >= 1 && weights != y && epsilon > 0;
      @   requires 0 <= xFrom && xFrom <= x.length - weights.length && 0 <= yFrom
      @       && yFrom <= y.length - weights.length;
      @   requires x != y || xFrom == yFrom;
      @   assignable y[yFrom .. yFrom + weights.length - 1];
      @*/
    void rmsNorm(float[] x, int xFrom, float[] weights, float epsilon, float[] y, int yFrom);

    /** As {@link ElementwiseOperations#gate} (REQ-OPS-010). */
    /*@ public normal_behavior
      @   requires gate.length <= up.length && gate != up;
      @   assignable gate[*];
      @*/
    void gate(Activation activation, float[] gate, float[] up);

    /** As {@link ElementwiseOperations#add} (REQ-OPS-010). */
    /*@ public normal_behavior
      @   requires x.length <= addition.length && x != addition;
      @   assignable x[*];
      @*/
    void add(float[] x, float[] addition);

    /** x_k becomes softcap(x_k, cap) (REQ-OPS-008). */
    /*@ public normal_behavior
      @   requires cap > 0;
      @   assignable x[*];
      @*/
    void softCap(float[] x, float cap);

    /** As {@link Rotation#rotate} (REQ-ROP-005). */
    /*@ public normal_behavior
      @   requires 0 <= pairs && pairs <= 536870912 && 0 <= from && from <= x.length - 2 * pairs && x != cosines
      @       && x != sines;
      @   requires 0 <= angle && angle <= cosines.length - pairs && angle <= sines.length - pairs;
      @   assignable x[from .. from + 2 * pairs - 1];
      @*/
    void rotate(Rotation.Layout layout, float[] x, int from, float[] cosines, float[] sines, int angle, int pairs);

    /**
     * Query heads over the positions that they see, as {@link Attention#attend} of each (REQ-ATT-004, REQ-ATT-005).
     *
     * @param heads the operands; their output is written
     */
    /*@ public normal_behavior
      @   assignable heads.output()[heads.outputFrom() .. heads.outputFrom() + heads.count() * heads.size() - 1];
      @*/
    void attend(AttentionHeads heads);
}
