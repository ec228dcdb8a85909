package org.threehalf.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.generate.ChatTemplate;
import org.threehalf.inference.generate.Generator;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.tokenizer.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code threehalf chat}: a conversation, a line a message. */
@Command(
        name = "chat",
        description = "Talk with a model: a line is a message; an empty line, /quit or the end of the input ends the conversation.",
        footer = {"%nThe model remembers the conversation as long as it fits the context. Ctrl-C ends an answer and the program."},
        mixinStandardHelpOptions = true)
public final class ChatCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Option(names = {"-n", "--tokens"}, paramLabel = "N", defaultValue = "512", description = "how many tokens an answer has at most (default: ${DEFAULT-VALUE})")
    private int tokens = 512;

    @Option(names = "--system", paramLabel = "TEXT", defaultValue = "", description = "instructions that come before the first message")
    private String system = "";

    @Override
    public Integer call() throws Exception {
        UsageException.requireRange("--tokens", tokens, 1, Integer.MAX_VALUE);
        sampling.check();
        PrintWriter out = spec.commandLine().getOut();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, java.nio.charset.StandardCharsets.UTF_8));
        return model.run(1, spec.commandLine().getErr(), (opened, decoder) -> {
            talk(opened, decoder, in, out);
            return 0;
        });
    }

    private void talk(LanguageModel opened, Decoder decoder, BufferedReader in, PrintWriter out) throws IOException {
        ChatTemplate template = ChatTemplate.of(opened.file().metadata());
        Tokenizer tokenizer = opened.tokenizer();
        Generator generator = new Generator(decoder, tokenizer.vocabulary(), sampling.sampler());
        try (Interruption interruption = new Interruption()) {
            GeneratedText text = new GeneratedText(tokenizer, out, interruption);
            while (!interruption.requested()) {
                out.print("> ");
                out.flush();
                String message = in.readLine();
                if (message == null || message.isBlank() || message.strip().equals("/quit")) {
                    break;
                }
                boolean first = generator.position() == 0;
                int[] ids = tokenizer.encodeWithControlTokens(first ? template.first(system, message) : template.next(message));
                Generator.Run run = text.print(generator, first ? tokenizer.wrap(ids) : ids, tokens);
                if (run.end() == Generator.End.CONTEXT) {
                    out.printf("(the context of %,d positions is full: start again, or give a larger --context)%n", decoder.capacity());
                    break;
                }
            }
        }
        out.flush();
    }
}
