package org.threehalf.inference.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.kernels.HadamardRotation;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;

/** Rotated matrices in the file, and when their rows are read. */
class RotatedModelTest {

    @TempDir
    Path folder;

    private Path quantized(Path model, Format format, boolean rotated) throws IOException {
        Path target = folder.resolve(format + "-" + rotated + ".gguf");
        try (GgufFile source = GgufReader.open(model)) {
            QuantizedModelWriter.quantize(
                    source,
                    target,
                    FormatChoice.uniform(format),
                    rotated,
                    QuantizedModelWriter.MatrixSource.PLAIN,
                    "plain",
                    QuantizedModelWriterTest.QUIET);
        }
        return target;
    }

    /**
     * REQ-GGF-005, REQ-ROT-004, REQ-ROT-005: the file says so, rows are those of rotated weights, and a row that is
     * looked up is rotated back.
     */
    @Test
    void rowsAreRotatedInTheFileAndBackWhenRead() throws IOException {
        Path model = QuantizedModelWriterTest.smallModel(folder.resolve("m.gguf"), 0);
        try (GgufFile source = GgufReader.open(model);
                QuantizedModel rotated = QuantizedModel.open(quantized(model, Format.T35, true));
                QuantizedModel plain = QuantizedModel.open(quantized(model, Format.T35, false))) {
            assertEquals(2, rotated.file().metadata().integer("threehalf.version"));
            assertEquals(1, plain.file().metadata().integer("threehalf.version"));
            for (String name : rotated.matrices().keySet()) {
                GgufTensor tensor = source.tensor(name);
                PackedMatrix matrix = rotated.matrices().get(name);
                assertTrue(matrix.rotated());
                assertFalse(plain.matrices().get(name).rotated());
                for (int row = 0; row < matrix.rows(); row++) {
                    float[] weights = new float[matrix.columns()];
                    tensor.readRow(row, weights);
                    assertEquals(QuantizedRow.quantize(Format.T35, HadamardRotation.rotated(weights)), matrix.row(row));
                    float[] read = new float[weights.length];
                    new Weights.Quantized(matrix).read(row, read);
                    assertArrayEquals(HadamardRotation.rotated(matrix.row(row).dequantize()), read);
                    double error = 0;
                    double sum = 0;
                    for (int k = 0; k < read.length; k++) {
                        error += (read[k] - weights[k]) * (read[k] - weights[k]);
                        sum += weights[k] * weights[k];
                    }
                    assertTrue(error < 0.03 * sum, name + " row " + row + ": " + error / sum);
                }
            }
        }
    }
}
