package org.threehalf.inference.huggingface;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.gguf.ModelFormatException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Changed copies of the tiny folders. */
final class Folders {
    /**
     * A tensor of a safetensors file.
     *
     * @param type its dtype
     * @param shape its dimensions
     * @param bytes its elements
     */
    record Stored(String type, List<Long> shape, byte[] bytes) {
        /** Zeros. */
        static Stored zeros(String type, int elementBytes, Long... shape) {
            long elements = Arrays.stream(shape).reduce(1L, (a, b) -> a * b);
            return new Stored(type, List.of(shape), new byte[Math.toIntExact(elements * elementBytes)]);
        }
    }

    private Folders() {}

    /** A new copy of a folder, in another one. */
    static Path copy(Path into, String name) throws IOException {
        Path target = Files.createDirectories(into.resolve("copy-" + name));
        try (Stream<Path> files = Files.list(TinyModels.ofFolders(name))) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return target;
    }

    /** Changes a file that holds an object of JSON. */
    static void edit(Path file, UnaryOperator<ObjectNode> change) throws IOException {
        Files.writeString(
                file,
                change.apply((ObjectNode) JsonMapper.shared().readTree(Files.readString(file)))
                        .toString());
    }

    /** Changes the tensors of a folder with one file of them. */
    static void tensors(Path model, Consumer<SequencedMap<String, Stored>> change) throws IOException {
        Path file = model.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        int header = Math.toIntExact(
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong());
        SequencedMap<String, Stored> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : JsonMapper.shared()
                .readTree(new String(bytes, Long.BYTES, header, StandardCharsets.UTF_8))
                .properties()) {
            JsonNode tensor = entry.getValue();
            if (tensor.has("dtype")) {
                int from =
                        Long.BYTES + header + tensor.path("data_offsets").get(0).asInt();
                int to =
                        Long.BYTES + header + tensor.path("data_offsets").get(1).asInt();
                tensors.put(
                        entry.getKey(),
                        new Stored(
                                tensor.path("dtype").asString(),
                                tensor.path("shape")
                                        .valueStream()
                                        .map(JsonNode::asLong)
                                        .toList(),
                                Arrays.copyOfRange(bytes, from, to)));
            }
        }
        change.accept(tensors);
        write(file, tensors);
    }

    /**
     * Divides the tensors of a folder with one file of them among several, one after the other, and writes the index.
     */
    static void split(Path model, int files) throws IOException {
        SequencedMap<String, Stored> all = new LinkedHashMap<>();
        tensors(model, all::putAll);
        ObjectNode index = JsonMapper.shared().createObjectNode();
        ObjectNode places = index.putObject("weight_map");
        for (int i = 0; i < files; i++) {
            String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, files);
            SequencedMap<String, Stored> own = new LinkedHashMap<>();
            int number = 0;
            for (Map.Entry<String, Stored> tensor : all.entrySet()) {
                if (number++ % files == i) {
                    own.put(tensor.getKey(), tensor.getValue());
                    places.put(tensor.getKey(), name);
                }
            }
            write(model.resolve(name), own);
        }
        Files.writeString(model.resolve("model.safetensors.index.json"), index.toString());
        Files.delete(model.resolve("model.safetensors"));
    }

    private static void write(Path file, SequencedMap<String, Stored> tensors) throws IOException {
        ObjectNode described = JsonMapper.shared().createObjectNode();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        tensors.forEach((name, tensor) -> {
            ObjectNode one = described.putObject(name);
            one.put("dtype", tensor.type);
            tensor.shape.forEach(one.putArray("shape")::add);
            one.putArray("data_offsets").add(data.size()).add(data.size() + tensor.bytes.length);
            data.writeBytes(tensor.bytes);
        });
        byte[] text = described.toString().getBytes(StandardCharsets.UTF_8);
        try (var out = Files.newOutputStream(file)) {
            out.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(text.length)
                    .array());
            out.write(text);
            data.writeTo(out);
        }
    }

    /** Why a model is refused. */
    static String refusal(Path path) {
        return assertThrows(
                        ModelFormatException.class,
                        () -> LanguageModel.open(path).close())
                .getMessage();
    }

    /** A model is refused, and the message has these parts. */
    static void assertRefused(Path path, String... parts) {
        String message = refusal(path);
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }
}
