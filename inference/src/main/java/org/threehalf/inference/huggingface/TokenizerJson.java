package org.threehalf.inference.huggingface;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.ValueType;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/**
 * {@code tokenizer.json} and {@code tokenizer_config.json} as GGUF's metadata.
 *
 * <p>Two kinds are known: byte-level pairs, whose cut into words must be one that {@link WordSplits} knows, and pairs
 * of characters with bytes for what no token has, as they are made of SentencePiece models. GGUF gives those a score
 * for each token instead of a list of merges; the two are the same where all ways to make a token stand together in the
 * list, which is checked.
 */
final class TokenizerJson {
    private static final String PREFIX = "tokenizer.ggml.";
    /** Prefix of what nothing computes. */
    static final String UNKNOWN = "huggingface.tokenizer.";

    private static final int NORMAL = 1;
    private static final int UNKNOWN_TOKEN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int BYTE = 6;
    private static final int MAX_TOKENS = 1 << 24;
    /** What is read of the file, or of batches and people. */
    private static final Set<String> MEMBERS = Set.of(
            "version",
            "truncation",
            "padding",
            "added_tokens",
            "normalizer",
            "pre_tokenizer",
            "post_processor",
            "decoder");
    /** What is read of its model. */
    private static final Set<String> MODEL = Set.of(
            "type",
            "dropout",
            "unk_token",
            "continuing_subword_prefix",
            "end_of_word_suffix",
            "fuse_unk",
            "byte_fallback",
            "ignore_merges");

    private final String file;
    /** Rows of the embedding. */
    private final long vocabulary;

    private final Map<String, Integer> ids = new LinkedHashMap<>();
    private final Set<String> added = new HashSet<>();
    private final List<String[]> merges = new ArrayList<>();
    private final Map<String, JsonNode> model = new HashMap<>();
    private final Map<String, JsonNode> rest = new HashMap<>();
    private final SequencedMap<String, GgufValue> metadata = new LinkedHashMap<>();
    /** What the file says of tokens that begin and end a text, if it does. */
    private @Nullable Wrapping wrapping;

    private record Wrapping(OptionalInt beginning, OptionalInt end) {}

    private TokenizerJson(String file, long vocabulary) {
        this.file = file;
        this.vocabulary = vocabulary;
    }

