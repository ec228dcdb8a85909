package org.threehalf.inference.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.tokenizer.Vocabulary.Type;

/**
 * Byte-level byte-pair encoding (Sennrich et al., Neural Machine Translation of Rare Words with Subword Units, 2016;
 * Radford et al., GPT-2, 2019): text is cut into words by patterns ({@link WordSplit}), a word's bytes are written as
 * characters, and neighbours are joined in the order of the list of merges ({@link PairMerging}).
 */
final class BytePairs implements Tokenizer.Pieces {

    /**
     * The characters that stand for bytes: a byte that is a printable character is itself, the others follow from
     * U+0100 on.
     */
    private static final char[] CHARACTERS = characters();

    private final Vocabulary vocabulary;
    private final Map<String, Integer> ranks;
    private final WordSplit split;
    /** Characters of the longest merge, with the space in it. */
    private final int longestMerge;

    private final int[] bytesOfCharacters = new int[512];

    private BytePairs(Vocabulary vocabulary, Map<String, Integer> ranks, WordSplit split) {
        this.vocabulary = vocabulary;
        this.ranks = ranks;
        this.split = split;
        this.longestMerge =
                ranks.keySet().stream().mapToInt(String::length).max().orElse(0);
        java.util.Arrays.fill(bytesOfCharacters, -1);
        for (int b = 0; b < 256; b++) {
            bytesOfCharacters[CHARACTERS[b]] = b;
        }
    }

    private static char[] characters() {
        char[] characters = new char[256];
        char other = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae;
            characters[b] = printable ? (char) b : other++;
        }
        return characters;
    }

    /** The split that a file names; without a name, the one called {@code default}. */
    static WordSplit split(GgufMetadata metadata) throws ModelFormatException {
        String name = metadata.findString("tokenizer.ggml.pre").orElse("default");
        return WordSplit.named(name)
                .orElseThrow(() ->
                        new ModelFormatException("%s: the tokenizer cuts text by '%s', which is not known: %s are"
                                .formatted(metadata.file(), name, String.join(", ", WordSplit.names()))));
    }

    static BytePairs of(GgufMetadata metadata, Vocabulary vocabulary) throws ModelFormatException {
        WordSplit split = split(metadata);
        List<String> merges = metadata.strings("tokenizer.ggml.merges");
        Map<String, Integer> ranks = HashMap.newHashMap(merges.size());
        for (int rank = 0; rank < merges.size(); rank++) {
            String merge = merges.get(rank);
            int space = merge.indexOf(' ');
            if (space < 1 || space == merge.length() - 1 || merge.indexOf(' ', space + 1) >= 0) {
                throw new ModelFormatException(
                        "%s: metadata tokenizer.ggml.merges: entry %,d is '%s': two parts with a space between them are needed"
                                .formatted(metadata.file(), rank, merge));
            }
            ranks.putIfAbsent(merge, rank);
        }
        return new BytePairs(vocabulary, ranks, split);
    }

    @Override
    public void encode(String text, boolean start, IntConsumer ids) {
        split.split(text, word -> encodeWord(word, ids));
    }

    private void encodeWord(String word, IntConsumer ids) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        StringBuilder characters = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            characters.append(CHARACTERS[b & 0xff]);
        }
        String whole = characters.toString();
        int id = split.wholeWords() ? text(whole) : -1;
        if (id >= 0) {
            ids.accept(id);
            return;
        }
        PairMerging.parts(whole, (from, middle, to) -> rank(whole, from, middle, to))
                .forEach(part -> emit(part, ids));
    }

    /** The rank of a merge in the list. */
    private double rank(String word, int from, int middle, int to) {
        // A merge longer than any in the list has no rank: nothing is built of such parts.
        if (to - from >= longestMerge) {
            return PairMerging.Ranking.NONE;
        }
        Integer rank = ranks.get(word.substring(from, middle) + " " + word.substring(middle, to));
        return rank == null ? PairMerging.Ranking.NONE : rank;
    }

    /** The token that a text is made of, or −1: a control token is made of none, however it is spelt. */
    private int text(String part) {
        int id = vocabulary.find(part).orElse(-1);
        return id >= 0 && vocabulary.type(id) == Type.CONTROL ? -1 : id;
    }

    private void emit(String part, IntConsumer ids) {
        int id = text(part);
        if (id >= 0) {
            ids.accept(id);
            return;
        }
        // A joined pair that is no token: its bytes.
        for (int i = 0; i < part.length(); i++) {
            int token = text(part.substring(i, i + 1));
            ids.accept((token >= 0 ? OptionalInt.of(token) : vocabulary.unknown())
                    .orElseThrow(() -> new IllegalArgumentException(
                            "the text '%s' has a byte that is no token of this model, and the model has no token for what is unknown"
                                    .formatted(part))));
        }
    }

    @Override
    public byte[] bytes(int id) {
        String token = vocabulary.token(id);
        if (vocabulary.type(id) == Type.USER_DEFINED) {
            return token.getBytes(StandardCharsets.UTF_8);
        }
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = token.charAt(i);
            int b = c < bytesOfCharacters.length ? bytesOfCharacters[c] : -1;
            if (b < 0) {
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) b;
        }
        return bytes;
    }
}
