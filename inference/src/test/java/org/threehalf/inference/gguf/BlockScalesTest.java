package org.threehalf.inference.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link BlockScales} against what the decoder makes of the same bytes. */
class BlockScalesTest {
    /** Of these a block's scales are no numbers by themselves: they are decoded. */
    private static final Set<TensorType> DECODED = EnumSet.of(TensorType.IQ1_M, TensorType.NVFP4);

    /** Random bytes, in which one of 32 blocks or so has a scale that is none: what is said to be finite is. */
    @ParameterizedTest
    @EnumSource
    void whatIsSaidToBeFiniteIs(TensorType type) {
        byte[] block = new byte[type.blockBytes()];
        if (!type.isDecodable()) {
            assertTrue(!BlockScales.areFinite(type, MemorySegment.ofArray(block)));
            return;
        }
        Random random = new Random(7);
        float[] values = new float[type.blockElements()];
        int finite = 0;
        int wrong = 0;
        for (int turn = 0; turn < 20_000; turn++) {
            random.nextBytes(block);
            if (turn % 4 == 0 && block.length > 1) {
                // A number of all ones, at each place where a scale can be.
                int at = random.nextInt(block.length - 1);
                block[at] = (byte) 0xff;
                block[at + 1] = (byte) (turn % 8 == 0 ? 0xff : 0x7c);
            }
            type.decode(block, 0, 1, values, 0);
            boolean all = true;
            for (float value : values) {
                all &= Float.isFinite(value);
            }
            boolean said = BlockScales.areFinite(type, MemorySegment.ofArray(block));
            assertTrue(all || !said, "turn " + turn);
            finite += said ? 1 : 0;
            wrong += all ? 0 : 1;
        }
        assertEquals(DECODED.contains(type), finite == 0, "blocks that are said to be finite: " + finite);
        // The scales of NVFP4 have no code for what is no number.
        assertEquals(type != TensorType.NVFP4, wrong > 50, "blocks that are not finite: " + wrong);
    }

    /** The second of two blocks counts as the first does. */
    @ParameterizedTest
    @EnumSource
    void everyBlockIsLookedAt(TensorType type) {
        if (!type.isDecodable() || DECODED.contains(type)) {
            return;
        }
        byte[] blocks = new byte[2 * type.blockBytes()];
        assertTrue(BlockScales.areFinite(type, MemorySegment.ofArray(blocks)));
        for (int at = type.blockBytes(); at < blocks.length; at++) {
            blocks[at] = (byte) 0xff;
        }
        assertTrue(!BlockScales.areFinite(type, MemorySegment.ofArray(blocks)));
    }
}
