package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.model.ModelFiles;
import org.threehalf.inference.tokenizer.Tokenizer;
import org.threehalf.kernels.io.Printable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code threehalf tokenize}: the tokens of a text. */
@Command(
        name = "tokenize",
        description =
                "Show the tokens that a model's tokenizer makes of a text: a line a token, its id and what it stands for.",
        mixinStandardHelpOptions = true)
public final class TokenizeCommand implements Callable<Integer> {

    /** Where the text comes from. */
    static final class Source {
        @Option(
                names = {"-p", "--prompt"},
                paramLabel = "TEXT",
                description = "the text")
        private @Nullable String text;

        @Option(
                names = {"-f", "--file"},
                paramLabel = "FILE",
                description = "a file with it, in UTF-8; - for the standard input")
        private @Nullable Path file;
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            required = true,
            description = "a GGUF file, or a Hugging Face folder")
    private Path model = Path.of("");

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    @Option(
            names = "--special",
            description = "control tokens that are spelt out in the text, such as <|im_start|>, are those tokens")
    private boolean special;

    @Option(
            names = "--no-wrap",
            description = "leave out what the file asks for around a prompt, usually a token of the beginning")
    private boolean bare;

    @Option(names = "--ids", description = "print the ids alone, in one line")
    private boolean ids;

    @Option(
            names = "--ignore-key",
            paramLabel = "KEY",
            description =
                    "go on although the file has this metadata, which nothing here computes (may be given several times)")
    private Set<String> ignoredKeys = new TreeSet<>();

    @Override
    public Integer call() throws IOException {
        String text = source.file == null ? String.valueOf(source.text) : InputText.read(source.file);
        PrintWriter out = spec.commandLine().getOut();
        try (GgufFile file = ModelFiles.open(model)) {
            Tokenizer tokenizer = Tokenizer.of(file.metadata(), ignoredKeys);
            PrintWriter err = spec.commandLine().getErr();
            tokenizer.notices().forEach(notice -> err.println("note: " + ThreeHalf.printable(notice)));
            err.flush();
            int[] tokens = special ? tokenizer.encodeWithControlTokens(text) : tokenizer.encode(text);
            tokens = bare ? tokens : tokenizer.wrap(tokens);
            if (ids) {
                out.println(Arrays.stream(tokens).mapToObj(Integer::toString).collect(Collectors.joining(" ")));
            } else {
                for (int token : tokens) {
                    String piece = tokenizer.vocabulary().isControl(token)
                            ? tokenizer.vocabulary().token(token)
                            : quoted(tokenizer.bytes(token));
                    out.printf("%7d  %s%n", token, Printable.line(piece));
                }
            }
        }
        out.flush();
        return 0;
    }

    /** Text in quotes; bytes that are a part of a character, as numbers. */
    private static String quoted(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (!Arrays.equals(bytes, text.getBytes(StandardCharsets.UTF_8))) {
            StringBuilder numbers = new StringBuilder();
            for (byte b : bytes) {
                numbers.append("<0x%02X>".formatted(b & 0xff));
            }
            return numbers.toString();
        }
        return '"'
                + text.replace("\\", "\\\\")
                        .replace("\n", "\\n")
                        .replace("\t", "\\t")
                        .replace("\r", "\\r")
                        .replace("\"", "\\\"")
                + '"';
    }
}
