package org.threehalf.conformance.vectors;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.conformance.vectors.VectorCase.Header;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.FloatMatrix;
import org.threehalf.kernels.transformer.Rotation;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads what Lean's definitions of {@code spec/INFERENCE.md} give of operations on vectors and of whole decoders: the
 * files {@code operations.json} and {@code decoders.json} of {@code spec/vectors/inference}, by
 * {@code spec/schema/inference-vectors.schema.json}.
 */
public final class InferenceVectors {
    /** The value of the member {@code schema} of every file. */
    public static final String SCHEMA = "threehalf-inference-vectors/1";

    private static final int DIGITS = 8;
    private static final JsonMapper MAPPER = new JsonMapper();

    private InferenceVectors() {}

    /**
     * The cases of one of the two files.
     *
     * @throws VectorFormatException if it cannot be read or is malformed
     */
    public static List<VectorCase> read(Path path) {
        String name = String.valueOf(path.getFileName());
        try {
            return cases(new JsonCursor(name, "", MAPPER.readTree(Files.readAllBytes(path))));
        } catch (IOException | JacksonException e) {
            throw new VectorFormatException(name, "not a readable JSON file: " + e.getMessage(), e);
        }
    }

    private static List<VectorCase> cases(JsonCursor root) {
        GoldenVectors.requireSchema(root, SCHEMA);
        Map<String, String> reasons = GoldenVectors.reasons(root);
        List<VectorCase> cases = new ArrayList<>();
        for (JsonCursor node : root.member("cases").elements()) {
            Header header = new Header(
                    node.member("id").text(),
                    node.member("operation").text(),
                    node.member("requirements").list(JsonCursor::text),
                    GoldenVectors.flags(node, reasons));
            cases.add(header.kind().equals("decoder") ? decoder(node, header) : operation(node, header));
        }
        JsonCursor count = root.member("count");
        if (count.integer(1, Integer.MAX_VALUE) != cases.size()) {
            throw count.complaint("there are %d cases".formatted(cases.size()));
        }
        return cases;
    }

    private static VectorCase operation(JsonCursor node, Header header) {
        List<Part> inputs = new ArrayList<>();
        for (String name : names(header.kind(), node.member("operation"))) {
            inputs.add(
                    switch (name) {
                        case "first" -> Part.i32(name, node.member(name).integer(0, Integer.MAX_VALUE));
                        case "keys", "values" -> Part.f32(name, rows(node.member(name), column(node, "query").length));
                        default -> Part.f32(name, column(node, name));
                    });
        }
        return new VectorCase.Operation(header, inputs, Part.f32("y", column(node, "y")));
    }

    /** The inputs of an operation. */
    private static List<String> names(String operation, JsonCursor where) {
        return switch (operation) {
            case "dot-product" -> List.of("a", "b");
            case "rms-norm" -> List.of("x", "weights", "epsilon");
            case "gated-silu", "gated-gelu" -> List.of("g", "u");
            case "residual" -> List.of("x", "d");
            case "soft-cap" -> List.of("x", "cap");
            case "rotate-split", "rotate-interleaved" -> List.of("x", "cosines", "sines");
            case "attend" -> List.of("query", "keys", "values", "first", "scale", "cap");
            default -> throw where.complaint("the operation '" + operation + "' is not known");
        };
    }

    private static VectorCase decoder(JsonCursor node, Header header) {
        DecoderConfig config = new DecoderConfig(
                size(node, "vocabulary"),
                size(node, "dim"),
                size(node, "heads"),
                size(node, "keyValueHeads"),
                size(node, "headSize"),
                size(node, "ffn"),
                number(node, "epsilon"),
                number(node, "embeddingScale"),
                number(node, "attentionScale"),
                number(node, "attentionCap"),
                number(node, "logitCap"),
                truth(node, "gelu") ? Activation.GELU : Activation.SILU,
                truth(node, "interleaved") ? Rotation.Layout.INTERLEAVED : Rotation.Layout.SPLIT);
        Weights embedding = matrix(node.member(TensorRole.EMBEDDING.ggufName()));
        @Nullable JsonCursor output = node.optional(TensorRole.OUTPUT.ggufName());
        List<LayerWeights> layers = node.member("layers")
                .list(layer -> LayerWeights.of(
                        role -> matrix(layer.member(role.ggufName())),
                        role -> vector(layer, role),
                        layer.member("window").integer(0, Integer.MAX_VALUE),
                        column(layer, "frequencies")));
        DecoderWeights weights = new DecoderWeights(
                config,
                embedding,
                layers,
                column(node, TensorRole.OUTPUT_NORM.ggufName()),
                output == null ? embedding : matrix(output));
        return new VectorCase.DecoderRun(
                header,
                weights,
                node.member("tokens").integers(0, config.vocabulary() - 1),
                rows(node.member("y"), config.vocabulary()));
    }

