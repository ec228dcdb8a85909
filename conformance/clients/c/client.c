/*
 * Computes the cases of a ThreeHalf exchange folder: client IN OUT (spec/CONFORMANCE.md, section 4).
 * Written from spec/FORMAT.md and spec/INFERENCE.md alone, as a pattern for a device's own program. Standard C, no other library.
 * Build: cc -std=c11 -O2 -ffp-contract=off -o client client.c -lm   (the host must be little endian, with IEEE 754 binary32)
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { const char *name; int even, odd, subscales, divisor; long limit; } Format; /* REQ-FMT-001 */
static const Format FORMATS[] = {
    {"INT8", 8, 8, 0, 127, 131072}, {"U4", 4, 4, 0, 7, 1048576}, {"U35", 4, 3, 0, 7, 1048576}, {"U3", 3, 3, 0, 7, 1048576},
    {"G4", 4, 4, 1, 465, 36000},    {"G35", 4, 3, 1, 465, 36000}, {"G3", 3, 3, 1, 465, 36000},
    {"T4", 4, 4, 1, 345, 36000},    {"T35", 4, 3, 1, 345, 36000}, {"T3", 3, 3, 1, 345, 36000}};
static const int T4G[] = {-31, -23, -18, -14, -10, -7, -4, -1, 1, 4, 7, 10, 14, 18, 23, 31}, T3G[] = {-26, -15, -8, -2, 2, 8, 15, 26};

static char place_in[4096], place_out[4096]; /* the folders of the case at hand */

static void die(const char *what, const char *where) { fprintf(stderr, "client: %s: %s\n", what, where); exit(1); }

static void *take(const char *file, long *bytes) { /* the whole input file; a zero byte follows it */
    char path[5000];
    snprintf(path, sizeof path, "%s/%s", place_in, file);
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END)) die("cannot read", path);
    long n = ftell(f);
    char *data = calloc((size_t)n + 1, 1);
    rewind(f);
    if (!data || fread(data, 1, (size_t)n, f) != (size_t)n) die("cannot read", path);
    fclose(f);
    if (bytes) *bytes = n;
    return data;
}

static void give(const char *file, const void *data, size_t bytes) {
    char path[5000];
    snprintf(path, sizeof path, "%s/%s", place_out, file);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, bytes, f) != bytes || fclose(f)) die("cannot write", path);
}

static void refuse(const char *why) { give("refused", why, strlen(why)); }

static int clamp_rne(double x, int low, int high) { return (int)fmax(low, fmin(high, rint(x))); } /* rint: to nearest, ties to even */

/* REQ-FMT-010: how often each value comes in Q[128] … Q[255]. */
static const int TW_COUNTS[] = {6, 13, 12, 12, 12, 10, 10, 8, 8, 7, 6, 5, 4, 3, 3, 2, 2, 1, 1, 1, 1, 0, 0, 1};

static int windowed(const Format *f) { return f->name[0] == 'T'; }

static int tw(int window) {
    int q = (97 * window + 48) % 256, n = q < 128 ? 127 - q : q - 128, value = 0;
    while (n >= TW_COUNTS[value]) n -= TW_COUNTS[value++];
    return q < 128 ? -value : value;
}

static int width(const Format *f, long k) { return k % 2 ? f->odd : f->even; }

static long position(const Format *f, long i) { return (f->even + f->odd) * (i / 2) + f->even * (i % 2); } /* p_i of REQ-FMT-009 */

static int table(const Format *f, long k, int code) { /* T[c] at input k (REQ-FMT-002) */
    int bits = k % 2 ? f->odd : f->even;
    if (bits == 8) return code < 128 ? code : code - 256;
    if (bits == 4) return f->subscales ? T4G[code] : code - 8;
    return f->subscales ? T3G[code] : 2 * (code - 4);
}

/* Where the code of input k lies in a packed row: byte, shift and, for 3 bits, the high bit's byte and shift (REQ-PCK-001 to 005). */
static int code_bits(const Format *f, long k, long *byte, int *shift, long *high, int *high_shift) {
    int bits = k % 2 ? f->odd : f->even, i = (int)(k % 64 / 2), width = bits == 8 ? 32 : bits == 4 ? 16 : 8;
    *byte = k / 64 * 4 * (f->even + f->odd) + (k % 2 ? 4 * f->even : 0);
    *high = *byte + 8 + i / 8, *high_shift = i % 8;
    *byte += i % width, *shift = i / width * (bits == 4 ? 4 : 2);
    return bits;
}

static int get_code(const Format *f, const uint8_t *row, long k) {
    if (windowed(f)) { /* REQ-PCK-009 */
        int code = 0;
        for (int t = 0; t < width(f, k); t++) { long n = k / 64 * 32 * (f->even + f->odd) + position(f, k % 64) + t; code |= (row[n / 8] >> n % 8 & 1) << t; }
        return code;
    }
    long byte, high; int shift, high_shift, bits = code_bits(f, k, &byte, &shift, &high, &high_shift);
    if (bits == 3) return (row[byte] >> shift & 3) + 4 * (row[high] >> high_shift & 1);
    return row[byte] >> shift & (bits == 8 ? 255 : 15);
}

static void put_code(const Format *f, uint8_t *row, long k, int code) {
    if (windowed(f)) {
        for (int t = 0; t < width(f, k); t++) { long n = k / 64 * 32 * (f->even + f->odd) + position(f, k % 64) + t; row[n / 8] |= (uint8_t)((code >> t & 1) << n % 8); }
        return;
    }
    long byte, high; int shift, high_shift, bits = code_bits(f, k, &byte, &shift, &high, &high_shift);
    row[byte] |= (uint8_t)((bits == 3 ? code & 3 : code) << shift);
    if (bits == 3) row[high] |= (uint8_t)(code >> 2 << high_shift);
}

