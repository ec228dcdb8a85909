package org.threehalf.kernels.transformer;

import java.lang.foreign.MemorySegment;

/**
 * A matrix's rows as a file stores them, one after the other, for those who can decode them faster than
 * {@link FloatMatrix#read} does, with its bits.
 *
 * @param encoding its name in GGUF: {@code Q4_K}, for example
 * @param data N rows; maybe a mapped file, whose pages can go while they are read: native code must be given a copy
 * @param rowBytes bytes of a row
 */
public record StoredRows(String encoding, MemorySegment data, long rowBytes) {}
