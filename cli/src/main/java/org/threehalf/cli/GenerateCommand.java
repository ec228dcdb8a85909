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
    private PromptOptions options = new PromptOptions();

    @Mixin
    private PrintPromptOption printPrompt = new PrintPromptOption();

    @ArgGroup(multiplicity = "1")
    private Prompt prompt = new Prompt();

    @Option(
            names = "--repeat",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "do it N times, each from the start, and print the times of each: the first is cold, the others are warm (default: ${DEFAULT-VALUE})")
    private int repeat = 1;

    @Override
    public Integer call() throws Exception {
        UsageException.requireRange("--repeat", repeat, 1, Integer.MAX_VALUE);
        PromptForm form = options.form();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        String text = prompt.file == null ? String.valueOf(prompt.text) : InputText.read(prompt.file);
        String ran = model.run(1, 1, err, (opened, device, positions) -> {
            try (Decoder decoder = device.decoder(opened.weights(), positions)) {
                return generate(opened, opened.bytesPerToken(device), decoder, text, form, out, err)
                        ? device.name()
                        : "";
            }
        });
        // After everything is closed: it runs the model once more.
        KeptStart.asked().ifPresent(start -> start.make(ran, model.file(), err));
        return 0;
    }

    private int[] prompt(LanguageModel opened, Decoder decoder, String text, PromptForm form, PrintWriter err)
            throws Exception {
        try {
            PromptForm.Fed fed = form.feed(opened, decoder.capacity(), text);
            printPrompt.print(fed.text(), err);
            return fed.tokens();
        } catch (IllegalArgumentException unfit) {
            throw new UsageException(String.valueOf(unfit.getMessage()), unfit);
        }
    }

    /** Whether nobody stopped it. */
    private boolean generate(
            LanguageModel opened,
            long bytes,
            Decoder decoder,
            String text,
            PromptForm form,
            PrintWriter out,
            PrintWriter err)
            throws Exception {
        int[] ids = prompt(opened, decoder, text, form, err);
        try (Interruption interruption = Interruption.unheld()) {
            for (int turn = 0; turn < repeat && !interruption.requested(); turn++) {
                interruption.release();
                if (!form.chat()) {
                    out.print(text);
                    out.flush();
                }
                // From position 0: what the decoder holds of a run before is replaced.
                TokenStream answer = TokenStream.of(
                        decoder, opened.tokenizer(), ids, options.sampling().of(options.tokens()));
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
                        options.sampling().seed(),
                        run.promptTokens(),
                        run.promptRate(),
                        run.tokens(),
                        run.rate(),
                        bytes,
                        run.rate() * bytes / 1e9);
                err.flush();
            }
            return !interruption.requested();
        }
    }
}
