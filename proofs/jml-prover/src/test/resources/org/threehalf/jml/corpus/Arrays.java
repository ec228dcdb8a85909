package corpus;

/** Bounds, null, sizes, aliasing, frames, old values. */
final class Arrays {
    private Arrays() {}

    /** Proved. */
    /*@ requires 0 <= i && i < a.length;
      @ ensures \result == a[i]; @*/
    /*@ pure @*/ static int get(int[] a, int i) {
        return a[i];
    }

    /** Refuted (index): one too far. */
    /*@ requires 0 <= i && i <= a.length;
      @ ensures true; @*/
    /*@ pure @*/ static int getPastEnd(int[] a, int i) {
        return a[i];
    }

    /** Refuted (index): the array may be empty. */
    /*@ ensures true; @*/
    /*@ pure @*/ static int last(int[] a) {
        return a[a.length - 1];
    }

    /** Refuted (null). */
    /*@ ensures true; @*/
    /*@ pure @*/ static int length(/*@ nullable @*/ int[] a) {
        return a.length;
    }

    /** Proved. */
    /*@ ensures a == null ==> \result == 0; @*/
    /*@ pure @*/ static int lengthOrZero(/*@ nullable @*/ int[] a) {
        return a == null ? 0 : a.length;
    }

    /** Refuted (size): negative. */
    /*@ ensures \result.length == n; @*/
    static int[] make(int n) {
        int[] a = new int[n];
        return a;
    }

    /** Proved: new, of that length, and zero. */
    /*@ requires n >= 0;
      @ assignable \nothing;
      @ ensures \fresh(\result) && \result.length == n;
      @ ensures (\forall int i; 0 <= i && i < n; \result[i] == 0); @*/
    static int[] makeZeros(int n) {
        int[] a = new int[n];
        return a;
    }

    /** Refuted (ensures): the parameter is no new array. */
    /*@ assignable \nothing;
      @ ensures \fresh(\result); @*/
    static int[] same(int[] a) {
        return a;
    }

    /** Proved. */
    /*@ requires 0 <= i && i < a.length;
      @ assignable a[i];
      @ ensures a[i] == v;
      @ ensures (\forall int k; 0 <= k && k < a.length && k != i; a[k] == \old(a[k])); @*/
    static void set(int[] a, int i, int v) {
        a[i] = v;
    }

    /** Refuted (assignable): the frame lacks the element. */
    /*@ requires 0 <= i && i < a.length - 1;
      @ assignable a[i + 1];
      @ ensures a[i] == v; @*/
    static void setOutsideFrame(int[] a, int i, int v) {
        a[i] = v;
    }

    /** Refuted (assignable): a pure method that writes. */
    /*@ requires a.length > 0;
      @ ensures true; @*/
    /*@ pure @*/ static void notPure(int[] a) {
        a[0] = 1;
    }

    /** Refuted (ensures): both may be the same array. */
    /*@ requires a.length == 1 && b.length == 1;
      @ assignable a[0], b[0];
      @ ensures a[0] == 1 && b[0] == 2; @*/
    static void aliased(int[] a, int[] b) {
        a[0] = 1;
        b[0] = 2;
    }

    /** Proved: they are not the same. */
    /*@ requires a.length == 1 && b.length == 1 && a != b;
      @ assignable a[0], b[0];
      @ ensures a[0] == 1 && b[0] == 2; @*/
    static void distinct(int[] a, int[] b) {
        a[0] = 1;
        b[0] = 2;
    }

    /** Proved: arrays of different types are never the same. */
    /*@ requires a.length == 1 && b.length == 1;
      @ assignable a[0], b[0];
      @ ensures a[0] == 1 && b[0] == 2; @*/
    static void differentTypes(byte[] a, short[] b) {
        a[0] = 1;
        b[0] = 2;
    }

    /** Proved: swap, told by old values. */
    /*@ requires 0 <= i && i < a.length && 0 <= j && j < a.length;
      @ assignable a[i], a[j];
      @ ensures a[i] == \old(a[j]) && a[j] == \old(a[i]); @*/
    static void swap(int[] a, int i, int j) {
        int t = a[i];
        a[i] = a[j];
        a[j] = t;
    }

    /** Refuted (ensures): without the old values the contract says something else. */
    /*@ requires 0 <= i && i < a.length && 0 <= j && j < a.length;
      @ assignable a[i], a[j];
      @ ensures a[i] == a[j] && a[j] == a[i]; @*/
    static void swapWithoutOld(int[] a, int i, int j) {
        int t = a[i];
        a[i] = a[j];
        a[j] = t;
    }

    /** Refuted (ensures): the first value is lost. */
    /*@ requires 0 <= i && i < a.length && 0 <= j && j < a.length;
      @ assignable a[i], a[j];
      @ ensures a[i] == \old(a[j]) && a[j] == \old(a[i]); @*/
    static void swapLosesOne(int[] a, int i, int j) {
        a[i] = a[j];
        a[j] = a[i];
    }

    /** Refuted (requires): the contract itself reads outside the array. */
    /*@ requires a[i] > 0 && 0 <= i && i < a.length;
      @ ensures true; @*/
    /*@ pure @*/ static int contractNotDefined(int[] a, int i) {
        return a[i];
    }

    /** Refuted (requires): no value satisfies the precondition, so everything would follow. */
    /*@ requires a.length < 0;
      @ ensures \result == 42; @*/
    /*@ pure @*/ static int vacuous(int[] a) {
        return 0;
    }

    /** Refuted (ensures): wrong of every array, so that nothing else is said of its length. */
    /*@ requires (\forall int k; 0 <= k && k < a.length; a[k] >= 0);
      @ ensures \result >= 1; @*/
    /*@ pure @*/ static int none(int[] a) {
        return 0;
    }
}
