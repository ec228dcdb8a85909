package org.threehalf.backends.groq;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.threehalf.backends.spi.Backend;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.ReferenceKernel;

/** Compares a backend's products with the reference kernels', bit for bit. */
final class RandomProducts {

    private RandomProducts() {}

    /**
     * A matrix of random bytes, padding bits included, with scales over their whole range; the first row has the
     * largest weights.
     */
    static PackedMatrix matrix(Format format, int rows, int columns, RandomGenerator random, Arena arena) {
        PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, arena);
        fill(matrix.codes(), random);
        fill(matrix.subscales(), random);
        matrix.codes().asSlice(0, format.rowCodeBytes(columns)).fill((byte) (format == Format.INT8 ? 0x80 : 0xff));
        matrix.subscales().asSlice(0, format.rowSubscaleBytes(columns)).fill((byte) 0xff);
        for (int row = 0; row < rows; row++) {
            matrix.scales().setAtIndex(ValueLayout.JAVA_FLOAT, row, scale(random, 40));
        }
        return matrix;
    }

    private static void fill(MemorySegment segment, RandomGenerator random) {
        byte[] bytes = new byte[Math.toIntExact(segment.byteSize())];
        random.nextBytes(bytes);
        segment.copyFrom(MemorySegment.ofArray(bytes));
    }

    /** 0, subnormal, usual or up to 2^limit. */
    private static float scale(RandomGenerator random, int limit) {
        return switch (random.nextInt(5)) {
            case 0 -> 0f;
            case 1 -> Float.intBitsToFloat(random.nextInt(1 << 23));
            case 2 -> Math.scalb(1 + random.nextFloat(), random.nextInt(-126, limit - 1));
            default -> random.nextFloat();
        };
    }

    /** A token with random codes, or only ±127. */
    static QuantizedToken token(int columns, RandomGenerator random) {
        byte[] codes = new byte[columns];
        int kind = random.nextInt(4);
        for (int k = 0; k < columns; k++) {
            codes[k] = (byte)
                    switch (kind) {
                        case 0 -> 127;
                        case 1 -> -127;
                        default -> random.nextInt(-127, 128);
                    };
        }
        return new QuantizedToken(scale(random, 50), codes);
    }

    /** The first difference in sums, gemv and, for more than one token, gemm. */
    static Optional<String> difference(
            Backend backend, Format format, int rows, int columns, int tokens, RandomGenerator random) {
        try (Arena arena = Arena.ofConfined()) {
            return difference(backend, matrix(format, rows, columns, random, arena), tokens, random);
        }
    }

    /** As {@link #difference(Backend, Format, int, int, int, RandomGenerator)}, for a matrix. */
    static Optional<String> difference(Backend backend, PackedMatrix matrix, int count, RandomGenerator random) {
        int rows = matrix.rows();
        List<QuantizedToken> tokens = new ArrayList<>();
        for (int t = 0; t < count; t++) {
            tokens.add(token(matrix.columns(), random));
        }
        float[][] y = new float[count][rows];
        float[][] expected = new float[count][rows];
        int[] sums = new int[rows];
        int[] expectedSums = new int[rows];
        ReferenceKernel.gemm(matrix, tokens, expected);
        ReferenceKernel.sums(matrix, tokens.getFirst(), expectedSums);
        try (Backend.DeviceMatrix device = backend.load(matrix)) {
            device.sums(tokens.getFirst(), sums);
            if (count == 1) {
                device.gemv(tokens.getFirst(), y[0]);
            } else {
                device.gemm(tokens, y);
            }
        }
        int row = Arrays.mismatch(sums, expectedSums);
        if (row >= 0) {
            return Optional.of("sum of row %d: %d, not %d".formatted(row, sums[row], expectedSums[row]));
        }
        for (int t = 0; t < count; t++) {
            for (int n = 0; n < rows; n++) {
                int bits = Float.floatToRawIntBits(y[t][n]);
                int right = Float.floatToRawIntBits(expected[t][n]);
                if (bits != right) {
                    return Optional.of("y of token %d, row %d: %08x, not %08x".formatted(t, n, bits, right));
                }
            }
        }
        return Optional.empty();
    }
}
