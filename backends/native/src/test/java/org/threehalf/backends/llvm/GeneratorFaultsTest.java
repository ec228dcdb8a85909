package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.threehalf.backends.llvm.ir.Function;
import org.threehalf.backends.llvm.ir.Module;
import org.threehalf.backends.llvm.ir.Type;
import org.threehalf.backends.llvm.ir.Value;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.KernelComparison;
import org.threehalf.kernels.product.KernelMatrix;
import org.threehalf.kernels.product.Matrices;
import org.threehalf.kernels.product.ReferenceKernel;

/**
 * Seeded faults: a mistake that the generator could make gives other sums than the reference (REQ-DOT-001), for each
 * instruction set that the processor has.
 */
@ExtendWith(WithLlvm.class)
class GeneratorFaultsTest {

    // Shift distances, masks, the ones that sum activations, the bias. Offsets in memory are left alone: a wrong one
    // may end the process.
    private static final Pattern CONSTANT =
            Pattern.compile("splat \\(i(?:8|16|32) (-?[1-9]\\d*)\\)|mul i32 %v\\d+, (-?\\d+)");
    // The first entry of a table.
    private static final Pattern TABLE = Pattern.compile("<i8 (\\d+), i8 \\d+, i8 \\d+, i8 \\d+");
    // What takes unsigned bytes and signed ones.
    private static final Pattern MIXED = Pattern.compile(
            "(vpdpbusd\\.\\d+\\(<\\d+ x i32> \\S+, <\\d+ x i32> |pmadd\\.?ub\\S*\\(<\\d+ x i8> )(\\S+)(, <\\d+ x i\\d+> )(\\S+)\\)");

    // The numbers of tokens that go through gemm: together they take each of its steps, of 6, 4, 2 and 1 tokens.
    private static final int[] BATCHES = {13, 11, 9, 3};

    /** What a format's functions compute, of one matrix and some tokens. */
    private static final class Results {
        private final NativeMatrix matrix;
        private final List<MemorySegment> functions;
        private final List<QuantizedToken> tokens;
        private final List<int[]> right;

        private Results(Format format, InstructionSet instructions, String module, Arena arena) {
            SplittableRandom random = new SplittableRandom(35);
            // Each of 256 windows is under each byte of a vector some times.
            int columns = format.traits().windowed() ? 1024 : 256;
            PackedMatrix packed = Matrices.random(format, 64, columns, random, arena);
            matrix = (NativeMatrix) new NativeKernel(instructions).prepare(packed, arena);
            tokens = Matrices.tokens(13, columns, random);
            assertEquals(Optional.empty(), KernelComparison.difference(packed, matrix, tokens, 1));
            functions = TestCompiler.quick(module, NativeCode.NAMES);
            right = of(functions);
            assertEquals(
                    tokens.stream().map(token -> sums(packed, token)).toList(),
                    right.stream().limit(tokens.size()).map(Arrays::toString).toList());
        }

        private static String sums(PackedMatrix matrix, QuantizedToken token) {
            int[] sums = new int[matrix.rows()];
            ReferenceKernel.sums(matrix, token, sums);
            return Arrays.toString(sums);
        }

        /** The sums of each token by itself, and of batches. */
        private List<int[]> of(List<MemorySegment> code) {
            NativeMatrix prepared = new NativeMatrix(
                    matrix.format(),
                    matrix.rows(),
                    matrix.columns(),
                    matrix.codes(),
                    matrix.subscales(),
                    new NativeCode(matrix.code().layout(), code));
            List<int[]> results = new ArrayList<>();
            byte[][] codes = tokens.stream().map(QuantizedToken::codes).toArray(byte[][]::new);
            KernelMatrix.Scratch scratch = prepared.scratch();
            for (byte[] token : codes) {
                prepared.sums(
                        new byte[][] {token},
                        1,
                        0,
                        prepared.tiles(),
                        scratch,
                        (t, first, sums, n) -> results.add(Arrays.copyOf(sums, n)));
            }
            for (int batch : BATCHES) {
                prepared.sums(
                        codes,
                        batch,
                        0,
                        prepared.tiles(),
                        scratch,
                        (t, first, sums, n) -> results.add(Arrays.copyOf(sums, n)));
            }
            return results;
        }

