package org.threehalf.kernels.product;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.threehalf.kernels.lut.LutKernel;
import org.threehalf.kernels.simd.SimdKernel;

/**
 * Which widths of the Vector API's vectors the processor has. At a wider one every operation makes objects, and takes a
 * thousand times as long: tests look at a few small cases there, and say NOT CHECKED of the others.
 */
public final class VectorWidths {

    /** Every width that the code can be asked for. */
    public static final List<Integer> ALL = List.of(128, 256, 512);

    private VectorWidths() {}

    /** The widest that the processor has, as far as Java may use it ({@code -XX:UseAVX}). */
    public static int widest() {
        return SimdKernel.widest().bits();
    }

    /** Those that the processor has. */
    public static List<Integer> ofTheProcessor() {
        return ALL.stream().filter(bits -> bits <= widest()).toList();
    }

    /** Every kernel of this module, {@code simd} once for each width. */
    public static List<ProductKernel> kernels(List<Integer> widths) {
        return Stream.concat(
                        Stream.of(new ReferenceKernel(), new LutKernel()),
                        widths.stream().map(SimdKernel::new))
                .toList();
    }

    /** Ends the test as NOT CHECKED if the width is none of the processor's. */
    public static void require(int bits) {
        Assumptions.assumeTrue(
                bits <= widest(),
                "NOT CHECKED: vectors of %d bits: this processor, as Java uses it, has at most %d"
                        .formatted(bits, widest()));
    }

    /** As {@link #require(int)}, of the width of a kernel that has one. */
    public static void require(ProductKernel kernel) {
        if (kernel instanceof SimdKernel simd) {
            require(simd.bits());
        }
    }
}