/* T of input k, from the codes of a row (REQ-FMT-002, REQ-FMT-009). */
static int value(const Format *f, const uint8_t *codes, long columns, long k) {
    if (!windowed(f)) return table(f, k, codes[k]);
    long next = k / 64 * 64 + (k + 1) % 64, after = k / 64 * 64 + (k + 2) % 64;
    int second = next < columns ? codes[next] : 0, third = after < columns ? codes[after] : 0;
    return tw((codes[k] + (second << width(f, k)) + (third << (f->even + f->odd))) & 255);
}

/* The least E(m) of a block's paths with a seam, and the codes of the first of them by the order of REQ-QNT-014. */
static int64_t shortest_path(const Format *f, const int *u, int count, int m, int seam, uint8_t *chosen) {
    static int64_t costs[64][256];
    const int64_t never = INT64_MAX / 2;
    for (int i = 0; i < 64; i++)
        for (int window = 0; window < 256; window++) {
            int64_t cost = i > 0 ? never : window % (1 << (8 - f->odd)) == seam ? 0 : never, d = i < count ? u[i] - 64 * m * tw(window) : 0;
            int bits = width(f, i + 1), shared = window % (1 << (8 - bits)); /* bits: the width of input i - 1 */
            for (int low = 0; i > 0 && low < 1 << bits; low++)
                if (costs[i - 1][shared << bits | low] < cost) cost = costs[i - 1][shared << bits | low];
            costs[i][window] = cost >= never || (i >= count && window % (1 << width(f, i))) ? never : cost + d * d;
        }
    int64_t least = never;
    int path = -1;
    for (int low = 0; low < 1 << f->odd; low++)
        if (costs[63][seam << f->odd | low] < least) least = costs[63][path = seam << f->odd | low];
    for (int i = 63; least < never && i >= 0; i--) {
        if (i < count) chosen[i] = (uint8_t)(path % (1 << width(f, i)));
        int bits = width(f, i + 1), from = path % (1 << (8 - bits)) << bits;
        path = from;
        for (int low = 1; i > 0 && low < 1 << bits; low++)
            if (costs[i - 1][from | low] < costs[i - 1][path]) path = from | low;
    }
    return least;
}

/* REQ-QNT-014 to 016: a block's sub-scale, and its codes. */
static int quantize_paths(const Format *f, const int *u, int count, uint8_t *codes) {
    int64_t squares = 0, least = INT64_MAX;
    int largest = 0, spread = 15, reach = 0, best = 0, before = -1;
    for (int i = 0; i < count; i++) { squares += (int64_t)u[i] * u[i]; if (abs(u[i]) > largest) largest = abs(u[i]); }
    while ((int64_t)262144 * spread * spread * count > squares) spread--;
    while (reach < 15 && 1472 * reach < largest) reach++;
    for (int m = 0; m <= 15; m++) {
        if ((m != spread && m != (spread < 15 ? spread + 1 : 15) && m != reach) || m == before) continue;
        before = m;
        for (int seam = 0; seam < 1 << (8 - f->odd); seam++) {
            uint8_t chosen[64];
            int64_t error = shortest_path(f, u, count, m, seam, chosen);
            if (error < least) { least = error, best = m; memcpy(codes, chosen, (size_t)count); }
        }
    }
    return best;
}

static int quantize_token(const float *x, long columns, int8_t *codes, float *scale) { /* REQ-QNT-001 to 003; 0 if x must be refused */
    float amax = 0;
    for (long k = 0; k < columns; k++) {
        if (!(fabsf(x[k]) <= 0x1p56f)) return 0;
        amax = fmaxf(amax, fabsf(x[k]));
    }
    *scale = amax / 127;
    for (long k = 0; k < columns; k++) { float q = x[k] / *scale; codes[k] = *scale > 0 ? (int8_t)clamp_rne(q, -127, 127) : 0; }
    return 1;
}

static void quantize_activation(long columns) {
    float *x = take("x.f32", NULL), scale;
    int8_t *codes = calloc((size_t)columns + 1, 1);
    if (!quantize_token(x, columns, codes, &scale)) { refuse("an activation is NaN, infinite or over 2^56"); return; }
    give("scale.f32", &scale, 4);
    give("codes.i8", codes, (size_t)columns);
}