        /** Whether a function of that name in the place of the right one gives another result. */
        private boolean show(String name, String module) {
            List<MemorySegment> code = new ArrayList<>(functions);
            code.set(
                    NativeCode.NAMES.indexOf(name),
                    TestCompiler.quick(module, List.of(name)).getFirst());
            List<int[]> results = of(code);
            return !IntStream.range(0, right.size()).allMatch(i -> Arrays.equals(right.get(i), results.get(i)));
        }
    }

    static Stream<Arguments> setsAndSomeFormats() {
        return WithLlvm.setsAnd(List.of(Format.G35, Format.INT8));
    }

    static Stream<Arguments> setsAndFormats() {
        return WithLlvm.setsAnd(List.of(Format.values()));
    }

    /** Every constant of the module, changed in its lowest bit, one at a time. */
    @ParameterizedTest
    @MethodSource("setsAndSomeFormats")
    void wrongConstantsShow(InstructionSet instructions, Format format) {
        String module = ProductGenerator.generate(format, instructions).toString();
        List<Fault> faults = Stream.of(CONSTANT, TABLE)
                .flatMap(pattern ->
                        Fault.of(module, pattern, number -> Long.toString(Long.parseLong(number) ^ 1)).stream())
                .toList();
        // Where codes of 8 bits go to the dot product as they are, only the bias is a constant.
        Set<String> touched = format == Format.INT8 && !module.contains("splat (i16 8)")
                ? Set.of(ProductGenerator.ARRANGE)
                : Set.copyOf(NativeCode.NAMES);
        assertEquals(touched, faults.stream().map(Fault::function).collect(Collectors.toSet()));
        try (Arena arena = Arena.ofShared()) {
            Results results = new Results(format, instructions, module, arena);
            assertEquals(
                    List.of(),
                    faults.stream()
                            .filter(fault -> !results.show(fault.function(), fault.wrong()) && !fault.changesNoCode())
                            .map(Fault::toString)
                            .toList());
        }
    }

    // The next word of a string, the sign of a value, what is looked up or taken of the table's other half: with what
    // is in their place when they are forgotten.
    private static final Map<Pattern, String> FORGOTTEN = Map.of(
            Pattern.compile("fshr\\.v16i32\\(<16 x i32> (%v\\d+)"), "zeroinitializer",
            Pattern.compile("psign\\.b\\(<32 x i8> %v\\d+, <32 x i8> (%v\\d+)"), "splat (i8 1)",
            Pattern.compile("select <64 x i1> %v\\d+, <64 x i8> (%v\\d+)"), "zeroinitializer");
    private static final Pattern ROTATED = Pattern.compile("<i32 (1), i32 2, i32 3, i32 0");
    private static final Pattern ENTRY = Pattern.compile("<i8 (-?\\d+), i8 -?\\d+, i8 -?\\d+, i8 -?\\d+");

    static Stream<Arguments> setsAndWindows() {
        return WithLlvm.setsAnd(List.of(Format.T4, Format.T35, Format.T3));
    }

