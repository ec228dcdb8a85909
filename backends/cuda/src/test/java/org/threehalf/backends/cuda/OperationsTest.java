package org.threehalf.backends.cuda;

import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.threehalf.backends.cuda.EmulatedDevice.Order;
import org.threehalf.kernels.transformer.Rotation;

/**
 * The kernels of {@code transformer.cu}, on the emulated device, give the bits of the reference operations (REQ-OPS-001
 * to REQ-OPS-010, REQ-ROP-005, REQ-ATT-002 to REQ-ATT-005, REQ-SMP-002).
 */
@AddLifecycleHook(OnEmulatedDevice.class)
class OperationsTest {
    private static OperationsComparison operations(SharedBackend backend, Order order) {
        return new OperationsComparison(backend.in(order).operations());
    }

    /** A million numbers spread over all finite binary32, both signs, subnormals among them. */
    @Example
    void functionsOverTheWholeRange(SharedBackend backend) {
        operations(backend, Order.FORWARD).functions(4_099);
        Checks.passed("emulation: silu, gelu, tanh on every 4,099th finite binary32", "equal to the reference");
    }

    @Property(tries = 20)
    void functionsInTheirCurvedRange(@ForAll long seed, @ForAll Order order, SharedBackend backend) {
        operations(backend, order).functionsNearZero(20_000, new SplittableRandom(seed));
        operations(backend, order).exponentials(33, new SplittableRandom(seed));
    }

    @Property(tries = 100)
    void mostLikely(
            @ForAll @IntRange(min = 1, max = 3000) int vocabulary,
            @ForAll long seed,
            @ForAll Order order,
            SharedBackend backend) {
        Comparison.mostLikely(backend.in(order).device(), vocabulary, new SplittableRandom(seed));
    }

    @Property(tries = 150)
    void dotAndNorm(
            @ForAll @IntRange(min = 1, max = 5000) int n,
            @ForAll long seed,
            @ForAll Order order,
            SharedBackend backend) {
        operations(backend, order).dotAndNorm(n, new SplittableRandom(seed));
    }

    @Property(tries = 100)
    void elementByElement(
            @ForAll @IntRange(min = 1, max = 1500) int n,
            @ForAll long seed,
            @ForAll Order order,
            SharedBackend backend) {
        operations(backend, order).elementByElement(n, new SplittableRandom(seed));
    }

    @Property(tries = 100)
    void rotation(
            @ForAll @IntRange(min = 1, max = 130) int pairs,
            @ForAll Rotation.Layout layout,
            @ForAll long seed,
            @ForAll Order order,
            SharedBackend backend) {
        operations(backend, order).rotation(pairs, layout, new SplittableRandom(seed));
    }

    @Property(tries = 100)
    void attention(
            @ForAll @IntRange(min = 1, max = 140) int size,
            @ForAll @IntRange(min = 0, max = 300) int last,
            @ForAll boolean capped,
            @ForAll long seed,
            @ForAll Order order,
            SharedBackend backend) {
        operations(backend, order).attention(size, last, capped, new SplittableRandom(seed));
    }
}
