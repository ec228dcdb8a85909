package org.threehalf.inference.decoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.ExpertWeights;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.Rotary;
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

/**
 * Reads a decoder from a GGUF file or a quantised model: numbers from its metadata, tensors by the names that GGUF
 * files use.
 */
public final class DecoderReader {
    /** More layers than any model has; bounds what a hostile file can ask for. */
    private static final int MAX_LAYERS = 10_000;

    private static final int MAX_SIZE = 1 << 24;
    /** More experts than any model's layer has. */
    private static final int MAX_EXPERTS = 4096;
    /** More elements than any model's head has (Gemma's have 256, DeepSeek's largest 576). */
    private static final int MAX_HEAD = 1024;
    /** All heads of the models that are known have twice the width at most. */
    private static final int MAX_HEADS_TO_WIDTH = 16;

    private static final String WINDOW_PATTERN = "attention.sliding_window_pattern";
    /** The layers of Gemma's largest models, which scale their scores by width (Gemma 2 27B, Gemma 3 27B). */
    private static final List<Integer> LARGEST_GEMMA_LAYERS = List.of(46, 62);

    /** Of layers that rotate nothing. */
    private static final Rotary UNROTATED = new Rotary(new float[0]);

    private static final String SHORT_FACTORS = "rope_factors_short.weight";
    private static final String LONG_FACTORS = "rope_factors_long.weight";

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
     * @throws ModelFormatException if the architecture, a number or a tensor is not as it must be, or a key under the
     *     architecture's prefix is not known; says which
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

    private static DecoderWeights read(
            GgufFile file, TensorSource tensors, Iterable<GgufTensor> others, Set<String> ignored)
            throws ModelFormatException {
        Architecture architecture = architecture(file);
        DecoderReader reader = new DecoderReader(file, architecture, tensors);
        DecoderWeights weights = reader.weights();
        reader.keys.requireAllKnown(ignored);
        tensors.requireAllRead(others, architecture.name());
        return weights;
    }

