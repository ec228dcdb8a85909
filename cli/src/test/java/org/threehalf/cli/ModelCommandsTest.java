package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufValue;

/**
 * {@code generate}, {@code chat}, {@code perplexity} and {@code plan}, on the tiny random models of {@code inference}'s
 * tests.
 */
class ModelCommandsTest {

    @TempDir
    private Path folder;

    private static Path model(String name) {
        return Path.of(
                System.getProperty("threehalf.root", "."),
                "inference/src/test/resources/org/threehalf/inference/decoder",
                name + ".gguf");
    }

    /**
     * REQ-DEC-005, REQ-SMP-001: the same text on every backend and any number of threads; the prompt stands in front.
     */
    @Test
    void generateGivesTheSameTextEverywhere() {
        CommandLines first = CommandLines.run(
                "generate", "-m", model("gemma3"), "-p", "the an", "-n", 12, "--seed", 5, "--backend", "reference");
        assertEquals(0, first.code(), first.err());
        assertTrue(first.out().startsWith("the an"), first.out());
        assertTrue(first.err().contains("generated 12 at"), first.err());
        for (List<String> options : List.of(
                List.<String>of(),
                List.of("--backend", "simd"),
                List.of("--threads", "3"),
                List.of("--backend", "lut", "--threads", "1"))) {
            CommandLines other = CommandLines.run(java.util.stream.Stream.concat(
                            java.util.stream.Stream.of(
                                    "generate",
                                    "-m",
                                    model("gemma3").toString(),
                                    "-p",
                                    "the an",
                                    "-n",
                                    "12",
                                    "--seed",
                                    "5"),
                            options.stream())
                    .toArray());
            assertEquals(first.out(), other.out(), options.toString());
        }
        assertFalse(CommandLines.run("generate", "-m", model("gemma3"), "-p", "the an", "-n", 12, "--seed", 6)
                .out()
                .equals(first.out()));
    }

    /** Where none is named, machine code if LLVM is there, otherwise the Vector API. */
    @Test
    void theFastestBackendIsTaken() {
        assertEquals(
                BackendProvider.named("native").availability().available() ? "native" : "simd",
                BackendProvider.fastest().name());
    }

    /** REQ-DEC-005: each turn begins at the start, so it prints the same again, and its times. */
    @Test
    void generateRepeats() {
        CommandLines once = CommandLines.run("generate", "-m", model("gemma3"), "-p", "the an", "-n", 6, "--seed", 5);
        CommandLines thrice = CommandLines.run(
                "generate", "-m", model("gemma3"), "-p", "the an", "-n", 6, "--seed", 5, "--repeat", 3);
        assertEquals(0, thrice.code(), thrice.err());
        assertEquals(once.out().repeat(3), thrice.out());
        assertEquals(3, thrice.err().split("generated 6 at", -1).length - 1, thrice.err());
        assertContains("--repeat 0", CommandLines.run("generate", "-m", model("gemma3"), "-p", "a", "--repeat", 0), 2);
    }

    @Test
    void generateSaysWhatIsWrong() throws IOException {
        assertContains("there is no such file", CommandLines.run("generate", "-m", "nowhere.gguf", "-p", "a"), 2);
        assertContains(
                "no backend is called 'tpu'",
                CommandLines.run("generate", "-m", model("llama2"), "-p", "a", "--backend", "tpu"),
                2);
        assertContains("--threads 0", CommandLines.run("conformance", "--threads", 0), 2);
        assertContains("--threads 5000", CommandLines.run("quantize", "none.gguf", "out.gguf", "--threads", 5000), 2);
        assertContains(
                "--threads 0", CommandLines.run("generate", "-m", model("llama2"), "-p", "a", "--threads", 0), 2);
        assertContains(
                "the prompt has 41 tokens; the context of 16",
                CommandLines.run("generate", "-m", model("llama2"), "-p", "x".repeat(40), "--context", 16),
                2);
        assertContains(
                "temperature of -1.0", CommandLines.run("generate", "-m", model("llama2"), "-p", "a", "-t", -1), 2);
        Path text = Files.writeString(folder.resolve("no.gguf"), "not a model at all, but long enough");
        assertContains("no.gguf", CommandLines.run("generate", "-m", text, "-p", "a"), 1);
    }

