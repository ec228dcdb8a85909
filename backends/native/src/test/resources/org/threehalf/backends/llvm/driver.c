/*
 * Calls functions of generated code for another processor, as the test's Emulator asks on standard input (little endian):
 *
 *   request    number of the function (32 bits), number of operands (32 bits), operands
 *   operand    kind (8 bits); 0 or 1: size (64 bits) and bytes, which the function only reads (0) or also writes (1); 2: an integer (64 bits); 3: a binary32 number
 *   answer     status (32 bits): 0, or 1 + the operand around which or in which was written what must not be; the bytes of each operand of kind 1
 *
 * Bytes end where memory does, but for what their alignment of 64 takes: a read or write further behind ends the process.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define OPERANDS 8
/* Room for the longest rows of a format, 64 of them. */
#define REGION (192u << 20)
#define PAGE 65536u
#define FENCE 64

typedef void function(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, float, float, float, float);

/* The names of the functions, written by the test. */
#define F(name) extern void name(void);
#include "functions.h"
#undef F
static void *const functions[] = {
#define F(name) (void *) name,
#include "functions.h"
};

static void get(void *to, size_t bytes) {
    if (fread(to, 1, bytes, stdin) != bytes) {
        exit(3);
    }
}

static void put(const void *from, size_t bytes) {
    if (fwrite(from, 1, bytes, stdout) != bytes) {
        exit(3);
    }
}

static uint64_t checksum(const uint8_t *bytes, size_t count) {
    uint64_t sum = 14695981039346656037u;
    for (size_t i = 0; i < count; i += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, count - i < sizeof word ? count - i : sizeof word);
        sum = (sum ^ word) * 1099511628211u;
    }
    return sum;
}

static int fences(const uint8_t *begin, const uint8_t *from, const uint8_t *to) {
    while (from < to) {
        if (*from++ != 0xA5) {
            return 0;
        }
    }
    for (int i = 1; i <= FENCE; i++) {
        if (begin[-i] != 0xA5) {
            return 0;
        }
    }
    return 1;
}

int main(void) {
    uint8_t *ends[OPERANDS];
    for (int i = 0; i < OPERANDS; i++) {
        uint8_t *region = mmap(NULL, REGION + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (region == MAP_FAILED || mprotect(region + REGION, PAGE, PROT_NONE) != 0) {
            return 4;
        }
        ends[i] = region + REGION;
    }
    int32_t header[2];
    while (fread(header, sizeof header, 1, stdin) == 1) {
        uint64_t integers[OPERANDS] = {0};
        float reals[4] = {0};
        uint8_t kinds[OPERANDS];
        uint64_t sizes[OPERANDS] = {0};
        uint64_t sums[OPERANDS];
        uint8_t *begins[OPERANDS];
        int integer = 0;
        int real = 0;
        for (int i = 0; i < header[1]; i++) {
            get(&kinds[i], 1);
            if (kinds[i] == 3) {
                get(&reals[real++], 4);
            } else if (kinds[i] == 2) {
                get(&integers[integer++], 8);
            } else {
                get(&sizes[i], 8);
                if (sizes[i] > REGION - 2 * FENCE) {
                    return 5;
                }
                begins[i] = ends[i] - (sizes[i] + FENCE - 1) / FENCE * FENCE;
                memset(begins[i] - FENCE, 0xA5, ends[i] - begins[i] + FENCE);
                get(begins[i], sizes[i]);
                sums[i] = kinds[i] == 0 ? checksum(begins[i], sizes[i]) : 0;
                integers[integer++] = (uint64_t) begins[i];
            }
        }
        ((function *) functions[header[0]])(integers[0], integers[1], integers[2], integers[3], integers[4], integers[5], integers[6], integers[7],
                reals[0], reals[1], reals[2], reals[3]);
        int32_t status = 0;
        for (int i = 0; i < header[1]; i++) {
            if (kinds[i] < 2 && (!fences(begins[i], begins[i] + sizes[i], ends[i]) || (kinds[i] == 0 && checksum(begins[i], sizes[i]) != sums[i]))) {
                status = 1 + i;
            }
        }
        put(&status, sizeof status);
        for (int i = 0; i < header[1]; i++) {
            if (kinds[i] == 1) {
                put(begins[i], sizes[i]);
            }
        }
        fflush(stdout);
    }
    return 0;
}
