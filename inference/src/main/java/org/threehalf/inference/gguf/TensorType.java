package org.threehalf.inference.gguf;

import org.jspecify.annotations.Nullable;

/**
 * The tensor types of GGUF, with their sizes and, for those that ThreeHalf reads, the decoder to binary32.
 *
 * <p>A tensor's elements are stored in blocks of so many elements and bytes; the number is the type's in files. Source
 * of numbers and sizes: {@code ggml_type} of the ggml project.
 */
public enum TensorType {
    /** binary32. */
    F32(0, 1, 4, BlockDecoder.F32),
    /** binary16. */
    F16(1, 1, 2, BlockDecoder.F16),
    /** A binary16 scale and 4-bit codes: 4.5 bits a weight. */
    Q4_0(2, 32, 2 + 16, BlockDecoder.Q4_0),
    /** A binary16 scale, a binary16 minimum and 4-bit codes: 5 bits a weight. */
    Q4_1(3, 32, 2 + 2 + 16, BlockDecoder.Q4_1),
    /** A binary16 scale and 5-bit codes: 5.5 bits a weight. */
    Q5_0(6, 32, 2 + 4 + 16, BlockDecoder.Q5_0),
    /** A binary16 scale, a binary16 minimum and 5-bit codes: 6 bits a weight. */
    Q5_1(7, 32, 2 + 2 + 4 + 16, BlockDecoder.Q5_1),
    /** A binary16 scale and 8-bit codes: 8.5 bits a weight. */
    Q8_0(8, 32, 2 + 32, BlockDecoder.Q8_0),
    /** Sizes only. */
    Q8_1(9, 32, 4 + 4 + 32, null),
    /** 16 sub-blocks of 2-bit codes with 4-bit scales and minima: 2.625 bits a weight. */
    Q2_K(10, 256, 16 + 64 + 2 + 2, BlockDecoder.Q2_K),
    /** 16 sub-blocks of 3-bit codes with 6-bit scales: 3.4375 bits a weight. */
    Q3_K(11, 256, 32 + 64 + 12 + 2, BlockDecoder.Q3_K),
    /** 8 sub-blocks of 4-bit codes with 6-bit scales and minima: 4.5 bits a weight. */
    Q4_K(12, 256, 2 + 2 + 12 + 128, BlockDecoder.Q4_K),
    /** 8 sub-blocks of 5-bit codes with 6-bit scales and minima: 5.5 bits a weight. */
    Q5_K(13, 256, 2 + 2 + 12 + 32 + 128, BlockDecoder.Q5_K),
    /** 16 sub-blocks of 6-bit codes with 8-bit scales: 6.5625 bits a weight. */
    Q6_K(14, 256, 128 + 64 + 16 + 2, BlockDecoder.Q6_K),
    /** Sizes only. */
    Q8_K(15, 256, 4 + 256 + 32, null),
    /** Rows of 8 from a table of 256, signs, 4-bit scales: 2.0625 bits a weight. */
    IQ2_XXS(16, 256, 2 + 64, CodebookDecoders.IQ2_XXS),
    /** Rows of 8 from a table of 512, signs, 4-bit scales: 2.3125 bits a weight. */
    IQ2_XS(17, 256, 2 + 64 + 8, CodebookDecoders.IQ2_XS),
    /** Rows of 4 from a table of 256, signs, 4-bit scales: 3.0625 bits a weight. */
    IQ3_XXS(18, 256, 2 + 64 + 32, CodebookDecoders.IQ3_XXS),
    /** Rows of 8 from a table of 2,048, 3-bit scales: 1.5625 bits a weight. */
    IQ1_S(19, 256, 2 + 32 + 16, CodebookDecoders.IQ1_S),
    /** A binary16 scale and codes of 16 fixed numbers: 4.5 bits a weight. */
    IQ4_NL(20, 32, 2 + 16, CodebookDecoders.IQ4_NL),
    /** Rows of 4 from a table of 512, signs, 4-bit scales: 3.4375 bits a weight. */
    IQ3_S(21, 256, 2 + 64 + 32 + 8 + 4, CodebookDecoders.IQ3_S),
    /** Rows of 8 from a table of 1,024, signs, 4-bit scales: 2.5625 bits a weight. */
    IQ2_S(22, 256, 2 + 64 + 16, CodebookDecoders.IQ2_S),
    /** 8 sub-blocks of codes of 16 fixed numbers with 6-bit scales: 4.25 bits a weight. */
    IQ4_XS(23, 256, 2 + 2 + 128 + 4, CodebookDecoders.IQ4_XS),
    /** Signed bytes; what ThreeHalf's packed codes are stored as (REQ-GGF-001). */
    I8(24, 1, 1, null),
    /** Signed, 16 bits. */
    I16(25, 1, 2, null),
    /** Signed, 32 bits. */
    I32(26, 1, 4, null),
    /** Signed, 64 bits. */
    I64(27, 1, 8, null),
    /** binary64. */
    F64(28, 1, 8, null),
    /** Rows of 8 from a table of 2,048, 3-bit scales a sub-block of 16: 1.75 bits a weight. */
    IQ1_M(29, 256, 32 + 16 + 8, CodebookDecoders.IQ1_M),
    /** The upper half of a binary32. */
    BF16(30, 1, 2, BlockDecoder.BF16),
    /** Ternary digits, five a byte: 1.6875 bits a weight. */
    TQ1_0(34, 256, 2 + 4 * 13, CodebookDecoders.TQ1_0),
    /** Ternary digits in 2 bits: 2.0625 bits a weight. */
    TQ2_0(35, 256, 2 + 64, CodebookDecoders.TQ2_0),
    /** An 8-bit exponent and numbers of 4 bits: 4.25 bits a weight. */
    MXFP4(39, 32, 1 + 16, CodebookDecoders.MXFP4),
    /** 4 sub-blocks of numbers of 4 bits with 8-bit scales: 4.5 bits a weight. */
    NVFP4(40, 64, 4 + 32, CodebookDecoders.NVFP4),
    /** Sizes only. */
    Q1_0(41, 128, 2 + 16, null);

