package corpus;

/** IEEE 754: NaN, signed zeros, rounding, conversions. */
final class Floats {
    private Floats() {}

    /** Proved: without NaN a number equals itself. */
    /*@ requires 0 <= x && x <= 1;
      @ ensures \result; @*/
    /*@ pure @*/ static boolean reflexive(float x) {
        return x == x;
    }

    /** Refuted (ensures): NaN does not. */
    /*@ ensures \result; @*/
    /*@ pure @*/ static boolean alwaysReflexive(float x) {
        return x == x;
    }

    /** Refuted (ensures): a float sum is rounded. */
    /*@ requires 0 <= x && x <= 100000000;
      @ ensures \result > x; @*/
    /*@ pure @*/ static float plusOne(float x) {
        return x + 1;
    }

    /** Proved. */
    /*@ requires 0 <= x && x <= 1000;
      @ ensures \result > x; @*/
    /*@ pure @*/ static float plusOneSmall(float x) {
        return x + 1;
    }

    /** Refuted (ensures): 0 / 0. */
    /*@ requires 0 <= x && x <= 1 && 0 <= y && y <= 1;
      @ ensures \result >= 0; @*/
    /*@ pure @*/ static float ratio(float x, float y) {
        return x / y;
    }

    /** Proved: −0 equals +0. */
    /*@ requires x == 0;
      @ ensures \result == 0; @*/
    /*@ pure @*/ static float negatedZero(float x) {
        return -x;
    }

    /** Refuted (ensures): 1 / −0 is −∞. */
    /*@ requires x == 0;
      @ ensures \result > 0; @*/
    /*@ pure @*/ static float inverseOfZero(float x) {
        return 1 / x;
    }

    /** Proved: a cast truncates. */
    /*@ requires -100 <= x && x <= 100;
      @ ensures -100 <= \result && \result <= 100; @*/
    /*@ pure @*/ static int truncate(double x) {
        return (int) x;
    }

    /** Refuted (ensures): NaN becomes 0 and large values the extreme ints. */
    /*@ ensures \result < 2147483647; @*/
    /*@ pure @*/ static int truncateAny(double x) {
        return (int) x;
    }

    /** Refuted (ensures): an int above 2²⁴ is rounded. */
    /*@ requires 0 <= n && n <= 20000000;
      @ ensures (double) \result == n; @*/
    /*@ pure @*/ static float exactInt(int n) {
        return (float) n;
    }

    /** Proved: Math.max keeps NaN out only if none comes in. */
    /*@ requires x >= 0 && y >= 0;
      @ ensures \result >= x && \result >= y; @*/
    /*@ pure @*/ static float larger(float x, float y) {
        return Math.max(x, y);
    }

    /** Refuted (ensures): NaN wins. */
    /*@ requires y >= 0;
      @ ensures \result >= y; @*/
    /*@ pure @*/ static float largerOfAny(float x, float y) {
        return Math.max(x, y);
    }

    /** Proved: products of this size are numbers, and no larger than the product of the bounds. */
    /*@ requires 0 <= x && x <= 0x1p40f && 0 <= y && y <= 0x1p50f;
      @ ensures \result == (float) n * (x * y) && -0x1p121f <= \result && \result <= 0x1p121f; @*/
    /*@ pure @*/ static float product(int n, float x, float y) {
        float scale = x * y;
        return (float) n * scale;
    }

    /** Refuted (ensures): the largest is reached. */
    /*@ requires 0 <= x && x <= 0x1p40f && 0 <= y && y <= 0x1p50f;
      @ ensures \result < 0x1p90f; @*/
    /*@ pure @*/ static float largestProduct(float x, float y) {
        return x * y;
    }

    /** Refuted (ensures): infinity times 0. */
    /*@ requires 0 <= x && x <= 0x1p100f && 0 <= y && y <= 0x1p100f;
      @ ensures \result == (float) n * (x * y); @*/
    /*@ pure @*/ static float productBeyondRange(int n, float x, float y) {
        return (float) n * (x * y);
    }

    /** Proved: a quotient by 1 or more is no larger and has the sign. */
    /*@ requires 0 <= x && x <= 0x1p40f && 1 <= n && n <= 465;
      @ ensures \result == x / n && 0 <= \result && \result <= 0x1p40f; @*/
    /*@ pure @*/ static float quotient(float x, int n) {
        return x / n;
    }

    /** Refuted (ensures): by −1 it has not. */
    /*@ requires 0 <= x && x <= 0x1p40f && -1 <= n && n <= 465 && n != 0;
      @ ensures 0 <= \result; @*/
    /*@ pure @*/ static float quotientOfEither(float x, int n) {
        return x / n;
    }

    /** Proved: a product of equal numbers is the same product, wherever they are read. */
    /*@ requires y.length >= x.length && 0 <= scale && scale <= 0x1p40f;
      @ assignable y[0 .. x.length - 1];
      @ ensures (\forall int i; 0 <= i && i < x.length; y[i] == scale * (float) x[i]); @*/
    static void scaled(short[] x, float scale, float[] y) {
        //@ loop_invariant 0 <= k && k <= x.length;
        //@ loop_invariant (\forall int i; 0 <= i && i < k; y[i] == scale * (float) x[i]);
        //@ loop_writes y[0 .. x.length - 1];
        //@ decreases x.length - k;
        for (int k = 0; k < x.length; k++) {
            y[k] = scale * x[k];
        }
    }

