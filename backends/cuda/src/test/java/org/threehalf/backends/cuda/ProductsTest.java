package org.threehalf.backends.cuda;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.threehalf.backends.cuda.EmulatedDevice.Order;
import org.threehalf.kernels.format.Format;

/**
 * The kernels of {@code products.cu}, on the emulated device, give the bits of the reference on random matrices of any
 * bytes and random tokens (REQ-DOT-001 to REQ-DOT-006, REQ-QNT-001 to REQ-QNT-003, REQ-PCK-001 to REQ-PCK-006).
 */
@AddLifecycleHook(OnEmulatedDevice.class)
class ProductsTest {
    @Property(tries = 400)
    void productsEqualTheReference(
            @ForAll Format format,
            @ForAll @IntRange(min = 1, max = 70) int rows,
            @ForAll @IntRange(min = 1, max = 700) int columns,
            @ForAll @IntRange(min = 1, max = 40) int tokens,
            @ForAll long seed,
            @ForAll Order order,
            SharedBackend backend) {
        Comparison.products(backend.in(order), format, rows, columns, tokens, new SplittableRandom(seed));
    }

    @Property(tries = 200)
    void quantisingEqualsTheReference(
            @ForAll @IntRange(min = 1, max = 3000) int columns,
            @ForAll long seed,
            @ForAll Order order,
            SharedBackend backend) {
        Comparison.quantising(backend.in(order), columns, new SplittableRandom(seed));
        Comparison.quantisingOnTheDevice(backend.in(order).device(), columns, 3, new SplittableRandom(seed));
    }
}