static void quantize_weight(const Format *f, long columns) { /* REQ-QNT-005 to 012 */
    float *w = take("weights.f32", NULL), amax = 0;
    long blocks = (columns + 63) / 64;
    if (columns < 1 || columns > f->limit) { refuse("K is outside the format's limit"); return; }
    uint8_t *codes = calloc((size_t)columns, 1), *subscales = calloc((size_t)blocks, 1);
    for (long k = 0; k < columns; k++) {
        if (!(fabsf(w[k]) <= 0x1p40f)) { refuse("a weight is NaN, infinite or over 2^40"); return; }
        amax = fmaxf(amax, fabsf(w[k]));
    }
    float scale = amax / (float)f->divisor;
    for (long b = 0; b < blocks; b++) {
        int64_t least = INT64_MAX;
        if (windowed(f)) {
            int u[64], count = columns - 64 * b < 64 ? (int)(columns - 64 * b) : 64;
            for (int i = 0; i < count; i++) u[i] = scale > 0 ? clamp_rne(64 * ((double)w[64 * b + i] / scale), -29760, 29760) : 0;
            subscales[b] = (uint8_t)quantize_paths(f, u, count, codes + 64 * b);
            continue;
        }
        for (int m = f->subscales ? 0 : 15; m <= 15; m++) { /* without sub-scales, one pass */
            uint8_t chosen[64];
            int64_t error = 0;
            for (long k = 64 * b; k < columns && k < 64 * b + 64; k++) {
                double q = scale > 0 ? (double)w[k] / scale : 0;
                int bits = k % 2 ? f->odd : f->even, best = 0;
                if (!f->subscales) {
                    chosen[k % 64] = (uint8_t)(bits == 8 ? clamp_rne(q, -127, 127) : bits == 4 ? clamp_rne(q, -8, 7) + 8 : clamp_rne(q / 2, -4, 3) + 4);
                    continue;
                }
                int u = clamp_rne(64 * q, -29760, 29760);
                for (int c = 1; c < 1 << bits; c++)
                    if (abs(u - 64 * m * table(f, k, c)) < abs(u - 64 * m * table(f, k, best))) best = c;
                int64_t d = u - 64 * m * table(f, k, best);
                chosen[k % 64] = (uint8_t)best, error += d * d;
            }
            if (error < least) {
                least = error, subscales[b] = (uint8_t)m;
                memcpy(codes + 64 * b, chosen, (size_t)(columns - 64 * b < 64 ? columns - 64 * b : 64));
            }
        }
    }
    give("scale.f32", &scale, 4);
    give("codes.u8", codes, (size_t)columns);
    give("subscales.u8", subscales, f->subscales ? (size_t)blocks : 0);
}

static void pack(const Format *f, long columns) { /* REQ-PCK-001 to 006 */
    long blocks = (columns + 63) / 64, bytes = blocks * 4 * (f->even + f->odd), count;
    uint8_t *codes = take("codes.u8", NULL), *subscales = take("subscales.u8", &count), *packed = calloc((size_t)bytes, 1), *pairs = calloc((size_t)blocks, 1);
    for (long k = 0; k < columns; k++) put_code(f, packed, k, codes[k]);
    for (long b = 0; b < count; b++) pairs[b / 2] |= (uint8_t)(subscales[b] << 4 * (b % 2));
    give("packedCodes.u8", packed, (size_t)bytes);
    give("packedSubscales.u8", pairs, (size_t)((count + 1) / 2));
}

static void unpack(const Format *f, long columns) {
    long blocks = (columns + 63) / 64;
    uint8_t *packed = take("packedCodes.u8", NULL), *pairs = take("packedSubscales.u8", NULL), *codes = calloc((size_t)columns, 1), *subscales = calloc((size_t)blocks, 1);
    for (long k = 0; k < columns; k++) codes[k] = (uint8_t)get_code(f, packed, k);
    for (long b = 0; b < blocks && f->subscales; b++) subscales[b] = pairs[b / 2] >> 4 * (b % 2) & 15;
    give("codes.u8", codes, (size_t)columns);
    give("subscales.u8", subscales, f->subscales ? (size_t)blocks : 0);
}

static void dequantize(const Format *f, long columns) { /* REQ-FMT-006 */
    float *scale = take("scale.f32", NULL), *values = calloc((size_t)columns, 4);
    uint8_t *codes = take("codes.u8", NULL), *subscales = take("subscales.u8", NULL);
    for (long k = 0; k < columns; k++) values[k] = *scale * (float)((f->subscales ? subscales[k / 64] : 1) * value(f, codes, columns, k));
    give("values.f32", values, (size_t)columns * 4);
}

static int32_t dot(const Format *f, long columns, const uint8_t *row, const uint8_t *pairs, const int8_t *a) { /* REQ-DOT-001 */
    int32_t sum = 0;
    uint8_t *codes = calloc((size_t)columns, 1);
    for (long k = 0; k < columns; k++) codes[k] = (uint8_t)get_code(f, row, k);
    for (long k = 0; k < columns; k++) {
        int m = f->subscales ? pairs[k / 128] >> 4 * (k / 64 % 2) & 15 : 1;
        sum += a[k] * m * value(f, codes, columns, k);
    }
    free(codes);
    return sum;
}

static float output(int32_t sum, float row_scale, float activation_scale) { /* REQ-DOT-004: each step is rounded to binary32 */
    volatile float scale = row_scale * activation_scale, i = (float)sum;
    return i * scale;
}

static void product(const Format *f, long rows, long columns, long tokens, int dot_only) {
    long row_bytes = (columns + 63) / 64 * 4 * (f->even + f->odd), pair_bytes = f->subscales ? ((columns + 63) / 64 + 1) / 2 : 0;
    uint8_t *codes = take("packedCodes.u8", NULL), *pairs = take("packedSubscales.u8", NULL);
    int8_t *a = take("activations.i8", NULL);
    int32_t *sums = calloc((size_t)(rows * tokens), 4);
    float *y = calloc((size_t)(rows * tokens), 4), *scales = dot_only ? NULL : take("scales.f32", NULL), *as = dot_only ? NULL : take("activationScales.f32", NULL);
    if (rows < 1 || columns < 1 || columns > f->limit) { refuse("the shape is outside the format's limits"); return; }
    for (long n = 0; n < rows && !dot_only; n++)
        if (!(scales[n] <= 0x1p40f) || signbit(scales[n])) { refuse("a scale is not within REQ-FMT-004"); return; }
    for (long t = 0; t < tokens; t++)
        for (long n = 0; n < rows; n++) {
            sums[t * rows + n] = dot(f, columns, codes + n * row_bytes, pairs + n * pair_bytes, a + t * columns);
            if (!dot_only) y[t * rows + n] = output(sums[t * rows + n], scales[n], as[t]);
        }
    give(dot_only ? "sum.i32" : "sums.i32", sums, (size_t)(rows * tokens) * 4);
    if (!dot_only) give("y.f32", y, (size_t)(rows * tokens) * 4);
}

