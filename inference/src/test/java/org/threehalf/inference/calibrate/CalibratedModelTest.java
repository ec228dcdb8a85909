package org.threehalf.inference.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.ModelShape;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.decoder.DecoderReader;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.model.QuantizedModel;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.inference.model.QuantizedModelWriter.Listener;
import org.threehalf.inference.model.QuantizedModelWriter.MatrixSource;
import org.threehalf.kernels.format.Format;

/** Calibration of the tiny random models. */
class CalibratedModelTest {
    private static final Listener QUIET = new Listener() {};

    @TempDir
    private Path folder;

    private static List<int[]> windows(int count, int seed, int vocabulary) {
        SplittableRandom random = new SplittableRandom(seed);
        List<int[]> windows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            windows.add(random.ints(64, 0, vocabulary).toArray());
        }
        return windows;
    }

    private Path calibrated(String model, Format format, String backend, int threads, Path target) throws Exception {
        try (ForkJoinPool pool = new ForkJoinPool(threads)) {
            pool.submit(() -> {
                        try (GgufFile source = GgufReader.open(TinyModels.path(model));
                                Backend device = BackendProvider.named(backend).open();
                                Arena arena = Arena.ofShared()) {
                            int vocabulary = DecoderReader.read(source).config().vocabulary();
                            FormatChoice choice = FormatChoice.uniform(format);
                            CalibratedModel matrices = CalibratedModel.of(
                                    source, windows(10, 1, vocabulary), choice, device, QUIET, arena);
                            return QuantizedModelWriter.quantize(source, target, choice, matrices, "calibrated", QUIET);
                        }
                    })
                    .get();
        }
        return target;
    }

    private static float[][] logits(DecoderWeights weights, int[] tokens, Backend device) {
        float[][] logits = new float[tokens.length][weights.config().vocabulary()];
        try (Decoder decoder = device.decoder(weights, tokens.length)) {
            decoder.forward(tokens, 0, logits);
        }
        return logits;
    }

    private static double squaredDistance(float[][] a, float[][] b) {
        double sum = 0;
        for (int t = 0; t < a.length; t++) {
            for (int i = 0; i < a[t].length; i++) {
                sum += ((double) a[t][i] - b[t][i]) * ((double) a[t][i] - b[t][i]);
            }
        }
        return sum;
    }

    /**
     * On tokens that were not calibrated with (a tenth or more), the logits are nearer to the model's own than those of
     * plain rounding; with and without an output matrix of its own.
     */
    @ParameterizedTest
    @ValueSource(strings = {"gemma3", "llama3", "qwen2"})
    void logitsStayNearer(String model) throws Exception {
        Path calibrated = calibrated(model, Format.G3, "reference", 2, folder.resolve("c.gguf"));
        Path plain = folder.resolve("p.gguf");
        try (GgufFile source = GgufReader.open(TinyModels.path(model));
                Backend device = BackendProvider.named("reference").open()) {
            QuantizedModelWriter.quantize(source, plain, FormatChoice.uniform(Format.G3), QUIET);
            DecoderWeights weights = DecoderReader.read(source);
            int[] tokens = windows(1, 99, weights.config().vocabulary()).getFirst();
            float[][] expected = logits(weights, tokens, device);
            try (QuantizedModel one = QuantizedModel.open(calibrated);
                    QuantizedModel other = QuantizedModel.open(plain)) {
                double ratio = squaredDistance(expected, logits(DecoderReader.read(one), tokens, device))
                        / squaredDistance(expected, logits(DecoderReader.read(other), tokens, device));
                assertTrue(ratio < 0.9, model + ": " + ratio);
            }
        }
    }

    /** The file is the same to the byte on any backend and number of threads, and says how it was made. */
    @Test
    void backendsAndThreadsChangeNoByte() throws Exception {
        byte[] expected =
                Files.readAllBytes(calibrated("gemma3", Format.G35, "reference", 1, folder.resolve("1.gguf")));
        assertArrayEquals(
                expected, Files.readAllBytes(calibrated("gemma3", Format.G35, "simd", 3, folder.resolve("3.gguf"))));
        assertArrayEquals(
                expected, Files.readAllBytes(calibrated("gemma3", Format.G35, "lut", 2, folder.resolve("2.gguf"))));
        try (GgufFile file = GgufReader.open(folder.resolve("1.gguf"))) {
            assertEquals("calibrated", file.metadata().string("threehalf.quantizer"));
        }
    }

    /** Other formats for some matrices, and matrices that stay as they are. */
    @Test
    void formatsCanBeMixed() throws IOException {
        Path target = folder.resolve("m.gguf");
        FormatChoice mixed = FormatChoice.uniform(Format.G35)
                .except(Pattern.compile("token_embd\\.weight"), Format.INT8)
                .except(Pattern.compile("blk\\.0\\.ffn_down\\.weight"), Format.G4);
        FormatChoice choice = tensor ->
                tensor.name().equals("blk.1.attn_q.weight") ? java.util.Optional.empty() : mixed.apply(tensor);
        try (GgufFile source = GgufReader.open(TinyModels.path("gemma3"));
                Backend device = BackendProvider.named("reference").open();
                Arena arena = Arena.ofShared()) {
            CalibratedModel matrices = CalibratedModel.of(source, windows(4, 1, 200), choice, device, QUIET, arena);
            QuantizedModelWriter.quantize(source, target, choice, matrices, "mixed", QUIET);
            try (QuantizedModel model = QuantizedModel.open(target)) {
                assertEquals(
                        Format.INT8, model.matrices().get("token_embd.weight").format());
                assertEquals(
                        Format.G4, model.matrices().get("blk.0.ffn_down.weight").format());
                assertEquals(
                        Format.G35,
                        model.matrices().get("blk.1.ffn_down.weight").format());
                assertTrue(model.findMatrix("blk.1.attn_q.weight").isEmpty());
                int[] tokens = {1, 2, 3};
                float[][] logits = logits(DecoderReader.read(model), tokens, device);
                assertTrue(squaredDistance(logits, new float[3][logits[0].length]) > 0);
            }
        }
    }

    @Test
    void whatIsRefused() throws IOException {
        try (GgufFile source = GgufReader.open(TinyModels.path("gemma3"));
                Backend device = BackendProvider.named("reference").open();
                Arena arena = Arena.ofShared()) {
            FormatChoice choice = FormatChoice.uniform(Format.G35);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> CalibratedModel.of(source, List.of(), choice, device, QUIET, arena));
            ModelFormatException token = assertThrows(
                    ModelFormatException.class,
                    () -> CalibratedModel.of(source, List.of(new int[] {1_000_000}), choice, device, QUIET, arena));
            assertTrue(
                    token.getMessage().contains("calibration token 1000000: the vocabulary has"), token.getMessage());
            Path text = Files.writeString(folder.resolve("t.txt"), "short");
            IllegalArgumentException few = assertThrows(
                    IllegalArgumentException.class, () -> CalibrationText.read(source, List.of(text), 8192));
            assertTrue(few.getMessage().startsWith("the calibration text has "), few.getMessage());
            assertThrows(IllegalArgumentException.class, () -> CalibrationText.read(source, List.of(text), 10));
            Path binary = Files.write(folder.resolve("b.txt"), new byte[] {(byte) 0xff, 1, 2});
            assertTrue(assertThrows(
                            IllegalArgumentException.class, () -> CalibrationText.read(source, List.of(binary), 8192))
                    .getMessage()
                    .contains("not a text in UTF-8"));
        }
    }

    /** Windows are taken from all over the text, begin as the model's texts begin, and are told of. */
    @Test
    void windowsOfAText() throws IOException {
        try (GgufFile source = GgufReader.open(TinyModels.path("gemma3"))) {
            Path text = Files.writeString(folder.resolve("t.txt"), "the another then ".repeat(2000));
            CalibrationText all = CalibrationText.read(source, List.of(text), 1_000_000);
            CalibrationText some = CalibrationText.read(source, List.of(text), 2048);
            int taken =
                    some.windows().stream().mapToInt(window -> window.length).sum();
            assertTrue(taken >= 2048 - 512 && taken <= 2048 + 512, "about as many as were asked for: " + taken);
            assertTrue(all.windows().size() > 8);
            assertTrue(some.windows().stream()
                    .allMatch(window ->
                            all.windows().stream().anyMatch(other -> java.util.Arrays.equals(window, other))));
            int count = all.windows().stream().mapToInt(window -> window.length).sum();
            assertEquals(
                    "calibrated on %d tokens in %d windows"
                            .formatted(count, all.windows().size()),
                    all.description());
            assertEquals(512, some.windows().getFirst().length);
            assertEquals(
                    "calibrated on %d tokens in %d windows"
                            .formatted(taken, some.windows().size()),
                    some.description());
            assertEquals(some.windows().get(0)[0], some.windows().get(1)[0]);
        }
    }

    /** A matrix that is in no layer is quantised as if every input mattered alike. */
    @Test
    void plainIsAMatrixSourceToo() throws IOException {
        Path target = folder.resolve("p.gguf");
        try (GgufFile source = GgufReader.open(TinyModels.path("llama2"))) {
            var reports = QuantizedModelWriter.quantize(
                    source, target, FormatChoice.uniform(Format.G4), MatrixSource.PLAIN, "plain", QUIET);
            assertTrue(reports.size() > 5);
        }
        try (GgufFile file = GgufReader.open(target)) {
            assertEquals("plain", file.metadata().string("threehalf.quantizer"));
        }
    }

    /**
     * A LLaMA 8B: 2³⁰ bytes of streams, triangles of 4,096, 4,096, 4,096 and 14,336 inputs, and three of 14,336; two
     * more where whole rows are read.
     */
    @Test
    void whatTheHeapCannotHoldIsRefusedFirst() {
        ModelShape shape = ModelShape.named("llama-8b");
        double needed = CalibratedModel.heapBytes(shape, 65_536, false);
        assertEquals((1L << 30) + 4L * (3 * 4096 * 4096 + 14336 * 14336) + 12L * 14336 * 14336, needed);
        assertEquals(needed + 8L * 14336 * 14336, CalibratedModel.heapBytes(shape, 65_536, true));

        CalibratedModel.requireHeap(shape, 65_536, false, (long) needed);
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> CalibratedModel.requireHeap(shape, 65_536, false, (long) needed - 1))
                .getMessage();
        assertTrue(message.contains("about 4,352 MiB of Java's heap"), message);
        assertTrue(message.contains("-Xmx6g"), message);
    }
}
