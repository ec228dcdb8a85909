package org.threehalf.evidence.report;

import java.math.BigInteger;

/**
 * Points of edwards25519 (RFC 8032, section 5.1) whose order divides 8. A key that is one signs everything: whoever
 * chose it, there is a signature by it of any text, or of one text in eight, that nobody had to know a secret for.
 */
final class SmallOrder {
    private static final BigInteger ONE = BigInteger.ONE;
    private static final BigInteger P = ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));
    private static final BigInteger D = BigInteger.valueOf(-121665)
            .multiply(BigInteger.valueOf(121666).modInverse(P))
            .mod(P);

    private SmallOrder() {}

    /**
     * Whether a key is no good: eight times its point is the identity, or its coordinate is not below the field's
     * order, or there is no such point.
     *
     * @param y the coordinate that a key encodes
     */
    static boolean is(BigInteger y) {
        if (y.signum() < 0 || y.compareTo(P) >= 0) {
            return true;
        }
        BigInteger at = y;
        try {
            for (int doubling = 0; doubling < 3; doubling++) {
                // x² = (y² − 1) / (d·y² + 1), and doubling needs no more of x: y' = (y² + x²) / (1 − d·x²·y²).
                BigInteger yy = at.multiply(at).mod(P);
                BigInteger xx = quotient(yy.subtract(ONE), D.multiply(yy).add(ONE));
                at = quotient(yy.add(xx), ONE.subtract(D.multiply(xx).multiply(yy)));
            }
        } catch (ArithmeticException e) {
            return true;
        }
        return at.equals(ONE);
    }

    private static BigInteger quotient(BigInteger numerator, BigInteger denominator) {
        return numerator.multiply(denominator.mod(P).modInverse(P)).mod(P);
    }
}
