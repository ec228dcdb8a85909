package org.threehalf.inference.decoder;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.KnownKeys;
import org.threehalf.inference.gguf.KnownKeys.Harmless;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.ValueType;

/**
 * The metadata under an architecture's prefix; remembers which keys were asked for, so that one that nothing computes
 * is not passed over in silence.
 *
 * <p>What the reader asks for is computed. Of the rest, {@link #HARMLESS} says which keys, at which values, change
 * nothing; every other key is refused by name.
 */
final class ArchitectureKeys {

    /** Without the prefix. */
    private static final Map<String, Harmless> HARMLESS = Map.ofEntries(
            // Read elsewhere, or for people.
            Map.entry("context_length", Harmless.ANY),
            Map.entry("tensor_data_layout", Harmless.ANY),
            // How a text's embedding is made of its tokens': no part of the logits.
            Map.entry("pooling_type", Harmless.ANY),
            // Of scalings of rotary positions that a file does not have.
            Map.entry("rope.scaling.original_context_length", Harmless.ANY),
            Map.entry("rope.scaling.yarn_ext_factor", Harmless.ONE),
            Map.entry("rope.scaling.yarn_attn_factor", Harmless.ONE),
            Map.entry("rope.scaling.finetuned", Harmless.ANY),
            // What these architectures could have and do not, said so.
            Map.entry("attention.causal", Harmless.TRUE),
            Map.entry("use_parallel_residual", Harmless.FALSE),
            Map.entry("rope.scaling.attn_factor", Harmless.ONE),
            Map.entry("attention.clamp_kqv", Harmless.ZERO),
            Map.entry("attention.max_alibi_bias", Harmless.ZERO),
            Map.entry("embedding_scale", Harmless.ONE),
            Map.entry("residual_scale", Harmless.ONE),
            Map.entry("logit_scale", Harmless.ONE),
            Map.entry("expert_count", Harmless.ZERO),
            Map.entry("expert_used_count", Harmless.ZERO),
            Map.entry("expert_shared_count", Harmless.ZERO),
            Map.entry("expert_weights_scale", Harmless.ONE),
            // Softmax.
            Map.entry("expert_gating_func", Harmless.ONE),
            Map.entry("leading_dense_block_count", Harmless.ZERO),
            Map.entry("nextn_predict_layers", Harmless.ZERO));

    private final GgufMetadata metadata;
    private final String prefix;
    private final Set<String> read = new HashSet<>();

    ArchitectureKeys(GgufMetadata metadata, String architecture) {
        this.metadata = metadata;
        this.prefix = architecture + ".";
    }

    private String key(String name) {
        read.add(prefix + name);
        return prefix + name;
    }

    /** An integer that must be there. */
    int integer(String name, int least, int most) throws ModelFormatException {
        return metadata.integer(key(name), least, most);
    }

    /** An integer, if the key is there. */
    Optional<Integer> findInteger(String name, int least, int most) throws ModelFormatException {
        String key = key(name);
        return metadata.contains(key) ? Optional.of(metadata.integer(key, least, most)) : Optional.empty();
    }

    /**
     * An integer of every layer, if the key is there: once for all, or in an array with an entry for each.
     *
     * @param layers how many entries an array must have
     * @throws ModelFormatException also if layers differ, which nothing here computes
     */
    Optional<Integer> findOfLayers(String name, int layers, int least, int most) throws ModelFormatException {
        String key = key(name);
        if (type(name) != ValueType.ARRAY) {
            return findInteger(name, least, most);
        }
        long[] each = metadata.integers(key);
        if (each.length != layers) {
            throw new ModelFormatException("%s: metadata %s has %,d entries for %,d layers"
                    .formatted(metadata.file(), key, each.length, layers));
        }
        for (int i = 0; i < each.length; i++) {
            if (each[i] != each[0]) {
                throw new ModelFormatException(
                        "%s: metadata %s is %,d for layer 0 and %,d for layer %,d: models whose layers are of one size are read"
                                .formatted(metadata.file(), key, each[0], each[i], i));
            }
            if (each[i] < least || each[i] > most) {
                throw new ModelFormatException("%s: metadata %s is %,d: it must lie in [%,d, %,d]"
                        .formatted(metadata.file(), key, each[i], least, most));
            }
        }
        return Optional.of((int) each[0]);
    }

    /** A number that must be there, in binary32. */
    float number(String name) throws ModelFormatException {
        return (float) metadata.number(key(name));
    }

    /** A number, if the key is there, in binary32. */
    Optional<Float> findNumber(String name) throws ModelFormatException {
        return metadata.findNumber(key(name)).map(Double::floatValue);
    }

    /** Whether a key is there and says no. */
    boolean isFalse(String name) throws ModelFormatException {
        return find(name, GgufValue::asBoolean).filter(truth -> !truth).isPresent();
    }

    /** A string, if the key is there. */
    Optional<String> findString(String name) throws ModelFormatException {
        return metadata.findString(key(name));
    }

    /** The type of a value, or null if the key is not there. */
    @Nullable
    ValueType type(String name) {
        GgufValue value = metadata.entries().get(prefix + name);
        return value == null ? null : value.type();
    }

    /** A value by one of {@link GgufValue}'s decoders, if the key is there. */
    <T> Optional<T> find(String name, Function<GgufValue, T> decode) throws ModelFormatException {
        return metadata.find(key(name), decode);
    }

    /**
     * Refuses a file with a key under the prefix that nothing asked for and that is not known to be harmless.
     *
     * @param ignored whole keys that may be there all the same
     * @throws ModelFormatException naming the key
     * @throws IllegalArgumentException if a key that is to be ignored is not in the file, or is computed
     */
    void requireAllKnown(Set<String> ignored) throws ModelFormatException {
        for (String key : ignored) {
            if (!metadata.contains(key)) {
                throw new IllegalArgumentException(
                        "%s has no metadata %s that could be ignored".formatted(metadata.file(), key));
            }
            if (read.contains(key)) {
                throw new IllegalArgumentException("metadata %s is computed: it cannot be ignored".formatted(key));
            }
        }
        KnownKeys.require(metadata, prefix, read, HARMLESS, ignored);
        // What a folder's config.json says and nothing reads.
        KnownKeys.require(metadata, "huggingface.config.", Set.of(), Map.of(), ignored);
    }
}
