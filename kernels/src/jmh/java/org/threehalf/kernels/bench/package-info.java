/**
 * JMH benchmarks of the inner kernels. Built and run by the profile {@code jmh}:
 *
 * <pre>
 * mvn -pl kernels -Pjmh test-compile exec:exec
 * mvn -pl kernels -Pjmh test-compile exec:exec -Djmh.arguments="ProductBenchmark.gemv -p format=G35 -p kernel=simd512"
 * </pre>
 *
 * <p>A matrix is small enough for a cache here, so that these figures show what a kernel computes; {@code threehalf bench} shows what it does cold.
 */
@NullMarked
package org.threehalf.kernels.bench;

import org.jspecify.annotations.NullMarked;
