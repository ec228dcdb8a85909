// Plays a CUDA device on the host: a grid of threads with barriers, shared memory, warp shuffles, byte products and tensor cores, for
// CUDA C that is compiled as C++17 after this header (g++ or clang++; POSIX ucontext).
//
// Every CUDA thread of a block is a fibre. A fibre runs until it ends or waits at a barrier (of the block, or of its warp, for a shuffle or a product of
// tiles). Blocks run one after the other on the calling thread. In which order fibres and blocks take their turn is chosen by the host (forward,
// backward, shuffled): a program whose result depends on it has a race. Shared memory is filled with noise before each block. A barrier
// that some threads never reach, in CUDA undefined, is an error here.
//
// What it does not play: memory models (a fibre sees every write at once), the time anything takes, caches, alignment faults. The layout of fragments
// of mma is written from the PTX ISA's text, as the source's is.
#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cmath>
#include <algorithm>
#include <utility>
#include <vector>
#include <ucontext.h>

// ------------------------------------------------------------------------------------------------------------------------ types

struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x, y, z; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };

#ifndef __CUDA_ARCH__
#define __CUDA_ARCH__ 800
#endif
#define __global__
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(...)
// All shared variables lie in one section, which the start of a block fills with noise. They must be in functions that are not templates.
#define __shared__ static __attribute__((section("cuda_shared")))

