package org.threehalf.kernels.transformer;

/**
 * The generator of random bits (REQ-SMP-001; Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators,
 * 2014).
 */
final class SplitMix64 {
    private SplitMix64() {}

    /*@ public normal_behavior
      @   ensures \result == (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      @ public static pure model code_java_math spec_java_math long first(long z) { return (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L; }
      @*/

    /*@ public normal_behavior
      @   ensures \result == (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      @ public static pure model code_java_math spec_java_math long second(long z) { return (z ^ (z >>> 27)) * 0x94D049BB133111EBL; }
      @*/

    /** The output for a state (REQ-SMP-001), modulo 2⁶⁴: a bijection with the fixed point 0. */
    /*@ public normal_behavior
      @   ensures \result == (second(first(state)) ^ (second(first(state)) >>> 31));
      @   ensures state == 0 ==> \result == 0;
      @*/
    /*@ code_java_math pure heap_free @*/ static long mix(long state) {
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
