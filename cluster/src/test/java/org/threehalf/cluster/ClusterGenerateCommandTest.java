package org.threehalf.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterGenerateCommandTest {

    @TempDir
    Path folder;

    private Path in = Path.of("");
    private Path out = Path.of("");

    @BeforeEach
    void files() {
        in = folder.resolve("in.jsonl");
        out = folder.resolve("out.jsonl");
    }

    /** Runs the command with options; one that is given takes the place of the usual one. */
    private ClusterLines run(Object... more) {
        java.util.Map<String, Object> usual = new java.util.LinkedHashMap<>();
        usual.put("-m", ClusterLines.tiny("llama3"));
        usual.put("--seed", 3);
        usual.put("-n", 6);
        usual.put("--master", "local[2]");
        List<Object> words = new java.util.ArrayList<>(List.of("cluster", "generate", in, out));
        words.addAll(List.of(more));
        usual.forEach((name, value) -> {
            if (!words.contains(name)) {
                words.addAll(List.of(name, value));
            }
        });
        return ClusterLines.run(words.toArray());
    }

    private static List<String> prompts(int count) {
        return java.util.stream.IntStream.range(0, count)
                .mapToObj("{\"id\": \"p%1$d\", \"prompt\": \"The ocean %1$d\"}"::formatted)
                .toList();
    }

    @Test
    void answersAreThoseOfOneProcessHoweverTheyAreSpread() throws IOException {
        Files.write(in, prompts(7));
        ClusterLines first = run("--batch", 1);
        assertEquals(0, first.code(), first::err);
        String answers = Files.readString(out);
        assertEquals(7, answers.lines().count());
        for (int batch : List.of(3, 7)) {
            assertEquals(0, run("--batch", batch, "--force", "--partitions", 2).code());
            assertEquals(answers, Files.readString(out));
        }
        ClusterLines single = ClusterLines.run(
                "generate", "-m", ClusterLines.tiny("llama3"), "-p", "The ocean 4", "--seed", 3, "-n", 6);
        String text = PromptLines.JSON
                .readTree(answers.lines().toList().get(4))
                .path("text")
                .stringValue();
        assertEquals("The ocean 4" + text, single.out().stripTrailing());
        assertEquals(List.of("in.jsonl", "out.jsonl"), ClusterLines.names(folder));
    }

    @Test
    void whatIsAnsweredIsNotAskedAgain() throws IOException {
        Files.write(in, prompts(3));
        assertEquals(0, run().code());
        List<String> three = Files.readAllLines(out);
        // As a run leaves it that was ended in the middle of a line: one whole answer, and half of another.
        Files.write(in, prompts(5));
        assertEquals(0, run("--force").code());
        List<String> five = Files.readAllLines(out);
        assertEquals(three, five.subList(0, 3));
        Files.writeString(
                folder.resolve("out.jsonl.journal"),
                header() + five.get(1) + "\n" + five.get(2).substring(0, 40));
        Files.delete(out);
        ClusterLines goesOn = run();
        assertEquals(0, goesOn.code(), goesOn::err);
        assertTrue(goesOn.out().contains("5 answers, 1 of them from before"), goesOn::out);
        assertEquals(five, Files.readAllLines(out));
        ClusterLines done = run();
        assertTrue(
                done.out().contains("5 answers, all of them from before; 0 refused: there is nothing to do"),
                done::out);
        // In another order they are written anew, and none is asked again.
        Files.write(in, prompts(5).reversed());
        ClusterLines reversed = run("--master", "spark://nobody.invalid:1");
        assertTrue(reversed.out().contains("5 answers, 5 of them from before; 0 refused"), reversed::out);
        assertEquals(
                five.reversed().stream().map(ClusterGenerateCommandTest::text).toList(),
                Files.readAllLines(out).stream()
                        .map(ClusterGenerateCommandTest::text)
                        .toList());
        assertEquals(List.of("in.jsonl", "out.jsonl"), ClusterLines.names(folder));
    }

    private static String text(String line) {
        return PromptLines.JSON.readTree(line).path("text").stringValue();
    }

    /** A journal's first line. */
    private String header() throws IOException {
        Path other = folder.resolve("other");
        try (AnswerFile answers = AnswerFile.open(other, false)) {
            answers.add("r", "{\"line\":1}");
        }
        Path journal = folder.resolve("other.journal");
        String header = Files.readAllLines(journal).getFirst();
        Files.delete(journal);
        return header + "\n";
    }

    /** Answers that would be lost: the run is refused and says why; what is finished is left alone. */
    @Test
    void answersOfAnotherRequestStay() throws IOException {
        Files.write(in, prompts(3));
        assertEquals(0, run().code());
        byte[] finished = Files.readAllBytes(out);
        Files.setLastModifiedTime(out, java.nio.file.attribute.FileTime.fromMillis(1_000_000));
        ClusterLines again = run("--master", "spark://nobody.invalid:1");
        assertEquals(0, again.code(), again::err);
        assertTrue(
                again.out().contains("3 answers, all of them from before; 0 refused: there is nothing to do"),
                again::out);
        assertEquals(1_000_000, Files.getLastModifiedTime(out).toMillis());
        Path model = folder.resolve("other.gguf");
        byte[] bytes = Files.readAllBytes(ClusterLines.tiny("llama3"));
        bytes[bytes.length - 1] ^= 1;
        Files.write(model, bytes);
        record Other(String message, List<Object> words) {}
        for (boolean journal : List.of(false, true)) {
            if (journal) {
                Files.writeString(folder.resolve("out.jsonl.journal"), header() + Files.readString(out));
                Files.delete(out);
            }
            List<Other> others = List.of(
                    new Other("of another request: --temperature 0.8 (now 0.1)", List.of("--temperature", 0.1)),
                    new Other("--top-k 40 (now 7)", List.of("--top-k", 7)),
                    new Other("--top-p 0.95 (now 0.5)", List.of("--top-p", 0.5)),
                    new Other("--context 128 (now 60)", List.of("--context", 60)),
                    new Other(
                            "prompts (--chat, --special) texts (now messages)",
                            List.of("--chat", "--chat-template", "chatml")),
                    new Other(
                            "prompts (--chat, --special) texts (now texts with control tokens)", List.of("--special")),
                    new Other("seed 3 (now 4)", List.of("--seed", 4)),
                    new Other("6 tokens (now 5)", List.of("-n", 5)),
                    new Other("model (SHA-256) ", List.of("-m", model)));
            // The rule is one for both.
            for (Other other : journal ? List.of(others.getFirst(), others.getLast()) : others) {
                ClusterLines refused = run(other.words().toArray());
                assertEquals(2, refused.code(), other.message());
                assertTrue(
                        refused.err().contains(other.message())
                                && refused.err().contains("it would be replaced; name another OUT, or give --force"),
                        refused::err);
            }
            Files.write(in, prompts(2));
            ClusterLines fewer = run();
            assertEquals(2, fewer.code(), fewer::out);
            assertTrue(fewer.err().contains("(id \"p2\") answers a prompt that "), fewer::err);
            Files.write(in, prompts(3));
            assertEquals(
                    journal
                            ? List.of("in.jsonl", "other.gguf", "out.jsonl.journal")
                            : List.of("in.jsonl", "other.gguf", "out.jsonl"),
                    ClusterLines.names(folder));
            if (!journal) {
                assertEquals(-1, java.util.Arrays.mismatch(finished, Files.readAllBytes(out)));
            }
        }
        ClusterLines goesOn = run();
        assertTrue(goesOn.out().contains("3 answers, 3 of them from before; 0 refused"), goesOn::out);
        assertEquals(-1, java.util.Arrays.mismatch(finished, Files.readAllBytes(out)));
        assertEquals(0, run("--temperature", 0.1, "--force").code());
        assertTrue(java.util.Arrays.mismatch(finished, Files.readAllBytes(out)) >= 0);
    }

    /** A run that asks everything anew and is ended goes on as any other. */
    @Test
    void aForcedRunGoesOnWithoutForce() throws IOException {
        Files.write(in, prompts(3));
        assertEquals(0, run("--temperature", 0.1).code());
        List<String> wanted;
        {
            Path other = folder.resolve("wanted");
            Path before = out;
            out = other;
            assertEquals(0, run().code());
            wanted = Files.readAllLines(other);
            Files.delete(other);
            out = before;
        }
        try (AnswerFile answers = AnswerFile.open(out, true)) {
            String line = wanted.get(1);
            answers.add(
                    PromptLines.JSON.readTree(line).path("request").stringValue(),
                    line.substring(0, line.indexOf(",\"check\"")) + "}");
        }
        ClusterLines goesOn = run();
        assertEquals(0, goesOn.code(), goesOn::err);
        assertTrue(goesOn.out().contains("3 answers, 1 of them from before"), goesOn::out);
        assertEquals(wanted, Files.readAllLines(out));
    }

    /** A template that asks for the time is told one time by all tasks, and by whoever goes on later. */
    @Test
    void theTimeIsTakenOnce() throws IOException {
        Path template = Files.writeString(
                folder.resolve("template"),
                "{% if 'when' in messages[0].content %}{{ raise_exception('it is ' + strftime_now('%Y-%m-%d %H:%M:%S')) }}{% endif %}{{ messages[0].content }}");
        Object[] options = {"--chat", "--chat-template", template};
        Files.write(in, prompts(1));
        ClusterLines first = run(options);
        assertEquals(0, first.code(), first::err);
        assertTrue(first.err().contains("note: the chat template is told the time: "), first::err);
        tools.jackson.databind.node.ObjectNode line =
                (tools.jackson.databind.node.ObjectNode) PromptLines.JSON.readTree(Files.readString(out));
        assertTrue(AnswerRun.time(line.path("run")).isPresent(), line::toString);
        // As if it had been asked years ago.
        ((tools.jackson.databind.node.ObjectNode) line.path("run")).put("time", "2020-02-03T04:05:06");
        String request = new PromptLines.Prompt(1, "\"p0\"", "The ocean 0", 3, 6)
                .request(line.path("run").toString());
        line.put("request", request).remove("check");
        Files.delete(out);
        try (AnswerFile answers = AnswerFile.open(out, false)) {
            answers.add(request, line.toString());
        }
        Files.write(
                in,
                List.of(
                        prompts(1).getFirst(),
                        "{\"prompt\": \"when a\"}",
                        "{\"prompt\": \"when b\"}",
                        "{\"prompt\": \"c\"}"));
        ClusterLines goesOn = run(java.util.stream.Stream.concat(
                        java.util.Arrays.stream(options), java.util.stream.Stream.of("--batch", 1))
                .toArray());
        assertEquals(1, goesOn.code(), goesOn::err);
        assertTrue(goesOn.err().contains("2020-02-03T04:05:06, that of the answers of before"), goesOn::err);
        assertTrue(goesOn.out().contains("2 answers, 1 of them from before; 2 refused"), goesOn::out);
        for (int n : List.of(2, 3)) {
            assertTrue(
                    goesOn.out()
                            .lines()
                            .anyMatch(said -> said.startsWith("line %d: ".formatted(n))
                                    && said.contains("it is 2020-02-03 04:05:06")),
                    goesOn::out);
        }
        // One that does not ask is told nothing, and its answers do not depend on when.
        Files.writeString(template, "{{ messages[0].content }}");
        assertEquals(0, run("--chat", "--chat-template", template, "--force").code());
        assertFalse(Files.readString(out).contains("\"time\""));
    }

    /** A file of refused prompts alone does not stand in the way of the --context that would hold them. */
    @Test
    void refusedPromptsAreAskedWithOtherOptions() throws IOException {
        Files.write(in, prompts(2));
        ClusterLines small = run("--context", 4);
        assertEquals(1, small.code(), small::err);
        assertEquals(2, Files.readString(out).split("\"error\"", -1).length - 1);
        ClusterLines large = run("--context", 64);
        assertEquals(0, large.code(), large::err);
        assertTrue(large.out().contains("2 answers, 0 of them from before; 0 refused"), large::out);
        // Answers do.
        assertEquals(2, run("--context", 65).code());
    }

    @Test
    void theHelpTellsTheSeedOfHere() {
        String help = ClusterLines.run("cluster", "generate", "--help").out();
        assertTrue(help.replaceAll("\\s+", " ").contains("(default: 0)"), help);
        assertFalse(help.contains("by the clock"), help);
    }

    /** What a refused run has found stays as it was: answers of before, and what is somebody else's. */
    @Test
    void aRefusalTakesNothingAway() throws IOException {
        Path journal = folder.resolve("out.jsonl.journal");
        Files.write(in, prompts(3));
        assertEquals(0, run().code());
        List<String> three = Files.readAllLines(out);
        for (String notes : List.of(
                header() + three.get(0) + "\n{\"broken\n" + three.get(1) + "\n",
                "my notes\n",
                "my notes",
                three.get(0) + "\n" + three.get(1) + "\n",
                header() + three.get(0) + "\nmy notes\n")) {
            Files.deleteIfExists(out);
            Files.writeString(journal, notes);
            if (!notes.startsWith("{\"journal\"")) {
                // Nobody gives --force for a file that he did not name.
                assertEquals(2, run("--force").code());
                assertEquals(notes, Files.readString(journal));
            }
            ClusterLines refused = run();
            assertEquals(2, refused.code(), refused::out);
            assertTrue(
                    refused.err().contains("is not as this command wrote it")
                            || refused.err().contains("it is no journal of this command"),
                    refused::err);
            assertEquals(notes, Files.readString(journal));
        }
        // A good journal beside answers that are cut.
        String good = header() + three.get(1) + "\n";
        Files.writeString(out, three.get(0));
        Files.writeString(journal, good);
        assertEquals(2, run().code());
        assertEquals(good, Files.readString(journal));
        assertEquals(three.get(0), Files.readString(out));
        Files.delete(journal);
        // The journal that a link leads to is the prompts' file.
        Path prompts = folder.resolve("r.jsonl.journal");
        Files.write(prompts, prompts(3));
        Files.deleteIfExists(out);
        Files.createSymbolicLink(out, Files.createFile(folder.resolve("r.jsonl")));
        Path before = in;
        in = prompts;
        ClusterLines refused = run("--force");
        in = before;
        assertEquals(2, refused.code(), refused::out);
        assertTrue(refused.err().contains("which is read"), refused::err);
        assertEquals(prompts(3), Files.readAllLines(prompts));
        // And so is the template.
        Files.delete(out);
        Path template = Files.writeString(folder.resolve("t.jinja"), "{{ messages[0].content }}");
        out = template;
        ClusterLines over = run("--force", "--chat", "--chat-template", template);
        assertEquals(2, over.code(), over::out);
        assertEquals("{{ messages[0].content }}", Files.readString(template));
    }

    @Test
    void onePromptThatDoesNotFitIsSaidAndTheOthersAreAnswered() throws IOException {
        Files.write(
                in,
                List.of(
                        "{\"prompt\": \"a\"}",
                        "",
                        "{\"prompt\": \"" + "b ".repeat(500) + "\"}",
                        "{\"prompt\": \"c\", \"tokens\": 2, \"seed\": -5}"));
        ClusterLines run = run();
        assertEquals(1, run.code(), run::err);
        assertTrue(run.out().contains("line 3: the prompt has "), run::out);
        List<String> lines = Files.readAllLines(out);
        assertEquals(3, lines.size());
        assertTrue(lines.get(1).startsWith("{\"line\":3,") && lines.get(1).contains("\"error\""), lines::toString);
        assertTrue(lines.get(2).contains("\"seed\":-5") && lines.get(2).contains("\"tokens\":2"), lines::toString);
    }

    /** Each line that is refused is told of and counted: two that ask the same, and those of a run that goes on. */
    @Test
    void everyRefusedLineCounts() throws IOException {
        String refused = "{\"prompt\": \"" + "b ".repeat(500) + "\"}";
        Files.write(in, List.of(refused, "{\"prompt\": \"a\"}", refused));
        for (int before : List.of(0, 1)) {
            ClusterLines run = run();
            assertEquals(1, run.code(), run::err);
            assertTrue(run.out().contains("1 answers, %d of them from before; 2 refused".formatted(before)), run::out);
            assertTrue(
                    run.out().contains("line 1: the prompt has ") && run.out().contains("line 3: the prompt has "),
                    run::out);
            assertEquals(
                    List.of(1, 2, 3),
                    Files.readAllLines(out).stream()
                            .map(line ->
                                    PromptLines.JSON.readTree(line).path("line").intValue())
                            .toList());
        }
        // And where the run before was ended behind a refusal.
        List<String> three = Files.readAllLines(out);
        Files.writeString(folder.resolve("out.jsonl.journal"), header() + three.get(0) + "\n");
        Files.delete(out);
        ClusterLines goesOn = run();
        assertEquals(1, goesOn.code(), goesOn::err);
        assertTrue(goesOn.out().contains("1 answers, 0 of them from before; 2 refused"), goesOn::out);
        // A prompt that was mended is asked, and nothing is lost by it.
        Files.write(in, List.of("{\"prompt\": \"b\"}", "{\"prompt\": \"a\"}"));
        ClusterLines mended = run();
        assertEquals(0, mended.code(), mended::err);
        assertTrue(mended.out().contains("2 answers, 1 of them from before; 0 refused"), mended::out);
    }

    /** A template may cut a pair in two: what it says of it is written as a text all the same. */
    @Test
    void whatIsWrittenIsUnicode() throws IOException {
        Path template = Files.writeString(
                folder.resolve("template"), "{{ raise_exception('not ' + messages[0].content[0:1] + '!') }}");
        Files.writeString(in, "{\"prompt\": \"\ud83c\udf0a\", \"id\": \"\ud83c\udf0a\"}\n");
        ClusterLines run = run("--chat", "--chat-template", template);
        assertEquals(1, run.code(), run::err);
        assertTrue(run.out().contains("1 refused"), run::out);
        String line = Files.readString(out);
        assertTrue(line.contains("\"id\":\"\ud83c\udf0a\""), line);
        assertTrue(org.threehalf.inference.tokenizer.LoneSurrogate.in(
                        PromptLines.JSON.readTree(line).path("error").stringValue())
                .isEmpty());
    }

    @Test
    void wrongLinesAreNamedBeforeAnythingIsAsked() throws IOException {
        record Wrong(String line, String message) {}
        for (Wrong wrong : List.of(
                new Wrong("{\"prompt\": 3}", "it must be an object with a text 'prompt'"),
                new Wrong("[]", "it must be an object with a text 'prompt'"),
                new Wrong("{\"prompt\": \"a\"", "no JSON, from character 15 on: an object is needed, whole"),
                new Wrong("{\"prompt\": \"a\"}}", "no JSON, from character "),
                new Wrong("{\"prompt\": \"a\"} {}", "no JSON, from character "),
                new Wrong("{'prompt': 1}", "no JSON, from character 2 on: "),
                new Wrong("{\"prompt\": \"a\\x\"}", "no JSON, from character "),
                new Wrong("{\"prompt\": \"a\tb\"}", "no JSON, from character "),
                new Wrong("{\"prompt\": NaN}", "no JSON, from character "),
                new Wrong("{\"prompt\": \"a\", \"seed\": " + "1".repeat(2000) + "}", "more than is read: Number"),
                new Wrong("[".repeat(3000), "more than is read: Document nesting depth (501) exceeds the maximum"),
                new Wrong("{\"prompt\": \"a\", \"" + "k".repeat(60_000) + "\": 1}", "more than is read: Name"),
                new Wrong(
                        "{\"prompt\": \"a\", \"\\u001b[31mred\\n\\u202e\": 1}",
                        "'\ufffd[31mred\ufffd\ufffd' is not known"),
                new Wrong("{\"prompt\": \"a\", \"" + "k".repeat(90) + "\": 1}", "'" + "k".repeat(80) + "…' is not"),
                new Wrong("{\"prompt\": \"a\", \"prompt\": \"b\"}", "a name stands twice in it"),
                new Wrong(
                        "{\"prompt\": \"a\", \"promt\": 1}",
                        "'promt' is not known: it may have [id, prompt, seed, tokens]"),
                new Wrong("{\"prompt\": \"a\", \"tokens\": 0}", "'tokens' must be a whole number from 1 to 2147483647"),
                new Wrong(
                        "{\"prompt\": \"a\", \"tokens\": 3000000000}",
                        "'tokens' must be a whole number from 1 to 2147483647"),
                new Wrong("{\"prompt\": \"a\", \"seed\": 1e999999999}", "'seed' must be a whole number from "),
                new Wrong("{\"prompt\": \"a\", \"id\": {}}", "'id' must be a text or a whole number"),
                new Wrong(
                        "{\"prompt\": \"a\\ud83c\"}",
                        "'prompt': character 2 is half of a surrogate pair, which is no text"),
                new Wrong("{\"prompt\": \"\\udf0a\\ud83c\"}", "'prompt': character 1 is half of a surrogate pair"),
                new Wrong("{\"prompt\": \"a\", \"id\": \"\\ud83c.\"}", "'id': character 1 is half of a surrogate pair"),
                new Wrong("\ufeff{\"prompt\": \"a\"}", "it begins with a byte order mark (U+FEFF)"))) {
            Files.write(in, List.of("{\"prompt\": \"a\"}", wrong.line()));
            requireOneSentence(run(), "line 2: " + wrong.message());
        }
        Files.write(in, new byte[] {'\n', '\n', '{', '"', (byte) 0xc3, '"', '}', '\n'});
        requireOneSentence(run(), "line 3: byte 3 (0xc3) is no UTF-8: save the file as UTF-8");
        Files.write(in, "{\"prompt\": \"a\"}".getBytes(java.nio.charset.StandardCharsets.UTF_16));
        requireOneSentence(run(), "line 1: byte 1 (0xfe) is no UTF-8: save the file as UTF-8");
        Files.writeString(in, "\ufeff{\"prompt\": \"a\"}\r\n");
        requireOneSentence(run(), "line 1: it begins with a byte order mark");
        try (FileChannel sparse =
                FileChannel.open(in, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            sparse.write(java.nio.ByteBuffer.allocate(1), 3_000_000_000L);
        }
        ClusterLines large = run();
        assertEquals(2, large.code(), large::err);
        assertTrue(large.err().contains("3,000,000,001 bytes; a file of prompts has 2,000,000,000"), large::err);
        Files.writeString(in, "\r\n \n");
        ClusterLines none = run();
        assertEquals(2, none.code(), none::err);
        assertTrue(none.err().contains("there is no prompt in it"), none::err);
    }

    /** What, where and what to do, and nothing that only a library's author can use. */
    private void requireOneSentence(ClusterLines run, String message) {
        assertEquals(2, run.code(), run::err);
        String said = run.err().lines().toList().getLast();
        assertTrue(said.startsWith("threehalf generate: in.jsonl: " + message), said);
        assertFalse(said.matches(".*(Exception|jackson|JsonParser|REDACTED|Source:|StreamRead).*"), said);
        assertEquals(1, run.err().lines().count(), run::err);
        assertFalse(Files.exists(out));
    }

    /** What somebody else has written is not replaced, and nothing that is read is written to. */
    @Test
    void nothingOfOthersIsReplaced() throws IOException {
        Files.write(in, prompts(1));
        Path notes = Files.writeString(folder.resolve("notes"), "{\"line\":1}\nof mine");
        for (String mine : List.of(
                "notes\n",
                "{\"line\":1}\n",
                "{\"line\":1,\"request\":\"ab\",\"text\":\"c\"}",
                "{\"line\":1,\"request\":\"ab\",\"text\":\"c\"}\n")) {
            Files.writeString(out, mine);
            ClusterLines run = run();
            assertEquals(2, run.code(), run::err);
            assertTrue(run.err().contains("it would be replaced; name another OUT, or give --force"), run::err);
            assertEquals(mine, Files.readString(out));
        }
        assertEquals(0, run("--force").code());
        Path journal = folder.resolve("out.jsonl.journal");
        Files.createSymbolicLink(journal, notes);
        ClusterLines linked = run("--force");
        assertEquals(2, linked.code(), linked::err);
        assertTrue(linked.err().contains("a link, or no file"), linked::err);
        assertEquals("{\"line\":1}\nof mine", Files.readString(notes));
        Files.delete(journal);
        Path model = Files.copy(ClusterLines.tiny("llama3"), folder.resolve("m.gguf"));
        out = model;
        ClusterLines overModel =
                ClusterLines.run("cluster", "generate", in, out, "-m", model, "--force", "--master", "local[1]");
        assertEquals(2, overModel.code(), overModel::err);
        assertTrue(overModel.err().contains("which is read: choose another name"), overModel::err);
        assertEquals(-1, Files.mismatch(ClusterLines.tiny("llama3"), model));
        // IN is the journal of OUT.
        in = Files.write(folder.resolve("a.journal"), prompts(1));
        out = folder.resolve("a");
        ClusterLines overInput = run("--force");
        assertEquals(2, overInput.code(), overInput::err);
        assertTrue(overInput.err().contains("which is read: choose another name"), overInput::err);
        assertEquals(prompts(1), Files.readAllLines(in));
        in = folder;
        ClusterLines folderAsInput = run();
        assertEquals(2, folderAsInput.code(), folderAsInput::err);
        assertTrue(folderAsInput.err().contains("a folder; a file of prompts is needed"), folderAsInput::err);
    }

    /** A template that does not take one message refuses its line; the others are answered. */
    @Test
    void aPromptThatTheTemplateRefusesIsItsOwnLines() throws IOException {
        Path template = Files.writeString(
                folder.resolve("template"),
                "{% for m in messages %}{% if 'ocean' in m.content %}{{ raise_exception('no oceans') }}{% endif %}{{ m.content }}{% endfor %}");
        Files.write(
                in,
                List.of(
                        "{\"id\": \"a\", \"prompt\": \"a lake\"}",
                        "{\"id\": \"b\", \"prompt\": \"an ocean\"}",
                        "{\"id\": \"c\", \"prompt\": \"a river\"}"));
        for (int batch : List.of(1, 3)) {
            ClusterLines run = run("--chat", "--chat-template", template, "--batch", batch, "--force");
            assertEquals(1, run.code(), run::err);
            assertTrue(run.out().contains("2 answers, 0 of them from before; 1 refused"), run::out);
            assertTrue(run.out().contains("line 2 (id \"b\"): ") && run.out().contains("no oceans"), run::out);
            List<String> lines = Files.readAllLines(out);
            assertEquals(3, lines.size());
            assertTrue(
                    lines.get(1).startsWith("{\"line\":2,\"id\":\"b\",")
                            && lines.get(1).contains("\"error\""),
                    lines::toString);
            assertTrue(lines.get(0).contains("\"text\"") && lines.get(2).contains("\"text\""), lines::toString);
        }
        // One that nobody can read is no line's fault.
        Files.writeString(template, "{% for m in messages %}");
        ClusterLines unreadable = run("--chat", "--chat-template", template, "--force");
        assertEquals(1, unreadable.code(), unreadable::err);
        assertTrue(unreadable.err().contains("its chat template cannot be read"), unreadable::err);
        assertEquals(List.of("in.jsonl", "out.jsonl", "template"), ClusterLines.names(folder));
    }

    @Test
    void aRunThatDoesNothingLeavesNothing() throws IOException {
        Files.write(in, prompts(1));
        ClusterLines unreachable = run("--master", "nonsense");
        assertEquals(2, unreachable.code(), unreachable::err);
        assertEquals(List.of("in.jsonl"), ClusterLines.names(folder));
        Files.writeString(out, "of mine");
        assertEquals(2, run().code());
        assertEquals(List.of("in.jsonl", "out.jsonl"), ClusterLines.names(folder));
    }

    @Test
    void twoRunsAtOnceAreNotOne() throws IOException {
        Files.write(in, prompts(1));
        try (FileChannel other = FileChannel.open(
                folder.resolve("out.jsonl.journal"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertTrue(other.tryLock() != null);
            ClusterLines run = run();
            assertEquals(2, run.code());
            assertTrue(run.err().contains("another run writes the same answers"), run::err);
        }
    }
}
