package org.threehalf.inference.calibrate;

import java.util.List;
import java.util.Map;
import org.threehalf.backends.spi.product.Products;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.quantize.Hessian;

/**
 * Products that add the inputs of some matrices, quantised as the products take them, to their Hessians; all else is
 * the device's.
 */
record CapturingProducts(Products device, Map<PackedMatrix, Hessian> hessians) implements Products {

    @Override
    public QuantizedToken quantize(float[] activations) {
        return device.quantize(activations);
    }

    @Override
    public DeviceMatrix load(PackedMatrix matrix) {
        DeviceMatrix loaded = device.load(matrix);
        Hessian hessian = hessians.get(matrix);
        return hessian == null ? loaded : new Capturing(loaded, hessian);
    }

    /** s · a of each token. */
    static double[][] values(List<QuantizedToken> tokens) {
        return tokens.stream()
                .map(token -> {
                    double[] values = new double[token.columns()];
                    for (int k = 0; k < values.length; k++) {
                        values[k] = (double) token.scale() * token.codes()[k];
                    }
                    return values;
                })
                .toArray(double[][]::new);
    }

    private record Capturing(DeviceMatrix matrix, Hessian hessian) implements DeviceMatrix {
        @Override
        public void sums(QuantizedToken token, int[] sums) {
            matrix.sums(token, sums);
        }

        @Override
        public void gemv(QuantizedToken token, float[] y) {
            hessian.add(values(List.of(token)));
            matrix.gemv(token, y);
        }

        @Override
        public void gemm(List<QuantizedToken> tokens, float[][] y) {
            hessian.add(values(tokens));
            matrix.gemm(tokens, y);
        }

        @Override
        public void close() {
            matrix.close();
        }
    }
}
