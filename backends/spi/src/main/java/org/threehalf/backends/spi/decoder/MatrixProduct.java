package org.threehalf.backends.spi.decoder;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.Backend.DeviceMatrix;
import org.threehalf.kernels.HadamardRotation;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.product.WorkerPool;
import org.threehalf.kernels.transformer.FloatMatrix;
import org.threehalf.kernels.transformer.TransformerOperations;

/** The product of one matrix with the vectors of some tokens (REQ-OPS-011). */
sealed interface MatrixProduct extends AutoCloseable {

    /**
     * y_t = W · x_t.
     *
     * @param inputs x_t, K numbers each
     * @param y where the N outputs of each token go
     */
    void multiply(Inputs inputs, float[][] y);

    @Override
    void close();

    static MatrixProduct of(Backend backend, Weights weights, TransformerOperations operations, WorkerPool pool) {
        return switch (weights) {
            case Weights.Quantized(var matrix) -> new Quantized(backend, backend.load(matrix), matrix.rotated(), pool);
            case Weights.Real(var matrix) -> new Real(matrix, operations, pool);
        };
    }

    /** Vectors that several matrices are multiplied with: quantised once as they are, and once rotated, when the first matrix asks for it. */
    final class Inputs {
        private final float[][] values;
        private @Nullable List<QuantizedToken> quantized;
        private @Nullable List<QuantizedToken> rotated;

        /** Vectors of K numbers. */
        Inputs(float[][] values) {
            this.values = values;
        }

        /** The vectors rotated and then quantised (REQ-ROT-003). */
        private List<QuantizedToken> rotated(Backend backend, WorkerPool pool) {
            if (rotated == null) {
                QuantizedToken[] tokens = new QuantizedToken[values.length];
                pool.forEach(tokens.length, t -> tokens[t] = backend.quantize(HadamardRotation.rotated(values[t])));
                rotated = List.of(tokens);
            }
            return rotated;
        }

        private List<QuantizedToken> quantized(Backend backend, WorkerPool pool) {
            if (quantized == null) {
                QuantizedToken[] tokens = new QuantizedToken[values.length];
                pool.forEach(tokens.length, t -> tokens[t] = backend.quantize(values[t]));
                quantized = List.of(tokens);
            }
            return quantized;
        }
    }

    /** On the backend. */
    record Quantized(Backend backend, DeviceMatrix matrix, boolean rotates, WorkerPool pool) implements MatrixProduct {
        @Override
        public void multiply(Inputs inputs, float[][] y) {
            List<QuantizedToken> tokens = rotates ? inputs.rotated(backend, pool) : inputs.quantized(backend, pool);
            if (y.length == 1) {
                matrix.gemv(tokens.getFirst(), y[0]);
            } else {
                matrix.gemm(tokens, y);
            }
        }

        @Override
        public void close() {
            matrix.close();
        }
    }

    /** On the host: each row is brought to binary32 once and multiplied with all vectors. */
    record Real(FloatMatrix matrix, TransformerOperations operations, WorkerPool pool) implements MatrixProduct {
        /** Rows that one task takes: enough to outweigh its start, few enough to spread small matrices. */
        private static final int ROWS = 32;

        @Override
        public void multiply(Inputs inputs, float[][] y) {
            int tasks = (matrix.rows() + ROWS - 1) / ROWS;
            pool.forEach(tasks, task -> operations.products(matrix, task * ROWS, Math.min(task * ROWS + ROWS, matrix.rows()), inputs.values, y));
        }

        @Override
        public void close() {}
    }
}
