package org.threehalf.inference.calibrate;

import java.util.List;
import java.util.Map;
import org.threehalf.backends.spi.product.Products;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;

/**
 * Products that add the inputs of some matrices, quantised as the products take them, to their sums; all else is the
 * device's.
 */
record CapturingProducts(Products device, Map<PackedMatrix, CalibratedModel.InputSum> sums) implements Products {

    @Override
    public QuantizedToken quantize(float[] activations) {
        return device.quantize(activations);
    }

    @Override
    public DeviceMatrix load(PackedMatrix matrix) {
        DeviceMatrix loaded = device.load(matrix);
        CalibratedModel.InputSum sum = sums.get(matrix);
        return sum == null ? loaded : new Capturing(loaded, sum);
    }

    private record Capturing(DeviceMatrix matrix, CalibratedModel.InputSum sum) implements DeviceMatrix {
        @Override
        public void sums(QuantizedToken token, int[] sums) {
            matrix.sums(token, sums);
        }

        @Override
        public void gemv(QuantizedToken token, float[] y) {
            sum.add(List.of(token));
            matrix.gemv(token, y);
        }

        @Override
        public void gemm(List<QuantizedToken> tokens, float[][] y) {
            sum.add(tokens);
            matrix.gemm(tokens, y);
        }

        @Override
        public void close() {
            matrix.close();
        }
    }
}
