package org.threehalf.cli.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.bench.BenchReport.BatchLine;
import org.threehalf.cli.bench.BenchReport.Machine;
import org.threehalf.cli.bench.BenchReport.ModelLine;
import org.threehalf.cli.bench.BenchReport.SizeLine;
import org.threehalf.cli.bench.BenchReport.Streaming;
import org.threehalf.cli.bench.ModelMatrices.Part;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.RowScales;
import org.threehalf.kernels.VectorSupport;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.KernelMatrix;
import org.threehalf.kernels.product.ProductKernel;
import org.threehalf.kernels.product.ReferenceKernel;
import org.threehalf.kernels.product.ThreadedProduct;
import org.threehalf.kernels.product.WorkerPool;

/** Measures. */
final class BenchRun {

    /**
     * What to measure.
     *
     * @param kernels the kernels, {@code reference} first if speed-ups are wanted
     * @param formats the formats
     * @param models the models
     * @param threads numbers of threads, ascending
     * @param floats whether to measure binary32 too
     * @param batches tokens at a time, ascending
     * @param options memory and time
     */
    record Plan(
            List<ProductKernel> kernels,
            List<Format> formats,
            List<ModelMatrices> models,
            List<Integer> threads,
            boolean floats,
            List<Integer> batches,
            BenchReport.Options options) {}

    private static final long MILLI = 1_000_000;
    /**
     * The reference is measured on this many weights and its time scaled by rows: it takes seconds for a large matrix.
     */
    private static final long REFERENCE_WEIGHTS = 4_000_000;

    private static final int MOST_COPIES = 50_000;
    /** More than aligning a matrix's segments takes. */
    private static final int ALIGNMENT = 256;

    private static final Part BATCH_PART = new Part("gate, up of llama-8b", 14_336, 4_096, 1);
    private static final List<Part> SIZES = List.of(
            new Part("10^6", 1_024, 1_024, 1),
            new Part("10^7", 2_560, 4_096, 1),
            new Part("10^8", 12_288, 8_192, 1),
            new Part("10^9", 122_880, 8_192, 1));

    private final Plan plan;
    private final Ring ring;
    private final Consumer<String> progress;
    private final Set<String> warm = new HashSet<>();
    private final Map<Integer, Double> bandwidth = new HashMap<>();

    private BenchRun(Plan plan, Ring ring, Consumer<String> progress) {
        this.plan = plan;
        this.ring = ring;
        this.progress = progress;
    }

    /**
     * Runs a plan.
     *
     * @param progress told what is measured next
     * @throws IllegalStateException if a kernel's bits are not those of the reference
     */
    static BenchReport run(Plan plan, Consumer<String> progress) {
        Machine machine = machine();
        try (Ring ring = new Ring(plan.options().ringBytes())) {
            return new BenchRun(plan, ring, progress).run(machine);
        }
    }

    private BenchReport run(Machine machine) {
        requireSameBits();
        List<Streaming> streaming = new ArrayList<>();
        for (int threads : plan.threads()) {
            progress.accept("streaming read, " + threads + " threads");
            try (WorkerPool pool = new WorkerPool(threads)) {
                Timing timing = StreamingRead.measure(ring, pool, 4 * millis());
                bandwidth.put(threads, ring.bytes() / timing.min());
                streaming.add(new Streaming(threads, ring.bytes() / timing.min(), ring.bytes() / timing.median()));
            }
        }
        List<ModelLine> models = new ArrayList<>();
        for (ModelMatrices model : plan.models()) {
            models.addAll(measure(model));
        }
        List<BatchLine> batches = new ArrayList<>();
        List<SizeLine> sizes = new ArrayList<>();
        ProductKernel last = plan.kernels().getLast();
        try (WorkerPool pool = new WorkerPool(plan.threads().getLast())) {
            for (Format format : plan.batches().isEmpty() ? List.<Format>of() : plan.formats()) {
                batches.addAll(batches(last, format, pool));
            }
            for (Part part : plan.options().quick() ? SIZES.subList(0, 2) : SIZES) {
                progress.accept(last.name() + ", " + part.name() + " weights");
                Measured measured = measure(last, plan.formats().getFirst(), part, pool);
                if (!measured.scaled()) {
                    sizes.add(new SizeLine(
                            last.name(),
                            plan.formats().getFirst().name(),
                            part.rows(),
                            part.columns(),
                            pool.workers(),
                            measured.time()));
                }
            }
        }
        // Last, since it changes what the ring holds.
        if (plan.floats()) {
            ring.fillFloats();
            for (ModelMatrices model : plan.models()) {
                models.addAll(measureFloats(model, models));
            }
        }
        return new BenchReport(machine, plan.options(), streaming, models, batches, sizes);
    }

    private long millis() {
        return plan.options().millis() * MILLI;
    }

