// A libcublas.so.12 without a GPU: the calls that JCublasGemm makes, answered by a plain loop with BLAS's own meaning of its arguments (matrices by columns).
//
// The work goes through fake_driver.cpp, which records it where a graph is recorded. With FAKE_CUBLAS_FAULT=1 a sum is wrong.

#include <cstdint>
#include <cstdlib>
#include <dlfcn.h>

namespace {

enum { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, NOT_SUPPORTED = 15, OP_N = 0, OP_T = 1, R_8I = 3, R_32I = 10, COMPUTE_32I = 72 };

struct Gemm {
    int m, n, k, alpha, beta, lda, ldb, ldc;
    const int8_t *a, *b;
    int32_t* c;
};

// C = alpha * transposed(A) * B + beta * C
void run(const void* data) {
    const Gemm& g = *(const Gemm*) data;
    for (int j = 0; j < g.n; j++) {
        for (int i = 0; i < g.m; i++) {
            int32_t sum = getenv("FAKE_CUBLAS_FAULT") ? 1 : 0;
            for (int l = 0; l < g.k; l++) {
                sum += g.a[(int64_t) i * g.lda + l] * g.b[(int64_t) j * g.ldb + l];
            }
            int32_t* c = &g.c[(int64_t) j * g.ldc + i];
            *c = g.beta == 0 ? g.alpha * sum : g.alpha * sum + g.beta * *c;
        }
    }
}

int handles = 0;
void* stream_of_handle = nullptr;

}  // namespace

extern "C" {

int cublasCreate_v2(void** handle) { static int one; *handle = &one; handles++; return SUCCESS; }
int cublasDestroy_v2(void*) { return --handles == 0 ? SUCCESS : NOT_INITIALIZED; }
int cublasSetStream_v2(void*, void* stream) { stream_of_handle = stream; return SUCCESS; }
int cublasGetVersion_v2(void*, int* version) { *version = 120603; return SUCCESS; }

int cublasGemmEx(void*, int transa, int transb, int m, int n, int k, const void* alpha, const void* a, int atype, int lda, const void* b, int btype, int ldb,
        const void* beta, void* c, int ctype, int ldc, int compute, int) {
    if (transa != OP_T || transb != OP_N || atype != R_8I || btype != R_8I || ctype != R_32I || compute != COMPUTE_32I || lda % 4 != 0 || ldb % 4 != 0) {
        return NOT_SUPPORTED;
    }
    if (lda < k || ldb < k || ldc < m || stream_of_handle == nullptr) {
        return INVALID_VALUE;
    }
    void* driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
    auto perform = driver ? (int (*)(void (*)(const void*), const void*, size_t)) dlsym(driver, "fake_cuda_perform") : nullptr;
    if (!perform) {
        return NOT_INITIALIZED;
    }
    Gemm gemm{m, n, k, *(const int*) alpha, *(const int*) beta, lda, ldb, ldc, (const int8_t*) a, (const int8_t*) b, (int32_t*) c};
    return perform(run, &gemm, sizeof gemm) == 0 ? SUCCESS : INVALID_VALUE;
}
}
