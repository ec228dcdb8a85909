package org.threehalf.inference.decoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.LayerWeights.AttentionWeights;
import org.threehalf.backends.spi.decoder.LayerWeights.FeedForwardWeights;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.inference.decoder.Architecture.Part;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.model.QuantizedModel;
import org.threehalf.kernels.transformer.Normalization;
import org.threehalf.kernels.transformer.RotaryFrequencies;

/** Reads a decoder from a GGUF file or a quantised model: numbers from its metadata, tensors by the names that GGUF files use. */
public final class DecoderReader {
    /** More layers than any model has; bounds what a hostile file can ask for. */
    private static final int MAX_LAYERS = 10_000;
    private static final int MAX_SIZE = 1 << 24;
    /** The layers of Gemma's largest models, which scale their scores by width (Gemma 2 27B, Gemma 3 27B). */
    private static final List<Integer> LARGEST_GEMMA_LAYERS = List.of(46, 62);

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final Architecture architecture;
    private final TensorSource tensors;

    private DecoderReader(GgufFile file, Architecture architecture, TensorSource tensors) {
        this.file = file;
        this.metadata = file.metadata();
        this.architecture = architecture;
        this.tensors = tensors;
    }

    /**
     * Reads a plain GGUF file, whose matrices count as binary32.
     *
     * @param file open, and open for as long as the weights are used
     * @throws ModelFormatException if the architecture, a number or a tensor is not as it must be; says which
     */
    public static DecoderWeights read(GgufFile file) throws ModelFormatException {
        Architecture architecture = architecture(file);
        TensorSource tensors = new TensorSource(file, Map.of());
        DecoderWeights weights = new DecoderReader(file, architecture, tensors).weights();
        tensors.requireAllRead(file.tensors(), architecture.name());
        return weights;
    }

