package org.threehalf.backends.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.RowScales;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;

/**
 * A packed matrix in a device's memory, in the device's order ({@code products.cu}, at the top), and its products
 * there.
 *
 * <p>It takes as many bytes as the packed matrix (REQ-FMT-008), rounded up to 256 for each of its four parts: the
 * weights stay packed.
 */
final class ResidentMatrix implements DeviceWeights {
    /** The most tokens that go through gemv one by one: below this, tiles of eight tokens are mostly empty. */
    private static final int GEMV_TOKENS = 1;

    private static final int THREADS = 128;
    private static final int TILE_ROWS = 16;
    private static final int TILE_TOKENS = 32;
    private static final long STAGING_BYTES = 64L << 20;

    private final CudaDevice device;
    private final Format format;
    private final FormatTraits traits;
    private final int rows;
    private final int columns;
    private final DeviceMemory even;
    private final DeviceMemory odd;
    private final @Nullable DeviceMemory subscales;
    private final DeviceMemory scales;

    /**
     * Brings a matrix to the device.
     *
     * @throws IllegalArgumentException if a row's scale is refused (REQ-FMT-004)
     * @throws CudaException if the device has no room
     */
    ResidentMatrix(CudaDevice device, PackedMatrix matrix) {
        MemorySegment rowScales = RowScales.of(matrix).segment();
        this.device = device;
        this.format = matrix.format();
        this.traits = format.traits().withoutWindows();
        this.rows = matrix.rows();
        this.columns = matrix.columns();
        long blocks = (long) rows * Format.blocks(columns);
        String purpose = "a matrix of %s, %,d x %,d, of %,d bytes"
                .formatted(format, rows, columns, format.matrixBytes(rows, columns));
        try (Allocations parts = new Allocations(device, purpose)) {
            even = parts.add(blocks * Format.halfBytes(traits.evenBits()));
            odd = parts.add(blocks * Format.halfBytes(traits.oddBits()));
            subscales = format.hasSubscales() ? parts.add(matrix.subscales().byteSize()) : null;
            scales = parts.add(rowScales.byteSize());
            arrange(matrix, blocks);
            if (subscales != null) {
                device.upload(matrix.subscales(), subscales, 0);
            }
            device.upload(rowScales, scales, 0);
            parts.keep();
        }
    }

    /** Uploads the codes piece by piece, and has the device bring each into its order. */
    private void arrange(PackedMatrix matrix, long blocks) {
        int blockBytes = traits.blockBytes();
        long piece = Math.min(blocks, STAGING_BYTES / blockBytes);
        try (Arena arena = Arena.ofShared();
                DeviceMemory staging =
                        device.allocate(piece * blockBytes, "packed codes on their way to the device's order")) {
            MemorySegment codes = matrix.byteCodes(arena);
            for (long first = 0; first < blocks; first += piece) {
                long count = Math.min(piece, blocks - first);
                device.upload(codes.asSlice(first * blockBytes, count * blockBytes), staging, 0);
                arrange(staging, 0, traits.evenBits(), count, first, blocks, even);
                arrange(staging, Format.halfBytes(traits.evenBits()), traits.oddBits(), count, first, blocks, odd);
            }
            device.synchronize();
        }
    }

    private void arrange(
            DeviceMemory staging, int at, int bits, long count, long first, long blocks, DeviceMemory half) {
        device.launch(Launch.of("arrange", (count + 255) / 256, 1, 256)
                .pointer(staging)
                .int32(traits.blockBytes())
                .int32(at)
                .int32(bits)
                .int64(count)
                .int64(first)
                .int64(blocks)
                .pointer(half));
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    /**
     * I of every row for one token (REQ-DOT-001).
     *
     * @param codes the token in the device's order
     * @param scale its scale
     * @param sums where N int32 go
     */
    void sums(DeviceMemory codes, DeviceMemory scale, DeviceMemory sums) {
        device.launch(gemv(codes, scale).pointer(sums).pointer(null));
    }

    /**
     * y of every row for several tokens (REQ-DOT-004, REQ-DOT-006).
     *
     * @param codes the tokens in the device's order, one after the other
     * @param tokenScales their scales
     * @param tokens their number, at least 1
     * @param y where the outputs go: {@code y[t][row]}, binary32
     */
    void multiply(DeviceMemory codes, DeviceMemory tokenScales, int tokens, DeviceMemory y) {
        if (tokens <= GEMV_TOKENS) {
            device.launch(gemv(codes, tokenScales).pointer(null).pointer(y));
            return;
        }
        device.launch(operands("gemm_", ceilDiv(rows, THREADS / 32 * TILE_ROWS), ceilDiv(tokens, TILE_TOKENS))
                .int32(tokens)
                .pointer(codes)
                .pointer(tokenScales)
                .pointer(y));
    }

    private Launch gemv(DeviceMemory codes, DeviceMemory scale) {
        int lanes = lanes(Format.blocks(columns));
        return operands("gemv_", ceilDiv(rows, THREADS / lanes), 1)
                .int32(lanes)
                .pointer(codes)
                .pointer(scale);
    }

    /** A launch with what gemv and gemm have in common. */
    private Launch operands(String kernel, long gridX, long gridY) {
        return parts(Launch.of(kernel + suffix(), gridX, gridY, THREADS))
                .int32(rows)
                .int32(Format.blocks(columns));
    }

    private Launch parts(Launch launch) {
        return launch.pointer(even).pointer(odd).pointer(subscales).pointer(scales);
    }

    @Override
    public void multiply(TokenInputs inputs, DeviceMemory y) {
        multiply(inputs.codes(), inputs.scales(), inputs.tokens(), y);
    }

    @Override
    public void embed(DeviceMemory ids, long idsAt, int tokens, float scale, DeviceMemory stream) {
        device.launch(parts(Launch.of("embed_" + suffix(), ceilDiv(columns, THREADS), tokens, THREADS))
                .int32(rows)
                .int32(columns)
                .int32(Format.blocks(columns))
                .pointer(ids, idsAt)
                .float32(scale)
                .pointer(stream));
    }

    private String suffix() {
        return format.name().toLowerCase(Locale.ROOT);
    }

    /**
     * How many lanes of a warp share a row: the largest power of two up to 32 that keeps at least 9 of 10 lanes busy,
     * or the one that keeps most.
     *
     * @param blocks B
     */
    static int lanes(int blocks) {
        int best = 1;
        for (int lanes = 32; lanes >= 1; lanes /= 2) {
            if (busy(blocks, lanes) >= 0.9) {
                return lanes;
            }
            if (busy(blocks, lanes) > busy(blocks, best)) {
                best = lanes;
            }
        }
        return best;
    }

    private static double busy(int blocks, int lanes) {
        return (double) blocks / (ceilDiv(blocks, lanes) * lanes);
    }

    private static long ceilDiv(int a, int b) {
        return Math.ceilDiv(a, b);
    }

    @Override
    public void close() {
        even.close();
        odd.close();
        if (subscales != null) {
            subscales.close();
        }
        scales.close();
    }
}
