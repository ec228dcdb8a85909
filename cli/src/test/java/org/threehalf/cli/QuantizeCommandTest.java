package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.TensorType;
import org.threehalf.inference.model.QuantizedModel;
import org.threehalf.kernels.format.Format;

class QuantizeCommandTest {

    @TempDir
    Path folder;

    /** REQ-FMT-008: the table's bits count everything, per matrix and in total. */
    @ParameterizedTest
    @EnumSource
    void writesAModelAndPrintsTheTable(Format format) throws IOException {
        Path model = Models.small(folder.resolve("m.gguf"));
        Path out = folder.resolve("q.gguf");
        CommandLines run = CommandLines.run("quantize", model, out, "--format", format.name().toLowerCase(Locale.ROOT));
        assertEquals(0, run.code(), run::err);
        assertEquals("", run.err(), "no terminal, no progress bar");
        List<String> lines = run.out().lines().toList();
        assertTrue(lines.get(0).startsWith("matrix"), lines.get(0));
        assertTrue(lines.get(1).matches("a\\.weight +F32 +3 x 70 +%s +%.4f +0\\.\\d{6} +\\d+\\.\\d\\d s".formatted(format, format.bitsPerWeight(3, 70))), lines.get(1));
        assertTrue(lines.get(2).matches("b\\.weight +F32 +2 x 64 +%s +%.4f +0\\.\\d{6} +\\d+\\.\\d\\d s".formatted(format, format.bitsPerWeight(2, 64))), lines.get(2));
        double bits = 8.0 * (format.matrixBytes(3, 70) + format.matrixBytes(2, 64)) / (3 * 70 + 2 * 64);
        assertTrue(lines.get(3).matches("total +338 +%.4f +0\\.\\d{6} +\\d+\\.\\d\\d s".formatted(bits)), lines.get(3));
        assertTrue(lines.get(5).startsWith("%s: %,d bytes (m.gguf: %,d), ".formatted(out, Files.size(out), Files.size(model))), lines.get(5));
        try (QuantizedModel quantized = QuantizedModel.open(out)) {
            assertEquals(List.of("a.weight", "b.weight"), List.copyOf(quantized.matrices().keySet()));
        }
    }

    @Test
    void anExistingFileIsReplacedOnlyByForce() throws IOException {
        Path model = Models.small(folder.resolve("m.gguf"));
        Path out = Files.writeString(folder.resolve("q.gguf"), "dear");
        CommandLines refused = CommandLines.run("quantize", model, out, "--format", "g35");
        assertEquals(2, refused.code());
        assertTrue(refused.err().startsWith(out + " exists: choose another name, or replace it with --force"), refused.err());
        assertEquals("dear", Files.readString(out));
        assertEquals(0, CommandLines.run("quantize", model, out, "--format", "g35", "--force").code());
        CommandLines itself = CommandLines.run("quantize", model, model, "--format", "g35", "--force");
        assertEquals(2, itself.code());
        assertTrue(itself.err().startsWith("OUT is MODEL itself"), itself.err());
    }

    @Test
    void whatCannotBeQuantisedLeavesNothing() throws IOException {
        Path wide = Models.of(folder.resolve("wide.gguf"), List.of(
                new TensorInfo("a.weight", TensorType.F32, List.of(64L, 2L)), new TensorInfo("b.weight", TensorType.F32, List.of(36_001L, 1L))));
        CommandLines refused = CommandLines.run("quantize", wide, folder.resolve("q.gguf"), "--format", "g35");
        assertEquals(1, refused.code());
        assertTrue(refused.err().startsWith("threehalf quantize: wide.gguf: tensor b.weight: 1 rows x 36,001 columns: G35 takes"), refused.err());
        assertEquals(2, CommandLines.run("quantize", wide, folder.resolve("q.gguf"), "--format", "g5").code());
        assertEquals(2, CommandLines.run("quantize", wide, folder.resolve("q.gguf")).code());
        assertEquals(1, CommandLines.run("quantize", wide, folder.resolve("no/q.gguf"), "--format", "u4").code());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(wide), left.toList());
        }
    }

    /** The whole of the first path: what was quantised is judged by the conformance suite, against vectors that are not needed here. */
    @Test
    void theConformanceSuiteOpensWhatWasWritten() throws IOException {
        Path model = Models.small(folder.resolve("m.gguf"));
        Path out = folder.resolve("q.gguf");
        assertEquals(0, CommandLines.run("quantize", model, out, "--format", "g35").code());
        try (var opened = ConformanceModels.open(out)) {
            assertEquals(List.of("a.weight", "b.weight"), opened.matrices().stream().map(matrix -> matrix.name()).toList());
            assertEquals(3, opened.matrices().getFirst().matrix().rows());
        }
    }
}