    private static Architecture architecture(GgufFile file) throws ModelFormatException {
        // Parts of models are written as such files too: alone they compute nothing, or something else.
        Optional<String> type = file.metadata().findString("general.type").filter(said -> !said.equals("model"));
        if (type.isPresent()) {
            throw new ModelFormatException("%s: metadata general.type is '%s': a whole model ('model') is needed"
                    .formatted(file.name(), type.get()));
        }
        for (String key : file.metadata().entries().keySet()) {
            if (key.startsWith("adapter.")) {
                throw new ModelFormatException(
                        "%s: metadata %s: an adapter to a model; a whole model is needed".formatted(file.name(), key));
            }
        }
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
            Optional<Integer> said = keys.findInteger("vocab_size", 1, Integer.MAX_VALUE);
            if (said.isPresent() && said.get() != embedding.rows()) {
                throw outside("vocab_size", said.get(), "the embedding has %,d rows".formatted(embedding.rows()));
            }
            DecoderConfig config = config(embedding.rows());
            int layers = keys.integer("block_count", 1, MAX_LAYERS);
            // A window of 0 is none. Files that do not name Gemma 2's are older than the key.
            int window = architecture.has(Part.NAMED_WINDOW)
                    ? keys.integer("attention.sliding_window", 0, Integer.MAX_VALUE)
                    : keys.findInteger("attention.sliding_window", 0, Integer.MAX_VALUE)
                            .orElse(architecture.window());
            boolean[] local = localLayers(layers, window);
            Rotary rotary = rotary(config);
            Rotary localRotary = localRotary(config, rotary);
            List<LayerWeights> list = new ArrayList<>();
            for (int i = 0; i < layers; i++) {
                Rotary own = local[i] ? localRotary : rotary;
                list.add(layer(config, i, local[i] ? window : 0, rotates(i) ? own : UNROTATED));
            }
            requireInAllLayers(list);
            return new DecoderWeights(
                    config,
                    embedding,
                    list,
                    tensors.vector(TensorRole.OUTPUT_NORM.ggufName()),
                    output,
                    architecture.requires(TensorRole.OUTPUT_NORM_BIAS)
                            ? tensors.vector(TensorRole.OUTPUT_NORM_BIAS.ggufName())
                            : null);
        } catch (IllegalArgumentException refused) {
            throw new ModelFormatException("%s: %s".formatted(file.name(), refused.getMessage()), refused);
        }
    }

    /** What layers may have, all of them have or none: a file of which a part is lost looks otherwise. */
    private void requireInAllLayers(List<LayerWeights> layers) throws ModelFormatException {
        for (TensorRole role : TensorRole.layerVectors()) {
            for (int i = 1; i < layers.size(); i++) {
                boolean there = layers.get(i).has(role);
                if (there != layers.getFirst().has(role)) {
                    throw new ModelFormatException("%s: tensor %s is missing, and layer %d has one"
                            .formatted(file.name(), architecture.nameOf(role, there ? 0 : i), there ? i : 0));
                }
            }
        }
    }

    /**
     * Which layers see a window only: by the architecture's period, the file's own, or, layer by layer, as the file
     * lists them.
     */
    private boolean[] localLayers(int layers, int window) throws ModelFormatException {
        boolean[] local = new boolean[layers];
        if (architecture.windowPeriod() > 0 && keys.type(WINDOW_PATTERN) == ValueType.ARRAY) {
            boolean[] listed = keys.find(WINDOW_PATTERN, GgufValue::asBooleans).orElseThrow();
            if (listed.length != layers) {
                throw new ModelFormatException("%s: metadata %s.%s has %,d entries for %,d layers"
                        .formatted(file.name(), architecture.name(), WINDOW_PATTERN, listed.length, layers));
            }
            local = listed.clone();
        } else {
            int period = architecture.windowPeriod() == 0
                    ? 0
                    : keys.findInteger(WINDOW_PATTERN, 0, MAX_LAYERS).orElse(architecture.windowPeriod());
            for (int i = 0; i < layers; i++) {
                local[i] = period == 0 || i % period < period - 1;
            }
        }
        return window == 0 ? new boolean[layers] : local;
    }

    private boolean rotates(int layer) {
        return architecture.unrotatedPeriod() == 0 || (layer + 1) % architecture.unrotatedPeriod() != 0;
    }

    private Rotary localRotary(DecoderConfig config, Rotary rotary) throws ModelFormatException {
        if (architecture.localRotaryBase() != 0) {
            return new Rotary(RotaryFrequencies.of(
                    keys.findNumber("rope.freq_base_swa").orElse(architecture.localRotaryBase()),
                    rotary.frequencies().length * 2));
        }
        return architecture.has(Part.UNSCALED_WINDOWS)
                ? new Rotary(RotaryFrequencies.of(rotaryBase(), rotated(config)))
                : rotary;
    }

    private DecoderConfig config(int vocabulary) throws ModelFormatException {
        int width = size("embedding_length");
        int layers = keys.integer("block_count", 1, MAX_LAYERS);
        int heads = ofLayers("attention.head_count", layers);
        int headSize = keys.findInteger("attention.key_length", 1, MAX_HEAD).orElse(width / heads);
        if (headSize > MAX_HEAD || (long) heads * headSize > (long) MAX_HEADS_TO_WIDTH * width) {
            throw new ModelFormatException(
                    "%s: %,d heads of %,d elements in a width of %,d: a head can have %,d, and all together %d times the width"
                            .formatted(file.name(), heads, headSize, width, MAX_HEAD, MAX_HEADS_TO_WIDTH));
        }
        int valueSize = keys.findInteger("attention.value_length", 1, MAX_SIZE).orElse(headSize);
        if (valueSize != headSize) {
            throw new ModelFormatException(
                    "%s: heads of %d elements for keys and %d for values: they must be of one size"
                            .formatted(file.name(), headSize, valueSize));
        }
        boolean byWidth = architecture.has(Part.LARGEST_SCALES_BY_WIDTH) && LARGEST_GEMMA_LAYERS.contains(layers);
        DecoderConfig.Experts experts = experts();
        DecoderConfig config = new DecoderConfig(
                vocabulary,
                width,
                heads,
                keys.findOfLayers("attention.head_count_kv", layers, 1, MAX_SIZE)
                        .orElse(heads),
                headSize,
                hidden(experts, layers),
                epsilon(
                        architecture.has(Part.LAYER_NORMS)
                                ? "attention.layer_norm_epsilon"
                                : "attention.layer_norm_rms_epsilon"),
                architecture.has(Part.SCALED_EMBEDDING)
                        ? Normalization.squareRoot(width)
                        : multiplier("embedding_scale", 1),
                multiplier("attention.scale", 1 / Normalization.squareRoot(byWidth ? width / heads : headSize)),
                cap("attn_logit_softcapping", 50),
                cap("final_logit_softcapping", 30),
                architecture.activation(),
                architecture.rotation());
        return config.withScales(multiplier("residual_scale", 1), 1 / multiplier("logit_scale", 1))
                .withExperts(experts);
    }

    /**
     * The norms' epsilon: with one of 0 a stream of zeros would have no norm, and a larger one leaves nothing of it.
     */
    private float epsilon(String name) throws ModelFormatException {
        float epsilon = keys.number(name);
        if (!(epsilon > 0 && epsilon <= 1)) {
            throw outside(name, epsilon, "it must lie above 0, and be at most 1");
        }
        return epsilon;
    }

    private ModelFormatException outside(String name, Object value, String needed) {
        return new ModelFormatException(
                "%s: metadata %s.%s is %s: %s".formatted(file.name(), architecture.name(), name, value, needed));
    }

    private DecoderConfig.Experts experts() throws ModelFormatException {
        int count = architecture.has(Part.EXPERTS)
                ? keys.integer("expert_count", 1, MAX_EXPERTS)
                : architecture.allowsExperts()
                        ? keys.findInteger("expert_count", 0, MAX_EXPERTS).orElse(0)
                        : 0;
        if (count == 0) {
            return DecoderConfig.Experts.NONE;
        }
        boolean renormalised = keys.find("expert_weights_norm", GgufValue::asBoolean)
                .orElse(!architecture.has(Part.SHARES_AS_THEY_ARE));
        if (architecture.has(Part.EXPERT_BIASES) && !renormalised) {
            throw outside("expert_weights_norm", false, "shares are those of the experts that are taken");
        }
        return new DecoderConfig.Experts(count, keys.integer("expert_used_count", 1, count), renormalised);
    }

    /** Of a feed-forward block, or of one expert where there are some and the file has a number for them. */
    private int hidden(DecoderConfig.Experts experts, int layers) throws ModelFormatException {
        Optional<Integer> ofExpert = experts.count() > 0
                ? keys.findInteger("expert_feed_forward_length", 0, MAX_SIZE).filter(size -> size != 0)
                : Optional.empty();
        if (ofExpert.isPresent()) {
            // The other number is of blocks that no layer has; or, with stacks and biases, the same once more.
            Optional<Integer> ofBlocks = keys.findOfLayers("feed_forward_length", layers, 0, MAX_SIZE);
            if (architecture.has(Part.EXPERT_BIASES)
                    && ofBlocks.filter(size -> size != 0 && !size.equals(ofExpert.get()))
                            .isPresent()) {
                throw outside(
                        "feed_forward_length",
                        ofBlocks.get(),
                        "it must be what expert_feed_forward_length is (%,d)".formatted(ofExpert.get()));
            }
            return ofExpert.get();
        }
        return ofLayers("feed_forward_length", layers);
    }

    /** A factor, as the file of an architecture with factors says; {@code usual} where it says none, or 0. */
    private float multiplier(String name, float usual) throws ModelFormatException {
        return architecture.has(Part.MULTIPLIERS)
                ? keys.findNumber(name).filter(factor -> factor != 0).orElse(usual)
                : usual;
    }

    /** A soft cap, 0 for none: as the file says; where it does not, {@code usual} for an architecture that has caps. */
    private float cap(String name, float usual) throws ModelFormatException {
        return keys.findNumber(name).orElse(architecture.has(Part.CAPS) ? usual : 0);
    }

    private float rotaryBase() throws ModelFormatException {
        return keys.findNumber("rope.freq_base").orElse(10_000f);
    }

    /**
     * Rotated elements of a head, held against its size before anything is computed: the exact powers of a hostile
     * number of elements would take hours.
     */
    private int rotated(DecoderConfig config) throws ModelFormatException {
        return keys.findInteger("rope.dimension_count", 2, config.headSize()).orElse(config.headSize());
    }

    /**
     * How layers without a window rotate, scaled as the file says (REQ-ROP-001, REQ-ROP-002, REQ-ROP-006, REQ-ROP-007).
     */
    private Rotary rotary(DecoderConfig config) throws ModelFormatException {
        float base = rotaryBase();
        float[] frequencies = RotaryFrequencies.of(base, rotated(config));
        if (architecture.has(Part.MULTIPLIERS) && keys.isFalse("rope.scaling.finetuned")) {
            // Of this architecture the key says whether there are positions at all.
            return UNROTATED;
        }
        Optional<float[]> longer = tensors.findVector(LONG_FACTORS);
        Optional<float[]> shorter = tensors.findVector(SHORT_FACTORS);
        if (longer.isPresent() != shorter.isPresent()) {
            throw new ModelFormatException("%s: tensor %s is missing, and there is %s"
                    .formatted(
                            file.name(),
                            longer.isPresent() ? SHORT_FACTORS : LONG_FACTORS,
                            longer.isPresent() ? LONG_FACTORS : SHORT_FACTORS));
        }
        // A factor without a type is linear; the second key is the first one's older name.
        String scaling = keys.findString("rope.scaling.type").orElse(longer.isPresent() ? "longrope" : "linear");
        if (longer.isPresent() != scaling.equals("longrope")) {
            throw new ModelFormatException("%s: rotary positions are scaled by '%s', and there are %s tensors %s and %s"
                    .formatted(file.name(), scaling, longer.isPresent() ? "the" : "no", SHORT_FACTORS, LONG_FACTORS));
        }
        if (longer.isPresent()) {
            return new Rotary(
                    RotaryFrequencies.scaled(frequencies, shorter.orElseThrow()),
                    attentionFactor(),
                    RotaryFrequencies.scaled(frequencies, longer.orElseThrow()),
                    keys.integer("rope.scaling.original_context_length", 1, Integer.MAX_VALUE));
        }
        Optional<Float> named = keys.findNumber("rope.scaling.factor");
        Optional<Float> older = keys.findNumber("rope.scale_linear");
        if (named.isPresent() && older.isPresent() && !named.get().equals(older.get())) {
            throw outside(
                    "rope.scale_linear",
                    older.get(),
                    "it must be what rope.scaling.factor is (%s)".formatted(named.get()));
        }
        float factor =
                named.filter(f -> f != 0).or(() -> older).filter(f -> f != 0).orElse(1f);
        if (factor != 1
                && keys.findString("rope.scaling.type").isEmpty()
                && keys.type("rope.scaling.original_context_length") != null) {
            throw outside(
                    "rope.scaling.type",
                    "missing",
                    "without it positions are scaled linearly, and rope.scaling.original_context_length is of other kinds");
        }
        float magnitude = 1;
        switch (scaling) {
            case "linear" -> {
                float[] divisors = new float[frequencies.length];
                Arrays.fill(divisors, factor);
                frequencies = RotaryFrequencies.scaled(frequencies, divisors);
            }
            case "yarn" -> {
                if (!(factor >= 1) || named.filter(f -> f != 0).isEmpty()) {
                    throw outside(
                            "rope.scaling.factor",
                            named.map(String::valueOf).orElse("missing"),
                            "rope.scaling.type is yarn, which needs a number of 1 or more");
                }
                int context = keys.integer("rope.scaling.original_context_length", 1, Integer.MAX_VALUE);
                float fast = keys.findNumber("rope.scaling.yarn_beta_fast").orElse(32f);
                float slow = keys.findNumber("rope.scaling.yarn_beta_slow").orElse(1f);
                frequencies = RotaryFrequencies.yarn(
                        frequencies,
                        new RotaryFrequencies.Yarn(
                                base, factor, context, fast, slow, !architecture.has(Part.UNROUNDED_YARN)));
                magnitude = attentionFactor() * RotaryFrequencies.yarnMagnitude(factor);
            }
            case "none" -> {}
            default ->
                throw new ModelFormatException(
                        "%s: rotary positions are scaled by '%s': 'linear', 'yarn', 'longrope' and factors in the tensor rope_freqs.weight are known"
                                .formatted(file.name(), scaling));
        }
        Optional<float[]> factors = tensors.findVector("rope_freqs.weight");
        return new Rotary(
                factors.isPresent() ? RotaryFrequencies.scaled(frequencies, factors.get()) : frequencies,
                magnitude,
                null,
                0);
    }

    private float attentionFactor() throws ModelFormatException {
        return keys.findNumber("rope.scaling.attn_factor").orElse(1f);
    }

    private LayerWeights layer(DecoderConfig config, int number, int window, Rotary rotary)
            throws ModelFormatException {
        Map<TensorRole, Weights> matrices = new EnumMap<>(TensorRole.class);
        Map<TensorRole, float[]> vectors = new EnumMap<>(TensorRole.class);
        for (TensorRole role : TensorRole.ofLayer()) {
            String name = architecture.nameOf(role, number);
            if (role.isMatrix()) {
                boolean absent = config.experts().count() > 0 ? role.ofFeedForward() : role == TensorRole.ROUTER;
                if (!absent) {
                    matrices.put(role, tensors.matrix(place(architecture, config, tensors::rows, role, number)));
                }
            } else if (architecture.requires(role)) {
                vectors.put(role, tensors.vector(name));
            } else if (Architecture.allows(role)) {
                tensors.findVector(name).ifPresent(vector -> vectors.put(role, vector));
            }
        }
        List<ExpertWeights> experts = new ArrayList<>();
        Map<TensorRole, float[][]> biases = expertBiases(config, number);
        for (int e = 0; e < config.experts().count(); e++) {
            Map<TensorRole, float[]> own = new EnumMap<>(TensorRole.class);
            for (Map.Entry<TensorRole, float[][]> all : biases.entrySet()) {
                own.put(all.getKey(), all.getValue()[e]);
            }
            experts.add(new ExpertWeights(
                    tensors.matrix(TensorPlace.expert(config, tensors::rows, TensorRole.GATE, number, e)),
                    tensors.matrix(TensorPlace.expert(config, tensors::rows, TensorRole.UP, number, e)),
                    tensors.matrix(TensorPlace.expert(config, tensors::rows, TensorRole.DOWN, number, e)),
                    own));
        }
        return new LayerWeights(matrices, vectors, window, rotary, experts);
    }

    /** The biases of a layer's experts, each tensor with a row for each of them; none in most architectures. */
    private Map<TensorRole, float[][]> expertBiases(DecoderConfig config, int layer) throws ModelFormatException {
        Map<TensorRole, float[][]> biases = new EnumMap<>(TensorRole.class);
        if (architecture.has(Part.EXPERT_BIASES)) {
            for (TensorRole role : List.of(TensorRole.GATE, TensorRole.UP, TensorRole.DOWN)) {
                biases.put(
                        role,
                        tensors.rows(
                                role.ggufStackName(layer, "bias"),
                                config.experts().count(),
                                role.rows(config)));
            }
        }
        return biases;
    }

    private static TensorPlace place(
            Architecture architecture,
            DecoderConfig config,
            ToLongFunction<String> rowsOf,
            TensorRole role,
            int layer) {
        return architecture.has(Part.FUSED)
                ? TensorPlace.fused(config, rowsOf, role, layer)
                : TensorPlace.whole(config, role, layer);
    }

    /**
     * Where a matrix of a layer lies in a plain file that {@link #read(GgufFile)} has read.
     *
     * @param role of a matrix that the layer itself has
     */
    public static TensorPlace place(GgufFile file, DecoderConfig config, TensorRole role, int layer)
            throws ModelFormatException {
        return place(architecture(file), config, rowsOf(file), role, layer);
    }

    /**
     * Where a matrix of an expert lies, likewise.
     *
     * @param role one of a feed-forward block
     * @param expert its number
     */
    public static TensorPlace place(GgufFile file, DecoderConfig config, TensorRole role, int layer, int expert) {
        return TensorPlace.expert(config, rowsOf(file), role, layer, expert);
    }

    private static ToLongFunction<String> rowsOf(GgufFile file) {
        return name -> file.findTensor(name).map(GgufTensor::rows).orElse(-1L);
    }

    private int size(String name) throws ModelFormatException {
        return keys.integer(name, 1, MAX_SIZE);
    }

    /** A size that all layers have. */
    private int ofLayers(String name, int layers) throws ModelFormatException {
        Optional<Integer> found = keys.findOfLayers(name, layers, 1, MAX_SIZE);
        return found.isPresent() ? found.get() : size(name);
    }
}
