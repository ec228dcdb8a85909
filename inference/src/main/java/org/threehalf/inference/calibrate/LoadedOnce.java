package org.threehalf.inference.calibrate;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.backends.spi.product.Products;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;

/** A device that keeps some matrices from decoder to decoder, until it is closed itself. */
final class LoadedOnce implements Products, AutoCloseable {
    private final Products device;
    private final Set<PackedMatrix> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<PackedMatrix, DeviceMatrix> loaded = new IdentityHashMap<>();

    /** Of a device, which stays the caller's. */
    LoadedOnce(Products device) {
        this.device = device;
    }

    /** The same matrix, which is kept once it is loaded. */
    Weights kept(Weights weights) {
        kept.add(((Weights.Quantized) weights).matrix());
        return weights;
    }

    @Override
    public QuantizedToken quantize(float[] activations) {
        return device.quantize(activations);
    }

    @Override
    public float output(int sum, float rowScale, float activationScale) {
        return device.output(sum, rowScale, activationScale);
    }

    @Override
    public DeviceMatrix load(PackedMatrix matrix) {
        return kept.contains(matrix) ? new Shared(loaded.computeIfAbsent(matrix, device::load)) : device.load(matrix);
    }

    @Override
    public void close() {
        loaded.values().forEach(DeviceMatrix::close);
        loaded.clear();
    }

    /** A matrix that others use too. */
    private record Shared(DeviceMatrix matrix) implements DeviceMatrix {
        @Override
        public void sums(QuantizedToken token, int[] sums) {
            matrix.sums(token, sums);
        }

        @Override
        public void gemv(QuantizedToken token, float[] y) {
            matrix.gemv(token, y);
        }

        @Override
        public void gemm(List<QuantizedToken> tokens, float[][] y) {
            matrix.gemm(tokens, y);
        }

        @Override
        public void close() {}
    }
}
