package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.threehalf.inference.generate.PromptForm;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the commands that answer prompts: how a prompt is fed, and how its answer is drawn. */
public final class PromptOptions {
    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Mixin
    private ChatOptions conversation = new ChatOptions();

    @Option(
            names = {"-n", "--tokens"},
            paramLabel = "N",
            defaultValue = "128",
            description = "how many tokens an answer has at most (default: ${DEFAULT-VALUE})")
    private int tokens = 128;

    @Option(names = "--chat", description = "a prompt is a message: write it as the model's chat template asks")
    private boolean chat;

    @Option(
            names = "--special",
            description =
                    "without --chat: control tokens that are spelt out in a prompt, such as <|im_start|>, are those tokens")
    private boolean special;

    /** The options, which picocli sets. */
    public PromptOptions() {}

    /**
     * How a prompt is fed: asked for before a model is loaded.
     *
     * @throws UsageException if an option is outside its range, or two of them do not go together
     * @throws IOException if a template's file cannot be read
     */
    public PromptForm form() throws IOException {
        UsageException.requireRange("--tokens", tokens, 1, Integer.MAX_VALUE);
        sampling.check();
        if (conversation.given() && !chat) {
            throw new UsageException(
                    "--system and --chat-template are of --chat: without it a prompt is the whole text");
        }
        if (special && chat) {
            throw new UsageException(
                    "--special is of plain prompts: with --chat the template alone makes control tokens");
        }
        return new PromptForm(chat, conversation.system(), conversation.source(), special, null);
    }

    /** The file of the chat template, where one is named. */
    public Optional<Path> template() {
        return conversation.template();
    }

    /** How tokens are drawn. */
    public SamplingOptions sampling() {
        return sampling;
    }

    /** How many tokens an answer has at most. */
    public int tokens() {
        return tokens;
    }
}
