package org.threehalf.backends.cuda;

import org.threehalf.kernels.format.Format;

/**
 * Tokens that several matrices are multiplied with: in binary32, and, from the first time that a packed matrix asks,
 * quantised (REQ-OPS-011).
 *
 * <p>The quantised tokens lie in memory that the decoder lends; they are overwritten by those of the next inputs.
 */
final class TokenInputs {
    private final CudaDevice device;
    private final DeviceMemory values;
    private final int tokens;
    private final int columns;
    private final Lent lent;
    private boolean quantized;

    /**
     * Where quantised tokens go.
     *
     * @param codes room for the codes of all tokens
     * @param scales room for their scales
     * @param state where the least refused index is kept, {@code refusedAt} bytes in
     */
    record Lent(DeviceMemory codes, DeviceMemory scales, DeviceMemory state, long refusedAt) {}

    /**
     * Inputs that are not quantised yet.
     *
     * @param values {@code tokens} rows of {@code columns} binary32
     */
    TokenInputs(CudaDevice device, DeviceMemory values, int tokens, int columns, Lent lent) {
        this.device = device;
        this.values = values;
        this.tokens = tokens;
        this.columns = columns;
        this.lent = lent;
    }

    int tokens() {
        return tokens;
    }

    /** In binary32. */
    DeviceMemory values() {
        return values;
    }

    /** The codes, in the device's order. */
    DeviceMemory codes() {
        quantize();
        return lent.codes;
    }

    /** The scales. */
    DeviceMemory scales() {
        quantize();
        return lent.scales;
    }

    private void quantize() {
        if (!quantized) {
            device.launch(Launch.of("quantize", tokens, 1, 256)
                    .pointer(values)
                    .int32(columns)
                    .int32(Format.blocks(columns))
                    .pointer(lent.codes)
                    .pointer(lent.scales)
                    .pointer(lent.state, lent.refusedAt));
            quantized = true;
        }
    }
}