    /**
     * Reads a quantised model.
     *
     * @param model open, and open for as long as the weights are used
     * @throws ModelFormatException as {@link #read(GgufFile)}
     */
    public static DecoderWeights read(QuantizedModel model) throws ModelFormatException {
        Architecture architecture = architecture(model.file());
        TensorSource tensors = new TensorSource(model.file(), model.matrices());
        DecoderWeights weights = new DecoderReader(model.file(), architecture, tensors).weights();
        tensors.requireAllRead(model.otherTensors(), architecture.name());
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
            Weights embedding = tensors.matrix("token_embd.weight");
            Weights output = tensors.findMatrix("output.weight").orElse(embedding);
            DecoderConfig config = config(embedding.rows());
            int layers = metadata.integer(key("block_count"), 1, MAX_LAYERS);
            int window = (int) Math.min(find("attention.sliding_window").orElse(0L), Integer.MAX_VALUE);
            float[] frequencies = globalFrequencies(config);
            float[] localFrequencies = architecture.localRotaryBase() == 0
                    ? frequencies
                    : RotaryFrequencies.of(architecture.localRotaryBase(), frequencies.length * 2);
            List<LayerWeights> list = new ArrayList<>();
            for (int i = 0; i < layers; i++) {
                boolean local = architecture.isLocal(i);
                list.add(layer("blk." + i + ".", local ? window : 0, local ? localFrequencies : frequencies));
            }
            return new DecoderWeights(config, embedding, list, tensors.vector("output_norm.weight"), output);
        } catch (IllegalArgumentException refused) {
            throw new ModelFormatException("%s: %s".formatted(file.name(), refused.getMessage()), refused);
        }
    }

    private DecoderConfig config(int vocabulary) throws ModelFormatException {
        int width = size("embedding_length");
        int heads = size("attention.head_count");
        int headSize = find("attention.key_length").isPresent() ? size("attention.key_length") : width / heads;
        if (find("attention.value_length").orElse((long) headSize) != headSize) {
            throw new ModelFormatException("%s: heads of %d elements for keys and %d for values: they must be of one size".formatted(
                    file.name(), headSize, find("attention.value_length").orElse(0L)));
        }
        int layers = metadata.integer(key("block_count"), 1, MAX_LAYERS);
        boolean byWidth = architecture.has(Part.LARGEST_SCALES_BY_WIDTH) && LARGEST_GEMMA_LAYERS.contains(layers);
        boolean caps = architecture.has(Part.CAPS);
        return new DecoderConfig(
                vocabulary,
                width,
                heads,
                find("attention.head_count_kv").isPresent() ? size("attention.head_count_kv") : heads,
                headSize,
                size("feed_forward_length"),
                (float) metadata.number(key("attention.layer_norm_rms_epsilon")),
                architecture.has(Part.SCALED_EMBEDDING) ? Normalization.squareRoot(width) : 1,
                1 / Normalization.squareRoot(byWidth ? width / heads : headSize),
                caps ? (float) metadata.findNumber(key("attn_logit_softcapping")).orElse(50.0).doubleValue() : 0,
                caps ? (float) metadata.findNumber(key("final_logit_softcapping")).orElse(30.0).doubleValue() : 0,
                architecture.activation(),
                architecture.rotation());
    }

    /** The frequencies of layers without a window, scaled as the file says (REQ-ROP-001, REQ-ROP-002). */
    private float[] globalFrequencies(DecoderConfig config) throws ModelFormatException {
        int rotated = find("rope.dimension_count").isPresent() ? size("rope.dimension_count") : config.headSize();
        float[] frequencies = RotaryFrequencies.of((float) metadata.findNumber(key("rope.freq_base")).orElse(10_000.0).doubleValue(), rotated);
        String scaling = metadata.findString(key("rope.scaling.type")).orElse("none");
        Optional<Double> factor = metadata.findNumber(key("rope.scaling.factor"));
        if (scaling.equals("linear") || scaling.equals("none") && factor.isPresent()) {
            float[] divisors = new float[frequencies.length];
            Arrays.fill(divisors, (float) factor.orElse(1.0).doubleValue());
            frequencies = RotaryFrequencies.scaled(frequencies, divisors);
        } else if (!scaling.equals("none")) {
            throw new ModelFormatException("%s: rotary positions are scaled by '%s': only 'linear' and factors in the tensor rope_freqs.weight are known"
                    .formatted(file.name(), scaling));
        }
        Optional<float[]> factors = tensors.findVector("rope_freqs.weight");
        return factors.isPresent() ? RotaryFrequencies.scaled(frequencies, factors.get()) : frequencies;
    }

    private LayerWeights layer(String prefix, int window, float[] frequencies) throws ModelFormatException {
        return new LayerWeights(
                new AttentionWeights(
                        tensors.vector(prefix + "attn_norm.weight"),
                        tensors.matrix(prefix + "attn_q.weight"),
                        tensors.matrix(prefix + "attn_k.weight"),
                        tensors.matrix(prefix + "attn_v.weight"),
                        tensors.matrix(prefix + "attn_output.weight"),
                        bias(prefix + "attn_q.bias"),
                        bias(prefix + "attn_k.bias"),
                        bias(prefix + "attn_v.bias"),
                        tensors.findVector(prefix + "attn_output.bias").orElse(null),
                        part(Part.HEAD_NORMS, prefix + "attn_q_norm.weight"),
                        part(Part.HEAD_NORMS, prefix + "attn_k_norm.weight"),
                        part(Part.POST_NORMS, prefix + "post_attention_norm.weight"),
                        window,
                        frequencies),
                new FeedForwardWeights(
                        tensors.vector(prefix + "ffn_norm.weight"),
                        tensors.matrix(prefix + "ffn_gate.weight"),
                        tensors.matrix(prefix + "ffn_up.weight"),
                        tensors.matrix(prefix + "ffn_down.weight"),
                        part(Part.POST_NORMS, prefix + "post_ffw_norm.weight")));
    }

    private float @Nullable [] part(Part part, String name) throws ModelFormatException {
        return architecture.has(part) ? tensors.vector(name) : null;
    }

    /** A bias that the architecture must have, or may. */
    private float @Nullable [] bias(String name) throws ModelFormatException {
        return architecture.has(Part.BIASES) ? tensors.vector(name) : tensors.findVector(name).orElse(null);
    }

    private String key(String name) {
        return architecture.name() + "." + name;
    }

    private int size(String name) throws ModelFormatException {
        return metadata.integer(key(name), 1, MAX_SIZE);
    }

    private Optional<Long> find(String name) throws ModelFormatException {
        return metadata.findInteger(key(name));
    }
}
