package org.threehalf.inference.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.GgufWriter;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.Samples;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.TensorType;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.inference.model.QuantizedModelWriter.Listener;
import org.threehalf.inference.model.QuantizedModelWriter.MatrixReport;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;

/** Round trips of the container (REQ-GGF-001 to REQ-GGF-003). */
class QuantizedModelWriterTest {

    static final Listener QUIET = new Listener() {};

    @TempDir
    Path folder;

    /** A model of two matrices with odd tails, a norm, a stack of three dimensions, and a matrix that is no weight. */
    static Path smallModel(Path file, float change) throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        SequencedMap<String, GgufValue> metadata = new LinkedHashMap<>();
        metadata.put("general.architecture", GgufValue.of("tiny"));
        metadata.put(
                "tokenizer.ggml.tokens",
                GgufValue.arrayOf(
                        org.threehalf.inference.gguf.ValueType.STRING, List.of(GgufValue.of("▁a"), GgufValue.of("b"))));
        List<TensorInfo> tensors = List.of(
                new TensorInfo("token_embd.weight", TensorType.F32, List.of(70L, 5L)),
                new TensorInfo("blk.0.norm.weight", TensorType.F32, List.of(70L)),
                new TensorInfo("blk.0.up.weight", TensorType.F32, List.of(129L, 3L)),
                new TensorInfo("blk.0.experts.weight", TensorType.F32, List.of(4L, 3L, 2L)),
                new TensorInfo("blk.0.table", TensorType.F32, List.of(4L, 3L)));
        try (GgufWriter writer = GgufWriter.create(file, metadata, tensors)) {
            for (TensorInfo tensor : tensors) {
                float[] values = new float[(int) tensor.elements()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextGaussian();
                }
                values[values.length - 1] += change;
                writer.write(MemorySegment.ofArray(values));
            }
            writer.commit();
        }
        return file;
    }

    private Path quantized(Format format) throws IOException {
        Path target = folder.resolve("q.gguf");
        try (GgufFile source = GgufReader.open(smallModel(folder.resolve("m.gguf"), 0))) {
            QuantizedModelWriter.quantize(source, target, FormatChoice.uniform(format), QUIET);
        }
        return target;
    }

    /**
     * REQ-GGF-001, REQ-GGF-002: every row comes back as the quantiser made it, and is stored under the names and shapes
     * of the specification.
     */
    @ParameterizedTest
    @EnumSource
    void matricesComeBackAsTheyWereMade(Format format) throws IOException {
        try (QuantizedModel model = QuantizedModel.open(quantized(format));
                GgufFile source = GgufReader.open(folder.resolve("m.gguf"))) {
            assertEquals(
                    List.of("token_embd.weight", "blk.0.up.weight"),
                    List.copyOf(model.matrices().keySet()));
            model.matrices().forEach((name, matrix) -> {
                GgufTensor tensor = source.findTensor(name).orElseThrow();
                float[] row = new float[(int) tensor.columns()];
                for (int r = 0; r < tensor.rows(); r++) {
                    tensor.readRow(r, row);
                    assertEquals(QuantizedRow.quantize(format, row), matrix.row(r));
                }
            });
            long blocks = 3;
            GgufFile file = model.file();
            assertEquals(
                    new TensorInfo("blk.0.up.weight.codes", TensorType.I8, List.of(blocks * format.blockBytes(), 3L)),
                    file.tensor("blk.0.up.weight.codes").info());
            assertEquals(
                    new TensorInfo("blk.0.up.weight.scales", TensorType.F32, List.of(3L)),
                    file.tensor("blk.0.up.weight.scales").info());
            assertEquals(
                    format.hasSubscales()
                            ? Optional.of(new TensorInfo("blk.0.up.weight.subscales", TensorType.I8, List.of(2L, 3L)))
                            : Optional.empty(),
                    file.findTensor("blk.0.up.weight.subscales").map(GgufTensor::info));
            assertEquals(1, file.metadata().integer("threehalf.version"));
            assertEquals(
                    List.of("token_embd.weight", "blk.0.up.weight"),
                    file.metadata().strings("threehalf.tensors"));
            org.junit.jupiter.api.Assertions.assertArrayEquals(
                    new long[] {format.id(), format.id()}, file.metadata().integers("threehalf.formats"));
            org.junit.jupiter.api.Assertions.assertArrayEquals(
                    new long[] {70, 129}, file.metadata().integers("threehalf.columns"));
        }
    }

    /** REQ-GGF-003: what is not a weight matrix is carried over byte for byte, metadata included. */
    @Test
    void allElseIsCarriedOverByteForByte() throws IOException {
        try (QuantizedModel model = QuantizedModel.open(quantized(Format.G35));
                GgufFile source = GgufReader.open(folder.resolve("m.gguf"))) {
            requireCarriedOver(source, model);
            assertEquals(
                    List.of("blk.0.norm.weight", "blk.0.experts.weight", "blk.0.table"),
                    model.otherTensors().stream().map(GgufTensor::name).toList());
        }
    }

    /** The seeded fault of the test above: one bit of one carried tensor. */
    @Test
    void aDifferenceInACarriedTensorIsSeen() throws IOException {
        Path other = smallModel(folder.resolve("other.gguf"), 1);
        try (QuantizedModel model = QuantizedModel.open(quantized(Format.G35));
                GgufFile source = GgufReader.open(other)) {
            assertThrows(AssertionError.class, () -> requireCarriedOver(source, model));
        }
    }

    private static void requireCarriedOver(GgufFile source, QuantizedModel model) {
        source.metadata().entries().forEach((key, value) -> {
            GgufValue found = model.file().metadata().entries().get(key);
            assertEquals(value.type(), found.type());
            assertEquals(-1, value.bytes().mismatch(found.bytes()), key);
        });
        for (GgufTensor tensor : source.tensors()) {
            if (!model.matrices().containsKey(tensor.name())) {
                GgufTensor found = model.file().findTensor(tensor.name()).orElseThrow();
                assertEquals(tensor.info(), found.info());
                assertEquals(-1, tensor.data().mismatch(found.data()), tensor.name());
            }
        }
    }

    /** REQ-GGF-003 on the real model's header: 109 norms and 33 entries are carried, 127 matrices are quantised. */
    @Test
    void theRealModelsHeader() throws IOException {
        Path target = folder.resolve("q.gguf");
        GgufFile source = Samples.open(Samples.GEMMA_HEADER);
        List<MatrixReport> reports =
                QuantizedModelWriter.quantize(source, target, FormatChoice.uniform(Format.G35), QUIET);
        assertEquals(127, reports.size());
        assertTrue(
                reports.stream().allMatch(report -> report.error().relativeRmse() == 0),
                "matrices of zeros have no error");
        try (QuantizedModel model = QuantizedModel.open(target)) {
            requireCarriedOver(source, model);
            assertEquals(109, model.otherTensors().size());
        }
    }

    /** REQ-FMT-008: the report counts every byte that is stored. */
    @ParameterizedTest
    @EnumSource
    void reportsCountEveryByte(Format format) throws IOException {
        AtomicInteger rows = new AtomicInteger();
        List<String> ends = new ArrayList<>();
        List<MatrixReport> reports;
        try (GgufFile source = GgufReader.open(smallModel(folder.resolve("m.gguf"), 0))) {
            reports = QuantizedModelWriter.quantize(
                    source, folder.resolve("q.gguf"), FormatChoice.uniform(format), new Listener() {
                        @Override
                        public void rowDone() {
                            rows.incrementAndGet();
                        }

                        @Override
                        public void end(MatrixReport report) {
                            ends.add(report.source().name());
                        }
                    });
        }
        assertEquals(8, rows.get());
        assertEquals(List.of("token_embd.weight", "blk.0.up.weight"), ends);
        try (QuantizedModel model = QuantizedModel.open(folder.resolve("q.gguf"))) {
            for (MatrixReport report : reports) {
                PackedMatrix matrix = model.findMatrix(report.source().name()).orElseThrow();
                long stored = matrix.codes().byteSize()
                        + matrix.scales().byteSize()
                        + (format.hasSubscales() ? matrix.subscales().byteSize() : 0);
                assertEquals(stored, report.bytes());
                assertEquals(8.0 * stored / (report.rows() * report.columns()), report.bitsPerWeight());
                assertTrue(
                        report.error().relativeRmse() > 0 && report.error().relativeRmse() < 0.3,
                        () -> report.toString());
            }
        }
    }

    @Test
    void whatCannotBeQuantisedIsRefusedAndLeavesNothing() throws IOException {
        Path target = folder.resolve("out.gguf");
        try (GgufFile quantized = GgufReader.open(quantized(Format.U4))) {
            assertRefused("q.gguf: already quantised by ThreeHalf", quantized, target, FormatChoice.uniform(Format.U4));
        }
        try (GgufFile source = GgufReader.open(folder.resolve("m.gguf"))) {
            assertRefused(
                    "m.gguf: none of its 5 tensors is a weight matrix", source, target, tensor -> Optional.empty());
            assertRefused(
                    "m.gguf: tensor token_embd.weight: its shape",
                    GgufReader.read("m.gguf", oneTensor(List.of(70L), 1)),
                    target,
                    tensor -> Optional.of(Format.U4));
        }
        assertRefused(
                "m.gguf: tensor token_embd.weight: 1 rows x 36,001 columns: G35 takes up to",
                GgufReader.read("m.gguf", oneTensor(List.of(36_001L, 1L), 1)),
                target,
                FormatChoice.uniform(Format.G35));
        assertRefused(
                "m.gguf: tensor token_embd.weight: row 1: weight 2 is NaN",
                GgufReader.read("m.gguf", oneTensor(List.of(4L, 2L), Float.NaN)),
                target,
                FormatChoice.uniform(Format.G35));
        GgufFile sample = Samples.open(Samples.DECODERS);
        assertRefused(
                "decoders.gguf: none of its %d tensors"
                        .formatted(sample.tensors().size()),
                sample,
                target,
                FormatChoice.uniform(Format.G35));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(
                    List.of("m.gguf", "one.gguf", "q.gguf"),
                    left.map(path -> path.getFileName().toString()).sorted().toList());
        }
    }

    /** A model whose only tensor is {@code token_embd.weight}, of ones, with the given value as the last but one. */
    private MemorySegment oneTensor(List<Long> dimensions, float value) throws IOException {
        TensorInfo info = new TensorInfo("token_embd.weight", TensorType.F32, dimensions);
        float[] values = new float[(int) info.elements()];
        java.util.Arrays.fill(values, 1);
        values[values.length - 2] = value;
        Path file = folder.resolve("one.gguf");
        try (GgufWriter writer = GgufWriter.create(file, new LinkedHashMap<>(), List.of(info))) {
            writer.write(MemorySegment.ofArray(values));
            writer.commit();
        }
        return MemorySegment.ofArray(Files.readAllBytes(file));
    }

    private static void assertRefused(String start, GgufFile source, Path target, FormatChoice choice) {
        String message = assertThrows(
                        ModelFormatException.class, () -> QuantizedModelWriter.quantize(source, target, choice, QUIET))
                .getMessage();
        assertTrue(message.startsWith(start), message);
    }
}