namespace emulation {

struct Fibre {
    enum State { READY, AT_BLOCK_BARRIER, AT_WARP_BARRIER, DONE };
    State state;
    uint3 thread;
    unsigned index;
    jmp_buf registers;
    ucontext_t start;
    std::vector<char> stack;
    bool begun;
};

// What the lanes of a warp show each other at a warp barrier: up to eight words, twice, so that one exchange cannot overtake the last.
struct Warp {
    unsigned shown[2][32][8];
};

struct Device {
    std::vector<Fibre*> fibres;
    std::vector<Warp> warps;
    std::vector<unsigned> phase;  // of each fibre: which of its warp's two boards is next
    Fibre* running = nullptr;
    jmp_buf scheduler;
    dim3 grid, block;
    uint3 block_index;
    void (*body)(const uint64_t*) = nullptr;
    const uint64_t* arguments = nullptr;
    int order = 0;
    uint64_t seed = 1;
    char message[256] = "";
};

static Device device;

inline uint64_t noise() {
    device.seed ^= device.seed << 13;
    device.seed ^= device.seed >> 7;
    device.seed ^= device.seed << 17;
    return device.seed;
}

inline void leave(Fibre::State state) {
    Fibre* self = device.running;
    self->state = state;
    if (_setjmp(self->registers) == 0) {
        _longjmp(device.scheduler, 1);
    }
}

// A fibre lives on from block to block: it waits in state DONE until the scheduler makes it READY again.
inline void fibre_main() {
    for (;;) {
        device.body(device.arguments);
        leave(Fibre::DONE);
    }
}

inline void resume(Fibre* fibre) {
    device.running = fibre;
    if (_setjmp(device.scheduler) == 0) {
        if (fibre->begun) {
            _longjmp(fibre->registers, 1);
        }
        fibre->begun = true;
        setcontext(&fibre->start);
    }
}

inline Fibre* new_fibre(unsigned index) {
    Fibre* fibre = new Fibre();
    fibre->index = index;
    fibre->stack.resize(128 * 1024);
    fibre->begun = false;
    getcontext(&fibre->start);
    fibre->start.uc_stack.ss_sp = fibre->stack.data();
    fibre->start.uc_stack.ss_size = fibre->stack.size();
    fibre->start.uc_link = nullptr;
    makecontext(&fibre->start, fibre_main, 0);
    return fibre;
}

inline void sort_turns(std::vector<unsigned>& turns) {
    if (device.order == 1) {
        std::reverse(turns.begin(), turns.end());
    } else if (device.order == 2) {
        for (size_t i = turns.size(); i > 1; i--) {
            std::swap(turns[i - 1], turns[noise() % i]);
        }
    }
}

extern "C" {
extern char __start_cuda_shared[] __attribute__((weak));
extern char __stop_cuda_shared[] __attribute__((weak));
}

inline bool run_block() {
    unsigned threads = device.block.x * device.block.y * device.block.z;
    for (char* c = __start_cuda_shared; c < __stop_cuda_shared; c++) {
        *c = (char) noise();
    }
    device.warps.resize((threads + 31) / 32);
    device.phase.assign(threads, 0);
    while (device.fibres.size() < threads) {
        device.fibres.push_back(new_fibre((unsigned) device.fibres.size()));
    }
    for (unsigned i = 0; i < threads; i++) {
        Fibre* fibre = device.fibres[i];
        fibre->state = Fibre::READY;
        fibre->thread = {i % device.block.x, i / device.block.x % device.block.y, i / (device.block.x * device.block.y)};
    }
    std::vector<unsigned> turns(threads);
    for (;;) {
        for (unsigned i = 0; i < threads; i++) {
            turns[i] = i;
        }
        sort_turns(turns);
        for (unsigned i : turns) {
            if (device.fibres[i]->state == Fibre::READY) {
                resume(device.fibres[i]);
            }
        }
        unsigned done = 0, at_block = 0, released = 0;
        for (unsigned i = 0; i < threads; i++) {
            done += device.fibres[i]->state == Fibre::DONE;
            at_block += device.fibres[i]->state == Fibre::AT_BLOCK_BARRIER;
        }
        if (done == threads) {
            return true;
        }
        for (unsigned w = 0; w < threads; w += 32) {
            unsigned end = std::min(w + 32, threads), waiting = 0;
            for (unsigned i = w; i < end; i++) {
                waiting += device.fibres[i]->state == Fibre::AT_WARP_BARRIER;
            }
            // All masks in use are full: a warp goes on when all of its lanes are there.
            if (waiting == end - w) {
                for (unsigned i = w; i < end; i++) {
                    device.fibres[i]->state = Fibre::READY;
                }
                released += waiting;
            }
        }
        if (released == 0 && at_block == threads) {
            for (unsigned i = 0; i < threads; i++) {
                device.fibres[i]->state = Fibre::READY;
            }
            released = threads;
        }
        if (released == 0) {
            snprintf(device.message, sizeof device.message,
                     "block (%u, %u): a barrier is not reached by all: of %u threads %u are at the block's barrier, %u have ended, the rest wait in their warps",
                     device.block_index.x, device.block_index.y, threads, at_block, done);
            // The fibres that still wait are given up with their stacks.
            device.fibres.clear();
            return false;
        }
    }
}

inline const char* run_grid(void (*body)(const uint64_t*), const unsigned* grid, const unsigned* block, const uint64_t* arguments, int order) {
    device.body = body;
    device.arguments = arguments;
    device.grid = {grid[0], grid[1], grid[2]};
    device.block = {block[0], block[1], block[2]};
    device.order = order;
    if ((uint64_t) block[0] * block[1] * block[2] > 1024) {
        return "more than 1024 threads a block";
    }
    std::vector<unsigned> turns(grid[0] * grid[1] * grid[2]);
    for (unsigned i = 0; i < turns.size(); i++) {
        turns[i] = i;
    }
    sort_turns(turns);
    for (unsigned i : turns) {
        device.block_index = {i % grid[0], i / grid[0] % grid[1], i / (grid[0] * grid[1])};
        if (!run_block()) {
            return device.message;
        }
    }
    return nullptr;
}

template <class T>
inline T argument(uint64_t slot) {
    T value;
    memcpy(&value, &slot, sizeof value);
    return value;
}

template <class... A, size_t... I>
inline void apply(void (*kernel)(A...), const uint64_t* slots, std::index_sequence<I...>) {
    kernel(argument<A>(slots[I])...);
}

template <class... A>
inline void apply(void (*kernel)(A...), const uint64_t* slots) {
    apply(kernel, slots, std::index_sequence_for<A...>());
}

template <class... A>
constexpr int arity(void (*)(A...)) {
    return sizeof...(A);
}

// ---------------------------------------------------------------------------------------------------------------- within a warp

// Shows `count` words to the warp and waits until every lane has; the answer is what all lanes showed.
inline const unsigned (*exchange(const unsigned* words, int count))[8] {
    unsigned index = device.running->index;
    unsigned (*board)[8] = device.warps[index / 32].shown[device.phase[index]++ & 1];
    for (int i = 0; i < count; i++) {
        board[index % 32][i] = words[i];
    }
    leave(Fibre::AT_WARP_BARRIER);
    return board;
}

template <class T>
inline T shuffle(T value, int from) {
    static_assert(sizeof(T) == 4, "shuffles of 32 bits");
    unsigned word;
    memcpy(&word, &value, 4);
    word = exchange(&word, 1)[from & 31][0];
    T result;
    memcpy(&result, &word, 4);
    return result;
}

}  // namespace emulation

#define threadIdx (emulation::device.running->thread)
#define blockIdx (emulation::device.block_index)
#define blockDim (emulation::device.block)
#define gridDim (emulation::device.grid)

inline void __syncthreads() { emulation::leave(emulation::Fibre::AT_BLOCK_BARRIER); }
inline void __syncwarp() { emulation::leave(emulation::Fibre::AT_WARP_BARRIER); }

template <class T>
inline T __shfl_xor_sync(unsigned, T value, int mask) { return emulation::shuffle(value, (int) (emulation::device.running->index % 32) ^ mask); }
template <class T>
inline T __shfl_sync(unsigned, T value, int lane) { return emulation::shuffle(value, lane); }
template <class T>
inline T __shfl_down_sync(unsigned, T value, int delta) {
    int lane = (int) (emulation::device.running->index % 32);
    return emulation::shuffle(value, lane + delta < 32 ? lane + delta : lane);
}

// --------------------------------------------------------------------------------------------------------------- integer operations

inline int __dp4a(int a, int b, int c) {
    unsigned sum = (unsigned) c;
    for (int i = 0; i < 4; i++) {
        sum += (unsigned) ((int) (int8_t) (a >> (8 * i)) * (int) (int8_t) (b >> (8 * i)));
    }
    return (int) sum;
}

