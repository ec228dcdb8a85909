package org.threehalf.inference.huggingface;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.TensorType;
import org.threehalf.inference.huggingface.Safetensors.Tensor;
import org.threehalf.kernels.io.Printable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A folder of a model, opened as the GGUF file that would be made of it. */
public final class HuggingFaceFolder {
    /** How many files of a folder that holds no model a message names. */
    private static final int NAMED = 5;

    private static final String INDEX = "model.safetensors.index.json";
    private static final String WHOLE = "model.safetensors";

    private HuggingFaceFolder() {}

    private static final String ADAPTER = "adapter_config.json";

    /** Whether a path is a folder that holds a model, or at least its configuration. */
    public static boolean isOne(Path path) {
        return Files.isRegularFile(path.resolve("config.json"));
    }

    /** What a folder without a model holds in its place, if that is known: behind a comma, or nothing. */
    private static String instead(Path folder) throws IOException {
        if (Files.exists(folder.resolve(ADAPTER))) {
            return " and with an adapter (merge it into its model first; adapters are not read)";
        }
        List<String> models =
                names(folder, path -> String.valueOf(path.getFileName()).endsWith(".gguf"));
        if (!models.isEmpty()) {
            return ", with " + String.join(", ", models);
        }
        // The cache of Hugging Face's libraries has a folder a model, with a folder a revision.
        Path snapshots = folder.resolve("snapshots");
        List<String> revisions = Files.isDirectory(snapshots) ? names(snapshots, HuggingFaceFolder::isOne) : List.of();
        return revisions.isEmpty() ? "" : ", but with one in snapshots/" + String.join(", snapshots/", revisions);
    }

