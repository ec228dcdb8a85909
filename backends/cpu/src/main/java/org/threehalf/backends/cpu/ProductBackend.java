package org.threehalf.backends.cpu;

import java.lang.foreign.Arena;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.RowScales;
import org.threehalf.kernels.VectorSupport;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.KernelMatrix;
import org.threehalf.kernels.product.ProductKernel;
import org.threehalf.kernels.product.ReferenceKernel;
import org.threehalf.kernels.product.ThreadedProduct;
import org.threehalf.kernels.product.WorkerPool;
import org.threehalf.kernels.simd.ActivationVectors;
import org.threehalf.kernels.transformer.ScalarOperations;
import org.threehalf.kernels.transformer.TransformerOperations;

/** A kernel of this machine as a backend, on a fixed pool of threads. */
public final class ProductBackend implements Backend {

    private final ProductKernel kernel;
    private final TransformerOperations operations;
    private final Function<float[], QuantizedToken> quantizer;
    private final WorkerPool pool;
    private final KernelMatrix.Scratch[] scratch;
    private final boolean warmsUp;
    /** Of each format that was loaded since the last product. */
    private final Map<Format, WarmUp> warmUps = new EnumMap<>(Format.class);

    private ProductBackend(
            ProductKernel kernel,
            TransformerOperations operations,
            Function<float[], QuantizedToken> quantizer,
            int threads,
            boolean warmsUp) {
        this.kernel = kernel;
        this.operations = operations;
        this.quantizer = quantizer;
        this.pool = new WorkerPool(threads);
        this.scratch = new KernelMatrix.Scratch[threads];
        this.warmsUp = warmsUp;
    }

    /**
     * A backend on a pool that it owns, with what Java has for all that is no product.
     *
     * @param threads at least 1
     */
    ProductBackend(ProductKernel kernel, int threads) {
        this(
                kernel,
                TransformerOperations.fastest(),
                VectorSupport.available() ? ActivationVectors::quantize : QuantizedToken::of,
                threads,
                true);
    }

    /**
     * The reference: scalar kernels and operations on the calling thread. What is right is defined by code that a
     * reviewer can read.
     */
    static ProductBackend reference() {
        return new ProductBackend(new ReferenceKernel(), new ScalarOperations(), QuantizedToken::of, 1, false);
    }

    /**
     * A backend of a kernel on as many threads as the system property {@value Threads#PROPERTY} says, or the machine
     * has processors.
     *
     * @throws IllegalStateException if the property is not a positive number
     */
    public static ProductBackend onAllThreads(ProductKernel kernel) {
        return new ProductBackend(kernel, Threads.count());
    }

    /**
     * As {@link #onAllThreads(ProductKernel)}, with operations and a quantiser that go with the kernel.
     *
     * @param operations what a decoder does between products
     * @param quantizer as {@link QuantizedToken#of}; both are called by several threads at once
     * @throws IllegalStateException if the property is not a positive number
     */
    public static ProductBackend onAllThreads(
            ProductKernel kernel, TransformerOperations operations, Function<float[], QuantizedToken> quantizer) {
        return onThreads(kernel, operations, quantizer, Threads.count());
    }

    /**
     * As {@link #onAllThreads(ProductKernel, TransformerOperations, Function)}, on a number of threads.
     *
     * @param threads at least 1
     */
    public static ProductBackend onThreads(
            ProductKernel kernel,
            TransformerOperations operations,
            Function<float[], QuantizedToken> quantizer,
            int threads) {
        return new ProductBackend(kernel, operations, quantizer, threads, true);
    }

    @Override
    public String name() {
        return kernel.name();
    }

    @Override
    public boolean cutsWindows() {
        return kernel.cutsWindows();
    }

    @Override
    public WorkerPool workers() {
        return pool;
    }

    @Override
    public QuantizedToken quantize(float[] activations) {
        return quantizer.apply(activations);
    }

    @Override
    public TransformerOperations operations() {
        return operations;
    }

    @Override
    public DeviceMatrix load(PackedMatrix matrix) {
        RowScales scales = RowScales.of(matrix);
        Arena arena = Arena.ofShared();
        try {
            KernelMatrix prepared = kernel.prepare(matrix, arena);
            for (int i = 0; i < scratch.length; i++) {
                scratch[i] = scratch[i] == null ? prepared.scratch() : scratch[i];
            }
            return new ProductMatrix(new ThreadedProduct(prepared, scales, pool, scratch), arena, warmUp(prepared));
        } catch (OutOfMemoryError full) {
            arena.close();
            throw new IllegalStateException(
                    "no memory for a matrix of %d x %d in %s: %,d bytes packed"
                            .formatted(
                                    matrix.rows(),
                                    matrix.columns(),
                                    matrix.format(),
                                    matrix.codes().byteSize()),
                    full);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    /** Starts a warm-up with the first large matrix of a format. */
    private @Nullable WarmUp warmUp(KernelMatrix matrix) {
        if (!warmsUp
                || (long) matrix.rows() * matrix.columns() < WarmUp.LEAST_WEIGHTS
                || warmUps.containsKey(matrix.format())) {
            return null;
        }
        WarmUp started = new WarmUp(matrix);
        warmUps.put(matrix.format(), started);
        return started;
    }

    /** A product that somebody waits for begins. */
    private void stopWarmUps() {
        if (!warmUps.isEmpty()) {
            warmUps.values().forEach(WarmUp::stop);
            warmUps.clear();
        }
    }

    /** Ends the threads. Matrices that are still loaded keep their memory until they are closed. */
    @Override
    public void close() {
        pool.close();
    }

    private final class ProductMatrix implements DeviceMatrix {
        private final ThreadedProduct product;
        private final Arena arena;
        private final @Nullable WarmUp warmUp;

        private ProductMatrix(ThreadedProduct product, Arena arena, @Nullable WarmUp warmUp) {
            this.product = product;
            this.arena = arena;
            this.warmUp = warmUp;
        }

        @Override
        public void sums(QuantizedToken token, int[] sums) {
            stopWarmUps();
            product.sums(token, sums);
        }

        @Override
        public void gemv(QuantizedToken token, float[] y) {
            stopWarmUps();
            product.gemv(token, y);
        }

        @Override
        public void gemm(List<QuantizedToken> tokens, float[][] y) {
            stopWarmUps();
            product.gemm(tokens, y);
        }

        @Override
        public void close() {
            if (warmUp != null) {
                warmUp.close();
            }
            arena.close();
        }
    }
}
