package org.threehalf.inference.generate;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.ModelFormatException;

/**
 * How a model family writes a conversation. A file's own template ({@code tokenizer.chat_template}, a Jinja program) is not run: it tells which of these families the model
 * belongs to, and where it is missing the architecture does.
 */
public enum ChatTemplate {
    /** Gemma 2 and 3: a turn of {@code user}, then one of {@code model}; instructions stand in front of the first message. */
    GEMMA("<start_of_turn>", "", "<start_of_turn>user\n%s<end_of_turn>\n<start_of_turn>model\n", "<end_of_turn>\n"),
    /** Llama 3. */
    LLAMA3(
            "<|start_header_id|>",
            "<|start_header_id|>system<|end_header_id|>\n\n%s<|eot_id|>",
            "<|start_header_id|>user<|end_header_id|>\n\n%s<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
            "<|eot_id|>"),
    /** Llama 2 and the first Mistral models. */
    INSTRUCT("[INST]", "", "[INST] %s [/INST]", "</s>"),
    /** ChatML: Qwen 2 and 3. */
    CHATML(
            "<|im_start|>",
            "<|im_start|>system\n%s<|im_end|>\n",
            "<|im_start|>user\n%s<|im_end|>\n<|im_start|>assistant\n",
            "<|im_end|>\n");

    private static final Map<String, ChatTemplate> BY_ARCHITECTURE = Map.of("gemma2", GEMMA, "gemma3", GEMMA, "qwen2", CHATML, "qwen3", CHATML, "llama", INSTRUCT);

    private final String mark;
    private final String system;
    private final String user;
    private final String afterAnswer;

    ChatTemplate(String mark, String system, String user, String afterAnswer) {
        this.mark = mark;
        this.system = system;
        this.user = user;
        this.afterAnswer = afterAnswer;
    }

    /**
     * The template of a model.
     *
     * @throws ModelFormatException if the file has a template of none of these families
     */
    public static ChatTemplate of(GgufMetadata metadata) throws ModelFormatException {
        Optional<String> own = metadata.findString("tokenizer.chat_template");
        if (own.isPresent()) {
            return Arrays.stream(values()).filter(t -> own.get().contains(t.mark)).findFirst().orElseThrow(() -> new ModelFormatException(
                    "%s: its chat template is of none of the known families: %s".formatted(
                            metadata.file(), List.of(values()).toString().toLowerCase(Locale.ROOT))));
        }
        String architecture = metadata.string("general.architecture");
        ChatTemplate template = BY_ARCHITECTURE.get(architecture);
        if (template == null) {
            throw new ModelFormatException("%s: no chat template is known for architecture %s".formatted(metadata.file(), architecture));
        }
        return template;
    }

    /**
     * The text of the first message, up to where the answer begins; without the token of the beginning.
     *
     * @param instructions the system's, or empty
     * @param message the user's
     */
    public String first(String instructions, String message) {
        if (instructions.isEmpty()) {
            return user.formatted(message);
        }
        return system.isEmpty() ? user.formatted(instructions + "\n\n" + message) : system.formatted(instructions) + user.formatted(message);
    }

    /** The text of a further message: it ends the answer before, whose end token was not fed. */
    public String next(String message) {
        return afterAnswer + user.formatted(message);
    }
}
