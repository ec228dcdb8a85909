package org.threehalf.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.GgufWriter;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.TensorType;

/** Small model files for the commands' tests. */
final class Models {
    private Models() {}

    /** Two matrices, of 3 x 70 and 2 x 64, and a norm of 4. */
    static Path small(Path file) throws IOException {
        return of(file, List.of(
                new TensorInfo("a.weight", TensorType.F32, List.of(70L, 3L)),
                new TensorInfo("norm.weight", TensorType.F32, List.of(4L)),
                new TensorInfo("b.weight", TensorType.F32, List.of(64L, 2L))));
    }

    /** A file of random tensors. */
    static Path of(Path file, List<TensorInfo> tensors) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        SequencedMap<String, GgufValue> metadata = new LinkedHashMap<>();
        metadata.put("general.name", GgufValue.of("Tiny"));
        try (GgufWriter writer = GgufWriter.create(file, metadata, tensors)) {
            for (TensorInfo tensor : tensors) {
                float[] values = new float[(int) tensor.elements()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextGaussian();
                }
                writer.write(MemorySegment.ofArray(values));
            }
            writer.commit();
        }
        return file;
    }
}
