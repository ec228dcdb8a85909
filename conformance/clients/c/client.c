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

static void quantize_activation(long columns) { /* REQ-QNT-001 to 003 */
    float *x = take("x.f32", NULL), amax = 0;
    int8_t *codes = calloc((size_t)columns + 1, 1);
    for (long k = 0; k < columns; k++) {
        if (!(fabsf(x[k]) <= 0x1p56f)) { refuse("an activation is NaN, infinite or over 2^56"); return; }
        amax = fmaxf(amax, fabsf(x[k]));
    }
    float scale = amax / 127;
    for (long k = 0; k < columns && scale > 0; k++) { float q = x[k] / scale; codes[k] = (int8_t)clamp_rne(q, -127, 127); }
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

static long attend(float *y) { /* REQ-ATT-004, REQ-ATT-005 */
    long bytes, all;
    float *query = take("query.f32", &bytes), *keys = take("keys.f32", &all), *values = take("values.f32", NULL), largest = -INFINITY;
    float scale = *(float *)take("scale.f32", NULL), cap = *(float *)take("cap.f32", NULL);
    long first = *(int32_t *)take("first.i32", NULL), n = bytes / 4, positions = all / bytes;
    float *e = calloc((size_t)positions, 4), *terms = calloc((size_t)positions, 4);
    for (long t = 0; t < positions; t++) {
        float score = dot_product(query, keys + t * n, n) * scale;
        e[t] = cap > 0 ? soft_cap(score, cap) : score;
        largest = fmaxf(largest, e[t]);
    }
    for (long t = 0; t < positions; t++) e[t] = exponential(e[t] - largest);
    float total = strided_sum(e, positions, first);
    for (long d = 0; d < n; d++) {
        for (long t = 0; t < positions; t++) terms[t] = e[t] * values[t * n + d];
        y[d] = strided_sum(terms, positions, first) / total;
    }
    return n;
}

static int operation_of_inference(const char *operation) { /* 0 if it is none */
    static float y[1 << 20];
    long bytes, n = 0;
    if (!strcmp(operation, "dot-product")) {
        float *a = take("a.f32", &bytes);
        n = 1, y[0] = dot_product(a, take("b.f32", NULL), bytes / 4);
    } else if (!strcmp(operation, "rms-norm")) { /* REQ-OPS-009 */
        float *x = take("x.f32", &bytes), *w = take("weights.f32", NULL), epsilon = *(float *)take("epsilon.f32", NULL);
        n = bytes / 4;
        float r = 1 / sqrtf(dot_product(x, x, n) / (float)n + epsilon);
        for (long k = 0; k < n; k++) y[k] = (x[k] * r) * w[k];
    } else if (!strcmp(operation, "gated-silu") || !strcmp(operation, "gated-gelu")) { /* REQ-OPS-010 */
        float *g = take("g.f32", &bytes), *u = take("u.f32", NULL);
        n = bytes / 4;
        for (long k = 0; k < n; k++) y[k] = (operation[6] == 's' ? silu(g[k]) : gelu(g[k])) * u[k];
    } else if (!strcmp(operation, "residual")) {
        float *x = take("x.f32", &bytes), *d = take("d.f32", NULL);
        n = bytes / 4;
        for (long k = 0; k < n; k++) y[k] = x[k] + d[k];
    } else if (!strcmp(operation, "soft-cap")) {
        float *x = take("x.f32", &bytes), cap = *(float *)take("cap.f32", NULL);
        n = bytes / 4;
        for (long k = 0; k < n; k++) y[k] = soft_cap(x[k], cap);
    } else if (!strncmp(operation, "rotate-", 7)) { /* REQ-ROP-005 */
        long angles;
        float *x = take("x.f32", &bytes), *cosines = take("cosines.f32", &angles), *sines = take("sines.f32", NULL);
        n = bytes / 4, angles /= 4;
        memcpy(y, x, (size_t)bytes);
        for (long i = 0; i < angles; i++) {
            long a = operation[7] == 's' ? i : 2 * i, b = operation[7] == 's' ? i + angles : 2 * i + 1;
            y[a] = x[a] * cosines[i] - x[b] * sines[i];
            y[b] = x[a] * sines[i] + x[b] * cosines[i];
        }
    } else if (!strcmp(operation, "attend")) n = attend(y);
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

int main(int argc, char **argv) {
    if (argc != 3) die("usage", "client IN OUT");
    snprintf(place_in, sizeof place_in, "%s", argv[1]);
    char *lines = take("cases.jsonl", NULL), operation[64], format[64], folder[64], command[4400];
    for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n")) {
        const Format *f = NULL;
        long rows = number(line, "rows"), columns = number(line, "columns"), tokens = number(line, "tokens");
        text(line, "operation", operation), text(line, "format", format), text(line, "folder", folder);
        for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) if (!strcmp(FORMATS[i].name, format)) f = &FORMATS[i];
        snprintf(place_in, sizeof place_in, "%s/%s", argv[1], folder);
        snprintf(place_out, sizeof place_out, "%s/%s", argv[2], folder);
        snprintf(command, sizeof command, "mkdir -p '%s'", place_out);
        if (system(command)) die("cannot make", place_out);
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
        } else if (!operation_of_inference(operation)) die("operation not known", operation);
    }
    return 0;
}
