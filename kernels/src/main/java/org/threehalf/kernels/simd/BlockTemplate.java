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
 * The inner kernels, as a template: {@link Kernels} defines a copy of this class for each {@link BlockShape}, so that
 * the compiler sees the width and the layout as constants and each copy has its own profile. The template itself is
 * never initialised.
 *
 * <p><b>Products by shuffles.</b> A table holds the products P of one or two activations with every code or pair of
 * codes, |P| ≤ 7,874 (127·(31 + 31)). It is biased to be positive and split into two bytes, P + 2¹³ = 128·hi + lo with
 * 0 ≤ lo ≤ 127 and 2 ≤ hi ≤ 125, so that one byte shuffle looks up lo for all the rows of a group, and another hi.
 *
 * <p><b>Widths.</b> Every step is exact; the contracts of {@link org.threehalf.kernels.reference.SplitProduct} say so
 * of the bytes and lanes, and the Lean theorems {@code ThreeHalf.block_partial_sums_fit} and
 * {@code ThreeHalf.partial_sums_fit} (REQ-DOT-002) of the whole sums:
 *
 * <ul>
 *   <li>two looked-up bytes are added before they are widened: lo + lo ≤ 254 and hi + hi ≤ 250 as unsigned bytes;
 *   <li>they are summed over a block in 16 bits, at most 32 such sums: Σ lo ≤ 8,128, Σ hi ≤ 8,000. The even lanes are
 *       summed together with 256 times the odd ones, modulo 2¹⁶, and taken out at the end of the block by a
 *       subtraction. The sums of hi start from minus the block's biases, and end at most 3,968 in magnitude;
 *   <li>128·hi + lo, times m, and the sum over the blocks are partial sums of REQ-DOT-002, exact in int32;
 *   <li>INT8: the product of an activation and a weight is at most 127·128 = 16,256, so two of them fit int16 (32,512),
 *       and with a bias of 2¹⁵ lie in 1 … 65,535; the low halves of int32 lanes are then summed and taken out as above,
 *       modulo 2³².
 * </ul>
 *
 * <p>Calls of small helper methods would be welcome here, but the compiler stops inlining those at a number of nodes
 * that vector operations reach soon, and then boxes every vector that crosses the call. Hence the long methods, and
 * vectors that go from one method to the next through an array. {@code kernels/PERFORMANCE.md} has the figures.
 */
final class BlockTemplate implements BlockKernel {

