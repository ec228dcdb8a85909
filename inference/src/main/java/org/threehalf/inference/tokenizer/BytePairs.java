package org.threehalf.inference.tokenizer;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.tokenizer.Vocabulary.Type;

/**
 * Byte-level byte-pair encoding (Sennrich et al., Neural Machine Translation of Rare Words with Subword Units, 2016; Radford et al., GPT-2, 2019): text is cut into words
 * by a pattern, a word's bytes are written as characters, and neighbours are joined in the order of the list of merges.
 */
final class BytePairs implements Tokenizer.Pieces {

    /**
     * How text is cut into words.
     *
     * @param pattern matches one word after the other; together they are the whole text
     * @param wholeWords whether a word that is a token is that token, whatever the merges say
     * @param composed whether text is brought to Unicode's composed form (NFC) first
     */
    private record Split(Pattern pattern, boolean wholeWords, boolean composed) {
        private static Split of(String pattern, boolean wholeWords, boolean composed) {
            return new Split(Pattern.compile(pattern, Pattern.UNICODE_CHARACTER_CLASS), wholeWords, composed);
        }
    }

    private static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    private static final String CL100K = "(?iu:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}%s| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String TEKKEN = "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
            + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
            + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /** By the value of {@code tokenizer.ggml.pre}. */
    private static final Map<String, Split> SPLITS = Map.of(
            "gpt-2", Split.of(GPT2, false, false),
            "default", Split.of(GPT2, false, false),
            "llama-bpe", Split.of(CL100K.formatted("{1,3}"), true, false),
            "llama3", Split.of(CL100K.formatted("{1,3}"), true, false),
            "qwen2", Split.of(CL100K.formatted(""), false, true),
            "tekken", Split.of(TEKKEN, true, false));

    /** The characters that stand for bytes: a byte that is a printable character is itself, the others follow from U+0100 on. */
    private static final char[] CHARACTERS = characters();

    private final Vocabulary vocabulary;
    private final Map<String, Integer> ranks;
    private final Split split;
    private final int[] bytesOfCharacters = new int[512];

    private BytePairs(Vocabulary vocabulary, Map<String, Integer> ranks, Split split) {
        this.vocabulary = vocabulary;
        this.ranks = ranks;
        this.split = split;
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

    static BytePairs of(GgufMetadata metadata, Vocabulary vocabulary) throws ModelFormatException {
        String pre = metadata.findString("tokenizer.ggml.pre").orElse("default");
        Split split = SPLITS.get(pre);
        if (split == null) {
            throw new ModelFormatException("%s: the tokenizer cuts text by '%s', which is not known: %s are".formatted(
                    metadata.file(), pre, SPLITS.keySet().stream().sorted().toList()));
        }
        List<String> merges = metadata.strings("tokenizer.ggml.merges");
        Map<String, Integer> ranks = HashMap.newHashMap(merges.size());
        for (int rank = 0; rank < merges.size(); rank++) {
            ranks.putIfAbsent(merges.get(rank), rank);
        }
        return new BytePairs(vocabulary, ranks, split);
    }

    @Override
    public void encode(String text, boolean start, IntConsumer ids) {
        Matcher words = split.pattern.matcher(split.composed ? Normalizer.normalize(text, Normalizer.Form.NFC) : text);
        while (words.find()) {
            encodeWord(words.group(), ids);
        }
    }

    private void encodeWord(String word, IntConsumer ids) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        StringBuilder characters = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            characters.append(CHARACTERS[b & 0xff]);
        }
        String whole = characters.toString();
        int id = split.wholeWords ? vocabulary.find(whole).orElse(-1) : -1;
        if (id >= 0) {
            ids.accept(id);
            return;
        }
        List<String> parts = new ArrayList<>(bytes.length);
        for (int i = 0; i < whole.length(); i++) {
            parts.add(whole.substring(i, i + 1));
        }
        join(parts);
        for (String part : parts) {
            emit(part, ids);
        }
    }

    /** Joins the pair of the lowest rank, at every place where it stands, until no pair has a rank. */
    private void join(List<String> parts) {
        while (parts.size() > 1) {
            int best = Integer.MAX_VALUE;
            int at = -1;
            for (int i = 0; i + 1 < parts.size(); i++) {
                Integer rank = ranks.get(parts.get(i) + " " + parts.get(i + 1));
                if (rank != null && rank < best) {
                    best = rank;
                    at = i;
                }
            }
            if (at < 0) {
                return;
            }
            parts.set(at, parts.get(at) + parts.get(at + 1));
            parts.remove(at + 1);
        }
    }

    private void emit(String part, IntConsumer ids) {
        int id = vocabulary.find(part).orElse(-1);
        if (id >= 0) {
            ids.accept(id);
            return;
        }
        // A joined pair that is no token: its characters, of those that are.
        for (int i = 0; i < part.length(); i++) {
            vocabulary.find(part.substring(i, i + 1)).ifPresent(ids);
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
