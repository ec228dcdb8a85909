package org.threehalf.backends.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.product.Products.DeviceMatrix;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;

/** The backends are found by their names, and lut and simd give the bits of the reference through the SPI. */
@Tag("instructions")
class CpuBackendsTest {

    @ParameterizedTest
    @ValueSource(strings = {"reference", "lut", "simd"})
    void backendIsThere(String name) {
        BackendProvider provider = BackendProvider.named(name);
        assertTrue(provider.availability().available(), provider.availability().detail());
        try (Backend backend = provider.open()) {
            assertEquals(name, backend.name());
        }
    }

    /**
     * A layer's worth of matrices, loaded together, one closed before the others are used (REQ-DOT-001, REQ-DOT-004,
     * REQ-DOT-006).
     */
    @ParameterizedTest
    @EnumSource
    void fastBackendsEqualTheReference(Format format) {
        try (Arena arena = Arena.ofShared();
                Backend reference = BackendProvider.named("reference").open();
                Backend lut = BackendProvider.named("lut").open();
                Backend simd = BackendProvider.named("simd").open()) {
            SplittableRandom random = new SplittableRandom(format.id());
            List<PackedMatrix> matrices = List.of(
                    random(format, 70, 200, random, arena),
                    random(format, 130, 640, random, arena),
                    random(format, 1, 1, random, arena));
            for (Backend fast : List.of(lut, simd)) {
                fast.load(matrices.getFirst()).close();
                List<DeviceMatrix> loaded = matrices.stream().map(fast::load).toList();
                for (int i = 0; i < matrices.size(); i++) {
                    PackedMatrix matrix = matrices.get(i);
                    List<QuantizedToken> tokens = Stream.generate(
                                    () -> fast.quantize(activations(matrix.columns(), random)))
                            .limit(5)
                            .toList();
                    float[][] expected = new float[5][matrix.rows()];
                    float[][] y = new float[5][matrix.rows()];
                    int[] expectedSums = new int[matrix.rows()];
                    int[] sums = new int[matrix.rows()];
                    float[] single = new float[matrix.rows()];
                    try (DeviceMatrix right = reference.load(matrix);
                            DeviceMatrix device = loaded.get(i)) {
                        right.gemm(tokens, expected);
                        right.sums(tokens.getLast(), expectedSums);
                        device.gemm(tokens, y);
                        device.gemv(tokens.getLast(), single);
                        device.sums(tokens.getLast(), sums);
                    }
                    for (int t = 0; t < 5; t++) {
                        assertArrayEquals(expected[t], y[t], 0);
                    }
                    assertArrayEquals(expected[4], single, 0);
                    assertArrayEquals(expectedSums, sums);
                }
            }
        }
    }

    /** A scale that REQ-FMT-004 refuses is refused when the matrix is loaded, and its memory is given back. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "lut", "simd"})
    void badScaleIsRefused(String name) {
        try (Arena arena = Arena.ofShared();
                Backend backend = BackendProvider.named(name).open()) {
            PackedMatrix matrix = random(Format.G35, 3, 64, new SplittableRandom(1), arena);
            matrix.scales().set(java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED, 4, Float.NaN);
            assertThrows(IllegalArgumentException.class, () -> backend.load(matrix));
        }
    }

    /**
     * A matrix that is large enough to be warmed up with: it can be closed at any time, and its products are right
     * while the warm-up ends.
     */
    @ParameterizedTest
    @ValueSource(strings = {"lut", "simd"})
    void aWarmUpDoesNotShow(String name) {
        try (Arena arena = Arena.ofShared();
                Backend reference = BackendProvider.named("reference").open();
                Backend fast = BackendProvider.named(name).open()) {
            SplittableRandom random = new SplittableRandom(1);
            PackedMatrix matrix = random(Format.U35, 1_024, 256, random, arena);
            assertEquals(WarmUp.LEAST_WEIGHTS, 1_024L * 256);
            fast.load(matrix).close();
            QuantizedToken token = fast.quantize(activations(256, random));
            float[] expected = new float[1_024];
            float[] y = new float[1_024];
            try (Backend again = BackendProvider.named(name).open();
                    DeviceMatrix right = reference.load(matrix);
                    DeviceMatrix device = again.load(matrix)) {
                assertTrue(warmUps() > 0);
                right.gemv(token, expected);
                device.gemv(token, y);
            }
            assertArrayEquals(expected, y, 0);
            assertEquals(0, warmUps());
        }
    }

    private static long warmUps() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(WarmUp.NAME))
                .count();
    }

    @Test
    void threadCountIsRead() {
        String before = System.getProperty(Threads.PROPERTY);
        try {
            System.setProperty(Threads.PROPERTY, "3");
            assertEquals(3, Threads.count());
            System.setProperty(Threads.PROPERTY, "0");
            assertThrows(IllegalStateException.class, Threads::count);
            System.setProperty(Threads.PROPERTY, "many");
            assertThrows(IllegalStateException.class, Threads::count);
            System.clearProperty(Threads.PROPERTY);
            assertEquals(Runtime.getRuntime().availableProcessors(), Threads.count());
        } finally {
            if (before != null) {
                System.setProperty(Threads.PROPERTY, before);
            }
        }
    }

    private static float[] activations(int columns, SplittableRandom random) {
        float[] x = new float[columns];
        for (int k = 0; k < columns; k++) {
            x[k] = random.nextFloat() - 0.5f;
        }
        return x;
    }

    private static PackedMatrix random(Format format, int rows, int columns, SplittableRandom random, Arena arena) {
        PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, arena);
        float[] weights = new float[columns];
        for (int row = 0; row < rows; row++) {
            for (int k = 0; k < columns; k++) {
                weights[k] = random.nextFloat() - 0.5f;
            }
            matrix.putRow(row, QuantizedRow.quantize(format, weights));
        }
        return matrix;
    }
}
