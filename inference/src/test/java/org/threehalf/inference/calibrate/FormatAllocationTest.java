package org.threehalf.inference.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.calibrate.FormatAllocation.Range;
import org.threehalf.inference.decoder.DecoderReader;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.TensorType;
import org.threehalf.kernels.format.Format;

/** Which matrices of the tiny models matter, and what formats they get. */
class FormatAllocationTest {

    @TempDir
    private Path folder;

    private static List<int[]> windows(int count, int length, int vocabulary) {
        SplittableRandom random = new SplittableRandom(7);
        List<int[]> windows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            windows.add(random.ints(length, 0, vocabulary).toArray());
        }
        return windows;
    }

    /** The divergences of a model's groups, by the name of the first tensor of each. */
    private record Measured(List<String> names, double[] divergences) {
        static Measured of(Path model, String backend, boolean rotated) throws IOException {
            try (GgufFile source = GgufReader.open(model);
                    Backend device = BackendProvider.named(backend).open()) {
                List<MatrixGroup> groups = MatrixGroup.of(source);
                int vocabulary = DecoderReader.read(source).config().vocabulary();
                List<String> told = new ArrayList<>();
                double[] divergences = Sensitivity.measure(
                        source,
                        groups,
                        windows(4, 60, vocabulary),
                        windows(2, 24, vocabulary),
                        rotated,
                        device,
                        told::add);
                assertEquals(FormatAllocation.steps(groups), told.size());
                told.removeIf(step -> step.startsWith("layer "));
                assertEquals(
                        groups.stream()
                                .map(group -> group.tensors().getFirst().name())
                                .toList(),
                        told);
                return new Measured(told, divergences);
            }
        }

        double of(String name) {
            return divergences[names.indexOf(name)];
        }

        /** The most that a matrix of a layer does. */
        double mostOfLayer(int layer) {
            return IntStream.range(0, divergences.length)
                    .filter(i -> names.get(i).startsWith("blk." + layer + "."))
                    .mapToDouble(i -> divergences[i])
                    .max()
                    .orElseThrow();
        }
    }

    /** A copy of a model with a matrix times a factor. */
    private Path blownUp(String model, String tensor, float factor) throws IOException {
        return TinyModels.copy(model, folder.resolve(model + factor + ".gguf"), m -> m, entry -> {
            if (!entry.info().name().equals(tensor)) {
                return entry;
            }
            assertEquals(TensorType.F32, entry.info().type());
            float[] values = entry.data().toArray(java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED);
            for (int i = 0; i < values.length; i++) {
                values[i] *= factor;
            }
            return new TinyModels.Entry(entry.info(), MemorySegment.ofArray(values));
        });
    }

    /**
     * A matrix whose outputs drown all that is added to the stream after it matters far more than what comes after it;
     * one that is nothing does not matter.
     */
    @Test
    void aMatrixThatIsBlownUpIsFarMoreSensitive() throws IOException {
        String tensor = "blk.0.ffn_down.weight";
        Measured before = Measured.of(TinyModels.path("llama3"), "simd", true);
        assertTrue(before.of(tensor) < 10 * before.mostOfLayer(1), () -> Arrays.toString(before.divergences));
        Measured after = Measured.of(blownUp("llama3", tensor, 30), "simd", true);
        assertTrue(after.of(tensor) > 50 * after.mostOfLayer(1), () -> Arrays.toString(after.divergences));
        assertTrue(after.of(tensor) > 3 * before.of(tensor), () -> after.of(tensor) + " " + before.of(tensor));
        assertEquals(0, Measured.of(blownUp("llama3", tensor, 0), "simd", true).of(tensor), 1e-9);
    }

    /** Every matrix counts, whether it is tied, fused or an expert's, and experts of a layer are one group. */
    @ParameterizedTest
    @ValueSource(strings = {"gemma3", "qwen2", "phi3", "mixtral", "qwen3moe"})
    void everyGroupIsMeasured(String model) throws IOException {
        Path path = model.startsWith("gemma3") || model.equals("qwen2")
                ? TinyModels.path(model)
                : TinyModels.ofFolders(model + ".gguf");
        Measured measured = Measured.of(path, "simd", true);
        long moved =
                Arrays.stream(measured.divergences).filter(found -> found > 0).count();
        assertTrue(
                moved > 0.7 * measured.divergences.length,
                () -> measured.names + " " + Arrays.toString(measured.divergences));
        if (model.equals("mixtral")) {
            assertEquals(
                    measured.names.size(),
                    measured.names.stream()
                            .map(name -> name.replaceFirst("\\.\\d+\\.weight$", ".weight"))
                            .distinct()
                            .count());
        }
    }

    /** To the last bit. */
    @Test
    void backendsAndThreadsChangeNothing() throws Exception {
        Path model = TinyModels.path("gemma3");
        double[] expected = null;
        for (String backend : List.of("reference", "simd", "lut")) {
            for (int threads : new int[] {1, 3}) {
                try (ForkJoinPool pool = new ForkJoinPool(threads)) {
                    double[] found = pool.submit(() -> Measured.of(model, backend, false).divergences)
                            .get();
                    expected = expected == null ? found : expected;
                    assertArrayEquals(expected, found, 0, backend);
                }
            }
        }
    }

    /**
     * The budget is kept, the loss of what is chosen never passes that of one format for all, and more bits lose less.
     */
    @Test
    void budgets() throws IOException {
        try (GgufFile source = GgufReader.open(TinyModels.path("llama3"));
                Backend device = BackendProvider.named("simd").open()) {
            List<MatrixGroup> groups = MatrixGroup.of(source);
            Range range = Range.of(groups);
            double last = Double.POSITIVE_INFINITY;
            for (double share : new double[] {0, 0.2, 0.6, 1}) {
                long budget = range.least() + (long) (share * (range.most() - range.least()));
                FormatAllocation allocation = FormatAllocation.of(
                        source,
                        groups,
                        budget,
                        windows(3, 40, DecoderReader.read(source).config().vocabulary()),
                        true,
                        device,
                        step -> {});
                assertTrue(allocation.bytes() <= budget);
                allocation.uniforms().stream()
                        .filter(uniform -> uniform.bytes() <= budget)
                        .forEach(uniform -> assertTrue(allocation.loss() <= uniform.loss()));
                assertEquals(MatrixGroup.FORMATS.size(), allocation.uniforms().size());
                assertTrue(allocation.loss() < last || last == 0);
                last = allocation.loss();
                allocation
                        .matrices()
                        .forEach(each -> assertEquals(
                                each.format(),
                                allocation
                                        .choice()
                                        .apply(each.group().tensors().getFirst().info())
                                        .orElseThrow()));
                assertTrue(allocation
                        .choice()
                        .apply(source.tensor("output_norm.weight").info())
                        .isEmpty());
            }
            assertTrue(last > 0, "INT8 loses a little");
        }
    }

    /** Bits are counted as REQ-FMT-008 says, exactly: a figure that is printed as possible is. */
    @Test
    void bytesOfBits() throws IOException {
        try (GgufFile source = GgufReader.open(TinyModels.path("gemma3"))) {
            List<MatrixGroup> groups = MatrixGroup.of(source);
            Range range = Range.of(groups);
            assertEquals(
                    groups.stream().mapToLong(group -> group.bytes(Format.T3)).sum(), range.least());
            assertTrue(range.bytes(range.leastBits()) >= range.least());
            assertTrue(range.bytes(range.leastBits().subtract(new BigDecimal("0.0001"))) < range.least());
            assertTrue(range.bytes(range.mostBits()) >= range.most());
            Range eight = new Range(8, 0, 100);
            assertEquals(3, eight.bytes(new BigDecimal("3.999999999")));
            assertEquals(4, eight.bytes(new BigDecimal("4")));
        }
    }

    /**
     * Four windows from all over the text with 512 tokens; longer ones where there are fewer, more where all are short.
     */
    @Test
    void windowsToMeasureOn() {
        List<int[]> long20 = IntStream.range(0, 20)
                .mapToObj(i -> IntStream.range(0, 512).map(t -> 1000 * i + t).toArray())
                .toList();
        List<int[]> taken = Sensitivity.windows(long20);
        assertEquals(
                List.of(2000, 7000, 12000, 17000),
                taken.stream().map(window -> window[0]).toList());
        assertTrue(taken.stream().allMatch(window -> window.length == 128));
        assertEquals(
                List.of(256, 256),
                Sensitivity.windows(long20.subList(0, 2)).stream()
                        .map(window -> window.length)
                        .toList());
        List<int[]> short100 =
                IntStream.range(0, 100).mapToObj(i -> new int[20]).toList();
        int tokens = Sensitivity.windows(short100).stream()
                .mapToInt(window -> window.length)
                .sum();
        assertTrue(tokens >= 490 && tokens <= 540, "" + tokens);
        assertEquals(
                List.of(1),
                Sensitivity.windows(List.of(new int[1])).stream()
                        .map(w -> w.length)
                        .toList());
    }
}
