package org.threehalf.server;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.batch.GenerationRequest;
import org.threehalf.inference.huggingface.JsonFault;
import org.threehalf.inference.tokenizer.LoneSurrogate;
import org.threehalf.kernels.transformer.TokenSampler;
import org.threehalf.server.CompletionRequest.Message;
import org.threehalf.server.CompletionRequest.Prompt;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the bodies of requests. What would change the answer and is not computed is refused by name, and so is a member
 * that the API does not have: nothing is left out in silence. Members that change no answer ({@code user},
 * {@code metadata}, …) are taken and not used.
 */
final class RequestReader {
    /** Answers to one request at most. */
    private static final int MOST_CHOICES = 32;
    /** Strings that end an answer, at most; OpenAI's. */
    private static final int MOST_STOPS = 4;

    private static final int MOST_STOP_LENGTH = 1_000;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(32)
                            .maxNumberLength(100)
                            .maxNameLength(1_000)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Change no answer. */
    private static final Set<String> HARMLESS = Set.of(
            "model",
            "user",
            "metadata",
            "store",
            "service_tier",
            "safety_identifier",
            "prompt_cache_key",
            "prompt_cache_retention",
            "parallel_tool_calls");

    private static final Set<String> COMMON = Set.of(
            "stream",
            "stream_options",
            "temperature",
            "top_p",
            "top_k",
            "seed",
            "max_tokens",
            "stop",
            "n",
            "logprobs",
            "frequency_penalty",
            "presence_penalty",
            "logit_bias",
            "threehalf");
    private static final Set<String> OF_CHATS = Set.of(
            "messages",
            "max_completion_tokens",
            "top_logprobs",
            "response_format",
            "tools",
            "tool_choice",
            "functions",
            "function_call",
            "modalities",
            "audio",
            "prediction",
            "reasoning_effort",
            "verbosity",
            "web_search_options");
    private static final Set<String> OF_COMPLETIONS = Set.of("prompt", "suffix", "echo", "best_of");

    private final JsonNode root;

    private RequestReader(JsonNode root) {
        this.root = root;
    }

    /**
     * Reads a request.
     *
     * @param body JSON
     * @param chat whether it is for chat completions
     * @param model the name of the model that is served
     * @throws ApiException if it is refused
     */
    static CompletionRequest read(byte[] body, boolean chat, String model) {
        JsonNode root;
        try {
            // Strictly UTF-8: Jackson would take other encodings, and overlong forms, for what they may mean.
            root = MAPPER.readTree(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString());
        } catch (CharacterCodingException e) {
            throw ApiException.invalid(null, "the body is no UTF-8");
        } catch (JacksonException e) {
            throw ApiException.invalid(null, "the body is no JSON that can be read: " + JsonFault.of(e));
        }
        if (!root.isObject()) {
            throw ApiException.invalid(null, "the body must be a JSON object");
        }
        return new RequestReader(root).request(chat, model);
    }

    private CompletionRequest request(boolean chat, String model) {
        for (String name : new TreeSet<>(root.propertyNames())) {
            if (!HARMLESS.contains(name)
                    && !COMMON.contains(name)
                    && !(chat ? OF_CHATS : OF_COMPLETIONS).contains(name)) {
                throw new Refusal(name).unsupported("is not known here");
            }
        }
        String asked = string("model");
        if (asked != null && !asked.equals(model)) {
            throw ApiException.of(
                    404,
                    "invalid_request_error",
                    "model_not_found",
                    "model '%s' is not served here; '%s' is".formatted(asked, model));
        }
        refuseWhatIsNotComputed(chat);
        int most = integer("max_tokens", 1, Integer.MAX_VALUE, 0);
        int completion = chat ? integer("max_completion_tokens", 1, Integer.MAX_VALUE, 0) : 0;
        if (most != 0 && completion != 0 && most != completion) {
            throw ApiException.invalid("max_completion_tokens", "max_tokens is given too, with another number");
        }
        boolean stream = bool(root, "stream");
        JsonNode streamOptions = object("stream_options");
        if (streamOptions != null && !stream) {
            throw ApiException.invalid("stream_options", "stream_options without stream");
        }
        JsonNode own = object("threehalf");
        return new CompletionRequest(
                chat,
                chat ? messages() : List.of(),
                chat ? List.of() : prompts(),
                integer("n", 1, MOST_CHOICES, 1),
                Math.max(most, completion),
                new TokenSampler.Settings(
                        (float) number("temperature", 0, 2, 1), integer("top_k", 0, Integer.MAX_VALUE, 0), topP()),
                seed(),
                stops(),
                stream,
                streamOptions != null
                        && options(streamOptions, "stream_options", "include_usage", "include_obfuscation"),
                alternatives(chat),
                own != null && options(own, "threehalf", "logits_sha256"));
    }