    /**
     * Reads a folder's tokenizer.
     *
     * @param folder with {@code tokenizer.json}, and perhaps {@code tokenizer_config.json},
     *     {@code generation_config.json} and {@code chat_template.jinja}
     * @param config the folder's {@code config.json}
     * @param vocabulary rows of the embedding
     */
    static SequencedMap<String, GgufValue> read(Path folder, JsonNode config, long vocabulary) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        if (!Files.exists(file)) {
            throw new ModelFormatException(
                    "%s: there is no tokenizer.json: transformers' AutoTokenizer.from_pretrained(…).save_pretrained(…) writes one"
                            .formatted(folder));
        }
        TokenizerJson json = new TokenizerJson("tokenizer.json", vocabulary);
        JsonFile.read(file, JsonFile.MAX_TOKENIZER, parser -> {
            json.parse(parser);
            return json;
        });
        json.convert(folder, config);
        return json.metadata;
    }

    private ModelFormatException error(String message, Object... arguments) {
        return new ModelFormatException(file + ": " + message.formatted(arguments));
    }

    private void parse(JsonParser parser) throws IOException {
        expect(parser.nextToken(), JsonToken.START_OBJECT, "the file");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            if (field.equals("model")) {
                expect(token, JsonToken.START_OBJECT, field);
                model(parser);
            } else {
                rest.put(field, JsonFile.MAPPER.<JsonNode>readTree(parser));
            }
        }
    }

    private void model(JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            if (field.equals("vocab") && token == JsonToken.START_OBJECT) {
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String piece = parser.currentName();
                    expect(parser.nextToken(), JsonToken.VALUE_NUMBER_INT, "vocab");
                    put(piece, parser.getLongValue());
                }
            } else if (field.equals("merges") && token == JsonToken.START_ARRAY) {
                while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
                    merges.add(merge(parser, token));
                }
            } else if (field.equals("vocab")) {
                parser.skipChildren();
                model.put(field, JsonFile.MAPPER.getNodeFactory().stringNode("a list"));
            } else {
                model.put(field, JsonFile.MAPPER.<JsonNode>readTree(parser));
            }
        }
    }

    private void put(String piece, long id) throws ModelFormatException {
        if (id < 0 || id >= MAX_TOKENS) {
            throw error("token '%s' has the id %,d: it must lie in [0, %,d)", piece, id, MAX_TOKENS);
        }
        Integer other = ids.put(piece, (int) id);
        if (other != null && other != id) {
            throw error("token '%s' has the ids %,d and %,d", piece, other, id);
        }
    }

    private String[] merge(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_STRING) {
            String text = parser.getString();
            int space = text.indexOf(' ');
            if (space < 1 || space == text.length() - 1 || text.indexOf(' ', space + 1) >= 0) {
                throw error("merge %,d is '%s': two parts with a space between them are needed", merges.size(), text);
            }
            return new String[] {text.substring(0, space), text.substring(space + 1)};
        }
        expect(token, JsonToken.START_ARRAY, "merges");
        List<String> parts = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expect(parser.currentToken(), JsonToken.VALUE_STRING, "merges");
            parts.add(parser.getString());
        }
        if (parts.size() != 2 || parts.getFirst().isEmpty() || parts.getLast().isEmpty()) {
            throw error("merge %,d is %s: two parts are needed", merges.size(), parts);
        }
        return parts.toArray(String[]::new);
    }

    private void expect(@Nullable JsonToken token, JsonToken wanted, String what) throws ModelFormatException {
        if (token != wanted) {
            throw error("%s: %s found where %s is needed", what, JsonFault.name(token), JsonFault.name(wanted));
        }
    }

    private static JsonNode at(Map<String, JsonNode> map, String field) {
        return map.getOrDefault(field, tools.jackson.databind.node.NullNode.getInstance());
    }

    /** A member of the model that must be true or false where it is there. */
    private boolean flag(String member) throws ModelFormatException {
        JsonNode value = at(model, member);
        if (!value.isNull() && !value.isBoolean()) {
            throw error("model.%s is %s: true or false is needed", member, JsonFile.shown(value));
        }
        return value.isBoolean() && value.asBoolean();
    }

    private void convert(Path folder, JsonNode config) throws IOException {
        JsonNode kind = at(model, "type");
        if (!kind.isNull() && !kind.isString()) {
            throw error("model.type is %s: a text is needed", JsonFile.shown(kind));
        }
        String type = kind.isNull() ? "BPE" : kind.asString();
        if (!type.equals("BPE") || ids.isEmpty()) {
            throw error(
                    "a model of type '%s'%s: 'BPE' with a vocabulary is read, and no other kind in GGUF files either: take a model whose tokenizer is one of pairs",
                    type, type.equals("Unigram") ? " (SentencePiece's language model)" : "");
        }
        for (String field : List.of("dropout", "continuing_subword_prefix", "end_of_word_suffix")) {
            JsonNode value = at(model, field);
            if (!value.isNull() && !(value.isString() && value.asString().isEmpty())) {
                unknown("model." + field, value);
            }
        }
        for (Map.Entry<String, JsonNode> entry : model.entrySet()) {
            if (!MODEL.contains(entry.getKey())) {
                unknown("model." + entry.getKey(), entry.getValue());
            }
        }
        for (Map.Entry<String, JsonNode> entry : rest.entrySet()) {
            if (!MEMBERS.contains(entry.getKey())) {
                unknown(entry.getKey(), entry.getValue());
            }
        }
        JsonNode unknownToken = at(model, "unk_token");
        if (!unknownToken.isNull() && !unknownToken.isString()) {
            throw error("model.unk_token is %s: a text is needed", JsonFile.shown(unknownToken));
        }
        flag("fuse_unk");
        boolean characters = flag("byte_fallback");
        metadata.put(PREFIX + "model", GgufValue.of(characters ? "llama" : "gpt2"));
        tokens(characters);
        if (characters) {
            characters();
        } else {
            bytes();
        }
        if (unknownToken.isString() && !ids.containsKey(unknownToken.asString())) {
            throw error("model.unk_token '%s' is no token", unknownToken.asString());
        }
        decoder(characters);
        JsonNode processor = at(rest, "post_processor");
        wrapping = processor.isNull() ? null : wrapping(processor);
        for (String field : List.of("truncation", "padding")) {
            // What is of batches: a prompt is neither cut nor filled.
            rest.remove(field);
        }
        specials(folder, config);
        ChatTemplates.read(folder, metadata);
    }

    private void unknown(String field, JsonNode value) {
        metadata.put(UNKNOWN + field, GgufValue.of(value.toString()));
    }

    /** Tokens, their types, and for rows of the embedding that no token has, tokens that nothing is. */
    private void tokens(boolean characters) throws ModelFormatException {
        Map<String, Integer> types = new HashMap<>();
        JsonNode list = at(rest, "added_tokens");
        if (!list.isNull() && !list.isArray()) {
            throw error("added_tokens is %s: a list is needed", JsonFile.shown(list));
        }
        for (JsonNode token : list) {
            JsonNode id = token.path("id");
            if (!token.path("content").isString()
                    || token.path("content").asString().isEmpty()
                    || !id.isIntegralNumber()
                    || !id.canConvertToLong()) {
                throw error("added_tokens: %s: a content and an id are needed", JsonFile.shown(token));
            }
            String text = token.path("content").asString();
            added.add(text);
            put(text, id.asLong());
            types.put(text, JsonFile.flag(file, "added_tokens.", token, "special", false) ? CONTROL : USER_DEFINED);
            for (String flag : List.of("single_word", "lstrip", "rstrip")) {
                if (JsonFile.flag(file, "added_tokens.", token, flag, false)) {
                    unknown("added_tokens." + flag, token.path("content"));
                }
            }
        }
        String unknownText = at(model, "unk_token").asString("");
        int most = ids.values().stream().mapToInt(id -> id).max().orElse(-1) + 1;
        if (most > vocabulary) {
            throw error("%,d tokens, and the embedding has %,d rows", most, vocabulary);
        }
        if (vocabulary > MAX_TOKENS) {
            throw error("%,d rows of an embedding: there can be %,d", vocabulary, MAX_TOKENS);
        }
        @Nullable String[] texts = new String[(int) vocabulary];
        int[] kinds = new int[(int) vocabulary];
        Arrays.fill(kinds, UNUSED);
        for (Map.Entry<String, Integer> entry : ids.entrySet()) {
            int id = entry.getValue();
            String text = entry.getKey();
            if (texts[id] != null) {
                throw error("tokens '%s' and '%s' have the id %,d", texts[id], text, id);
            }
            texts[id] = text;
            boolean isByte = characters && text.matches("<0x[0-9A-F]{2}>");
            kinds[id] = characters && text.equals(unknownText)
                    ? UNKNOWN_TOKEN
                    : isByte ? BYTE : types.getOrDefault(text, NORMAL);
        }
        List<String> names = new ArrayList<>();
        for (int id = 0; id < texts.length; id++) {
            names.add(texts[id] == null ? "[PAD%d]".formatted(id) : String.valueOf(texts[id]));
        }
        metadata.put(PREFIX + "tokens", GgufValue.ofStrings(names));
        metadata.put(PREFIX + "token_type", GgufValue.ofInt32s(kinds));
        if (characters && ids.containsKey(unknownText)) {
            metadata.put(
                    PREFIX + "unknown_token_id",
                    GgufValue.ofUint32(java.util.Objects.requireNonNull(ids.get(unknownText))));
        }
    }

    private void bytes() throws ModelFormatException {
        metadata.put(
                PREFIX + "merges",
                GgufValue.ofStrings(
                        merges.stream().map(parts -> parts[0] + " " + parts[1]).toList()));
        metadata.put(
                PREFIX + "pre",
                GgufValue.of(WordSplits.name(
                        file, at(rest, "normalizer"), at(rest, "pre_tokenizer"), flag("ignore_merges"))));
    }

    /** Scores that join the same neighbours in the same order as the merges do. */
    private void characters() throws ModelFormatException {
        Boolean prefix = null;
        JsonNode normalizer = at(rest, "normalizer");
        JsonNode cut = at(rest, "pre_tokenizer");
        boolean spaces = false;
        for (JsonNode step : WordSplits.parts(file, "normalizer", normalizer, "normalizers")) {
            JsonFile.requireKnown(file, "normalizer", step, Set.of("type", "prepend", "pattern", "content"));
            switch (step.path("type").asString("")) {
                case "Prepend" -> {
                    if (!step.path("prepend").asString("").equals("\u2581")) {
                        throw error("normalizer %s is not known", step);
                    }
                    prefix = true;
                }
                case "Replace" -> {
                    if (!step.path("pattern").path("String").asString("").equals(" ")
                            || !step.path("content").asString("").equals("\u2581")) {
                        throw error("normalizer %s is not known", step);
                    }
                    spaces = true;
                }
                default -> throw error("normalizer %s is not known", step);
            }
        }
        if (cut.path("type").asString("").equals("Metaspace")) {
            JsonFile.requireKnown(
                    file,
                    "pre_tokenizer Metaspace",
                    cut,
                    Set.of("type", "replacement", "str_rep", "prepend_scheme", "add_prefix_space", "split"));
            boolean always = JsonFile.flag(file, "pre_tokenizer.", cut, "add_prefix_space", true);
            JsonNode named = cut.path("prepend_scheme");
            String scheme = named.isMissingNode() ? always ? "always" : "never" : named.asString("");
            if (!Set.of("always", "first", "never").contains(scheme)
                    || !cut.path("replacement").asString("\u2581").equals("\u2581")) {
                throw error("pre_tokenizer %s is not known here", cut);
            }
            if (JsonFile.flag(file, "pre_tokenizer.", cut, "split", true)) {
                throw error("pre_tokenizer %s cuts text at spaces, which is not known here", cut);
            }
            prefix = !scheme.equals("never");
            spaces = true;
        } else if (!cut.isNull() && !isSpaceSplit(cut)) {
            throw error("pre_tokenizer %s is not known", cut);
        }
        if (!spaces) {
            throw error("nothing writes spaces as U+2581");
        }
        metadata.put(PREFIX + "add_space_prefix", GgufValue.of(Boolean.TRUE.equals(prefix)));
        metadata.put(PREFIX + "scores", GgufValue.ofFloat32s(scores()));
    }

    /** What Gemma's files have: a cut at spaces, of which the normalizer has left none. */
    private static boolean isSpaceSplit(JsonNode cut) {
        return cut.path("type").asString("").equals("Split")
                && cut.path("pattern").path("String").asString("").equals(" ");
    }

    /**
     * A token's score is the negative place of its first merge among all tokens' first merges. That a pair is joined by
     * its token's score and not by its own place in the list changes nothing if every way to make a token of two others
     * is in the list, and all ways stand together.
     */
    private float[] scores() throws ModelFormatException {
        Map<String, Integer> first = HashMap.newHashMap(merges.size());
        Map<String, Integer> ways = HashMap.newHashMap(merges.size());
        String before = "";
        int groups = 0;
        for (int rank = 0; rank < merges.size(); rank++) {
            String made = merges.get(rank)[0] + merges.get(rank)[1];
            if (!ids.containsKey(made)
                    || !ids.containsKey(merges.get(rank)[0])
                    || !ids.containsKey(merges.get(rank)[1])) {
                throw error(
                        "merge %,d, '%s %s': its parts and what it makes must be tokens",
                        rank, merges.get(rank)[0], merges.get(rank)[1]);
            }
            if (!made.equals(before) && first.putIfAbsent(made, groups++) != null) {
                throw error("merges of '%s' stand apart in the list, up to %,d: such a list has no scores", made, rank);
            }
            ways.merge(made, 1, Integer::sum);
            before = made;
        }
        for (Map.Entry<String, Integer> entry : ways.entrySet()) {
            String made = entry.getKey();
            int count = 0;
            for (int at = made.offsetByCodePoints(0, 1); at < made.length(); at = made.offsetByCodePoints(at, 1)) {
                count += ids.containsKey(made.substring(0, at)) && ids.containsKey(made.substring(at)) ? 1 : 0;
            }
            if (count != entry.getValue()) {
                throw error(
                        "'%s' can be made of two tokens in %,d ways, and the list of merges has %,d: such a list has no scores",
                        made, count, entry.getValue());
            }
        }
        float[] scores = new float[(int) vocabulary];
        // Whole, and exact in binary32 up to 2^24; what no merge makes is never joined.
        Arrays.fill(scores, -(1 << 24));
        first.forEach((text, place) -> scores[ids.get(text)] = -place);
        for (Map.Entry<String, Integer> entry : ids.entrySet()) {
            String text = entry.getKey();
            if (!first.containsKey(text) && text.codePointCount(0, text.length()) > 1 && isJoinable(text)) {
                throw error("'%s' can be made of two tokens, and no merge makes it: such a list has no scores", text);
            }
        }
        return scores;
    }

    /**
     * Whether two tokens make it, and it is one that text is made of: neither an added one, which is found before, nor
     * a byte's.
     */
    private boolean isJoinable(String text) {
        if (added.contains(text) || text.matches("<0x[0-9A-F]{2}>")) {
            return false;
        }
        for (int at = text.offsetByCodePoints(0, 1); at < text.length(); at = text.offsetByCodePoints(at, 1)) {
            if (ids.containsKey(text.substring(0, at)) && ids.containsKey(text.substring(at))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Sees to it that tokens become text as they do here: bytes as characters, or U+2581 as spaces and bytes between
     * them.
     */
    private void decoder(boolean characters) throws ModelFormatException {
        Set<String> known =
                characters ? Set.of("Replace", "ByteFallback", "Fuse", "Strip", "Metaspace") : Set.of("ByteLevel");
        for (JsonNode step : WordSplits.parts(file, "decoder", at(rest, "decoder"), "decoders")) {
            String type = step.path("type").asString("");
            boolean usual = switch (type) {
                case "Replace" ->
                    step.path("pattern").path("String").asString("").equals("\u2581")
                            && step.path("content").asString("").equals(" ");
                case "Strip" ->
                    step.path("content").asString("").equals(" ")
                            && step.path("stop").isIntegralNumber()
                            && JsonFile.real(step.path("stop")) == 0;
                default -> true;
            };
            if (!known.contains(type) || !usual) {
                throw error("decoder %s is not known here", JsonFile.shown(step));
            }
        }
    }

    /** Which tokens are put around a text; null where the file leaves it to the configuration. */
    private @Nullable Wrapping wrapping(JsonNode processor) throws ModelFormatException {
        switch (processor.path("type").asString("")) {
            case "ByteLevel" -> {
                return null;
            }
            case "Sequence" -> {
                Wrapping found = null;
                if (!processor.path("processors").isArray()) {
                    throw error("post_processor: processors must be a list: %s", JsonFile.shown(processor));
                }
                for (JsonNode inner : processor.path("processors")) {
                    Wrapping one = wrapping(inner);
                    found = one == null ? found : one;
                }
                return found;
            }
            case "TemplateProcessing" -> {
                OptionalInt before = OptionalInt.empty();
                OptionalInt after = OptionalInt.empty();
                boolean text = false;
                for (JsonNode item : processor.path("single")) {
                    boolean sequence =
                            item.path("Sequence").path("id").asString("").equals("A");
                    if (item.size() != 1
                            || sequence && text
                            || !sequence
                                    && !item.path("SpecialToken").path("id").isString()) {
                        throw error("post_processor: single: %s is not known", JsonFile.shown(item));
                    }
                    if (sequence) {
                        text = true;
                        continue;
                    }
                    JsonNode inserted = processor
                            .path("special_tokens")
                            .path(item.path("SpecialToken").path("id").asString(""))
                            .path("ids");
                    boolean second = text ? after.isPresent() : before.isPresent();
                    if (inserted.size() != 1 || second) {
                        throw error("post_processor: more than one token before or after a text is not known");
                    }
                    if (text) {
                        after = OptionalInt.of(id(file, "post_processor: special_tokens", inserted.get(0)));
                    } else {
                        before = OptionalInt.of(id(file, "post_processor: special_tokens", inserted.get(0)));
                    }
                }
                if (!text) {
                    throw error("post_processor: single has no text in it: %s", JsonFile.shown(processor));
                }
                return new Wrapping(before, after);
            }
            default ->
                throw error(
                        "post_processor of type '%s' is not known",
                        processor.path("type").asString(JsonFile.shown(processor)));
        }
    }

    private void specials(Path folder, JsonNode config) throws IOException {
        Path path = folder.resolve("tokenizer_config.json");
        JsonNode settings = Files.exists(path) ? JsonFile.object(path) : JsonFile.MAPPER.createObjectNode();
        Path generationPath = folder.resolve("generation_config.json");
        JsonNode generation =
                Files.exists(generationPath) ? JsonFile.object(generationPath) : JsonFile.MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> entry :
                settings.path("added_tokens_decoder").properties()) {
            // The library adds those that tokenizer.json does not have.
            String text = entry.getValue().path("content").asString("");
            Integer id = ids.get(text);
            if (id == null || !added.contains(text) || !entry.getKey().equals(id.toString())) {
                throw new ModelFormatException(
                        "tokenizer_config.json: added_tokens_decoder.%s is '%s', which tokenizer.json does not add as that token"
                                .formatted(entry.getKey(), text));
            }
        }
        OptionalInt beginning = special(settings, config, "bos");
        OptionalInt end = special(settings, config, "eos");
        Wrapping around = wrapping;
        Optional<Boolean> addBeginning = flag(settings, "add_bos_token");
        Optional<Boolean> addEnd = flag(settings, "add_eos_token");
        boolean begins = around != null ? around.beginning.isPresent() : addBeginning.orElse(false);
        boolean ends = around != null ? around.end.isPresent() : addEnd.orElse(false);
        if (around != null && around.beginning.isPresent()) {
            beginning = agree(beginning, around.beginning, "bos_token");
        }
        if (around != null && around.end.isPresent()) {
            end = agree(end, around.end, "eos_token");
        }
        beginning.ifPresent(id -> metadata.put(PREFIX + "bos_token_id", GgufValue.ofUint32(id)));
        end.ifPresent(id -> metadata.put(PREFIX + "eos_token_id", GgufValue.ofUint32(id)));
        metadata.put(PREFIX + "add_bos_token", GgufValue.of(begins));
        metadata.put(PREFIX + "add_eos_token", GgufValue.of(ends));
        TreeSet<Integer> ending = new TreeSet<>();
        ending.addAll(ids("config.json", "eos_token_id", config));
        ending.addAll(ids("generation_config.json", "eos_token_id", generation));
        ids("config.json", "bos_token_id", config);
        ids("generation_config.json", "bos_token_id", generation);
        if (!ending.isEmpty()) {
            metadata.put(
                    "threehalf.end_token_ids",
                    GgufValue.arrayOf(
                            ValueType.UINT32,
                            ending.stream().map(GgufValue::ofUint32).toList()));
        }
    }

    private OptionalInt agree(OptionalInt said, OptionalInt used, String what) throws ModelFormatException {
        if (said.isPresent() && said.getAsInt() != used.getAsInt()) {
            throw error(
                    "post_processor puts token %,d around a text, and %s is %,d",
                    used.getAsInt(), what, said.getAsInt());
        }
        return used;
    }

    private static Optional<Boolean> flag(JsonNode settings, String field) throws ModelFormatException {
        JsonNode value = settings.path(field);
        return value.isMissingNode() || value.isNull()
                ? Optional.empty()
                : Optional.of(JsonFile.flag("tokenizer_config.json", "", settings, field, false));
    }

    /**
     * The token that {@code tokenizer_config.json} names; where it says nothing at all, the one of {@code config.json}.
     */
    private OptionalInt special(JsonNode settings, JsonNode config, String kind) throws ModelFormatException {
        JsonNode named = settings.path(kind + "_token");
        if (!named.isMissingNode()
                && !named.isNull()
                && !named.isString()
                && !named.path("content").isString()) {
            throw new ModelFormatException("tokenizer_config.json: %s_token is %s: a token's text is needed"
                    .formatted(kind, JsonFile.shown(named)));
        }
        String text = named.isObject() ? named.path("content").asString("") : named.isString() ? named.asString() : "";
        if (!text.isEmpty()) {
            Integer id = ids.get(text);
            if (id == null) {
                throw error("%s_token '%s' of tokenizer_config.json is no token", kind, text);
            }
            return OptionalInt.of(id);
        }
        JsonNode id = config.path(kind + "_token_id");
        if (settings.has(kind + "_token") || id.isMissingNode() || id.isNull()) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(id("config.json", kind + "_token_id", id.isArray() && !id.isEmpty() ? id.get(0) : id));
    }

    /** The tokens of a field that names one, several in a list, or none. */
    private List<Integer> ids(String of, String field, JsonNode object) throws ModelFormatException {
        JsonNode value = object.path(field);
        List<Integer> ids = new ArrayList<>();
        if (value.isArray() && field.startsWith("eos")) {
            for (JsonNode one : value) {
                ids.add(id(of, field, one));
            }
        } else if (!value.isMissingNode() && !value.isNull()) {
            ids.add(id(of, field, value));
        }
        return ids;
    }

    private int id(String of, String field, JsonNode node) throws ModelFormatException {
        int size = (int) vocabulary;
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.asInt() < 0 || node.asInt() >= size) {
            throw new ModelFormatException("%s: %s is %s: a token from 0 to %,d is needed"
                    .formatted(of, field, JsonFile.shown(node), size - 1));
        }
        return node.asInt();
    }
}
