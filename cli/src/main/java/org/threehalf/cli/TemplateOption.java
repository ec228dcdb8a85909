package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.generate.ChatTemplate;
import picocli.CommandLine.Option;

/** The option that takes another chat template than the model's. */
public final class TemplateOption {
    @Option(
            names = "--chat-template",
            paramLabel = "FILE|NAME",
            description =
                    "another chat template than the model's own: a file with a Jinja template, or one of chatml, gemma, llama3, instruct")
    private @Nullable String template;

    /** The option, which picocli sets. */
    public TemplateOption() {}

    /** Whether it was given. */
    public boolean given() {
        return template != null;
    }

    /** The file of the template, where it is one. */
    public Optional<Path> file() {
        return template == null || ChatTemplate.named(template).isPresent()
                ? Optional.empty()
                : Optional.of(Path.of(template));
    }

    /** The source of a template that was named, or null: asked for before a model is loaded. */
    public @Nullable String source() throws IOException {
        if (template == null) {
            return null;
        }
        Path file = Path.of(template);
        if (!Files.exists(file) && ChatTemplate.named(template).isEmpty()) {
            throw new UsageException("--chat-template %s: no such file, and no template of that name: %s"
                    .formatted(template, String.join(", ", ChatTemplate.names())));
        }
        return ChatTemplate.named(template).isPresent()
                ? ChatTemplate.named(template).orElseThrow()
                : InputText.read(file);
    }
}
