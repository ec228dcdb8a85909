package org.threehalf.backends.groq.generator;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.LayerProgram;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.Rotation;

/** The numbers of models that are often asked for, from their published configurations, so that modules can be generated without a model file. */
public enum ModelPreset {
    /** LLaMA 2 7B (Touvron et al., 2023). */
    LLAMA_7B(32, llama(32_000, 4096, 32, 32, 11_008)),
    /** LLaMA 2 13B. */
    LLAMA_13B(40, llama(32_000, 5120, 40, 40, 13_824)),
    /** LLaMA 2 70B. */
    LLAMA_70B(80, llama(32_000, 8192, 64, 8, 28_672)),
    /** Llama 3 8B (Llama team, The Llama 3 herd of models, 2024). */
    LLAMA3_8B(32, llama(128_256, 4096, 32, 8, 14_336));

    private final int layers;
    private final DecoderConfig config;

    ModelPreset(int layers, DecoderConfig config) {
        this.layers = layers;
        this.config = config;
    }

    private static DecoderConfig llama(int vocabulary, int width, int heads, int keyValueHeads, int hidden) {
        int headSize = width / heads;
        float scale = (float) (1 / Math.sqrt(headSize));
        return new DecoderConfig(
                vocabulary, width, heads, keyValueHeads, headSize, hidden, 1e-5f, 1, scale, 0, 0, Activation.SILU, Rotation.Layout.INTERLEAVED);
    }

    /** Its name on the command line: {@code llama-70b}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The preset of a name, in any case.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static ModelPreset ofName(String name) {
        return Arrays.stream(values()).filter(preset -> preset.label().equals(name.toLowerCase(Locale.ROOT))).findFirst().orElseThrow(() ->
                new IllegalArgumentException("no model is called '%s'; there are %s".formatted(name, Arrays.stream(values()).map(ModelPreset::label).toList())));
    }

    /** How many layers it has. */
    public int layers() {
        return layers;
    }

    /** Its numbers. */
    public DecoderConfig config() {
        return config;
    }

    /**
     * The shape of its layers, all matrices in one format.
     *
     * @param capacity positions of the cache, a multiple of 16
     */
    public LayerShape layer(Format format, int capacity) {
        Set<TensorRole> tensors = EnumSet.noneOf(TensorRole.class);
        TensorRole.ofLayer().stream().filter(TensorRole::required).forEach(tensors::add);
        LayerProgram program = LayerProgram.of(config, tensors, 0, config.headSize() / 2);
        return new LayerShape(program, program.matrices().stream().collect(Collectors.toMap(matrix -> matrix, matrix -> format)), capacity);
    }
}
