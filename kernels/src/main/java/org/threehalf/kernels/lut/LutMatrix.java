package org.threehalf.kernels.lut;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;
import org.threehalf.kernels.product.KernelMatrix;
import org.threehalf.kernels.product.LargeMemory;

/**
 * A matrix whose codes are indices of tables, one byte each.
 *
 * <p><b>Layout.</b> Block after block, and in a block row after row, so that a block's tables serve every row while
 * they are in the nearest cache. A pair of inputs takes one byte: the even code, and the odd code above it
 * ({@code INT8}: one byte an input). That is 32 bytes for 64 weights: as much as the packed form of the 4-bit formats,
 * 14 % more than that of the 3.5-bit formats and 33 % more than that of the 3-bit ones. Sub-scales take one byte a
 * block and row.
 *
 * <p><b>Widths.</b> An entry is a_k·T[c_k] + a_{k+1}·T[c_{k+1}], exact in int16: at most 127·(31 + 31) = 7,874 in the G
 * formats, 127·(8 + 8) = 2,032 in the U formats, and 127·128 = 16,256 for the single product of INT8. A block's sum and
 * the row's are partial sums of REQ-DOT-002 and exact in int32.
 */
record LutMatrix(Format format, int rows, int columns, MemorySegment codes, MemorySegment subscales)
        implements KernelMatrix {

    private static final ValueLayout.OfLong EIGHT_CODES =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final byte[][] TABLES =
            Arrays.stream(Codebook.values()).map(Codebook::toArray).toArray(byte[][]::new);
    // Rows that share the tables of a block: enough to make the tables cheap, and few enough that their 64 KiB of codes
    // stay in the
    // second-level cache for the next token of a batch.
    private static final int CHUNK = 2_048;

    static LutMatrix prepare(PackedMatrix matrix, Arena arena) {
        LutMatrix lut = allocate(matrix.format(), matrix.rows(), matrix.columns(), LargeMemory.of(arena));
        IntStream.range(0, matrix.rows()).parallel().forEach(row -> lut.put(row, matrix.row(row)));
        return lut;
    }

    static LutMatrix over(Format format, int rows, int columns, SegmentAllocator memory) {
        LutMatrix lut = allocate(format, rows, columns, memory);
        // A byte of a 3.5-bit or 3-bit pair indexes a shorter table.
        long mask = 0x0101010101010101L * ((1 << tableBits(format)) - 1);
        if (mask != -1) {
            for (long at = 0; at < lut.codes.byteSize(); at += Long.BYTES) {
                lut.codes.set(EIGHT_CODES, at, lut.codes.get(EIGHT_CODES, at) & mask);
            }
        }
        for (long at = 0; at < lut.subscales.byteSize(); at++) {
            lut.subscales.set(ValueLayout.JAVA_BYTE, at, (byte)
                    (lut.subscales.get(ValueLayout.JAVA_BYTE, at) & Format.MAX_SUBSCALE));
        }
        return lut;
    }

    private static LutMatrix allocate(Format format, int rows, int columns, SegmentAllocator memory) {
        format.requireShape(rows, columns);
        int blocks = Format.blocks(columns);
        return new LutMatrix(
                format,
                rows,
                columns,
                memory.allocate((long) blocks * rows * entriesPerBlock(format), Long.BYTES),
                memory.allocate(format.hasSubscales() ? (long) blocks * rows : 0));
    }

    private void put(int row, QuantizedRow values) {
        byte[] rowCodes = values.byteCodes();
        int entries = entriesPerBlock(format);
        int perEntry = Format.BLOCK / entries;
        for (int i = 0; i < Format.blocks(columns) * entries; i++) {
            int index = code(rowCodes, i * perEntry);
            if (perEntry == 2) {
                index |= code(rowCodes, i * 2 + 1) << format.traits().evenBits();
            }
            codes.set(ValueLayout.JAVA_BYTE, ((long) (i / entries) * rows + row) * entries + i % entries, (byte) index);
        }
        for (int b = 0; b < values.subscales().length; b++) {
            subscales.set(ValueLayout.JAVA_BYTE, (long) b * rows + row, values.subscales()[b]);
        }
    }

    private static int code(byte[] codes, int k) {
        return k < codes.length ? codes[k] & 0xff : 0;
    }

    /** Table entries that a row adds in a block: 32 pairs, or 64 single inputs of 8 bits. */
    private static int entriesPerBlock(Format format) {
        return singles(format) ? Format.BLOCK : Format.HALF;
    }

    /** Binary logarithm of a table's length. */
    private static int tableBits(Format format) {
        return singles(format) ? 8 : format.traits().pairBits();
    }

    /** Whether an input's code takes a byte by itself: one of 8 bits, or the integer of a window. */
    private static boolean singles(Format format) {
        return format.traits().withoutWindows().evenBits() == 8;
    }

    @Override
    public int tileRows() {
        return 16;
    }

    @Override
    public long bytesRead() {
        return codes.byteSize() + subscales.byteSize();
    }

    private static final class LutScratch implements Scratch {
        private final short[] tables = new short[Format.BLOCK << 8];
        private int[][] sums = {};

        private int[][] sums(int count) {
            if (sums.length < count) {
                sums = new int[count][CHUNK];
            }
            return sums;
        }
    }

    @Override
    public Scratch scratch() {
        return new LutScratch();
    }

    @Override
    public void sums(byte[][] tokens, int count, int fromTile, int toTile, Scratch scratch, Sink sink) {
        LutScratch memory = (LutScratch) scratch;
        int end = Math.min(rows, toTile * tileRows());
        int[][] sums = memory.sums(count);
        for (int first = fromTile * tileRows(); first < end; first += CHUNK) {
            int chunk = Math.min(CHUNK, end - first);
            for (int t = 0; t < count; t++) {
                Arrays.fill(sums[t], 0, chunk, 0);
            }
            for (int b = 0; b < Format.blocks(columns); b++) {
                for (int t = 0; t < count; t++) {
                    fillTables(tokens[t], b, memory.tables);
                    addBlock(b, first, chunk, memory.tables, sums[t]);
                }
            }
            for (int t = 0; t < count; t++) {
                sink.put(t, first, sums[t], chunk);
            }
        }
    }

    /** The tables of a block: entry {@code index} of pair {@code p} is at {@code (p << tableBits) + index}. */
    private void fillTables(byte[] token, int block, short[] tables) {
        int bits = tableBits(format);
        FormatTraits traits = format.traits().withoutWindows();
        byte[] even = TABLES[traits.even().ordinal()];
        byte[] odd = TABLES[traits.odd().ordinal()];
        int k = block * Format.BLOCK;
        if (singles(format)) {
            for (int i = 0; i < Format.BLOCK; i++) {
                int a = k + i < columns ? token[k + i] : 0;
                for (int c = 0; c < 256; c++) {
                    tables[(i << 8) + c] = (short) (a * even[c]);
                }
            }
            return;
        }
        for (int p = 0; p < Format.HALF; p++) {
            int a = k + 2 * p < columns ? token[k + 2 * p] : 0;
            int b = k + 2 * p + 1 < columns ? token[k + 2 * p + 1] : 0;
            int at = p << bits;
            for (int o = 0; o < odd.length; o++) {
                int product = b * odd[o];
                for (int e = 0; e < even.length; e++) {
                    tables[at + e] = (short) (a * even[e] + product);
                }
                at += even.length;
            }
        }
    }

    private void addBlock(int block, int first, int chunk, short[] tables, int[] sums) {
        int bits = tableBits(format);
        int entries = entriesPerBlock(format);
        long at = ((long) block * rows + first) * entries;
        long subscaleAt = (long) block * rows + first;
        boolean scaled = format.hasSubscales();
        for (int row = 0; row < chunk; row++) {
            int sum = 0;
            for (int i = 0; i < entries; i += 8) {
                sum += eight(codes.get(EIGHT_CODES, at + i), tables, i << bits, bits);
            }
            at += entries;
            sums[row] += scaled ? sum * subscales.get(ValueLayout.JAVA_BYTE, subscaleAt + row) : sum;
        }
    }

    /** The sum of eight entries, of eight neighbouring tables. */
    private static int eight(long indices, short[] tables, int at, int bits) {
        int step = 1 << bits;
        int low = (int) indices;
        int high = (int) (indices >>> 32);
        return tables[at + (low & 0xff)]
                + tables[at + step + (low >>> 8 & 0xff)]
                + tables[at + 2 * step + (low >>> 16 & 0xff)]
                + tables[at + 3 * step + (low >>> 24)]
                + tables[at + 4 * step + (high & 0xff)]
                + tables[at + 5 * step + (high >>> 8 & 0xff)]
                + tables[at + 6 * step + (high >>> 16 & 0xff)]
                + tables[at + 7 * step + (high >>> 24)];
    }
}
