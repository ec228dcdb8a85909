package org.threehalf.backends.spi.decoder;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.product.Products;
import org.threehalf.backends.spi.product.Products.DeviceMatrix;
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

    static MatrixProduct of(Products device, Weights weights, TransformerOperations operations, WorkerPool pool) {
        return switch (weights) {
            case Weights.Quantized(var matrix) -> new Quantized(device.load(matrix), matrix.rotated());
            case Weights.Real(var matrix) -> new Real(matrix, operations, pool);
        };
    }

    /**
     * Vectors that several matrices are multiplied with: quantised once as they are, and once rotated, when the first
     * matrix asks for it.
     */
    final class Inputs {
        private final Products device;
        private final WorkerPool pool;
        private final float[][] values;
        private final @Nullable Inputs whole;
        private final int[] chosen;
        private @Nullable List<QuantizedToken> quantized;
        private @Nullable List<QuantizedToken> rotated;

        /** Vectors of K numbers, quantised by the device on the pool's threads. */
        Inputs(Products device, WorkerPool pool, float[][] values) {
            this(device, pool, values, null, new int[0]);
        }

        private Inputs(Products device, WorkerPool pool, float[][] values, @Nullable Inputs whole, int[] chosen) {
            this.device = device;
            this.pool = pool;
            this.values = values;
            this.whole = whole;
            this.chosen = chosen;
        }

        /** Some of these, by their numbers; quantised with them. */
        Inputs gathered(int[] numbers) {
            return new Inputs(
                    device,
                    pool,
                    Arrays.stream(numbers).mapToObj(t -> values[t]).toArray(float[][]::new),
                    this,
                    numbers);
        }

        /** The vectors rotated and then quantised (REQ-ROT-003). */
        private List<QuantizedToken> rotated() {
            if (rotated == null) {
                rotated = whole == null
                        ? quantize(HadamardRotation::rotated)
                        : Arrays.stream(chosen).mapToObj(whole.rotated()::get).toList();
            }
            return rotated;
        }

        private List<QuantizedToken> quantized() {
            if (quantized == null) {
                quantized = whole == null
                        ? quantize(vector -> vector)
                        : Arrays.stream(chosen).mapToObj(whole.quantized()::get).toList();
            }
            return quantized;
        }

        private List<QuantizedToken> quantize(UnaryOperator<float[]> before) {
            QuantizedToken[] tokens = new QuantizedToken[values.length];
            pool.forEach(tokens.length, t -> tokens[t] = device.quantize(before.apply(values[t])));
            return List.of(tokens);
        }
    }

    /** On the device. */
    record Quantized(DeviceMatrix matrix, boolean rotates) implements MatrixProduct {
        @Override
        public void multiply(Inputs inputs, float[][] y) {
            List<QuantizedToken> tokens = rotates ? inputs.rotated() : inputs.quantized();
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
        /** Rows that one task takes at least: enough to outweigh its start, few enough to spread small matrices. */
        private static final int ROWS = 32;
        /** Tasks that each worker has of a large matrix, so that one that is slow does not hold up all. */
        private static final int TASKS = 16;

        @Override
        public void multiply(Inputs inputs, float[][] y) {
            int groups = (matrix.rows() + ROWS - 1) / ROWS;
            int tasks = Math.min(groups, pool.workers() * TASKS);
            pool.forEach(
                    tasks,
                    task -> operations.products(
                            matrix, start(groups, tasks, task), start(groups, tasks, task + 1), inputs.values, y));
        }

        private int start(int groups, int tasks, int task) {
            return Math.min((int) ((long) groups * task / tasks) * ROWS, matrix.rows());
        }

        @Override
        public void close() {}
    }
}
