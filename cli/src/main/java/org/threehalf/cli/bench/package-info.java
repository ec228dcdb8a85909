/**
 * {@code threehalf bench}: how fast the CPU's kernels multiply the matrices of language models, beside the machine's
 * own limit.
 *
 * <p>Everything is measured cold: a matrix is one of many in a ring of memory that no cache holds, as in decoding,
 * where each is read once a token. The streaming-read bandwidth is measured in the same run. Rates of tokens are
 * derived from the times of a model's matrices and say so; nothing is extrapolated but rows, where a matrix is larger
 * than the ring, and that is marked. Depends on {@code kernels}.
 *
 * <p>{@code --backend cuda} does the same on an NVIDIA GPU, by the {@code ProductMeter} of {@code backends/cuda}, with
 * another library's int8 product as its peer.
 */
@NullMarked
package org.threehalf.cli.bench;

import org.jspecify.annotations.NullMarked;
