package org.threehalf.kernels.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The contracts of {@link SplitProduct}, run through where the domain is small (REQ-DOT-002, REQ-DOT-003). */
class SplitProductTest {

    @Test
    void everyProductSplitsAndComesBack() {
        for (int product = -7_874; product <= 7_874; product++) {
            int low = SplitProduct.low(product);
            int high = SplitProduct.high(product);
            assertTrue(0 <= low && low <= 127 && 2 <= high && high <= 125);
            assertEquals(product, 128 * high + low - SplitProduct.BIAS);
        }
    }

    @Test
    void productsStayInTheirRange() {
        assertEquals(7_874, SplitProduct.product(127, 31, 127, 31));
        assertEquals(-7_874, SplitProduct.product(-127, 31, 127, -31));
    }

    @Property(tries = 2_000)
    void evenSumComesBack(@ForAll @IntRange(max = 8_128) int even, @ForAll @IntRange(max = 8_128) int odd) {
        assertEquals(even, SplitProduct.evenAgain(even, odd));
    }

    /** A seeded fault: signed bytes would not come back, since a negative one borrows from its neighbour. */
    @Test
    void signedBytesWouldBorrow() {
        int even = -1;
        int odd = 5;
        int lane = (even & 0xff) + 256 * odd;
        assertNotEquals(even, lane - 256 * odd);
    }
}