/* The operations of spec/INFERENCE.md. Each operator rounds to binary32 by itself: -ffp-contract=off keeps the compiler from fusing two. */

static float power_of_two(int e) { uint32_t bits = (uint32_t)(e + 127) << 23; float x; memcpy(&x, &bits, 4); return x; }

static float exponential(float x) { /* REQ-OPS-004 */
    if (x < -104) return 0;
    if (x > 89) return INFINITY;
    float n = rintf(x * 0x1.715476p0f), r = (x - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;
    float q = (((0x1.6a2434p-10f * r + 0x1.1239e2p-7f) * r + 0x1.5558f2p-5f) * r + 0x1.555492p-3f) * r + 0x1.fffffcp-2f;
    int h = (int)floorf(n / 2);
    return (((r * r) * q + r) + 1) * power_of_two(h) * power_of_two((int)n - h);
}

static float silu(float x) { return x / (1 + exponential(-x)); } /* REQ-OPS-005 */
static float gelu(float x) { return x / (1 + exponential(-(x * ((x * x) * 0x1.2444f2p-4f + 0x1.988454p0f)))); } /* REQ-OPS-006 */

static float clamped_swiglu(float g, float u) { /* REQ-OPS-013 */
    g = fminf(g, 7);
    return (fminf(fmaxf(u, -7), 7) + 1) * (g / (1 + exponential(-(g * 0x1.b3b646p0f))));
}

static float gated(int activation, float g, float u) { /* REQ-OPS-010, REQ-OPS-013 */
    return activation == 2 ? clamped_swiglu(g, u) : (activation ? gelu(g) : silu(g)) * u;
}

static float hyperbolic_tangent(float x) { /* REQ-OPS-007 */
    float a = fabsf(x), z = a * a;
    float small = (z * ((((-0x1.762d74p-8f * z + 0x1.523bc8p-6f) * z - 0x1.b8405ap-5f) * z + 0x1.11074cp-3f) * z - 0x1.555534p-2f)) * a + a;
    return copysignf(a < 0.625f ? small : 1 - 2 / (exponential(fminf(a, 10) * 2) + 1), x);
}

static float soft_cap(float x, float cap) { return cap * hyperbolic_tangent(x / cap); } /* REQ-OPS-008 */

static float strided_sum(const float *terms, long n, long first) { /* REQ-OPS-002 */
    float p[16] = {0};
    for (long k = 0; k < n; k++) p[(first + k) % 16] += terms[k];
    for (int s = 8; s >= 1; s /= 2) for (int j = 0; j < s; j++) p[j] += p[j + s];
    return p[0];
}

static float dot_product(const float *a, const float *b, long n) { /* REQ-OPS-003 */
    float *terms = calloc((size_t)n, 4), sum;
    for (long k = 0; k < n; k++) terms[k] = a[k] * b[k];
    sum = strided_sum(terms, n, 0);
    free(terms);
    return sum;
}

/* REQ-ATT-004 to REQ-ATT-006: one head of n elements; the keys and values of positions lie a stride apart; the sink is -INFINITY where there is none. */
static void attend(const float *query, const float *keys, const float *values, long n, long stride, long first, long positions, float scale, float cap, float sink, float *y) {
    float *e = calloc((size_t)positions, 4), *terms = calloc((size_t)positions, 4), largest = sink;
    for (long t = 0; t < positions; t++) {
        float score = dot_product(query, keys + t * stride, n) * scale;
        e[t] = cap > 0 ? soft_cap(score, cap) : score;
        largest = fmaxf(largest, e[t]);
    }
    for (long t = 0; t < positions; t++) e[t] = exponential(e[t] - largest);
    float total = strided_sum(e, positions, first) + exponential(sink - largest);
    for (long d = 0; d < n; d++) {
        for (long t = 0; t < positions; t++) terms[t] = e[t] * values[t * stride + d];
        y[d] = strided_sum(terms, positions, first) / total;
    }
    free(e), free(terms);
}

static void rms_norm(const float *x, const float *w, float epsilon, long n, float *y) { /* REQ-OPS-009; y may be x */
    float r = 1 / sqrtf(dot_product(x, x, n) / (float)n + epsilon);
    for (long k = 0; k < n; k++) y[k] = (x[k] * r) * w[k];
}

static void rotate(float *x, const float *cosines, const float *sines, long pairs, int interleaved) { /* REQ-ROP-005 */
    for (long i = 0; i < pairs; i++) {
        long a = interleaved ? 2 * i : i, b = interleaved ? 2 * i + 1 : i + pairs;
        float u = x[a], v = x[b];
        x[a] = u * cosines[i] - v * sines[i];
        x[b] = u * sines[i] + v * cosines[i];
    }
}

static double factorial_term(int n) { /* fl64(1 / n!): 18! is below 2^53 */
    double product = 1;
    for (int i = 2; i <= n; i++) product *= i;
    return 1 / product;
}

static void angle(int position, float frequency, float *cosine, float *sine) { /* REQ-ROP-003, REQ-ROP-004; in binary64 */
    double a = (double)position * frequency, n = rint(a * 0x1.45f306dc9c883p-1);
    double r = (a - n * 0x1.921fb544p0) - n * 0x1.0b4611a626331p-34, z = r * r, s = -factorial_term(15), c = factorial_term(16);
    for (int j = 6; j >= 1; j--) s = (j % 2 ? -1 : 1) * factorial_term(2 * j + 1) + z * s;
    for (int j = 7; j >= 2; j--) c = (j % 2 ? -1 : 1) * factorial_term(2 * j) + z * c;
    s = r + (r * z) * s, c = (1 - z / 2) + (z * z) * c;
    long quadrant = (long)n % 4;
    *cosine = (float)(quadrant == 0 ? c : quadrant == 1 ? -s : quadrant == 2 ? -c : s);
    *sine = (float)(quadrant == 0 ? s : quadrant == 1 ? c : quadrant == 2 ? -s : -c);
}

/* Section 6: REQ-SMP-001 to 005. */
static const float *sampled;
static int by_logit(const void *a, const void *b) {
    int32_t i = *(const int32_t *)a, j = *(const int32_t *)b;
    return sampled[i] > sampled[j] ? -1 : sampled[i] < sampled[j] ? 1 : (i > j) - (i < j);
}

static void sample(void) {
    long bytes;
    float *logits = take("logits.f32", &bytes), t = *(float *)take("temperature.f32", NULL), p = *(float *)take("topP.f32", NULL);
    uint64_t state;
    int32_t top = *(int32_t *)take("topK.i32", NULL), draws = *(int32_t *)take("draws.i32", NULL), stay = (int32_t)(bytes / 4);
    int32_t *order = calloc((size_t)stay, 4), *y = calloc((size_t)draws, 4);
    double *cumulative = calloc((size_t)stay, 8), sum = 0;
    memcpy(&state, take("seed.i32", NULL), 8);
    for (int32_t i = 0; i < stay; i++) order[i] = i;
    sampled = logits;
    qsort(order, (size_t)stay, 4, by_logit);
    if (top > 0 && top < stay) stay = top;
    for (int32_t i = 0; i < stay && t > 0; i++) cumulative[i] = sum = sum + exponential((logits[order[i]] - logits[order[0]]) / t);
    if (t > 0 && p < 1) {
        int32_t kept = 1;
        while (cumulative[kept - 1] < p * sum) kept++;
        stay = kept;
    }
    for (int32_t d = 0; d < draws; d++) {
        int32_t i = 0;
        if (t > 0) {
            uint64_t z = state += 0x9E3779B97F4A7C15u;
            z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u, z = (z ^ z >> 27) * 0x94D049BB133111EBu, z ^= z >> 31;
            double target = (double)(z >> 11) * 0x1p-53 * cumulative[stay - 1];
            while (!(cumulative[i] > target)) i++;
        }
        y[d] = order[i];
    }
    give("y.i32", y, (size_t)draws * 4);
}

/* A small decoder: section 5 of INFERENCE.md, from the arrays of section 4 of CONFORMANCE.md. */

typedef struct { const Format *format; long rows, columns; int rotated; float *values, *scales; uint8_t *codes, *pairs; } Matrix; /* format: NULL for binary32 */
typedef struct { float *frequencies, magnitude, *keys, *values; long window, pairs; } Layer;

static long there(const char *file) { /* whether a part is there, which only some models have */
    char path[5000];
    snprintf(path, sizeof path, "%s/%s", place_in, file);
    FILE *f = fopen(path, "rb");
    if (f) fclose(f);
    return f != NULL;
}

static void *part(const char *tensor, const char *rest, long *bytes) {
    char file[256];
    snprintf(file, sizeof file, "%s.%s", tensor, rest);
    return take(file, bytes);
}

static float *vector(long layer, const char *tensor, long *count) { /* NULL where the layer has none */
    char file[256];
    long bytes;
    snprintf(file, sizeof file, "blk.%ld.%s.f32", layer, tensor);
    if (!there(file)) return NULL;
    float *numbers = take(file, &bytes);
    if (count) *count = bytes / 4;
    return numbers;
}

static Matrix matrix(const char *tensor) {
    Matrix m = {0};
    int32_t *shape = part(tensor, "shape.i32", NULL);
    char *format = part(tensor, "format.u8", NULL);
    m.rows = shape[0], m.columns = shape[1], m.rotated = shape[2];
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) if (!strcmp(FORMATS[i].name, format)) m.format = &FORMATS[i];
    if (!m.format) m.values = part(tensor, "values.f32", NULL);
    else m.codes = part(tensor, "packedCodes.u8", NULL), m.pairs = part(tensor, "packedSubscales.u8", NULL), m.scales = part(tensor, "scales.f32", NULL);
    free(shape), free(format);
    return m;
}

