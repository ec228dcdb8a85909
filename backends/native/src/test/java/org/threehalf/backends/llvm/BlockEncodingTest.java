package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.threehalf.inference.gguf.TensorType;
import org.threehalf.kernels.transformer.FloatMatrix;
import org.threehalf.kernels.transformer.ScalarOperations;
import org.threehalf.kernels.transformer.StoredRows;

/**
 * Rows of GGUF's encodings decoded in machine code have the bits of {@link TensorType#decode}, and their products those
 * of the reference (REQ-OPS-003, REQ-OPS-011).
 */
@Tag("instructions")
@ExtendWith(WithLlvm.class)
class BlockEncodingTest {

    static Stream<Arguments> setsAndEncodings() {
        return WithLlvm.setsAnd(List.of(BlockEncoding.values()));
    }

    static TensorType type(BlockEncoding encoding) {
        return TensorType.valueOf(encoding.name());
    }

    /** Blocks of any bytes: scales of every kind, infinities and NaN among them. */
    static byte[] blocks(BlockEncoding encoding, int count, long seed) {
        byte[] bytes = new byte[count * encoding.bytes()];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    /** What they mean. All NaNs are one. */
    static int[] expected(BlockEncoding encoding, byte[] blocks) {
        int elements = blocks.length / encoding.bytes() * encoding.elements();
        float[] values = new float[elements];
        type(encoding).decode(blocks, 0, elements / type(encoding).blockElements(), values, 0);
        return bits(values);
    }

    static int[] actual(OperationsCode code, BlockEncoding encoding, byte[] blocks) {
        float[] values = new float[blocks.length / encoding.bytes() * encoding.elements()];
        code.decode(
                encoding,
                MemorySegment.ofArray(blocks),
                MemorySegment.ofArray(values),
                blocks.length / encoding.bytes());
        return bits(values);
    }

    private static int[] bits(float[] values) {
        return IntStream.range(0, values.length)
                .map(i -> Float.floatToIntBits(values[i]))
                .toArray();
    }

    /** Of functions that decode with no others beside them. */
    private static OperationsCode code(MemorySegment decode) {
        List<String> names = CompiledOperations.names(new int[0]);
        return new CompiledOperations(
                ExportedFunctions.of(names, Collections.nCopies(names.size(), MemorySegment.NULL)),
                new int[0],
                encoding -> decode);
    }

    /** A matrix in an encoding, whose scales are finite. */
    static FloatMatrix matrix(BlockEncoding encoding, int rows, int columns, long seed) {
        TensorType type = type(encoding);
        int rowBytes = Math.toIntExact(type.bytes(columns));
        byte[] bytes = new byte[rows * rowBytes];
        new SplittableRandom(seed).nextBytes(bytes);
        for (int i = 1; i < bytes.length; i += 2) {
            // No binary16 at an even place, where all are, is infinite or NaN.
            bytes[i] &= (byte) 0xbf;
        }
        return new FloatMatrix() {
            @Override
            public int rows() {
                return rows;
            }

            @Override
            public int columns() {
                return columns;
            }

            @Override
            public void read(int row, float[] values) {
                type.decode(bytes, row * rowBytes, columns / type.blockElements(), values, 0);
            }

            @Override
            public Optional<StoredRows> stored() {
                return Optional.of(new StoredRows(type.name(), MemorySegment.ofArray(bytes), rowBytes));
            }
        };
    }

    @Test
    void sizesAreThoseOfTheFiles() {
        for (BlockEncoding encoding : BlockEncoding.values()) {
            TensorType type = type(encoding);
            assertEquals(
                    type.blockBytes() * (encoding.elements() / type.blockElements()),
                    encoding.bytes(),
                    encoding.toString());
            assertEquals(0, encoding.elements() % type.blockElements(), encoding.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("setsAndEncodings")
    void everyBlockHasTheBitsOfItsDefinition(InstructionSet instructions, BlockEncoding encoding) {
        byte[] blocks = blocks(encoding, 1_000, encoding.ordinal());
        assertTrue(Arrays.equals(
                expected(encoding, blocks),
                actual(code(CompiledOperations.decoder(encoding, instructions)), encoding, blocks)));
    }

    /**
     * Rows left over, parts of a matrix, one vector and several; a width without whole vectors, and a matrix that is
     * not stored so.
     */
    @ParameterizedTest
    @MethodSource("setsAndEncodings")
    void productsHaveTheReferencesBits(InstructionSet instructions, BlockEncoding encoding) {
        NativeOperations operations = NativeOperations.of(instructions);
        for (int columns : new int[] {encoding.elements(), 3 * encoding.elements(), 1_792}) {
            assertEquals(
                    Optional.empty(),
                    difference(operations, matrix(encoding, 41, columns, columns)),
                    columns + " columns");
        }
        FloatMatrix other = new FloatMatrix() {
            @Override
            public int rows() {
                return 7;
            }

            @Override
            public int columns() {
                return encoding.elements() / 2 + 3;
            }

            @Override
            public void read(int row, float[] values) {
                for (int k = 0; k < columns(); k++) {
                    values[k] = 1f / (row + k + 1);
                }
            }
        };
        assertEquals(Optional.empty(), difference(operations, other));
    }

    /** Where products differ from the reference's; empty if nowhere. */
    static Optional<String> difference(NativeOperations operations, FloatMatrix matrix) {
        SplittableRandom random = new SplittableRandom(11);
        for (int tokens : new int[] {1, 3}) {
            float[][] vectors = new float[tokens][matrix.columns() + 1];
            for (float[] vector : vectors) {
                for (int k = 0; k < vector.length; k++) {
                    vector[k] = (float) random.nextGaussian();
                }
            }
            for (int from : new int[] {0, 3}) {
                float[][] expected = new float[tokens][matrix.rows()];
                float[][] actual = new float[tokens][matrix.rows()];
                new ScalarOperations().products(matrix, from, matrix.rows() - from / 2, vectors, expected);
                operations.products(matrix, from, matrix.rows() - from / 2, vectors, actual);
                for (int t = 0; t < tokens; t++) {
                    if (!Arrays.equals(bits(expected[t]), bits(actual[t]))) {
                        return Optional.of("%d tokens from row %d".formatted(tokens, from));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Seeded faults: every constant of a module changed in its lowest bit, and a sum in the place of a difference, one
     * at a time. Modules of other sets differ in their attributes alone.
     */
    @ParameterizedTest
    @EnumSource
    void mistakesShow(BlockEncoding encoding) {
        InstructionSet instructions = WithLlvm.sets().getFirst();
        String module = DecodingGenerator.generate(encoding, instructions).toString();
        byte[] blocks = blocks(encoding, 64, 35);
        int[] right = expected(encoding, blocks);
        List<Fault> faults = Stream.concat(
                        Fault.of(
                                module,
                                Pattern.compile("splat \\(i(?:8|32) (-?\\d+)\\)|(?:and|lshr|shl) i32 %v\\d+, (\\d+)"),
                                number -> Long.toString(Long.parseLong(number) ^ 1))
                                .stream(),
                        Fault.of(module, Pattern.compile("(fsub) <16"), operation -> "fadd").stream())
                .toList();
        assertEquals(encoding == BlockEncoding.F16 || encoding == BlockEncoding.Q8_0, faults.isEmpty());
        List<Fault> unseen = faults.stream()
                .filter(fault -> {
                    MemorySegment wrong = TestCompiler.quick(fault.wrong(), List.of(DecodingGenerator.DECODE))
                            .getFirst();
                    return Arrays.equals(right, actual(code(wrong), encoding, blocks)) && !fault.changesNoCode();
                })
                .toList();
        assertEquals(List.of(), unseen);
        assertFalse(Arrays.equals(right, expected(encoding, blocks(encoding, 64, 36))));
    }
}
