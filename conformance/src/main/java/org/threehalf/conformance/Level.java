package org.threehalf.conformance;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.threehalf.conformance.vectors.VectorCase;

/** The levels of section 3 of {@code spec/CONFORMANCE.md} (REQ-CNF-005). */
public enum Level {
    /** Quantising, packing, dequantising. */
    L0,
    /** Products: dot, output, gemv, gemm. */
    L1,
    /** Operations of a transformer and a whole layer. */
    L2,
    /** A whole model's logits and generated tokens. */
    L3;

    /** The level of a golden or generated case. */
    public static Level of(VectorCase vectorCase) {
        return switch (vectorCase) {
            case VectorCase.QuantizeActivation c -> L0;
            case VectorCase.QuantizeWeight c -> L0;
            case VectorCase.Pack c -> L0;
            case VectorCase.Dequantize c -> L0;
            case VectorCase.RefuseActivation c -> L0;
            case VectorCase.RefuseWeight c -> L0;
            case VectorCase.Output c -> L1;
            case VectorCase.Dot c -> L1;
            case VectorCase.Product c -> L1;
            case VectorCase.RefuseMatrix c -> L1;
            case VectorCase.Operation c -> L2;
            case VectorCase.DecoderRun c -> L2;
        };
    }

    /** All levels. */
    public static Set<Level> all() {
        return EnumSet.allOf(Level.class);
    }

    /**
     * The level of a name such as {@code L1}, in any case.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Level ofName(String name) {
        return Arrays.stream(values())
                .filter(level -> level.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "no level is called '%s'; there are %s".formatted(name, Arrays.toString(values()))));
    }
}
