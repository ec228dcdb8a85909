package org.threehalf.inference.generate;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.template.JinjaTemplate;
import org.threehalf.inference.template.TemplateException;
import org.threehalf.inference.tokenizer.Tokenizer;

/**
 * How a model writes a conversation: the file's own template ({@code tokenizer.chat_template}, a Jinja program),
 * another one that somebody names, or, where the file has none, that of its architecture's family.
 */
public final class ChatTemplate {

    /**
     * A message.
     *
     * @param role {@code system}, {@code user} or {@code assistant}
     * @param content its text
     */
    public record Message(String role, String content) {}

    /**
     * A conversation as text.
     *
     * @param text all of it
     * @param foreign the indexes of characters that are of messages, whatever the template did with them: no control
     *     token may be made of any
     */
    public record Rendered(String text, BitSet foreign) {}

    private static final String CHATML =
            "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
    private static final String GEMMA =
            "{% set first = messages[0].content + '\\n\\n' if messages[0].role == 'system' else '' %}{{ bos_token }}{% for m in messages if m.role != 'system' %}"
                    + "<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ (first if loop.first else '') + m.content | trim }}<end_of_turn>\n{% endfor %}"
                    + "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}";
    private static final String LLAMA3 =
            "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content | trim }}<|eot_id|>{% endfor %}"
                    + "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}";
    private static final String INSTRUCT =
            "{% set first = messages[0].content + '\\n\\n' if messages[0].role == 'system' else '' %}{{ bos_token }}"
                    + "{% for m in messages if m.role != 'system' %}{% if m.role == 'user' %}[INST] {{ (first if loop.first else '') + m.content }} [/INST]"
                    + "{% else %}{{ m.content }}{{ eos_token }}{% endif %}{% endfor %}";

    /** Those that can be named. */
    private static final SequencedMap<String, String> NAMED = new LinkedHashMap<>();

    static {
        NAMED.put("chatml", CHATML);
        NAMED.put("gemma", GEMMA);
        NAMED.put("llama3", LLAMA3);
        NAMED.put("instruct", INSTRUCT);
    }

    private static final Map<String, String> BY_ARCHITECTURE =
            Map.of("gemma2", GEMMA, "gemma3", GEMMA, "qwen2", CHATML, "qwen3", CHATML, "llama", INSTRUCT);
    /** Roles that templates make tokens of, as in {@code <|user|>}; every other one is text like a message's. */
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool");

    private final String file;
    private final String source;
    private final JinjaTemplate template;
    private final Tokenizer tokenizer;
    private final @Nullable LocalDateTime time;

    private ChatTemplate(
            String file, String source, JinjaTemplate template, Tokenizer tokenizer, @Nullable LocalDateTime time) {
        this.file = file;
        this.source = source;
        this.template = template;
        this.tokenizer = tokenizer;
        this.time = time;
    }

    private static ChatTemplate of(String file, String source, Tokenizer tokenizer) throws ModelFormatException {
        try {
            return new ChatTemplate(file, source, JinjaTemplate.of(source), tokenizer, null);
        } catch (TemplateException wrong) {
            throw new ModelFormatException(
                    "%s: its chat template cannot be read: %s; --chat-template FILE or NAME takes another"
                            .formatted(file, wrong.getMessage()),
                    wrong);
        }
    }

    /** The names of the templates that need no file. */
    public static List<String> names() {
        return List.copyOf(NAMED.keySet());
    }

    /** The source of a template that has a name. */
    public static Optional<String> named(String name) {
        return Optional.ofNullable(NAMED.get(name));
    }

    /** The template's own text, in Jinja. */
    public String source() {
        return source;
    }

    /**
     * The template of a model.
     *
     * @param metadata the model's
     * @param tokenizer the model's
     * @param instead another template's source, or null
     * @throws ModelFormatException if it cannot be read, or there is none
     */
    public static ChatTemplate of(GgufMetadata metadata, Tokenizer tokenizer, @Nullable String instead)
            throws ModelFormatException {
        String source = instead != null
                ? instead
                : metadata.findString("tokenizer.chat_template")
                        .orElse(BY_ARCHITECTURE.get(metadata.string("general.architecture")));
        if (source == null) {
            throw new ModelFormatException(
                    "%s: it has no chat template, and none is known for architecture %s: --chat-template FILE or NAME (%s) gives one"
                            .formatted(
                                    metadata.file(),
                                    metadata.string("general.architecture"),
                                    String.join(", ", names())));
        }
        return of(metadata.file(), source, tokenizer);
    }

    /** Whether what it writes may depend on the time: whether it asks for it anywhere ({@code strftime_now}). */
    public boolean tellsTime() {
        return source.contains("strftime_now");
    }

    /**
     * The same, at a time: without it each {@link #render} tells its own.
     *
     * @param now what {@code strftime_now} tells
     */
    public ChatTemplate at(LocalDateTime now) {
        return new ChatTemplate(file, source, template, tokenizer, now);
    }

    /**
     * Writes a conversation.
     *
     * @param messages in their order
     * @param answer whether the text goes on to where an answer begins
     * @throws ConversationRefusedException if the template does not take the messages, or fails; with what it says
     */
    public Rendered render(List<Message> messages, boolean answer) throws ConversationRefusedException {
        JinjaTemplate.Rendered written = run(messages, answer, time == null ? LocalDateTime.now() : time);
        return new Rendered(written.text(), written.foreign());
    }

    /**
     * The tokens of a conversation, with the token of the beginning where the model's file asks for one and the
     * template did not write it.
     *
     * @param conversation what {@link #render} gave
     */
    public int[] tokens(Rendered conversation) {
        int[] tokens = tokenizer.encodeWithControlTokens(conversation.text(), conversation.foreign());
        if (!tokenizer.vocabulary().addBeginning()
                || tokens.length > 0 && tokens[0] == tokenizer.vocabulary().beginning()) {
            return tokens;
        }
        return IntStream.concat(IntStream.of(tokenizer.vocabulary().beginning()), Arrays.stream(tokens))
                .toArray();
    }

    private JinjaTemplate.Rendered run(List<Message> messages, boolean answer, LocalDateTime now)
            throws ConversationRefusedException {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        List<Object> list = new ArrayList<>();
        for (Message message : messages) {
            Map<Object, @Nullable Object> entry = new LinkedHashMap<>();
            entry.put("role", ROLES.contains(message.role) ? message.role : new JinjaTemplate.Foreign(message.role));
            entry.put("content", new JinjaTemplate.Foreign(message.content));
            list.add(entry);
        }
        values.put("messages", list);
        values.put("tools", null);
        values.put("documents", null);
        values.put("add_generation_prompt", answer);
        values.put("bos_token", tokenizer.vocabulary().beginningText());
        values.put("eos_token", tokenizer.vocabulary().endText());
        try {
            return template.write(values, now);
        } catch (TemplateException failed) {
            throw new ConversationRefusedException(
                    "%s: its chat template does not take the conversation: %s".formatted(file, failed.getMessage()),
                    failed);
        }
    }
}