    /** What can be refused before a model is loaded is, and nothing of it is in the output. */
    @Test
    void wrongArgumentsAreRefusedFirst() throws IOException {
        Path model = model("llama2");
        for (List<String> wrong : List.of(
                List.of("-n", "0"),
                List.of("-n", "-5"),
                List.of("--context", "0"),
                List.of("--context", "-1"),
                List.of("--context", "9999999"),
                List.of("--threads", "40000"),
                List.of("-t", "-1"),
                List.of("-t", "NaN"),
                List.of("--top-k", "-1"),
                List.of("--top-p", "0"),
                List.of("--top-p", "1.5"),
                List.of("--repeat", "0"),
                List.of("--system", "x"),
                List.of("--ignore-key", "llama.nothing"),
                List.of("--ignore-key", "llama.block_count"))) {
            CommandLines run =
                    CommandLines.run(Stream.concat(Stream.of("generate", "-m", model, "-p", "a"), wrong.stream())
                            .toArray());
            assertEquals(2, run.code(), wrong + run.err());
            assertEquals("", run.out(), wrong.toString());
        }
        Path text = Files.writeString(folder.resolve("t.txt"), "the ".repeat(100));
        for (List<String> wrong : List.of(
                List.of("--window", "0"),
                List.of("--window", "-1"),
                List.of("--window", "3"),
                List.of("--windows", "0"),
                List.of("--windows", "-2"),
                List.of("--logits", folder.toString()))) {
            CommandLines run =
                    CommandLines.run(Stream.concat(Stream.of("perplexity", "-m", model, "-f", text), wrong.stream())
                            .toArray());
            assertEquals(2, run.code(), wrong + run.err());
            assertEquals("", run.out(), wrong.toString());
        }
        Path latin = Files.write(folder.resolve("latin1.txt"), new byte[] {'c', 'a', 'f', (byte) 0xe9});
        assertContains(
                "latin1.txt: not a text in UTF-8: byte 0xe9 at offset 3",
                CommandLines.run("generate", "-m", model, "-f", latin),
                1);
        assertContains(
                "latin1.txt: not a text in UTF-8: byte 0xe9 at offset 3",
                CommandLines.run("perplexity", "-m", model, "-f", latin),
                1);
        assertContains("a folder", CommandLines.run("generate", "-m", model, "-f", folder), 2);
        assertContains("--width -1", CommandLines.run("inspect", model, "--width", -1), 2);
    }

    /** A prompt that is no prompt, or does not fit: said before anything is printed. */
    @Test
    void promptsThatCannotBeFed() {
        CommandLines long_ = CommandLines.run("generate", "-m", model("llama2"), "-p", "x".repeat(3000));
        assertContains("does not hold it", long_, 2);
        assertEquals("", long_.out());
        CommandLines empty = CommandLines.run("generate", "-m", model("qwen2"), "-p", "");
        assertContains("an empty prompt", empty, 2);
        assertEquals("", empty.out());
    }

    /** The context is the model's own where that is smaller than usual; more is said. */
    @Test
    void contextsBeyondTheModels() {
        assertContains(
                "the context of 128 positions",
                CommandLines.run("generate", "-m", model("llama2"), "-p", "x".repeat(200)),
                2);
        CommandLines beyond = CommandLines.run("generate", "-m", model("llama2"), "-p", "x", "-n", 1, "--context", 200);
        assertContains("was trained for 128 positions", beyond, 0);
    }