static void release(Matrix m) { free(m.values), free(m.codes), free(m.pairs), free(m.scales); }

static void butterfly(float *x, long n) { /* REQ-ROT-001, REQ-ROT-002 */
    for (long block = 0; block + 64 <= n; block += 64) {
        float y[64];
        for (int stage = 0; stage < 6; stage++) {
            for (int p = 0; p < 32; p++) y[p] = x[block + 2 * p] + x[block + 2 * p + 1], y[p + 32] = x[block + 2 * p] - x[block + 2 * p + 1];
            memcpy(x + block, y, sizeof y);
        }
        for (int p = 0; p < 64; p++) x[block + p] *= 0.125f;
    }
}

static void multiply(const char *tensor, const float *x, const float *bias, float *y) { /* REQ-OPS-011, REQ-ROT-003 */
    Matrix m = matrix(tensor);
    long blocks = (m.columns + 63) / 64, row_bytes = m.format ? blocks * 4 * (m.format->even + m.format->odd) : 0, pair_bytes = m.format && m.format->subscales ? (blocks + 1) / 2 : 0;
    float *turned = calloc((size_t)m.columns, 4), scale = 0;
    int8_t *a = calloc((size_t)m.columns, 1);
    memcpy(turned, x, (size_t)m.columns * 4);
    if (m.rotated) butterfly(turned, m.columns);
    if (m.format && !quantize_token(turned, m.columns, a, &scale)) die("a vector is NaN, infinite or over 2^56", tensor);
    for (long n = 0; n < m.rows; n++) {
        y[n] = m.format ? output(dot(m.format, m.columns, m.codes + n * row_bytes, m.pairs + n * pair_bytes, a), m.scales[n], scale) : dot_product(m.values + n * m.columns, x, m.columns);
        if (bias) y[n] = y[n] + bias[n];
    }
    free(turned), free(a), release(m);
}

