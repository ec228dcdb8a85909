package org.threehalf.inference.decoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.inference.decoder.Architecture.Part;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.ValueType;
import org.threehalf.inference.model.QuantizedModel;
import org.threehalf.kernels.transformer.Normalization;
import org.threehalf.kernels.transformer.RotaryFrequencies;

/** Reads a decoder from a GGUF file or a quantised model: numbers from its metadata, tensors by the names that GGUF files use. */
public final class DecoderReader {
    /** More layers than any model has; bounds what a hostile file can ask for. */
    private static final int MAX_LAYERS = 10_000;
    private static final int MAX_SIZE = 1 << 24;
    /** More elements than any model's head has (Gemma's have 256, DeepSeek's largest 576). */
    private static final int MAX_HEAD = 1024;
    /** All heads of the models that are known have twice the width at most. */
    private static final int MAX_HEADS_TO_WIDTH = 16;
    private static final String WINDOW_PATTERN = "attention.sliding_window_pattern";
    /** The layers of Gemma's largest models, which scale their scores by width (Gemma 2 27B, Gemma 3 27B). */
    private static final List<Integer> LARGEST_GEMMA_LAYERS = List.of(46, 62);

    private final GgufFile file;
    private final ArchitectureKeys keys;
    private final Architecture architecture;
    private final TensorSource tensors;

    private DecoderReader(GgufFile file, Architecture architecture, TensorSource tensors) {
        this.file = file;
        this.keys = new ArchitectureKeys(file.metadata(), architecture.name());
        this.architecture = architecture;
        this.tensors = tensors;
    }

    /** Reads a plain GGUF file, as {@link #read(GgufFile, Set)} with no key ignored. */
    public static DecoderWeights read(GgufFile file) throws ModelFormatException {
        return read(file, Set.of());
    }

    /**
     * Reads a plain GGUF file, whose matrices count as binary32.
     *
     * @param file open, and open for as long as the weights are used
     * @param ignored keys of its metadata that nothing computes and that may be there all the same
     * @throws ModelFormatException if the architecture, a number or a tensor is not as it must be, or a key under the architecture's prefix is not known; says which
     * @throws IllegalArgumentException if a key that is to be ignored is not in the file, or is computed
     */
    public static DecoderWeights read(GgufFile file, Set<String> ignored) throws ModelFormatException {
        return read(file, new TensorSource(file, Map.of()), file.tensors(), ignored);
    }

    /** Reads a quantised model, as {@link #read(QuantizedModel, Set)} with no key ignored. */
    public static DecoderWeights read(QuantizedModel model) throws ModelFormatException {
        return read(model, Set.of());
    }

    /**
     * Reads a quantised model.
     *
     * @param model open, and open for as long as the weights are used
     * @param ignored as of {@link #read(GgufFile, Set)}
     * @throws ModelFormatException as {@link #read(GgufFile, Set)}
     * @throws IllegalArgumentException as {@link #read(GgufFile, Set)}
     */
    public static DecoderWeights read(QuantizedModel model, Set<String> ignored) throws ModelFormatException {
        return read(model.file(), new TensorSource(model.file(), model.matrices()), model.otherTensors(), ignored);
    }

    private static DecoderWeights read(GgufFile file, TensorSource tensors, Iterable<GgufTensor> others, Set<String> ignored) throws ModelFormatException {
        Architecture architecture = architecture(file);
        DecoderReader reader = new DecoderReader(file, architecture, tensors);
        DecoderWeights weights = reader.weights();
        reader.keys.requireAllKnown(ignored);
        tensors.requireAllRead(others, architecture.name());
        return weights;
    }

    private static Architecture architecture(GgufFile file) throws ModelFormatException {
        try {
            return Architecture.named(file.metadata().string("general.architecture"));
        } catch (IllegalArgumentException unknown) {
            throw new ModelFormatException("%s: %s".formatted(file.name(), unknown.getMessage()), unknown);
        }
    }

    private DecoderWeights weights() throws ModelFormatException {
        try {
            Weights embedding = tensors.matrix(TensorRole.EMBEDDING.ggufName());
            Weights output = tensors.findMatrix(TensorRole.OUTPUT.ggufName()).orElse(embedding);
            DecoderConfig config = config(embedding.rows());
            int layers = keys.integer("block_count", 1, MAX_LAYERS);
            // A window of 0 is none. Files that do not name Gemma 2's are older than the key.
            int window = keys.findInteger("attention.sliding_window", 0, Integer.MAX_VALUE).orElse(architecture.window());
            boolean[] local = localLayers(layers, window);
            float[] frequencies = globalFrequencies(config);
            float[] localFrequencies = localFrequencies(frequencies);
            List<LayerWeights> list = new ArrayList<>();
            for (int i = 0; i < layers; i++) {
                list.add(layer(i, local[i] ? window : 0, local[i] ? localFrequencies : frequencies));
            }
            return new DecoderWeights(config, embedding, list, tensors.vector(TensorRole.OUTPUT_NORM.ggufName()), output);
        } catch (IllegalArgumentException refused) {
            throw new ModelFormatException("%s: %s".formatted(file.name(), refused.getMessage()), refused);
        }
    }