    /**
     * Windows off by a bit, the next word's or piece's bits left out, the string not turned round, another sign,
     * another entry of a table, another mask: some of each kind, one at a time. Every vector has them all, so there are
     * more than a thousand.
     */
    @ParameterizedTest
    @MethodSource("setsAndWindows")
    void wrongWindowsShow(InstructionSet instructions, Format format) {
        String module = ProductGenerator.generate(format, instructions).toString();
        List<Fault> faults = new ArrayList<>();
        faults.addAll(sample(Fault.of(module, CONSTANT, number -> Long.toString(Long.parseLong(number) ^ 1)), 8));
        // An eighth further on, where neighbouring numbers may have the same value.
        faults.addAll(sample(Fault.of(module, ENTRY, number -> Long.toString(Long.parseLong(number) ^ 8)), 6));
        faults.addAll(sample(Fault.of(module, ROTATED, lane -> "0"), 2));
        FORGOTTEN.forEach((pattern, instead) -> faults.addAll(sample(Fault.of(module, pattern, value -> instead), 3)));
        assertTrue(faults.size() >= 15, () -> "only %d faults".formatted(faults.size()));
        try (Arena arena = Arena.ofShared()) {
            Results results = new Results(format, instructions, module, arena);
            assertEquals(
                    List.of(),
                    faults.stream()
                            .filter(fault -> !results.show(fault.function(), fault.wrong()) && !fault.changesNoCode())
                            .map(Fault::toString)
                            .toList());
        }
    }

    /** About so many of a list, from all over it. */
    private static List<Fault> sample(List<Fault> faults, int count) {
        int step = Math.max(1, faults.size() / count);
        return IntStream.range(0, faults.size())
                .filter(i -> i % step == step / 2)
                .mapToObj(faults::get)
                .toList();
    }

    /**
     * Weights and activations exchanged in a byte dot product: one is unsigned, the other signed. Where all are signed,
     * a product is the same both ways round.
     */
    @ParameterizedTest
    @MethodSource("setsAndFormats")
    void exchangedOperandsShow(InstructionSet instructions, Format format) {
        String module = ProductGenerator.generate(format, instructions).toString();
        String wrong = MIXED.matcher(module).replaceAll("$1$4$3$2)");
        if (wrong.equals(module)) {
            assertTrue(
                    module.contains("pmadd.wd") || module.contains("pmaddw.d"),
                    "nothing was exchanged, and nothing multiplies signed numbers");
            return;
        }
        try (Arena arena = Arena.ofShared()) {
            Results results = new Results(format, instructions, module, arena);
            assertTrue(results.show(ProductGenerator.GEMV, wrong));
            assertTrue(results.show(ProductGenerator.GEMM, wrong));
        }
    }

    /**
     * A fault that changes nothing is known by the code that LLVM makes: a mask of bits that are zero. One that changes
     * something is not let pass.
     */
    @Test
    void equivalentFaultsAreThoseWithTheSameCode() {
        Module module = new Module(InstructionSet.AVX2.attributes());
        Function f = module.exported("f", Type.POINTER);
        Value low = f.and(
                f.shiftRight(f.load(Type.I32, f.parameter(0), 4), Value.constant(Type.I32, 24)),
                Value.constant(Type.I32, 1023));
        f.store(low, f.parameter(0), 4);
        List<Fault> faults = Fault.of(
                module.toString(),
                Pattern.compile("%v\\d+, (1023|24)\\b"),
                number -> number.equals("24") ? "25" : "511");
        assertEquals(
                List.of("define void @f: %v1 = lshr i32 %v0, 25", "define void @f: %v2 = and i32 %v1, 511"),
                faults.stream().map(Fault::toString).toList());
        assertEquals(
                List.of(false, true), faults.stream().map(Fault::changesNoCode).toList());
    }

    /** What LLVM refuses is an exception with its words, not the end of the process. */
    @Test
    void refusedModuleIsReported() {
        IllegalStateException refused = assertThrows(
                IllegalStateException.class,
                () -> NativeCode.compile(
                        TileLayout.of(Format.G35, InstructionSet.AVX2.instructions()), "define void @gemv( {"));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("LLVM refuses the module: "), refused.getMessage());
        IllegalStateException missing = assertThrows(
                IllegalStateException.class,
                () -> NativeCode.compile(
                        TileLayout.of(Format.G35, InstructionSet.AVX2.instructions()),
                        "define void @gemv() { ret void }"));
        assertTrue(String.valueOf(missing.getMessage()).contains("arrange"), missing.getMessage());
    }
}