static void embed(long token, float embedding_scale, float *x) { /* REQ-DEC-001, REQ-ROT-005 */
    Matrix m = matrix("token_embd.weight");
    long blocks = (m.columns + 63) / 64;
    if (!m.format) memcpy(x, m.values + token * m.columns, (size_t)m.columns * 4);
    else {
        const uint8_t *row = m.codes + token * blocks * 4 * (m.format->even + m.format->odd), *pairs = m.pairs + token * ((blocks + 1) / 2);
        uint8_t *codes = calloc((size_t)m.columns, 1);
        for (long k = 0; k < m.columns; k++) codes[k] = (uint8_t)get_code(m.format, row, k);
        for (long k = 0; k < m.columns; k++)
            x[k] = m.scales[token] * (float)((m.format->subscales ? pairs[k / 128] >> 4 * (k / 64 % 2) & 15 : 1) * value(m.format, codes, m.columns, k));
        free(codes);
    }
    if (m.rotated) butterfly(x, m.columns);
    for (long k = 0; k < m.columns && embedding_scale != 1; k++) x[k] = x[k] * embedding_scale;
    release(m);
}

static const int32_t *numbers; /* layers, heads, heads of keys, size of a head, interleaved, activation, experts, experts taken, renormalised */
static const float *factors;   /* epsilon, embedding scale, score scale, score cap, residual scale, logit scale, logit cap */

static void block(const char *prefix, const char *suffix, const float *f, float *d) { /* W_down gated(W_gate f, W_up f), each with a bias if it has one */
    char name[3][128], of_bias[128];
    const char *tensors[3] = {"ffn_gate", "ffn_up", "ffn_down"};
    const float *bias[3];
    for (int i = 0; i < 3; i++) {
        snprintf(name[i], sizeof name[i], "%s.%s%s.weight", prefix, tensors[i], suffix);
        snprintf(of_bias, sizeof of_bias, "%s.%s%s.bias.f32", prefix, tensors[i], suffix);
        bias[i] = there(of_bias) ? take(of_bias, NULL) : NULL;
    }
    int32_t *shape = part(name[0], "shape.i32", NULL);
    float *g = calloc((size_t)shape[0], 4), *u = calloc((size_t)shape[0], 4);
    multiply(name[0], f, bias[0], g), multiply(name[1], f, bias[1], u);
    for (long k = 0; k < shape[0]; k++) g[k] = gated(numbers[5], g[k], u[k]);
    multiply(name[2], g, bias[2], d);
    free(shape), free(g), free(u);
}

static void experts(const char *prefix, const float *bias, const float *f, long width, float *d) { /* REQ-EXP-001, REQ-EXP-002 */
    long count = numbers[6];
    float *r = calloc((size_t)count, 4), *z = calloc((size_t)count, 4), *term = calloc((size_t)width, 4), largest = -INFINITY, sum;
    int *taken = calloc((size_t)count, sizeof *taken), first = 1;
    char name[128];
    snprintf(name, sizeof name, "%s.ffn_gate_inp.weight", prefix);
    multiply(name, f, bias, r);
    for (long e = 0; e < count; e++) largest = fmaxf(largest, r[e]);
    for (long e = 0; e < count; e++) z[e] = exponential(r[e] - largest);
    sum = strided_sum(z, count, 0);
    for (long e = 0; e < count; e++) {
        int before = 0;
        for (long o = 0; o < count; o++) before += r[o] > r[e] || (r[o] == r[e] && o < e);
        z[e] = z[e] / sum, taken[e] = before < numbers[7];
    }
    float shares[256];
    long n = 0;
    for (long e = 0; e < count; e++) if (taken[e]) shares[n++] = z[e];
    sum = strided_sum(shares, n, 0);
    for (long e = 0; e < count; e++) {
        if (!taken[e]) continue;
        float p = numbers[8] ? z[e] / sum : z[e];
        snprintf(name, sizeof name, ".%ld", e);
        block(prefix, name, f, term);
        for (long k = 0; k < width; k++) d[k] = first ? p * term[k] : d[k] + p * term[k];
        first = 0;
    }
    free(r), free(z), free(term), free(taken);
}

static void heads(float *all, long count, long size, long i, const char *tensor, const Layer *layer, const float *cosines, const float *sines) {
    long elements = 0; /* of the norm: of all heads together, or of each */
    float *norm = vector(i, tensor, &elements);
    for (long from = 0; norm && from < count * size; from += elements) rms_norm(all + from, norm, factors[0], elements, all + from);
    for (long h = 0; h < count; h++) {
        rotate(all + h * size, cosines, sines, layer->pairs, numbers[4]);
    }
}

static void add_to_stream(float *x, const float *d, long width) { /* REQ-OPS-010, with the model's residual scale */
    for (long k = 0; k < width; k++) x[k] = x[k] + (factors[4] == 1 ? d[k] : d[k] * factors[4]);
}

static void norm_of_stream(float *x, const float *weights, const float *bias, long n) { /* REQ-OPS-009, or with a bias REQ-OPS-012; nothing without weights */
    if (!weights) return;
    float mean = bias ? strided_sum(x, n, 0) / (float)n : 0;
    for (long k = 0; k < n && bias; k++) x[k] = x[k] - mean;
    rms_norm(x, weights, factors[0], n, x);
    for (long k = 0; k < n && bias; k++) x[k] = x[k] + bias[k];
}

