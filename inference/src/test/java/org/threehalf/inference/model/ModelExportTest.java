package org.threehalf.inference.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.decoder.DecoderReader;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.TensorType;
import org.threehalf.inference.huggingface.HuggingFaceFolder;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.kernels.format.Format;

/** Plain files of models, whatever they were made of. */
class ModelExportTest {

    @TempDir
    private Path folder;

    private static void ignore(String tensor) {
        assertFalse(tensor.isEmpty());
    }

    /** The bytes of the Python package gguf ({@code scripts/make-gguf-testdata encodings}). */
    @ParameterizedTest
    @EnumSource(ModelExport.Type.class)
    void encodesAsThePythonPackageDoes(ModelExport.Type type) throws IOException {
        try (InputStream in = Objects.requireNonNull(ModelExportTest.class.getResourceAsStream("encodings.gguf"))) {
            GgufFile file = GgufReader.read("encodings", MemorySegment.ofArray(in.readAllBytes()));
            GgufTensor values = file.tensor("F32");
            GgufTensor expected = file.tensor(type.name());
            float[] row = new float[(int) values.columns()];
            for (int r = 0; r < values.rows(); r++) {
                values.readRow(r, row);
                ByteBuffer bytes = ByteBuffer.allocate((int) expected.type().bytes(row.length))
                        .order(ByteOrder.LITTLE_ENDIAN);
                ModelExport.encode(expected.type(), row, bytes);
                assertArrayEquals(
                        expected.rowBytes(r).toArray(ValueLayout.JAVA_BYTE), bytes.array(), type + ", row " + r);
                // A seeded fault: another number has other bytes.
                row[7] = 50_000;
                ModelExport.encode(expected.type(), row, bytes.clear());
                assertFalse(
                        java.util.Arrays.equals(expected.rowBytes(r).toArray(ValueLayout.JAVA_BYTE), bytes.array()));
            }
        }
    }

    /** In F32 a plain model's tensors are what they were, and it runs. */
    @Test
    void plainModels() throws IOException {
        for (String name : TinyModels.NAMES) {
            Path copy = folder.resolve(name + ".gguf");
            try (GgufFile source = GgufReader.open(TinyModels.path(name))) {
                ModelExport.write(source, copy, ModelExport.Type.F32, ModelExportTest::ignore);
                try (LanguageModel model = LanguageModel.open(copy)) {
                    for (GgufTensor tensor : source.tensors()) {
                        assertArrayEquals(
                                tensor.toFloats(),
                                model.file().tensor(tensor.name()).toFloats(),
                                tensor.name());
                    }
                    assertEquals(0, model.file().metadata().integer("general.file_type"));
                }
            }
        }
    }

    /** Of a quantised model the matrices are what its codes stand for; nothing says that it was one. */
    @Test
    void quantisedModels() throws IOException {
        for (boolean rotated : new boolean[] {false, true}) {
            Path quantized = folder.resolve("q.gguf");
            Path plain = folder.resolve("p.gguf");
            try (GgufFile source = GgufReader.open(TinyModels.path("gemma3"))) {
                QuantizedModelWriter.quantize(
                        source,
                        quantized,
                        FormatChoice.uniform(Format.G35),
                        rotated,
                        QuantizedModelWriter.MatrixSource.PLAIN,
                        "plain",
                        new QuantizedModelWriter.Listener() {});
            }
            try (QuantizedModel model = QuantizedModel.open(quantized)) {
                ModelExport.write(model.file(), plain, ModelExport.Type.F32, ModelExportTest::ignore);
                try (LanguageModel exported = LanguageModel.open(plain)) {
                    assertFalse(QuantizedModel.isQuantized(exported.file()));
                    assertTrue(exported.file().metadata().entries().keySet().stream()
                            .noneMatch(key -> key.startsWith("threehalf.")));
                    for (var entry : model.matrices().entrySet()) {
                        float[] row = new float[entry.getValue().columns()];
                        for (int r = 0; r < entry.getValue().rows(); r++) {
                            exported.file().tensor(entry.getKey()).readRow(r, row);
                            assertArrayEquals(entry.getValue().dequantize(r), row, entry.getKey());
                        }
                    }
                }
            }
        }
    }

