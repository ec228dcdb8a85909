package org.threehalf.inference.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How byte-level tokenizers cut text into words, by the names that GGUF files give in {@code tokenizer.ggml.pre}
 * (llama.cpp's).
 *
 * <p>Cuts apply one after the other, each to the pieces that those before it left: what matches is a piece, and what
 * stands between matches is one. The patterns are those of the models' published tokenizers ({@code pre_tokenizer} of
 * {@code tokenizer.json}, or the pattern of a tiktoken vocabulary); the tests hold each against the library that
 * defines it.
 *
 * <p>Each takes a time that grows with the text and not with its square, and none of the thread's stack: where a
 * published pattern would not, an equal one is written, or the rule itself ({@link DigitGroups}).
 *
 * @param cuts in their order
 * @param wholeWords whether a word that is a token is that token, whatever the merges say
 * @param composed whether text is brought to Unicode's composed form (NFC) first
 * @param beginning whether a prompt begins with the token of the beginning where the file does not say
 */
record WordSplit(List<Cut> cuts, boolean wholeWords, boolean composed, boolean beginning) {

    /** Takes a piece apart. */
    interface Cut {
        /** Hands on the parts, none of them empty, in their order. */
        void cut(String piece, Consumer<String> parts);
    }

    /** What matches is a part, and what stands between matches is one. */
    private record Matches(Pattern pattern) implements Cut {
        @Override
        public void cut(String piece, Consumer<String> parts) {
            Matcher matcher = pattern.matcher(piece);
            int from = 0;
            while (matcher.find()) {
                if (matcher.end() == matcher.start()) {
                    continue;
                }
                if (matcher.start() > from) {
                    parts.accept(piece.substring(from, matcher.start()));
                }
                parts.accept(matcher.group());
                from = matcher.end();
            }
            if (from < piece.length()) {
                parts.accept(piece.substring(from));
            }
        }

        @Override
        public String toString() {
            return pattern.toString();
        }
    }

