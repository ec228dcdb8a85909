package org.threehalf.backends.spi.decoder;

import java.util.List;
import org.threehalf.backends.spi.Backend;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.product.ReferenceKernel;
import org.threehalf.kernels.product.WorkerPool;

/** The reference products as a backend; counts what is loaded. */
final class PlainBackend implements Backend {
    private final WorkerPool pool;
    private int loaded;

    /** With so many threads for what is between products. */
    PlainBackend(int threads) {
        pool = new WorkerPool(threads);
    }

    /** Matrices that are loaded and not closed. */
    int loaded() {
        return loaded;
    }

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public WorkerPool workers() {
        return pool;
    }

    @Override
    public QuantizedToken quantize(float[] activations) {
        return QuantizedToken.of(activations);
    }

    @Override
    public DeviceMatrix load(PackedMatrix matrix) {
        loaded++;
        return new DeviceMatrix() {
            @Override
            public void sums(QuantizedToken token, int[] sums) {
                ReferenceKernel.sums(matrix, token, sums);
            }

            @Override
            public void gemv(QuantizedToken token, float[] y) {
                ReferenceKernel.gemv(matrix, token, y);
            }

            @Override
            public void gemm(List<QuantizedToken> tokens, float[][] y) {
                ReferenceKernel.gemm(matrix, tokens, y);
            }

            @Override
            public void close() {
                loaded--;
            }
        };
    }

    @Override
    public void close() {
        pool.close();
    }
}