    /** The names of some of a folder's entries, the first few in the order of the alphabet. */
    private static List<String> names(Path folder, Predicate<Path> chosen) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(chosen)
                    .map(path -> Printable.line(String.valueOf(path.getFileName())))
                    .sorted()
                    .limit(NAMED)
                    .toList();
        }
    }

    /**
     * Maps and checks a folder.
     *
     * @return the open model; the caller closes it
     * @throws ModelFormatException if a file is missing or not as it must be, or the model is none that is known; says
     *     what and where
     * @throws IOException if it cannot be read
     */
    public static GgufFile open(Path folder) throws IOException {
        String name = Printable.line(
                String.valueOf(folder.toAbsolutePath().normalize().getFileName()));
        if (!isOne(folder)) {
            throw new ModelFormatException(
                    "%s: a folder without config.json%s: the name of a GGUF file, or of a folder as Hugging Face's libraries write it, is needed"
                            .formatted(folder, instead(folder)));
        }
        if (Files.exists(folder.resolve(ADAPTER), LinkOption.NOFOLLOW_LINKS)) {
            throw new ModelFormatException(
                    "%s: %s: an adapter changes the model, and adapters are not read: merge it into the model first, or take the file away"
                            .formatted(folder, ADAPTER));
        }
        ModelConfig config = ModelConfig.read(folder.resolve("config.json"));
        JsonNode root = JsonFile.object(folder.resolve("config.json"));
        Arena arena = Arena.ofShared();
        try {
            SequencedMap<String, Tensor> stored = tensors(folder, arena);
            List<GgufTensor> tensors = new TensorNames(name, config, stored).converted();
            long rows = tensors.stream()
                    .filter(tensor -> tensor.name().equals("token_embd.weight"))
                    .mapToLong(GgufTensor::rows)
                    .findFirst()
                    .orElse(config.vocabulary());
            if (rows != config.vocabulary()) {
                throw new ModelFormatException("config.json: vocab_size is %d, and the embedding has %d rows"
                        .formatted(config.vocabulary(), rows));
            }
            SequencedMap<String, GgufValue> metadata = new LinkedHashMap<>();
            metadata.put("general.architecture", GgufValue.of(config.family().architecture()));
            metadata.put("general.name", GgufValue.of(name));
            metadata.putAll(config.metadata());
            metadata.putAll(
                    TokenizerJson.read(folder, root.path("text_config").isObject() ? merged(root) : root, rows));
            config.rotaryTensors().forEach((tensor, values) -> tensors.add(vector(tensor, values)));
            long bytes = stored.values().stream()
                    .mapToLong(tensor -> tensor.data().byteSize())
                    .sum();
            return GgufFile.of(name, bytes, new GgufMetadata(name, metadata), tensors, List.of(arena));
        } catch (JacksonException wrong) {
            arena.close();
            // A value of a kind that its reader did not ask about.
            throw new ModelFormatException("%s: %s".formatted(name, JsonFault.of(wrong)), wrong);
        } catch (IOException | RuntimeException | Error failed) {
            arena.close();
            throw failed;
        }
    }

    /** The text's own fields, and for tokens that it does not name, those of the whole. */
    private static JsonNode merged(JsonNode root) {
        var merged = JsonFile.MAPPER.createObjectNode();
        root.properties().forEach(entry -> merged.set(entry.getKey(), entry.getValue()));
        root.path("text_config").properties().forEach(entry -> {
            if (!merged.has(entry.getKey())) {
                merged.set(entry.getKey(), entry.getValue());
            }
        });
        return merged;
    }

    /** A small tensor that is not mapped. */
    static GgufTensor vector(String name, float[] values) {
        java.nio.ByteBuffer bytes =
                java.nio.ByteBuffer.allocate(values.length * Float.BYTES).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new GgufTensor(
                new TensorInfo(name, TensorType.F32, List.of((long) values.length)),
                0,
                MemorySegment.ofArray(bytes.array()).asReadOnly());
    }

    private static SequencedMap<String, Tensor> tensors(Path folder, Arena arena) throws IOException {
        Path index = folder.resolve(INDEX);
        if (Files.exists(index)) {
            return indexed(folder, index, arena);
        }
        if (!Files.exists(folder.resolve(WHOLE))) {
            String others;
            try (Stream<Path> list = Files.list(folder)) {
                others = String.join(
                        ", ",
                        list.map(p -> String.valueOf(p.getFileName()))
                                .filter(n -> n.matches(".*\\.(safetensors|bin|pth|pt|gguf)"))
                                .sorted()
                                .limit(4)
                                .toList());
            }
            throw new ModelFormatException("%s: there is no %s and no %s%s"
                    .formatted(
                            folder,
                            WHOLE,
                            INDEX,
                            others.isEmpty()
                                    ? ""
                                    : " (%s: weights in other formats are not read, nor are several safetensors files without the index)"
                                            .formatted(others)));
        }
        return Safetensors.open(folder.resolve(WHOLE), arena);
    }

    /** Every tensor of the index must be in the file that it names, and every tensor of those files in the index. */
    private static SequencedMap<String, Tensor> indexed(Path folder, Path index, Arena arena) throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        JsonNode map = JsonFile.object(index, JsonFile.MAX_TOKENIZER).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new ModelFormatException("%s: weight_map must be an object with the tensors' names".formatted(INDEX));
        }
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String file = entry.getValue().asString("");
            // Only what lies in the folder itself: a name with a path in it could lead anywhere.
            if (!file.matches("[A-Za-z0-9_][A-Za-z0-9_.+-]*\\.safetensors")) {
                throw new ModelFormatException(
                        "%s: weight_map: tensor %s is in '%s': the name of a safetensors file of the same folder is needed"
                                .formatted(INDEX, entry.getKey(), file));
            }
            files.put(entry.getKey(), file);
        }
        // Which of the two counts depends on the library's version.
        if (!files.containsValue(WHOLE) && Files.exists(folder.resolve(WHOLE))) {
            throw new ModelFormatException(
                    "%s: there is %s, of which %s says nothing: only one of the two can be the model"
                            .formatted(folder, WHOLE, INDEX));
        }
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (String file : new TreeSet<>(files.values())) {
            Path path = folder.resolve(file);
            if (!Files.exists(path)) {
                throw new ModelFormatException("%s: %s is missing, one of the %d files that hold the model"
                        .formatted(folder, file, new TreeSet<>(files.values()).size()));
            }
            for (Tensor tensor : Safetensors.open(path, arena).values()) {
                if (!file.equals(files.get(tensor.name()))) {
                    throw new ModelFormatException("%s: tensor %s, which %s says is in %s"
                            .formatted(
                                    file,
                                    tensor.name(),
                                    INDEX,
                                    files.containsKey(tensor.name()) ? files.get(tensor.name()) : "no file"));
                }
                tensors.put(tensor.name(), tensor);
            }
        }
        for (Map.Entry<String, String> entry : files.entrySet()) {
            if (!tensors.containsKey(entry.getKey())) {
                throw new ModelFormatException("%s: tensor %s is missing, which %s says is in it"
                        .formatted(entry.getValue(), entry.getKey(), INDEX));
            }
        }
        return tensors;
    }
}
