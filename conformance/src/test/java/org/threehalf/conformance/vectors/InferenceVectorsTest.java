package org.threehalf.conformance.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.threehalf.conformance.Installation;
import org.threehalf.conformance.Schemas;
import org.threehalf.conformance.oracle.SamplingOracle;
import org.threehalf.kernels.transformer.ElementaryFunctions;
import org.threehalf.kernels.transformer.Normalization;
import org.threehalf.kernels.transformer.RotaryAngles;
import org.threehalf.kernels.transformer.TokenSampler;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What Lean's definitions of binary32 and binary64 give is what this machine computes, and what the kernels' functions
 * of one number give (REQ-OPS-001, REQ-OPS-004 to REQ-OPS-007, REQ-ROP-003, REQ-ROP-004, REQ-SMP-001 to REQ-SMP-005).
 */
class InferenceVectorsTest {
    private static final Path FOLDER = Installation.VECTORS.resolve("inference");
    private static final JsonMapper MAPPER = new JsonMapper();

    /** Of a file: results, and those that this machine computes otherwise. */
    private record Judged(int results, List<String> differences) {}

    private static Judged judged(JsonNode file) {
        int digits = file.path("kind").asString().equals("binary64") ? 16 : 8;
        List<String> differences = new ArrayList<>();
        int results = 0;
        assertEquals(file.path("count").asInt(), file.path("cases").size());
        for (JsonNode node : file.path("cases")) {
            Object[] expected = node.path("y").isArray()
                    ? StreamSupport.stream(node.path("y").spliterator(), false)
                            .map(JsonNode::asInt)
                            .toArray()
                    : column(node, "y", digits(node, "y", digits)).boxed().toArray();
            Object[] actual = computed(node, digits);
            assertEquals(expected.length, actual.length, node.path("id").asString());
            results += expected.length;
            for (int i = 0; i < expected.length; i++) {
                if (!expected[i].equals(actual[i])) {
                    differences.add("%s: result %d is %s here, and %s in Lean"
                            .formatted(node.path("id").asString(), i, actual[i], expected[i]));
                }
            }
        }
        return new Judged(results, differences);
    }

    /** Digits of a number in a column, where it differs from the file's. */
    private static int digits(JsonNode node, String member, int ofFile) {
        return switch (node.path("operation").asString()) {
            case "widen" -> member.equals("y") ? 16 : 8;
            case "narrow" -> member.equals("y") ? 8 : 16;
            default -> ofFile;
        };
    }

    private static java.util.stream.LongStream column(JsonNode node, String member, int digits) {
        String text = node.path(member).asString();
        assertEquals(0, text.length() % digits, member);
        return IntStream.range(0, text.length() / digits)
                .mapToLong(i -> Long.parseUnsignedLong(text, i * digits, (i + 1) * digits, 16));
    }

    private static Object[] computed(JsonNode node, int digits) {
        String operation = node.path("operation").asString();
        return switch (operation) {
            case "add", "subtract", "multiply", "divide", "less" -> ofTwo(node, digits, operator(operation, digits));
            case "cosines", "sines" -> angles(node, operation.equals("sines"));
            case "sample" -> draws(node);
            default ->
                column(node, "x", digits(node, "x", digits))
                        .map(function(operation))
                        .boxed()
                        .toArray();
        };
    }

    private static Object[] ofTwo(JsonNode node, int digits, LongBinaryOperator operator) {
        long[] a = column(node, "a", digits).toArray();
        long[] b = column(node, "b", digits).toArray();
        boolean table = node.path("shape").asString().equals("table");
        return IntStream.range(0, table ? a.length * b.length : a.length)
                .mapToLong(i -> table
                        ? operator.applyAsLong(a[i / b.length], b[i % b.length])
                        : operator.applyAsLong(a[i], b[i]))
                .boxed()
                .toArray();
    }

    private static LongBinaryOperator operator(String operation, int digits) {
        if (operation.equals("less")) {
            return digits == 8 ? (a, b) -> single(a) < single(b) ? 1 : 0 : (a, b) -> real(a) < real(b) ? 1 : 0;
        }
        if (digits == 16) {
            DoubleBinaryOperator f = switch (operation) {
                case "add" -> (a, b) -> a + b;
                case "subtract" -> (a, b) -> a - b;
                case "multiply" -> (a, b) -> a * b;
                default -> (a, b) -> a / b;
            };
            return (a, b) -> Double.doubleToLongBits(f.applyAsDouble(real(a), real(b)));
        }
        return switch (operation) {
            case "add" -> (a, b) -> bits(single(a) + single(b));
            case "subtract" -> (a, b) -> bits(single(a) - single(b));
            case "multiply" -> (a, b) -> bits(single(a) * single(b));
            default -> (a, b) -> bits(single(a) / single(b));
        };
    }

