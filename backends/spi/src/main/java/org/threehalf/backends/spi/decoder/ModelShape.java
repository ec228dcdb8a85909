package org.threehalf.backends.spi.decoder;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.Rotation;

/**
 * The published shape of a model. The catalogue of those that are known by name is here alone: plans, benchmarks and
 * modules that need no model's file take it.
 *
 * @param name as on the command line
 * @param title for a person
 * @param layers how many layers
 * @param dim elements of the residual stream
 * @param heads query heads
 * @param keyValueHeads key and value heads
 * @param headSize elements of a head
 * @param ffn elements of one feed-forward block
 * @param experts feed-forward blocks a layer; 1 for a dense model
 * @param activeExperts how many of them a token uses
 * @param vocabulary tokens
 * @param tied whether the output matrix is the embedding matrix
 * @param window positions that layers with a window see, 0 where there are none
 * @param windowPeriod of so many layers all but the last have the window; 0 where all have it, if there is one
 * @param vectors which norms and biases a layer has
 */
public record ModelShape(
        String name,
        String title,
        int layers,
        int dim,
        int heads,
        int keyValueHeads,
        int headSize,
        int ffn,
        int experts,
        int activeExperts,
        int vocabulary,
        boolean tied,
        int window,
        int windowPeriod,
        Vectors vectors)
        implements DecoderSizes {

    /** The norms and biases of a layer. */
    public enum Vectors {
        /**
         * Two norms, biases on query, key, value and the attention's output, sinks, and biases on the router and in
         * each expert: gpt-oss.
         */
        TWO_NORMS_SINKS_AND_ALL_BIASES,
        /** Two norms: Llama, Mistral. */
        TWO_NORMS,
        /** Two norms with biases of their own: StableLM. */
        TWO_LAYER_NORMS,
        /** Two norms with biases of their own, and biases on query, key and value: StableLM 2. */
        TWO_LAYER_NORMS_AND_BIASES,
        /** Two norms, and biases on query, key and value: Qwen 2. */
        TWO_NORMS_AND_BIASES,
        /** Two norms, and one each for the heads of query and key: Qwen 3. */
        TWO_NORMS_AND_HEAD_NORMS,
        /** Two norms, and one each for all heads of query and of key: OLMo 2. */
        TWO_NORMS_AND_ROW_NORMS,
        /** Four norms: Gemma 2. */
        FOUR_NORMS,
        /** Four norms, and one each for the heads of query and key: Gemma 3. */
        FOUR_NORMS_AND_HEAD_NORMS
    }

    private static final float LLAMA_EPSILON = 1e-5f;

    private static final List<ModelShape> ALL = List.of(
            new ModelShape(
                    "llama2-7b",
                    "Llama 2 7B",
                    32,
                    4096,
                    32,
                    32,
                    128,
                    11_008,
                    1,
                    1,
                    32_000,
                    false,
                    0,
                    0,
                    Vectors.TWO_NORMS),
            new ModelShape(
                    "llama2-13b",
                    "Llama 2 13B",
                    40,
                    5120,
                    40,
                    40,
                    128,
                    13_824,
                    1,
                    1,
                    32_000,
                    false,
                    0,
                    0,
                    Vectors.TWO_NORMS),
            new ModelShape(
                    "llama2-70b",
                    "Llama 2 70B",
                    80,
                    8192,
                    64,
                    8,
                    128,
                    28_672,
                    1,
                    1,
                    32_000,
                    false,
                    0,
                    0,
                    Vectors.TWO_NORMS),
            new ModelShape(
                    "llama-8b",
                    "Llama 3 8B",
                    32,
                    4096,
                    32,
                    8,
                    128,
                    14_336,
                    1,
                    1,
                    128_256,
                    false,
                    0,
                    0,
                    Vectors.TWO_NORMS),
            new ModelShape(
                    "llama-70b",
                    "Llama 3 70B",
                    80,
                    8192,
                    64,
                    8,
                    128,
                    28_672,
                    1,
                    1,
                    128_256,
                    false,
                    0,
                    0,
                    Vectors.TWO_NORMS),
            new ModelShape(
                    "llama-405b",
                    "Llama 3.1 405B",
                    126,
                    16_384,
                    128,
                    8,
                    128,
                    53_248,
                    1,
                    1,
                    128_256,
                    false,
                    0,
                    0,
                    Vectors.TWO_NORMS),
            new ModelShape(
                    "mistral-7b",
                    "Mistral 7B",
                    32,
                    4096,
                    32,
                    8,
                    128,
                    14_336,
                    1,
                    1,
                    32_000,
                    false,
                    4096,
                    0,
                    Vectors.TWO_NORMS),
            new ModelShape(
                    "mixtral-8x7b",
                    "Mixtral 8x7B",
                    32,
                    4096,
                    32,
                    8,
                    128,
                    14_336,
                    8,
                    2,
                    32_000,
                    false,
                    0,
                    0,
                    Vectors.TWO_NORMS),
            new ModelShape(
                    "qwen2-72b",
                    "Qwen 2 72B",
                    80,
                    8192,
                    64,
                    8,
                    128,
                    29_568,
                    1,
                    1,
                    152_064,
                    false,
                    0,
                    0,
                    Vectors.TWO_NORMS_AND_BIASES),
            new ModelShape(
                    "gemma3-270m",
                    "Gemma 3 270M",
                    18,
                    640,
                    4,
                    1,
                    256,
                    2048,
                    1,
                    1,
                    262_144,
                    true,
                    512,
                    6,
                    Vectors.FOUR_NORMS_AND_HEAD_NORMS),
            new ModelShape(
                    "gemma3-27b",
                    "Gemma 3 27B",
                    62,
                    5376,
                    32,
                    16,
                    128,
                    21_504,
                    1,
                    1,
                    262_208,
                    true,
                    1024,
                    6,
                    Vectors.FOUR_NORMS_AND_HEAD_NORMS));

    /** All shapes. */
    public static List<ModelShape> all() {
        return ALL;
    }

    /**
     * The shape of a name.
     *
     * @throws IllegalArgumentException if there is none, listing those that there are
     */
    public static ModelShape named(String name) {
        return ALL.stream()
                .filter(s -> s.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no model is called '%s'; there are %s"
                        .formatted(
                                name,
                                String.join(
                                        ", ", ALL.stream().map(ModelShape::name).toList()))));
    }

    @Override
    public int routed() {
        return experts > 1 ? experts : 0;
    }

    /** How many matrices of a role a layer has. */
    public int matrices(TensorRole role) {
        return role.ofFeedForward() ? experts : 1;
    }

    /** How many of them a token uses. */
    public int activeMatrices(TensorRole role) {
        return role.ofFeedForward() ? activeExperts : 1;
    }

    /**
     * The shape of a model that is there.
     *
     * @param name for people
     * @param weights the model's
     * @throws IllegalArgumentException if its layers with a window do not follow one period
     */
    public static ModelShape of(String name, DecoderWeights weights) {
        DecoderConfig config = weights.config();
        List<Integer> windows =
                weights.layers().stream().map(LayerWeights::window).toList();
        int window = windows.stream().mapToInt(w -> w).max().orElse(0);
        LayerWeights first = weights.layers().getFirst();
        boolean post = first.has(TensorRole.POST_ATTENTION_NORM) && first.has(TensorRole.ATTENTION_NORM);
        boolean heads = first.has(TensorRole.QUERY_NORM);
        boolean layerNorms = first.has(TensorRole.ATTENTION_NORM_BIAS);
        boolean biases = first.has(TensorRole.QUERY_BIAS);
        Vectors vectors = first.has(TensorRole.ATTENTION_SINKS)
                ? Vectors.TWO_NORMS_SINKS_AND_ALL_BIASES
                : layerNorms
                        ? biases ? Vectors.TWO_LAYER_NORMS_AND_BIASES : Vectors.TWO_LAYER_NORMS
                        : biases
                                ? Vectors.TWO_NORMS_AND_BIASES
                                : first.has(TensorRole.QUERY_ROW_NORM)
                                        ? Vectors.TWO_NORMS_AND_ROW_NORMS
                                        : post
                                                ? heads ? Vectors.FOUR_NORMS_AND_HEAD_NORMS : Vectors.FOUR_NORMS
                                                : heads ? Vectors.TWO_NORMS_AND_HEAD_NORMS : Vectors.TWO_NORMS;
        return new ModelShape(
                name,
                name,
                windows.size(),
                config.dim(),
                config.heads(),
                config.keyValueHeads(),
                config.headSize(),
                config.ffn(),
                Math.max(1, config.experts().count()),
                Math.max(1, config.experts().used()),
                config.vocabulary(),
                weights.output() == weights.embedding(),
                window,
                period(name, windows, window),
                vectors);
    }

    private static int period(String name, List<Integer> windows, int window) {
        for (int period = 0; period <= windows.size() + 1; period++) {
            boolean fits = period != 1;
            for (int i = 0; i < windows.size() && fits; i++) {
                fits = (windows.get(i) > 0) == (window > 0 && (period == 0 || i % period < period - 1));
            }
            if (fits) {
                return period;
            }
        }
        throw new IllegalArgumentException(
                "%s: its layers with a window follow no period, which a plan needs".formatted(name));
    }

    /**
     * The numbers of a Llama of this shape: SiLU, interleaved pairs, ε = 10⁻⁵, scores by 1/√n, nothing capped (Touvron
     * et al., Llama 2, 2023; Llama team, The Llama 3 herd of models, 2024).
     *
     * @throws IllegalArgumentException if the shape is that of another family, whose numbers do not follow from it
     */
    public DecoderConfig llama() {
        if (vectors != Vectors.TWO_NORMS || experts != 1) {
            throw new IllegalArgumentException(
                    "%s is no Llama: its numbers do not follow from its shape, and are read from a model's file"
                            .formatted(title));
        }
        float scale = (float) (1 / Math.sqrt(headSize));
        return new DecoderConfig(
                vocabulary,
                dim,
                heads,
                keyValueHeads,
                headSize,
                ffn,
                LLAMA_EPSILON,
                1,
                scale,
                0,
                0,
                Activation.SILU,
                Rotation.Layout.INTERLEAVED);
    }

    /**
     * The program of each layer of a Llama of this shape.
     *
     * @throws IllegalArgumentException as {@link #llama}
     */
    public LayerProgram llamaLayer() {
        Set<TensorRole> tensors = EnumSet.noneOf(TensorRole.class);
        TensorRole.ofLayer().stream().filter(TensorRole::required).forEach(tensors::add);
        tensors.addAll(Set.of(TensorRole.ATTENTION_NORM, TensorRole.FEED_FORWARD_NORM));
        return LayerProgram.of(llama(), tensors, window, headSize / 2);
    }

    /** Numbers in the norms and biases of a layer, which stay in binary32. */
    public long vectorNumbers() {
        return switch (vectors) {
            case TWO_NORMS -> 2L * dim;
            case TWO_NORMS_SINKS_AND_ALL_BIASES ->
                3L * dim + (long) (heads + 2 * keyValueHeads) * headSize + heads + experts * (1 + 2L * ffn + dim);
            case TWO_LAYER_NORMS -> 4L * dim;
            case TWO_LAYER_NORMS_AND_BIASES -> 4L * dim + (long) (heads + 2 * keyValueHeads) * headSize;
            case TWO_NORMS_AND_ROW_NORMS -> 2L * dim + (long) (heads + keyValueHeads) * headSize;
            case TWO_NORMS_AND_BIASES -> 2L * dim + (long) (heads + 2 * keyValueHeads) * headSize;
            case TWO_NORMS_AND_HEAD_NORMS -> 2L * dim + 2L * headSize;
            case FOUR_NORMS -> 4L * dim;
            case FOUR_NORMS_AND_HEAD_NORMS -> 4L * dim + 2L * headSize;
        };
    }

    /** Numbers in the norm after the last layer. */
    public long outputNormNumbers() {
        return switch (vectors) {
            case TWO_LAYER_NORMS, TWO_LAYER_NORMS_AND_BIASES -> 2L * dim;
            default -> dim;
        };
    }

    /** Whether a layer sees a window only. */
    public boolean isLocal(int layer) {
        return window > 0 && (windowPeriod == 0 || layer % windowPeriod < windowPeriod - 1);
    }
}
