package org.threehalf.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.threehalf.cli.UsageException;

/**
 * A process that opens answers some times, and says each time whether it had them ({@code held}), was refused, or was
 * not alone.
 */
final class AnswerFileHolder {
    private AnswerFileHolder() {}

    public static void main(String[] arguments) throws IOException {
        Path out = Path.of(arguments[0]);
        Path alone = out.resolveSibling("alone");
        PromptLines.Prompt prompt = new PromptLines.Prompt(1, null, "p", 0, 1);
        for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
            try (AnswerFile answers = AnswerFile.open(out, i % 3 == 0)) {
                Files.createFile(alone);
                if (i % 2 == 0) {
                    String request = prompt.request("{}");
                    answers.add(
                            request, "{\"line\":1,\"request\":\"%s\",\"run\":{},\"text\":\"a\"}".formatted(request));
                    answers.commit(List.of(prompt), "{}");
                }
                Files.delete(alone);
                System.out.println("held");
            } catch (UsageException refused) {
                System.out.println("refused");
            } catch (IOException another) {
                System.out.println("not alone: " + another);
                return;
            }
        }
    }
}
