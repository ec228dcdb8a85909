// Quantising activations and integer products (spec/FORMAT.md, sections 3, 5 and 6).
//
// The codebooks come before this text: CudaSource writes a table TH_NAME for each that `kernels` has with codes under 8 bits, four bytes a
// word, the first entry lowest, and TH_CODEBOOKS, a line TH_CODEBOOK(NAME, BITS) for each.
//
// How things lie on the device (README.md has a picture):
//
//  - A half is 32 codes of a block: those of its even or of its odd inputs, in the order of the inputs. Word w of a half (w = 0 … 7) is
//    four neighbouring codes of activations, or of weights after unpacking, as bytes: what one __dp4a takes.
//  - A token's activations: four planes of B x 16 bytes. Plane q holds for each block words 4·(q mod 2) … +3 of half ⌊q/2⌋. Inputs past K
//    are 0, so that the padding of the weights cannot count.
//  - A matrix's codes: each half for itself, all blocks of all rows one after the other ("block i" is row · B + b).
//      4 bits: 16 bytes a block; word g (g = 0 … 3) holds codes 8g … 8g+7 as nibbles, the first lowest.
//      3 bits: a plane of 8 bytes a block (words 0 and 1), then one of 4 bytes a block (word 2). The low three bits of the nibbles of word g
//              hold codes 8g … 8g+7; bit 3 of the nibbles of word g holds bit g of codes 24 … 31.
//      8 bits: two planes of 16 bytes a block: codes 0 … 15 and 16 … 31.
//    So a nibble is the selector of a byte permutation, which looks four codes up in a table at once.
//  - Sub-scales and row scales: as in the file (REQ-PCK-006, REQ-PCK-007).

typedef unsigned char th_byte;
typedef signed char th_int8;

// ---------------------------------------------------------------------------------------------------- quantising activations

// A token's scale and codes (REQ-QNT-001 to REQ-QNT-003). One block of threads a token.
//
// x: [tokens][columns]; codes: [tokens][blocks * 64] in the device's order; scales: [tokens].
// refused: the least index into x that REQ-QNT-001 refuses is kept there by minimum; the host sets it to -1 (the largest) before.
extern "C" __global__ void __launch_bounds__(256)
quantize(const float* __restrict__ x, int columns, int blocks, th_int8* __restrict__ codes, float* __restrict__ scales, unsigned* __restrict__ refused) {
    __shared__ unsigned largest;
    const float* token = x + (size_t) blockIdx.x * columns;
    if (threadIdx.x == 0) {
        largest = 0;
    }
    __syncthreads();
    // The bits of a magnitude are ordered like its value, with infinity and NaN above all: the maximum is exact in any order.
    unsigned mine = 0;
    for (int k = threadIdx.x; k < columns; k += blockDim.x) {
        unsigned magnitude = __float_as_uint(token[k]) & 0x7fffffffu;
        if (magnitude > 0x5b800000u) {  // 2^56
            atomicMin(refused, (unsigned) (blockIdx.x * (unsigned) columns + k));
        }
        mine = max(mine, magnitude);
    }
    atomicMax(&largest, mine);
    __syncthreads();
    float scale = __fdiv_rn(__uint_as_float(largest), 127.0f);
    if (threadIdx.x == 0) {
        scales[blockIdx.x] = scale;
    }
    unsigned* words = (unsigned*) (codes + (size_t) blockIdx.x * blocks * 64);
    for (int w = threadIdx.x; w < blocks * 16; w += blockDim.x) {
        int plane = w / (blocks * 4);
        int block = w % (blocks * 4) / 4;
        int first = 64 * block + 2 * (16 * (plane & 1) + 4 * (w & 3)) + (plane >> 1);
        unsigned word = 0;
        for (int i = 0; i < 4; i++) {
            int k = first + 2 * i;
            int code = 0;
            if (k < columns && scale != 0.0f) {
                // Clamping first is the same, since the bounds are integers.
                float quotient = __fdiv_rn(token[k], scale);
                code = __float2int_rn(fmaxf(-127.0f, fminf(127.0f, quotient)));
            }
            word |= (unsigned) (code & 0xff) << (8 * i);
        }
        words[w] = word;
    }
}

