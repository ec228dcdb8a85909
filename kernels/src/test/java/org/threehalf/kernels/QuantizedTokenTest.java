package org.threehalf.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.Numbers.Activations;
import org.threehalf.kernels.reference.ActivationQuantizer;

class QuantizedTokenTest {

    /** REQ-QNT-002, REQ-QNT-003: scale and codes are those of the kernel. */
    @Property(tries = 300)
    void isWhatTheKernelMakes(@ForAll Activations activations) {
        float scale = ActivationQuantizer.scale(activations.values());
        byte[] codes = new byte[activations.values().length];
        ActivationQuantizer.quantize(activations.values(), scale, codes);
        assertEquals(new QuantizedToken(scale, codes), QuantizedToken.of(activations.values()));
        assertEquals(codes.length, QuantizedToken.of(activations.values()).columns());
    }

    /** REQ-QNT-001, REQ-QNT-004. */
    @Test
    void whatIsOutsideItsRangeIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> QuantizedToken.of(new float[] {Float.NaN}));
        for (float scale : new float[] {-0.0f, -1, Float.NaN, Float.POSITIVE_INFINITY, Math.nextUp(0x1p50f)}) {
            assertThrows(
                    IllegalArgumentException.class, () -> new QuantizedToken(scale, new byte[1]), () -> "" + scale);
        }
        assertThrows(IllegalArgumentException.class, () -> new QuantizedToken(1, new byte[] {0, -128}));
        assertEquals(2, new QuantizedToken(0x1p50f, new byte[] {127, -127}).columns());
    }

    @Test
    void equalityIsOfBits() {
        QuantizedToken token = new QuantizedToken(1, new byte[] {1, 2});
        assertEquals(token, new QuantizedToken(1, new byte[] {1, 2}));
        assertEquals(token.hashCode(), new QuantizedToken(1, new byte[] {1, 2}).hashCode());
        assertNotEquals(token, new QuantizedToken(Math.nextUp(1f), new byte[] {1, 2}));
        assertNotEquals(token, new QuantizedToken(1, new byte[] {1, 3}));
        assertEquals("QuantizedToken[scale=1.0, codes=[1, 2]]", token.toString());
    }
}
