package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.KernelComparison;
import org.threehalf.kernels.product.Matrices;

/** Seeded faults: a mistake that the generator could make gives other sums than the reference (REQ-DOT-001). */
@ExtendWith(WithLlvm.class)
class GeneratorFaultsTest {

    // Shift distances, masks, the ones that sum activations, the bias. Offsets in memory are left alone: a wrong one may end the process.
    private static final Pattern CONSTANT = Pattern.compile("splat \\(i(?:8|16|32) (-?[1-9]\\d*)\\)|mul i32 %v\\d+, (-?\\d+)");
    // The first entry of the last repetition of a table has no neighbour in it that is equal.
    private static final Pattern TABLE = Pattern.compile("<i8 (\\d+), i8 \\d+, i8 \\d+, i8 \\d+");

    private static Optional<String> difference(String module, Format format) {
        SplittableRandom random = new SplittableRandom(35);
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = Matrices.random(format, 64, 256, random, arena);
            NativeMatrix right = (NativeMatrix) NativeKernel.best().prepare(matrix, arena);
            NativeMatrix prepared = new NativeMatrix(format, right.rows(), right.columns(), right.codes(), right.subscales(), NativeCode.compile(module));
            List<QuantizedToken> tokens = Matrices.tokens(13, 256, random);
            return KernelComparison.difference(matrix, prepared, tokens, 1);
        }
    }

    private static InstructionSet instructions() {
        return NativeKernel.best().instructions();
    }

    /** Every constant of the module, changed in its lowest bit, one at a time. */
    @ParameterizedTest
    @EnumSource(names = {"G35", "INT8"})
    void wrongConstantsShow(Format format) {
        String module = ProductGenerator.generate(format, instructions()).toString();
        assertEquals(Optional.empty(), difference(module, format));
        List<String> unseen = new ArrayList<>();
        int changed = 0;
        for (Pattern pattern : List.of(CONSTANT, TABLE)) {
            Matcher constants = pattern.matcher(module);
            while (constants.find()) {
                int group = constants.groupCount() == 2 && constants.group(1) == null ? 2 : 1;
                long number = Long.parseLong(constants.group(group));
                String wrong = module.substring(0, constants.start(group)) + (number ^ 1) + module.substring(constants.end(group));
                changed++;
                if (difference(wrong, format).isEmpty()) {
                    unseen.add("%s as %d, at %d".formatted(constants.group(), number ^ 1, constants.start()));
                }
            }
        }
        assertEquals(List.of(), unseen);
        assertTrue(changed >= 2, "only %d constants were changed".formatted(changed));
    }

    /** Weights and activations exchanged in a byte dot product: one is unsigned, the other signed. */
    @ParameterizedTest
    @EnumSource
    void exchangedOperandsShow(Format format) {
        String module = ProductGenerator.generate(format, instructions()).toString();
        Pattern dot = Pattern.compile("(vpdpbusd\\.512\\(<16 x i32> \\S+, <16 x i32> )(\\S+)(, <16 x i32> )(\\S+)\\)|(pmadd\\.ub\\.sw\\(<32 x i8> )(\\S+)(, <32 x i8> )(\\S+)\\)");
        String wrong = dot.matcher(module).replaceAll("$1$5$4$8$3$7$2$6)");
        assertTrue(!wrong.equals(module) || instructions() == InstructionSet.AVX2 && format == Format.INT8, "nothing was exchanged");
        assertTrue(wrong.equals(module) || difference(wrong, format).isPresent());
    }

    /** What LLVM refuses is an exception with its words, not the end of the process. */
    @Test
    void refusedModuleIsReported() {
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> NativeCode.compile("define void @gemv( {"));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("LLVM refuses the module: "), refused.getMessage());
        IllegalStateException missing = assertThrows(IllegalStateException.class, () -> NativeCode.compile("define void @gemv() { ret void }"));
        assertTrue(String.valueOf(missing.getMessage()).contains("arrange"), missing.getMessage());
    }
}
