package corpus;

/** Overflow, division, remainder, absolute values. */
final class Arithmetic {
    private Arithmetic() {}

    /** Proved: the bounds keep the sum within int. */
    /*@ requires -1000000000 <= a && a <= 1000000000 && -1000000000 <= b && b <= 1000000000;
      @ ensures \result == a + b; @*/
    /*@ pure @*/ static int sumWithinBounds(int a, int b) {
        return a + b;
    }

    /** Refuted (overflow): nothing bounds the operands. */
    /*@ ensures \result == a + b; @*/
    /*@ pure @*/ static int sumOverflows(int a, int b) {
        return a + b;
    }

    /** Proved: wrap-around where the source asks for it. */
    /*@ ensures a == Integer.MAX_VALUE ==> \result == Integer.MIN_VALUE;
      @ ensures a < Integer.MAX_VALUE ==> \result == a + 1; @*/
    /*@ pure code_java_math @*/ static int increment(int a) {
        return a + 1;
    }

    /** Refuted (ensures): with wrap-around the successor may be smaller. */
    /*@ ensures \result > a; @*/
    /*@ pure code_java_math @*/ static int successorIsLarger(int a) {
        return a + 1;
    }

    /** Proved: the product of two shorts fits. */
    /*@ ensures \result == a * b; @*/
    /*@ pure @*/ static int productOfShorts(short a, short b) {
        return a * b;
    }

    /** Refuted (overflow): 50000² passes 2³¹. */
    /*@ requires 0 <= a && a <= 50000;
      @ ensures \result == a * a; @*/
    /*@ pure @*/ static int square(int a) {
        return a * a;
    }

    /** Proved: the square in long. */
    /*@ requires 0 <= a && a <= 50000;
      @ ensures \result == (\bigint) a * a; @*/
    /*@ pure @*/ static long squareInLong(int a) {
        return (long) a * a;
    }

    /** Refuted (overflow): the product is formed in int before it is widened. */
    /*@ requires 0 <= a && a <= 50000;
      @ ensures \result == (\bigint) a * a; @*/
    /*@ pure @*/ static long squareWidenedLate(int a) {
        return a * a;
    }

    /** Proved: division rounds towards zero. */
    /*@ ensures a == -7 ==> \result == -3;
      @ ensures a == 7 ==> \result == 3; @*/
    /*@ pure @*/ static int half(int a) {
        return a / 2;
    }

    /** Refuted (ensures): division does not round down. */
    /*@ ensures 2 * \result <= a; @*/
    /*@ pure @*/ static int halfRoundsDown(int a) {
        return a / 2;
    }

    /** Proved: a remainder has the sign of the dividend. */
    /*@ ensures -2 <= \result && \result <= 2;
      @ ensures a >= 0 ==> \result >= 0;
      @ ensures a <= 0 ==> \result <= 0; @*/
    /*@ pure @*/ static int remainder(int a) {
        return a % 3;
    }

    /** Refuted (ensures): a remainder may be negative. */
    /*@ ensures 0 <= \result && \result <= 2; @*/
    /*@ pure @*/ static int remainderIsNatural(int a) {
        return a % 3;
    }

    /** Refuted (overflow): MIN / -1. */
    /*@ requires b != 0;
      @ ensures true; @*/
    /*@ pure @*/ static int quotient(int a, int b) {
        return a / b;
    }

    /** Proved: MIN / -1 wraps to MIN. */
    /*@ ensures \result == Integer.MIN_VALUE; @*/
    /*@ pure code_java_math @*/ static int minByMinusOne() {
        int a = Integer.MIN_VALUE;
        int b = -1;
        return a / b;
    }

    /** Refuted (division): the divisor may be 0. */
    /*@ requires b >= 0;
      @ ensures true; @*/
    /*@ pure @*/ static int divisorMayBeZero(int a, int b) {
        return a / b;
    }

    /** Refuted (overflow): -MIN. */
    /*@ ensures \result == -a; @*/
    /*@ pure @*/ static int negate(int a) {
        return -a;
    }

    /** Refuted (ensures): Math.abs(MIN) is negative. */
    /*@ ensures \result >= 0; @*/
    /*@ pure @*/ static int absoluteIsNatural(int a) {
        return Math.abs(a);
    }

    /** Proved. */
    /*@ requires a > Integer.MIN_VALUE;
      @ ensures \result >= 0 && (\result == a || \result == -a); @*/
    /*@ pure @*/ static int absolute(int a) {
        return Math.abs(a);
    }

    /** Proved: maximum and minimum clamp. */
    /*@ ensures -8 <= \result && \result <= 7;
      @ ensures -8 <= a && a <= 7 ==> \result == a; @*/
    /*@ pure @*/ static int clamp(int a) {
        return Math.max(-8, Math.min(7, a));
    }

    /** Refuted (ensures): the bounds are swapped. */
    /*@ ensures -8 <= a && a <= 7 ==> \result == a; @*/
    /*@ pure @*/ static int clampSwapped(int a) {
        return Math.min(-8, Math.max(7, a));
    }
}
