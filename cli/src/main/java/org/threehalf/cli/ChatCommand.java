package org.threehalf.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.generate.Chat;
import org.threehalf.inference.generate.Conversation;
import org.threehalf.inference.generate.Generator;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.generate.TokenStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code threehalf chat}: a conversation, a line a message. */
@Command(
        name = "chat",
        description =
                "Talk with a model: a line is a message; an empty line, /quit or the end of the input ends the conversation.",
        footer = {
            "%nThe model remembers the conversation as long as it fits the context; then the oldest messages go, two at a time, until half of it is free (--keep).",
            "Ctrl-C ends an answer and the program."
        },
        mixinStandardHelpOptions = true)
public final class ChatCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Option(
            names = {"-n", "--tokens"},
            paramLabel = "N",
            defaultValue = "512",
            description = "how many tokens an answer has at most (default: ${DEFAULT-VALUE})")
    private int tokens = 512;

    @Mixin
    private ChatOptions conversation = new ChatOptions();

    @Mixin
    private PrintPromptOption printPrompt = new PrintPromptOption();

    @Option(
            names = "--keep",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "when the context is full, the oldest messages go, whole; but never the instructions, nor the first N messages after them (default: ${DEFAULT-VALUE})")
    private int keep;

    @Override
    public Integer call() throws Exception {
        UsageException.requireRange("--tokens", tokens, 1, Integer.MAX_VALUE);
        UsageException.requireRange("--keep", keep, 0, Integer.MAX_VALUE);
        sampling.check();
        String template = conversation.source();
        PrintWriter out = spec.commandLine().getOut();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8.newDecoder()));
        return model.run(1, spec.commandLine().getErr(), (opened, decoder) -> {
            talk(opened, decoder, template, in, out);
            return 0;
        });
    }

    private static @Nullable String line(BufferedReader in) throws IOException {
        try {
            return in.readLine();
        } catch (CharacterCodingException none) {
            throw new IOException("the standard input: not a text in UTF-8", none);
        }
    }

    private void talk(
            LanguageModel opened, Decoder decoder, @Nullable String template, BufferedReader in, PrintWriter out)
            throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        Conversation whole = new Conversation(
                ChatOptions.template(opened, template),
                opened.tokenizer(),
                decoder.capacity(),
                keep,
                conversation.system());
        int dropped = 0;
        try (Interruption interruption = Interruption.unheld();
                Chat talk = new Chat(whole, decoder, opened.tokenizer(), sampling.of(tokens))) {
            while (!interruption.requested()) {
                interruption.release();
                out.print("> ");
                out.flush();
                String message = line(in);
                if (message == null || message.isBlank() || message.strip().equals("/quit")) {
                    break;
                }
                TokenStream answer;
                try {
                    answer = talk.ask(message);
                } catch (IllegalArgumentException tooLong) {
                    err.println("(" + tooLong.getMessage() + ")");
                    err.flush();
                    continue;
                }
                printPrompt.print(talk.prompt(), err);
                GeneratedText.print(answer, out, interruption);
                if (talk.dropped() > dropped) {
                    err.printf(
                            "(the context of %,d positions was full: the oldest %d messages have gone)%n",
                            decoder.capacity(), talk.dropped() - dropped);
                    dropped = talk.dropped();
                }
                if (answer.run().end() == Generator.End.CONTEXT) {
                    err.printf(
                            "(the context of %,d positions is full: the answer ends here; a larger --context holds more)%n",
                            decoder.capacity());
                }
                err.flush();
            }
        }
        out.flush();
    }
}