static void decoder_layer(long i, Layer *layer, float *x, long width, long position) { /* REQ-DEC-002 */
    long size = numbers[3], queries = numbers[1] * size, keys = numbers[2] * size, shared = numbers[1] / numbers[2];
    float *a = calloc((size_t)width, 4), *q = calloc((size_t)queries, 4), *o = calloc((size_t)queries, 4), *d = calloc((size_t)width, 4);
    float *k = layer->keys + position * keys, *v = layer->values + position * keys, cosines[512], sines[512];
    char prefix[64], name[128];
    snprintf(prefix, sizeof prefix, "blk.%ld", i);
    memcpy(a, x, (size_t)width * 4);
    norm_of_stream(a, vector(i, "attn_norm.weight", NULL), vector(i, "attn_norm.bias", NULL), width);
    snprintf(name, sizeof name, "%s.attn_q.weight", prefix), multiply(name, a, vector(i, "attn_q.bias", NULL), q);
    snprintf(name, sizeof name, "%s.attn_k.weight", prefix), multiply(name, a, vector(i, "attn_k.bias", NULL), k);
    snprintf(name, sizeof name, "%s.attn_v.weight", prefix), multiply(name, a, vector(i, "attn_v.bias", NULL), v);
    for (long p = 0; p < layer->pairs; p++) {
        angle((int)position, layer->frequencies[p], cosines + p, sines + p);
        if (layer->magnitude != 1) cosines[p] = cosines[p] * layer->magnitude, sines[p] = sines[p] * layer->magnitude; /* REQ-ROP-006 */
    }
    heads(q, numbers[1], size, i, "attn_q_norm.weight", layer, cosines, sines);
    heads(k, numbers[2], size, i, "attn_k_norm.weight", layer, cosines, sines);
    long first = layer->window > 0 && position >= layer->window ? position - layer->window + 1 : 0; /* REQ-ATT-002 */
    const float *sinks = vector(i, "attn_sinks.weight", NULL);
    for (long h = 0; h < numbers[1]; h++) /* REQ-ATT-003 */
        attend(q + h * size, layer->keys + first * keys + h / shared * size, layer->values + first * keys + h / shared * size, size, keys, first, position - first + 1, factors[2], factors[3], sinks ? sinks[h] : -INFINITY, o + h * size);
    snprintf(name, sizeof name, "%s.attn_output.weight", prefix), multiply(name, o, vector(i, "attn_output.bias", NULL), d);
    norm_of_stream(d, vector(i, "post_attention_norm.weight", NULL), NULL, width);
    add_to_stream(x, d, width);
    memcpy(a, x, (size_t)width * 4);
    norm_of_stream(a, vector(i, "ffn_norm.weight", NULL), vector(i, "ffn_norm.bias", NULL), width);
    if (numbers[6] > 0) experts(prefix, vector(i, "ffn_gate_inp.bias", NULL), a, width, d); else block(prefix, "", a, d);
    norm_of_stream(d, vector(i, "post_ffw_norm.weight", NULL), NULL, width);
    add_to_stream(x, d, width);
    free(a), free(q), free(o), free(d);
}

static void decoder(const char *result, long vocabulary, long width, long tokens) {
    numbers = take("numbers.i32", NULL), factors = take("factors.f32", NULL);
    int32_t *fed = take("tokens.i32", NULL);
    float *x = calloc((size_t)width, 4), *logits = calloc((size_t)(tokens * vocabulary), 4), *norm = take("output_norm.weight.f32", NULL);
    float *bias = there("output_norm.bias.f32") ? take("output_norm.bias.f32", NULL) : NULL;
    Layer *layers = calloc((size_t)numbers[0], sizeof *layers);
    for (long i = 0; i < numbers[0]; i++) {
        char name[64];
        long bytes;
        snprintf(name, sizeof name, "blk.%ld", i);
        layers[i].frequencies = part(name, "frequencies.f32", &bytes), layers[i].pairs = bytes / 4;
        layers[i].magnitude = *(float *)part(name, "magnitude.f32", NULL), layers[i].window = *(int32_t *)part(name, "window.i32", NULL);
        layers[i].keys = calloc((size_t)(tokens * numbers[2] * numbers[3]), 4), layers[i].values = calloc((size_t)(tokens * numbers[2] * numbers[3]), 4);
    }
    for (long t = 0; t < tokens; t++) {
        float *y = logits + t * vocabulary;
        embed(fed[t], factors[1], x);
        for (long i = 0; i < numbers[0]; i++) decoder_layer(i, layers + i, x, width, t);
        norm_of_stream(x, norm, bias, width);
        multiply(there("output.weight.shape.i32") ? "output.weight" : "token_embd.weight", x, NULL, y); /* REQ-DEC-003 */
        for (long v = 0; v < vocabulary; v++) {
            if (factors[5] != 1) y[v] = y[v] * factors[5];
            if (factors[6] > 0) y[v] = soft_cap(y[v], factors[6]);
        }
    }
    give(result, logits, (size_t)(tokens * vocabulary) * 4);
}