    private static final String SPACES = "\\s+(?!\\S)|\\s+";
    private static final String CONTRACTIONS = "(?iu:'s|'t|'re|'ve|'m|'ll|'d)";
    private static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|" + SPACES;
    /** GPT-4's, with how many digits make a word, and with what may follow marks. */
    private static final String CL100K = CONTRACTIONS
            + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}%s| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|" + SPACES;

    private static final String ONE_DIGIT = CL100K.formatted("");
    private static final String THREE_DIGITS = CL100K.formatted("{1,3}");
    private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    /** Words in capitals and small letters; with what may follow a word, digits, and what may follow marks. */
    private static final String CASED = "[^\\r\\n\\p{L}\\p{N}]?" + UPPER + "*" + LOWER + "+%1$s|[^\\r\\n\\p{L}\\p{N}]?"
            + UPPER + "+" + LOWER + "*%1$s|\\p{N}%2$s| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|" + SPACES;

    private static final String TEKKEN = CASED.formatted("", "");
    private static final String O200K = CASED.formatted(CONTRACTIONS + "?", "{1,3}");
    private static final String BLOOM = " ?[^(\\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+";
    private static final String DIGIT = "\\p{N}";
    private static final String LINE_BREAK = "[\\r\\n]";
    private static final String HAN_TO_HANGUL = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+";
    private static final String HAN_AND_KANA = "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+";
    private static final String DEEPSEEK3 =
            "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|"
                    + SPACES;
    private static final String KIMI_UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{IsHan}]]";
    private static final String KIMI_LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{IsHan}]]";
    private static final String KIMI = "[\\p{IsHan}]+|[^\\r\\n\\p{L}\\p{N}]?" + KIMI_UPPER + "*" + KIMI_LOWER + "+"
            + CONTRACTIONS + "?|[^\\r\\n\\p{L}\\p{N}]?" + KIMI_UPPER + "+" + KIMI_LOWER + "*" + CONTRACTIONS
            + "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|" + SPACES;

    /** By the value of {@code tokenizer.ggml.pre}. */
    private static final Map<String, WordSplit> BY_NAME = new HashMap<>();

    static {
        // Without a name: what llama.cpp takes, which is no model's own rule.
        put(of("[\\p{P}\\$\\+<=>\\^~\\|]+", GPT2, "\\p{N}+", "[0-9][0-9][0-9]"), "default");
        put(
                of(GPT2),
                "gpt-2",
                "phi-2",
                "jina-es",
                "jina-de",
                "jina-v2-es",
                "jina-v2-de",
                "gigachat",
                "a.x-4.0",
                "mellum",
                "modern-bert",
                "exaone4",
                "mpt",
                "olmo",
                "jais",
                "trillion",
                "granite-docling");
        put(
                of(DIGIT, GPT2),
                "smollm",
                "starcoder",
                "refact",
                "command-r",
                "codeshell",
                "exaone",
                "minerva-7b",
                "mellum2");
        put(
                of(THREE_DIGITS).withWholeWords().withBeginning(),
                "llama-bpe",
                "llama3",
                "llama-v3",
                "falcon3",
                "falcon-h1",
                "pixtral",
                "midm-2.0",
                "lfm2",
                "jina-v5-nano");
        put(of(THREE_DIGITS), "dbrx", "smaug-bpe", "glm4", "chatglm-bpe");
        put(of("\\p{N}{1,3}", CL100K.formatted("+")).withWholeWords(), "minicpm5");
        put(of(ONE_DIGIT).withComposition(), "qwen2", "deepseek-r1-qwen");
        put(of(ONE_DIGIT), "megrez", "kormo", "f2llmv2", "stablelm2", "hunyuan", "solar-open", "grok-2");
        put(of("[^\\n]+|[\\n]+", ONE_DIGIT), "laguna");
        put(
                of(CONTRACTIONS
                                + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|"
                                + SPACES)
                        .withComposition(),
                "qwen35");
        put(
                of(CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|\\s*[\\r\\n]+|"
                        + SPACES),
                "seed-coder");
        put(
                of(
                        "'(?iu:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|"
                                + SPACES),
                "bailingmoe",
                "bailingmoe2",
                "llada-moe");
        put(
                of(CONTRACTIONS
                        + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}\\p{M}*+(?: ?+\\p{L}\\p{M}*+)*+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?|\\s*[\\r\\n]|"
                        + SPACES),
                "exaone-moe");
        put(of(TEKKEN).withWholeWords().withBeginning(), "tekken");
        put(of(O200K), "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2");
        put(of(DigitGroups.OF_NUMBERS, O200K), "tiny_aya", "cohere2moe");
        put(of(KIMI), "kimi-k2");
        put(
                of(
                        LINE_BREAK,
                        "\\s?" + deepSeekLetters() + "+",
                        "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+",
                        "(?<!\\s)\\s++\\z",
                        HAN_TO_HANGUL,
                        "\\p{N}+"),
                "deepseek-llm");
        put(of(LINE_BREAK, "\\s?\\p{L}+", "\\s?\\p{P}+", HAN_TO_HANGUL, DIGIT), "deepseek-coder");
        put(of("\\p{N}{1,3}", HAN_AND_KANA, DEEPSEEK3), "deepseek-v3", "hunyuan-dense", "joyai-llm");
        put(of("[\\p{P}\\$\\+<=>\\^~\\|`]+", GPT2, "[0-9][0-9][0-9]"), "falcon");
        put(of(BLOOM), "poro-chat", "bloom", "gpt3-finnish");
        put(of(BLOOM, DIGIT), "viking");
        put(of("\\p{N}+", DigitGroups.OF_PIECES), "superbpe");
    }

    /** Takes a copy of the list. */
    WordSplit {
        cuts = List.copyOf(cuts);
    }

    /** Of cuts and patterns. */
    private static WordSplit of(Object... cuts) {
        return new WordSplit(
                Arrays.stream(cuts)
                        .map(cut -> cut instanceof Cut one
                                ? one
                                : new Matches(Pattern.compile((String) cut, Pattern.UNICODE_CHARACTER_CLASS)))
                        .toList(),
                false,
                false,
                false);
    }

    private static void put(WordSplit split, String... names) {
        for (String name : names) {
            BY_NAME.put(name, split);
        }
    }

    private WordSplit withWholeWords() {
        return new WordSplit(cuts, true, composed, beginning);
    }

    private WordSplit withComposition() {
        return new WordSplit(cuts, wholeWords, true, beginning);
    }

    private WordSplit withBeginning() {
        return new WordSplit(cuts, wholeWords, composed, true);
    }

    /** The split of a name, if it is known. */
    static Optional<WordSplit> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /** All names, in the order of the alphabet. */
    static List<String> names() {
        return List.copyOf(new TreeSet<>(BY_NAME.keySet()));
    }

    /**
     * Hands on the words of a text, in their order; together they are the whole text, composed where the split asks for
     * it.
     */
    void split(String text, Consumer<String> words) {
        List<String> pieces = List.of(composed ? Composition.of(text) : text);
        for (int i = 0; i + 1 < cuts.size(); i++) {
            List<String> parts = new ArrayList<>();
            for (String piece : pieces) {
                cuts.get(i).cut(piece, parts::add);
            }
            pieces = parts;
        }
        for (String piece : pieces) {
            cuts.getLast().cut(piece, words);
        }
    }

    /** The letters with case that DeepSeek LLM's tokenizer lists: of the scripts that have it, as of Unicode 11. */
    private static String deepSeekLetters() {
        return "[A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-\u0373\u0376\u0377\u037b-\u037d"
                + "\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-"
                + "\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-"
                + "\u1f57\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-"
                + "\u1fec\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-\u2134\u2139\u213c"
                + "-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f"
                + "\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a\ud801\udc00-\ud801\udc4f\ud801\udcb0-"
                + "\ud801\udcd3\ud801\udcd8-\ud801\udcfb\ud803\udc80-\ud803\udcb2\ud803\udcc0-\ud803\udcf2\ud806\udca0-\ud806\udcdf\ud83a\udd00-\ud83a\udd43]";
    }
}
