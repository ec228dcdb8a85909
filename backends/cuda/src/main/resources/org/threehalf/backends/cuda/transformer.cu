// The operations of a transformer besides its products with quantised matrices (spec/INFERENCE.md).
//
// Each operator below is one binary32 operation, rounded to nearest even: the compiler is told not to fuse (--fmad=false), not to flush subnormals and to
// divide and take roots exactly, and a test looks at every instruction that comes out. Where a sum has an order (REQ-OPS-002), its 16 partial sums
// are 16 lanes, each of which adds its own terms one after the other, and the tree is four exchanges between lanes.
//
// What differs from token to token (its id, its position) is read from memory, so that a recorded graph of launches fits every token.

// ---------------------------------------------------------------------------------------------------- elementary functions

// 2^n for n from -126 to 127.
__device__ __forceinline__ float power_of_two(int n) {
    return __int_as_float((n + 127) << 23);
}

// REQ-OPS-004. The numbers of the elementary functions (TH_EXP_…, TH_TANH_…, …) are Java's: they stand before this text, written by CudaSource.
__device__ __forceinline__ float exponential(float x) {
    if (x < TH_EXP_LOWEST) {
        return 0.0f;
    }
    if (x > TH_EXP_HIGHEST) {
        return __int_as_float(0x7f800000);
    }
    float n = (x * TH_LOG2_E + TH_ROUND) - TH_ROUND;
    float r = (x - n * TH_LN2_HIGH) - n * TH_LN2_LOW;
    float q = (((TH_EXP_4 * r + TH_EXP_3) * r + TH_EXP_2) * r + TH_EXP_1) * r + TH_EXP_0;
    float e = ((r * r) * q + r) + 1.0f;
    int exponent = (int) n;
    int half = exponent >> 1;
    return (e * power_of_two(half)) * power_of_two(exponent - half);
}

// REQ-OPS-005.
__device__ __forceinline__ float silu(float x) {
    return x / (1.0f + exponential(-x));
}

// REQ-OPS-006.
__device__ __forceinline__ float gelu(float x) {
    float v = x * ((x * x) * TH_GELU_3 + TH_GELU_1);
    return x / (1.0f + exponential(-v));
}

// REQ-OPS-013.
__device__ __forceinline__ float clamped_swiglu(float g, float u) {
    float limited = fminf(g, TH_SWIGLU_LIMIT);
    float factor = fminf(fmaxf(u, -TH_SWIGLU_LIMIT), TH_SWIGLU_LIMIT) + 1.0f;
    return factor * (limited / (1.0f + exponential(-(limited * TH_SWIGLU_SLOPE))));
}

// REQ-OPS-007.
__device__ __forceinline__ float hyperbolic_tangent(float x) {
    float a = fabsf(x);
    float magnitude;
    if (a < TH_TANH_SMALL) {
        float z = a * a;
        magnitude = (z * ((((TH_TANH_4 * z + TH_TANH_3) * z + TH_TANH_2) * z + TH_TANH_1) * z + TH_TANH_0)) * a + a;
    } else {
        magnitude = 1.0f - 2.0f / (exponential(fminf(a, TH_TANH_LARGEST) * 2.0f) + 1.0f);
    }
    return copysignf(magnitude, x);
}

// REQ-OPS-008.
__device__ __forceinline__ float soft_cap(float x, float cap) {
    return cap * hyperbolic_tangent(x / cap);
}

// The tree of REQ-OPS-002 over the partial sums of 16 neighbouring lanes. Lanes from s on add the same pair the other way round, which gives the same
// bits, so that every lane has the sum. All lanes of the warp must take part.
__device__ __forceinline__ float tree_sum(float partial) {
    for (int s = 8; s > 0; s /= 2) {
        partial = partial + __shfl_xor_sync(0xffffffffu, partial, s);
    }
    return partial;
}

// ---------------------------------------------------------------------------------------------------- embedding

