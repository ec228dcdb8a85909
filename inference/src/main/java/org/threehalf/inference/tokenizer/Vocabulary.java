package org.threehalf.inference.tokenizer;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ModelFormatException;

/** The tokens of a model, as its GGUF file lists them. */
public final class Vocabulary {

    /** What a token is, in the numbers of {@code tokenizer.ggml.token_type}. */
    enum Type {
        /** Not said. */
        UNDEFINED,
        /** A piece of text. */
        NORMAL,
        /** Stands for what nothing else does. */
        UNKNOWN,
        /** Steers the model; no text. */
        CONTROL,
        /** A piece of text that is never split. */
        USER_DEFINED,
        /** Not used. */
        UNUSED,
        /** One byte. */
        BYTE
    }

    /** Names of tokens that end an answer, beside the file's own end token; as llama.cpp takes them. */
    private static final List<String> ENDS = List.of(
            "<|eot_id|>",
            "<|im_end|>",
            "<|end|>",
            "<end_of_turn>",
            "<|endoftext|>",
            "<|eom_id|>",
            "<|end_of_text|>",
            "<|return|>",
            "<|call|>",
            "<end_of_utterance>",
            "<turn|>",
            "[EOT]",
            "[EOS]",
            "<EOT>",
            "<\uff5cend\u2581of\u2581sentence\uff5c>");

    private static final String END_TOKENS = "threehalf.end_token_ids";
    private static final long NO_TOKEN = 0xffff_ffffL;

    private final TokenTable tokens;
    private final Type[] types;
    private final OptionalInt beginning;
    private final OptionalInt end;
    private final OptionalInt unknown;
    private final boolean addBeginning;
    private final boolean addEnd;
    private final Set<Integer> ends;

    private Vocabulary(TokenTable tokens, Type[] types, GgufMetadata metadata) throws ModelFormatException {
        this.tokens = tokens;
        this.types = types;
        this.beginning = id(metadata, "bos");
        this.end = id(metadata, "eos");
        this.unknown = id(metadata, "unknown");
        // Where the file says nothing: SentencePiece models begin with the token, and those that cut words as Llama 3
        // or Tekken do; others do not.
        boolean usual = metadata.string("tokenizer.ggml.model").equals("llama")
                || BytePairs.split(metadata).beginning();
        this.addBeginning = added(metadata, "bos", beginning).orElse(usual && beginning.isPresent());
        this.addEnd = added(metadata, "eos", end).orElse(false);
        Set<Integer> ending = new TreeSet<>();
        end.ifPresent(ending::add);
        id(metadata, "eot").ifPresent(ending::add);
        id(metadata, "eom").ifPresent(ending::add);
        // Where a model names several, as generation_config.json does.
        for (long id : metadata.find(END_TOKENS, GgufValue::asLongs).orElse(new long[0])) {
            if (id < 0 || id >= tokens.size()) {
                throw new ModelFormatException("%s: metadata %s: %,d: a token from 0 to %,d is needed"
                        .formatted(metadata.file(), END_TOKENS, id, tokens.size() - 1));
            }
            ending.add((int) id);
        }
        for (String name : ENDS) {
            int id = tokens.find(name);
            if (id >= 0) {
                ending.add(id);
            }
        }
        this.ends = Collections.unmodifiableSet(ending);
    }

    /** Whether the file says that a token is put around a text; one that it does not name cannot be. */
    private static Optional<Boolean> added(GgufMetadata metadata, String which, OptionalInt token)
            throws ModelFormatException {
        String key = "tokenizer.ggml.add_%s_token".formatted(which);
        Optional<Boolean> added = metadata.findBoolean(key);
        if (added.orElse(false) && token.isEmpty()) {
            throw new ModelFormatException(
                    "%s: metadata %s is true, and tokenizer.ggml.%s_token_id is missing: which token it is must be said"
                            .formatted(metadata.file(), key, which));
        }
        return added;
    }

    static Vocabulary of(GgufMetadata metadata) throws ModelFormatException {
        TokenTable tokens = metadata.find("tokenizer.ggml.tokens", TokenTable::of)
                .orElseThrow(() -> new ModelFormatException(
                        "%s: metadata tokenizer.ggml.tokens is missing".formatted(metadata.file())));
        if (tokens.size() == 0) {
            throw new ModelFormatException("%s: metadata tokenizer.ggml.tokens is empty".formatted(metadata.file()));
        }
        Type[] types = new Type[tokens.size()];
        Optional<long[]> numbers = metadata.find("tokenizer.ggml.token_type", GgufValue::asLongs);
        if (numbers.isPresent() && numbers.get().length != types.length) {
            throw new ModelFormatException("%s: metadata tokenizer.ggml.token_type has %,d entries for %,d tokens"
                    .formatted(metadata.file(), numbers.get().length, types.length));
        }
        Type[] known = Type.values();
        for (int id = 0; id < types.length; id++) {
            long number = numbers.isPresent() ? numbers.get()[id] : Type.NORMAL.ordinal();
            if (number < 0 || number >= known.length) {
                throw new ModelFormatException(
                        "%s: metadata tokenizer.ggml.token_type: token %,d is of type %,d, which is not known"
                                .formatted(metadata.file(), id, number));
            }
            types[id] = known[(int) number];
        }
        return new Vocabulary(tokens, types, metadata);
    }

    private OptionalInt id(GgufMetadata metadata, String kind) throws ModelFormatException {
        String key = "tokenizer.ggml." + kind + "_token_id";
        // Converters write 2^32 - 1 for a token that there is none of.
        boolean there = metadata.contains(key) && metadata.integer(key) != NO_TOKEN;
        return there ? OptionalInt.of(metadata.integer(key, 0, tokens.size() - 1)) : OptionalInt.empty();
    }

    /** How many tokens there are. */
    public int size() {
        return tokens.size();
    }

    /** A token as the file spells it. */
    public String token(int id) {
        return tokens.token(id);
    }

    /** The id of a token as the file spells it. */
    public OptionalInt find(String token) {
        int id = tokens.find(token);
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** Whether a token ends an answer. */
    public boolean isEnd(int id) {
        return ends.contains(id);
    }

    /** Whether a token stands for no text. */
    public boolean isControl(int id) {
        return types[id] == Type.CONTROL || types[id] == Type.UNKNOWN;
    }

    /** The spelling of the token before the first; empty if the model has none. */
    public String beginningText() {
        return beginning.isPresent() ? token(beginning.getAsInt()) : "";
    }

    /** The spelling of the token after the last; empty if the model has none. */
    public String endText() {
        return end.isPresent() ? token(end.getAsInt()) : "";
    }

    /** Whether a prompt begins with {@link #beginning}. */
    public boolean addBeginning() {
        return addBeginning;
    }

    /** Whether a prompt ends with {@link #end}. */
    public boolean addEnd() {
        return addEnd;
    }

    /**
     * The token before the first.
     *
     * @throws java.util.NoSuchElementException if the model has none
     */
    public int beginning() {
        return beginning.getAsInt();
    }

    /**
     * The token after the last.
     *
     * @throws java.util.NoSuchElementException if the model has none
     */
    public int end() {
        return end.getAsInt();
    }

    /** The token for what no other stands for, if there is one. */
    OptionalInt unknown() {
        return unknown;
    }

    Type type(int id) {
        return types[id];
    }
}