// ---------------------------------------------------------------------------------------------------- arranging weights

// Code i of a packed half (REQ-PCK-002 to REQ-PCK-004).
__device__ __forceinline__ unsigned packed_code(const th_byte* half, int bits, int i) {
    if (bits == 8) {
        return half[i];
    }
    if (bits == 4) {
        return i < 16 ? half[i] & 15u : (unsigned) half[i - 16] >> 4;
    }
    return (((unsigned) half[i & 7] >> (2 * (i >> 3))) & 3u) | ((((unsigned) half[8 + (i >> 3)] >> (i & 7)) & 1u) << 2);
}

// Four bytes, or eight nibbles, of neighbouring codes.
__device__ __forceinline__ unsigned packed_codes(const th_byte* half, int bits, int first, int count, int width) {
    unsigned word = 0;
    for (int i = 0; i < count; i++) {
        word |= packed_code(half, bits, first + i) << (width * i);
    }
    return word;
}

// Brings the halves of `count` blocks from the packing of REQ-PCK-001 into the device's order. One thread a block.
//
// packed: count * block_bytes bytes; at: where the half starts in a block; half: the whole matrix's half; first: index of the first of
// these blocks in it; all: the number of its blocks.
extern "C" __global__ void __launch_bounds__(256)
arrange(const th_byte* __restrict__ packed, int block_bytes, int at, int bits, long long count, long long first, long long all, unsigned* __restrict__ half) {
    long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) {
        return;
    }
    const th_byte* source = packed + i * block_bytes + at;
    long long block = first + i;
    if (bits == 8) {
        for (int w = 0; w < 8; w++) {
            half[((w >> 2) * all + block) * 4 + (w & 3)] = packed_codes(source, bits, 4 * w, 4, 8);
        }
    } else if (bits == 4) {
        for (int w = 0; w < 4; w++) {
            half[block * 4 + w] = packed_codes(source, bits, 8 * w, 8, 4);
        }
    } else {
        unsigned last = packed_codes(source, bits, 24, 8, 4);
        for (int w = 0; w < 3; w++) {
            unsigned word = packed_codes(source, bits, 8 * w, 8, 4) | ((last >> w & 0x11111111u) << 3);
            half[w < 2 ? block * 2 + w : all * 2 + block] = word;
        }
    }
}

// ---------------------------------------------------------------------------------------------------- unpacking in registers

// T of four codes: the low three bits of the four low nibbles of `codes` choose among the eight bytes of the table.
__device__ __forceinline__ unsigned look_up_3(unsigned codes, unsigned t0, unsigned t1) {
    return __byte_perm(t0, t1, codes & 0x7777u);
}

// T of four codes of 4 bits: looked up in both halves of the table, then each byte chosen by its code's high bit.
__device__ __forceinline__ unsigned look_up_4(unsigned codes, unsigned t0, unsigned t1, unsigned t2, unsigned t3) {
    unsigned low = __byte_perm(t0, t1, codes & 0x7777u);
    unsigned high = __byte_perm(t2, t3, codes & 0x7777u);
    return __byte_perm(low, high, 0x3210u | ((codes & 0x8888u) >> 1));
}

