package org.threehalf.backends.spi.decoder;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.FloatMatrix;
import org.threehalf.kernels.transformer.Rotation;

/** The tiny decoders that {@code src/test/python/decoder.py} computed from the text of the specification. */
final class DecoderCases {

    /**
     * A model, and what it must answer.
     *
     * @param name the model's name
     * @param weights the model
     * @param tokens the tokens fed, from position 0 on
     * @param logits the logits after each of them
     */
    record Model(String name, DecoderWeights weights, int[] tokens, float[][] logits) {}

    /** A layer's tensors as the Python program names them. */
    private static final Map<TensorRole, String> NAMES = Map.ofEntries(
            Map.entry(TensorRole.ATTENTION_NORM, "norm"),
            Map.entry(TensorRole.QUERY, "query"),
            Map.entry(TensorRole.KEY, "key"),
            Map.entry(TensorRole.VALUE, "value"),
            Map.entry(TensorRole.ATTENTION_OUTPUT, "output"),
            Map.entry(TensorRole.QUERY_BIAS, "queryBias"),
            Map.entry(TensorRole.KEY_BIAS, "keyBias"),
            Map.entry(TensorRole.VALUE_BIAS, "valueBias"),
            Map.entry(TensorRole.ATTENTION_OUTPUT_BIAS, "outputBias"),
            Map.entry(TensorRole.QUERY_NORM, "queryNorm"),
            Map.entry(TensorRole.KEY_NORM, "keyNorm"),
            Map.entry(TensorRole.POST_ATTENTION_NORM, "postNorm"),
            Map.entry(TensorRole.FEED_FORWARD_NORM, "feedForwardNorm"),
            Map.entry(TensorRole.GATE, "gate"),
            Map.entry(TensorRole.UP, "up"),
            Map.entry(TensorRole.DOWN, "down"),
            Map.entry(TensorRole.POST_FEED_FORWARD_NORM, "feedForwardPostNorm"));

    private final Map<String, String> numbers = new HashMap<>();
    private final Map<String, float[]> vectors = new HashMap<>();
    private final Map<String, List<float[]>> realRows = new HashMap<>();
    private final Map<String, List<QuantizedRow>> quantizedRows = new HashMap<>();
    private final List<Integer> tokens = new ArrayList<>();
    private final List<float[]> logits = new ArrayList<>();

    private DecoderCases() {}

    /** All models; packed matrices live in the arena. */
    static List<Model> all(Arena arena) {
        List<DecoderCases> cases = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(DecoderCases.class.getResourceAsStream("decoder.txt"));
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            reader.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                String[] fields = line.split(";");
                if (fields[0].equals("model")) {
                    cases.add(new DecoderCases());
                }
                cases.getLast().take(fields);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return cases.stream().map(c -> c.model(arena)).toList();
    }

    private void take(String[] fields) {
        switch (fields[0]) {
            case "model" -> {
                for (int i = 1; i < fields.length; i++) {
                    String[] pair = fields[i].split("=");
                    numbers.put(pair[0], pair[1]);
                }
            }
            case "vector" -> vectors.put(fields[1], floats(fields[2]));
            case "real" ->
                realRows.computeIfAbsent(fields[1], name -> new ArrayList<>()).add(floats(fields[3]));
            case "g35" ->
                quantizedRows
                        .computeIfAbsent(fields[1], name -> new ArrayList<>())
                        .add(new QuantizedRow(Format.G35, floats(fields[3])[0], bytes(fields[4]), bytes(fields[5])));
            case "logits" -> {
                tokens.add(Integer.parseInt(fields[1]));
                logits.add(floats(fields[2]));
            }
            default -> throw new AssertionError(fields[0]);
        }
    }

    private Model model(Arena arena) {
        boolean everything = integer("everything") == 1;
        DecoderConfig config = new DecoderConfig(
                integer("vocabulary"),
                integer("dim"),
                integer("heads"),
                integer("keyValueHeads"),
                integer("headSize"),
                integer("ffn"),
                1e-6f,
                real("embeddingScale"),
                real("attentionScale"),
                real("attentionCap"),
                real("logitCap"),
                everything ? Activation.GELU : Activation.SILU,
                everything ? Rotation.Layout.SPLIT : Rotation.Layout.INTERLEAVED);
        List<LayerWeights> layers = new ArrayList<>();
        for (int i = 0; i < integer("layers"); i++) {
            String p = i + ".";
            layers.add(LayerWeights.of(
                    role -> matrix(p + NAMES.get(role), arena),
                    role -> vectors.get(p + NAMES.get(role)),
                    i % 2 == 0 ? integer("window") : 0,
                    vector(p + "frequencies")));
        }
        Weights embedding = matrix("embedding", arena);
        Weights output = everything ? matrix("unembedding", arena) : embedding;
        return new Model(
                String.valueOf(numbers.get("name")),
                new DecoderWeights(config, embedding, layers, vector("outputNorm"), output),
                tokens.stream().mapToInt(Integer::intValue).toArray(),
                logits.toArray(float[][]::new));
    }

    private Weights matrix(String name, Arena arena) {
        @Nullable List<float[]> real = realRows.get(name);
        if (real != null) {
            return new Weights.Real(FloatMatrix.of(real.toArray(float[][]::new)));
        }
        List<QuantizedRow> rows = Objects.requireNonNull(quantizedRows.get(name), name);
        PackedMatrix packed =
                PackedMatrix.allocate(Format.G35, rows.size(), rows.getFirst().columns(), arena);
        for (int i = 0; i < rows.size(); i++) {
            packed.putRow(i, rows.get(i));
        }
        return new Weights.Quantized(packed);
    }

    private float[] vector(String name) {
        return Objects.requireNonNull(vectors.get(name), name);
    }

    private int integer(String name) {
        return Integer.parseInt(Objects.requireNonNull(numbers.get(name), name));
    }

    private float real(String name) {
        return Float.parseFloat(Objects.requireNonNull(numbers.get(name), name));
    }

    private static float[] floats(String field) {
        String[] words = field.split(",");
        float[] values = new float[words.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(Integer.parseUnsignedInt(words[i], 16));
        }
        return values;
    }

    private static byte[] bytes(String field) {
        String[] words = field.split(",");
        byte[] values = new byte[words.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Byte.parseByte(words[i]);
        }
        return values;
    }
}
