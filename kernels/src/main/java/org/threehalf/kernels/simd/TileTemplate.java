package org.threehalf.kernels.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.BITWISE_BLEND;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.constant.ConstantDescs;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner kernels of products with several tokens, as a template like {@link BlockTemplate}.
 *
 * <p>With several tokens the weights are read once and used often, so they are expanded to int16 once, and multiplied
 * with a broadcast activation: rows in lanes, two vectors of rows by four tokens in registers. There is no
 * multiplication of bytes in the Vector API, so 32 products of 16 bits in 512 are what a machine does at a time.
 *
 * <p><b>Widths.</b> Products are summed in int16 as long as they fit: 127·31·8 = 31,496 for eight in the G formats,
 * 127·8·32 = 32,512 for 32 in the U formats, 127·128·2 = 32,512 for two in INT8. With a bias of 2¹⁵ such a sum lies in
 * 0 … 65,535; the low halves of int32 lanes are summed together with 2¹⁶ times the high ones, modulo 2³², and taken out
 * at the end of the block. A block's sum, times m, and the sums over blocks are partial sums of REQ-DOT-002, exact in
 * int32.
 */
final class TileTemplate implements TileKernel {

    private static final BlockShape SHAPE = shape();
    private static final VectorSpecies<Byte> B = VectorSpecies.of(byte.class, VectorShape.forBitSize(SHAPE.bits()));
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class, VectorShape.forBitSize(SHAPE.bits()));
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, VectorShape.forBitSize(SHAPE.bits()));
    private static final VectorSpecies<Long> J = VectorSpecies.of(long.class, VectorShape.forBitSize(SHAPE.bits()));

    /** Lanes of bytes, L. */
    private static final int L = SHAPE.bits() / 8;

    private static final int SHORTS = L / 2;
    private static final int INTS = L / 4;

    private static final boolean BYTE = SHAPE.layout() == InterleavedLayout.BYTE;
    private static final boolean NIBBLE = SHAPE.layout() == InterleavedLayout.NIBBLE;
    private static final boolean PAIR7 = SHAPE.layout() == InterleavedLayout.PAIR7;
    private static final boolean SUBSCALES = SHAPE.subscales();

    // As in BlockTemplate.
    private static final int RUN = PAIR7 ? 7 : NIBBLE ? 1 : 3;
    private static final int TOP_BITS = PAIR7 ? 1 : 2;
    private static final long TOP = PAIR7 ? 0x8080808080808080L : 0xc0c0c0c0c0c0c0c0L;
    private static final int ODD_SHIFT = SHAPE.layout() == InterleavedLayout.PAIR6 ? 3 : 4;

    private static final byte[] EVEN_TABLE = SHAPE.evenTable();
    private static final byte[] ODD_TABLE = SHAPE.oddTable();

    /** Products that fit int16. */
    private static final int FIT = BYTE ? 2 : SUBSCALES ? 8 : 32;

    private static final short BIAS = Short.MIN_VALUE;
    /** The biases of a block, and what the sums start from, so that they end without. */
    private static final int BLOCK_BIAS = 64 / FIT << 15;

    private static final int LOW_START = -BLOCK_BIAS - (BLOCK_BIAS << 16);
    private static final int HIGH_START = -BLOCK_BIAS;

    TileTemplate() {}

    private static BlockShape shape() {
        try {
            return MethodHandles.classData(MethodHandles.lookup(), ConstantDescs.DEFAULT_NAME, BlockShape.class);
        } catch (IllegalAccessException e) {
            throw new AssertionError("a class may read its own data", e);
        }
    }

    @Override
    public void expand(
            MemorySegment codes,
            long tile,
            MemorySegment subscales,
            long subscalesAt,
            int shift,
            short[] weights,
            int[] m) {
        if (BYTE) {
            expandBytes(codes, tile, weights);
        } else if (NIBBLE) {
            expandNibbles(codes, tile, weights);
        } else {
            expandPairs(codes, tile, weights);
        }
        if (SUBSCALES) {
            IntVector v = ByteVector.fromMemorySegment(B, subscales, subscalesAt, LITTLE_ENDIAN)
                    .reinterpretAsInts()
                    .lanewise(LSHR, shift);
            v.and(15).intoArray(m, 0);
            v.lanewise(LSHR, 8).and(15).intoArray(m, INTS);
            v.lanewise(LSHR, 16).and(15).intoArray(m, 2 * INTS);
            v.lanewise(LSHR, 24).and(15).intoArray(m, 3 * INTS);
        }
    }

    private static void expandBytes(MemorySegment codes, long tile, short[] weights) {
        for (int k = 0; k < 64; k++) {
            ShortVector v = ByteVector.fromMemorySegment(B, codes, tile + k * L, LITTLE_ENDIAN)
                    .reinterpretAsShorts();
            v.lanewise(LSHL, 8).lanewise(ASHR, 8).intoArray(weights, k * L);
            v.lanewise(ASHR, 8).intoArray(weights, k * L + SHORTS);
        }
    }

    // Bits above a code fall out, since the tables' entries repeat.
    private static void expandNibbles(MemorySegment codes, long tile, short[] weights) {
        ByteVector evenTable = ByteVector.fromArray(B, EVEN_TABLE, 0);
        ByteVector oddTable = ByteVector.fromArray(B, ODD_TABLE, 0);
        for (int pair = 0; pair < 32; pair++) {
            ByteVector v = ByteVector.fromMemorySegment(B, codes, tile + pair * L, LITTLE_ENDIAN);
            ShortVector even = v.selectFrom(evenTable).reinterpretAsShorts();
            ShortVector odd = v.reinterpretAsLongs()
                    .lanewise(LSHR, ODD_SHIFT)
                    .reinterpretAsBytes()
                    .selectFrom(oddTable)
                    .reinterpretAsShorts();
            int at = pair * 2 * L;
            even.lanewise(LSHL, 8).lanewise(ASHR, 8).intoArray(weights, at);
            even.lanewise(ASHR, 8).intoArray(weights, at + SHORTS);
            odd.lanewise(LSHL, 8).lanewise(ASHR, 8).intoArray(weights, at + L);
            odd.lanewise(ASHR, 8).intoArray(weights, at + L + SHORTS);
        }
    }

    private static void expandPairs(MemorySegment codes, long tile, short[] weights) {
        ByteVector evenTable = ByteVector.fromArray(B, EVEN_TABLE, 0);
        ByteVector oddTable = ByteVector.fromArray(B, ODD_TABLE, 0);
        long from = tile;
        int at = 0;
        for (int run = 0; run < 32 / (RUN + 1); run++) {
            LongVector top = LongVector.zero(J);
            // The turn after the last vector takes the pair that was gathered from top bits.
            for (int j = 0; j <= RUN; j++) {
                LongVector v = top;
                if (j < RUN) {
                    v = ByteVector.fromMemorySegment(B, codes, from, LITTLE_ENDIAN)
                            .reinterpretAsLongs();
                    top = top.lanewise(BITWISE_BLEND, v, TOP).lanewise(LSHR, TOP_BITS);
                    from += L;
                }
                ShortVector even = v.reinterpretAsBytes().selectFrom(evenTable).reinterpretAsShorts();
                ShortVector odd = v.lanewise(LSHR, ODD_SHIFT)
                        .reinterpretAsBytes()
                        .selectFrom(oddTable)
                        .reinterpretAsShorts();
                even.lanewise(LSHL, 8).lanewise(ASHR, 8).intoArray(weights, at);
                even.lanewise(ASHR, 8).intoArray(weights, at + SHORTS);
                odd.lanewise(LSHL, 8).lanewise(ASHR, 8).intoArray(weights, at + L);
                odd.lanewise(ASHR, 8).intoArray(weights, at + L + SHORTS);
                at += 2 * L;
            }
        }
    }

    @Override
    public void multiply(short[] weights, int[] m, short[] activations, int tokens, int[] sums, int at, int stride) {
        for (int t = 0; t < tokens; t += TOKENS) {
            multiplyFour(weights, m, activations, t * 64, sums, at + t * stride, stride);
        }
    }

    // Each token has two vectors of 16-bit sums, of the even (e) and the odd (o) lanes, and each of those two of int32:
    // everything, and the high
    // halves. That is 24 registers, and eight are left for the operands.
    private static void multiplyFour(
            short[] weights, int[] m, short[] activations, int from, int[] sums, int at, int stride) {
        IntVector eLow0 = IntVector.broadcast(I, LOW_START);
        IntVector eHigh0 = IntVector.broadcast(I, HIGH_START);
        IntVector oLow0 = IntVector.broadcast(I, LOW_START);
        IntVector oHigh0 = IntVector.broadcast(I, HIGH_START);
        IntVector eLow1 = IntVector.broadcast(I, LOW_START);
        IntVector eHigh1 = IntVector.broadcast(I, HIGH_START);
        IntVector oLow1 = IntVector.broadcast(I, LOW_START);
        IntVector oHigh1 = IntVector.broadcast(I, HIGH_START);
        IntVector eLow2 = IntVector.broadcast(I, LOW_START);
        IntVector eHigh2 = IntVector.broadcast(I, HIGH_START);
        IntVector oLow2 = IntVector.broadcast(I, LOW_START);
        IntVector oHigh2 = IntVector.broadcast(I, HIGH_START);
        IntVector eLow3 = IntVector.broadcast(I, LOW_START);
        IntVector eHigh3 = IntVector.broadcast(I, HIGH_START);
        IntVector oLow3 = IntVector.broadcast(I, LOW_START);
        IntVector oHigh3 = IntVector.broadcast(I, HIGH_START);
        for (int k = 0; k < 64; k += FIT) {
            ShortVector e0 = ShortVector.broadcast(S, BIAS);
            ShortVector o0 = ShortVector.broadcast(S, BIAS);
            ShortVector e1 = ShortVector.broadcast(S, BIAS);
            ShortVector o1 = ShortVector.broadcast(S, BIAS);
            ShortVector e2 = ShortVector.broadcast(S, BIAS);
            ShortVector o2 = ShortVector.broadcast(S, BIAS);
            ShortVector e3 = ShortVector.broadcast(S, BIAS);
            ShortVector o3 = ShortVector.broadcast(S, BIAS);
            for (int j = k; j < k + FIT; j++) {
                ShortVector even = ShortVector.fromArray(S, weights, j * L);
                ShortVector odd = ShortVector.fromArray(S, weights, j * L + SHORTS);
                ShortVector a0 = ShortVector.broadcast(S, activations[from + j]);
                e0 = e0.add(even.mul(a0));
                o0 = o0.add(odd.mul(a0));
                ShortVector a1 = ShortVector.broadcast(S, activations[from + 64 + j]);
                e1 = e1.add(even.mul(a1));
                o1 = o1.add(odd.mul(a1));
                ShortVector a2 = ShortVector.broadcast(S, activations[from + 128 + j]);
                e2 = e2.add(even.mul(a2));
                o2 = o2.add(odd.mul(a2));
                ShortVector a3 = ShortVector.broadcast(S, activations[from + 192 + j]);
                e3 = e3.add(even.mul(a3));
                o3 = o3.add(odd.mul(a3));
            }
            eLow0 = eLow0.add(e0.reinterpretAsInts());
            eHigh0 = eHigh0.add(e0.reinterpretAsInts().lanewise(LSHR, 16));
            oLow0 = oLow0.add(o0.reinterpretAsInts());
            oHigh0 = oHigh0.add(o0.reinterpretAsInts().lanewise(LSHR, 16));
            eLow1 = eLow1.add(e1.reinterpretAsInts());
            eHigh1 = eHigh1.add(e1.reinterpretAsInts().lanewise(LSHR, 16));
            oLow1 = oLow1.add(o1.reinterpretAsInts());
            oHigh1 = oHigh1.add(o1.reinterpretAsInts().lanewise(LSHR, 16));
            eLow2 = eLow2.add(e2.reinterpretAsInts());
            eHigh2 = eHigh2.add(e2.reinterpretAsInts().lanewise(LSHR, 16));
            oLow2 = oLow2.add(o2.reinterpretAsInts());
            oHigh2 = oHigh2.add(o2.reinterpretAsInts().lanewise(LSHR, 16));
            eLow3 = eLow3.add(e3.reinterpretAsInts());
            eHigh3 = eHigh3.add(e3.reinterpretAsInts().lanewise(LSHR, 16));
            oLow3 = oLow3.add(o3.reinterpretAsInts());
            oHigh3 = oHigh3.add(o3.reinterpretAsInts().lanewise(LSHR, 16));
        }
        int at0 = at;
        (SUBSCALES
                        ? eLow0.sub(eHigh0.lanewise(LSHL, 16)).mul(IntVector.fromArray(I, m, 0))
                        : eLow0.sub(eHigh0.lanewise(LSHL, 16)))
                .add(IntVector.fromArray(I, sums, at0))
                .intoArray(sums, at0);
        (SUBSCALES
                        ? oLow0.sub(oHigh0.lanewise(LSHL, 16)).mul(IntVector.fromArray(I, m, INTS))
                        : oLow0.sub(oHigh0.lanewise(LSHL, 16)))
                .add(IntVector.fromArray(I, sums, at0 + INTS))
                .intoArray(sums, at0 + INTS);
        (SUBSCALES ? eHigh0.mul(IntVector.fromArray(I, m, 2 * INTS)) : eHigh0)
                .add(IntVector.fromArray(I, sums, at0 + 2 * INTS))
                .intoArray(sums, at0 + 2 * INTS);
        (SUBSCALES ? oHigh0.mul(IntVector.fromArray(I, m, 3 * INTS)) : oHigh0)
                .add(IntVector.fromArray(I, sums, at0 + 3 * INTS))
                .intoArray(sums, at0 + 3 * INTS);
        int at1 = at + stride;
        (SUBSCALES
                        ? eLow1.sub(eHigh1.lanewise(LSHL, 16)).mul(IntVector.fromArray(I, m, 0))
                        : eLow1.sub(eHigh1.lanewise(LSHL, 16)))
                .add(IntVector.fromArray(I, sums, at1))
                .intoArray(sums, at1);
        (SUBSCALES
                        ? oLow1.sub(oHigh1.lanewise(LSHL, 16)).mul(IntVector.fromArray(I, m, INTS))
                        : oLow1.sub(oHigh1.lanewise(LSHL, 16)))
                .add(IntVector.fromArray(I, sums, at1 + INTS))
                .intoArray(sums, at1 + INTS);
        (SUBSCALES ? eHigh1.mul(IntVector.fromArray(I, m, 2 * INTS)) : eHigh1)
                .add(IntVector.fromArray(I, sums, at1 + 2 * INTS))
                .intoArray(sums, at1 + 2 * INTS);
        (SUBSCALES ? oHigh1.mul(IntVector.fromArray(I, m, 3 * INTS)) : oHigh1)
                .add(IntVector.fromArray(I, sums, at1 + 3 * INTS))
                .intoArray(sums, at1 + 3 * INTS);
        int at2 = at + 2 * stride;
        (SUBSCALES
                        ? eLow2.sub(eHigh2.lanewise(LSHL, 16)).mul(IntVector.fromArray(I, m, 0))
                        : eLow2.sub(eHigh2.lanewise(LSHL, 16)))
                .add(IntVector.fromArray(I, sums, at2))
                .intoArray(sums, at2);
        (SUBSCALES
                        ? oLow2.sub(oHigh2.lanewise(LSHL, 16)).mul(IntVector.fromArray(I, m, INTS))
                        : oLow2.sub(oHigh2.lanewise(LSHL, 16)))
                .add(IntVector.fromArray(I, sums, at2 + INTS))
                .intoArray(sums, at2 + INTS);
        (SUBSCALES ? eHigh2.mul(IntVector.fromArray(I, m, 2 * INTS)) : eHigh2)
                .add(IntVector.fromArray(I, sums, at2 + 2 * INTS))
                .intoArray(sums, at2 + 2 * INTS);
        (SUBSCALES ? oHigh2.mul(IntVector.fromArray(I, m, 3 * INTS)) : oHigh2)
                .add(IntVector.fromArray(I, sums, at2 + 3 * INTS))
                .intoArray(sums, at2 + 3 * INTS);
        int at3 = at + 3 * stride;
        (SUBSCALES
                        ? eLow3.sub(eHigh3.lanewise(LSHL, 16)).mul(IntVector.fromArray(I, m, 0))
                        : eLow3.sub(eHigh3.lanewise(LSHL, 16)))
                .add(IntVector.fromArray(I, sums, at3))
                .intoArray(sums, at3);
        (SUBSCALES
                        ? oLow3.sub(oHigh3.lanewise(LSHL, 16)).mul(IntVector.fromArray(I, m, INTS))
                        : oLow3.sub(oHigh3.lanewise(LSHL, 16)))
                .add(IntVector.fromArray(I, sums, at3 + INTS))
                .intoArray(sums, at3 + INTS);
        (SUBSCALES ? eHigh3.mul(IntVector.fromArray(I, m, 2 * INTS)) : eHigh3)
                .add(IntVector.fromArray(I, sums, at3 + 2 * INTS))
                .intoArray(sums, at3 + 2 * INTS);
        (SUBSCALES ? oHigh3.mul(IntVector.fromArray(I, m, 3 * INTS)) : oHigh3)
                .add(IntVector.fromArray(I, sums, at3 + 3 * INTS))
                .intoArray(sums, at3 + 3 * INTS);
    }
}
