package org.threehalf.inference.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.ModelFormatException;

/** Text to token ids and back. Safe for use by several threads. */
public final class Tokenizer {

    /** Text between special tokens to ids. */
    interface Pieces {
        /**
         * Encodes text in which no special token is left.
         *
         * @param text not empty
         * @param start whether it begins the whole text, or follows a special token
         * @param ids told of each id
         */
        void encode(String text, boolean start, java.util.function.IntConsumer ids);

        /** The bytes that a token, not a control one, stands for. */
        byte[] bytes(int id);
    }

    private final Vocabulary vocabulary;
    private final Pieces pieces;
    private final SpecialTokens special;

    private final List<String> notices;
    /** See {@link #longest}; 0 until it is asked for, as few ask. */
    private volatile int longest;

    Tokenizer(Vocabulary vocabulary, Pieces pieces, List<String> notices) {
        this.vocabulary = vocabulary;
        this.pieces = pieces;
        this.special = new SpecialTokens(vocabulary);
        this.notices = List.copyOf(notices);
    }

    /** The tokenizer that a file's metadata describes, as {@link #of(GgufMetadata, Set)} with no key ignored. */
    public static Tokenizer of(GgufMetadata metadata) throws ModelFormatException {
        return of(metadata, Set.of());
    }

    /**
     * The tokenizer that a file's metadata describes.
     *
     * @param ignored keys of its metadata that nothing computes and that may be there all the same
     * @throws ModelFormatException if a key is missing or not known, or the kind of tokenizer is not known
     */
    public static Tokenizer of(GgufMetadata metadata, Set<String> ignored) throws ModelFormatException {
        Vocabulary vocabulary = Vocabulary.of(metadata);
        String model = metadata.string("tokenizer.ggml.model");
        Tokenizer tokenizer = switch (model) {
            case "llama" -> new Tokenizer(vocabulary, SentencePieces.of(metadata, vocabulary), List.of());
            case "gpt2" -> new Tokenizer(vocabulary, BytePairs.of(metadata, vocabulary), notices(metadata));
            default ->
                throw new ModelFormatException(
                        "%s: tokenizer '%s' is not known: 'llama' (SentencePiece) and 'gpt2' (byte-level pairs) are"
                                .formatted(metadata.file(), model));
        };
        TokenizerKeys.requireAllKnown(metadata, model, ignored);
        return tokenizer;
    }

    private static List<String> notices(GgufMetadata metadata) {
        return metadata.contains("tokenizer.ggml.pre")
                ? List.of()
                : List.of(
                        "%s: metadata tokenizer.ggml.pre is missing: text is cut into words by the rule 'default', which may not be the one that the model was trained with"
                                .formatted(metadata.file()));
    }

    /** What a person should know of the file's tokenizer: things that it does not say and that were assumed. */
    public List<String> notices() {
        return notices;
    }

    /** The vocabulary. */
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /**
     * Encodes plain text: control tokens that are spelt out in it are text like any other.
     *
     * @return the ids, with no token before or after them
     * @throws java.util.concurrent.CancellationException if the thread is interrupted while a long text is taken apart
     */
    public int[] encode(String text) {
        return encode(text, false, new BitSet());
    }

    /**
     * Encodes text in which control tokens that are spelt out, such as {@code <start_of_turn>}, become those tokens.
     */
    public int[] encodeWithControlTokens(String text) {
        return encode(text, true, new BitSet());
    }

    /**
     * Encodes a template's text with others' texts in it: control tokens that are spelt out become those tokens, except
     * where a character of them is someone else's.
     *
     * @param text what a chat template gave
     * @param foreign the indexes of characters that are not the template's own
     */
    public int[] encodeWithControlTokens(String text, BitSet foreign) {
        return encode(text, true, foreign);
    }

    /**
     * A number of tokens that a text of so many characters cannot have fewer of, known at once: so that a text that
     * cannot fit is not taken apart first.
     *
     * @param characters UTF-16 units of the text
     */
    public long leastTokens(long characters) {
        return Math.ceilDiv(characters, (long) longest());
    }

    /** Bytes of the longest token, as text and as it is spelt; a character that no token has is one token at least. */
    private int longest() {
        int most = Math.max(longest, 4);
        for (int id = 0; longest == 0 && id < vocabulary.size(); id++) {
            // Characters have up to three bytes each.
            if (3 * vocabulary.token(id).length() > most) {
                most = Math.max(
                        most, Math.max(vocabulary.token(id).getBytes(StandardCharsets.UTF_8).length, bytes(id).length));
            }
        }
        longest = most;
        return most;
    }

    /** {@link #encode} with the tokens before and after it that the model's file asks for. */
    public int[] encodePrompt(String text) {
        return wrap(encode(text));
    }

    /**
     * Puts around ids what the model's file asks for: usually a token of the beginning, unless they begin with it
     * already.
     */
    public int[] wrap(int[] ids) {
        boolean begun = ids.length > 0 && vocabulary.addBeginning() && ids[0] == vocabulary.beginning();
        IntStream before =
                vocabulary.addBeginning() && !begun ? IntStream.of(vocabulary.beginning()) : IntStream.empty();
        IntStream after = vocabulary.addEnd() ? IntStream.of(vocabulary.end()) : IntStream.empty();
        return IntStream.concat(IntStream.concat(before, Arrays.stream(ids)), after)
                .toArray();
    }

    private int[] encode(String text, boolean control, BitSet foreign) {
        IntStream.Builder ids = IntStream.builder();
        special.split(text, control, foreign, ids::add, (part, start) -> pieces.encode(part, start, ids::add));
        return ids.build().toArray();
    }

    /**
     * The bytes that a token stands for: none for control tokens. A character may be spread over several tokens.
     *
     * @throws IndexOutOfBoundsException if there is no such token
     */
    public byte[] bytes(int id) {
        return vocabulary.isControl(id) ? new byte[0] : pieces.bytes(id);
    }

    /** The text of tokens; bytes that are no UTF-8 become U+FFFD. */
    public String decode(int[] ids) {
        Utf8Stream stream = new Utf8Stream();
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(stream.append(bytes(id)));
        }
        return text.append(stream.end()).toString();
    }
}
