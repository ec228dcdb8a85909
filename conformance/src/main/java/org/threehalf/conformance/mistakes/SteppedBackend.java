package org.threehalf.conformance.mistakes;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.RowCodec;
import org.threehalf.conformance.oracle.Oracle;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;

/** A right backend, cut into steps that a faulty one overrides. Slow and plain. */
public class SteppedBackend implements Backend, RowCodec {

    @Override
    public String name() {
        return "stepped";
    }

    @Override
    public RowCodec rowCodec() {
        return this;
    }

    @Override
    public QuantizedToken quantize(float[] activations) {
        float amax = 0;
        for (float x : activations) {
            checkActivation(x);
            amax = Math.max(amax, Math.abs(x));
        }
        float scale = activationScale(amax);
        byte[] codes = new byte[activations.length];
        for (int k = 0; scale != 0 && k < codes.length; k++) {
            codes[k] = (byte) activationCode(activations[k], scale);
        }
        return new QuantizedToken(scale, codes);
    }

    protected void checkActivation(float x) {
        if (!(Math.abs(x) <= Format.MAX_ACTIVATION)) {
            throw new IllegalArgumentException("activation " + x);
        }
    }

    protected float activationScale(float amax) {
        return amax / 127;
    }

    protected int activationCode(float x, float scale) {
        return (int) Math.max(-127, Math.min(127, Math.rint(x / scale)));
    }

    protected void checkScale(float scale) {
        Format.requireScale(scale);
    }

    /** T[c] as the products use it. */
    protected int value(Codebook table, int code, boolean isEven) {
        return table.value(code);
    }

    protected int subscale(QuantizedRow row, int block) {
        return row.subscales()[block];
    }

    /** a_k · v_k, summed. */
    protected int sum(byte[] activations, int[] weights) {
        int sum = 0;
        for (int k = 0; k < weights.length; k++) {
            sum += activations[k] * weights[k];
        }
        return sum;
    }

    protected int[] weights(PackedMatrix matrix, int row) {
        // A scale that is refused is checkScale's matter; the integer weights do not depend on it.
        return weights(unpack(
                matrix.format(),
                matrix.columns(),
                1,
                bytes(matrix.codes(), row, matrix),
                bytes(matrix.subscales(), row, matrix)));
    }

    protected final int[] weights(QuantizedRow row) {
        int[] weights = new int[row.columns()];
        for (int k = 0; k < weights.length; k++) {
            int subscale = row.format().hasSubscales() ? subscale(row, k / 64) : 1;
            weights[k] = subscale * value(row.format().codebook(k), index(row, k), k % 2 == 0);
        }
        return weights;
    }

    /** What input {@code k} is read by: its code, or its window. */
    private int index(QuantizedRow row, int k) {
        FormatTraits traits = row.format().traits();
        if (!traits.windowed()) {
            return row.codes()[k] & 0xff;
        }
        int next = code(row, k, 1);
        int afterNext = code(row, k, 2);
        return window(row.codes()[k], next, afterNext, traits.codeBits(k), traits.pairBits());
    }

    /** The code some inputs after {@code k}, where a block goes round; 0 past K. */
    protected int code(QuantizedRow row, int k, int after) {
        int other = k / 64 * 64 + (k + after) % 64;
        return other < row.columns() ? row.codes()[other] : 0;
    }

    /** A window: a code of {@code width} bits, the next one, and what is left of the one after. */
    protected int window(int code, int next, int afterNext, int width, int pairBits) {
        return code + (next << width) + (afterNext << pairBits) & 0xff;
    }

    protected static byte[] bytes(MemorySegment segment, int row, PackedMatrix matrix) {
        return Oracle.bytesOfRow(segment, row, matrix.rows());
    }

    @Override
    public DeviceMatrix load(PackedMatrix matrix) {
        int[][] weights = new int[matrix.rows()][];
        for (int row = 0; row < weights.length; row++) {
            checkScale(matrix.scale(row));
            weights[row] = weights(matrix, row);
        }
        return new Matrix(matrix, weights);
    }

    @Override
    public void close() {}

    /** A matrix, expanded to integer weights. */
    protected class Matrix implements DeviceMatrix {
        /** As it was loaded. */
        protected final PackedMatrix matrix;
        /** v of each row. */
        protected final int[][] weights;

        /** A matrix with these weights. */
        protected Matrix(PackedMatrix matrix, int[][] weights) {
            this.matrix = matrix;
            this.weights = weights;
        }

        @Override
        public void sums(QuantizedToken token, int[] sums) {
            for (int row = 0; row < weights.length; row++) {
                sums[row] = sum(token.codes(), weights[row]);
            }
        }

        @Override
        public void gemv(QuantizedToken token, float[] y) {
            int[] sums = new int[weights.length];
            sums(token, sums);
            for (int row = 0; row < sums.length; row++) {
                y[row] = output(sums[row], matrix.scale(row), token.scale());
            }
        }

        @Override
        public void gemm(List<QuantizedToken> tokens, float[][] y) {
            for (int t = 0; t < y.length; t++) {
                gemv(tokens.get(t), y[t]);
            }
        }

        @Override
        public void close() {}
    }
}
