package org.threehalf.kernels.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.lut.LutKernel;
import org.threehalf.kernels.product.KernelMatrix;
import org.threehalf.kernels.product.ProductKernel;
import org.threehalf.kernels.product.ReferenceKernel;
import org.threehalf.kernels.simd.SimdKernel;

/** Nanoseconds that a kernel takes for 64 weights on one thread: a matrix of 2048 × 256 with one token, and with 32. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class ProductBenchmark {

    private static final int ROWS = 2_048;
    private static final int COLUMNS = 256;
    private static final int TOKENS = 32;
    private static final int BLOCKS = ROWS * COLUMNS / Format.BLOCK;

    /** The kernel, and the width of {@code simd}. */
    @Param({"reference", "lut", "simd128", "simd256", "simd512"})
    public String kernel = "simd512";

    /** The format. */
    @Param
    public Format format = Format.G35;

    private final Arena arena = Arena.ofShared();
    private final byte[][] tokens = new byte[TOKENS][COLUMNS];
    private KernelMatrix matrix = matrix();
    private KernelMatrix.Scratch scratch = matrix.scratch();

    /** For JMH. */
    public ProductBenchmark() {}

    private KernelMatrix matrix() {
        ProductKernel product = switch (kernel) {
            case "reference" -> new ReferenceKernel();
            case "lut" -> new LutKernel();
            default -> new SimdKernel(Integer.parseInt(kernel.substring("simd".length())));
        };
        MemorySegment memory = arena.allocate(2L * ROWS * COLUMNS + (1 << 16), 4_096);
        SplittableRandom random = new SplittableRandom(1);
        for (long at = 0; at < memory.byteSize(); at++) {
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
        }
        return product.over(format, ROWS, COLUMNS, SegmentAllocator.slicingAllocator(memory));
    }

    /** Makes the matrix of the parameters. */
    @Setup(Level.Trial)
    public void make() {
        matrix = matrix();
        scratch = matrix.scratch();
        SplittableRandom random = new SplittableRandom(2);
        for (byte[] token : tokens) {
            for (int k = 0; k < COLUMNS; k++) {
                token[k] = (byte) random.nextInt(-127, 128);
            }
        }
    }

    /** Frees it. */
    @TearDown(Level.Trial)
    public void free() {
        arena.close();
    }

    /** One token. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void gemv(Blackhole results) {
        matrix.sums(tokens, 1, 0, matrix.tiles(), scratch, (token, row, sums, count) -> results.consume(sums));
    }

    /** Several tokens; the time is for 64 weights and one token. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS * TOKENS)
    public void gemm(Blackhole results) {
        matrix.sums(tokens, TOKENS, 0, matrix.tiles(), scratch, (token, row, sums, count) -> results.consume(sums));
    }
}
