package org.threehalf.backends.cuda;

import java.nio.file.Path;
import java.util.function.Consumer;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.cudaStream_t;
import org.jspecify.annotations.Nullable;

/**
 * cuBLAS: {@code cublasGemmEx} with int8 operands and int32 sums, in a device's stream.
 *
 * <p>{@code libcublas.so.12} comes with the CUDA toolkit, or from PyPI as {@code nvidia-cublas-cu12}. Where the
 * system's loader does not find it, the property {@value #LIBRARY_PROPERTY} names the file.
 */
final class JCublasGemm implements Int8Gemm {
    /** Names the file of the library. */
    static final String LIBRARY_PROPERTY = "threehalf.cuda.cublas";

    private static final String LIBRARY = "libcublas.so.12";

    private final JCudaDevice device;
    private final cublasHandle handle = new cublasHandle();
    private final int version;

    /**
     * Opens the library.
     *
     * @throws CudaException if it refuses
     */
    @SuppressWarnings("restricted") // The library that the user names.
    JCublasGemm(JCudaDevice device) {
        this.device = device;
        String configured = System.getProperty(LIBRARY_PROPERTY);
        if (configured != null) {
            // JCuda's own library asks for it by name, and is content with one that is loaded.
            System.load(Path.of(configured).toAbsolutePath().toString());
        }
        JCudaLibraries.loadCublas();
        JCublas2.setExceptionsEnabled(true);
        int[] found = new int[1];
        attempt("opening cuBLAS", stream -> {
            JCublas2.cublasCreate(handle);
            JCublas2.cublasSetStream(handle, new cudaStream_t(stream));
            JCublas2.cublasGetVersion(handle, found);
        });
        version = found[0];
    }

    /** Why the library cannot be used, and what to do; null if it can. */
    static @Nullable String missing() {
        return ToolkitLibrary.missing(LIBRARY, LIBRARY, LIBRARY_PROPERTY, "nvidia-cublas-cu12");
    }

    private void attempt(String what, Consumer<CUstream> calls) {
        device.inStream(stream -> {
            try {
                calls.accept(stream);
            } catch (jcuda.CudaException e) {
                throw new CudaException("%s: cuBLAS answers %s".formatted(what, e.getMessage()), e);
            }
        });
    }

    @Override
    public String description() {
        return "cuBLAS %d.%d.%d, cublasGemmEx int8 into int32"
                .formatted(version / 10_000, version / 100 % 100, version % 100);
    }

    private static Pointer pointer(DeviceMemory memory) {
        return new CUdeviceptr().withByteOffset(memory.address());
    }

    @Override
    public void multiply(
            DeviceMemory weights, int rows, int columns, DeviceMemory tokens, int count, DeviceMemory sums) {
        weights.requireRange(0, (long) rows * columns);
        tokens.requireRange(0, (long) count * columns);
        sums.requireRange(0, (long) count * rows * Integer.BYTES);
        // cuBLAS counts by columns: our rows are the columns of its first operand, which it is told to transpose, and
        // sums[t] is a column of its result.
        attempt(
                "a product of %d x %d with %d tokens".formatted(rows, columns, count),
                stream -> JCublas2.cublasGemmEx_new(
                        handle,
                        cublasOperation.CUBLAS_OP_T,
                        cublasOperation.CUBLAS_OP_N,
                        rows,
                        count,
                        columns,
                        Pointer.to(new int[] {1}),
                        pointer(weights),
                        cudaDataType.CUDA_R_8I,
                        columns,
                        pointer(tokens),
                        cudaDataType.CUDA_R_8I,
                        columns,
                        Pointer.to(new int[] {0}),
                        pointer(sums),
                        cudaDataType.CUDA_R_32I,
                        rows,
                        cublasComputeType.CUBLAS_COMPUTE_32I,
                        cublasGemmAlgo.CUBLAS_GEMM_DEFAULT));
    }

    @Override
    public void close() {
        attempt("closing cuBLAS", stream -> JCublas2.cublasDestroy(handle));
    }
}