// A weight of a half of block i, from the device's order (products.cu): number n of the half.
template <typename BOOK>
__device__ __forceinline__ int weight_in_half(const void* __restrict__ half, size_t i, size_t all, int n) {
    if (BOOK::bits == 8) {
        return ((const th_int8*) half)[((n >> 4) * all + i) * 16 + (n & 15)];
    }
    const unsigned* words = (const unsigned*) half;
    unsigned group;
    if (BOOK::bits == 4) {
        group = words[i * 4 + (n >> 3)];
    } else {
        unsigned w0 = words[i * 2], w1 = words[i * 2 + 1], w2 = words[all * 2 + i];
        group = n < 8 ? w0 : n < 16 ? w1 : n < 24 ? w2 : last_codes(w0, w1, w2);
    }
    return (th_int8) BOOK::values(group >> (4 * (n & 7)));
}

// The rows of tokens in binary32, times the embedding scale (REQ-DEC-001, REQ-FMT-006). One thread an element: grid (columns / threads, tokens).
template <typename EVEN, typename ODD, bool SUBSCALES>
__device__ __forceinline__ void embed(
        const void* __restrict__ even, const void* __restrict__ odd, const th_byte* __restrict__ subscales, const float* __restrict__ row_scales,
        int rows, int columns, int blocks, const int* __restrict__ tokens, float scale, float* __restrict__ stream) {
    int k = blockIdx.x * blockDim.x + threadIdx.x;
    if (k >= columns) {
        return;
    }
    size_t row = tokens[blockIdx.y];
    int b = k / 64;
    size_t i = row * blocks + b;
    size_t all = (size_t) rows * blocks;
    int n = k % 64 / 2;
    int value = k & 1 ? weight_in_half<ODD>(odd, i, all, n) : weight_in_half<EVEN>(even, i, all, n);
    float weight = row_scales[row] * (float) (subscale<SUBSCALES>(subscales, row, blocks, b) * value);
    stream[(size_t) blockIdx.y * columns + k] = weight * scale;
}

#define TH_EMBED(NAME, EVEN, ODD, SUBSCALES)                                                                                              \
    extern "C" __global__ void __launch_bounds__(128) embed_##NAME(                                                                       \
            const void* __restrict__ even, const void* __restrict__ odd, const th_byte* __restrict__ subscales,                           \
            const float* __restrict__ row_scales, int rows, int columns, int blocks, const int* __restrict__ tokens, float scale,          \
            float* __restrict__ stream) {                                                                                                 \
        embed<EVEN, ODD, SUBSCALES>(even, odd, subscales, row_scales, rows, columns, blocks, tokens, scale, stream);               \
    }


// The same from a matrix in binary32.
extern "C" __global__ void __launch_bounds__(128)
embed_real(const float* __restrict__ matrix, int columns, const int* __restrict__ tokens, float scale, float* __restrict__ stream) {
    int k = blockIdx.x * blockDim.x + threadIdx.x;
    if (k < columns) {
        stream[(size_t) blockIdx.y * columns + k] = matrix[(size_t) tokens[blockIdx.y] * columns + k] * scale;
    }
}

// ---------------------------------------------------------------------------------------------------- products in binary32

// y_i = dot(row i, x) (REQ-OPS-003, REQ-OPS-011). 16 lanes a row: grid (rows / (threads / 16), tokens).
extern "C" __global__ void __launch_bounds__(128)
multiply_real(const float* __restrict__ matrix, int rows, int columns, const float* __restrict__ x, float* __restrict__ y) {
    int lane = threadIdx.x % 16;
    int row = blockIdx.x * (blockDim.x / 16) + threadIdx.x / 16;
    // Rows past the end are computed as the last one, and not stored: all lanes take part in the tree.
    const float* weights = matrix + (size_t) min(row, rows - 1) * columns;
    const float* token = x + (size_t) blockIdx.y * columns;
    float partial = 0.0f;
    for (int k = lane; k < columns; k += 16) {
        partial = partial + weights[k] * token[k];
    }
    float sum = tree_sum(partial);
    if (lane == 0 && row < rows) {
        y[(size_t) blockIdx.y * rows + row] = sum;
    }
}

// ---------------------------------------------------------------------------------------------------- norms and element by element

enum { TH_STAGED = 2048 };

