package org.threehalf.backends.llvm;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The instruction sets that the kernels are generated for, each family's best first, with what LLVM is told of them.
 */
public enum InstructionSet {
    /**
     * 512 bits, the byte dot product, permutations of bytes and shifts of two words: Intel from Ice Lake, AMD from Zen
     * 4.
     */
    AVX512_VBMI(
            new Avx512Instructions(true, true),
            Set.of(
                    "avx512f",
                    "avx512bw",
                    "avx512vl",
                    "avx512dq",
                    "avx512cd",
                    "avx512vnni",
                    "avx512vbmi",
                    "avx512vbmi2",
                    "gfni"),
            x86("x86-64-v4", "+avx512vnni,+avx512vbmi,+avx512vbmi2,+gfni", 512)),
    /** 512 bits and the byte dot product {@code vpdpbusd}: Intel from Cascade Lake. */
    AVX512_VNNI(
            new Avx512Instructions(false, true),
            Set.of("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd", "avx512vnni"),
            x86("x86-64-v4", "+avx512vnni", 512)),
    /** 512 bits and sums of two products: Intel from Skylake-X. */
    AVX512_BW(
            new Avx512Instructions(false, false),
            Set.of("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd"),
            x86("x86-64-v4", "", 512)),
    /** 256 bits, the byte dot product {@code vpdpbusd} without AVX-512, and GFNI: Intel from Alder Lake. */
    AVX_VNNI(
            new Avx2Instructions(true),
            Set.of("avx2", "fma", "bmi2", "avxvnni", "gfni"),
            x86("x86-64-v3", "+avxvnni,+gfni", 256)),
    /** 256 bits and sums of two products: Intel from Haswell, AMD from Zen. */
    AVX2(new Avx2Instructions(false), Set.of("avx2", "fma", "bmi2"), x86("x86-64-v3", "", 256)),
    /**
     * 128 bits, the byte dot product and {@code smmla}, four of 8 at once: ARM from Neoverse V1 and N2, Cortex-A510,
     * A710 and X2, Apple M2.
     */
    NEON_I8MM(
            new NeonInstructions(true, true),
            Set.of("neon", "dotprod", "i8mm"),
            told("generic", "+neon,+dotprod,+i8mm")),
    /** 128 bits and the byte dot product {@code sdot}: ARM from Cortex-A76 and A55, Neoverse N1, Apple A13 and M1. */
    NEON_DOT(new NeonInstructions(true, false), Set.of("neon", "dotprod"), told("generic", "+neon,+dotprod")),
    /** 128 bits: every 64-bit ARM processor. */
    NEON(new NeonInstructions(false, false), Set.of("neon"), told("generic", "+neon"));

    /** A system property that names the set to use in the place of the best one. */
    public static final String PROPERTY = "threehalf.native.instructions";

    private final Instructions instructions;
    private final Set<String> features;
    private final Map<String, String> attributes;

    InstructionSet(Instructions instructions, Set<String> features, Map<String, String> attributes) {
        this.instructions = instructions;
        this.features = features;
        this.attributes = Collections.unmodifiableMap(attributes);
    }

    /** In a fixed order, so that a module's text is the same in every process. */
    private static Map<String, String> told(String processor, String more) {
        Map<String, String> told = new LinkedHashMap<>();
        told.put("target-cpu", processor);
        if (!more.isEmpty()) {
            told.put("target-features", more);
        }
        return told;
    }

    private static Map<String, String> x86(String processor, String more, int bits) {
        Map<String, String> told = told(processor, more);
        told.put("min-legal-vector-width", Integer.toString(bits));
        told.put("prefer-vector-width", Integer.toString(bits));
        return told;
    }

    /**
     * The set that {@value #PROPERTY} names; empty if it is not set.
     *
     * @throws IllegalStateException if there is no set of that name
     */
    static Optional<InstructionSet> forced() {
        String name = System.getProperty(PROPERTY);
        if (name == null) {
            return Optional.empty();
        }
        Optional<InstructionSet> named =
                Arrays.stream(values()).filter(set -> set.name().equals(name)).findFirst();
        return Optional.of(named.orElseThrow(() -> new IllegalStateException(
                "-D%s=%s: it must be one of %s".formatted(PROPERTY, name, Arrays.toString(values())))));
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