    /** Which layers see a window only: by the architecture's period, the file's own, or, layer by layer, as the file lists them. */
    private boolean[] localLayers(int layers, int window) throws ModelFormatException {
        boolean[] local = new boolean[layers];
        if (architecture.windowPeriod() > 0 && keys.type(WINDOW_PATTERN) == ValueType.ARRAY) {
            boolean[] listed = keys.find(WINDOW_PATTERN, GgufValue::asBooleans).orElseThrow();
            if (listed.length != layers) {
                throw new ModelFormatException("%s: metadata %s.%s has %,d entries for %,d layers".formatted(file.name(), architecture.name(), WINDOW_PATTERN, listed.length, layers));
            }
            local = listed.clone();
        } else {
            int period = architecture.windowPeriod() == 0 ? 0 : keys.findInteger(WINDOW_PATTERN, 0, MAX_LAYERS).orElse(architecture.windowPeriod());
            for (int i = 0; i < layers; i++) {
                local[i] = period == 0 || i % period < period - 1;
            }
        }
        return window == 0 ? new boolean[layers] : local;
    }

    private float[] localFrequencies(float[] frequencies) throws ModelFormatException {
        if (architecture.localRotaryBase() == 0) {
            return frequencies;
        }
        return RotaryFrequencies.of(keys.findNumber("rope.freq_base_swa").orElse(architecture.localRotaryBase()), frequencies.length * 2);
    }

    private DecoderConfig config(int vocabulary) throws ModelFormatException {
        int width = size("embedding_length");
        int heads = size("attention.head_count");
        int headSize = keys.findInteger("attention.key_length", 1, MAX_HEAD).orElse(width / heads);
        if (headSize > MAX_HEAD || (long) heads * headSize > (long) MAX_HEADS_TO_WIDTH * width) {
            throw new ModelFormatException("%s: %,d heads of %,d elements in a width of %,d: a head can have %,d, and all together %d times the width".formatted(
                    file.name(), heads, headSize, width, MAX_HEAD, MAX_HEADS_TO_WIDTH));
        }
        int valueSize = keys.findInteger("attention.value_length", 1, MAX_SIZE).orElse(headSize);
        if (valueSize != headSize) {
            throw new ModelFormatException("%s: heads of %d elements for keys and %d for values: they must be of one size".formatted(file.name(), headSize, valueSize));
        }
        int layers = keys.integer("block_count", 1, MAX_LAYERS);
        boolean byWidth = architecture.has(Part.LARGEST_SCALES_BY_WIDTH) && LARGEST_GEMMA_LAYERS.contains(layers);
        return new DecoderConfig(
                vocabulary,
                width,
                heads,
                keys.findInteger("attention.head_count_kv", 1, MAX_SIZE).orElse(heads),
                headSize,
                size("feed_forward_length"),
                keys.number("attention.layer_norm_rms_epsilon"),
                architecture.has(Part.SCALED_EMBEDDING) ? Normalization.squareRoot(width) : 1,
                1 / Normalization.squareRoot(byWidth ? width / heads : headSize),
                cap("attn_logit_softcapping", 50),
                cap("final_logit_softcapping", 30),
                architecture.activation(),
                architecture.rotation());
    }

    /** A soft cap, 0 for none: as the file says; where it does not, {@code usual} for an architecture that has caps. */
    private float cap(String name, float usual) throws ModelFormatException {
        return keys.findNumber(name).orElse(architecture.has(Part.CAPS) ? usual : 0);
    }

    /** The frequencies of layers without a window, scaled as the file says (REQ-ROP-001, REQ-ROP-002). */
    private float[] globalFrequencies(DecoderConfig config) throws ModelFormatException {
        // Held against the head before anything is computed: the exact powers of a hostile number of elements would take hours.
        int rotated = keys.findInteger("rope.dimension_count", 2, config.headSize()).orElse(config.headSize());
        float[] frequencies = RotaryFrequencies.of(keys.findNumber("rope.freq_base").orElse(10_000f), rotated);
        // A factor without a type is linear; the second key is the first one's older name.
        String scaling = keys.findString("rope.scaling.type").orElse("linear");
        Optional<Float> named = keys.findNumber("rope.scaling.factor");
        Optional<Float> older = keys.findNumber("rope.scale_linear");
        float factor = named.filter(f -> f != 0).or(() -> older).filter(f -> f != 0).orElse(1f);
        if (scaling.equals("linear")) {
            float[] divisors = new float[frequencies.length];
            Arrays.fill(divisors, factor);
            frequencies = RotaryFrequencies.scaled(frequencies, divisors);
        } else if (!scaling.equals("none")) {
            throw new ModelFormatException("%s: rotary positions are scaled by '%s': only 'linear' and factors in the tensor rope_freqs.weight are known"
                    .formatted(file.name(), scaling));
        }
        Optional<float[]> factors = tensors.findVector("rope_freqs.weight");
        return factors.isPresent() ? RotaryFrequencies.scaled(frequencies, factors.get()) : frequencies;
    }

    private LayerWeights layer(int number, int window, float[] frequencies) throws ModelFormatException {
        Map<TensorRole, Weights> matrices = new EnumMap<>(TensorRole.class);
        Map<TensorRole, float[]> vectors = new EnumMap<>(TensorRole.class);
        for (TensorRole role : TensorRole.ofLayer()) {
            String name = role.ggufName(number);
            if (role.isMatrix()) {
                matrices.put(role, tensors.matrix(name));
            } else if (architecture.requires(role)) {
                vectors.put(role, tensors.vector(name));
            } else if (Architecture.allows(role)) {
                tensors.findVector(name).ifPresent(vector -> vectors.put(role, vector));
            }
        }
        return new LayerWeights(matrices, vectors, window, frequencies);
    }

    private int size(String name) throws ModelFormatException {
        return keys.integer(name, 1, MAX_SIZE);
    }
}
