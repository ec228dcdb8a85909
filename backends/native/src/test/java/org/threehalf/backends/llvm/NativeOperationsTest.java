package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.AttentionHeads;
import org.threehalf.kernels.transformer.FloatMatrix;
import org.threehalf.kernels.transformer.Rotation;
import org.threehalf.kernels.transformer.ScalarOperations;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * The operations in machine code against the reference, to the bit, for every instruction set that the processor has;
 * and what a mistake of the generator would do.
 */
@Tag("instructions")
@ExtendWith(WithLlvm.class)
class NativeOperationsTest {

    private static final TransformerOperations REFERENCE = new ScalarOperations();

    /** For what decodes nothing. */
    private static final Function<BlockEncoding, MemorySegment> NO_DECODER = encoding -> {
        throw new AssertionError(encoding + " is not decoded here");
    };

    private static List<NativeOperations> all() {
        return WithLlvm.kernels().stream()
                .map(kernel -> NativeOperations.of(kernel.instructions()))
                .toList();
    }

    /** Magnitudes from 2⁻²⁰ to 2⁶, so that orders of summation differ. */
    private static float[] vector(int n, SplittableRandom random) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(-20, 7)));
        }
        return values;
    }

    private static int[] bits(float[] values) {
        return IntStream.range(0, values.length)
                .map(i -> Float.floatToRawIntBits(values[i]))
                .toArray();
    }

    /** The name of the first operation that differs from the reference on vectors of n elements; empty if none does. */
    static Optional<String> difference(NativeOperations operations, int n, SplittableRandom random) {
        float[] a = vector(n + 3, random);
        float[] b = vector(n + 3, random);
        float[] weights = Arrays.copyOf(b, n);
        List<String> different = new ArrayList<>();
        float[][] y = {new float[n + 3], new float[n + 3]};
        REFERENCE.rmsNorm(a, 2, weights, 1e-5f, y[0], 1);
        operations.rmsNorm(a, 2, weights, 1e-5f, y[1], 1);
        compare("rmsNorm", y, different);
        float[][] inPlace = {a.clone(), a.clone()};
        REFERENCE.rmsNorm(inPlace[0], 2, weights, 1e-5f, inPlace[0], 2);
        operations.rmsNorm(inPlace[1], 2, weights, 1e-5f, inPlace[1], 2);
        compare("rmsNorm in place", inPlace, different);
        for (Activation activation : Activation.values()) {
            float[][] gate = {a.clone(), a.clone()};
            REFERENCE.gate(activation, gate[0], b);
            operations.gate(activation, gate[1], b);
            compare(activation.toString(), gate, different);
        }
        float[][] sum = {a.clone(), a.clone()};
        REFERENCE.add(sum[0], b);
        operations.add(sum[1], b);
        compare("add", sum, different);
        for (Rotation.Layout layout : Rotation.Layout.values()) {
            float[] turn = vector(2 * n + 2, random);
            float[][] turned = {turn.clone(), turn.clone()};
            REFERENCE.rotate(layout, turned[0], 1, a, b, 2, n);
            operations.rotate(layout, turned[1], 1, a, b, 2, n);
            compare("rotate " + layout, turned, different);
        }
        try {
            if (!QuantizedToken.of(a).equals(operations.quantize(a))) {
                different.add("quantize");
            }
        } catch (IllegalArgumentException outOfRange) {
            different.add("quantize: " + outOfRange.getMessage());
        }
        return different.stream().findFirst();
    }

    private static void compare(String name, float[][] both, List<String> different) {
        if (!Arrays.equals(bits(both[0]), bits(both[1]))) {
            different.add(name);
        }
    }

    /**
     * Whether some heads over a window have the reference's bits. A small scale spreads the weights over the window, a
     * large one gathers them in some places.
     */
    static boolean attends(
            NativeOperations operations,
            int heads,
            int size,
            int first,
            int last,
            float scale,
            float cap,
            SplittableRandom random) {
        try (Arena arena = Arena.ofConfined()) {
            // Nothing lies behind the last position: a read past it would fail.
            long numbers = (long) (last + 1) * size;
            MemorySegment keys = arena.allocate(numbers * Float.BYTES, 64);
            MemorySegment values = arena.allocate(numbers * Float.BYTES, 64);
            MemorySegment.copy(vector((int) numbers, random), 0, keys, ValueLayout.JAVA_FLOAT, 0, (int) numbers);
            MemorySegment.copy(vector((int) numbers, random), 0, values, ValueLayout.JAVA_FLOAT, 0, (int) numbers);
            float[] query = vector(heads * size + 2, random);
            boolean same = true;
            for (float[] sinks : new float[][] {{}, vector(heads, random)}) {
                float[] expected = new float[heads * size + 2];
                float[] actual = new float[heads * size + 2];
                REFERENCE.attend(new AttentionHeads(
                        query, 1, heads, keys, values, size, first, last, scale, cap, sinks, 0, expected, 1));
                operations.attend(new AttentionHeads(
                        query, 1, heads, keys, values, size, first, last, scale, cap, sinks, 0, actual, 1));
                same &= Arrays.equals(bits(expected), bits(actual));
            }
            return same;
        }
    }

    /**
     * REQ-OPS-002 to REQ-OPS-010, REQ-ROP-005, REQ-QNT-001 to REQ-QNT-004: every length up to 70, so that every tail is
     * met.
     */
    @Test
    void everyLengthHasTheReferencesBits() {
        SplittableRandom random = new SplittableRandom(20261127);
        for (NativeOperations operations : all()) {
            for (int n = 1; n <= 70; n++) {
                assertEquals(Optional.empty(), difference(operations, n, random), "n = " + n);
            }
        }
    }

    /** REQ-OPS-004 to REQ-OPS-006: numbers of every magnitude, by their bits. */
    @Test
    void functionsHaveTheReferencesBitsAtEveryMagnitude() {
        SplittableRandom random = new SplittableRandom(7);
        float[] x = new float[40_000];
        for (int i = 0; i < x.length; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            x[i] = Float.isFinite(value) ? value : i;
        }
        float[] ones = new float[x.length];
        Arrays.fill(ones, 1);
        for (NativeOperations operations : all()) {
            for (Activation activation : Activation.values()) {
                float[] expected = x.clone();
                float[] actual = x.clone();
                REFERENCE.gate(activation, expected, ones);
                operations.gate(activation, actual, ones);
                assertArrayEquals(bits(expected), bits(actual), activation.toString());
            }
        }
    }

    /**
     * REQ-ATT-003 to REQ-ATT-005, REQ-OPS-008: windows of every length up to 40 at some starts, 1 to 7 heads, with and
     * without a cap, heads with and without a tail.
     */
    @Test
    void attentionHasTheReferencesBits() {
        SplittableRandom random = new SplittableRandom(11);
        for (NativeOperations operations : all()) {
            for (int size : new int[] {16, 48, 20}) {
                for (int first : new int[] {0, 1, 15, 40}) {
                    for (int count = 1; count <= 40; count++) {
                        int heads = 1 + (count + first) % 7;
                        float cap = count % 2 == 0 ? 5 : 0;
                        assertTrue(
                                attends(
                                        operations,
                                        heads,
                                        size,
                                        first,
                                        first + count - 1,
                                        count % 3 == 0 ? 0.25f : 0x1p-9f,
                                        cap,
                                        random),
                                "%d heads of %d, positions %d to %d, cap %s"
                                        .formatted(heads, size, first, first + count - 1, cap));
                    }
                }
            }
        }
    }

    /** REQ-QNT-001, REQ-QNT-004: what is refused is refused with the reference's words; zeros have the scale 0. */
    @Test
    void quantizeRefusesWhatTheReferenceRefuses() {
        for (NativeOperations operations : all()) {
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, 0x1p57f}) {
                for (int at : new int[] {3, 33}) {
                    float[] x = new float[35];
                    x[at] = bad;
                    String expected = assertThrows(IllegalArgumentException.class, () -> QuantizedToken.of(x))
                            .getMessage();
                    assertEquals(
                            expected,
                            assertThrows(IllegalArgumentException.class, () -> operations.quantize(x))
                                    .getMessage());
                }
            }
            assertEquals(QuantizedToken.of(new float[40]), operations.quantize(new float[40]));
        }
    }

    /** Every operation's results on some numbers that tell mistakes: quantised ones by {@code quantize}. */
    private static List<int[]> results(TransformerOperations operations, Function<float[], QuantizedToken> quantize) {
        SplittableRandom random = new SplittableRandom(35);
        List<int[]> results = new ArrayList<>();
        int n = 64;
        float[] a = vector(n + 3, random);
        float[] b = vector(n + 3, random);
        float[] normal = new float[n + 1];
        operations.rmsNorm(a, 2, Arrays.copyOf(b, n), 1e-5f, normal, 1);
        results.add(bits(normal));
        float[] sum = a.clone();
        operations.add(sum, b);
        results.add(bits(sum));
        float[] turned = vector(2 * n + 2, random);
        operations.rotate(Rotation.Layout.SPLIT, turned, 1, a, b, 2, n);
        results.add(bits(turned));
        try {
            QuantizedToken token = quantize.apply(a);
            results.add(new int[] {Float.floatToRawIntBits(token.scale()), Arrays.hashCode(token.codes())});
        } catch (IllegalArgumentException outOfRange) {
            results.add(new int[0]);
        }
        float[] wide = new float[4_096];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = (i - 2_048) / 16f;
        }
        for (Activation activation : Activation.values()) {
            float[] gate = wide.clone();
            operations.gate(activation, gate, wide);
            results.add(bits(gate));
        }
        float[][] products = new float[2][7];
        operations.products(numbers(7, n, random), 0, 7, new float[][] {a, b}, products);
        Stream.of(products).map(NativeOperationsTest::bits).forEach(results::add);
        int positions = 204;
        int size = 64;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keys = arena.allocate((long) positions * size * Float.BYTES, 64);
            MemorySegment values = arena.allocate((long) positions * size * Float.BYTES, 64);
            MemorySegment.copy(vector(positions * size, random), 0, keys, ValueLayout.JAVA_FLOAT, 0, positions * size);
            MemorySegment.copy(
                    vector(positions * size, random), 0, values, ValueLayout.JAVA_FLOAT, 0, positions * size);
            float[] query = vector(7 * size + 1, random);
            for (int heads : new int[] {7, 1}) {
                for (float cap : new float[] {0, 5, 0.5f}) {
                    for (float scale : new float[] {0.25f, 0x1p-6f, 0x1p-9f}) {
                        float[] output = new float[heads * size + 1];
                        operations.attend(new AttentionHeads(
                                query, 1, heads, keys, values, size, 3, positions - 1, scale, cap, output, 1));
                        results.add(bits(output));
                    }
                }
            }
        }
        return results;
    }

    /** A matrix of random numbers. */
    static FloatMatrix numbers(int rows, int columns, SplittableRandom random) {
        return FloatMatrix.of(
                Stream.generate(() -> vector(columns, random)).limit(rows).toArray(float[][]::new));
    }

    private static boolean same(List<int[]> expected, List<int[]> actual) {
        return IntStream.range(0, expected.size()).allMatch(i -> Arrays.equals(expected.get(i), actual.get(i)));
    }

    static Stream<InstructionSet> sets() {
        return WithLlvm.sets().stream();
    }

    /**
     * Mistakes by kind, each with where it can be made. Not 1 / ln 2 and what rounds: numbers near them round to the
     * same integers.
     */
    private static final Map<String, UnaryOperator<String>> MISTAKES = Map.of(
            "fmul <16 x float> %v\\d+, splat \\(float 0x(?!3FF71547|41680000)([0-9A-F]{16})\\)",
                    NativeOperationsTest::otherNumber,
            "fadd <16 x float> %v\\d+, splat \\(float 0x(?!3FF71547|41680000)([0-9A-F]{16})\\)",
                    NativeOperationsTest::otherNumber,
            "i32 (8), i32 9, i32 10", number -> "9",
            "f(div) <16 x float>", operation -> "mul",
            "f(sub) <16 x float>", operation -> "add",
            "(shl) <16 x i32>", operation -> "lshr");

    /**
     * Seeded faults (REQ-OPS-002, REQ-OPS-004 to REQ-OPS-010), one at a time, for each instruction set that the
     * processor has: constants with the 13th bit of their significand changed, lanes of a tree exchanged, another
     * operation in the place of a subtraction, division or shift.
     */
    @ParameterizedTest
    @MethodSource("sets")
    void wrongOperationsShow(InstructionSet instructions) {
        int[] heads = instructions.instructions().heads();
        List<String> names = CompiledOperations.names(heads);
        String module = OperationsGenerator.generate(instructions).toString();
        ExportedFunctions functions = ExportedFunctions.of(names, TestCompiler.quick(module, names));
        List<int[]> right = results(REFERENCE, QuantizedToken::of);
        NativeOperations operations = new NativeOperations(new CompiledOperations(functions, heads, NO_DECODER));
        assertTrue(same(right, results(operations, operations::quantize)));
        List<String> unseen = new ArrayList<>();
        MISTAKES.forEach((pattern, change) -> {
            List<Fault> faults = Fault.of(module, Pattern.compile(pattern), change);
            assertFalse(faults.isEmpty(), pattern);
            for (Fault fault : faults) {
                Map<String, MemorySegment> wrong = new HashMap<>(functions.addresses());
                wrong.put(
                        fault.function(),
                        TestCompiler.quick(fault.wrong(), List.of(fault.function()))
                                .getFirst());
                NativeOperations faulty =
                        new NativeOperations(new CompiledOperations(new ExportedFunctions(wrong), heads, NO_DECODER));
                if (same(right, results(faulty, faulty::quantize)) && !fault.changesNoCode()) {
                    unseen.add(fault.toString());
                }
            }
        });
        assertEquals(List.of(), unseen);
    }

    /** Another binary32 number near the one that is written as a binary64 number's bits. */
    private static String otherNumber(String hexadecimal) {
        float number = (float) Double.longBitsToDouble(Long.parseUnsignedLong(hexadecimal, 16));
        return "%016X"
                .formatted(Double.doubleToRawLongBits(Float.intBitsToFloat(Float.floatToRawIntBits(number) ^ 1 << 12)));
    }
}
