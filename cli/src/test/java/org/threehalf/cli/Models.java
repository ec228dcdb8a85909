package org.threehalf.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.GgufWriter;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.TensorType;

/** Small model files for the commands' tests. */
final class Models {
    private Models() {}

    /** Two matrices, of 3 x 70 and 2 x 64, and a norm of 4. */
    static Path small(Path file) throws IOException {
        return of(
                file,
                List.of(
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

    /** A tiny model of the inference module's tests. */
    static Path tiny(String name) {
        return Path.of(
                System.getProperty("threehalf.root", "."),
                "inference/src/test/resources/org/threehalf/inference/decoder",
                name + ".gguf");
    }

    /** A tiny model of the inference module's tests of folders: gpt-oss as a GGUF file, or a folder. */
    static Path tinyFolder(String name) {
        return Path.of(
                System.getProperty("threehalf.root", "."),
                "inference/src/test/resources/org/threehalf/inference/huggingface",
                name);
    }

    /** A copy of a GGUF file without a tensor. */
    static Path without(Path source, Path target, String lost) throws IOException {
        try (GgufFile file = GgufReader.open(source)) {
            List<GgufTensor> kept = file.tensors().stream()
                    .filter(tensor -> !tensor.name().equals(lost))
                    .toList();
            try (GgufWriter writer = GgufWriter.create(
                    target,
                    new LinkedHashMap<>(file.metadata().entries()),
                    kept.stream().map(GgufTensor::info).toList())) {
                for (GgufTensor tensor : kept) {
                    writer.write(tensor.data());
                }
                writer.commit();
            }
        }
        return target;
    }

    /** A copy of a tiny model with another value of its metadata. */
    static Path changed(String name, Path target, String key, GgufValue value) throws IOException {
        try (GgufFile file = GgufReader.open(tiny(name))) {
            SequencedMap<String, GgufValue> metadata =
                    new LinkedHashMap<>(file.metadata().entries());
            metadata.put(key, value);
            try (GgufWriter writer = GgufWriter.create(
                    target,
                    metadata,
                    file.tensors().stream().map(GgufTensor::info).toList())) {
                for (GgufTensor tensor : file.tensors()) {
                    writer.write(tensor.data());
                }
                writer.commit();
            }
            return target;
        }
    }
}
