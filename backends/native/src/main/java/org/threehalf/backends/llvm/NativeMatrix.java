package org.threehalf.backends.llvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.KernelMatrix;
import org.threehalf.kernels.product.LargeMemory;

/**
 * A matrix in {@link TileLayout}, off heap. Memory: the packed form's, with N rounded up to a multiple of 64 and, with
 * sub-scales, the number of blocks to an even one.
 *
 * @param codes strip after strip, in a strip block after block
 * @param subscales group after group, in a group 64 bytes for two blocks; empty without sub-scales
 */
record NativeMatrix(
        Format format, int rows, int columns, MemorySegment codes, MemorySegment subscales, ProductCode code)
        implements KernelMatrix {

    // Tokens at a time: their sums of a group and their activations of a block stay in the first two levels of cache.
    private static final int BATCH = 192;
    // Groups that one token's product takes in a call: their sums stay in the first level of cache.
    private static final int GROUPS = 64;
    // Sums that several tokens have before they are handed on, in groups of one token: as many rows together as the
    // first level of cache holds sums of.
    private static final int GROUP_SUMS = 128;

    static NativeMatrix prepare(PackedMatrix matrix, ProductCode code, Arena arena) {
        NativeMatrix prepared = over(matrix.format(), matrix.rows(), matrix.columns(), code, LargeMemory.of(arena));
        IntStream.range(0, prepared.tiles()).parallel().forEach(group -> prepared.putGroup(matrix, group));
        return prepared;
    }

    /** A matrix over the bytes that memory holds: each of them means some codes. */
    static NativeMatrix over(Format format, int rows, int columns, ProductCode code, SegmentAllocator memory) {
        format.requireShape(rows, columns);
        long groups = (rows + TileLayout.ROWS - 1) / TileLayout.ROWS;
        return new NativeMatrix(
                format,
                rows,
                columns,
                memory.allocate(groups * groupBytes(code.layout(), columns), TileLayout.VECTOR),
                memory.allocate(groups * groupSubscaleBytes(format, columns), TileLayout.VECTOR),
                code);
    }

    private static long groupBytes(TileLayout layout, int columns) {
        return (long) Format.blocks(columns) * TileLayout.ROWS / TileLayout.STRIP * layout.stripBytes();
    }

    private static long groupSubscaleBytes(Format format, int columns) {
        return format.hasSubscales() ? (Format.blocks(columns) + 1L) / 2 * TileLayout.ROWS : 0;
    }

    private void putGroup(PackedMatrix matrix, int group) {
        TileLayout layout = code.layout();
        int blocks = Format.blocks(columns);
        byte[] tiles = new byte[Math.toIntExact(groupBytes(code.layout(), columns))];
        byte[] nibbles = new byte[Math.toIntExact(groupSubscaleBytes(format, columns))];
        byte[] subscales = new byte[format.rowSubscaleBytes(columns)];
        for (int r = 0; r < TileLayout.ROWS && group * TileLayout.ROWS + r < rows; r++) {
            long row = (long) group * TileLayout.ROWS + r;
            byte[] codes = matrix.packedCodes(Math.toIntExact(row));
            MemorySegment.copy(
                    matrix.subscales(), ValueLayout.JAVA_BYTE, row * subscales.length, subscales, 0, subscales.length);
            for (int b = 0; b < blocks; b++) {
                layout.put(codes, b * (codes.length / blocks), tiles, layout.offset(r, b, blocks));
            }
            for (int pair = 0; pair < subscales.length; pair++) {
                nibbles[pair * TileLayout.ROWS + r] = subscales[pair];
            }
        }
        MemorySegment.copy(tiles, 0, groupCodes(group, 1), ValueLayout.JAVA_BYTE, 0, tiles.length);
        MemorySegment.copy(nibbles, 0, groupSubscales(group, 1), ValueLayout.JAVA_BYTE, 0, nibbles.length);
    }

    /**
     * A row's codes and sub-scales.
     *
     * @param codes those of {@link org.threehalf.kernels.QuantizedRow#codes}
     */
    record Row(byte[] codes, byte[] subscales) {}

    /**
     * A row: the inverse of what {@link #prepare} stores.
     *
     * @throws IndexOutOfBoundsException if there is no such row
     */
    Row row(int row) {
        TileLayout layout = code.layout();
        byte[] tiles = groupCodes(row / TileLayout.ROWS, 1).toArray(ValueLayout.JAVA_BYTE);
        byte[] nibbles = groupSubscales(row / TileLayout.ROWS, 1).toArray(ValueLayout.JAVA_BYTE);
        int blocks = Format.blocks(columns);
        byte[] rowCodes = new byte[blocks * Format.BLOCK];
        byte[] rowSubscales = new byte[format.hasSubscales() ? blocks : 0];
        byte[] block = new byte[Format.BLOCK];
        for (int b = 0; b < blocks; b++) {
            layout.get(tiles, layout.offset(row % TileLayout.ROWS, b, blocks), block);
            System.arraycopy(block, 0, rowCodes, b * Format.BLOCK, Format.BLOCK);
            if (format.hasSubscales()) {
                rowSubscales[b] = (byte) (nibbles[b / 2 * TileLayout.ROWS + row % TileLayout.ROWS] >> 4 * (b % 2) & 15);
            }
        }
        return new Row(Arrays.copyOf(rowCodes, columns), rowSubscales);
    }

    private MemorySegment groupCodes(int group, int groups) {
        long bytes = groupBytes(code.layout(), columns);
        return codes.asSlice(group * bytes, groups * bytes);
    }

    private MemorySegment groupSubscales(int group, int groups) {
        long bytes = groupSubscaleBytes(format, columns);
        return subscales.asSlice(group * bytes, groups * bytes);
    }

    @Override
    public int tileRows() {
        return TileLayout.ROWS;
    }

    @Override
    public long bytesRead() {
        return codes.byteSize() + subscales.byteSize();
    }

    /** Memory outside the heap, in an arena that lives as long as it is reachable. */
    private static final class NativeScratch implements Scratch {
        private final MemorySegment expanded = allocate(ProductGenerator.EXPANDED_BYTES);
        private final int[] rowSums = new int[GROUPS * TileLayout.ROWS];
        private MemorySegment token = MemorySegment.NULL;
        private MemorySegment activations = MemorySegment.NULL;
        private MemorySegment corrections = MemorySegment.NULL;
        private MemorySegment sums = MemorySegment.NULL;

        private static MemorySegment allocate(long bytes) {
            return Arena.ofAuto().allocate(bytes, TileLayout.VECTOR);
        }

        private void ensure(int blocks, int tokens) {
            token = grown(token, (long) blocks * Format.BLOCK);
            activations = grown(activations, (long) tokens * blocks * Format.BLOCK);
            corrections = grown(corrections, (long) tokens * blocks * Integer.BYTES);
            sums = grown(sums, (long) Math.max(tokens, GROUP_SUMS) * TileLayout.ROWS * Integer.BYTES);
        }

        private static MemorySegment grown(MemorySegment segment, long bytes) {
            return segment.byteSize() >= bytes ? segment : allocate(bytes);
        }

        /**
         * Brings tokens into the order of code vectors, with zeros for inputs past K: whatever codes lie there, they
         * add nothing (REQ-PCK-005).
         */
        private void arrange(ProductCode code, byte[][] tokens, int from, int count, int columns) {
            int blocks = Format.blocks(columns);
            ensure(blocks, count);
            token.asSlice(columns, (long) blocks * Format.BLOCK - columns).fill((byte) 0);
            for (int t = 0; t < count; t++) {
                MemorySegment.copy(tokens[from + t], 0, token, ValueLayout.JAVA_BYTE, 0, columns);
                code.arrange(
                        token,
                        activations.asSlice((long) t * Format.BLOCK),
                        corrections.asSlice((long) t * Integer.BYTES),
                        blocks,
                        count);
            }
        }
    }

    @Override
    public Scratch scratch() {
        return new NativeScratch();
    }

    @Override
    public void sums(byte[][] tokens, int count, int fromTile, int toTile, Scratch scratch, Sink sink) {
        NativeScratch memory = (NativeScratch) scratch;
        for (int from = 0; from < count; from += BATCH) {
            int batch = Math.min(BATCH, count - from);
            memory.arrange(code, tokens, from, batch, columns);
            int step = batch == 1 ? GROUPS : Math.clamp(GROUP_SUMS / batch, 1, GROUPS);
            for (int group = fromTile; group < toTile; group += step) {
                int groups = Math.min(step, toTile - group);
                multiply(group, groups, batch, memory);
                int results = Math.min(groups * TileLayout.ROWS, rows - group * TileLayout.ROWS);
                // Of one token all rows follow each other.
                int pieces = batch == 1 ? 1 : groups;
                int piece = batch == 1 ? results : TileLayout.ROWS;
                for (int t = 0; t < batch; t++) {
                    for (int g = 0; g < pieces; g++) {
                        long at = ((long) g * batch + t) * TileLayout.ROWS * Integer.BYTES;
                        MemorySegment.copy(
                                memory.sums, ValueLayout.JAVA_INT, at, memory.rowSums, g * TileLayout.ROWS, piece);
                    }
                    sink.put(from + t, group * TileLayout.ROWS, memory.rowSums, results);
                }
            }
        }
    }

    /** The sums of some groups: group after group, in a group token after token. */
    private void multiply(int group, int groups, int tokens, NativeScratch memory) {
        int blocks = Format.blocks(columns);
        memory.sums
                .asSlice(0, (long) groups * tokens * TileLayout.ROWS * Integer.BYTES)
                .fill((byte) 0);
        if (tokens == 1) {
            code.gemv(
                    groupCodes(group, groups),
                    groupSubscales(group, groups),
                    memory.activations,
                    memory.corrections,
                    memory.sums,
                    blocks,
                    groups);
        } else {
            long bytes = (long) tokens * TileLayout.ROWS * Integer.BYTES;
            for (int g = 0; g < groups; g++) {
                code.gemm(
                        groupCodes(group + g, 1),
                        groupSubscales(group + g, 1),
                        memory.activations,
                        memory.corrections,
                        memory.sums.asSlice(g * bytes, bytes),
                        memory.expanded,
                        blocks,
                        tokens);
            }
        }
    }
}
