package org.threehalf.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.generate.Generator;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.generate.PromptForm;
import org.threehalf.inference.generate.TokenStream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code threehalf generate}: goes on with a text, or answers a message. */
@Command(
        name = "generate",
        description = "Go on with a text, or answer a message.",
        footer = {"%nThe text goes to the standard output as it is made, times to the standard error. Ctrl-C stops."},
        mixinStandardHelpOptions = true)
public final class GenerateCommand implements Callable<Integer> {

    /** Where the prompt comes from. */
    static final class Prompt {
        @Option(
                names = {"-p", "--prompt"},
                paramLabel = "TEXT",
                description = "the text to go on with, or the message")
        private @Nullable String text;

        @Option(
                names = {"-f", "--file"},
                paramLabel = "FILE",
                description = "a file with it, in UTF-8; - for the standard input")
        private @Nullable Path file;
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @ArgGroup(multiplicity = "1")
    private Prompt prompt = new Prompt();

    @Option(
            names = {"-n", "--tokens"},
            paramLabel = "N",
            defaultValue = "128",
            description = "how many tokens at most (default: ${DEFAULT-VALUE})")
    private int tokens = 128;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "do it N times, each from the start, and print the times of each: the first is cold, the others are warm (default: ${DEFAULT-VALUE})")
    private int repeat = 1;

    @Option(names = "--chat", description = "the prompt is a message: write it as the model's chat template asks")
    private boolean chat;

    @Mixin
    private ChatOptions conversation = new ChatOptions();

    @Option(
            names = "--special",
            description =
                    "without --chat: control tokens that are spelt out in the prompt, such as <|im_start|>, are those tokens")
    private boolean special;

    @Override
    public Integer call() throws Exception {
        UsageException.requireRange("--tokens", tokens, 1, Integer.MAX_VALUE);
        UsageException.requireRange("--repeat", repeat, 1, Integer.MAX_VALUE);
        sampling.check();
        if (conversation.given() && !chat) {
            throw new UsageException(
                    "--system and --chat-template are of --chat: without it the prompt is the whole text");
        }
        String template = conversation.source();
        if (special && chat) {
            throw new UsageException(
                    "--special is of plain prompts: with --chat the template alone makes control tokens");
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        String text = prompt.file == null ? String.valueOf(prompt.text) : InputText.read(prompt.file);
        return model.run(1, 1, err, (opened, device, positions) -> {
            try (Decoder decoder = device.decoder(opened.weights(), positions)) {
                generate(opened, opened.bytesPerToken(device), decoder, text, template, out, err);
            }
            return 0;
        });
    }

    private int[] prompt(LanguageModel opened, Decoder decoder, String text, @Nullable String template, PrintWriter err)
            throws Exception {
        try {
            PromptForm.Fed fed = new PromptForm(chat, conversation.system(), template, special)
                    .feed(opened, decoder.capacity(), text);
            print(fed.text(), err);
            return fed.tokens();
        } catch (IllegalArgumentException unfit) {
            throw new UsageException(String.valueOf(unfit.getMessage()), unfit);
        }
    }

    private void print(String prompt, PrintWriter err) {
        if (conversation.printPrompt) {
            err.println(ThreeHalf.printable(prompt));
            err.flush();
        }
    }

    private void generate(
            LanguageModel opened,
            long bytes,
            Decoder decoder,
            String text,
            @Nullable String template,
            PrintWriter out,
            PrintWriter err)
            throws Exception {
        int[] ids = prompt(opened, decoder, text, template, err);
        try (Interruption interruption = new Interruption()) {
            for (int turn = 0; turn < repeat && !interruption.requested(); turn++) {
                if (!chat) {
                    out.print(text);
                    out.flush();
                }
                // From position 0: what the decoder holds of a run before is replaced.
                TokenStream answer = TokenStream.of(decoder, opened.tokenizer(), ids, sampling.of(tokens));
                GeneratedText.print(answer, out, interruption);
                Generator.Run run = answer.run();
                if (run.end() == Generator.End.CONTEXT) {
                    err.printf(
                            "%nnote: the context of %,d positions is full: a larger --context goes on%n",
                            decoder.capacity());
                }
                err.printf(
                        "%n%s%s, seed %d: prompt %d tokens at %.1f tokens/s, generated %d at %.2f tokens/s (%,d bytes of weights a token: %.2f GB/s)%n",
                        opened.file().name(),
                        ModelOptions.remark(opened),
                        sampling.seed(),
                        run.promptTokens(),
                        run.promptRate(),
                        run.tokens(),
                        run.rate(),
                        bytes,
                        run.rate() * bytes / 1e9);
                err.flush();
            }
        }
    }
}
