package org.threehalf.conformance.vectors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.threehalf.conformance.vectors.VectorCase.Header;
import org.threehalf.conformance.vectors.VectorCase.PackedRow;
import org.threehalf.conformance.vectors.VectorCase.Token;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.io.Sha256;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads the golden vectors. */
public final class GoldenVectors {

    /** The value of the member {@code schema} of every file. */
    public static final String SCHEMA = "threehalf-vectors/1";

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private GoldenVectors() {}

    /**
     * Reads all files {@code *.json} of a folder, in the order of their names.
     *
     * @throws VectorFormatException if there is none, one cannot be read or is malformed, or two cases have one id
     */
    public static List<VectorFile> read(Path folder) {
        List<Path> paths;
        try (Stream<Path> listing = Files.list(folder)) {
            paths = listing.filter(path -> path.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new VectorFormatException(folder.toString(), "the folder of golden vectors cannot be read", e);
        }
        if (paths.isEmpty()) {
            throw new VectorFormatException(folder.toString(), "", "the folder holds no golden vectors (*.json)");
        }
        List<VectorFile> files = paths.stream().map(GoldenVectors::readFile).toList();
        Map<String, String> seen = new TreeMap<>();
        for (VectorFile file : files) {
            for (VectorCase vectorCase : file.cases()) {
                String other = seen.put(vectorCase.header().id(), file.name());
                if (other != null) {
                    throw new VectorFormatException(
                            file.name(),
                            "",
                            "the case '%s' is also in %s"
                                    .formatted(vectorCase.header().id(), other));
                }
            }
        }
        return files;
    }

    /**
     * Reads one file.
     *
     * @throws VectorFormatException if it cannot be read or is malformed
     */
    public static VectorFile readFile(Path path) {
        String name = String.valueOf(path.getFileName());
        try {
            byte[] bytes = Files.readAllBytes(path);
            JsonCursor root = new JsonCursor(name, "", MAPPER.readTree(bytes));
            return new VectorFile(name, Sha256.of(bytes), cases(root));
        } catch (IOException | JacksonException e) {
            throw new VectorFormatException(name, "not a readable JSON file: " + e.getMessage(), e);
        }
    }

    private static List<VectorCase> cases(JsonCursor root) {
        requireSchema(root, SCHEMA);
        JsonCursor kind = root.member("kind");
        root.member("generator").text();
        JsonCursor count = root.member("count");
        int announced = count.integer(1, Integer.MAX_VALUE);
        Map<String, String> reasons = reasons(root);
        List<VectorCase> cases = new ArrayList<>();
        for (JsonCursor node : root.member("cases").elements()) {
            cases.add(oneCase(kind, node, header(kind.text(), node, reasons)));
        }
        if (cases.size() != announced) {
            throw count.complaint("%d cases are announced, and there are %d".formatted(announced, cases.size()));
        }
        return cases;
    }

    /** Refuses a file of another schema. */
    static void requireSchema(JsonCursor root, String known) {
        JsonCursor schema = root.member("schema");
        if (!schema.text().equals(known)) {
            throw schema.complaint("'%s' is not known; this program reads '%s'".formatted(schema.text(), known));
        }
    }

    /** What a file says of its flags. */
    static Map<String, String> reasons(JsonCursor root) {
        Map<String, String> reasons = new HashMap<>();
        root.member("flags").members().forEach((flag, reason) -> reasons.put(flag, reason.text()));
        return reasons;
    }

    /** The flags of a case, in its order, with what the file says of them. */
    static SequencedMap<String, String> flags(JsonCursor node, Map<String, String> reasons) {
        SequencedMap<String, String> flags = new LinkedHashMap<>();
        for (JsonCursor flag : node.member("flags").elements()) {
            String reason = reasons.get(flag.text());
            if (reason == null) {
                throw flag.complaint("the flag '" + flag.text() + "' is not explained in the file's flags");
            }
            flags.put(flag.text(), reason);
        }
        return flags;
    }

    private static Header header(String kind, JsonCursor node, Map<String, String> reasons) {
        SequencedMap<String, String> flags = flags(node, reasons);
        JsonCursor comment = node.member("comment");
        if (comment.text().isBlank()) {
            throw comment.complaint("it says nothing");
        }
        return new Header(
                node.member("id").text(), kind, node.member("requirements").list(JsonCursor::text), flags);
    }

    private static VectorCase oneCase(JsonCursor kind, JsonCursor node, Header header) {
        return switch (kind.text()) {
            case "quantize-activation" ->
                new VectorCase.QuantizeActivation(header, node.member("x").binary32s(), token(node));
            case "quantize-weight" ->
                new VectorCase.QuantizeWeight(
                        header,
                        format(node),
                        node.member("weights").binary32s(),
                        scale(node),
                        stored(node, "codes"),
                        subscales(node, "subscales"));
            case "pack" ->
                new VectorCase.Pack(
                        header,
                        format(node),
                        stored(node, "codes"),
                        subscales(node, "subscales"),
                        stored(node, "packedCodes"),
                        subscales(node, "packedSubscales"));
            case "dequantize" ->
                new VectorCase.Dequantize(
                        header,
                        format(node),
                        scale(node),
                        stored(node, "codes"),
                        subscales(node, "subscales"),
                        node.member("values").binary32s());
            case "dot" ->
                new VectorCase.Dot(
                        header,
                        format(node),
                        columns(node),
                        packedRow(node),
                        signed(node, "activations"),
                        int32(node.member("sum")));
            case "output" ->
                new VectorCase.Output(
                        header,
                        int32(node.member("sum")),
                        node.member("rowScale").binary32(),
                        node.member("activationScale").binary32(),
                        node.member("y").binary32());
            case "gemv", "gemm" -> product(kind.text().equals("gemm"), node, header);
            case "refuse" -> refusal(node, header);
            default -> throw kind.complaint("the kind '" + kind.text() + "' is not known");
        };
    }

    private static VectorCase product(boolean together, JsonCursor node, Header header) {
        List<PackedRow> rows = node.member("rows").list(GoldenVectors::packedRow);
        List<Token> tokens = node.member("tokens").list(GoldenVectors::token);
        int[][] sums = node.member("sums").elements().stream()
                .map(row -> row.integers(Integer.MIN_VALUE, Integer.MAX_VALUE))
                .toArray(int[][]::new);
        float[][] outputs =
                node.member("y").elements().stream().map(JsonCursor::binary32s).toArray(float[][]::new);
        if (sums.length != tokens.size() || outputs.length != tokens.size()) {
            throw node.complaint("%d tokens, but sums of %d and outputs of %d"
                    .formatted(tokens.size(), sums.length, outputs.length));
        }
        return new VectorCase.Product(header, format(node), columns(node), rows, tokens, together, sums, outputs);
    }

    private static VectorCase refusal(JsonCursor node, Header header) {
        JsonCursor operation = node.member("operation");
        return switch (operation.text()) {
            case "quantize-activation" ->
                new VectorCase.RefuseActivation(header, node.member("x").binary32s());
            case "quantize-weight" ->
                new VectorCase.RefuseWeight(
                        header, format(node), node.member("weights").binary32s());
            case "load" ->
                new VectorCase.RefuseMatrix(
                        header, format(node), columns(node), node.member("rows").list(GoldenVectors::packedRow));
            default -> throw operation.complaint("the operation '" + operation.text() + "' is not known");
        };
    }

    private static Format format(JsonCursor node) {
        JsonCursor name = node.member("format");
        try {
            return Format.ofName(name.text());
        } catch (IllegalArgumentException e) {
            throw name.complaint(String.valueOf(e.getMessage()));
        }
    }

    private static float scale(JsonCursor node) {
        return node.member("scale").binary32();
    }

    private static Token token(JsonCursor node) {
        return new Token(scale(node), signed(node, "codes"));
    }

    private static PackedRow packedRow(JsonCursor node) {
        return new PackedRow(scale(node), stored(node, "packedCodes"), subscales(node, "packedSubscales"));
    }

    private static int columns(JsonCursor node) {
        return node.member("columns").integer(0, Integer.MAX_VALUE);
    }

    private static int int32(JsonCursor node) {
        return node.integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private static byte[] signed(JsonCursor node, String name) {
        return node.member(name).bytes(Byte.MIN_VALUE, Byte.MAX_VALUE);
    }

    private static byte[] stored(JsonCursor node, String name) {
        return node.member(name).bytes(0, 255);
    }

    private static byte[] subscales(JsonCursor node, String name) {
        @Nullable JsonCursor member = node.optional(name);
        return member == null ? new byte[0] : member.bytes(0, 255);
    }
}