// The sum of n numbers, or of their squares, in the order of REQ-OPS-002, by a whole block of threads; thread 0 has it.
//
// All threads bring the terms to shared memory, a piece at a time; there 16 lanes add them in their order.
template <bool SQUARES>
__device__ __forceinline__ float staged_sum(const float* from, int n, float* terms) {
    float partial = 0.0f;
    for (int piece = 0; piece < n; piece += TH_STAGED) {
        int count = min(n - piece, (int) TH_STAGED);
        for (int k = threadIdx.x; k < count; k += blockDim.x) {
            terms[k] = SQUARES ? from[piece + k] * from[piece + k] : from[piece + k];
        }
        __syncthreads();
        if (threadIdx.x < 16) {
            for (int k = threadIdx.x; k < count; k += 16) {
                partial = partial + terms[k];
            }
        }
        __syncthreads();
    }
    return threadIdx.x < 32 ? tree_sum(partial) : 0.0f;
}

// rmsnorm of vectors of n elements, one after the other (REQ-OPS-009). One block of threads a vector; y may be x.
extern "C" __global__ void __launch_bounds__(256)
rms_norm(const float* x, const float* __restrict__ weights, int n, float epsilon, float* y) {
    __shared__ float squares[TH_STAGED];
    __shared__ float factor;
    const float* from = x + (size_t) blockIdx.x * n;
    float* to = y + (size_t) blockIdx.x * n;
    float sum = staged_sum<true>(from, n, squares);
    if (threadIdx.x == 0) {
        factor = 1.0f / sqrtf(sum / (float) n + epsilon);
    }
    __syncthreads();
    float r = factor;
    for (int k = threadIdx.x; k < n; k += blockDim.x) {
        to[k] = (from[k] * r) * weights[k];
    }
}

// Vectors of n elements, one after the other, each less its mean (REQ-OPS-012). One block of threads a vector; y may be x.
extern "C" __global__ void __launch_bounds__(256)
centre(const float* x, int n, float* y) {
    __shared__ float terms[TH_STAGED];
    __shared__ float mean;
    const float* from = x + (size_t) blockIdx.x * n;
    float* to = y + (size_t) blockIdx.x * n;
    float sum = staged_sum<false>(from, n, terms);
    if (threadIdx.x == 0) {
        mean = sum / (float) n;
    }
    __syncthreads();
    float m = mean;
    for (int k = threadIdx.x; k < n; k += blockDim.x) {
        to[k] = from[k] - m;
    }
}

// x_i becomes x_i + d_{i mod period}: residuals and biases (REQ-OPS-010).
extern "C" __global__ void __launch_bounds__(256)
add(float* __restrict__ x, const float* __restrict__ addition, int count, int period) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) {
        x[i] = x[i] + addition[i % period];
    }
}

// x_i becomes x_i * factor (REQ-OPS-010).
extern "C" __global__ void __launch_bounds__(256)
scale(float* __restrict__ x, long long count, float factor) {
    long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) {
        x[i] = x[i] * factor;
    }
}

// gate_i becomes act(gate_i) * up_i (REQ-OPS-010), with silu (0) or gelu (1), or the clamped product of both (2, REQ-OPS-013).
extern "C" __global__ void __launch_bounds__(256)
gated(float* __restrict__ gate, const float* __restrict__ up, int count, int activation) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) {
        float g = gate[i];
        float u = up[i];
        gate[i] = activation == 2 ? clamped_swiglu(g, u) : (activation == 1 ? gelu(g) : silu(g)) * u;
    }
}

// Capped logits (REQ-DEC-003).
extern "C" __global__ void __launch_bounds__(256)
cap_logits(float* __restrict__ logits, long long count, float cap) {
    long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) {
        logits[i] = soft_cap(logits[i], cap);
    }
}

// ---------------------------------------------------------------------------------------------------- rotary positions, and the cache

