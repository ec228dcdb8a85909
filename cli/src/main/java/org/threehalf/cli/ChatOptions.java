package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.generate.ChatTemplate;
import org.threehalf.inference.generate.LanguageModel;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the commands that write conversations: how they begin, and by what template. */
final class ChatOptions {
    @Mixin
    private TemplateOption template = new TemplateOption();

    @Option(names = "--system", paramLabel = "TEXT", description = "instructions that come before the first message")
    private @Nullable String system;

    /** Whether any of them was given. */
    boolean given() {
        return template.given() || system != null;
    }

    /** The instructions, or empty. */
    String system() {
        return system == null ? "" : system;
    }

    /** The file of a template that was named. */
    Optional<Path> template() {
        return template.file();
    }

    /** The source of a template that was named, or null: asked for before a model is loaded. */
    @Nullable
    String source() throws IOException {
        return template.source();
    }

    /** The template. */
    static ChatTemplate template(LanguageModel model, @Nullable String source) throws IOException {
        return ChatTemplate.of(model.file().metadata(), model.tokenizer(), source);
    }
}
