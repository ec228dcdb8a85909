package org.threehalf.backends.llvm;

import java.util.Map;
import java.util.Set;

/** The instruction sets that the kernels are generated for, each family's best first, with what LLVM is told of them. */
public enum InstructionSet {
    /** 512 bits, the byte dot product and {@code vpermb}: Intel from Ice Lake, AMD from Zen 4. */
    AVX512_VBMI(
            new Avx512Instructions(true),
            Set.of("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd", "avx512vnni", "avx512vbmi"),
            Map.of("target-cpu", "x86-64-v4", "target-features", "+avx512vnni,+avx512vbmi", "min-legal-vector-width", "512", "prefer-vector-width", "512")),
    /** 512 bits and the byte dot product {@code vpdpbusd}: Intel from Cascade Lake. */
    AVX512_VNNI(
            new Avx512Instructions(false),
            Set.of("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd", "avx512vnni"),
            Map.of("target-cpu", "x86-64-v4", "target-features", "+avx512vnni", "min-legal-vector-width", "512", "prefer-vector-width", "512")),
    /** 256 bits and sums of two products: Intel from Haswell, AMD from Zen. */
    AVX2(
            new Avx2Instructions(),
            Set.of("avx2", "fma", "bmi2"),
            Map.of("target-cpu", "x86-64-v3", "min-legal-vector-width", "256", "prefer-vector-width", "256")),
    /** 128 bits and the byte dot product {@code sdot}: ARM from Cortex-A76 and A55, Neoverse N1, Apple A13 and M1. */
    NEON_DOT(new NeonInstructions(true), Set.of("neon", "dotprod"), Map.of("target-cpu", "generic", "target-features", "+neon,+dotprod")),
    /** 128 bits: every 64-bit ARM processor. */
    NEON(new NeonInstructions(false), Set.of("neon"), Map.of("target-cpu", "generic", "target-features", "+neon"));

    private final Instructions instructions;
    private final Set<String> features;
    private final Map<String, String> attributes;

    InstructionSet(Instructions instructions, Set<String> features, Map<String, String> attributes) {
        this.instructions = instructions;
        this.features = features;
        this.attributes = attributes;
    }

    /** What the generators use of it. */
    Instructions instructions() {
        return instructions;
    }

    /** The processor's features that it needs, as LLVM names them. */
    Set<String> features() {
        return features;
    }

    /** What LLVM is told of every function. */
    Map<String, String> attributes() {
        return attributes;
    }
}
