package corpus;

/** Invariants, termination, frames of loops, breaks. */
final class Loops {
    private Loops() {}

    /** Proved. */
    /*@ requires 0 <= n && n <= 1000;
      @ ensures \result == n * (n + 1) / 2; @*/
    /*@ pure @*/ static int triangle(int n) {
        int s = 0;
        //@ loop_invariant 0 <= i && i <= n && 2 * s == i * (i + 1) && s <= 500500;
        //@ loop_writes \nothing;
        //@ decreases n - i;
        for (int i = 0; i < n; i++) {
            s += i + 1;
        }
        return s;
    }

    /** Refuted (loop_invariant): it does not hold after a round. */
    /*@ requires 0 <= n && n <= 1000;
      @ ensures true; @*/
    /*@ pure @*/ static int notKept(int n) {
        int s = 0;
        //@ loop_invariant 0 <= i && i <= n && s == i;
        //@ loop_writes \nothing;
        //@ decreases n - i;
        for (int i = 0; i < n; i++) {
            s += 2;
        }
        return s;
    }

    /** Refuted (loop_invariant): it does not hold at first. */
    /*@ requires 0 <= n && n <= 1000;
      @ ensures true; @*/
    /*@ pure @*/ static int notAtFirst(int n) {
        int i = 0;
        //@ loop_invariant 1 <= i && i <= n + 1;
        //@ loop_writes \nothing;
        //@ decreases n - i;
        while (i < n) {
            i++;
        }
        return i;
    }

    /** Refuted (decreases): nothing changes. */
    /*@ requires n > 0;
      @ ensures true; @*/
    /*@ pure @*/ static int forever(int n) {
        int i = 0;
        //@ loop_invariant 0 <= i && i < n;
        //@ loop_writes \nothing;
        //@ decreases n - i;
        while (i < n) {
            i = i + 0;
        }
        return i;
    }

    /** Refuted (decreases): no clause says why it ends. */
    /*@ requires 0 <= n;
      @ ensures true; @*/
    /*@ pure @*/ static int noReasonToEnd(int n) {
        int i = 0;
        //@ loop_invariant 0 <= i && i <= n;
        //@ loop_writes \nothing;
        while (i < n) {
            i++;
        }
        return i;
    }

    /** Refuted (decreases): the measure falls below 0 while the loop goes on. */
    /*@ requires 0 <= n && n < 100;
      @ ensures true; @*/
    /*@ pure @*/ static int measureNegative(int n) {
        int i = n;
        //@ loop_invariant i >= -10 && i <= n;
        //@ loop_writes \nothing;
        //@ decreases i;
        while (i > -10) {
            i--;
        }
        return i;
    }

    /** Refuted (index): the bound is one too large. */
    /*@ assignable a[*];
      @ ensures true; @*/
    static void fillTooFar(int[] a) {
        //@ loop_invariant 0 <= i && i <= a.length + 1;
        //@ loop_writes a[*];
        //@ decreases a.length + 1 - i;
        for (int i = 0; i <= a.length; i++) {
            a[i] = 7;
        }
    }

    /** Proved. */
    /*@ assignable a[*];
      @ ensures (\forall int k; 0 <= k && k < a.length; a[k] == 7); @*/
    static void fill(int[] a) {
        //@ loop_invariant 0 <= i && i <= a.length;
        //@ loop_invariant (\forall int k; 0 <= k && k < i; a[k] == 7);
        //@ loop_writes a[*];
        //@ decreases a.length - i;
        for (int i = 0; i < a.length; i++) {
            a[i] = 7;
        }
    }

    /** Refuted (ensures): the invariant does not say that elements are filled. */
    /*@ assignable a[*];
      @ ensures (\forall int k; 0 <= k && k < a.length; a[k] == 7); @*/
    static void fillWithoutInvariant(int[] a) {
        //@ loop_invariant 0 <= i && i <= a.length;
        //@ loop_writes a[*];
        //@ decreases a.length - i;
        for (int i = 0; i < a.length; i++) {
            a[i] = 7;
        }
    }

    /** Refuted (loop_writes): the loop writes more than it says. */
    /*@ requires a.length >= 10;
      @ assignable a[*];
      @ ensures a[9] == \old(a[9]); @*/
    static void writesMore(int[] a) {
        //@ loop_invariant 0 <= i && i <= 10;
        //@ loop_writes a[0 .. 8];
        //@ decreases 10 - i;
        for (int i = 0; i < 10; i++) {
            a[i] = 0;
        }
    }

    /** Refuted (ensures): the last round is missing. */
    /*@ requires a.length > 0;
      @ assignable a[*];
      @ ensures (\forall int k; 0 <= k && k < a.length; a[k] == 7); @*/
    static void fillAllButLast(int[] a) {
        //@ loop_invariant 0 <= i && i <= a.length - 1;
        //@ loop_invariant (\forall int k; 0 <= k && k < i; a[k] == 7);
        //@ loop_writes a[*];
        //@ decreases a.length - i;
        for (int i = 0; i < a.length - 1; i++) {
            a[i] = 7;
        }
    }

    /** Proved: the index of a value, or −1. */
    /*@ ensures \result == -1 ==> (\forall int k; 0 <= k && k < a.length; a[k] != v);
      @ ensures \result != -1 ==> 0 <= \result && \result < a.length && a[\result] == v; @*/
    /*@ pure @*/ static int find(int[] a, int v) {
        int found = -1;
        //@ loop_invariant 0 <= i && i <= a.length && found == -1;
        //@ loop_invariant (\forall int k; 0 <= k && k < i; a[k] != v);
        //@ loop_writes \nothing;
        //@ decreases a.length - i;
        for (int i = 0; i < a.length; i++) {
            if (a[i] == v) {
                found = i;
                break;
            }
        }
        return found;
    }

    /** Refuted (ensures): it may not be the first. */
    /*@ ensures \result >= 0 ==> (\forall int k; 0 <= k && k < \result; a[k] != v); @*/
    /*@ pure @*/ static int findLast(int[] a, int v) {
        int found = -1;
        //@ loop_invariant 0 <= i && i <= a.length && -1 <= found && found < i;
        //@ loop_writes \nothing;
        //@ decreases a.length - i;
        for (int i = 0; i < a.length; i++) {
            if (a[i] == v) {
                found = i;
            }
        }
        return found;
    }

    /** Refuted (feasible): the invariant excludes every way out, so what follows would be proved by nothing. */
    /*@ requires n > 0;
      @ ensures \result == 42; @*/
    /*@ pure @*/ static int noWayOut(int n) {
        int i = 0;
        //@ loop_invariant 0 <= i && i < n;
        //@ loop_writes \nothing;
        //@ decreases n - i;
        while (i < n) {
            i = i + 1 < n ? i + 1 : i;
        }
        return 0;
    }
}
