package org.threehalf.backends.cuda;

import java.util.Objects;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.cuda.EmulatedDevice.Order;
import org.threehalf.kernels.format.Format;

/**
 * The kernels of {@code products.cu}, on the emulated device, give the bits of the reference on random matrices of any bytes and random tokens
 * (REQ-DOT-001 to REQ-DOT-006, REQ-QNT-001 to REQ-QNT-003, REQ-PCK-001 to REQ-PCK-006).
 */
class ProductsTest {

    private static @Nullable CudaBackend backend;

    @BeforeContainer
    static void open() {
        backend = Emulation.backend(Order.FORWARD);
    }

    @AfterContainer
    static void close() {
        if (backend != null) {
            backend.close();
        }
    }

    private static CudaBackend in(Order order) {
        CudaBackend open = Objects.requireNonNull(backend);
        ((EmulatedDevice) open.device()).setOrder(order);
        return open;
    }

    @Property(tries = 400)
    void productsEqualTheReference(
            @ForAll Format format,
            @ForAll @IntRange(min = 1, max = 70) int rows,
            @ForAll @IntRange(min = 1, max = 700) int columns,
            @ForAll @IntRange(min = 1, max = 40) int tokens,
            @ForAll long seed,
            @ForAll Order order) {
        Comparison.products(in(order), format, rows, columns, tokens, new SplittableRandom(seed));
    }

    @Property(tries = 200)
    void quantisingEqualsTheReference(@ForAll @IntRange(min = 1, max = 3000) int columns, @ForAll long seed, @ForAll Order order) {
        Comparison.quantising(in(order), columns, new SplittableRandom(seed));
        Comparison.quantisingOnTheDevice(in(order).device(), columns, 3, new SplittableRandom(seed));
    }
}
