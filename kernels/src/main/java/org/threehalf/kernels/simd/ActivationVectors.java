package org.threehalf.kernels.simd;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.VectorSupport;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.reference.ActivationQuantizer;
import org.threehalf.kernels.transformer.ElementaryFunctions;

/**
 * Quantises activations by the Vector API, with the bits of {@link ActivationQuantizer} (REQ-QNT-001 to REQ-QNT-004).
 * Needs {@code --add-modules jdk.incubator.vector}.
 */
public final class ActivationVectors {
    // A quarter of the bits holds the codes of a vector, and 64 bits are the shortest vector that there is.
    private static final int BITS = Math.max(VectorSupport.bits(), 256);
    private static final VectorSpecies<Float> F = VectorSpecies.of(float.class, VectorShape.forBitSize(BITS));
    private static final VectorSpecies<Byte> B = VectorSpecies.of(byte.class, VectorShape.forBitSize(BITS / 4));
    private static final int WIDTH = F.length();

    private ActivationVectors() {}

    /**
     * As {@link QuantizedToken#of}.
     *
     * @param activations K values
     * @throws IllegalArgumentException if a value is NaN, infinite or over 2⁵⁶ in magnitude (REQ-QNT-001)
     */
    /*@ public normal_behavior
      @   requires (\forall int k; 0 <= k && k < activations.length;
      @       -0x1p56f <= activations[k] && activations[k] <= 0x1p56f);
      @   ensures \result.scale() == ActivationQuantizer.scale(activations)
      @       && \result.codes().length == activations.length;
      @   ensures \result.scale() > 0 ==> (\forall int k; 0 <= k && k < activations.length;
      @       \result.codes()[k] == ActivationQuantizer.code(activations[k], \result.scale()));
      @   ensures \result.scale() == 0 ==> (\forall int k; 0 <= k && k < activations.length; \result.codes()[k] == 0);
      @ also public exceptional_behavior
      @   requires (\exists int k; 0 <= k && k < activations.length;
      @       !(-0x1p56f <= activations[k] && activations[k] <= 0x1p56f));
      @   signals_only IllegalArgumentException;
      @*/
    public static QuantizedToken quantize(float[] activations) {
        float amax = maxMagnitude(activations);
        // Of a value that is refused, the reference says which it is.
        float scale = amax <= Format.MAX_ACTIVATION
                ? amax / ActivationQuantizer.MAX_CODE
                : ActivationQuantizer.scale(activations);
        byte[] codes = new byte[activations.length];
        if (scale != 0) {
            quantize(activations, scale, codes);
        }
        return new QuantizedToken(scale, codes);
    }

    /** max |x_k|, or NaN if one is. */
    private static float maxMagnitude(float[] x) {
        FloatVector largest = FloatVector.zero(F);
        int k = 0;
        for (; k <= x.length - WIDTH; k += WIDTH) {
            largest = largest.max(FloatVector.fromArray(F, x, k).abs());
        }
        float amax = largest.reduceLanes(VectorOperators.MAX);
        for (; k < x.length; k++) {
            amax = Math.max(amax, Math.abs(x[k]));
        }
        return amax;
    }

    private static void quantize(float[] x, float scale, byte[] codes) {
        int k = 0;
        for (; k <= x.length - WIDTH; k += WIDTH) {
            FloatVector quotient = FloatVector.fromArray(F, x, k)
                    .div(scale)
                    .min(ActivationQuantizer.MAX_CODE)
                    .max(-ActivationQuantizer.MAX_CODE);
            ((ByteVector) quotient.add(ElementaryFunctions.ROUND)
                            .sub(ElementaryFunctions.ROUND)
                            .convertShape(VectorOperators.F2B, B, 0))
                    .intoArray(codes, k);
        }
        for (; k < x.length; k++) {
            codes[k] = (byte) ActivationQuantizer.code(x[k], scale);
        }
    }
}