    /** Experts that are tensors of their own, plain or quantised, become stacks; the model says the same. */
    @ParameterizedTest
    @ValueSource(strings = {"mixtral", "qwen3moe", "olmoe"})
    void expertsBecomeStacks(String name) throws IOException {
        Path quantized = folder.resolve("q.gguf");
        int[] tokens = TinyModels.expectedOfFolders(name).tokens();
        try (GgufFile source = HuggingFaceFolder.open(TinyModels.ofFolders(name))) {
            QuantizedModelWriter.quantize(
                    source, quantized, FormatChoice.uniform(Format.INT8), new QuantizedModelWriter.Listener() {});
            Path plain = folder.resolve("p.gguf");
            ModelExport.write(source, plain, ModelExport.Type.F32, ModelExportTest::ignore);
            try (GgufFile file = GgufReader.open(plain)) {
                assertTrue(file.findTensor("blk.0.ffn_up.0.weight").isEmpty());
                List<Long> shape = new ArrayList<>(
                        source.tensor("blk.0.ffn_up.0.weight").info().dimensions());
                shape.add((long) DecoderReader.read(source).config().experts().count());
                assertEquals(
                        shape, file.tensor("blk.0.ffn_up_exps.weight").info().dimensions());
                assertTrue(Arrays.deepEquals(
                        TinyModels.logits(DecoderReader.read(source), "reference", tokens, 24),
                        TinyModels.logits(DecoderReader.read(file), "reference", tokens, 24)));
            }
        }
        Path again = folder.resolve("a.gguf");
        try (QuantizedModel model = QuantizedModel.open(quantized)) {
            ModelExport.write(model.file(), again, ModelExport.Type.F32, ModelExportTest::ignore);
            try (GgufFile file = GgufReader.open(again)) {
                float[] row = new float
                        [model.matrices().get("blk.0.ffn_down.1.weight").columns()];
                long rows = model.matrices().get("blk.0.ffn_down.1.weight").rows();
                file.tensor("blk.0.ffn_down_exps.weight").readRow(rows + 2, row);
                assertArrayEquals(
                        model.matrices().get("blk.0.ffn_down.1.weight").dequantize(2), row);
            }
        }
    }

    /** A stack without one of its experts, or of different shapes, is refused. */
    @Test
    void expertsThatMakeNoStackAreRefused() throws IOException {
        Path out = folder.resolve("o.gguf");
        for (String[] renamed : new String[][] {
            {
                "blk.0.ffn_up.weight",
                "blk.0.ffn_up.1.weight",
                "of 1 experts in blk.0.ffn_up_exps.weight number 0 is missing"
            },
            {"blk.0.ffn_down.weight", "blk.0.ffn_up.0.weight", "one stack needs one"}
        }) {
            Path damaged = TinyModels.copy(
                    "qwen3",
                    folder.resolve("d.gguf"),
                    values -> values,
                    tensor -> tensor.info().name().equals(renamed[0])
                            ? tensor.named(renamed[1])
                            : tensor.info().name().equals("blk.0.ffn_up.weight")
                                    ? tensor.named("blk.0.ffn_up.1.weight")
                                    : tensor);
            try (GgufFile source = GgufReader.open(damaged)) {
                String message = assertThrows(
                                ModelFormatException.class,
                                () -> ModelExport.write(source, out, ModelExport.Type.F32, ModelExportTest::ignore))
                        .getMessage();
                assertTrue(message.contains(renamed[2]), message);
                assertFalse(Files.exists(out));
            }
            Files.delete(damaged);
        }
    }

    /** Rows that are no multiple of 32 are F16 in a Q8_0 file; vectors are F32. */
    @Test
    void typesByTensor() throws IOException {
        Path out = folder.resolve("o.gguf");
        try (GgufFile source = GgufReader.open(TinyModels.path("llama2"))) {
            ModelExport.write(source, out, ModelExport.Type.Q8_0, ModelExportTest::ignore);
        }
        try (GgufFile file = GgufReader.open(out)) {
            assertEquals(TensorType.Q8_0, file.tensor("blk.0.attn_q.weight").type());
            assertEquals(TensorType.F16, file.tensor("blk.0.ffn_down.weight").type(), "48 columns");
            assertEquals(TensorType.F32, file.tensor("blk.0.attn_norm.weight").type());
        }
    }

    @Test
    void numbersThatATypeCannotHoldAreRefused() throws IOException {
        Path damaged = TinyModels.copy("qwen3", folder.resolve("d.gguf"), values -> values, tensor -> {
            if (!tensor.info().name().equals("blk.0.attn_q.weight")) {
                return tensor;
            }
            float[] values = new float[(int) tensor.info().elements()];
            java.util.Arrays.fill(values, 1e6f);
            return new TinyModels.Entry(tensor.info(), MemorySegment.ofArray(values));
        });
        Path out = folder.resolve("o.gguf");
        try (GgufFile source = GgufReader.open(damaged)) {
            String message = assertThrows(
                            ModelFormatException.class,
                            () -> ModelExport.write(source, out, ModelExport.Type.F16, ModelExportTest::ignore))
                    .getMessage();
            assertEquals(
                    "d.gguf: tensor blk.0.attn_q.weight: row 0: a weight or scale of 1000000.0 passes F16's range: BF16 or F32 have it",
                    message);
            assertFalse(Files.exists(out));
            ModelExport.write(source, out, ModelExport.Type.BF16, ModelExportTest::ignore);
        }
    }
}
