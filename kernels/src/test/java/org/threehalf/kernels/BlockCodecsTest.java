package org.threehalf.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.kernels.format.BlockCodec;
import org.threehalf.kernels.format.Format;

class BlockCodecsTest {

    /**
     * REQ-FMT-009, REQ-PCK-005, REQ-PCK-009: reading integers from any bytes is unpacking them, by the reference
     * kernels, and looking the codes below K up.
     */
    @ParameterizedTest
    @EnumSource
    void packedIntegersAreThoseOfTheCodes(Format format) {
        SplittableRandom random = new SplittableRandom(format.ordinal());
        BlockCodec codec = BlockCodecs.of(format);
        for (int columns : new int[] {1, 2, 3, 17, 62, 63, 64, 65, 127, 128, 129, 640, 1000}) {
            byte[] packed = new byte[Format.blocks(columns) * format.traits().blockBytes()];
            for (int trial = 0; trial < 20; trial++) {
                random.nextBytes(packed);
                byte[] codes = new byte[Format.blocks(columns) * Format.BLOCK];
                codec.unpack(packed, Format.blocks(columns), codes);
                byte[] expected = new byte[columns];
                codec.integers(Arrays.copyOf(codes, columns), expected);
                byte[] integers = new byte[columns];
                codec.packedIntegers(packed, integers);
                assertArrayEquals(expected, integers, format + " " + columns);
            }
        }
    }
}