// Rotates heads of n elements by their positions' angles (REQ-ROP-005). One thread a pair: grid (heads * pairs / threads, tokens).
//
// x: [tokens][heads][n]; cosines, sines: [capacity][pairs], made by the host (REQ-ROP-003, REQ-ROP-004); position: of the first token.
extern "C" __global__ void __launch_bounds__(128)
rotate(float* __restrict__ x, int heads, int n, const float* __restrict__ cosines, const float* __restrict__ sines, int pairs, int interleaved,
       const int* __restrict__ position) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= heads * pairs) {
        return;
    }
    int pair = i % pairs;
    float* head = x + ((size_t) blockIdx.y * heads + i / pairs) * n;
    int first = interleaved ? 2 * pair : pair;
    int second = interleaved ? 2 * pair + 1 : pair + pairs;
    size_t angle = (size_t) (*position + blockIdx.y) * pairs + pair;
    float u = head[first];
    float v = head[second];
    float cos = cosines[angle];
    float sin = sines[angle];
    head[first] = u * cos - v * sin;
    head[second] = u * sin + v * cos;
}

// Puts keys or values into the cache (REQ-ATT-001). One thread an element: grid (heads * n / threads, tokens).
//
// x: [tokens][heads][n]; cache: [heads][capacity][n].
extern "C" __global__ void __launch_bounds__(128)
store(const float* __restrict__ x, int heads, int n, int capacity, const int* __restrict__ position, float* __restrict__ cache) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < heads * n) {
        size_t at = ((size_t) (i / n) * capacity + *position + blockIdx.y) * n + i % n;
        cache[at] = x[(size_t) blockIdx.y * heads * n + i];
    }
}

// ---------------------------------------------------------------------------------------------------- attention

// The first position that the query at p sees (REQ-ATT-002).
__device__ __forceinline__ int first_seen(int p, int window) {
    return window == 0 || p < window ? 0 : p - window + 1;
}

// Scores s_t (REQ-ATT-003, REQ-ATT-004). 16 lanes a position; a grid of any width along x goes through all: grid (some, tokens * heads).
//
// query: [tokens][heads][n]; keys: [key heads][capacity][n]; scores: [tokens * heads][capacity].
extern "C" __global__ void __launch_bounds__(256)
attention_scores(const float* __restrict__ query, const float* __restrict__ keys, int heads, int key_heads, int n, int capacity, int window, float scale,
                 float cap, const int* __restrict__ position, float* __restrict__ scores) {
    int lane = threadIdx.x % 16;
    int head = blockIdx.y % heads;
    int last = *position + blockIdx.y / heads;
    const float* q = query + (size_t) blockIdx.y * n;
    const float* cached = keys + (size_t) (head / (heads / key_heads)) * capacity * n;
    int warp = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    int warps = gridDim.x * (blockDim.x / 32);
    // Both halves of a warp go through the loop as often: all lanes take part in the tree.
    for (int both = first_seen(last, window) + 2 * warp; both <= last; both += 2 * warps) {
        int t = both + threadIdx.x % 32 / 16;
        const float* key = cached + (size_t) min(t, last) * n;
        float partial = 0.0f;
        for (int i = lane; i < n; i += 16) {
            partial = partial + q[i] * key[i];
        }
        float score = tree_sum(partial) * scale;
        if (lane == 0 && t <= last) {
            scores[(size_t) blockIdx.y * capacity + t] = cap > 0.0f ? soft_cap(score, cap) : score;
        }
    }
}

// Weights e_t = exp(s_t - M), in place of the scores (REQ-ATT-005), and behind all of them those of the sinks, 0 without (REQ-ATT-006). One block of
// threads a token and head.
//
// sinks: [heads], looked at if `with_sinks` is not 0; scores: [tokens * heads][capacity], then [tokens * heads].
extern "C" __global__ void __launch_bounds__(256)
attention_weights(float* __restrict__ scores, int heads, int capacity, int window, const float* __restrict__ sinks, int with_sinks,
                  const int* __restrict__ position) {
    __shared__ float largest[256];
    int last = *position + blockIdx.x / heads;
    int first = first_seen(last, window);
    float* own = scores + (size_t) blockIdx.x * capacity;
    // The maximum is exact in any order.
    float mine = own[first];
    for (int t = first + threadIdx.x; t <= last; t += blockDim.x) {
        mine = fmaxf(mine, own[t]);
    }
    largest[threadIdx.x] = mine;
    __syncthreads();
    for (unsigned s = blockDim.x / 2; s > 0; s /= 2) {
        if (threadIdx.x < s) {
            largest[threadIdx.x] = fmaxf(largest[threadIdx.x], largest[threadIdx.x + s]);
        }
        __syncthreads();
    }
    float sink = with_sinks ? sinks[blockIdx.x % heads] : __int_as_float(0xff800000);
    float m = fmaxf(largest[0], sink);
    if (threadIdx.x == 0) {
        scores[(size_t) gridDim.x * capacity + blockIdx.x] = exponential(sink - m);
    }
    for (int t = first + threadIdx.x; t <= last; t += blockDim.x) {
        own[t] = exponential(own[t] - m);
    }
}

