package org.threehalf.server;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.batch.BatchGenerator;
import org.threehalf.inference.batch.DrawnToken;
import org.threehalf.inference.batch.GenerationListener;
import org.threehalf.inference.generate.Generator.End;
import org.threehalf.inference.generate.StopText;
import org.threehalf.inference.tokenizer.Tokenizer;
import org.threehalf.inference.tokenizer.Utf8Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the answers to one request as they are made: chunk by chunk, or whole at the end. All methods are called by
 * the generating thread, but for {@link #give}.
 *
 * <p>What an answer needs in memory is bounded by the context: a stream that is not read is held, and no more than
 * that.
 */
final class AnswerWriter {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /** Where the JSON goes. Called by the generating thread; must return at once. */
    interface Sink {
        /** One event of a stream. */
        void chunk(String json);

        /** The whole answer of a request that is no stream. */
        void whole(String json);

        /** The stream is at its end. */
        void done();

        /** The request cannot be answered. */
        void failed(RuntimeException cause);
    }

    private final CompletionRequest request;
    private final ServedModel model;
    private final String id;
    private final long created;
    private final Sink sink;
    private final List<Choice> choices = new ArrayList<>();
    private final List<GenerationListener.Summary> summaries = new ArrayList<>();
    private List<BatchGenerator.Handle> handles = List.of();
    private boolean failed;

    /** One of the answers. */
    private final class Choice implements GenerationListener {
        private final int index;
        private final Utf8Stream utf8 = new Utf8Stream();
        private final StopText stop = new StopText(request.stops());
        private final StringBuilder text = new StringBuilder();
        private final List<DrawnToken> tokens = new ArrayList<>();
        /** Characters (code points) that begin in the tokens so far. */
        private int textOffset;

        private @Nullable Summary summary;

        private Choice(int index) {
            this.index = index;
        }

        @Override
        public boolean drawn(DrawnToken token) {
            show(stop.append(utf8.append(model.tokenizer().bytes(token.id()))), token);
            return !stop.stopped();
        }

        private void show(String more, @Nullable DrawnToken token) {
            if (request.stream()) {
                if (!more.isEmpty() || token != null && token.probabilities() != null) {
                    sink.chunk(chunk(this, more, token == null ? List.of() : List.of(token), null));
                }
            } else {
                text.append(more);
                if (token != null && token.probabilities() != null) {
                    tokens.add(token);
                }
            }
        }

        @Override
        public void ended(Summary summary) {
            show(stop.append(utf8.end()) + stop.end(), null);
            this.summary = summary;
            if (request.stream() && !failed) {
                sink.chunk(chunk(this, "", List.of(), finishReason()));
            }
            summaries.add(summary);
            if (summaries.size() == choices.size() && !failed) {
                finish();
            }
        }

        @Override
        public void failed(RuntimeException cause) {
            summaries.add(new Summary(End.STOPPED, 0, 0, 0, ""));
            if (!failed) {
                failed = true;
                sink.failed(cause);
                give();
            }
        }

        private String finishReason() {
            return summary != null && (summary.end() == End.LENGTH || summary.end() == End.CONTEXT) ? "length" : "stop";
        }
    }

    /**
     * For a request.
     *
     * @param request the request
     * @param model what answers
     * @param id the answer's id
     * @param created seconds since 1970
     * @param count how many answers there are, all prompts together
     * @param sink where the JSON goes
     */
    AnswerWriter(CompletionRequest request, ServedModel model, String id, long created, int count, Sink sink) {
        this.request = request;
        this.model = model;
        this.id = id;
        this.created = created;
        this.sink = sink;
        for (int i = 0; i < count; i++) {
            choices.add(new Choice(i));
        }
    }

    /** Who is told of the answers, in order. */
    List<? extends GenerationListener> listeners() {
        return choices;
    }

    /** The handles, once the requests are taken. */
    void taken(List<BatchGenerator.Handle> handles) {
        synchronized (this) {
            this.handles = handles;
        }
    }

    /** Nobody waits for the answers any more. */
    void give() {
        List<BatchGenerator.Handle> taken;
        synchronized (this) {
            taken = handles;
        }
        taken.forEach(BatchGenerator.Handle::cancel);
    }

    /** The first chunk of each answer of a chat's stream: who speaks. */
    void begin() {
        if (request.stream() && request.chat()) {
            for (Choice choice : choices) {
                ObjectNode root = root("chat.completion.chunk");
                ObjectNode node = root.putArray("choices").addObject().put("index", choice.index);
                node.putObject("delta").put("role", "assistant").put("content", "");
                node.putNull("logprobs").putNull("finish_reason");
                withoutUsage(root);
                sink.chunk(json(root));
            }
        }
    }

    private void finish() {
        if (request.stream()) {
            if (request.includeUsage() || request.hashLogits()) {
                ObjectNode root = root(request.chat() ? "chat.completion.chunk" : "text_completion");
                root.putArray("choices");
                if (request.includeUsage()) {
                    root.set("usage", usage());
                }
                hashes(root);
                sink.chunk(json(root));
            }
            sink.done();
            return;
        }
        ObjectNode root = root(request.chat() ? "chat.completion" : "text_completion");
        ArrayNode array = root.putArray("choices");
        for (Choice choice : choices) {
            ObjectNode node = array.addObject().put("index", choice.index);
            if (request.chat()) {
                node.putObject("message")
                        .put("role", "assistant")
                        .put("content", choice.text.toString())
                        .putNull("refusal");
            } else {
                node.put("text", choice.text.toString());
            }
            logprobs(node, choice, choice.tokens);
            node.put("finish_reason", choice.finishReason());
        }
        root.set("usage", usage());
        hashes(root);
        sink.whole(json(root));
    }

    private String chunk(Choice choice, String text, List<DrawnToken> tokens, @Nullable String finishReason) {
        ObjectNode root = root(request.chat() ? "chat.completion.chunk" : "text_completion");
        ObjectNode node = root.putArray("choices").addObject().put("index", choice.index);
        if (request.chat()) {
            ObjectNode delta = node.putObject("delta");
            if (finishReason == null) {
                delta.put("content", text);
            }
        } else {
            node.put("text", text);
        }
        logprobs(node, choice, tokens);
        node.put("finish_reason", finishReason);
        withoutUsage(root);
        return json(root);
    }

    private ObjectNode root(String object) {
        return MAPPER.createObjectNode()
                .put("id", id)
                .put("object", object)
                .put("created", created)
                .put("model", model.name())
                .put("system_fingerprint", model.fingerprint());
    }

    /** Where the usage is asked for, all chunks but the last say that they have none. */
    private void withoutUsage(ObjectNode root) {
        if (request.includeUsage()) {
            root.putNull("usage");
        }
    }

    /** Prompts count once, however many answers they have. */
    private ObjectNode usage() {
        int prompt = 0;
        int reused = 0;
        int completion = 0;
        for (int i = 0; i < choices.size(); i++) {
            GenerationListener.Summary summary = choices.get(i).summary;
            if (summary != null) {
                completion += summary.tokens();
                if (i % request.choices() == 0) {
                    prompt += summary.promptTokens();
                    reused += summary.reusedTokens();
                }
            }
        }
        ObjectNode usage = MAPPER.createObjectNode()
                .put("prompt_tokens", prompt)
                .put("completion_tokens", completion)
                .put("total_tokens", prompt + completion);
        usage.putObject("prompt_tokens_details").put("cached_tokens", reused);
        return usage;
    }

    /** SHA-256 of the logits of each answer, where asked for. */
    private void hashes(ObjectNode root) {
        if (request.hashLogits()) {
            ArrayNode hashes = root.putObject("threehalf").putArray("logits_sha256");
            for (Choice choice : choices) {
                hashes.add(choice.summary == null ? "" : choice.summary.logitsSha256());
            }
        }
    }

    private void logprobs(ObjectNode node, Choice choice, List<DrawnToken> tokens) {
        if (request.alternatives() < 0 || tokens.isEmpty()) {
            node.putNull("logprobs");
            return;
        }
        ObjectNode logprobs = node.putObject("logprobs");
        if (request.chat()) {
            ArrayNode content = logprobs.putArray("content");
            for (DrawnToken token : tokens) {
                DrawnToken.Probabilities probabilities = probabilities(token);
                ObjectNode entry = content.addObject();
                entry(entry, token.id(), probabilities.logProbability());
                ArrayNode top = entry.putArray("top_logprobs");
                probabilities
                        .mostLikely()
                        .forEach(candidate -> entry(top.addObject(), candidate.id(), candidate.logProbability()));
            }
            logprobs.putNull("refusal");
            return;
        }
        ArrayNode names = logprobs.putArray("tokens");
        ArrayNode values = logprobs.putArray("token_logprobs");
        ArrayNode top = logprobs.putArray("top_logprobs");
        ArrayNode offsets = logprobs.putArray("text_offset");
        for (DrawnToken token : tokens) {
            DrawnToken.Probabilities probabilities = probabilities(token);
            names.add(name(token.id()));
            values.add(probabilities.logProbability());
            ObjectNode candidates = top.addObject();
            // Several tokens may have one name: the likelier one has it, the other is told from it by its id.
            probabilities
                    .mostLikely()
                    .forEach(candidate -> candidates.put(
                            candidates.has(name(candidate.id()))
                                    ? name(candidate.id()) + "#" + candidate.id()
                                    : name(candidate.id()),
                            candidate.logProbability()));
            offsets.add(choice.textOffset);
            for (byte b : model.tokenizer().bytes(token.id())) {
                // All bytes of UTF-8 but those that go on with a character.
                choice.textOffset += (b & 0xc0) == 0x80 ? 0 : 1;
            }
        }
    }

    private static DrawnToken.Probabilities probabilities(DrawnToken token) {
        DrawnToken.Probabilities probabilities = token.probabilities();
        if (probabilities == null) {
            throw new AssertionError("log-probabilities were asked for");
        }
        return probabilities;
    }

    private void entry(ObjectNode entry, int id, double logProbability) {
        entry.put("token", name(id)).put("logprob", logProbability);
        byte[] bytes = model.tokenizer().bytes(id);
        if (bytes.length == 0) {
            // A control token: it has a name and stands for no text.
            entry.putNull("bytes");
            return;
        }
        ArrayNode array = entry.putArray("bytes");
        for (byte b : bytes) {
            array.add(b & 0xff);
        }
    }

    /**
     * A token's text; of a control token its spelling, and of a part of a character its bytes, as the OpenAI API writes
     * them: {@code bytes:\\xe2\\x80}.
     */
    private String name(int id) {
        byte[] bytes = model.tokenizer().bytes(id);
        if (bytes.length == 0) {
            return model.tokenizer().vocabulary().token(id);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException part) {
            StringBuilder name = new StringBuilder("bytes:");
            for (byte b : bytes) {
                name.append("\\x%02x".formatted(b));
            }
            return name.toString();
        }
    }

    private static String json(ObjectNode node) {
        return MAPPER.writeValueAsString(node);
    }

    /** The tokens of each prompt of a request. */
    static List<int[]> prompts(CompletionRequest request, ServedModel model) {
        Tokenizer tokenizer = model.tokenizer();
        if (!request.chat()) {
            return request.prompts().stream()
                    .map(prompt -> switch (prompt) {
                        case CompletionRequest.Text(String text) -> tokenizer.encodePrompt(text);
                        case CompletionRequest.Tokens(int[] ids) -> ids;
                    })
                    .toList();
        }
        ServedModel.ChatPrompt chat = model.chat();
        if (chat == null) {
            throw ApiException.invalid("messages", "this model has no chat template: use /v1/completions");
        }
        List<ServedModel.Turn> turns = request.messages().stream()
                .map(message -> new ServedModel.Turn(message.role(), message.content()))
                .toList();
        try {
            return List.of(chat.tokens(turns));
        } catch (IllegalArgumentException refused) {
            throw ApiException.invalid("messages", refused.getMessage());
        }
    }

    /** JSON of an error, in the API's terms. */
    static String error(String type, @Nullable String parameter, @Nullable String code, String message) {
        ObjectNode root = MAPPER.createObjectNode();
        root.putObject("error")
                .put("message", message)
                .put("type", type)
                .put("param", parameter)
                .put("code", code);
        return json(root);
    }

    /** An object of named values, for small answers. */
    static String object(Consumer<ObjectNode> fill) {
        ObjectNode node = MAPPER.createObjectNode();
        fill.accept(node);
        return json(node);
    }
}
