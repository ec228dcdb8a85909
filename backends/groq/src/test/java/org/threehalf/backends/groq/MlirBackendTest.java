package org.threehalf.backends.groq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.threehalf.backends.groq.generator.Fault;
import org.threehalf.backends.groq.generator.ProductGenerator;
import org.threehalf.backends.spi.Backend;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;

/**
 * Shapes at the edges of blocks and of the array's tiles, refusals, and faults of the generator. Random contents:
 * {@link MlirBackendPropertiesTest}.
 */
@ExtendWith(WithMlir.class)
class MlirBackendTest {

    private static Backend backend;

    @BeforeAll
    static void open() {
        backend = new MlirBackend("groq-mlir", WithMlir.compiler(), new ProductGenerator());
    }

    @AfterAll
    static void close() {
        if (backend != null) {
            backend.close();
        }
    }

    /**
     * REQ-DOT-001 to REQ-DOT-006, REQ-PCK-001 to REQ-PCK-006: more than one tile of rows, and of inputs, with
     * remainders of both; full and part batches.
     */
    @ParameterizedTest
    @EnumSource(Format.class)
    void tilesWithRemainders(Format format) {
        assertEquals(
                Optional.empty(),
                RandomProducts.difference(
                        backend, format, 323, 6 * 64 + 1, MlirBackend.BATCH + 3, new SplittableRandom(35)));
    }

    /** REQ-PCK-005: one input, an odd number of blocks, and no padding at all. */
    @ParameterizedTest
    @EnumSource(Format.class)
    void edges(Format format) {
        for (int columns : new int[] {1, 64, 129}) {
            assertEquals(
                    Optional.empty(),
                    RandomProducts.difference(backend, format, 2, columns, 1, new SplittableRandom(columns)),
                    columns + " columns");
        }
    }

    /** REQ-DOT-002: the largest sums that a format allows, at a large K, do not overflow. */
    @Test
    void largestSums() {
        int columns = Format.G35.maxColumns();
        try (Arena arena = Arena.ofConfined()) {
            PackedMatrix matrix = RandomProducts.matrix(Format.G35, 1, columns, new SplittableRandom(1), arena);
            byte[] codes = new byte[columns];
            java.util.Arrays.fill(codes, (byte) 127);
            int[] sums = new int[1];
            try (Backend.DeviceMatrix device = backend.load(matrix)) {
                device.sums(new QuantizedToken(1, codes), sums);
            }
            assertEquals(127 * 15 * (31 + 26) * (columns / 2), sums[0]);
        }
    }

    /** A matrix on the heap is copied to the device. */
    @Test
    void heapMatrix() {
        try (Arena arena = Arena.ofConfined()) {
            PackedMatrix matrix = RandomProducts.matrix(Format.G35, 2, 64, new SplittableRandom(7), arena);
            PackedMatrix onHeap = new PackedMatrix(
                    Format.G35, 2, 64, heap(matrix.codes()), heap(matrix.subscales()), heap(matrix.scales()));
            assertEquals(Optional.empty(), RandomProducts.difference(backend, onHeap, 1, new SplittableRandom(8)));
        }
    }

    private static MemorySegment heap(MemorySegment segment) {
        return MemorySegment.ofArray(segment.toArray(ValueLayout.JAVA_BYTE));
    }

    /** REQ-QNT-001: what must be refused is refused before the device sees it. */
    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(
            floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0x1.000002p56f, -0x1.000002p56f})
    void refusesActivations(float x) {
        assertThrows(IllegalArgumentException.class, () -> backend.quantize(new float[] {0, x}));
    }

    /** REQ-FMT-004, and sizes that do not fit. */
    @Test
    void refusesMatricesAndSizes() {
        try (Arena arena = Arena.ofConfined()) {
            PackedMatrix matrix = RandomProducts.matrix(Format.U35, 2, 64, new SplittableRandom(7), arena);
            QuantizedToken token = RandomProducts.token(64, new SplittableRandom(8));
            try (Backend.DeviceMatrix device = backend.load(matrix)) {
                assertThrows(IllegalArgumentException.class, () -> device.sums(token, new int[1]));
                assertThrows(IllegalArgumentException.class, () -> device.gemv(token, new float[3]));
                assertThrows(IllegalArgumentException.class, () -> device.gemm(List.of(token), new float[2][2]));
                assertThrows(
                        IllegalArgumentException.class,
                        () -> device.gemv(RandomProducts.token(63, new SplittableRandom(8)), new float[2]));
            }
            matrix.scales().setAtIndex(ValueLayout.JAVA_FLOAT, 1, -0f);
            assertThrows(IllegalArgumentException.class, () -> backend.load(matrix));
        }
    }

    /** REQ-QNT-002, REQ-QNT-003: values that lie halfway, scales that underflow, zeros. */
    @Test
    void quantizes() {
        SplittableRandom random = new SplittableRandom(3);
        for (int trial = 0; trial < 200; trial++) {
            float[] x = activations(random);
            assertEquals(QuantizedToken.of(x), backend.quantize(x));
        }
        assertArrayEquals(new byte[0], backend.quantize(new float[0]).codes());
    }

    /** 37 activations of many magnitudes; in a third of the cases halves of the scale's multiples. */
    private static float[] activations(SplittableRandom random) {
        float[] x = new float[37];
        int exponent = random.nextInt(-149, 56);
        for (int k = 0; k < x.length; k++) {
            x[k] = Math.scalb((float) random.nextDouble(-1, 1), exponent);
        }
        if (random.nextInt(3) == 0) {
            for (int k = 0; k < x.length; k++) {
                x[k] = random.nextInt(-254, 255) / 2f;
            }
            x[0] = 127;
        }
        return x;
    }

    /** Each mistake of the generator shows in every format that it touches. */
    @ParameterizedTest
    @MethodSource("org.threehalf.backends.groq.generator.Fault#all")
    void faultsShow(Fault fault) {
        try (Backend faulty = new MlirBackend("faulty", WithMlir.compiler(), fault.generator())) {
            for (Format format : List.of(Format.INT8, Format.U35, Format.G3)) {
                if (format != Format.INT8 || !fault.ofUnpacking()) {
                    SplittableRandom random = new SplittableRandom(11);
                    assertShows(
                            fault,
                            () -> IntStream.range(0, 40)
                                    .anyMatch(trial -> RandomProducts.difference(faulty, format, 3, 131, 1, random)
                                            .isPresent()));
                }
            }
        }
    }

    /** As {@link #faultsShow}, for quantising. */
    @ParameterizedTest
    @MethodSource("org.threehalf.backends.groq.generator.Fault#ofQuantizing")
    void faultsOfQuantizingShow(Fault fault) {
        SplittableRandom random = new SplittableRandom(3);
        try (Backend faulty = new MlirBackend("faulty", WithMlir.compiler(), fault.generator())) {
            assertShows(fault, () -> {
                for (int trial = 0; trial < 200; trial++) {
                    float[] x = activations(random);
                    if (!QuantizedToken.of(x).equals(faulty.quantize(x))) {
                        return true;
                    }
                }
                return false;
            });
        }
    }

    private static void assertShows(Fault fault, java.util.function.BooleanSupplier shows) {
        assertEquals(true, shows.getAsBoolean(), () -> "nothing noticed this fault: " + fault);
    }
}