// A codebook: its codes' bits, and the values of four codes that are given as the four low nibbles.
#define TH_CODEBOOK(NAME, BITS)                                                                                                            \
    struct NAME {                                                                                                                          \
        enum { bits = BITS };                                                                                                              \
        static __device__ __forceinline__ unsigned values(unsigned codes) { return look_up_##BITS(codes, TH_##NAME); }                     \
    };
TH_CODEBOOKS

// Codes that are their own values, a byte each.
struct T8 {
    enum { bits = 8 };
    static __device__ __forceinline__ unsigned values(unsigned codes) { return codes; }
};

// Codes 24 … 31 of a half of 3-bit codes, as nibbles.
__device__ __forceinline__ unsigned last_codes(unsigned w0, unsigned w1, unsigned w2) {
    return (w0 >> 3 & 0x11111111u) | (w1 >> 2 & 0x22222222u) | (w2 >> 1 & 0x44444444u);
}

// Σ a·T[c] over a half of block i. `low` and `high` are words 0 … 3 and 4 … 7 of the activations of the same half.
template <typename BOOK>
__device__ __forceinline__ int dot_half(const void* __restrict__ half, size_t i, size_t all, uint4 low, uint4 high) {
    int sum = 0;
    if (BOOK::bits == 8) {
        const uint4* planes = (const uint4*) half;
        uint4 w = planes[i];
        sum = __dp4a((int) low.x, (int) w.x, sum);
        sum = __dp4a((int) low.y, (int) w.y, sum);
        sum = __dp4a((int) low.z, (int) w.z, sum);
        sum = __dp4a((int) low.w, (int) w.w, sum);
        w = planes[all + i];
        sum = __dp4a((int) high.x, (int) w.x, sum);
        sum = __dp4a((int) high.y, (int) w.y, sum);
        sum = __dp4a((int) high.z, (int) w.z, sum);
        sum = __dp4a((int) high.w, (int) w.w, sum);
        return sum;
    }
    unsigned g0, g1, g2, g3;
    if (BOOK::bits == 4) {
        uint4 w = ((const uint4*) half)[i];
        g0 = w.x;
        g1 = w.y;
        g2 = w.z;
        g3 = w.w;
    } else {
        uint2 w = ((const uint2*) half)[i];
        g0 = w.x;
        g1 = w.y;
        g2 = ((const unsigned*) half)[all * 2 + i];
        g3 = last_codes(g0, g1, g2);
    }
    sum = __dp4a((int) low.x, (int) BOOK::values(g0), sum);
    sum = __dp4a((int) low.y, (int) BOOK::values(g0 >> 16), sum);
    sum = __dp4a((int) low.z, (int) BOOK::values(g1), sum);
    sum = __dp4a((int) low.w, (int) BOOK::values(g1 >> 16), sum);
    sum = __dp4a((int) high.x, (int) BOOK::values(g2), sum);
    sum = __dp4a((int) high.y, (int) BOOK::values(g2 >> 16), sum);
    sum = __dp4a((int) high.z, (int) BOOK::values(g3), sum);
    sum = __dp4a((int) high.w, (int) BOOK::values(g3 >> 16), sum);
    return sum;
}

// The sub-scale of block b of a row (REQ-PCK-006), or 1.
template <bool SUBSCALES>
__device__ __forceinline__ int subscale(const th_byte* __restrict__ subscales, size_t row, int blocks, int b) {
    if (!SUBSCALES) {
        return 1;
    }
    return subscales[row * ((blocks + 1) / 2) + b / 2] >> (4 * (b & 1)) & 15;
}

// y = fl(fl(I) * fl(s_row * s_act)) (REQ-DOT-004): the intrinsics are never fused.
__device__ __forceinline__ float scaled(int sum, float row_scale, float activation_scale) {
    return __fmul_rn(__int2float_rn(sum), __fmul_rn(row_scale, activation_scale));
}

extern "C" __global__ void __launch_bounds__(32)
output(int sum, float row_scale, float activation_scale, float* __restrict__ y) {
    if (threadIdx.x == 0) {
        *y = scaled(sum, row_scale, activation_scale);
    }
}

// ---------------------------------------------------------------------------------------------------- gemv

// I and y of every row for one token (REQ-DOT-001, REQ-DOT-004). `lanes` neighbouring lanes of a warp share a row: lane l takes the blocks
// l, l + lanes, …; by REQ-DOT-003 that changes nothing. Either of sums and y may be null.
template <typename EVEN, typename ODD, bool SUBSCALES>
__device__ __forceinline__ void gemv(
        const void* __restrict__ even, const void* __restrict__ odd, const th_byte* __restrict__ subscales, const float* __restrict__ row_scales,
        int rows, int blocks, int lanes,
        const th_int8* __restrict__ codes, const float* __restrict__ scale, int* __restrict__ sums, float* __restrict__ y) {
    int lane = threadIdx.x % lanes;
    int row = blockIdx.x * (blockDim.x / lanes) + threadIdx.x / lanes;
    // Lanes past the last row take part in the shuffles: they compute the last row once more.
    size_t own = min(row, rows - 1);
    size_t all = (size_t) rows * blocks;
    const uint4* activations = (const uint4*) codes;
    int sum = 0;
    #pragma unroll 2
    for (int b = lane; b < blocks; b += lanes) {
        size_t i = own * blocks + b;
        int part = dot_half<EVEN>(even, i, all, activations[b], activations[blocks + b]);
        part += dot_half<ODD>(odd, i, all, activations[2 * blocks + b], activations[3 * blocks + b]);
        sum += subscale<SUBSCALES>(subscales, own, blocks, b) * part;
    }
    for (int distance = lanes / 2; distance > 0; distance /= 2) {
        sum += __shfl_xor_sync(0xffffffffu, sum, distance);
    }
    if (lane == 0 && row < rows) {
        if (sums) {
            sums[row] = sum;
        }
        if (y) {
            y[row] = scaled(sum, row_scales[row], *scale);
        }
    }
}

// ---------------------------------------------------------------------------------------------------- gemm

// d += a · b on the tensor cores, by one warp: a is 16 x 32, b is 32 x 8, both int8; d is 16 x 8, int32. With group = lane / 4 and
// member = lane mod 4 (PTX ISA, "Matrix Fragments for mma.m16n8k32"):
//   a[0], a[1]: rows group, group + 8, columns 4·member … +3; a[2], a[3]: the same rows, columns 16 + 4·member … +3
//   b[0], b[1]: column group, rows 4·member … +3 and 16 + 4·member … +3
//   d[0], d[1]: row group, columns 2·member, 2·member + 1; d[2], d[3]: the same of row group + 8
__device__ __forceinline__ void multiply_tiles(int d[4], const unsigned a[4], const unsigned b[2]) {
#if __CUDA_ARCH__ >= 800
    mma_m16n8k32(d, a, b);
#else
    // The quarters of the larger tile have the fragments of mma.m8n8k16.
    mma_m8n8k16(d, a[0], b[0]);
    mma_m8n8k16(d, a[2], b[1]);
    mma_m8n8k16(d + 2, a[1], b[0]);
    mma_m8n8k16(d + 2, a[3], b[1]);
#endif
}

// A lane's eight weights of a half of block i as two words: codes 8·member … +3, then 8·member + 4 … +7.
template <typename BOOK>
__device__ __forceinline__ uint2 fragment(const void* __restrict__ half, size_t i, size_t all, int member) {
    if (BOOK::bits == 8) {
        return ((const uint2*) half)[((member >> 1) * all + i) * 2 + (member & 1)];
    }
    unsigned codes;
    if (BOOK::bits == 4) {
        codes = ((const unsigned*) half)[i * 4 + member];
    } else {
        uint2 w = ((const uint2*) half)[i];
        unsigned w2 = ((const unsigned*) half)[all * 2 + i];
        codes = member == 0 ? w.x : member == 1 ? w.y : member == 2 ? w2 : last_codes(w.x, w.y, w2);
    }
    uint2 values;
    values.x = BOOK::values(codes);
    values.y = BOOK::values(codes >> 16);
    return values;
}

enum { TH_TILE_ROWS = 16, TH_TILE_TOKENS = 8, TH_TILES = 4 };

// y of every row for several tokens (REQ-DOT-006). A warp takes 16 rows and 32 tokens, and goes through the blocks with two products of
// tiles each: one for the even half, one for the odd. In a tile, column 4·m + j (j < 4) is code 8·m + j of the half, and column 16 + 4·m + j is code
// 8·m + 4 + j: the same for weights and activations, so the order changes nothing, and a lane's eight weights lie together.
template <typename EVEN, typename ODD, bool SUBSCALES>
__device__ __forceinline__ void gemm(
        const void* __restrict__ even, const void* __restrict__ odd, const th_byte* __restrict__ subscales, const float* __restrict__ row_scales,
        int rows, int blocks, int tokens,
        const th_int8* __restrict__ codes, const float* __restrict__ scales, float* __restrict__ y) {
    int lane = threadIdx.x % 32;
    int group = lane / 4;
    int member = lane % 4;
    int row0 = (blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32) * TH_TILE_ROWS + group;
    int row1 = row0 + 8;
    // Rows and tokens past the end are computed as the last ones, and not stored: all lanes must take part in a product of tiles.
    size_t own0 = min(row0, rows - 1);
    size_t own1 = min(row1, rows - 1);
    int token0 = blockIdx.y * TH_TILE_TOKENS * TH_TILES;
    size_t all = (size_t) rows * blocks;

    int sums[TH_TILES][4] = {};
    for (int b = 0; b < blocks; b++) {
        int parts[TH_TILES][4] = {};
        for (int h = 0; h < 2; h++) {
            const void* half = h == 0 ? even : odd;
            uint2 w0 = h == 0 ? fragment<EVEN>(half, own0 * blocks + b, all, member) : fragment<ODD>(half, own0 * blocks + b, all, member);
            uint2 w1 = h == 0 ? fragment<EVEN>(half, own1 * blocks + b, all, member) : fragment<ODD>(half, own1 * blocks + b, all, member);
            unsigned weights[4] = {w0.x, w1.x, w0.y, w1.y};
            for (int t = 0; t < TH_TILES; t++) {
                size_t token = min(token0 + t * TH_TILE_TOKENS + group, tokens - 1);
                const uint2* pairs = (const uint2*) (codes + token * blocks * 64);
                uint2 pair = pairs[((size_t) (2 * h + (member >> 1)) * blocks + b) * 2 + (member & 1)];
                unsigned activations[2] = {pair.x, pair.y};
                multiply_tiles(parts[t], weights, activations);
            }
        }
        int m0 = subscale<SUBSCALES>(subscales, own0, blocks, b);
        int m1 = subscale<SUBSCALES>(subscales, own1, blocks, b);
        for (int t = 0; t < TH_TILES; t++) {
            sums[t][0] += m0 * parts[t][0];
            sums[t][1] += m0 * parts[t][1];
            sums[t][2] += m1 * parts[t][2];
            sums[t][3] += m1 * parts[t][3];
        }
    }
    for (int t = 0; t < TH_TILES; t++) {
        for (int j = 0; j < 4; j++) {
            int token = token0 + t * TH_TILE_TOKENS + 2 * member + (j & 1);
            int row = j < 2 ? row0 : row1;
            if (token < tokens && row < rows) {
                y[(size_t) token * rows + row] = scaled(sums[t][j], row_scales[row], scales[token]);
            }
        }
    }
}

// ---------------------------------------------------------------------------------------------------- entries, a pair for each format: CudaSource ends the text with them

#define TH_FORMAT(NAME, EVEN, ODD, SUBSCALES)                                                                                            \
    extern "C" __global__ void __launch_bounds__(128, 8) gemv_##NAME(                                                                         \
            const void* __restrict__ even, const void* __restrict__ odd, const th_byte* __restrict__ subscales,                            \
            const float* __restrict__ row_scales, int rows, int blocks, int lanes, const th_int8* __restrict__ codes,                      \
            const float* __restrict__ scale, int* __restrict__ sums, float* __restrict__ y) {                                              \
        gemv<EVEN, ODD, SUBSCALES>(even, odd, subscales, row_scales, rows, blocks, lanes, codes, scale, sums, y);                  \
    }                                                                                                                                      \
    extern "C" __global__ void __launch_bounds__(128) gemm_##NAME(                                                                         \
            const void* __restrict__ even, const void* __restrict__ odd, const th_byte* __restrict__ subscales,                            \
            const float* __restrict__ row_scales, int rows, int blocks, int tokens, const th_int8* __restrict__ codes,                     \
            const float* __restrict__ scales, float* __restrict__ y) {                                                                     \
        gemm<EVEN, ODD, SUBSCALES>(even, odd, subscales, row_scales, rows, blocks, tokens, codes, scales, y);                      \
    }


// ---------------------------------------------------------------------------------------------------- the device's own limit

// Reads memory from one end to the other, as fast as the device can: what gemv is measured against (CudaBench). sink: one word a thread of the grid.
extern "C" __global__ void __launch_bounds__(256)
stream_read(const uint4* __restrict__ from, long long count, unsigned* __restrict__ sink) {
    unsigned seen = 0;
    long long thread = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    #pragma unroll 4
    for (long long i = thread; i < count; i += (long long) gridDim.x * blockDim.x) {
        uint4 w = from[i];
        seen ^= w.x ^ w.y ^ w.z ^ w.w;
    }
    sink[thread] = seen;
}
