package org.threehalf.kernels.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;
import org.threehalf.kernels.product.KernelMatrix;
import org.threehalf.kernels.product.LargeMemory;

/**
 * A matrix in {@link InterleavedLayout}, off heap.
 *
 * <p>Memory: the packed form's, with N rounded up to a multiple of L. Sub-scales take a nibble a block and row, as
 * packed, two blocks a byte: of block b, group g and lane i in byte ((b/2)·groups + g)·L + i, in the low nibble if b is
 * even.
 *
 * @param bits the vector width
 * @param codes tiles, block after block, and in a block group after group
 */
record SimdMatrix(
        Format format,
        int rows,
        int columns,
        int bits,
        MemorySegment codes,
        MemorySegment subscales,
        BlockKernel kernel,
        TileKernel tileKernel)
        implements KernelMatrix {

    // Rows whose sums are kept while blocks go by: their tables are made once a block for all of them, and 16 KiB of
    // sums stay in the
    // first-level cache.
    private static final int CHUNK = 4_096;
    // Of several tokens: groups of rows whose sums are kept while blocks go by, and tokens a batch. 4 · 64 rows by 128
    // tokens are 128 KiB of
    // sums, which stay in the second-level cache with the batch's activations of a block.
    private static final int BATCH_GROUPS = 4;
    private static final int BATCH = 128;
    // From this many tokens on a tile is expanded. At 8 it takes the time of as many single products, at 24 a quarter
    // less; but a short prompt is most often the first, and then the
    // compiler has to see one kernel only, which the next token needs anyway.
    private static final int FEW = 24;
    private static final int CACHE_LINE = 64;

    static SimdMatrix prepare(PackedMatrix matrix, int bits, Arena arena) {
        SimdMatrix simd = over(matrix.format(), matrix.rows(), matrix.columns(), bits, LargeMemory.of(arena));
        IntStream.range(0, simd.groups()).parallel().forEach(group -> simd.putGroup(matrix, group));
        return simd;
    }

    /** A matrix over the bytes that memory holds: each of them means some codes. */
    static SimdMatrix over(Format format, int rows, int columns, int bits, SegmentAllocator memory) {
        format.requireShape(rows, columns);
        int lanes = bits / 8;
        long groups = (rows + lanes - 1) / lanes;
        long blocks = Format.blocks(columns);
        int vectors = InterleavedLayout.of(format).vectors();
        return new SimdMatrix(
                format,
                rows,
                columns,
                bits,
                memory.allocate(blocks * groups * vectors * lanes, CACHE_LINE),
                memory.allocate(format.hasSubscales() ? (blocks + 1) / 2 * groups * lanes : 0, CACHE_LINE),
                Kernels.block(bits, format),
                Kernels.tile(bits, format));
    }

    private void putGroup(PackedMatrix matrix, int group) {
        InterleavedLayout layout = InterleavedLayout.of(format);
        int lanes = lanes();
        int blocks = Format.blocks(columns);
        int tileBytes = layout.vectors() * lanes;
        byte[] tiles = new byte[blocks * tileBytes];
        byte[] nibbles = new byte[format.hasSubscales() ? (blocks + 1) / 2 * lanes : 0];
        byte[] block = new byte[Format.BLOCK];
        FormatTraits traits = format.traits().withoutWindows();
        byte[] packedSubscales = new byte[format.rowSubscaleBytes(columns)];
        for (int r = 0; r < lanes && group * lanes + r < rows; r++) {
            int row = group * lanes + r;
            byte[] packed = matrix.byteCodes(row);
            int lane = InterleavedLayout.lane(r, lanes);
            for (int b = 0; b < blocks; b++) {
                layout.putPacked(traits, packed, b, block, tiles, b * tileBytes + lane, lanes);
            }
            MemorySegment.copy(
                    matrix.subscales(),
                    ValueLayout.JAVA_BYTE,
                    (long) row * packedSubscales.length,
                    packedSubscales,
                    0,
                    packedSubscales.length);
            for (int i = 0; i < packedSubscales.length; i++) {
                nibbles[i * lanes + lane] = packedSubscales[i];
            }
        }
        for (int b = 0; b < blocks; b++) {
            MemorySegment.copy(
                    tiles,
                    b * tileBytes,
                    codes,
                    ValueLayout.JAVA_BYTE,
                    ((long) b * groups() + group) * tileBytes,
                    tileBytes);
        }
        for (int i = 0; i < nibbles.length / lanes; i++) {
            MemorySegment.copy(
                    nibbles, i * lanes, subscales, ValueLayout.JAVA_BYTE, ((long) i * groups() + group) * lanes, lanes);
        }
    }

    /**
     * A row's codes and sub-scales.
     *
     * @param codes those of {@link QuantizedRow#byteCodes}
     */
    record Row(byte[] codes, byte[] subscales) {}

    /**
     * A row: the inverse of what {@link #prepare} stores.
     *
     * @throws IndexOutOfBoundsException if there is no such row
     */
    Row row(int row) {
        InterleavedLayout layout = InterleavedLayout.of(format);
        int lanes = lanes();
        int group = row / lanes;
        int lane = InterleavedLayout.lane(row % lanes, lanes);
        int blocks = Format.blocks(columns);
        int tileBytes = layout.vectors() * lanes;
        byte[] rowCodes = new byte[blocks * Format.BLOCK];
        byte[] rowSubscales = new byte[format.hasSubscales() ? blocks : 0];
        byte[] block = new byte[Format.BLOCK];
        for (int b = 0; b < blocks; b++) {
            byte[] tile = codes.asSlice(((long) b * groups() + group) * tileBytes, tileBytes)
                    .toArray(ValueLayout.JAVA_BYTE);
            layout.get(tile, lane, lanes, block);
            System.arraycopy(block, 0, rowCodes, b * Format.BLOCK, Format.BLOCK);
            if (format.hasSubscales()) {
                rowSubscales[b] =
                        (byte) (subscales.get(ValueLayout.JAVA_BYTE, ((long) (b / 2) * groups() + group) * lanes + lane)
                                        >> 4 * (b % 2)
                                & 15);
            }
        }
        return new Row(Arrays.copyOf(rowCodes, columns), rowSubscales);
    }

    private int lanes() {
        return bits / 8;
    }

    private int groups() {
        return tiles();
    }

    @Override
    public int tileRows() {
        return lanes();
    }

    @Override
    public long bytesRead() {
        return codes.byteSize() + subscales.byteSize();
    }

    private static final class SimdScratch implements Scratch {
        private final TableMemory.Lease tables = TableMemory.lease(this);
        private final byte[] activations = new byte[Format.BLOCK];
        private final short[] partial = new short[128];
        private short[] weights = {};
        private int[] m = {};
        private short[] batchActivations = {};
        private int[] batchSums = {};
        private int[] rowSums = {};
        private int[][] sums = {};

        private void ensure(int count) {
            if (sums.length < count) {
                sums = new int[count][CHUNK];
            }
        }

        private void ensureBatch(int lanes) {
            if (weights.length < Format.BLOCK * lanes) {
                weights = new short[Format.BLOCK * lanes];
                m = new int[lanes];
                batchActivations = new short[BATCH * Format.BLOCK];
                batchSums = new int[BATCH * BATCH_GROUPS * lanes];
                rowSums = new int[BATCH_GROUPS * lanes];
            }
        }

        /**
         * The activations of a block for a batch: 64 for each token, with zeros past K and for tokens that fill up the
         * last four.
         */
        private void batchActivations(byte[][] tokens, int from, int count, int padded, int block, int columns) {
            int start = block * Format.BLOCK;
            int valid = Math.min(Format.BLOCK, columns - start);
            for (int t = 0; t < padded; t++) {
                int at = t * Format.BLOCK;
                int copied = t < count ? valid : 0;
                for (int k = 0; k < copied; k++) {
                    batchActivations[at + k] = tokens[from + t][start + k];
                }
                Arrays.fill(batchActivations, at + copied, at + Format.BLOCK, (short) 0);
            }
        }

        private byte[] activations(byte[] token, int from, int columns) {
            int count = Math.min(Format.BLOCK, columns - from);
            System.arraycopy(token, from, activations, 0, count);
            Arrays.fill(activations, count, Format.BLOCK, (byte) 0);
            return activations;
        }
    }

    @Override
    public Scratch scratch() {
        return new SimdScratch();
    }

    @Override
    public void sums(byte[][] tokens, int count, int fromTile, int toTile, Scratch scratch, Sink sink) {
        SimdScratch memory = (SimdScratch) scratch;
        if (count >= FEW) {
            memory.ensureBatch(lanes());
            for (int from = 0; from < count; from += BATCH) {
                batch(tokens, from, Math.min(BATCH, count - from), fromTile, toTile, memory, sink);
            }
            return;
        }
        memory.ensure(count);
        TableMemory.Lease tables = memory.tables;
        int lanes = lanes();
        long tileBytes = (long) InterleavedLayout.of(format).vectors() * lanes;
        for (int first = fromTile; first < toTile; first += CHUNK / lanes) {
            int groups = Math.min(CHUNK / lanes, toTile - first);
            for (int t = 0; t < count; t++) {
                Arrays.fill(memory.sums[t], 0, groups * lanes, 0);
            }
            for (int b = 0; b < Format.blocks(columns); b++) {
                long at = ((long) b * groups() + first) * tileBytes;
                long subscalesAt = ((long) (b / 2) * groups() + first) * lanes;
                for (int t = 0; t < count; t++) {
                    kernel.fillTables(
                            memory.activations(tokens[t], b * Format.BLOCK, columns), tables.array(), tables.from());
                    kernel.addBlock(
                            codes,
                            at,
                            subscales,
                            subscalesAt,
                            4 * (b % 2),
                            groups,
                            tables.array(),
                            tables.from(),
                            memory.partial,
                            memory.sums[t]);
                }
            }
            for (int t = 0; t < count; t++) {
                sink.put(t, first * lanes, memory.sums[t], Math.min(groups * lanes, rows - first * lanes));
            }
        }
    }

    private void batch(byte[][] tokens, int from, int count, int fromTile, int toTile, SimdScratch memory, Sink sink) {
        int lanes = lanes();
        long tileBytes = (long) InterleavedLayout.of(format).vectors() * lanes;
        int padded = (count + TileKernel.TOKENS - 1) / TileKernel.TOKENS * TileKernel.TOKENS;
        int stride = BATCH_GROUPS * lanes;
        int[] rowSums = memory.rowSums;
        for (int first = fromTile; first < toTile; first += BATCH_GROUPS) {
            int groups = Math.min(BATCH_GROUPS, toTile - first);
            Arrays.fill(memory.batchSums, 0, padded * stride, 0);
            for (int b = 0; b < Format.blocks(columns); b++) {
                memory.batchActivations(tokens, from, count, padded, b, columns);
                for (int g = 0; g < groups; g++) {
                    long at = (long) b * groups() + first + g;
                    long subscalesAt = ((long) (b / 2) * groups() + first + g) * lanes;
                    tileKernel.expand(
                            codes, at * tileBytes, subscales, subscalesAt, 4 * (b % 2), memory.weights, memory.m);
                    tileKernel.multiply(
                            memory.weights,
                            memory.m,
                            memory.batchActivations,
                            padded,
                            memory.batchSums,
                            g * lanes,
                            stride);
                }
            }
            int rowCount = Math.min(groups * lanes, rows - first * lanes);
            for (int t = 0; t < count; t++) {
                System.arraycopy(memory.batchSums, t * stride, rowSums, 0, rowCount);
                sink.put(from + t, first * lanes, rowSums, rowCount);
            }
        }
    }
}
