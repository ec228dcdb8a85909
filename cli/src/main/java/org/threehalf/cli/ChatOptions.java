package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.generate.ChatTemplate;
import org.threehalf.inference.generate.LanguageModel;
import picocli.CommandLine.Option;

/** Options of the commands that write conversations. */
final class ChatOptions {
    @Option(
            names = "--chat-template",
            paramLabel = "FILE|NAME",
            description = "another chat template than the model's own: a file with a Jinja template, or one of chatml, gemma, llama3, instruct")
    private @Nullable String template;

    @Option(names = "--system", paramLabel = "TEXT", description = "instructions that come before the first message")
    private @Nullable String system;

    @Option(names = "--print-prompt", description = "print what the model is fed to the standard error")
    boolean printPrompt;

    /** Whether any of them was given. */
    boolean given() {
        return template != null || system != null;
    }

    /** The instructions, or empty. */
    String system() {
        return system == null ? "" : system;
    }

    /** The source of a template that was named, or null: asked for before a model is loaded. */
    @Nullable String source() throws IOException {
        if (template == null) {
            return null;
        }
        Path file = Path.of(template);
        if (!Files.exists(file) && ChatTemplate.named(template).isEmpty()) {
            throw new UsageException("--chat-template %s: no such file, and no template of that name: %s".formatted(template, String.join(", ", ChatTemplate.names())));
        }
        return ChatTemplate.named(template).isPresent() ? ChatTemplate.named(template).orElseThrow() : InputText.read(file);
    }

    /** The template. */
    static ChatTemplate template(LanguageModel model, @Nullable String source) throws IOException {
        return ChatTemplate.of(model.file().metadata(), model.tokenizer(), source);
    }
}
