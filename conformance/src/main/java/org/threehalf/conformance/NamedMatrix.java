package org.threehalf.conformance;

import org.threehalf.kernels.PackedMatrix;

/**
 * A matrix of a model.
 *
 * @param name its tensor's name, such as {@code blk.0.ffn_up.weight}
 * @param matrix the packed matrix
 */
public record NamedMatrix(String name, PackedMatrix matrix) {}
