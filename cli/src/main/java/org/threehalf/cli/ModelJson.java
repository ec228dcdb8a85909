package org.threehalf.cli;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ValueType;
import org.threehalf.inference.model.QuantizedModel;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is in a model's file, as JSON. */
final class ModelJson {
    /** Arrays up to this length are written out. */
    private static final int SHORT = 64;

    private static final JsonMapper MAPPER = JsonMapper.shared();

    private ModelJson() {}

    /** The text; {@code model} is the same file where it is a quantised one. */
    static String of(GgufFile file, @Nullable QuantizedModel model) {
        ObjectNode root = MAPPER.createObjectNode()
                .put("name", file.name())
                .put("version", file.version())
                .put("bytes", file.bytes());
        ObjectNode metadata = root.putObject("metadata");
        file.metadata().entries().forEach((key, value) -> put(metadata.putObject(key), value));
        if (model != null) {
            ArrayNode matrices = root.putArray("matrices");
            model.matrices()
                    .forEach((name, matrix) -> matrices.addObject()
                            .put("name", name)
                            .put("format", matrix.format().name())
                            .put("rows", matrix.rows())
                            .put("columns", matrix.columns())
                            .put("rotated", matrix.rotated())
                            .put("bytes", matrix.format().matrixBytes(matrix.rows(), matrix.columns())));
        }
        ArrayNode tensors = root.putArray("tensors");
        for (GgufTensor tensor : model == null ? file.tensors() : model.otherTensors()) {
            ObjectNode node = tensors.addObject()
                    .put("name", tensor.name())
                    .put("type", tensor.type().name());
            ArrayNode dimensions = node.putArray("dimensions");
            tensor.info().dimensions().forEach(dimensions::add);
            node.put("bytes", tensor.storedBytes());
        }
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root);
    }

    private static void put(ObjectNode node, GgufValue value) {
        node.put("type", value.type().name());
        switch (value.type()) {
            case STRING -> node.put("value", value.asString());
            case BOOL -> node.put("value", value.asBoolean());
            case FLOAT32 -> node.put("value", (float) value.asDouble());
            case FLOAT64 -> node.put("value", value.asDouble());
            case UINT64 -> node.put("value", new BigInteger(value.summary(SHORT)));
            case ARRAY -> {
                node.put("of", value.elementType().name()).put("count", value.count());
                if (value.count() <= SHORT) {
                    elements(node.putArray("value"), value);
                }
            }
            default -> node.put("value", value.asLong());
        }
    }

    private static void elements(ArrayNode array, GgufValue value) {
        ValueType type = value.elementType();
        if (type == ValueType.STRING) {
            value.asStrings().forEach(array::add);
        }
        // What has no bytes of its own is a string or an array.
        for (int i = 0; i < value.count() && type.bytes() > 0; i++) {
            switch (type) {
                case BOOL -> array.add(value.element(i).asBoolean());
                case FLOAT32 -> array.add((float) value.element(i).asDouble());
                case FLOAT64 -> array.add(value.element(i).asDouble());
                case UINT64 -> array.add(new BigInteger(value.element(i).summary(SHORT)));
                default -> array.add(value.element(i).asLong());
            }
        }
    }
}
