package org.threehalf.inference.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.inference.gguf.Allocation;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.GgufWriter;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.Mutation;
import org.threehalf.inference.gguf.Samples;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.TensorType;
import org.threehalf.inference.gguf.ValueType;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;

/** What a reader of the container refuses (REQ-GGF-004), by examples and by mutants. */
class QuantizedModelTest {

    private static final byte[] QUANTIZED = make();

    @TempDir
    Path folder;

    private static byte[] make() {
        try {
            Path work = Files.createTempDirectory("quantized-model");
            Path source = QuantizedModelWriterTest.smallModel(work.resolve("m.gguf"), 0);
            Path target = work.resolve("q.gguf");
            try (GgufFile file = GgufReader.open(source)) {
                QuantizedModelWriter.quantize(
                        file, target, FormatChoice.uniform(Format.G35), QuantizedModelWriterTest.QUIET);
            }
            byte[] bytes = Files.readAllBytes(target);
            Files.delete(source);
            Files.delete(target);
            Files.delete(work);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The good container, taken apart so that a test can put it together wrongly. */
    private static final class Parts {
        final SequencedMap<String, GgufValue> metadata;
        final SequencedMap<String, TensorInfo> infos = new LinkedHashMap<>();
        final SequencedMap<String, MemorySegment> data = new LinkedHashMap<>();

        Parts() throws ModelFormatException {
            GgufFile file = GgufReader.read("q.gguf", MemorySegment.ofArray(QUANTIZED.clone()));
            metadata = new LinkedHashMap<>(file.metadata().entries());
            for (GgufTensor tensor : file.tensors()) {
                infos.put(tensor.name(), tensor.info());
                data.put(tensor.name(), tensor.data());
            }
        }

        void tensor(String name, TensorType type, Long... dimensions) {
            TensorInfo info = new TensorInfo(name, type, List.of(dimensions));
            infos.put(name, info);
            data.put(name, MemorySegment.ofArray(new byte[(int) info.bytes()]));
        }

        void remove(String name) {
            infos.remove(name);
            data.remove(name);
        }
    }

    private void open(Consumer<Parts> change) throws IOException {
        Parts parts = new Parts();
        change.accept(parts);
        Path file = folder.resolve("q.gguf");
        try (GgufWriter writer = GgufWriter.create(file, parts.metadata, new ArrayList<>(parts.infos.values()))) {
            for (MemorySegment data : parts.data.values()) {
                writer.write(data);
            }
            writer.commit();
        }
        QuantizedModel.open(file).close();
    }

    private void assertRefused(String message, Consumer<Parts> change) {
        String found =
                assertThrows(ModelFormatException.class, () -> open(change)).getMessage();
        assertTrue(found.startsWith("q.gguf: " + message), found);
    }

    private static GgufValue uint32s(int... values) {
        return GgufValue.arrayOf(
                ValueType.UINT32,
                java.util.Arrays.stream(values).mapToObj(GgufValue::ofUint32).toList());
    }

    private static GgufValue uint64s(long... values) {
        return GgufValue.arrayOf(
                ValueType.UINT64,
                java.util.Arrays.stream(values).mapToObj(GgufValue::ofUint64).toList());
    }

    private static GgufValue strings(String... values) {
        return GgufValue.arrayOf(
                ValueType.STRING,
                java.util.Arrays.stream(values).map(GgufValue::of).toList());
    }

    /** Put together unchanged, the parts are a good container: the refusals below come from their changes alone. */
    @Test
    void theUnchangedPartsAreRead() throws IOException {
        open(parts -> {});
    }

    /** REQ-GGF-004: the version. */
    @Test
    void refusesAVersionItDoesNotKnow() throws ModelFormatException {
        assertRefused(
                "metadata threehalf.version is 3: versions 1 and 2 are read",
                p -> p.metadata.put("threehalf.version", GgufValue.ofUint32(3)));
        // REQ-GGF-005: from version 2 on it says which matrices are rotated.
        assertRefused(
                "metadata threehalf.rotations is missing",
                p -> p.metadata.put("threehalf.version", GgufValue.ofUint32(2)));
        assertRefused("metadata threehalf.rotations must hold a 0 or 1 for each of the 2 matrices", p -> {
            p.metadata.put("threehalf.version", GgufValue.ofUint32(2));
            p.metadata.put(
                    "threehalf.rotations",
                    GgufValue.arrayOf(ValueType.UINT32, List.of(GgufValue.ofUint32(0), GgufValue.ofUint32(2))));
        });
        assertRefused("metadata threehalf.rotations must hold a 0 or 1 for each of the 2 matrices", p -> {
            p.metadata.put("threehalf.version", GgufValue.ofUint32(2));
            p.metadata.put("threehalf.rotations", GgufValue.arrayOf(ValueType.UINT32, List.of(GgufValue.ofUint32(1))));
        });
        assertRefused(
                "metadata threehalf.version is of type STRING",
                p -> p.metadata.put("threehalf.version", GgufValue.of("1")));
        assertRefused("not a quantised model", p -> p.metadata.remove("threehalf.version"));
        GgufFile plain = Samples.open(Samples.GEMMA_HEADER);
        assertEquals(
                "gemma-header.gguf: not a quantised model, there is no metadata threehalf.version: make one with 'threehalf quantize'",
                assertThrows(ModelFormatException.class, () -> QuantizedModel.of(plain))
                        .getMessage());
    }

    /** REQ-GGF-002, REQ-GGF-004: the three arrays. */
    @Test
    void refusesMetadataThatDoesNotFitTogether() {
        assertRefused(
                "metadata threehalf.tensors has 2 entries, threehalf.formats 1",
                p -> p.metadata.put("threehalf.formats", uint32s(5)));
        assertRefused(
                "metadata threehalf.tensors has 2 entries, threehalf.formats 2 and threehalf.columns 3",
                p -> p.metadata.put("threehalf.columns", uint64s(70, 129, 1)));
        assertRefused(
                "metadata threehalf.formats is an array of UINT64: it must be one of UINT32",
                p -> p.metadata.put("threehalf.formats", uint64s(5, 5)));
        assertRefused(
                "metadata threehalf.columns is an array of UINT32: it must be one of UINT64",
                p -> p.metadata.put("threehalf.columns", uint32s(70, 129)));
        assertRefused(
                "metadata threehalf.tensors is of type STRING",
                p -> p.metadata.put("threehalf.tensors", GgufValue.of("x")));
        assertRefused("metadata threehalf.tensors is missing", p -> p.metadata.remove("threehalf.tensors"));
        assertRefused("metadata threehalf.tensors names blk.0.up.weight twice", p -> {
            p.metadata.put("threehalf.tensors", strings("blk.0.up.weight", "blk.0.up.weight"));
            p.metadata.put("threehalf.columns", uint64s(129, 129));
        });
        assertRefused(
                "matrix blk.0.up.weight: no format has the number 10",
                p -> p.metadata.put("threehalf.formats", uint32s(5, 10)));
        assertRefused(
                "metadata threehalf.columns is an integer of 18446744073709551615",
                p -> p.metadata.put("threehalf.columns", uint64s(70, -1)));
        assertRefused("matrix blk.0.up.weight: 0 columns", p -> p.metadata.put("threehalf.columns", uint64s(70, 0)));
        assertRefused(
                "matrix blk.0.up.weight: 36,001 columns: G35 takes 1 to 36,000",
                p -> p.metadata.put("threehalf.columns", uint64s(70, 36_001)));
    }

    /** REQ-GGF-001, REQ-GGF-004: the tensors of a matrix. */
    @Test
    void refusesTensorsThatAreMissingOrOfAnotherTypeOrShape() {
        String matrix = "blk.0.up.weight";
        assertRefused(
                "matrix blk.0.up.weight is there as a tensor, too: one of them would not be read",
                p -> p.tensor(matrix, TensorType.F32, 129L, 3L));
        for (String part : List.of(".codes", ".scales", ".subscales")) {
            assertRefused("tensor " + matrix + part + " is missing", p -> p.remove(matrix + part));
        }
        assertRefused(
                "matrix blk.0.up.weight: tensor blk.0.up.weight.codes is I8 of 84 x 4: for G35 with 3 rows and 129 columns it must be I8 of 84 x 3",
                p -> p.tensor(matrix + ".codes", TensorType.I8, 84L, 4L));
        assertRefused(
                "matrix blk.0.up.weight: tensor blk.0.up.weight.codes is I8 of 112 x 3",
                p -> p.tensor(matrix + ".codes", TensorType.I8, 112L, 3L));
        assertRefused(
                "matrix blk.0.up.weight: tensor blk.0.up.weight.codes is I16",
                p -> p.tensor(matrix + ".codes", TensorType.I16, 84L, 3L));
        assertRefused(
                "matrix blk.0.up.weight: tensor blk.0.up.weight.scales is F16",
                p -> p.tensor(matrix + ".scales", TensorType.F16, 3L));
        assertRefused(
                "matrix blk.0.up.weight: tensor blk.0.up.weight.scales is F32 of 1 x 3",
                p -> p.tensor(matrix + ".scales", TensorType.F32, 1L, 3L));
        assertRefused(
                "matrix blk.0.up.weight: tensor blk.0.up.weight.subscales is I8 of 3 x 3",
                p -> p.tensor(matrix + ".subscales", TensorType.I8, 3L, 3L));
        assertRefused(
                "matrix blk.0.up.weight: tensor blk.0.up.weight.codes is I8 of 84 x 3: for G4",
                p -> p.metadata.put("threehalf.formats", uint32s(5, 4)));
        assertRefused(
                "matrix blk.0.up.weight: tensor blk.0.up.weight.codes is I8 of 84 x 3: for G35 with 3 rows and 128 columns",
                p -> p.metadata.put("threehalf.columns", uint64s(70, 128)));
    }

    /** REQ-GGF-004, REQ-FMT-004: the scales of all rows, before anything is computed. */
    @Test
    void refusesScalesThatTheFormatRefuses() {
        for (float scale : new float[] {Float.NaN, Float.POSITIVE_INFINITY, -1, -0.0f, 0x1.000002p40f}) {
            assertRefused(
                    "matrix blk.0.up.weight: row 2: a row scale of " + scale,
                    p -> p.data.put("blk.0.up.weight.scales", MemorySegment.ofArray(new float[] {1, 0x1p40f, scale})));
        }
    }

    @Provide
    Arbitrary<List<Mutation>> mutations() {
        return Mutation.several(1_300);
    }

    /** REQ-GGF-004: a mutant is refused by the one exception, or is a container whose every row can be read. */
    @Property(tries = 4_000)
    void mutantsAreReadOrRefusedWithGrace(@ForAll("mutations") List<Mutation> mutations) {
        byte[] mutant = Mutation.apply(mutations, QUANTIZED);
        long allocated = Allocation.of(() -> {
            try {
                QuantizedModel model = QuantizedModel.of(GgufReader.read("mutant.gguf", MemorySegment.ofArray(mutant)));
                for (PackedMatrix matrix : model.matrices().values()) {
                    for (int row = 0; row < matrix.rows(); row++) {
                        QuantizedRow read = matrix.row(row);
                        assertEquals(matrix.columns(), read.columns());
                    }
                }
            } catch (ModelFormatException refused) {
                assertTrue(refused.getMessage().startsWith("mutant.gguf: "), refused.getMessage());
            }
        });
        assertTrue(
                allocated <= 40L * mutant.length + 200_000,
                () -> "%,d bytes allocated for a file of %,d".formatted(allocated, mutant.length));
    }
}