    /** A norm or a bias, or null; the files have no norms over all heads. */
    private static float @Nullable [] vector(JsonCursor layer, TensorRole role) {
        boolean overAllHeads = role == TensorRole.QUERY_ROW_NORM || role == TensorRole.KEY_ROW_NORM;
        return overAllHeads || layer.optional(role.ggufName()) == null ? null : column(layer, role.ggufName());
    }

    private static Weights matrix(JsonCursor node) {
        int columns = size(node, "columns");
        JsonCursor name = node.member("format");
        if (name.text().equals("F32")) {
            return new Weights.Real(FloatMatrix.of(rows(node.member("values"), columns)));
        }
        Format format;
        try {
            format = Format.ofName(name.text());
        } catch (IllegalArgumentException e) {
            throw name.complaint(String.valueOf(e.getMessage()));
        }
        List<JsonCursor> rows = node.member("rows").elements();
        float[] scales = new float[rows.size()];
        List<byte[]> codes = new ArrayList<>();
        List<byte[]> subscales = new ArrayList<>();
        for (int i = 0; i < scales.length; i++) {
            JsonCursor row = rows.get(i);
            scales[i] = row.member("scale").binary32();
            codes.add(row.member("packedCodes").bytes(0, 255));
            @Nullable JsonCursor packed = row.optional("packedSubscales");
            subscales.add(packed == null ? new byte[0] : packed.bytes(0, 255));
        }
        return new Weights.Quantized(new PackedMatrix(
                format,
                scales.length,
                columns,
                segment(Part.u8("codes", codes)),
                segment(Part.u8("subscales", subscales)),
                segment(Part.f32("scales", scales))));
    }

    private static MemorySegment segment(Part part) {
        byte[] bytes = part.bytes();
        MemorySegment segment = Arena.ofAuto().allocate(bytes.length, Float.BYTES);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment;
    }

    private static int size(JsonCursor node, String name) {
        return node.member(name).integer(1, Integer.MAX_VALUE);
    }

    private static float number(JsonCursor node, String name) {
        return node.member(name).binary32();
    }

    private static boolean truth(JsonCursor node, String name) {
        JsonCursor member = node.member(name);
        if (!member.node().isBoolean()) {
            throw member.complaint("true or false is expected here");
        }
        return member.node().booleanValue();
    }

    /** The numbers of a column, which are written one after the other. */
    private static float[] column(JsonCursor node, String name) {
        return numbers(node.member(name));
    }

    private static float[] numbers(JsonCursor member) {
        String text = member.text();
        if (!text.matches("(?:[0-9a-f]{8})*")) {
            throw member.complaint("eight lower-case hexadecimal digits a number are expected here");
        }
        float[] values = new float[text.length() / DIGITS];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    Float.intBitsToFloat(Integer.parseUnsignedInt(text, i * DIGITS, i * DIGITS + DIGITS, 2 * DIGITS));
        }
        return values;
    }

    private static float[][] rows(JsonCursor member, int columns) {
        float[] all = numbers(member);
        if (columns == 0 || all.length % columns != 0) {
            throw member.complaint("%d numbers are no rows of %d".formatted(all.length, columns));
        }
        return IntStream.range(0, all.length / columns)
                .mapToObj(i -> Arrays.copyOfRange(all, i * columns, (i + 1) * columns))
                .toArray(float[][]::new);
    }
}
