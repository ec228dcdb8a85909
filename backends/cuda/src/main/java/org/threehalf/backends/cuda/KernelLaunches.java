package org.threehalf.backends.cuda;

import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.Rotation;

/** Starts the kernels of {@code transformer.cu}: their grids and the order of their arguments stand here alone. */
final class KernelLaunches {
    private final CudaDevice device;

    KernelLaunches(CudaDevice device) {
        this.device = device;
    }

    /**
     * What the heads of a layer have in common.
     *
     * @param heads H
     * @param keyValueHeads H_kv
     * @param size n
     * @param capacity positions of the cache
     * @param window w, 0 for all
     * @param scale c
     * @param cap the cap of the scores, 0 for none
     */
    record Heads(int heads, int keyValueHeads, int size, int capacity, int window, float scale, float cap) {}

    /** y_i = dot(row i, x) for each token, with a matrix in binary32 (REQ-OPS-011). */
    void multiply(DeviceMemory matrix, int rows, int columns, DeviceMemory x, int tokens, DeviceMemory y) {
        device.launch(Launch.of("multiply_real", Math.ceilDiv(rows, 128 / 16), tokens, 128)
                .pointer(matrix)
                .int32(rows)
                .int32(columns)
                .pointer(x)
                .pointer(y));
    }

    /**
     * rmsnorm of some vectors of n elements (REQ-OPS-009).
     *
     * @param x holds them from {@code at}, an offset in bytes
     * @param y where the results go; may be {@code x} if {@code at} is 0
     */
    void norm(DeviceMemory x, long at, int vectors, int n, DeviceMemory weights, float epsilon, DeviceMemory y) {
        device.launch(Launch.of("rms_norm", vectors, 1, threads(n))
                .pointer(x, at)
                .pointer(weights)
                .int32(n)
                .float32(epsilon)
                .pointer(y));
    }

    /**
     * Some vectors of n elements, each less its mean (REQ-OPS-012).
     *
     * @param x holds them from {@code at}, an offset in bytes
     * @param y where the results go; may be {@code x} if {@code at} is 0
     */
    void centre(DeviceMemory x, long at, int vectors, int n, DeviceMemory y) {
        device.launch(Launch.of("centre", vectors, 1, threads(n))
                .pointer(x, at)
                .int32(n)
                .pointer(y));
    }

    /** Threads for a vector of n elements: whole warps, as many as it has work for. */
    private static int threads(int n) {
        return Math.clamp(Math.ceilDiv(n, 32) * 32, 32, 256);
    }

    /** x_i becomes x_i + d_{i mod period} for i &lt; count (REQ-OPS-010). */
    void add(DeviceMemory x, DeviceMemory addition, int count, int period) {
        device.launch(Launch.of("add", Math.ceilDiv(count, 256), 1, 256)
                .pointer(x)
                .pointer(addition)
                .int32(count)
                .int32(period));
    }

    /** x_i becomes x_i · factor (REQ-OPS-010). */
    void scale(DeviceMemory x, long count, float factor) {
        device.launch(Launch.of("scale", Math.ceilDiv(count, 256L), 1, 256)
                .pointer(x)
                .int64(count)
                .float32(factor));
    }

    /** gate_i becomes act(gate_i) · up_i (REQ-OPS-010, REQ-OPS-013). */
    void gate(Activation activation, DeviceMemory gate, DeviceMemory up, int count) {
        device.launch(Launch.of("gated", Math.ceilDiv(count, 256), 1, 256)
                .pointer(gate)
                .pointer(up)
                .int32(count)
                .int32(
                        switch (activation) {
                            case SILU -> 0;
                            case GELU -> 1;
                            case CLAMPED_SWIGLU -> 2;
                        }));
    }

    /** x_i becomes softcap(x_i, cap) (REQ-OPS-008). */
    void softCap(DeviceMemory x, long count, float cap) {
        device.launch(Launch.of("cap_logits", Math.ceilDiv(count, 256L), 1, 256)
                .pointer(x)
                .int64(count)
                .float32(cap));
    }

