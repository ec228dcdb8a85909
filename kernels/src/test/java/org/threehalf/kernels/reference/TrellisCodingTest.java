package org.threehalf.kernels.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;

class TrellisCodingTest {

    private static final Format[] FORMATS = {Format.T4, Format.T35, Format.T3};

    /** The block as one number: the string of REQ-FMT-009, code by code. */
    private static BigInteger string(FormatTraits traits, byte[] codes) {
        BigInteger string = BigInteger.ZERO;
        for (int i = 0; i < 64; i++) {
            string = string.add(
                    BigInteger.valueOf(codes[i]).shiftLeft(traits.pairBits() * (i / 2) + traits.evenBits() * (i % 2)));
        }
        return string;
    }

    private static byte[] codes(FormatTraits traits, SplittableRandom random) {
        byte[] codes = new byte[64];
        for (int i = 0; i < 64; i++) {
            codes[i] = (byte) random.nextInt(1 << traits.codeBits(i));
        }
        return codes;
    }

    /** REQ-PCK-009: the bytes are the string's, the lowest first; every block of bytes comes back. */
    @Property(tries = 200)
    void aBlockIsItsString(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (Format format : FORMATS) {
            FormatTraits traits = format.traits();
            byte[] codes = codes(traits, random);
            byte[] packed = new byte[traits.blockBytes()];
            TrellisCoding.pack(traits.evenBits(), traits.oddBits(), codes, 0, packed, 0);
            BigInteger number = BigInteger.ZERO;
            for (int j = 0; j < packed.length; j++) {
                number = number.add(BigInteger.valueOf(packed[j] & 0xff).shiftLeft(8 * j));
            }
            assertEquals(string(traits, codes), number);
            random.nextBytes(packed);
            byte[] again = new byte[packed.length];
            TrellisCoding.unpack(traits.evenBits(), traits.oddBits(), packed, 0, codes, 0);
            TrellisCoding.pack(traits.evenBits(), traits.oddBits(), codes, 0, again, 0);
            assertArrayEquals(packed, again);
        }
    }

    /**
     * REQ-FMT-009: the window is eight bits of the string, which goes round; and a string that does not, or one that is
     * read a bit further on, gives other windows.
     */
    @Property(tries = 200)
    void aWindowIsEightBitsOfTheString(@ForAll long seed) {
        for (Format format : FORMATS) {
            FormatTraits traits = format.traits();
            byte[] codes = codes(traits, new SplittableRandom(seed));
            BigInteger once = string(traits, codes);
            BigInteger twice = once.add(once.shiftLeft(32 * traits.pairBits()));
            int offByOne = 0;
            int unclosed = 0;
            for (int i = 0; i < 64; i++) {
                int from = traits.pairBits() * (i / 2) + traits.evenBits() * (i % 2);
                int window = TrellisCoding.window(traits.evenBits(), traits.oddBits(), codes, 0, i);
                assertEquals(twice.shiftRight(from).intValue() & 0xff, window, "input " + i);
                offByOne += (twice.shiftRight(from + 1).intValue() & 0xff) == window ? 0 : 1;
                unclosed += (once.shiftRight(from).intValue() & 0xff) == window ? 0 : 1;
            }
            assertNotEquals(0, offByOne);
            assertEquals(0, unclosed & ~3, "only the last two windows go round");
        }
    }

    /**
     * REQ-FMT-010: the table is the rule's, and its entries are the quantiles of the standard normal distribution,
     * found here by bisection.
     */
    @Test
    void theTableHoldsGaussianQuantiles() {
        int[] quantiles = new int[256];
        for (int q = 0; q < 256; q++) {
            double low = -10;
            double high = 10;
            for (int i = 0; i < 100; i++) {
                double middle = (low + high) / 2;
                boolean below = normal(middle) < (q + 0.5) / 256;
                low = below ? middle : low;
                high = below ? high : middle;
            }
            quantiles[q] = (int) Math.copySign(Math.floor(Math.abs(8 * low) + 0.5), low);
        }
        int[] expected = new int[256];
        for (int window = 0; window < 256; window++) {
            expected[window] = quantiles[(97 * window + 48) % 256];
            assertEquals(-Codebook.TW.value(window), Codebook.TW.value(255 - window));
        }
        assertArrayEquals(
                expected,
                java.util.stream.IntStream.range(0, 256).map(Codebook.TW::value).toArray());
        assertEquals(23, Codebook.TW.maxMagnitude());
    }

    /** The windows that can follow a window lie in different eighths or sixteenths of the quantiles. */
    @Test
    void successorsSpreadEvenly() {
        for (int bits : new int[] {3, 4}) {
            for (int window = 0; window < 256; window++) {
                boolean[] after = new boolean[1 << bits];
                for (int code = 0; code < 1 << bits; code++) {
                    after[(97 * (window >> bits | code << 8 - bits) + 48 & 255) >> 8 - bits] = true;
                }
                for (boolean taken : after) {
                    assertTrue(taken);
                }
            }
        }
    }

    /** Φ by the series of its integral. */
    private static double normal(double x) {
        double term = x;
        double sum = x;
        for (int n = 3; n < 500; n += 2) {
            term *= x * x / n;
            sum += term;
        }
        return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }
}
