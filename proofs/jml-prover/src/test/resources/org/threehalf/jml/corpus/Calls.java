package corpus;

/** Modular calls, exceptions, recursion, model functions, ghosts, assertions. */
final class Calls {
    private Calls() {}

    /*@ requires 0 <= a && a < 1000;
      @ ensures \result > a; @*/
    /** Proved. */
    /*@ pure @*/ static int more(int a) {
        return a + 1;
    }

    /** Refuted (call): the precondition is not met. */
    /*@ ensures true; @*/
    /*@ pure @*/ static int callTooWide(int a) {
        return more(a);
    }

    /** Refuted (ensures): the contract promises less than the body does. */
    /*@ requires 0 <= a && a < 1000;
      @ ensures \result == a + 1; @*/
    /*@ pure @*/ static int knowsMoreThanTheContract(int a) {
        return more(a);
    }

    /** Proved. */
    /*@ requires 0 <= a && a < 900;
      @ ensures \result >= a + 1; @*/
    /*@ pure @*/ static int usesTheContract(int a) {
        return more(a);
    }

    /*@ requires a.length > 0;
      @ assignable a[0];
      @ ensures a[0] == 0; @*/
    /** Proved. */
    static void clearFirst(int[] a) {
        a[0] = 0;
    }

    /** Refuted (ensures): the call changes the element. */
    /*@ requires a.length > 0;
      @ assignable a[0];
      @ ensures \result == a[0]; @*/
    static int forgetsTheEffect(int[] a) {
        int before = a[0];
        clearFirst(a);
        return before;
    }

    /** Refuted (assignable): the call writes what the caller may not. */
    /*@ requires a.length > 1;
      @ assignable a[1];
      @ ensures true; @*/
    static void callOutsideFrame(int[] a) {
        clearFirst(a);
    }

    /** Proved: other elements stay. */
    /*@ requires a.length > 1;
      @ assignable a[0];
      @ ensures a[1] == \old(a[1]); @*/
    static void callWithinFrame(int[] a) {
        clearFirst(a);
    }

    /** Proved. */
    /*@ public normal_behavior
      @   requires a >= 0;
      @   ensures \result == a;
      @ also public exceptional_behavior
      @   requires a < 0;
      @   signals_only IllegalArgumentException; @*/
    /*@ pure @*/ public static int natural(int a) {
        if (a < 0) {
            throw new IllegalArgumentException("negative: " + a);
        }
        return a;
    }

    /** Refuted (exception): it throws where the contract says it returns. */
    /*@ public normal_behavior
      @   requires a >= 0;
      @   ensures \result == a; @*/
    /*@ pure @*/ public static int positive(int a) {
        if (a <= 0) {
            throw new IllegalArgumentException("not positive: " + a);
        }
        return a;
    }

    /** Refuted (signals): it returns where the contract says it throws. */
    /*@ public normal_behavior
      @   requires a >= 0;
      @   ensures \result == a;
      @ also public exceptional_behavior
      @   requires a < 0;
      @   signals_only IllegalArgumentException; @*/
    /*@ pure @*/ public static int returnsAnyway(int a) {
        if (a < -1) {
            throw new IllegalArgumentException("negative: " + a);
        }
        return a;
    }

    /** Refuted (exception): another exception than the contract allows. */
    /*@ public normal_behavior
      @   requires a >= 0;
      @   ensures \result == a;
      @ also public exceptional_behavior
      @   requires a < 0;
      @   signals_only IllegalArgumentException; @*/
    /*@ pure @*/ public static int otherException(int a) {
        if (a < 0) {
            throw new IllegalStateException("negative: " + a);
        }
        return a;
    }

    /** Proved: recursion with a measure. */
    /*@ requires 0 <= n && n <= 100;
      @ ensures \result == 2 * n;
      @ measured_by n; @*/
    /*@ pure @*/ static int twice(int n) {
        return n == 0 ? 0 : twice(n - 1) + 2;
    }

    /** Refuted (measured_by): the measure stays. */
    /*@ requires 0 <= n && n <= 100;
      @ ensures \result == 3 * n;
      @ measured_by n; @*/
    /*@ pure @*/ static int foreverDown(int n) {
        return n == 0 ? 0 : foreverDown(n);
    }

    /*@ // The sum of the first n elements.
      @ public normal_behavior
      @   requires 0 <= n && n <= a.length;
      @   ensures n == 0 ==> \result == 0;
      @   ensures n > 0 ==> \result == sum(a, n - 1) + a[n - 1];
      @   measured_by n;
      @ public static pure model \bigint sum(int[] a, int n) {
      @   return n == 0 ? 0 : sum(a, n - 1) + a[n - 1];
      @ }
      @*/

    /** Proved. */
    /*@ requires a.length <= 1000 && (\forall int k; 0 <= k && k < a.length; -1000 <= a[k] && a[k] <= 1000);
      @ ensures \result == sum(a, a.length); @*/
    /*@ pure @*/ static int total(int[] a) {
        int s = 0;
        //@ loop_invariant 0 <= i && i <= a.length && s == sum(a, i) && -1000 * i <= s && s <= 1000 * i;
        //@ loop_writes \nothing;
        //@ decreases a.length - i;
        for (int i = 0; i < a.length; i++) {
            s += a[i];
        }
        return s;
    }

    /** Refuted (ensures): one element is missing. */
    /*@ requires 0 < a.length && a.length <= 1000 && (\forall int k; 0 <= k && k < a.length; -1000 <= a[k] && a[k] <= 1000);
      @ ensures \result == sum(a, a.length); @*/
    /*@ pure @*/ static int totalButOne(int[] a) {
        int s = 0;
        //@ loop_invariant 0 <= i && i <= a.length - 1 && s == sum(a, i) && -1000 * i <= s && s <= 1000 * i;
        //@ loop_writes \nothing;
        //@ decreases a.length - i;
        for (int i = 0; i < a.length - 1; i++) {
            s += a[i];
        }
        return s;
    }

    /*@ // Wrong: no function satisfies f(n) = f(n) + 1; the measure does not decrease.
      @ public normal_behavior
      @   requires n >= 0;
      @   ensures true;
      @   measured_by n;
      @ public static pure model \bigint paradox(int n) {
      @   return paradox(n) + 1;
      @ }
      @*/

    /** Proved: a ghost counts the rounds. */
    /*@ requires 0 <= n && n <= 1000;
      @ ensures \result == 3 * n; @*/
    /*@ pure @*/ static int countedByGhost(int n) {
        int s = 0;
        //@ ghost \bigint rounds = 0;
        //@ loop_invariant 0 <= i && i <= n && rounds == i && s == 3 * rounds;
        //@ loop_writes \nothing;
        //@ decreases n - i;
        for (int i = 0; i < n; i++) {
            s += 3;
            //@ set rounds = rounds + 1;
        }
        //@ assert rounds == n;
        return s;
    }

    /** Refuted (assert). */
    /*@ requires 0 <= n && n <= 1000;
      @ ensures true; @*/
    /*@ pure @*/ static int falseAssertion(int n) {
        int m = n + 1;
        //@ assert m > n + 1;
        return m;
    }
}
