package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.threehalf.kernels.format.Format;

/**
 * What LLVM makes of the generated code for each instruction set, whether the processor has it or not: the byte dot
 * products and look-ups that the set is chosen for, as many as the generator wrote, and none of a better set.
 */
@ExtendWith(WithLlvm.class)
class CompiledInstructionsTest {

    /**
     * How an instruction set shows in assembly.
     *
     * @param dot its dot product of bytes
     * @param lookup its table look-up
     * @param windowLookup its look-up of a window, and how many of them a vector takes
     * @param foreign what its processors have not
     */
    private record Signs(
            InstructionSet instructions,
            String dot,
            String lookup,
            String windowLookup,
            int lookupsAWindow,
            String foreign) {}

    private static final String CUTTING = "vpermb|vperm[it]2b|vpmultishiftqb|vpsh[lr]d";

    private static final List<Signs> SIGNS = List.of(
            new Signs(
                    InstructionSet.AVX512_VBMI,
                    "vpdpbusd\\s.*%zmm",
                    "vpermb\\s.*%zmm",
                    "vperm[it]2b\\s.*%zmm",
                    1,
                    "vpmaddubsw"),
            new Signs(
                    InstructionSet.AVX512_VNNI,
                    "vpdpbusd\\s.*%zmm",
                    "vpshufb\\s.*%zmm",
                    "vpshufb\\s.*%zmm",
                    3,
                    "vpmaddubsw|" + CUTTING),
            new Signs(
                    InstructionSet.AVX512_BW,
                    "vpmaddubsw\\s.*%zmm",
                    "vpshufb\\s.*%zmm",
                    "vpshufb\\s.*%zmm",
                    3,
                    "vpdpbusd|" + CUTTING),
            new Signs(
                    InstructionSet.AVX_VNNI,
                    "vpdpbusd\\s.*%ymm",
                    "vpshufb\\s.*%ymm",
                    "vpshufb\\s.*%ymm",
                    3,
                    "%zmm|vpmaddubsw|" + CUTTING + "|%[xy]mm(?:1[6-9]|2\\d|3[01])|%k[0-7]"),
            new Signs(
                    InstructionSet.AVX2,
                    "vpmaddubsw\\s.*%ymm",
                    "vpshufb\\s.*%ymm",
                    "vpshufb\\s.*%ymm",
                    3,
                    "%zmm|vpdpbusd|" + CUTTING + "|%[xy]mm(?:1[6-9]|2\\d|3[01])|%k[0-7]"));

    static Stream<Arguments> setsAndFormats() {
        return SIGNS.stream()
                .flatMap(signs -> Stream.of(Format.values())
                        .map(format -> Arguments.argumentSet(signs.instructions() + ", " + format, signs, format)));
    }

    private static String assembly(String module) {
        return new String(Llvm.emit(module, "x86_64-unknown-linux-gnu", Llvm.Output.ASSEMBLY), StandardCharsets.UTF_8);
    }

    private static long count(String assembly, String pattern) {
        return Pattern.compile(pattern).matcher(assembly).results().count();
    }

    /**
     * Dot products in the functions: of {@code arrange}, for two halves of 8 vectors of codes, and in the inner loops
     * of {@code gemm}.
     */
    private static int dots(Instructions instructions) {
        int parts = TileLayout.VECTOR / instructions.width();
        return parts
                + 2 * TileLayout.QUADS * parts
                + instructions.rowVectors()
                        * Arrays.stream(instructions.tokens()).sum();
    }

    /** Every vector of codes is looked up in {@code gemv} and in {@code gemm}; codes of 8 bits are not. */
    private static int lookups(Signs signs, Format format) {
        int vectors = 2
                * 2
                * TileLayout.QUADS
                * TileLayout.VECTOR
                / signs.instructions().instructions().width();
        return format == Format.INT8 ? 0 : format.traits().windowed() ? vectors * signs.lookupsAWindow() : vectors;
    }

