package org.threehalf.inference.huggingface;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        for (JsonNode step : parts(file, "normalizer", normalizer, "normalizers")) {
            if (!step.path("type").asString("").equals("NFC")) {
                throw new ModelFormatException("%s: normalizer %s is not known".formatted(file, JsonFile.shown(step)));
            }
            JsonFile.requireKnown(file, "normalizer NFC", step, Set.of("type"));
            steps.add("NFC");
        }
        for (JsonNode step : parts(file, "pre_tokenizer", preTokenizer, "pretokenizers")) {
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

    /**
     * The steps of a normalizer, pre-tokenizer or decoder: itself, or those of a sequence; none where it is null.
     *
     * @param file and {@code what} it is, for messages
     * @param inner the name of a sequence's member with its steps
     */
    static List<JsonNode> parts(String file, String what, JsonNode node, String inner) throws ModelFormatException {
        if (node.isNull() || node.isMissingNode()) {
            return List.of();
        }
        JsonNode steps = node;
        if (node.path("type").asString("").equals("Sequence")) {
            JsonFile.requireKnown(file, what, node, Set.of("type", inner));
            steps = node.path(inner);
            if (!steps.isArray()) {
                throw new ModelFormatException(
                        "%s: %s: %s is %s: a list is needed".formatted(file, what, inner, JsonFile.shown(steps)));
            }
        }
        List<JsonNode> parts = new ArrayList<>();
        if (steps.isArray() && steps != node) {
            steps.forEach(parts::add);
        } else {
            parts.add(node);
        }
        for (JsonNode part : parts) {
            if (!part.isObject() || !part.path("type").isString()) {
                throw new ModelFormatException("%s: %s %s is not known".formatted(file, what, JsonFile.shown(part)));
            }
        }
        return parts;
    }

    private static List<String> step(String file, JsonNode step) throws ModelFormatException {
        switch (step.path("type").asString("")) {
            case "ByteLevel" -> {
                JsonFile.requireKnown(
                        file,
                        "pre_tokenizer ByteLevel",
                        step,
                        Set.of("type", "add_prefix_space", "trim_offsets", "use_regex"));
                if (JsonFile.flag(file, "pre_tokenizer.", step, "add_prefix_space", true)) {
                    throw new ModelFormatException("%s: a space before every text is not known here".formatted(file));
                }
                return JsonFile.flag(file, "pre_tokenizer.", step, "use_regex", true) ? List.of("words") : List.of();
            }
            case "Digits" -> {
                JsonFile.requireKnown(file, "pre_tokenizer Digits", step, Set.of("type", "individual_digits"));
                if (JsonFile.flag(file, "pre_tokenizer.", step, "individual_digits", false)) {
                    return List.of("digits");
                }
            }
            case "Split" -> {
                JsonFile.requireKnown(
                        file, "pre_tokenizer Split", step, Set.of("type", "pattern", "behavior", "invert"));
                boolean inverted = JsonFile.flag(file, "pre_tokenizer.", step, "invert", false);
                if (step.path("behavior").asString("").equals("Isolated")
                        && !inverted
                        && step.path("pattern").has("Regex")) {
                    return List.of(step.path("pattern").path("Regex").asString(""));
                }
                // GPT-4's cut, written as what to keep.
                if (step.path("behavior").asString("").equals("Removed")
                        && inverted
                        && step.path("pattern").has("Regex")) {
                    return List.of(step.path("pattern").path("Regex").asString(""));
                }
            }
            default -> {}
        }
        throw new ModelFormatException("%s: pre_tokenizer %s is not known".formatted(file, step));
    }
}