    @Test
    void promptsFromTheStandardInput() {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("the an".getBytes(StandardCharsets.UTF_8)));
            CommandLines piped = CommandLines.run("generate", "-m", model("gemma3"), "-f", "-", "-n", 4, "--seed", 5);
            assertEquals(0, piped.code(), piped.err());
            assertEquals(
                    CommandLines.run("generate", "-m", model("gemma3"), "-p", "the an", "-n", 4, "--seed", 5)
                            .out(),
                    piped.out());
        } finally {
            System.setIn(before);
        }
    }

    /** In a plain prompt control tokens are text, unless asked for. */
    @Test
    void controlTokensInPlainPrompts() {
        CommandLines text = CommandLines.run("generate", "-m", model("llama3"), "-p", "<|begin|>a", "-n", 1, "-t", 0);
        assertTrue(text.err().contains("prompt 10 tokens"), text.err());
        CommandLines special =
                CommandLines.run("generate", "-m", model("llama3"), "-p", "<|begin|>a", "-n", 1, "-t", 0, "--special");
        assertTrue(special.err().contains("prompt 2 tokens"), special.err());
        assertContains(
                "--special is of plain prompts",
                CommandLines.run("generate", "-m", model("llama3"), "-p", "a", "--special", "--chat"),
                2);
    }

    /** A figure of windows longer than the training's is said to be one. */
    @Test
    void windowsBeyondTheTraining() throws IOException {
        Path changed =
                Models.changed("llama2", folder.resolve("m.gguf"), "llama.context_length", GgufValue.ofUint32(16));
        Path text = Files.writeString(folder.resolve("t.txt"), "the ".repeat(100));
        String note = "note: m.gguf was trained for 16 positions: --window 17 goes beyond";
        CommandLines within = CommandLines.run("perplexity", "-m", changed, "-f", text, "--window", 16);
        assertFalse(within.err().contains("goes beyond"), within.err());
        CommandLines beyond = CommandLines.run("perplexity", "-m", changed, "-f", text, "--window", 17);
        assertTrue(beyond.err().contains(note), beyond.err());
    }

    /** What was ignored on demand is said where the result is. */
    @Test
    void ignoredKeysAreRecorded() throws IOException {
        Path changed = Models.changed(
                "llama2", folder.resolve("m.gguf"), "llama.rope.scaling.attn_factor", GgufValue.ofFloat32(2));
        Path text = Files.writeString(folder.resolve("t.txt"), "the ".repeat(100));
        assertContains(
                "llama.rope.scaling.attn_factor is 2.0, which is not computed",
                CommandLines.run("perplexity", "-m", changed, "-f", text, "--window", 16),
                1);
        CommandLines run = CommandLines.run(
                "perplexity",
                "-m",
                changed,
                "-f",
                text,
                "--window",
                16,
                "--windows",
                1,
                "--ignore-key",
                "llama.rope.scaling.attn_factor");
        assertEquals(0, run.code(), run.err());
        assertTrue(
                run.out().startsWith("m.gguf (ignoring llama.rope.scaling.attn_factor) on t.txt: perplexity"),
                run.out());
    }

    private static void assertContains(String part, CommandLines run, int code) {
        assertTrue(run.err().contains(part), run.err());
        assertFalse(run.err().contains("an error inside"), run.err());
        assertEquals(code, run.code(), run.err());
    }

    @Test
    void compareTellsHowFarAModelIsFromItsSource() throws IOException {
        Path text = Files.writeString(
                folder.resolve("t.txt"), "the another then at the end of that tenth month ".repeat(4));
        Path quantised = folder.resolve("g35.gguf");
        assertEquals(
                0,
                CommandLines.run("quantize", "--format", "g35", model("gemma2"), quantised)
                        .code());
        Path json = folder.resolve("c.json");
        Path plot = folder.resolve("c.svg");
        CommandLines run = CommandLines.run(
                "compare", model("gemma2"), quantised, "-f", text, "--window", 40, "--json", json, "--plot", plot);
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().startsWith("gemma2.gguf and g35.gguf on t.txt: "), run.out());
        assertTrue(
                run.out().matches("(?s).*mean KL +0\\.\\d*[1-9]\\d* \\+/- .*same token +\\d+\\.\\d{3}% .*"), run.out());
        String written = Files.readString(json);
        assertTrue(written.contains("threehalf-comparison/1") && written.contains("percentile99"), written);
        assertTrue(Files.readString(plot).startsWith("<svg"));
        // Perplexities are those of the other command.
        CommandLines alone = CommandLines.run("perplexity", "-m", quantised, "-f", text, "--window", 40);
        String figure = alone.out().replaceFirst("(?s).*perplexity (\\d+\\.\\d{4} \\+/- \\d+\\.\\d{4}) .*", "$1");
        assertTrue(
                run.out().replaceAll(" +", " ").contains("perplexity of the model " + figure), run.out() + alone.out());
        CommandLines itself = CommandLines.run("compare", model("gemma2"), model("gemma2"), "-f", text, "--window", 40);
        assertTrue(
                itself.out().replaceAll(" +", " ").contains("largest KL 0.000000")
                        && itself.out().contains("100.000%"),
                itself.out());
        assertContains(
                "only models of the same vocabulary",
                CommandLines.run("compare", model("gemma2"), model("qwen2"), "-f", text, "--window", 40),
                2);
        assertContains(
                "fewer than one window",
                CommandLines.run("compare", model("gemma2"), quantised, "-f", text, "--window", 4000),
                2);
        assertContains(
                "there is no such file",
                CommandLines.run("compare", model("gemma2"), folder.resolve("none"), "-f", text, "--window", 40),
                2);
    }

    /** Nothing that is read is written over, and no result is lost to another. */
    @Test
    void compareWritesOverNothing() throws IOException {
        Path text = Files.writeString(folder.resolve("t.txt"), "the another then at the end ".repeat(4));
        Path source = Files.copy(model("gemma2"), folder.resolve("s.gguf"));
        Path other = Files.copy(source, folder.resolve("o.gguf"));
        Path hard = Files.createLink(folder.resolve("hard.gguf"), other);
        byte[] model = Files.readAllBytes(source);
        Path real = Files.createDirectory(folder.resolve("real"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);
        for (String option : List.of("--json", "--plot")) {
            for (Path read : List.of(source, other, hard, text)) {
                assertContains(
                        "which is read",
                        CommandLines.run("compare", source, other, "-f", text, "--window", 8, option, read),
                        2);
            }
        }
        for (Path plot : List.of(real.resolve("x"), link.resolve("x"), folder.resolve("real/../link/x"))) {
            assertContains(
                    "would be written twice",
                    CommandLines.run(
                            "compare",
                            source,
                            other,
                            "-f",
                            text,
                            "--window",
                            8,
                            "--json",
                            real.resolve("x"),
                            "--plot",
                            plot),
                    2);
        }
        assertArrayEquals(model, Files.readAllBytes(source));
        assertArrayEquals(model, Files.readAllBytes(other));
        try (var written = Files.list(real)) {
            assertEquals(0, written.count());
        }
    }

    /** Names are others' text: none of theirs steers the terminal or makes a line that looks like ours. */
    @Test
    void namesSteerNoTerminal() throws IOException {
        String name = "a\u001b[31mb\u009bc\u202ed\ne.gguf";
        Path odd = Files.copy(model("gemma2"), folder.resolve(name));
        Path out = folder.resolve("out\u001b]0;x\u0007.gguf");
        Path text = Files.writeString(folder.resolve("t\u009b.txt"), "the another then at the end ".repeat(4));
        for (CommandLines run : List.of(
                CommandLines.run("inspect", odd),
                CommandLines.run("quantize", odd, out, "--format", "g4"),
                CommandLines.run("quantize", odd, out, "--format", "g4"),
                CommandLines.run("export", odd, folder.resolve("e\u009b.gguf"), "--type", "f16"),
                CommandLines.run("perplexity", "-m", odd, "-f", text, "--window", 8),
                CommandLines.run("compare", odd, out, "-f", text, "--window", 8),
                CommandLines.run("generate", "-m", odd, "-p", "the", "-n", 1),
                CommandLines.run("generate", "-m", folder.resolve("no\u001b[2J\nsuch"), "-p", "the"))) {
            String all = run.out() + run.err();
            assertTrue(all.chars().noneMatch(c -> c == 0x1b || c == 0x9b || c == 7 || c == 0x202e), all);
            assertTrue(all.lines().noneMatch(line -> line.startsWith("e.gguf") || line.startsWith("such")), all);
        }
    }

    /** A weight that is none is named by all that compute with it, whatever met it first. */
    @Test
    void aWeightThatIsNoneIsNamed() throws IOException {
        Path damaged = folder.resolve("m.gguf");
        byte[] bytes = Files.readAllBytes(model("llama2"));
        try (GgufFile file = GgufReader.open(model("llama2"))) {
            int at = Math.toIntExact(file.tensor("blk.0.ffn_down.weight").offset());
            System.arraycopy(new byte[] {0, 0, (byte) 0xc0, 0x7f}, 0, bytes, at, Float.BYTES);
        }
        Files.write(damaged, bytes);
        Path text = Files.writeString(folder.resolve("t.txt"), "the another then at the end".repeat(4));
        String named = "m.gguf: tensor blk.0.ffn_down.weight: row 0: weight 0 is NaN";
        assertContains(named, CommandLines.run("generate", "-m", damaged, "-p", "the", "-n", 2), 1);
        assertContains(named, CommandLines.run("perplexity", "-m", damaged, "-f", text, "--window", 40), 1);
        assertContains(named, CommandLines.run("compare", model("llama2"), damaged, "-f", text, "--window", 40), 1);
    }

    /**
     * The hash is that of ArchitectureTest's kind: equal however the work is spread; the file holds the same numbers.
     */
    @Test
    void perplexityPrintsTheHashOfTheLogits() throws IOException {
        Path text = Files.writeString(
                folder.resolve("t.txt"), "the another then at the end of that tenth month ".repeat(4));
        Path logits = folder.resolve("logits.bin");
        CommandLines one = CommandLines.run(
                "perplexity",
                "-m",
                model("gemma2"),
                "-f",
                text,
                "--window",
                40,
                "--hash",
                "--threads",
                1,
                "--backend",
                "reference",
                "--logits",
                logits);
        assertEquals(0, one.code(), one.err());
        assertTrue(
                one.out()
                        .matches(
                                "(?s)gemma2.gguf on t.txt: perplexity \\d+\\.\\d{4} \\+/- .*SHA-256 of the logits: [0-9a-f]{64}\\R"),
                one.out());
        String hash = one.out().substring(one.out().indexOf("SHA-256"));
        CommandLines other = CommandLines.run(
                "perplexity", "-m", model("gemma2"), "-f", text, "--window", 40, "--hash", "--threads", 4);
        assertEquals(hash, other.out().substring(other.out().indexOf("SHA-256")));
        assertEquals(0, Files.size(logits) % (40 * 4 * 272));
        assertTrue(Files.size(logits) > 0);
        byte[] whole = Files.readAllBytes(logits);
        assertContains(
                "fewer than one window",
                CommandLines.run("perplexity", "-m", model("gemma2"), "-f", text, "--window", 4000, "--logits", logits),
                2);
        assertArrayEquals(whole, Files.readAllBytes(logits));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.toString().endsWith(".part")).toList());
        }
    }

    private static CommandLines chat(String lines, Object... options) {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
            return CommandLines.run(Stream.concat(Stream.of("chat", "-m", model("gemma3"), "-t", 0), Stream.of(options))
                    .toArray());
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void chatAnswersEachLine() {
        CommandLines run = chat("an\nthe\n\n", "-n", 5, "--context", 512);
        assertEquals(0, run.code(), run.err());
        assertEquals(3, run.out().split("> ", -1).length - 1, run.out());
    }

    /**
     * A context that is full is not the end: the oldest messages go, and it is said. A message that does not fit is
     * refused, and the talk goes on.
     */
    @Test
    void chatGoesOnWhenTheContextIsFull() {
        CommandLines run = chat("an\nthe\nthen\n" + "x".repeat(300) + "\nan\n\n", "-n", 20, "--context", 128);
        assertEquals(0, run.code(), run.err());
        assertEquals(6, run.out().split("> ", -1).length - 1, run.out());
        assertTrue(run.err().contains("was full: the oldest"), run.err());
        assertTrue(run.err().contains("does not hold it"), run.err());
    }

    /** The template is the model's own or the one that is named; what is fed can be seen. */
    @Test
    void chatTemplates() throws IOException {
        Path template = Files.writeString(
                folder.resolve("t.jinja"), "{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}");
        CommandLines own = CommandLines.run(
                "generate",
                "-m",
                model("gemma3"),
                "--chat",
                "-p",
                "an",
                "-n",
                1,
                "-t",
                0,
                "--print-prompt",
                "--chat-template",
                template,
                "--system",
                "the");
        assertEquals(0, own.code(), own.err());
        assertTrue(own.err().contains("[system] the[user] an"), own.err());
        CommandLines named = CommandLines.run(
                "generate",
                "-m",
                model("gemma3"),
                "--chat",
                "-p",
                "an",
                "-n",
                1,
                "-t",
                0,
                "--print-prompt",
                "--chat-template",
                "chatml");
        assertTrue(named.err().contains("<|im_start|>user\nan<|im_end|>"), named.err());
        assertContains(
                "no such file, and no template of that name: chatml",
                CommandLines.run("generate", "-m", model("gemma3"), "--chat", "-p", "an", "--chat-template", "nothing"),
                2);
        Files.writeString(template, "{{ raise_exception('not with me') }}");
        assertContains(
                "not with me",
                CommandLines.run("generate", "-m", model("gemma3"), "--chat", "-p", "an", "--chat-template", template),
                1);
    }

    /** Ids and pieces, with what the file asks for around them; control tokens as text unless asked for. */
    @Test
    void tokenizePrintsIdsAndPieces() {
        CommandLines lines = CommandLines.run("tokenize", "-m", model("llama3"), "-p", "the é\n");
        assertEquals(0, lines.code(), lines.err());
        assertTrue(lines.out().startsWith("    263  <|begin|>"), lines.out());
        assertTrue(lines.out().contains("\"\\n\"") && lines.out().contains("<0xC3>"), lines.out());
        assertEquals(
                "263\n",
                CommandLines.run("tokenize", "-m", model("llama3"), "-p", "<|begin|>", "--special", "--ids")
                        .out()
                        .replace("\r", ""));
        assertEquals(
                "60 124 98 101 103 260 124 62",
                CommandLines.run("tokenize", "-m", model("llama3"), "-p", "<|begin|>", "--no-wrap", "--ids")
                        .out()
                        .strip());
        assertContains("there is no such file", CommandLines.run("tokenize", "-m", "nowhere.gguf", "-p", "x"), 2);
    }

    @Test
    void planPrintsSizesThatAddUp() {
        CommandLines run = CommandLines.run("plan", "--arch", "llama-70b", "--format", "g35", "--bandwidth", "100");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("70,553,706,496     31,451,031,552       3.5662"), run.out());
        long sum = run.out()
                .lines()
                .skip(3)
                .takeWhile(line -> !line.startsWith("total"))
                .mapToLong(line ->
                        Long.parseLong(line.substring(22).strip().split(" +")[2].replace(",", "")))
                .sum();
        assertEquals(31_451_031_552L, sum);
        assertContains("no model is called 'gpt-9'", CommandLines.run("plan", "--arch", "gpt-9"), 2);
        assertContains("must be positive", CommandLines.run("plan", "--arch", "llama-8b", "--bandwidth", "-3"), 2);
        assertTrue(CommandLines.run("plan", "--arch", "llama-405b").out().contains("which this version does not run"));
    }

    /** A folder is a model like any other, for every command. */
    @Test
    void foldersAreModels() throws IOException {
        Path model = Path.of(
                System.getProperty("threehalf.root", "."),
                "inference/src/test/resources/org/threehalf/inference/huggingface/llama");
        Path gguf = model.resolveSibling("llama.gguf");
        CommandLines one = CommandLines.run("generate", "-m", model, "-p", "the an", "-n", 12, "-t", 0);
        assertEquals(0, one.code(), one.err());
        assertEquals(
                CommandLines.run("generate", "-m", gguf, "-p", "the an", "-n", 12, "-t", 0)
                        .out(),
                one.out());
        assertEquals(
                CommandLines.run("tokenize", "-m", gguf, "-p", "the an").out(),
                CommandLines.run("tokenize", "-m", model, "-p", "the an").out());
        Path text = Files.writeString(folder.resolve("t.txt"), "the ".repeat(100));
        String hash = CommandLines.run("perplexity", "-m", gguf, "-f", text, "--window", 16, "--hash")
                .out()
                .lines()
                .toList()
                .getLast();
        assertTrue(
                hash.startsWith("SHA-256")
                        && CommandLines.run("perplexity", "-m", model, "-f", text, "--window", 16, "--hash")
                                .out()
                                .endsWith(hash + System.lineSeparator()),
                hash);
        assertContains(
                "tensor",
                new CommandLines(0, "", CommandLines.run("inspect", model).out()),
                0);
        assertEquals(0, CommandLines.run("plan", model).code());
        assertContains(
                "give the folder that it is in",
                CommandLines.run(
                        "generate", "-m", model.resolveSibling("qwen2").resolve("model.safetensors"), "-p", "a"),
                1);
        assertContains("a folder without config.json", CommandLines.run("generate", "-m", folder, "-p", "a"), 1);
    }

    /** An exported file is a plain one that says the same; what stands in its way is said. */
    @Test
    void exportWritesPlainFiles() throws IOException {
        Path quantized = folder.resolve("q.gguf");
        assertEquals(
                0,
                CommandLines.run("quantize", model("qwen3"), quantized, "--format", "g4")
                        .code());
        Path out = folder.resolve("o.gguf");
        CommandLines run = CommandLines.run("export", quantized, out, "--type", "q8_0");
        assertEquals(0, run.code(), run.err());
        assertEquals(
                "%s: %,d bytes, matrices in Q8_0 (q.gguf: %,d)%n"
                        .formatted(out, Files.size(out), Files.size(quantized)),
                run.out());
        assertEquals(
                0, CommandLines.run("generate", "-m", out, "-p", "the", "-n", 2).code());
        assertContains("exists: choose another name", CommandLines.run("export", quantized, out, "--type", "f16"), 2);
        assertContains("OUT is MODEL itself", CommandLines.run("export", out, out, "--type", "f16", "--force"), 2);
        // Nor any other of the files that hold it.
        Path first = Files.copy(out, folder.resolve("m-00001-of-00002.gguf"));
        Path second = Files.copy(out, folder.resolve("m-00002-of-00002.gguf"));
        assertContains("OUT is MODEL itself", CommandLines.run("export", first, second, "--type", "f16", "--force"), 2);
        assertContains(
                "OUT is MODEL itself", CommandLines.run("quantize", first, second, "--format", "g4", "--force"), 2);
        assertEquals(-1, Files.mismatch(out, second));
        assertContains(
                "its folder does not exist",
                CommandLines.run("export", quantized, folder.resolve("no/o.gguf"), "--type", "f16"),
                2);
        assertContains("--type", CommandLines.run("export", quantized, out, "--type", "q9"), 2);
    }

    @Test
    void inspectPrintsJson() {
        CommandLines run = CommandLines.run("inspect", model("gemma3"), "--json");
        assertEquals(0, run.code(), run.err());
        var root = tools.jackson.databind.json.JsonMapper.shared().readTree(run.out());
        assertEquals(
                "gemma3",
                root.path("metadata").path("general.architecture").path("value").asString());
        assertEquals(
                6,
                root.path("metadata")
                        .path("gemma3.attention.sliding_window")
                        .path("value")
                        .asInt());
        assertEquals(
                272,
                root.path("metadata")
                        .path("tokenizer.ggml.tokens")
                        .path("count")
                        .asInt());
        assertEquals(32, root.path("tensors").get(0).path("dimensions").get(0).asInt());
    }

    @Test
    void planOfFilesAndNames() throws IOException {
        CommandLines file = CommandLines.run("plan", model("gemma3"), "--format", "g4");
        assertEquals(0, file.code(), file.err());
        assertTrue(file.out().startsWith("gemma3.gguf in G4"), file.out());
        assertEquals(
                CommandLines.run("plan", "--arch", "llama-8b").out(),
                CommandLines.run("plan", "llama-8b").out());
        assertContains("either MODEL or --arch", CommandLines.run("plan"), 2);
        assertContains("either MODEL or --arch", CommandLines.run("plan", "llama-8b", "--arch", "llama-8b"), 2);
        assertContains("there is no such file", CommandLines.run("plan", "nothing.gguf"), 2);
    }

    /** Without a terminal, a line at each interval and none before. */
    @Test
    void progressWithoutATerminal() {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        try (Progress progress = new Progress(
                "task", 4, 0, new java.io.PrintStream(out, true, java.nio.charset.StandardCharsets.UTF_8))) {
            progress.show("one");
            progress.step();
            progress.step();
        }
        assertEquals(
                List.of("task: 1 of 4 (25 %), 0 s, one", "task: 2 of 4 (50 %), 0 s, about 0 s left, one"),
                out.toString(java.nio.charset.StandardCharsets.UTF_8).lines().toList());
        out.reset();
        try (Progress progress = new Progress(
                "task",
                4,
                Long.MAX_VALUE / 2,
                new java.io.PrintStream(out, true, java.nio.charset.StandardCharsets.UTF_8))) {
            progress.step();
        }
        assertEquals("", out.toString(java.nio.charset.StandardCharsets.UTF_8));
    }
}
