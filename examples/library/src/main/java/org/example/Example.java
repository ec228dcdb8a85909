package org.example;

import java.io.IOException;
import java.nio.file.Path;
import org.threehalf.inference.generate.Chat;
import org.threehalf.inference.generate.GeneratedToken;
import org.threehalf.inference.generate.GenerationOptions;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.generate.TokenStream;

/** Goes on with a text, then talks: {@code Example MODEL PROMPT}. */
public final class Example {
    private Example() {}

    /** Runs. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.println("usage: Example MODEL PROMPT");
            System.exit(2);
        }
        Path file = Path.of(arguments[0]);
        String prompt = arguments[1];
        generate(file, prompt);
        chat(file);
    }

    private static void generate(Path file, String prompt) throws IOException {
        try (LanguageModel model = LanguageModel.open(file)) {
            GenerationOptions options = GenerationOptions.DEFAULT.withTokens(24).withTemperature(0.7f).withSeed(3);
            try (TokenStream answer = model.generate(prompt, options)) {
                for (GeneratedToken token : answer) {       // computed when it is asked for, and none after a break
                    System.out.print(token.text());         // token.logits() are what it was drawn from
                }
                System.out.printf("%n%d tokens, %.1f tokens/s on %s%n", answer.tokens(), answer.run().rate(), model.backend());
            }
        }
    }

    private static void chat(Path file) throws IOException {
        LanguageModel.Options options = LanguageModel.Options.DEFAULT
                .withContext(512)
                .withChatTemplate("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:");      // without: the model's own
        try (LanguageModel model = LanguageModel.open(file, options);
                Chat chat = model.chat("Answer in one sentence.", GenerationOptions.DEFAULT.withTemperature(0).withTokens(12))) {
            System.out.println(chat.ask("What is the capital of France?").text());
            System.out.println(chat.ask("And of Italy?").text());
        }
    }
}
