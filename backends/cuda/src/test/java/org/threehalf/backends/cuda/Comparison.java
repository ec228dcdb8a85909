package org.threehalf.backends.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.threehalf.backends.spi.Backend;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.ReferenceKernel;
import org.threehalf.kernels.transformer.MostLikelyToken;

/** Random inputs, computed by a backend and by the reference kernels, and compared bit by bit. */
final class Comparison {
    private Comparison() {}

    /** A matrix of random bytes, padding and all, with random row scales. */
    static PackedMatrix matrix(Format format, int rows, int columns, SplittableRandom random, Arena arena) {
        PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, arena);
        fill(matrix.codes(), random);
        fill(matrix.subscales(), random);
        for (int row = 0; row < rows; row++) {
            matrix.scales().setAtIndex(ValueLayout.JAVA_FLOAT, row, scale(random, 0x1p40f));
        }
        return matrix;
    }

    private static void fill(MemorySegment bytes, SplittableRandom random) {
        for (long i = 0; i < bytes.byteSize(); i++) {
            bytes.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
        }
    }

    /** Mostly usual sizes; sometimes zero, subnormal, or the largest. */
    private static float scale(SplittableRandom random, float largest) {
        return switch (random.nextInt(10)) {
            case 0 -> 0;
            case 1 -> Float.intBitsToFloat(random.nextInt(0x0080_0000));
            case 2 -> largest;
            default -> (float) Math.scalb(1 + random.nextDouble(), random.nextInt(-30, 20));
        };
    }

    /** A token of random codes, with the extremes more often than by chance. */
    static QuantizedToken token(int columns, SplittableRandom random) {
        byte[] codes = new byte[columns];
        boolean extreme = random.nextInt(4) == 0;
        for (int k = 0; k < columns; k++) {
            codes[k] = (byte) (extreme ? (random.nextBoolean() ? 127 : -127) : random.nextInt(-127, 128));
        }
        return new QuantizedToken(scale(random, 0x1p50f), codes);
    }

    /** sums, gemv and gemm of one matrix and several tokens. */
    static void products(
            Backend backend, Format format, int rows, int columns, int tokenCount, SplittableRandom random) {
        try (Arena arena = Arena.ofConfined()) {
            PackedMatrix matrix = matrix(format, rows, columns, random, arena);
            List<QuantizedToken> tokens = IntStream.range(0, tokenCount)
                    .mapToObj(t -> token(columns, random))
                    .toList();
            float[][] expected = new float[tokenCount][rows];
            ReferenceKernel.gemm(matrix, tokens, expected);
            int[] expectedSums = new int[rows];
            ReferenceKernel.sums(matrix, tokens.getFirst(), expectedSums);
            try (Backend.DeviceMatrix device = backend.load(matrix)) {
                int[] sums = new int[rows];
                device.sums(tokens.getFirst(), sums);
                assertArrayEquals(expectedSums, sums, "sums");
                float[] one = new float[rows];
                device.gemv(tokens.getFirst(), one);
                assertBits("gemv", expected[0], one);
                float[][] y = new float[tokenCount][rows];
                device.gemm(tokens, y);
                for (int t = 0; t < tokenCount; t++) {
                    assertBits("gemm, token " + t, expected[t], y[t]);
                }
            }
        }
    }

    /** Quantising of one token, which may have to be refused. */
    static void quantising(Backend backend, int columns, SplittableRandom random) {
        float[] x = activations(columns, random);
        if (random.nextInt(6) == 0) {
            x[random.nextInt(columns)] =
                    new float[] {Float.NaN, Float.POSITIVE_INFINITY, -0x1.000002p56f}[random.nextInt(3)];
        }
        String expected;
        try {
            expected = QuantizedToken.of(x).toString();
        } catch (IllegalArgumentException refused) {
            expected = "refused";
        }
        String found;
        try {
            found = backend.quantize(x).toString();
        } catch (IllegalArgumentException refused) {
            found = "refused";
        }
        assertEquals(expected, found);
    }

    private static float[] activations(int columns, SplittableRandom random) {
        float[] x = new float[columns];
        double magnitude = random.nextInt(5) == 0 ? Math.scalb(1.0, random.nextInt(-149, 56)) : 4;
        for (int k = 0; k < columns; k++) {
            x[k] = (float) (magnitude * (random.nextDouble() * 2 - 1));
        }
        // Quotients half way between two codes, and a rounding beside it.
        if (random.nextInt(2) == 0) {
            float largest = (float) magnitude;
            float scale = largest / 127;
            for (int k = 0; k < columns; k++) {
                x[k] = scale * (random.nextInt(-127, 127) + 0.5f);
                x[k] = random.nextBoolean() ? x[k] : random.nextBoolean() ? Math.nextUp(x[k]) : Math.nextDown(x[k]);
            }
            x[random.nextInt(columns)] = largest;
        }
        return x;
    }

    /** Several tokens at once, in the device's order, padding included. */
    static void quantisingOnTheDevice(CudaDevice device, int columns, int tokens, SplittableRandom random) {
        int blocks = Format.blocks(columns);
        byte[] expectedCodes = new byte[tokens * blocks * Format.BLOCK];
        float[] expectedScales = new float[tokens];
        float[] all = new float[tokens * columns];
        for (int t = 0; t < tokens; t++) {
            float[] x = activations(columns, random);
            System.arraycopy(x, 0, all, t * columns, columns);
            QuantizedToken token = QuantizedToken.of(x);
            expectedScales[t] = token.scale();
            System.arraycopy(
                    TokenLayout.arranged(token.codes()),
                    0,
                    expectedCodes,
                    t * blocks * Format.BLOCK,
                    blocks * Format.BLOCK);
        }
        byte[] codes = new byte[expectedCodes.length];
        float[] scales = new float[tokens];
        try (DeviceMemory x = device.allocate((long) all.length * Float.BYTES, "x");
                DeviceMemory toCodes = device.allocate(codes.length, "codes");
                DeviceMemory toScales = device.allocate((long) tokens * Float.BYTES, "scales");
                DeviceMemory refused = device.allocate(Integer.BYTES, "refused")) {
            device.upload(MemorySegment.ofArray(all), x, 0);
            device.upload(MemorySegment.ofArray(new int[] {-1}), refused, 0);
            device.launch(Launch.of("quantize", tokens, 1, 256)
                    .pointer(x)
                    .int32(columns)
                    .int32(blocks)
                    .pointer(toCodes)
                    .pointer(toScales)
                    .pointer(refused));
            device.download(toCodes, 0, MemorySegment.ofArray(codes));
            device.download(toScales, 0, MemorySegment.ofArray(scales));
        }
        assertArrayEquals(expectedCodes, codes, "codes");
        assertEquals(-1, firstRefused(device, all, columns, tokens), "nothing is refused");
        int damaged = random.nextInt(all.length);
        for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, -0x1.000002p56f}) {
            all[damaged] = value;
            assertEquals(damaged, firstRefused(device, all, columns, tokens), "the index of " + value);
        }
        assertBits("scales", expectedScales, scales);
    }

    private static int firstRefused(CudaDevice device, float[] values, int columns, int tokens) {
        int blocks = Format.blocks(columns);
        int[] first = new int[1];
        try (DeviceMemory x = device.allocate((long) values.length * Float.BYTES, "x");
                DeviceMemory toCodes = device.allocate((long) tokens * blocks * Format.BLOCK, "codes");
                DeviceMemory toScales = device.allocate((long) tokens * Float.BYTES, "scales");
                DeviceMemory refused = device.allocate(Integer.BYTES, "refused")) {
            device.upload(MemorySegment.ofArray(values), x, 0);
            device.upload(MemorySegment.ofArray(new int[] {-1}), refused, 0);
            device.launch(Launch.of("quantize", tokens, 1, 256)
                    .pointer(x)
                    .int32(columns)
                    .int32(blocks)
                    .pointer(toCodes)
                    .pointer(toScales)
                    .pointer(refused));
            device.download(refused, 0, MemorySegment.ofArray(first));
        }
        return first[0];
    }

    /** The most likely of some logits, with ties and zeros of both signs among them, and where it is put. */
    static void mostLikely(CudaDevice device, int vocabulary, SplittableRandom random) {
        float[] logits = new float[vocabulary];
        for (int id = 0; id < vocabulary; id++) {
            logits[id] = switch (random.nextInt(3)) {
                case 0 -> -0f;
                case 1 -> 0;
                default -> -random.nextInt(5);
            };
        }
        if (random.nextBoolean()) {
            logits[random.nextInt(vocabulary)] = 1;
            logits[random.nextInt(vocabulary)] = 1;
        }
        int[] state = {3, -1, 77};
        int[] drawn = new int[5];
        try (DeviceMemory x = device.allocate((long) vocabulary * Float.BYTES, "logits");
                DeviceMemory toState = device.allocate(3 * Integer.BYTES, "state");
                DeviceMemory list = device.allocate(5 * Integer.BYTES, "drawn")) {
            device.upload(MemorySegment.ofArray(logits), x, 0);
            device.upload(MemorySegment.ofArray(state), toState, 0);
            device.upload(MemorySegment.ofArray(drawn), list, 0);
            new KernelLaunches(device).takeMostLikely(x, vocabulary, toState, list);
            device.download(toState, 0, MemorySegment.ofArray(state));
            device.download(list, 0, MemorySegment.ofArray(drawn));
            int right = MostLikelyToken.of(logits);
            assertArrayEquals(new int[] {4, -1, right}, state, "state");
            assertArrayEquals(new int[] {0, 0, 0, right, 0}, drawn, "list");
            for (float damage : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                int at = random.nextInt(vocabulary);
                device.upload(MemorySegment.ofArray(new float[] {damage}), x, (long) at * Float.BYTES);
                new KernelLaunches(device).takeMostLikely(x, vocabulary, toState, list);
                device.upload(MemorySegment.ofArray(logits), x, 0);
                device.download(toState, 0, MemorySegment.ofArray(state));
                assertEquals(at, state[1], "the index of the logit " + damage);
                device.upload(MemorySegment.ofArray(new int[] {3, -1, 77}), toState, 0);
            }
        }
    }

    /** Equality of bits. */
    static void assertBits(String what, float[] expected, float[] found) {
        assertEquals(expected.length, found.length, what);
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToRawIntBits(expected[i]) != Float.floatToRawIntBits(found[i])) {
                throw new AssertionError("%s: at %d %s (%08x) is expected, found is %s (%08x)"
                        .formatted(
                                what,
                                i,
                                expected[i],
                                Float.floatToRawIntBits(expected[i]),
                                found[i],
                                Float.floatToRawIntBits(found[i])));
            }
        }
    }
}