    /** The first named flag of an object that may have these flags alone. */
    private static boolean options(JsonNode node, String name, String... flags) {
        for (String member : node.propertyNames()) {
            if (!List.of(flags).contains(member)) {
                throw new Refusal(name + "." + member).unsupported("is not known here");
            }
            bool(node, member);
        }
        return bool(node, flags[0]);
    }

    private void refuseWhatIsNotComputed(boolean chat) {
        for (String name : List.of("frequency_penalty", "presence_penalty")) {
            if (number(name, -2, 2, 0) != 0) {
                throw new Refusal(name).unsupported("is not computed here: leave it out, or give 0");
            }
        }
        for (String name : List.of("logit_bias", "tools", "functions")) {
            JsonNode node = get(name);
            if (node != null && !node.isEmpty()) {
                throw new Refusal(name).unsupported("is not computed here");
            }
        }
        for (String name : List.of("tool_choice", "function_call")) {
            JsonNode node = get(name);
            if (node != null && !(node.isString() && Set.of("none", "auto").contains(node.stringValue()))) {
                throw new Refusal(name).unsupported("is not computed here");
            }
        }
        for (String name :
                List.of("audio", "prediction", "web_search_options", "reasoning_effort", "verbosity", "suffix")) {
            if (get(name) != null) {
                throw new Refusal(name).unsupported("is not computed here");
            }
        }
        JsonNode modalities = get("modalities");
        if (modalities != null
                && !(modalities.isArray()
                        && modalities.size() == 1
                        && modalities.get(0).isString()
                        && modalities.get(0).stringValue().equals("text"))) {
            throw new Refusal("modalities").unsupported("only text is");
        }
        JsonNode format = object("response_format");
        if (format != null
                && !(format.size() == 1
                        && format.path("type").isString()
                        && format.path("type").stringValue().equals("text"))) {
            throw new Refusal("response_format").unsupported("only {\"type\": \"text\"} is");
        }
        if (!chat && bool(root, "echo")) {
            throw new Refusal("echo").unsupported("is not computed here");
        }
        if (integer("best_of", 1, MOST_CHOICES, 1) > integer("n", 1, MOST_CHOICES, 1)) {
            throw new Refusal("best_of").unsupported("must not be more than n");
        }
    }

    private record Refusal(String name) {
        private ApiException unsupported(String why) {
            return ApiException.unsupported(name, "'" + name + "': " + why);
        }
    }

    private List<Message> messages() {
        JsonNode node = get("messages");
        if (node == null || !node.isArray() || node.isEmpty()) {
            throw ApiException.invalid("messages", "'messages' must be an array with at least one message");
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            messages.add(message(node.get(i), "messages[" + i + "]"));
        }
        return messages;
    }

    private static Message message(JsonNode node, String where) {
        if (!node.isObject()) {
            throw ApiException.invalid(where, "a message must be an object");
        }
        for (String name : node.propertyNames()) {
            boolean harmless = Set.of("role", "content", "name").contains(name)
                    || node.get(name).isNull()
                    || name.equals("tool_calls") && node.get(name).isEmpty();
            if (!harmless) {
                throw new Refusal(where + "." + name).unsupported("is not computed here");
            }
        }
        String role = node.path("role").isString() ? node.path("role").stringValue() : "";
        if (!Set.of("system", "developer", "user", "assistant").contains(role)) {
            throw ApiException.invalid(where + ".role", "the role must be system, developer, user or assistant");
        }
        return new Message(
                role.equals("developer") ? "system" : role, content(node.path("content"), where + ".content"));
    }

    private static String content(JsonNode node, String where) {
        if (node.isString()) {
            return unicode(node.stringValue(), where);
        }
        if (!node.isArray() || node.isEmpty()) {
            throw ApiException.invalid(where, "the content must be a text, or an array of parts");
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < node.size(); i++) {
            JsonNode part = node.get(i);
            String type = part.path("type").isString() ? part.path("type").stringValue() : "";
            if (!type.equals("text") || !part.path("text").isString() || part.size() != 2) {
                throw new Refusal(where + "[" + i + "]")
                        .unsupported("only parts {\"type\": \"text\", \"text\": …} are");
            }
            text.append(unicode(part.path("text").stringValue(), where));
        }
        return text.toString();
    }

    private List<Prompt> prompts() {
        JsonNode node = get("prompt");
        if (node != null && node.isString()) {
            return List.of(text(node));
        }
        if (node == null
                || !node.isArray()
                || node.isEmpty()
                || node.size() > MOST_CHOICES && !node.get(0).isIntegralNumber()) {
            throw ApiException.invalid(
                    "prompt",
                    "'prompt' must be a text, an array of 1 to %d texts, token ids, or an array of these"
                            .formatted(MOST_CHOICES));
        }
        if (node.get(0).isIntegralNumber()) {
            return List.of(tokens(node));
        }
        List<Prompt> prompts = new ArrayList<>();
        for (JsonNode element : node) {
            prompts.add(element.isString() ? text(element) : tokens(element));
        }
        return prompts;
    }