    /** Refuted (loop_invariant): one of another number is not. */
    /*@ requires y.length >= x.length && 0 <= scale && scale <= 0x1p40f;
      @ assignable y[0 .. x.length - 1];
      @ ensures (\forall int i; 0 <= i && i < x.length; y[i] == scale * (float) x[i]); @*/
    static void scaledFirst(short[] x, float scale, float[] y) {
        //@ loop_invariant 0 <= k && k <= x.length;
        //@ loop_invariant (\forall int i; 0 <= i && i < k; y[i] == scale * (float) x[i]);
        //@ loop_writes y[0 .. x.length - 1];
        //@ decreases x.length - k;
        for (int k = 0; k < x.length; k++) {
            y[k] = scale * x[0];
        }
    }

    /** Refuted (ensures): equal numbers have the same quotients, but x and z may differ. */
    /*@ requires 0 <= x && x <= 1 && 0 <= z && z <= 1 && 1 <= y && y <= 2;
      @ ensures \result == z / y; @*/
    /*@ pure @*/ static float quotientOfAnother(float x, float y, float z) {
        return x / y;
    }

    /** Proved: rounding stays between two integers. */
    /*@ requires x == x && -29760 <= low && low <= 0 && 0 <= high && high <= 29760;
      @ ensures low <= \result && \result <= high;
      @ ensures low <= x && x <= high ==> \result == Math.rint(x); @*/
    /*@ pure @*/ static int clamped(double x, int low, int high) {
        return (int) Math.rint(Math.max(low, Math.min(high, x)));
    }

    /** Refuted (ensures): NaN becomes 0, which is not between them. */
    /*@ requires 1 <= low && low <= high && high <= 29760;
      @ ensures low <= \result; @*/
    /*@ pure @*/ static int clampedAny(double x, int low, int high) {
        return (int) Math.rint(Math.max(low, Math.min(high, x)));
    }

    /** Refuted (ensures): a half goes to the even neighbour. */
    /*@ requires -100 <= x && x <= high && 0 <= high && high <= 100;
      @ ensures \result <= x; @*/
    /*@ pure @*/ static int roundedDown(double x, int high) {
        return (int) Math.rint(x);
    }

    /** Proved: a root is not negative. */
    /*@ requires x >= 0;
      @ ensures \result >= 0; @*/
    /*@ pure @*/ static float root(float x) {
        return (float) Math.sqrt(x);
    }

    /** Proved: 1.5 squared is 2.25. */
    /*@ ensures \result == 1.5f; @*/
    /*@ pure @*/ static float rootOfConstant() {
        return (float) Math.sqrt(2.25f);
    }

    /** Refuted (ensures): the root of a negative number is NaN. */
    /*@ ensures \result == \result; @*/
    /*@ pure @*/ static float rootOfNegative() {
        return (float) Math.sqrt(-2.25f);
    }

    /** Proved: the size of one number with the sign of another. */
    /*@ requires size >= 0 && sign == sign;
      @ ensures sign > 0 ==> \result == size;
      @ ensures sign < 0 ==> \result == -size; @*/
    /*@ pure @*/ static float signed(float size, float sign) {
        return Math.copySign(size, sign);
    }

    /** Refuted (ensures): −0 has a sign. */
    /*@ requires size > 0 && sign >= 0;
      @ ensures \result == size; @*/
    /*@ pure @*/ static float signedByZero(float size, float sign) {
        return Math.copySign(size, sign);
    }

    /** Refuted (ensures): NaN may have either. */
    /*@ requires size > 0 && sign != sign;
      @ ensures \result == size; @*/
    static float signedByNaN(float size, float sign) {
        return Math.copySign(size, sign);
    }

    /** Refuted (ensures): nor is it always the other one. */
    /*@ requires size > 0 && sign != sign;
      @ ensures \result == -size; @*/
    static float negatedByNaN(float size, float sign) {
        return Math.copySign(size, sign);
    }

    /** Proved: an exponent's bits are a power of two. */
    /*@ requires -126 <= n && n <= 127;
      @ ensures n == -1 ==> \result == 0.5f;
      @ ensures n == 127 ==> \result == 0x1p127f; @*/
    /*@ pure @*/ static float powerOfTwo(int n) {
        return Float.intBitsToFloat((n + 127) << 23);
    }

    /** Refuted (ensures): below the range they are 0. */
    /*@ requires -127 <= n && n <= 127;
      @ ensures \result > 0; @*/
    /*@ pure @*/ static float powerBelowRange(int n) {
        return Float.intBitsToFloat((n + 127) << 23);
    }

    /** Proved: what lies between two numbers is an integer between theirs, also as a shifted count. */
    /*@ requires -104 <= x && x <= 89;
      @ ensures -52 <= \result && \result <= 44; @*/
    /*@ pure @*/ static int halfOf(float x) {
        return (int) x >> 1;
    }

    /** Refuted (ensures): −103 >> 1 is −52. */
    /*@ requires -104 <= x && x <= 89;
      @ ensures -51 <= \result; @*/
    /*@ pure @*/ static int halfTowardsZero(float x) {
        return (int) x >> 1;
    }
}