static int operation_of_inference(const char *operation) { /* 0 if it is none */
    static float y[1 << 20];
    long bytes, n = 0;
    if (!strcmp(operation, "dot-product")) {
        float *a = take("a.f32", &bytes);
        n = 1, y[0] = dot_product(a, take("b.f32", NULL), bytes / 4);
    } else if (!strcmp(operation, "rms-norm")) {
        float *x = take("x.f32", &bytes);
        n = bytes / 4;
        rms_norm(x, take("weights.f32", NULL), *(float *)take("epsilon.f32", NULL), n, y);
    } else if (!strncmp(operation, "gated-", 6)) { /* REQ-OPS-010, REQ-OPS-013 */
        float *g = take("g.f32", &bytes), *u = take("u.f32", NULL);
        n = bytes / 4;
        for (long k = 0; k < n; k++) y[k] = gated(operation[6] == 'g' ? 1 : operation[7] == 'w' ? 2 : 0, g[k], u[k]);
    } else if (!strcmp(operation, "residual")) {
        float *x = take("x.f32", &bytes), *d = take("d.f32", NULL);
        n = bytes / 4;
        for (long k = 0; k < n; k++) y[k] = x[k] + d[k];
    } else if (!strcmp(operation, "soft-cap")) {
        float *x = take("x.f32", &bytes), cap = *(float *)take("cap.f32", NULL);
        n = bytes / 4;
        for (long k = 0; k < n; k++) y[k] = soft_cap(x[k], cap);
    } else if (!strncmp(operation, "rotate-", 7)) {
        long angles;
        float *x = take("x.f32", &bytes), *cosines = take("cosines.f32", &angles);
        n = bytes / 4;
        memcpy(y, x, (size_t)bytes);
        rotate(y, cosines, take("sines.f32", NULL), angles / 4, operation[7] == 'i');
    } else if (!strcmp(operation, "cosines") || !strcmp(operation, "sines")) {
        long count;
        int32_t *positions = take("positions.i32", &count);
        float *frequencies = take("frequencies.f32", &bytes), other;
        n = count / 4 * (bytes / 4);
        for (long k = 0; k < n; k++) {
            float *cosine = operation[0] == 'c' ? y + k : &other, *sine = operation[0] == 'c' ? &other : y + k;
            angle(positions[k / (bytes / 4)], frequencies[k % (bytes / 4)], cosine, sine);
        }
    } else if (!strcmp(operation, "matrix-product")) { /* REQ-OPS-011 */
        long all;
        float *w = take("matrix.f32", &all), *x = take("x.f32", &bytes);
        n = all / bytes;
        for (long k = 0; k < n; k++) y[k] = dot_product(w + k * (bytes / 4), x, bytes / 4);
    } else if (!strncmp(operation, "attend", 6)) {
        long all;
        float *query = take("query.f32", &bytes), *keys = take("keys.f32", &all), scale = *(float *)take("scale.f32", NULL);
        float sink = operation[6] ? *(float *)take("sink.f32", NULL) : -INFINITY;
        n = bytes / 4;
        attend(query, keys, take("values.f32", NULL), n, n, *(int32_t *)take("first.i32", NULL), all / bytes, scale, *(float *)take("cap.f32", NULL), sink, y);
    }
    if (n) give("y.f32", y, (size_t)n * 4);
    return n > 0;
}

static const char *text(const char *line, const char *key, char *value) { /* a string member of a line of cases.jsonl */
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":\"", key);
    const char *at = strstr(line, quoted);
    value[0] = 0;
    if (at) sscanf(at + strlen(quoted), "%63[^\"]", value);
    return value;
}

static long number(const char *line, const char *key) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(line, quoted);
    return at ? atol(at + strlen(quoted)) : 0;
}

static void make_folders(const char *lines, const char *out) { /* of all cases, many in a call: the standard library cannot make one */
    static char command[1 << 16];
    char folder[64];
    for (size_t used = 0; *lines; used = used > sizeof command - 128 || !*lines ? 0 : used) {
        if (!used) used = (size_t)snprintf(command, sizeof command, "cd '%s' && mkdir -p", out);
        used += (size_t)snprintf(command + used, sizeof command - used, " '%s'", text(lines, "folder", folder));
        lines += strcspn(lines, "\n"), lines += *lines == '\n';
        if ((used > sizeof command - 128 || !*lines) && system(command)) die("cannot make folders in", out);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) die("usage", "client IN OUT");
    snprintf(place_in, sizeof place_in, "%s", argv[1]);
    char *lines = take("cases.jsonl", NULL), operation[64], format[64], folder[64];
    make_folders(lines, argv[2]);
    for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n")) {
        const Format *f = NULL;
        long rows = number(line, "rows"), columns = number(line, "columns"), tokens = number(line, "tokens");
        text(line, "operation", operation), text(line, "format", format), text(line, "folder", folder);
        for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) if (!strcmp(FORMATS[i].name, format)) f = &FORMATS[i];
        snprintf(place_in, sizeof place_in, "%s/%s", argv[1], folder);
        snprintf(place_out, sizeof place_out, "%s/%s", argv[2], folder);
        if (!strcmp(operation, "quantize-activation")) quantize_activation(columns);
        else if (!strcmp(operation, "quantize-weight")) quantize_weight(f, columns);
        else if (!strcmp(operation, "pack")) pack(f, columns);
        else if (!strcmp(operation, "unpack")) unpack(f, columns);
        else if (!strcmp(operation, "dequantize")) dequantize(f, columns);
        else if (!strcmp(operation, "dot")) product(f, rows, columns, tokens, 1);
        else if (!strcmp(operation, "gemv") || !strcmp(operation, "gemm")) product(f, rows, columns, tokens, 0);
        else if (!strcmp(operation, "output")) {
            float y = output(*(int32_t *)take("sum.i32", NULL), *(float *)take("rowScale.f32", NULL), *(float *)take("activationScale.f32", NULL));
            give("y.f32", &y, 4);
        } else if (!strcmp(operation, "sample")) sample();
        else if (!strcmp(operation, "decoder-at-once")) decoder("logits.f32", rows, columns, tokens);
        else if (!strcmp(operation, "decoder-one-by-one")) decoder("logitsOneByOne.f32", rows, columns, tokens);
        else if (!operation_of_inference(operation)) die("operation not known", operation);
    }
    return 0;
}
