package org.threehalf.kernels.format;

import java.util.Arrays;

/**
 * How a format turns the bytes of blocks into codes and codes into integers, and back. An integer may depend on the
 * codes of other inputs of its block, never on another block.
 *
 * <p>Codes are held one a byte, in the order of the inputs. Has no state. {@link org.threehalf.kernels.BlockCodecs}
 * gives the one of each format.
 */
public interface BlockCodec {

    /**
     * Packs the codes of a row (REQ-PCK-001, REQ-PCK-005, REQ-PCK-009).
     *
     * @param codes {@code 64 * blocks} codes, those of inputs past K as 0
     * @param blocks B
     * @param packed where the {@code blocks} · {@link FormatTraits#blockBytes} bytes go, from index 0
     */
    void pack(byte[] codes, int blocks, byte[] packed);

    /**
     * The inverse of {@link #pack} (REQ-PCK-008); what the bytes hold for inputs past K is the caller's to drop.
     *
     * @param packed the row's packed codes
     * @param blocks B
     * @param codes where {@code 64 * blocks} codes go
     */
    void unpack(byte[] packed, int blocks, byte[] codes);

    /**
     * The integer that each input's table gives, before its sub-scale (REQ-FMT-006, REQ-FMT-009).
     *
     * @param codes one an input, K in all; inputs past K count as codes of 0
     * @param integers where K integers in [−128, 127] go
     */
    void integers(byte[] codes, byte[] integers);

    /**
     * The integers of a packed row: {@link #unpack}, then {@link #integers} of the codes below K.
     *
     * @param packed the row's packed codes
     * @param integers where K integers in [−128, 127] go
     */
    default void packedIntegers(byte[] packed, byte[] integers) {
        int blocks = Format.blocks(integers.length);
        byte[] codes = new byte[blocks * Format.BLOCK];
        unpack(packed, blocks, codes);
        integers(Arrays.copyOf(codes, integers.length), integers);
    }
}
