package org.threehalf.inference.tokenizer;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.KnownKeys;
import org.threehalf.inference.gguf.KnownKeys.Harmless;
import org.threehalf.inference.gguf.ModelFormatException;

/**
 * The metadata of tokenizers: which keys are computed, for which kind, and which of the others change nothing. Every
 * other key is refused by name.
 */
final class TokenizerKeys {
    static final String PREFIX = "tokenizer.ggml.";

    /** Read for every kind. */
    private static final Set<String> COMPUTED = Set.of(
            "model",
            "tokens",
            "token_type",
            "bos_token_id",
            "eos_token_id",
            "eot_token_id",
            "eom_token_id",
            "unknown_token_id",
            "add_bos_token",
            "add_eos_token");
    /** Read for one kind only. */
    private static final Map<String, Set<String>> COMPUTED_BY_KIND =
            Map.of("llama", Set.of("scores", "add_space_prefix"), "gpt2", Set.of("pre", "merges"));

    /** Without the prefix. */
    private static final Map<String, Harmless> HARMLESS = Map.ofEntries(
            // Of tasks that are none of a decoder's: padding of batches, masks, sentence pairs.
            Map.entry("padding_token_id", Harmless.ANY),
            Map.entry("mask_token_id", Harmless.ANY),
            Map.entry("seperator_token_id", Harmless.ANY),
            Map.entry("separator_token_id", Harmless.ANY),
            Map.entry("cls_token_id", Harmless.ANY),
            Map.entry("token_type_count", Harmless.ANY),
            Map.entry("add_sep_token", Harmless.ANY),
            Map.entry("add_padding_token", Harmless.ANY),
            // For filling in the middle, which nothing here does.
            Map.entry("prefix_token_id", Harmless.ANY),
            Map.entry("suffix_token_id", Harmless.ANY),
            Map.entry("middle_token_id", Harmless.ANY),
            Map.entry("fim_pre_token_id", Harmless.ANY),
            Map.entry("fim_suf_token_id", Harmless.ANY),
            Map.entry("fim_mid_token_id", Harmless.ANY),
            Map.entry("fim_pad_token_id", Harmless.ANY),
            Map.entry("fim_rep_token_id", Harmless.ANY),
            Map.entry("fim_sep_token_id", Harmless.ANY),
            Map.entry("added_tokens", Harmless.ANY),
            // Spaces are what they are, and text is not changed before it is cut.
            Map.entry("remove_extra_whitespaces", Harmless.FALSE),
            Map.entry("escape_whitespaces", Harmless.TRUE),
            Map.entry("precompiled_charsmap", Harmless.EMPTY));

    /** Of one kind only, without the prefix: what the other kind reads and this one does not. */
    private static final Map<String, Map<String, Harmless>> HARMLESS_BY_KIND = Map.of(
            // A converter's usual values: pairs know no scores, and no space before a text.
            "gpt2", Map.of("scores", Harmless.ANY, "add_space_prefix", Harmless.FALSE),
            "llama", Map.of("pre", Harmless.ANY, "merges", Harmless.ANY));

    private TokenizerKeys() {}

    /**
     * Refuses a file with a key of its tokenizer that is neither computed nor harmless.
     *
     * @param kind the kind of tokenizer, as {@code tokenizer.ggml.model} says
     * @param ignored whole keys that may be there all the same
     * @throws ModelFormatException naming the key
     */
    static void requireAllKnown(GgufMetadata metadata, String kind, Set<String> ignored) throws ModelFormatException {
        Set<String> computed = new HashSet<>();
        COMPUTED.forEach(name -> computed.add(PREFIX + name));
        COMPUTED_BY_KIND.getOrDefault(kind, Set.of()).forEach(name -> computed.add(PREFIX + name));
        Map<String, Harmless> harmless = new java.util.HashMap<>(HARMLESS);
        harmless.putAll(HARMLESS_BY_KIND.getOrDefault(kind, Map.of()));
        KnownKeys.require(metadata, PREFIX, computed, harmless, ignored);
        // What a folder's tokenizer.json says and nothing reads.
        KnownKeys.require(metadata, "huggingface.tokenizer.", Set.of(), Map.of(), ignored);
    }
}