// prmt.b32: the low three bits of a selector choose a byte, its high bit replaces the byte by its sign.
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selectors) {
    uint64_t bytes = (uint64_t) y << 32 | x;
    unsigned result = 0;
    for (int i = 0; i < 4; i++) {
        unsigned selector = selectors >> (4 * i) & 15;
        unsigned byte = (unsigned) (bytes >> (8 * (selector & 7))) & 255;
        result |= (selector & 8 ? (byte & 128 ? 255u : 0u) : byte) << (8 * i);
    }
    return result;
}

template <class T>
inline T atomicMin(T* at, T value) { T old = *at; *at = std::min(old, value); return old; }
template <class T>
inline T atomicMax(T* at, T value) { T old = *at; *at = std::max(old, value); return old; }

using std::max;
using std::min;

// ------------------------------------------------------------------------------------------------------------------- binary32

// The host is compiled with contraction off and without fast mathematics: each of these is one rounding to nearest even.
static_assert(sizeof(float) == 4, "binary32");
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return std::sqrt(a); }
inline float __int2float_rn(int n) { return (float) n; }
inline float __uint2float_rn(unsigned n) { return (float) n; }
// Ties to even, out of range to the nearest bound, NaN to 0 (cvt.rni.s32.f32).
inline int __float2int_rn(float x) {
    if (x != x) {
        return 0;
    }
    double r = std::nearbyint((double) x);
    return r >= 2147483647.0 ? INT32_MAX : r <= -2147483648.0 ? INT32_MIN : (int) r;
}
inline unsigned __float_as_uint(float x) { unsigned n; memcpy(&n, &x, 4); return n; }
inline float __uint_as_float(unsigned n) { float x; memcpy(&x, &n, 4); return x; }
inline int __float_as_int(float x) { int n; memcpy(&n, &x, 4); return n; }
inline float __int_as_float(int n) { float x; memcpy(&x, &n, 4); return x; }

// --------------------------------------------------------------------------------------------------------------------- tensor cores

namespace emulation {

inline int8_t byte_of(unsigned word, int i) { return (int8_t) (word >> (8 * i)); }

}  // namespace emulation

// mma.m16n8k32 (PTX ISA, matrix fragments for mma.m16n8k32, .s8).
inline void mma_m16n8k32(int d[4], const unsigned a[4], const unsigned b[2]) {
    unsigned words[6] = {a[0], a[1], a[2], a[3], b[0], b[1]};
    unsigned lane = emulation::device.running->index % 32;
    const unsigned (*shown)[8] = emulation::exchange(words, 6);
    for (int i = 0; i < 4; i++) {
        unsigned row = lane / 4 + (i < 2 ? 0 : 8), column = lane % 4 * 2 + i % 2;
        unsigned sum = (unsigned) d[i];
        for (unsigned k = 0; k < 32; k++) {
            // A: the lane that holds row, k is (row mod 8) * 4 + k mod 16 / 4; its register: +1 for rows from 8, +2 for k from 16.
            int8_t left = emulation::byte_of(shown[row % 8 * 4 + k % 16 / 4][row / 8 + 2 * (k / 16)], (int) (k % 4));
            int8_t right = emulation::byte_of(shown[column * 4 + k % 16 / 4][4 + k / 16], (int) (k % 4));
            sum += (unsigned) ((int) left * (int) right);
        }
        d[i] = (int) sum;
    }
}

// mma.m8n8k16 (PTX ISA, matrix fragments for mma.m8n8k16, .s8).
inline void mma_m8n8k16(int d[2], unsigned a, unsigned b) {
    unsigned words[2] = {a, b};
    unsigned lane = emulation::device.running->index % 32;
    const unsigned (*shown)[8] = emulation::exchange(words, 2);
    for (int i = 0; i < 2; i++) {
        unsigned row = lane / 4, column = lane % 4 * 2 + (unsigned) i;
        unsigned sum = (unsigned) d[i];
        for (unsigned k = 0; k < 16; k++) {
            int8_t left = emulation::byte_of(shown[row * 4 + k / 4][0], (int) (k % 4));
            int8_t right = emulation::byte_of(shown[column * 4 + k / 4][1], (int) (k % 4));
            sum += (unsigned) ((int) left * (int) right);
        }
        d[i] = (int) sum;
    }
}

// The host's way in: TH_KERNEL(name) makes `launch_name(grid, block, arguments, order)`, which returns null or what went wrong, and
// `arity_name()`, the number of arguments, each of which takes 64 bits of `arguments`.
#define TH_EXPORT extern "C" __attribute__((visibility("default")))
#define TH_KERNEL(NAME)                                                                                                        \
    TH_EXPORT const char* launch_##NAME(const unsigned* grid, const unsigned* block, const uint64_t* arguments, int order) {   \
        return emulation::run_grid([](const uint64_t* slots) { emulation::apply(NAME, slots); }, grid, block, arguments, order); \
    }                                                                                                                          \
    TH_EXPORT int arity_##NAME() { return emulation::arity(NAME); }