    /**
     * Rotates the heads of tokens (REQ-ROP-005).
     *
     * @param cosines {@code pairs} a position, of all positions
     * @param position holds the first token's position, int32
     */
    void rotate(
            Rotation.Layout layout,
            DeviceMemory x,
            int tokens,
            int heads,
            int size,
            DeviceMemory cosines,
            DeviceMemory sines,
            int pairs,
            DeviceMemory position) {
        device.launch(Launch.of("rotate", Math.ceilDiv(heads * pairs, 128), tokens, 128)
                .pointer(x)
                .int32(heads)
                .int32(size)
                .pointer(cosines)
                .pointer(sines)
                .int32(pairs)
                .int32(layout == Rotation.Layout.INTERLEAVED ? 1 : 0)
                .pointer(position));
    }

    /** Puts the keys or values of tokens into the cache (REQ-ATT-001). */
    void store(Heads heads, DeviceMemory x, int tokens, DeviceMemory position, DeviceMemory cache) {
        device.launch(Launch.of("store", Math.ceilDiv(heads.keyValueHeads * heads.size, 128), tokens, 128)
                .pointer(x)
                .int32(heads.keyValueHeads)
                .int32(heads.size)
                .int32(heads.capacity)
                .pointer(position)
                .pointer(cache));
    }

    /**
     * The attention of tokens (REQ-ATT-002 to REQ-ATT-006).
     *
     * @param query [tokens][H][n]
     * @param keys [H_kv][capacity][n]
     * @param values likewise
     * @param position holds the first token's position, int32
     * @param sinks H numbers, null where there are none
     * @param scores room for tokens · H · (capacity + 1) binary32
     * @param output where [tokens][H][n] go
     */
    void attend(
            Heads heads,
            int tokens,
            DeviceMemory query,
            DeviceMemory keys,
            DeviceMemory values,
            DeviceMemory position,
            @Nullable DeviceMemory sinks,
            DeviceMemory scores,
            DeviceMemory output) {
        int rows = tokens * heads.heads;
        // A position takes half a warp; the grid is as wide as a full context can use, up to what fills a large GPU.
        int width = Math.min(Math.ceilDiv(heads.capacity, 256 / 16), 64);
        device.launch(Launch.of("attention_scores", width, rows, 256)
                .pointer(query)
                .pointer(keys)
                .int32(heads.heads)
                .int32(heads.keyValueHeads)
                .int32(heads.size)
                .int32(heads.capacity)
                .int32(heads.window)
                .float32(heads.scale)
                .float32(heads.cap)
                .pointer(position)
                .pointer(scores));
        device.launch(Launch.of("attention_weights", rows, 1, 256)
                .pointer(scores)
                .int32(heads.heads)
                .int32(heads.capacity)
                .int32(heads.window)
                .pointer(sinks == null ? scores : sinks)
                .int32(sinks == null ? 0 : 1)
                .pointer(position));
        device.launch(Launch.of("attention_output", Math.ceilDiv(heads.size, 32), rows, 512)
                .pointer(scores)
                .pointer(values)
                .int32(heads.heads)
                .int32(heads.keyValueHeads)
                .int32(heads.size)
                .int32(heads.capacity)
                .int32(heads.window)
                .pointer(position)
                .pointer(output));
    }

    /**
     * The most likely token becomes the next to be fed (REQ-SMP-002 at temperature 0).
     *
     * @param state the decoder's state
     * @param drawn where it is listed, by position
     */
    void takeMostLikely(DeviceMemory logits, int vocabulary, DeviceMemory state, DeviceMemory drawn) {
        device.launch(Launch.of("take_most_likely", 1, 1, 256)
                .pointer(logits)
                .int32(vocabulary)
                .pointer(state)
                .pointer(drawn));
    }
}
