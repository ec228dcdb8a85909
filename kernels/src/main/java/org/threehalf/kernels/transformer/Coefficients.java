package org.threehalf.kernels.transformer;

/**
 * The polynomials of {@link ElementaryFunctions} as lists, for those who generate code of them: by Horner's rule,
 * (((c_0·x + c_1)·x + c_2)·x + …), each step a product and then a sum.
 *
 * <p>The numbers themselves stand in {@link ElementaryFunctions} alone, whose contracts say them a second time.
 */
public final class Coefficients {
    private Coefficients() {}

    /** Of (e^r − 1 − r) / r² in r (REQ-OPS-004), from the highest power down. */
    public static float[] exponential() {
        return new float[] {
            ElementaryFunctions.EXP_4,
            ElementaryFunctions.EXP_3,
            ElementaryFunctions.EXP_2,
            ElementaryFunctions.EXP_1,
            ElementaryFunctions.EXP_0
        };
    }

    /** Of (tanh(x)/x − 1) / x² in x² (REQ-OPS-007), from the highest power down. */
    public static float[] hyperbolicTangent() {
        return new float[] {
            ElementaryFunctions.TANH_4,
            ElementaryFunctions.TANH_3,
            ElementaryFunctions.TANH_2,
            ElementaryFunctions.TANH_1,
            ElementaryFunctions.TANH_0
        };
    }
}