    private static LongUnaryOperator function(String operation) {
        return switch (operation) {
            case "root" -> x -> bits(Normalization.squareRoot(single(x)));
            case "widen" -> x -> Double.doubleToLongBits(single(x));
            case "narrow" -> x -> bits((float) real(x));
            case "exp" -> x -> bits(ElementaryFunctions.exp(single(x)));
            case "silu" -> x -> bits(ElementaryFunctions.silu(single(x)));
            case "gelu" -> x -> bits(ElementaryFunctions.gelu(single(x)));
            case "tanh" -> x -> bits(ElementaryFunctions.tanh(single(x)));
            default -> throw new IllegalArgumentException(operation);
        };
    }

    private static Object[] angles(JsonNode node, boolean sines) {
        float[] frequencies = floats(node, "frequencies");
        List<Long> results = new ArrayList<>();
        for (JsonNode position : node.path("positions")) {
            float[] cosine = new float[frequencies.length];
            float[] sine = new float[frequencies.length];
            RotaryAngles.cosinesAndSines(frequencies, position.asInt(), cosine, sine, 0);
            for (float value : sines ? sine : cosine) {
                results.add(bits(value));
            }
        }
        return results.toArray();
    }

    /** By the kernels, which must draw what the oracle draws. */
    private static Object[] draws(JsonNode node) {
        float[] logits = floats(node, "logits");
        float temperature = floats(node, "temperature")[0];
        float topP = floats(node, "topP")[0];
        int topK = node.path("topK").asInt();
        long seed = Long.parseUnsignedLong(node.path("seed").asString(), 16);
        TokenSampler sampler = new TokenSampler(new TokenSampler.Settings(temperature, topK, topP), seed);
        int[] drawn = IntStream.range(0, node.path("y").size())
                .map(i -> sampler.next(logits))
                .toArray();
        int[] again = new SamplingOracle(temperature, topK, topP, seed).draws(logits, drawn.length);
        assertEquals(
                IntStream.of(again).boxed().toList(),
                IntStream.of(drawn).boxed().toList());
        return IntStream.of(drawn).boxed().toArray();
    }

    private static float[] floats(JsonNode node, String member) {
        long[] bits = column(node, member, 8).toArray();
        float[] values = new float[bits.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = single(bits[i]);
        }
        return values;
    }

    private static float single(long bits) {
        return Float.intBitsToFloat((int) bits);
    }

    private static double real(long bits) {
        return Double.longBitsToDouble(bits);
    }

    /** Every NaN as one, as the files have them. */
    private static long bits(float value) {
        return Integer.toUnsignedLong(Float.floatToIntBits(value));
    }

    private static JsonNode read(String kind) throws IOException {
        return MAPPER.readTree(Files.readString(FOLDER.resolve(kind + ".json")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary32", "binary64", "functions"})
    void leansResultsAreThisMachines(String kind) throws IOException {
        Judged judged = judged(read(kind));
        assertEquals(
                List.of(),
                judged.differences().stream().limit(20).toList(),
                judged.differences().size() + " differ");
    }

    @Test
    void thereAreMoreThanAHundredThousandHardResultsOfEachKindOfOperation() throws IOException {
        int results =
                judged(read("binary32")).results() + judged(read("binary64")).results();
        assertTrue(results >= 100_000, "only " + results);
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary32", "binary64", "functions"})
    void theFilesFollowTheirSchema(String kind) throws IOException {
        assertEquals(
                List.of(),
                Schemas.complaints("inference-vectors.schema.json", Files.readString(FOLDER.resolve(kind + ".json"))));
    }

    /** A last bit that is flipped in any case is one difference, so the comparison sees each case. */
    @ParameterizedTest
    @ValueSource(strings = {"binary32", "binary64", "functions"})
    void aFlippedBitIsFound(String kind) throws IOException {
        String text = Files.readString(FOLDER.resolve(kind + ".json"));
        int seeded = 0;
        StringBuilder flipped = new StringBuilder();
        for (String line : text.lines().toList()) {
            int at = line.lastIndexOf("\"y\":\"");
            if (at >= 0) {
                char last = line.charAt(at + 5);
                line = line.substring(0, at + 5)
                        + (char) (last == '0' ? '1' : last == '9' ? '8' : last ^ 1)
                        + line.substring(at + 6);
                seeded++;
            } else if (line.contains("\"y\":[")) {
                line = line.replace("\"y\":[", "\"y\":[1").replace("\"y\":[1\"", "\"y\":[\"");
                seeded++;
            }
            flipped.append(line).append('\n');
        }
        assertTrue(seeded > 5);
        assertEquals(
                seeded,
                judged(MAPPER.readTree(flipped.toString())).differences().size());
    }
}