    private static final TensorType[] BY_ID = new TensorType[64];

    static {
        for (TensorType type : values()) {
            BY_ID[type.id] = type;
        }
    }

    private final int id;
    private final int blockElements;
    private final int blockBytes;
    private final @Nullable BlockDecoder decoder;

    TensorType(int id, int blockElements, int blockBytes, @Nullable BlockDecoder decoder) {
        this.id = id;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.decoder = decoder;
    }

    /** The type's number in files. */
    public int id() {
        return id;
    }

    /** Elements a block: 1, 32, 64, 128 or 256. */
    public int blockElements() {
        return blockElements;
    }

    /** Bytes a block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Bits an element, with the block's scales counted. */
    public double bitsPerElement() {
        return 8.0 * blockBytes / blockElements;
    }

    /** Whether {@link #decode} can decode it. */
    public boolean isDecodable() {
        return decoder != null;
    }

    /** Bytes of so many elements, a multiple of {@link #blockElements}. */
    public long bytes(long elements) {
        return Math.multiplyExact(elements / blockElements, (long) blockBytes);
    }

    /**
     * Decodes blocks to binary32: the same bits as ggml's {@code dequantize_row} and as the Python package
     * {@code gguf}. NaNs stay NaNs, but a signalling binary16 NaN may become a quiet one.
     *
     * @param source packed blocks
     * @param from index of the first block's first byte
     * @param blocks the number of blocks
     * @param values where the {@code blocks * blockElements()} values go
     * @param at index of the first value
     * @throws IllegalStateException if the type is not {@link #isDecodable}
     */
    public void decode(byte[] source, int from, int blocks, float[] values, int at) {
        if (decoder == null) {
            throw new IllegalStateException("tensors of type " + this + " cannot be decoded");
        }
        for (int b = 0; b < blocks; b++) {
            decoder.decode(source, from + b * blockBytes, values, at + b * blockElements);
        }
    }

    /** The type of a number, or null if there is none. */
    static @Nullable TensorType ofId(int id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
    }
}
