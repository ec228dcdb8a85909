package org.threehalf.backends.cuda;

import java.util.Arrays;
import java.util.List;
import org.threehalf.backends.spi.Backend;
import org.threehalf.kernels.QuantizedToken;

/** A matrix on the device, with operands on the host. */
final class CudaMatrix implements Backend.DeviceMatrix {
    private final CudaBackend backend;
    private final ResidentMatrix matrix;

    CudaMatrix(CudaBackend backend, ResidentMatrix matrix) {
        this.backend = backend;
        this.matrix = matrix;
    }

    @Override
    public void sums(QuantizedToken token, int[] sums) {
        requireSizes(token, sums.length);
        backend.product(matrix, token, sums);
    }

    @Override
    public void gemv(QuantizedToken token, float[] y) {
        requireSizes(token, y.length);
        backend.product(matrix, List.of(token), List.of(y));
    }

    @Override
    public void gemm(List<QuantizedToken> tokens, float[][] y) {
        if (y.length != tokens.size()) {
            throw new IllegalArgumentException("%d outputs for %d tokens".formatted(y.length, tokens.size()));
        }
        for (int t = 0; t < y.length; t++) {
            requireSizes(tokens.get(t), y[t].length);
        }
        if (y.length > 0) {
            backend.product(matrix, tokens, Arrays.asList(y));
        }
    }

    private void requireSizes(QuantizedToken token, int outputs) {
        if (token.columns() != matrix.columns() || outputs != matrix.rows()) {
            throw new IllegalArgumentException("a matrix of %d x %d with a token of %d activations and %d outputs"
                    .formatted(matrix.rows(), matrix.columns(), token.columns(), outputs));
        }
    }

    @Override
    public void close() {
        matrix.close();
    }
}
