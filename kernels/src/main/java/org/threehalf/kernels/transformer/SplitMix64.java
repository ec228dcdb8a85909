package org.threehalf.kernels.transformer;

/** The generator of random bits (REQ-SMP-001; Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, 2014). */
final class SplitMix64 {
    private SplitMix64() {}

    /** The output for a state (REQ-SMP-001): a bijection, whose fixed point 0 the contract states; all other values are compared with a second implementation by tests. */
    /*@ public normal_behavior
      @   ensures state == 0 ==> \result == 0;
      @*/
    /*@ code_java_math pure @*/ static long mix(long state) {
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