    private static final BlockShape SHAPE = shape();
    private static final VectorSpecies<Byte> B = VectorSpecies.of(byte.class, VectorShape.forBitSize(SHAPE.bits()));
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class, VectorShape.forBitSize(SHAPE.bits()));
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, VectorShape.forBitSize(SHAPE.bits()));
    private static final VectorSpecies<Long> J = VectorSpecies.of(long.class, VectorShape.forBitSize(SHAPE.bits()));

    /** Lanes of bytes, L. */
    private static final int L = SHAPE.bits() / 8;

    private static final int SHORTS = L / 2;
    private static final int INTS = L / 4;
    private static final int TILE = SHAPE.layout().vectors() * L;

    private static final boolean BYTE = SHAPE.layout() == InterleavedLayout.BYTE;
    private static final boolean NIBBLE = SHAPE.layout() == InterleavedLayout.NIBBLE;
    private static final boolean PAIR7 = SHAPE.layout() == InterleavedLayout.PAIR7;
    private static final boolean PAIR_TABLES = SHAPE.pairTables();
    private static final boolean SUBSCALES = SHAPE.subscales();

    // Of PAIR7 and PAIR6: vectors before a pair that is gathered from top bits, the top bits, and their number.
    private static final int RUN = PAIR7 ? 7 : 3;
    private static final int TOP_BITS = PAIR7 ? 1 : 2;
    private static final long TOP = PAIR7 ? 0x8080808080808080L : 0xc0c0c0c0c0c0c0c0L;
    private static final int ODD_SHIFT = SHAPE.layout() == InterleavedLayout.PAIR6 ? 3 : 4;

    /** A product with its bias is split as 2⁷·hi + lo. */
    private static final int SPLIT = 7;

    private static final int BIAS = 1 << 13;
    /** The biases of a block in the sums of hi, and what those sums start from, so that they end without. */
    private static final int BLOCK_BIAS = (PAIR_TABLES ? 32 : 64) * (BIAS >> SPLIT);

    private static final short ODD_START = (short) -BLOCK_BIAS;
    private static final short EVEN_START = (short) (-BLOCK_BIAS - (BLOCK_BIAS << 8));
    /** INT8: the bias of a sum of two products, and that of a block. */
    private static final int BYTE_BIAS = 1 << 15;

    private static final int BYTE_BLOCK_BIAS = 32 * BYTE_BIAS;

    private static final short[] COEFFICIENTS = SHAPE.coefficients();
    private static final int TABLE_VECTORS = COEFFICIENTS.length / (2 * L);
    /** Bytes of a pair's tables: the low bytes' vectors, then the high bytes'. */
    private static final int PAIR_BYTES = 2 * TABLE_VECTORS * L;

    BlockTemplate() {}

    private static BlockShape shape() {
        try {
            return MethodHandles.classData(MethodHandles.lookup(), ConstantDescs.DEFAULT_NAME, BlockShape.class);
        } catch (IllegalAccessException e) {
            throw new AssertionError("a class may read its own data", e);
        }
    }

    @Override
    public int tableBytes() {
        return BYTE ? 64 : 32 * PAIR_BYTES;
    }

    @Override
    public void fillTables(byte[] activations, byte[] tables, int from) {
        if (BYTE) {
            System.arraycopy(activations, 0, tables, from, 64);
            return;
        }
        for (int pair = 0; pair < 32; pair++) {
            ShortVector even = ShortVector.broadcast(S, activations[2 * pair]);
            ShortVector odd = ShortVector.broadcast(S, activations[2 * pair + 1]);
            for (int v = 0; v < TABLE_VECTORS; v++) {
                int c = v * 2 * L;
                ShortVector p = ShortVector.fromArray(S, COEFFICIENTS, c)
                        .mul(even)
                        .add(ShortVector.fromArray(S, COEFFICIENTS, c + SHORTS).mul(odd))
                        .add((short) BIAS);
                ShortVector q = ShortVector.fromArray(S, COEFFICIENTS, c + L)
                        .mul(even)
                        .add(ShortVector.fromArray(S, COEFFICIENTS, c + L + SHORTS)
                                .mul(odd))
                        .add((short) BIAS);
                int at = from + pair * PAIR_BYTES + v * L;
                p.and((short) 0x7f)
                        .or(q.and((short) 0x7f).lanewise(LSHL, 8))
                        .reinterpretAsBytes()
                        .intoArray(tables, at);
                p.lanewise(LSHR, SPLIT)
                        .or(q.lanewise(LSHR, SPLIT).lanewise(LSHL, 8))
                        .reinterpretAsBytes()
                        .intoArray(tables, at + TABLE_VECTORS * L);
            }
        }
    }

    @Override
    public void addBlock(
            MemorySegment codes,
            long at,
            MemorySegment subscales,
            long subscalesAt,
            int shift,
            int groups,
            byte[] tables,
            int from,
            short[] partial,
            int[] sums) {
        for (int g = 0; g < groups; g++) {
            long tile = at + (long) g * TILE;
            if (BYTE) {
                addBytes(codes, tile, subscales, subscalesAt + (long) g * L, shift, tables, from, sums, g * L);
                continue;
            }
            if (NIBBLE) {
                lookUpNibbles(codes, tile, tables, from, partial);
            } else if (!PAIR_TABLES) {
                lookUpSingles(codes, tile, tables, from, partial);
            } else if (PAIR7) {
                lookUpPairs7(codes, tile, tables, from, partial);
            } else {
                lookUpPairs6(codes, tile, tables, from, partial);
            }
            if (SUBSCALES) {
                addScaled(partial, subscales, subscalesAt + (long) g * L, shift, sums, g * L);
            } else {
                add(partial, sums, g * L);
            }
        }
    }

    /** PAIR7 with a table of 128 entries, in two vectors, for a pair: an octet of pairs a turn, two a widening. */
    private static void lookUpPairs7(MemorySegment codes, long tile, byte[] tables, int from, short[] partial) {
        ShortVector low = ShortVector.zero(S);
        ShortVector lowOdd = ShortVector.zero(S);
        ShortVector high = ShortVector.broadcast(S, EVEN_START);
        ShortVector highOdd = ShortVector.broadcast(S, ODD_START);
        for (int octet = 0; octet < 4; octet++) {
            long at = tile + octet * 7 * L;
            int t = from + octet * 8 * 4 * L;
            ByteVector v0 = ByteVector.fromMemorySegment(B, codes, at, LITTLE_ENDIAN);
            ByteVector v1 = ByteVector.fromMemorySegment(B, codes, at + L, LITTLE_ENDIAN);
            LongVector top = v0.reinterpretAsLongs().lanewise(LSHR, TOP_BITS);
            top = top.lanewise(BITWISE_BLEND, v1.reinterpretAsLongs(), TOP).lanewise(LSHR, TOP_BITS);
            ShortVector lo0 = v0.selectFrom(ByteVector.fromArray(B, tables, t), ByteVector.fromArray(B, tables, t + L))
                    .add(v1.selectFrom(
                            ByteVector.fromArray(B, tables, t + 4 * L), ByteVector.fromArray(B, tables, t + 5 * L)))
                    .reinterpretAsShorts();
            ShortVector hi0 = v0.selectFrom(
                            ByteVector.fromArray(B, tables, t + 2 * L), ByteVector.fromArray(B, tables, t + 3 * L))
                    .add(v1.selectFrom(
                            ByteVector.fromArray(B, tables, t + 6 * L), ByteVector.fromArray(B, tables, t + 7 * L)))
                    .reinterpretAsShorts();
            low = low.add(lo0);
            lowOdd = lowOdd.add(lo0.lanewise(LSHR, 8));
            high = high.add(hi0);
            highOdd = highOdd.add(hi0.lanewise(LSHR, 8));
            ByteVector v2 = ByteVector.fromMemorySegment(B, codes, at + 2 * L, LITTLE_ENDIAN);
            ByteVector v3 = ByteVector.fromMemorySegment(B, codes, at + 3 * L, LITTLE_ENDIAN);
            top = top.lanewise(BITWISE_BLEND, v2.reinterpretAsLongs(), TOP).lanewise(LSHR, TOP_BITS);
            top = top.lanewise(BITWISE_BLEND, v3.reinterpretAsLongs(), TOP).lanewise(LSHR, TOP_BITS);
            ShortVector lo2 = v2.selectFrom(
                            ByteVector.fromArray(B, tables, t + 8 * L), ByteVector.fromArray(B, tables, t + 9 * L))
                    .add(v3.selectFrom(
                            ByteVector.fromArray(B, tables, t + 12 * L), ByteVector.fromArray(B, tables, t + 13 * L)))
                    .reinterpretAsShorts();
            ShortVector hi2 = v2.selectFrom(
                            ByteVector.fromArray(B, tables, t + 10 * L), ByteVector.fromArray(B, tables, t + 11 * L))
                    .add(v3.selectFrom(
                            ByteVector.fromArray(B, tables, t + 14 * L), ByteVector.fromArray(B, tables, t + 15 * L)))
                    .reinterpretAsShorts();
            low = low.add(lo2);
            lowOdd = lowOdd.add(lo2.lanewise(LSHR, 8));
            high = high.add(hi2);
            highOdd = highOdd.add(hi2.lanewise(LSHR, 8));
            ByteVector v4 = ByteVector.fromMemorySegment(B, codes, at + 4 * L, LITTLE_ENDIAN);
            ByteVector v5 = ByteVector.fromMemorySegment(B, codes, at + 5 * L, LITTLE_ENDIAN);
            top = top.lanewise(BITWISE_BLEND, v4.reinterpretAsLongs(), TOP).lanewise(LSHR, TOP_BITS);
            top = top.lanewise(BITWISE_BLEND, v5.reinterpretAsLongs(), TOP).lanewise(LSHR, TOP_BITS);
            ShortVector lo4 = v4.selectFrom(
                            ByteVector.fromArray(B, tables, t + 16 * L), ByteVector.fromArray(B, tables, t + 17 * L))
                    .add(v5.selectFrom(
                            ByteVector.fromArray(B, tables, t + 20 * L), ByteVector.fromArray(B, tables, t + 21 * L)))
                    .reinterpretAsShorts();
            ShortVector hi4 = v4.selectFrom(
                            ByteVector.fromArray(B, tables, t + 18 * L), ByteVector.fromArray(B, tables, t + 19 * L))
                    .add(v5.selectFrom(
                            ByteVector.fromArray(B, tables, t + 22 * L), ByteVector.fromArray(B, tables, t + 23 * L)))
                    .reinterpretAsShorts();
            low = low.add(lo4);
            lowOdd = lowOdd.add(lo4.lanewise(LSHR, 8));
            high = high.add(hi4);
            highOdd = highOdd.add(hi4.lanewise(LSHR, 8));
            ByteVector v6 = ByteVector.fromMemorySegment(B, codes, at + 6 * L, LITTLE_ENDIAN);
            ByteVector v7 = top.lanewise(BITWISE_BLEND, v6.reinterpretAsLongs(), TOP)
                    .lanewise(LSHR, TOP_BITS)
                    .reinterpretAsBytes();
            ShortVector lo6 = v6.selectFrom(
                            ByteVector.fromArray(B, tables, t + 24 * L), ByteVector.fromArray(B, tables, t + 25 * L))
                    .add(v7.selectFrom(
                            ByteVector.fromArray(B, tables, t + 28 * L), ByteVector.fromArray(B, tables, t + 29 * L)))
                    .reinterpretAsShorts();
            ShortVector hi6 = v6.selectFrom(
                            ByteVector.fromArray(B, tables, t + 26 * L), ByteVector.fromArray(B, tables, t + 27 * L))
                    .add(v7.selectFrom(
                            ByteVector.fromArray(B, tables, t + 30 * L), ByteVector.fromArray(B, tables, t + 31 * L)))
                    .reinterpretAsShorts();
            low = low.add(lo6);
            lowOdd = lowOdd.add(lo6.lanewise(LSHR, 8));
            high = high.add(hi6);
            highOdd = highOdd.add(hi6.lanewise(LSHR, 8));
        }
        low.intoArray(partial, 0);
        lowOdd.intoArray(partial, SHORTS);
        high.intoArray(partial, 2 * SHORTS);
        highOdd.intoArray(partial, 3 * SHORTS);
    }

    /** PAIR6 with a table of 64 entries, in one vector, for a pair: a quad of pairs a turn, two a widening. */
    private static void lookUpPairs6(MemorySegment codes, long tile, byte[] tables, int from, short[] partial) {
        ShortVector low = ShortVector.zero(S);
        ShortVector lowOdd = ShortVector.zero(S);
        ShortVector high = ShortVector.broadcast(S, EVEN_START);
        ShortVector highOdd = ShortVector.broadcast(S, ODD_START);
        for (int quad = 0; quad < 8; quad++) {
            long at = tile + quad * 3 * L;
            int t = from + quad * 4 * 2 * L;
            ByteVector v0 = ByteVector.fromMemorySegment(B, codes, at, LITTLE_ENDIAN);
            ByteVector v1 = ByteVector.fromMemorySegment(B, codes, at + L, LITTLE_ENDIAN);
            ByteVector v2 = ByteVector.fromMemorySegment(B, codes, at + 2 * L, LITTLE_ENDIAN);
            LongVector top = v0.reinterpretAsLongs().lanewise(LSHR, TOP_BITS);
            top = top.lanewise(BITWISE_BLEND, v1.reinterpretAsLongs(), TOP).lanewise(LSHR, TOP_BITS);
            ByteVector v3 = top.lanewise(BITWISE_BLEND, v2.reinterpretAsLongs(), TOP)
                    .lanewise(LSHR, TOP_BITS)
                    .reinterpretAsBytes();
            ShortVector lo0 = v0.selectFrom(ByteVector.fromArray(B, tables, t))
                    .add(v1.selectFrom(ByteVector.fromArray(B, tables, t + 2 * L)))
                    .reinterpretAsShorts();
            ShortVector hi0 = v0.selectFrom(ByteVector.fromArray(B, tables, t + L))
                    .add(v1.selectFrom(ByteVector.fromArray(B, tables, t + 3 * L)))
                    .reinterpretAsShorts();
            low = low.add(lo0);
            lowOdd = lowOdd.add(lo0.lanewise(LSHR, 8));
            high = high.add(hi0);
            highOdd = highOdd.add(hi0.lanewise(LSHR, 8));
            ShortVector lo2 = v2.selectFrom(ByteVector.fromArray(B, tables, t + 4 * L))
                    .add(v3.selectFrom(ByteVector.fromArray(B, tables, t + 6 * L)))
                    .reinterpretAsShorts();
            ShortVector hi2 = v2.selectFrom(ByteVector.fromArray(B, tables, t + 5 * L))
                    .add(v3.selectFrom(ByteVector.fromArray(B, tables, t + 7 * L)))
                    .reinterpretAsShorts();
            low = low.add(lo2);
            lowOdd = lowOdd.add(lo2.lanewise(LSHR, 8));
            high = high.add(hi2);
            highOdd = highOdd.add(hi2.lanewise(LSHR, 8));
        }
        low.intoArray(partial, 0);
        lowOdd.intoArray(partial, SHORTS);
        high.intoArray(partial, 2 * SHORTS);
        highOdd.intoArray(partial, 3 * SHORTS);
    }

    /**
     * PAIR7 and PAIR6 with a table for each code: a pair a turn, one a widening. Bits above a code fall out, since
     * entries repeat.
     */
    private static void lookUpSingles(MemorySegment codes, long tile, byte[] tables, int from, short[] partial) {
        ShortVector low = ShortVector.zero(S);
        ShortVector lowOdd = ShortVector.zero(S);
        ShortVector high = ShortVector.broadcast(S, EVEN_START);
        ShortVector highOdd = ShortVector.broadcast(S, ODD_START);
        int t = from;
        long at = tile;
        for (int run = 0; run < 32 / (RUN + 1); run++) {
            LongVector top = LongVector.zero(J);
            for (int j = 0; j < RUN; j++) {
                ByteVector v = ByteVector.fromMemorySegment(B, codes, at, LITTLE_ENDIAN);
                top = top.lanewise(BITWISE_BLEND, v.reinterpretAsLongs(), TOP).lanewise(LSHR, TOP_BITS);
                ByteVector odd =
                        v.reinterpretAsLongs().lanewise(LSHR, ODD_SHIFT).reinterpretAsBytes();
                ShortVector lo = v.selectFrom(ByteVector.fromArray(B, tables, t))
                        .add(odd.selectFrom(ByteVector.fromArray(B, tables, t + L)))
                        .reinterpretAsShorts();
                ShortVector hi = v.selectFrom(ByteVector.fromArray(B, tables, t + 2 * L))
                        .add(odd.selectFrom(ByteVector.fromArray(B, tables, t + 3 * L)))
                        .reinterpretAsShorts();
                low = low.add(lo);
                lowOdd = lowOdd.add(lo.lanewise(LSHR, 8));
                high = high.add(hi);
                highOdd = highOdd.add(hi.lanewise(LSHR, 8));
                at += L;
                t += 4 * L;
            }
            ByteVector v = top.reinterpretAsBytes();
            ByteVector odd = v.reinterpretAsLongs().lanewise(LSHR, ODD_SHIFT).reinterpretAsBytes();
            ShortVector lo = v.selectFrom(ByteVector.fromArray(B, tables, t))
                    .add(odd.selectFrom(ByteVector.fromArray(B, tables, t + L)))
                    .reinterpretAsShorts();
            ShortVector hi = v.selectFrom(ByteVector.fromArray(B, tables, t + 2 * L))
                    .add(odd.selectFrom(ByteVector.fromArray(B, tables, t + 3 * L)))
                    .reinterpretAsShorts();
            low = low.add(lo);
            lowOdd = lowOdd.add(lo.lanewise(LSHR, 8));
            high = high.add(hi);
            highOdd = highOdd.add(hi.lanewise(LSHR, 8));
            t += 4 * L;
        }
        low.intoArray(partial, 0);
        lowOdd.intoArray(partial, SHORTS);
        high.intoArray(partial, 2 * SHORTS);
        highOdd.intoArray(partial, 3 * SHORTS);
    }

    /** NIBBLE, with a table for each code: a pair a turn, one a widening. */
    private static void lookUpNibbles(MemorySegment codes, long tile, byte[] tables, int from, short[] partial) {
        ShortVector low = ShortVector.zero(S);
        ShortVector lowOdd = ShortVector.zero(S);
        ShortVector high = ShortVector.broadcast(S, EVEN_START);
        ShortVector highOdd = ShortVector.broadcast(S, ODD_START);
        for (int pair = 0; pair < 32; pair++) {
            int t = from + pair * 4 * L;
            ByteVector v = ByteVector.fromMemorySegment(B, codes, tile + pair * L, LITTLE_ENDIAN);
            ByteVector odd = v.reinterpretAsLongs().lanewise(LSHR, ODD_SHIFT).reinterpretAsBytes();
            ShortVector lo = v.selectFrom(ByteVector.fromArray(B, tables, t))
                    .add(odd.selectFrom(ByteVector.fromArray(B, tables, t + L)))
                    .reinterpretAsShorts();
            ShortVector hi = v.selectFrom(ByteVector.fromArray(B, tables, t + 2 * L))
                    .add(odd.selectFrom(ByteVector.fromArray(B, tables, t + 3 * L)))
                    .reinterpretAsShorts();
            low = low.add(lo);
            lowOdd = lowOdd.add(lo.lanewise(LSHR, 8));
            high = high.add(hi);
            highOdd = highOdd.add(hi.lanewise(LSHR, 8));
        }
        low.intoArray(partial, 0);
        lowOdd.intoArray(partial, SHORTS);
        high.intoArray(partial, 2 * SHORTS);
        highOdd.intoArray(partial, 3 * SHORTS);
    }

    /**
     * Widens a group's partial sums to int32 and adds them: 128·hi + lo.
     *
     * <p>As int lanes, the even lanes' sums hold rows 0 … L/4−1 in their low halves and rows L/2 … 3L/4−1 in their high
     * halves; the odd lanes' hold the other two quarters.
     */
    private static void add(short[] partial, int[] sums, int at) {
        ShortVector oddLow = ShortVector.fromArray(S, partial, SHORTS);
        ShortVector oddHigh = ShortVector.fromArray(S, partial, 3 * SHORTS);
        IntVector low = ShortVector.fromArray(S, partial, 0)
                .sub(oddLow.lanewise(LSHL, 8))
                .reinterpretAsInts();
        IntVector high = ShortVector.fromArray(S, partial, 2 * SHORTS)
                .sub(oddHigh.lanewise(LSHL, 8))
                .reinterpretAsInts();
        IntVector low2 = oddLow.reinterpretAsInts();
        IntVector high2 = oddHigh.reinterpretAsInts();
        low.and(0xffff)
                .add(high.lanewise(LSHL, 16).lanewise(ASHR, 16 - SPLIT))
                .add(IntVector.fromArray(I, sums, at))
                .intoArray(sums, at);
        low2.and(0xffff)
                .add(high2.lanewise(LSHL, 16).lanewise(ASHR, 16 - SPLIT))
                .add(IntVector.fromArray(I, sums, at + INTS))
                .intoArray(sums, at + INTS);
        low.lanewise(LSHR, 16)
                .add(high.lanewise(ASHR, 16).lanewise(LSHL, SPLIT))
                .add(IntVector.fromArray(I, sums, at + 2 * INTS))
                .intoArray(sums, at + 2 * INTS);
        low2.lanewise(LSHR, 16)
                .add(high2.lanewise(ASHR, 16).lanewise(LSHL, SPLIT))
                .add(IntVector.fromArray(I, sums, at + 3 * INTS))
                .intoArray(sums, at + 3 * INTS);
    }

    /** As {@link #add}, with m·(128·hi + lo). */
    private static void addScaled(
            short[] partial, MemorySegment subscales, long subscalesAt, int shift, int[] sums, int at) {
        ShortVector oddLow = ShortVector.fromArray(S, partial, SHORTS);
        ShortVector oddHigh = ShortVector.fromArray(S, partial, 3 * SHORTS);
        IntVector low = ShortVector.fromArray(S, partial, 0)
                .sub(oddLow.lanewise(LSHL, 8))
                .reinterpretAsInts();
        IntVector high = ShortVector.fromArray(S, partial, 2 * SHORTS)
                .sub(oddHigh.lanewise(LSHL, 8))
                .reinterpretAsInts();
        IntVector low2 = oddLow.reinterpretAsInts();
        IntVector high2 = oddHigh.reinterpretAsInts();
        IntVector m = ByteVector.fromMemorySegment(B, subscales, subscalesAt, LITTLE_ENDIAN)
                .reinterpretAsInts()
                .lanewise(LSHR, shift);
        low.and(0xffff)
                .add(high.lanewise(LSHL, 16).lanewise(ASHR, 16 - SPLIT))
                .mul(m.and(15))
                .add(IntVector.fromArray(I, sums, at))
                .intoArray(sums, at);
        low2.and(0xffff)
                .add(high2.lanewise(LSHL, 16).lanewise(ASHR, 16 - SPLIT))
                .mul(m.lanewise(LSHR, 8).and(15))
                .add(IntVector.fromArray(I, sums, at + INTS))
                .intoArray(sums, at + INTS);
        low.lanewise(LSHR, 16)
                .add(high.lanewise(ASHR, 16).lanewise(LSHL, SPLIT))
                .mul(m.lanewise(LSHR, 16).and(15))
                .add(IntVector.fromArray(I, sums, at + 2 * INTS))
                .intoArray(sums, at + 2 * INTS);
        low2.lanewise(LSHR, 16)
                .add(high2.lanewise(ASHR, 16).lanewise(LSHL, SPLIT))
                .mul(m.lanewise(LSHR, 24).and(15))
                .add(IntVector.fromArray(I, sums, at + 3 * INTS))
                .intoArray(sums, at + 3 * INTS);
    }

    /** INT8: 16-bit products of two inputs, widened by shifts; the lanes' order is that of {@link #add}. */
    private static void addBytes(
            MemorySegment codes,
            long tile,
            MemorySegment subscales,
            long subscalesAt,
            int shift,
            byte[] activations,
            int from,
            int[] sums,
            int at) {
        IntVector even = IntVector.broadcast(I, -BYTE_BLOCK_BIAS - (BYTE_BLOCK_BIAS << 16));
        IntVector evenHigh = IntVector.broadcast(I, -BYTE_BLOCK_BIAS);
        IntVector odd = even;
        IntVector oddHigh = evenHigh;
        for (int k = 0; k < 64; k += 2) {
            ShortVector v = ByteVector.fromMemorySegment(B, codes, tile + k * L, LITTLE_ENDIAN)
                    .reinterpretAsShorts();
            ShortVector w = ByteVector.fromMemorySegment(B, codes, tile + k * L + L, LITTLE_ENDIAN)
                    .reinterpretAsShorts();
            ShortVector a = ShortVector.broadcast(S, activations[from + k]);
            ShortVector b = ShortVector.broadcast(S, activations[from + k + 1]);
            IntVector p = v.lanewise(LSHL, 8)
                    .lanewise(ASHR, 8)
                    .mul(a)
                    .add(w.lanewise(LSHL, 8).lanewise(ASHR, 8).mul(b))
                    .add((short) BYTE_BIAS)
                    .reinterpretAsInts();
            IntVector q = v.lanewise(ASHR, 8)
                    .mul(a)
                    .add(w.lanewise(ASHR, 8).mul(b))
                    .add((short) BYTE_BIAS)
                    .reinterpretAsInts();
            // The low halves are summed with 2¹⁶ times the high ones, modulo 2³², and taken out at the end.
            even = even.add(p);
            evenHigh = evenHigh.add(p.lanewise(LSHR, 16));
            odd = odd.add(q);
            oddHigh = oddHigh.add(q.lanewise(LSHR, 16));
        }
        if (SUBSCALES) {
            // Integers of windows: a block's sum is at most 64 · 127 · 128, and 15 times that in 32 bits.
            IntVector m = ByteVector.fromMemorySegment(B, subscales, subscalesAt, LITTLE_ENDIAN)
                    .reinterpretAsInts()
                    .lanewise(LSHR, shift);
            even.sub(evenHigh.lanewise(LSHL, 16))
                    .mul(m.and(15))
                    .add(IntVector.fromArray(I, sums, at))
                    .intoArray(sums, at);
            odd.sub(oddHigh.lanewise(LSHL, 16))
                    .mul(m.lanewise(LSHR, 8).and(15))
                    .add(IntVector.fromArray(I, sums, at + INTS))
                    .intoArray(sums, at + INTS);
            evenHigh.mul(m.lanewise(LSHR, 16).and(15))
                    .add(IntVector.fromArray(I, sums, at + 2 * INTS))
                    .intoArray(sums, at + 2 * INTS);
            oddHigh.mul(m.lanewise(LSHR, 24).and(15))
                    .add(IntVector.fromArray(I, sums, at + 3 * INTS))
                    .intoArray(sums, at + 3 * INTS);
            return;
        }
        even.sub(evenHigh.lanewise(LSHL, 16))
                .add(IntVector.fromArray(I, sums, at))
                .intoArray(sums, at);
        odd.sub(oddHigh.lanewise(LSHL, 16))
                .add(IntVector.fromArray(I, sums, at + INTS))
                .intoArray(sums, at + INTS);
        evenHigh.add(IntVector.fromArray(I, sums, at + 2 * INTS)).intoArray(sums, at + 2 * INTS);
        oddHigh.add(IntVector.fromArray(I, sums, at + 3 * INTS)).intoArray(sums, at + 3 * INTS);
    }
}
