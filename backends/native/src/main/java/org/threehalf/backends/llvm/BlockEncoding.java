package org.threehalf.backends.llvm;

import java.util.Arrays;
import java.util.Optional;

/**
 * The encodings of GGUF that {@link DecodingGenerator} decodes, by their names there. Sizes: {@code ggml-common.h} of
 * the ggml project.
 */
enum BlockEncoding {
    /** binary16, 16 a step. */
    F16(16, 32),
    /** The upper half of binary32, 16 a step. */
    BF16(16, 32),
    /** d, 16 bytes. */
    Q4_0(32, 18),
    /** d, m, 16 bytes. */
    Q4_1(32, 20),
    /** d, 4 bytes of high bits, 16 bytes. */
    Q5_0(32, 22),
    /** d, m, 4 bytes of high bits, 16 bytes. */
    Q5_1(32, 24),
    /** d, 32 bytes. */
    Q8_0(32, 34),
    /** d, dmin, 12 bytes of scales and minima, 128 bytes. */
    Q4_K(256, 144),
    /** d, dmin, 12 bytes of scales and minima, 32 bytes of high bits, 128 bytes. */
    Q5_K(256, 176),
    /** 128 bytes, 64 bytes of high pairs, 16 scales, d. */
    Q6_K(256, 210);

    private final int elements;
    private final int bytes;

    BlockEncoding(int elements, int bytes) {
        this.elements = elements;
        this.bytes = bytes;
    }

    /** Elements a block, a multiple of 16. */
    int elements() {
        return elements;
    }

    /** Bytes a block. */
    int bytes() {
        return bytes;
    }

    /** The encoding of a name, if it is one of these. */
    static Optional<BlockEncoding> named(String name) {
        return Arrays.stream(values())
                .filter(encoding -> encoding.name().equals(name))
                .findFirst();
    }
}