    /** A figure of a kernel that computes something else would be worthless. */
    private void requireSameBits() {
        SplittableRandom random = new SplittableRandom(35);
        for (Format format : plan.formats()) {
            int rows = 130;
            int columns = 200;
            float[] weights = new float[columns];
            try (Arena arena = Arena.ofShared()) {
                PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, arena);
                for (int row = 0; row < rows; row++) {
                    for (int k = 0; k < columns; k++) {
                        weights[k] = random.nextFloat() - 0.5f;
                    }
                    matrix.putRow(row, QuantizedRow.quantize(format, weights));
                }
                List<QuantizedToken> tokens = IntStream.range(0, 5)
                        .mapToObj(t -> token(columns, random))
                        .toList();
                float[][] expected = new float[5][rows];
                ReferenceKernel.gemm(matrix, tokens, expected);
                for (ProductKernel kernel : plan.kernels()) {
                    for (int threads : plan.threads()) {
                        try (WorkerPool pool = new WorkerPool(threads)) {
                            ThreadedProduct product =
                                    product(kernel.prepare(matrix, arena), RowScales.of(matrix), pool);
                            float[][] y = new float[5][rows];
                            product.gemm(tokens, y);
                            float[] single = new float[rows];
                            product.gemv(tokens.getLast(), single);
                            if (!Arrays.deepEquals(expected, y) || !Arrays.equals(expected[4], single)) {
                                throw new IllegalStateException(
                                        "%s gives other bits than the reference in %s with %d threads"
                                                .formatted(kernel.name(), format, threads));
                            }
                        }
                    }
                }
            }
        }
    }

    private static QuantizedToken token(int columns, SplittableRandom random) {
        float[] activations = new float[columns];
        for (int k = 0; k < columns; k++) {
            activations[k] = random.nextFloat() - 0.5f;
        }
        return QuantizedToken.of(activations);
    }

    private static ThreadedProduct product(KernelMatrix matrix, RowScales scales, WorkerPool pool) {
        KernelMatrix.Scratch[] scratch = new KernelMatrix.Scratch[pool.workers()];
        Arrays.setAll(scratch, i -> matrix.scratch());
        return new ThreadedProduct(matrix, scales, pool, scratch);
    }

    private List<ModelLine> measure(ModelMatrices model) {
        List<ModelLine> lines = new ArrayList<>();
        Map<Format, Double> reference = new HashMap<>();
        for (ProductKernel kernel : plan.kernels()) {
            for (int threads : kernel.name().equals("reference") ? List.of(1) : plan.threads()) {
                try (WorkerPool pool = new WorkerPool(threads)) {
                    for (Format format : plan.formats()) {
                        progress.accept(
                                "%s, %s, %s, %d threads".formatted(model.name(), kernel.name(), format, threads));
                        Timing layer = Timing.zero();
                        long bytes = 0;
                        boolean scaled = false;
                        for (Part part : model.layer()) {
                            Measured measured = measure(kernel, format, part, pool);
                            layer = layer.plus(measured.time().times(part.count()));
                            bytes += part.count() * measured.bytes();
                            scaled |= measured.scaled();
                        }
                        Measured output = measure(kernel, format, model.output(), pool);
                        if (kernel.name().equals("reference")) {
                            reference.put(format, layer.median());
                        }
                        lines.add(line(
                                model,
                                kernel.name(),
                                format.name(),
                                threads,
                                layer,
                                output.time(),
                                bytes,
                                reference.get(format),
                                scaled || output.scaled()));
                    }
                }
            }
        }
        return lines;
    }

    private ModelLine line(
            ModelMatrices model,
            String kernel,
            String format,
            int threads,
            Timing layer,
            Timing output,
            long bytes,
            @Nullable Double reference,
            boolean scaled) {
        double gigabytes = bytes / layer.median();
        return new ModelLine(
                model.name(),
                model.layers(),
                kernel,
                format,
                threads,
                layer,
                output,
                bytes,
                gigabytes,
                gigabytes / bandwidth.getOrDefault(threads, Double.NaN),
                reference == null ? 0 : reference / layer.median(),
                scaled);
    }

    /** A part's time, its bytes, and whether it was measured on some rows only. */
    private record Measured(Timing time, long bytes, boolean scaled) {}

    /**
     * Matrices of a part that fill the ring, one behind the other.
     *
     * @param rows of each: the part's, or as many as fit the ring twice
     * @param bytes that a product with one of them reads
     */
    private record Copies(List<ThreadedProduct> products, int rows, long bytes) {}

    private Copies copies(ProductKernel kernel, Format format, Part part, long mostRows, WorkerPool pool) {
        // At least two fit, so that one is cold when the other has been read. No kernel's layout takes more than a
        // fourth over the packed form.
        long rowBytes =
                format.traits().withoutWindows().matrixBytes(64, part.columns()) / 64 * 5 / 4 + part.columns() / 16;
        long fit = Math.min(mostRows, (ring.bytes() / 2 - (1 << 16)) / rowBytes);
        int rows = (int) Math.min(part.rows(), Math.max(64, fit / 64 * 64));
        RowScales scales = RowScales.ones(rows);
        List<ThreadedProduct> products = new ArrayList<>();
        SegmentAllocator memory = ring.allocator();
        KernelMatrix.Scratch[] scratch = new KernelMatrix.Scratch[pool.workers()];
        long bytes = 0;
        for (long used = 0;
                used + bytes <= ring.bytes() - (1 << 16) && products.size() < MOST_COPIES;
                used += bytes + ALIGNMENT) {
            KernelMatrix matrix = kernel.over(format, rows, part.columns(), memory);
            bytes = matrix.bytesRead() + (long) Float.BYTES * rows;
            if (products.isEmpty()) {
                Arrays.setAll(scratch, i -> matrix.scratch());
            }
            products.add(new ThreadedProduct(matrix, scales, pool, scratch));
        }
        return new Copies(products, rows, bytes);
    }

    private Measured measure(ProductKernel kernel, Format format, Part part, WorkerPool pool) {
        Copies copies = copies(
                kernel,
                format,
                part,
                kernel.name().equals("reference") ? REFERENCE_WEIGHTS / part.columns() : part.rows(),
                pool);
        QuantizedToken token = token(part.columns(), new SplittableRandom(part.rows()));
        float[] y = new float[copies.rows()];
        Timing timing = time(
                kernel.name() + format,
                number ->
                        copies.products().get(number % copies.products().size()).gemv(token, y));
        double factor = (double) part.rows() / copies.rows();
        return new Measured(timing.times(factor), (long) (copies.bytes() * factor), copies.rows() < part.rows());
    }

    /** The first time that code runs, it is compiled first. */
    private Timing time(String code, IntConsumer run) {
        if (warm.add(code)) {
            Timing.warmUp(run, millis());
        }
        return Timing.of(run, millis() / 4, millis());
    }

    private List<BatchLine> batches(ProductKernel kernel, Format format, WorkerPool pool) {
        Copies copies = copies(kernel, format, BATCH_PART, BATCH_PART.rows(), pool);
        SplittableRandom random = new SplittableRandom(1);
        List<BatchLine> lines = new ArrayList<>();
        double single = 0;
        for (int count : plan.batches()) {
            progress.accept("%s, %s, %d tokens at a time".formatted(kernel.name(), format, count));
            List<QuantizedToken> tokens = IntStream.range(0, count)
                    .mapToObj(t -> token(BATCH_PART.columns(), random))
                    .toList();
            float[][] y = new float[count][copies.rows()];
            String code = kernel.name() + format + (count < 4 ? "" : " batch");
            Timing timing = time(
                    code,
                    number -> copies.products()
                            .get(number % copies.products().size())
                            .gemm(tokens, y));
            double rate = count / timing.median();
            single = count == 1 ? rate : single;
            lines.add(new BatchLine(
                    kernel.name(),
                    format.name(),
                    copies.rows(),
                    BATCH_PART.columns(),
                    pool.workers(),
                    count,
                    timing,
                    rate / single));
        }
        return lines;
    }

    private List<ModelLine> measureFloats(ModelMatrices model, List<ModelLine> measured) {
        List<ModelLine> lines = new ArrayList<>();
        for (int threads : plan.threads()) {
            progress.accept("%s, float32, %d threads".formatted(model.name(), threads));
            try (WorkerPool pool = new WorkerPool(threads)) {
                Timing layer = Timing.zero();
                long bytes = 0;
                boolean scaled = false;
                for (Part part : model.layer()) {
                    Measured one = measureFloats(part, pool);
                    layer = layer.plus(one.time().times(part.count()));
                    bytes += part.count() * one.bytes();
                    scaled |= one.scaled();
                }
                Measured output = measureFloats(model.output(), pool);
                lines.add(line(
                        model,
                        "float32",
                        "FLOAT32",
                        threads,
                        layer,
                        output.time(),
                        bytes,
                        null,
                        scaled || output.scaled()));
            }
        }
        return lines;
    }

    private Measured measureFloats(Part part, WorkerPool pool) {
        long rowBytes = (long) part.columns() * Float.BYTES;
        int rows = (int) Math.min(part.rows(), ring.bytes() / 2 / rowBytes);
        long bytes = rows * rowBytes;
        int copies = (int) Math.min(MOST_COPIES, ring.bytes() / bytes);
        List<MemorySegment> matrices = IntStream.range(0, copies)
                .mapToObj(i -> ring.memory().asSlice(i * bytes, bytes))
                .toList();
        FloatProduct product = new FloatProduct(rows, part.columns(), pool);
        Timing timing = time("float32", number -> product.multiply(matrices.get(number % copies)));
        double factor = (double) part.rows() / rows;
        return new Measured(timing.times(factor), (long) (bytes * factor), rows < part.rows());
    }

    static Machine machine() {
        String processor = System.getProperty("os.arch");
        try {
            processor = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(processor);
        } catch (IOException notLinux) {
            // The architecture is all that there is to say.
        }
        return new Machine(
                processor,
                Runtime.getRuntime().availableProcessors(),
                Runtime.version() + " (" + System.getProperty("java.vm.name") + ")",
                VectorSupport.available() ? VectorSupport.bits() : 0,
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }
}