    private static long lookups(Signs signs, Format format, String assembly) {
        return count(assembly, format.traits().windowed() ? signs.windowLookup() : signs.lookup());
    }

    private static boolean fits(Signs signs, Format format, String assembly) {
        // Without a byte dot product weights of 8 bits are widened, and only the sums of activations are taken by
        // bytes.
        boolean widened = format == Format.INT8 && signs.dot().startsWith("vpmadd");
        Instructions instructions = signs.instructions().instructions();
        return count(assembly, signs.dot()) == (widened ? TileLayout.VECTOR / instructions.width() : dots(instructions))
                && lookups(signs, format, assembly) >= lookups(signs, format)
                && count(assembly, signs.foreign()) == 0;
    }

    @ParameterizedTest
    @MethodSource("setsAndFormats")
    void productsAreTheSetsOwn(Signs signs, Format format) {
        String assembly =
                assembly(ProductGenerator.generate(format, signs.instructions()).toString());
        Instructions instructions = signs.instructions().instructions();
        assertTrue(
                fits(signs, format, assembly),
                () -> "%d dot products, %d look-ups, %d instructions of other sets; generated: %d and %d"
                        .formatted(
                                count(assembly, signs.dot()),
                                lookups(signs, format, assembly),
                                count(assembly, signs.foreign()),
                                dots(instructions),
                                lookups(signs, format)));
    }

    /**
     * Where bytes can be cut out of words, no vector of windows takes more than one cut and one shift of two words;
     * those of T4 are words, or two of them shifted.
     */
    @Test
    void windowsAreCutOutOfWords() {
        int vectors = 2 * 2 * TileLayout.QUADS;
        for (Format format : List.of(Format.T4, Format.T35, Format.T3)) {
            String assembly = assembly(ProductGenerator.generate(format, InstructionSet.AVX512_VBMI)
                    .toString());
            assertEquals(format == Format.T4 ? 0 : vectors, count(assembly, "vpmultishiftqb"), format.toString());
            int shifts = format == Format.T35 ? 9 : 8;
            assertEquals(2 * shifts, count(assembly, "vpshrdd"), format.toString());
        }
    }

    static Stream<Signs> signs() {
        return SIGNS.stream();
    }

    /** The operations use no instruction of a better set. */
    @ParameterizedTest
    @MethodSource("signs")
    void operationsAreTheSetsOwn(Signs signs) {
        String assembly =
                assembly(OperationsGenerator.generate(signs.instructions()).toString());
        assertEquals(0, count(assembly, signs.foreign()));
        assertTrue(count(
                        assembly,
                        "vdivps\\s.*%" + (signs.instructions().instructions().width() == 64 ? "z" : "y") + "mm")
                > 0);
    }

    /** Results of the sets that the processor has are compared with the reference; those of others are not. */
    @ParameterizedTest
    @MethodSource("signs")
    void resultsAreComparedHere(Signs signs) {
        String problem = NativeKernel.problem(signs.instructions());
        Assumptions.assumeTrue(problem == null, "NOT CHECKED: results of " + signs.instructions() + ": " + problem);
        assertTrue(WithLlvm.sets().contains(signs.instructions()));
    }

    /** A seeded fault: no set's code passes for that of another one. */
    @Test
    void anotherSetsCodeIsSeen() {
        for (Signs signs : SIGNS) {
            String assembly = assembly(
                    ProductGenerator.generate(Format.G35, signs.instructions()).toString());
            for (Signs other : SIGNS) {
                assertEquals(
                        signs == other,
                        fits(other, Format.G35, assembly),
                        signs.instructions() + " as " + other.instructions());
            }
        }
    }

    /** A seeded fault: one dot product less. */
    @Test
    void aMissingDotProductIsSeen() {
        Signs signs = SIGNS.getLast();
        String assembly = assembly(
                ProductGenerator.generate(Format.G35, signs.instructions()).toString());
        assertFalse(fits(signs, Format.G35, assembly.replaceFirst("vpmaddubsw", "vpaddw")));
    }
}