    private static Prompt text(JsonNode node) {
        return new CompletionRequest.Text(unicode(node.stringValue(), "prompt"));
    }

    private static Prompt tokens(JsonNode node) {
        if (!node.isArray() || node.isEmpty()) {
            throw ApiException.invalid("prompt", "'prompt': a text, or an array with at least one token id");
        }
        int[] ids = new int[node.size()];
        for (int i = 0; i < ids.length; i++) {
            JsonNode id = node.get(i);
            if (!id.isIntegralNumber() || !id.canConvertToInt()) {
                throw ApiException.invalid("prompt", "'prompt': element %d is no token id".formatted(i));
            }
            ids[i] = id.intValue();
        }
        return new CompletionRequest.Tokens(ids);
    }

    /** A lone half of a surrogate pair is no text. */
    private static String unicode(String text, String where) {
        LoneSurrogate.in(text).ifPresent(at -> {
            throw ApiException.invalid(where, "'%s': character %d is half of a surrogate pair".formatted(where, at));
        });
        return text;
    }

    private @Nullable Long seed() {
        JsonNode node = get("seed");
        if (node == null) {
            return null;
        }
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw ApiException.invalid("seed", "'seed' must be a whole number of 64 bits");
        }
        return node.longValue();
    }

    private float topP() {
        // 0, and what binary32 rounds to it, leaves the likeliest token, as any share does that it has alone.
        return Math.max((float) number("top_p", 0, 1, 1), Float.MIN_VALUE);
    }

    private List<String> stops() {
        JsonNode node = get("stop");
        if (node == null) {
            return List.of();
        }
        List<String> stops = new ArrayList<>();
        if (node.isString()) {
            stops.add(node.stringValue());
        } else if (node.isArray() && node.size() <= MOST_STOPS) {
            for (JsonNode element : node) {
                if (!element.isString()) {
                    throw ApiException.invalid("stop", "'stop' must hold texts");
                }
                stops.add(element.stringValue());
            }
        } else {
            throw ApiException.invalid(
                    "stop", "'stop' must be a text or an array of at most %d texts".formatted(MOST_STOPS));
        }
        for (String stop : stops) {
            if (stop.isEmpty() || stop.length() > MOST_STOP_LENGTH) {
                throw ApiException.invalid("stop", "'stop': a text of 1 to %,d characters".formatted(MOST_STOP_LENGTH));
            }
        }
        return stops;
    }

    private int alternatives(boolean chat) {
        if (!chat) {
            return integer("logprobs", 0, 5, -1);
        }
        boolean wanted = bool(root, "logprobs");
        int alternatives = integer("top_logprobs", 0, GenerationRequest.MOST_ALTERNATIVES, -1);
        if (alternatives >= 0 && !wanted) {
            throw ApiException.invalid("top_logprobs", "'top_logprobs' needs logprobs: true");
        }
        return wanted ? Math.max(alternatives, 0) : -1;
    }

    private @Nullable JsonNode get(String name) {
        JsonNode node = root.get(name);
        return node == null || node.isNull() ? null : node;
    }

    private @Nullable JsonNode object(String name) {
        JsonNode node = get(name);
        if (node != null && !node.isObject()) {
            throw ApiException.invalid(name, "'" + name + "' must be an object");
        }
        return node;
    }

    private @Nullable String string(String name) {
        JsonNode node = get(name);
        if (node != null && !node.isString()) {
            throw ApiException.invalid(name, "'" + name + "' must be a text");
        }
        return node == null ? null : node.stringValue();
    }

    private static boolean bool(JsonNode parent, String name) {
        JsonNode node = parent.get(name);
        if (node == null || node.isNull()) {
            return false;
        }
        if (!node.isBoolean()) {
            throw ApiException.invalid(name, "'" + name + "' must be true or false");
        }
        return node.booleanValue();
    }

    private int integer(String name, int least, int most, int otherwise) {
        JsonNode node = get(name);
        if (node == null) {
            return otherwise;
        }
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < least || node.intValue() > most) {
            throw ApiException.invalid(
                    name, "'%s' must be a whole number from %,d to %,d".formatted(name, least, most));
        }
        return node.intValue();
    }

    private double number(String name, double least, double most, double otherwise) {
        JsonNode node = get(name);
        if (node == null) {
            return otherwise;
        }
        if (!node.isNumber() || !(node.doubleValue() >= least && node.doubleValue() <= most)) {
            throw ApiException.invalid(name, "'%s' must be a number from %s to %s".formatted(name, least, most));
        }
        return node.doubleValue();
    }
}
