package org.threehalf.inference.huggingface;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.threehalf.inference.gguf.ModelFormatException;
import tools.jackson.databind.JsonNode;

/**
 * How {@code tokenizer.json} cuts text into words, by the names that GGUF files have for it. The steps of
 * {@code normalizer} and {@code pre_tokenizer} are written in one line each, which must be one that is known: an almost
 * equal pattern cuts other words.
 */
final class WordSplits {
    private static final String SPACES = "\\s+(?!\\S)|\\s+";
    private static final String CL100K =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}%s| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|"
                    + SPACES;
    private static final String CASED =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+%1$s|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
                    + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*%1$s|\\p{N}%2$s| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|"
                    + SPACES;
    private static final String DEEPSEEK3 =
            "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|"
                    + SPACES;

    /** Steps to names; {@code words} stands for the cut that {@code ByteLevel} makes by itself. */
    private static final Map<List<String>, String> NAMES = Map.ofEntries(
            Map.entry(List.of("words"), "gpt-2"),
            Map.entry(List.of("digits", "words"), "smollm"),
            Map.entry(List.of(CL100K.formatted("{1,3}")), "dbrx"),
            Map.entry(List.of(CL100K.formatted("{1,3}"), "whole"), "llama-bpe"),
            Map.entry(List.of("NFC", CL100K.formatted("")), "qwen2"),
            Map.entry(List.of(CL100K.formatted("")), "stablelm2"),
            Map.entry(List.of(CASED.formatted("", ""), "whole"), "tekken"),
            Map.entry(List.of(CASED.formatted("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "{1,3}")), "gpt-4o"),
            Map.entry(List.of("\\p{N}{1,3}", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", DEEPSEEK3), "deepseek-v3"));

    private WordSplits() {}

    /**
     * The name.
     *
     * @param file for messages
     * @param wholeWords whether a word that is a token is that token, whatever the merges say
     * @throws ModelFormatException if it is none that is known; says which it is
     */
    static String name(String file, JsonNode normalizer, JsonNode preTokenizer, boolean wholeWords)
            throws ModelFormatException {
        List<String> steps = new ArrayList<>();
        for (JsonNode step : parts(normalizer, "normalizers")) {
            if (!step.path("type").asString("").equals("NFC")) {
                throw new ModelFormatException("%s: normalizer %s is not known".formatted(file, step));
            }
            steps.add("NFC");
        }
        for (JsonNode step : parts(preTokenizer, "pretokenizers")) {
            steps.addAll(step(file, step));
        }
        if (wholeWords) {
            steps.add("whole");
        }
        String name = NAMES.get(steps);
        if (name == null) {
            throw new ModelFormatException(
                    "%s: the tokenizer cuts text by %s, which is not known".formatted(file, steps));
        }
        return name;
    }

    private static List<JsonNode> parts(JsonNode node, String inner) {
        List<JsonNode> parts = new ArrayList<>();
        if (node.path("type").asString("").equals("Sequence")) {
            node.path(inner).forEach(parts::add);
        } else if (node.isObject()) {
            parts.add(node);
        }
        return parts;
    }

    private static List<String> step(String file, JsonNode step) throws ModelFormatException {
        switch (step.path("type").asString("")) {
            case "ByteLevel" -> {
                if (step.path("add_prefix_space").asBoolean(true)) {
                    throw new ModelFormatException("%s: a space before every text is not known here".formatted(file));
                }
                return step.path("use_regex").asBoolean(true) ? List.of("words") : List.of();
            }
            case "Digits" -> {
                if (step.path("individual_digits").asBoolean(false)) {
                    return List.of("digits");
                }
            }
            case "Split" -> {
                if (step.path("behavior").asString("").equals("Isolated")
                        && !step.path("invert").asBoolean(false)
                        && step.path("pattern").has("Regex")) {
                    return List.of(step.path("pattern").path("Regex").asString(""));
                }
                // GPT-4's cut, written as what to keep.
                if (step.path("behavior").asString("").equals("Removed")
                        && step.path("invert").asBoolean(false)
                        && step.path("pattern").has("Regex")) {
                    return List.of(step.path("pattern").path("Regex").asString(""));
                }
            }
            default -> {}
        }
        throw new ModelFormatException("%s: pre_tokenizer %s is not known".formatted(file, step));
    }
}
