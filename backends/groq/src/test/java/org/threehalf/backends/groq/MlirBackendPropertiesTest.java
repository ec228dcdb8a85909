package org.threehalf.backends.groq;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.groq.generator.ProductGenerator;
import org.threehalf.backends.groq.toolchain.MlirTools;
import org.threehalf.backends.spi.Backend;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;

/**
 * {@code groq-mlir} equals the reference on random contents. Shapes are few, since each is compiled;
 * {@link MlirBackendTest} has those at the edges.
 */
@AddLifecycleHook(WithMlir.class)
class MlirBackendPropertiesTest {

    private static final int[][] SHAPES = {{5, 61}, {3, 200}};

    private static @Nullable Backend backend;

    @BeforeContainer
    static void open() {
        try {
            MlirTools.find();
        } catch (IllegalStateException missing) {
            return;
        }
        backend = new MlirBackend("groq-mlir", WithMlir.compiler(), new ProductGenerator());
    }

    @AfterContainer
    static void close() {
        if (backend != null) {
            backend.close();
        }
    }

    private static Backend backend() {
        return java.util.Objects.requireNonNull(backend);
    }

    /** REQ-DOT-001 to REQ-DOT-004, REQ-PCK-001 to REQ-PCK-006. */
    @Property(tries = 300)
    void gemv(@ForAll Format format, @ForAll @IntRange(max = 1) int shape, @ForAll long seed) {
        assertEquals(
                Optional.empty(),
                RandomProducts.difference(
                        backend(), format, SHAPES[shape][0], SHAPES[shape][1], 1, new SplittableRandom(seed)));
    }

    /** REQ-DOT-006. */
    @Property(tries = 150)
    void gemm(@ForAll Format format, @ForAll @IntRange(min = 2, max = 19) int tokens, @ForAll long seed) {
        assertEquals(
                Optional.empty(),
                RandomProducts.difference(
                        backend(), format, SHAPES[0][0], SHAPES[0][1], tokens, new SplittableRandom(seed)));
    }

    /** REQ-QNT-002, REQ-QNT-003: any binary32 in range. */
    @Property(tries = 500)
    void quantize(@ForAll @IntRange(min = -149, max = 55) int exponent, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] x = new float[29];
        for (int k = 0; k < x.length; k++) {
            x[k] = Math.scalb((float) random.nextDouble(-1, 1), exponent - random.nextInt(8));
        }
        assertEquals(QuantizedToken.of(x), backend().quantize(x));
    }
}