// The output of a head (REQ-ATT-005, REQ-ATT-006). Warp w has partial sum w, a lane has an element: grid (n / 32, tokens * heads), 512 threads.
//
// values: [value heads][capacity][n]; output: [tokens][heads][n].
extern "C" __global__ void __launch_bounds__(512)
attention_output(const float* __restrict__ weights, const float* __restrict__ values, int heads, int value_heads, int n, int capacity, int window,
                 const int* __restrict__ position, float* __restrict__ output) {
    __shared__ float terms[16][32];
    __shared__ float totals[16];
    int w = threadIdx.x / 32;
    int lane = threadIdx.x % 32;
    int d = blockIdx.x * 32 + lane;
    int head = blockIdx.y % heads;
    int last = *position + blockIdx.y / heads;
    int first = first_seen(last, window);
    const float* e = weights + (size_t) blockIdx.y * capacity;
    const float* v = values + (size_t) (head / (heads / value_heads)) * capacity * n + min(d, n - 1);
    float sum = 0.0f;
    float total = 0.0f;
    // The term of position t goes to partial sum t mod 16, wherever the window begins.
    for (int t = first + ((w - first) & 15); t <= last; t += 16) {
        float weight = e[t];
        total = total + weight;
        sum = sum + weight * v[(size_t) t * n];
    }
    terms[w][lane] = sum;
    if (lane == 0) {
        totals[w] = total;
    }
    __syncthreads();
    for (int s = 8; s > 0; s /= 2) {
        if (w < s) {
            terms[w][lane] = terms[w][lane] + terms[w + s][lane];
            if (lane == 0) {
                totals[w] = totals[w] + totals[w + s];
            }
        }
        __syncthreads();
    }
    if (w == 0 && d < n) {
        float sink = weights[(size_t) gridDim.y * capacity + blockIdx.y];
        output[(size_t) blockIdx.y * n + d] = terms[0][lane] / (totals[0] + sink);
    }
}

// ---------------------------------------------------------------------------------------------------- the most likely token

// The token with the greatest logit, of equal ones the smallest id (REQ-SMP-002 at temperature 0), for the next launch of the graph: it is put where
// the next token's id is read, and into a list, and the position moves on. One block of threads.
//
// state: position, the least index that was refused (see `quantize`), token; drawn: by position; a logit that is not finite counts as refused (REQ-DEC-004).
extern "C" __global__ void __launch_bounds__(256)
take_most_likely(const float* __restrict__ logits, int count, int* __restrict__ state, int* __restrict__ drawn) {
    __shared__ float best[256];
    __shared__ int ids[256];
    float mine = __int_as_float(0xff800000);
    int id = count;
    for (int i = threadIdx.x; i < count; i += blockDim.x) {
        float logit = logits[i];
        if (!(fabsf(logit) <= 0x1.fffffep127f)) {
            atomicMin((unsigned*) state + 1, (unsigned) i);
        }
        if (logit > mine) {
            mine = logit;
            id = i;
        }
    }
    best[threadIdx.x] = mine;
    ids[threadIdx.x] = id;
    __syncthreads();
    for (unsigned s = blockDim.x / 2; s > 0; s /= 2) {
        if (threadIdx.x < s) {
            float other = best[threadIdx.x + s];
            int other_id = ids[threadIdx.x + s];
            if (other > best[threadIdx.x] || (other == best[threadIdx.x] && other_id < ids[threadIdx.x])) {
                best[threadIdx.x] = other;
                ids[threadIdx.x] = other_id;
            }
        }
        __syncthreads();
    }
    if (threadIdx.x == 0) {
        drawn[state[0]] = ids[0];
        state[2] = ids[0];
        state[0] = state[0] + 1;
    }
}
