package org.threehalf.backends.cpu;

import java.util.List;
import org.threehalf.backends.spi.Backend;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.ReferenceProduct;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.ScalarOperations;
import org.threehalf.kernels.transformer.TransformerOperations;

/** The reference kernels as a backend. */
final class ReferenceBackend implements Backend {

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public QuantizedToken quantize(float[] activations) {
        return QuantizedToken.of(activations);
    }

    @Override
    public DeviceMatrix load(PackedMatrix matrix) {
        for (int row = 0; row < matrix.rows(); row++) {
            Format.requireScale(matrix.scale(row));
        }
        return new ReferenceMatrix(matrix);
    }

    /** The scalar operations: what is right is defined by code that a reviewer can read. */
    @Override
    public TransformerOperations operations() {
        return new ScalarOperations();
    }

    @Override
    public void close() {}

    private record ReferenceMatrix(PackedMatrix matrix) implements DeviceMatrix {
        @Override
        public void sums(QuantizedToken token, int[] sums) {
            ReferenceProduct.sums(matrix, token, sums);
        }

        @Override
        public void gemv(QuantizedToken token, float[] y) {
            ReferenceProduct.gemv(matrix, token, y);
        }

        @Override
        public void gemm(List<QuantizedToken> tokens, float[][] y) {
            ReferenceProduct.gemm(matrix, tokens, y);
        }

        @Override
        public void close() {}
    }
}
