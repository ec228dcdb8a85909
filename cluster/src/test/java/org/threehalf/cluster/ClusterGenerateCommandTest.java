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

    private ClusterLines run(Object... more) {
        Object[] words = {
            "cluster",
            "generate",
            in,
            out,
            "-m",
            ClusterLines.tiny("llama3"),
            "--seed",
            3,
            "-n",
            6,
            "--master",
            "local[2]"
        };
        return ClusterLines.run(
                java.util.stream.Stream.concat(java.util.Arrays.stream(words), java.util.Arrays.stream(more))
                        .toArray());
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
                five.get(1) + "\n" + five.get(2).substring(0, 40));
        Files.delete(out);
        ClusterLines goesOn = run();
        assertEquals(0, goesOn.code(), goesOn::err);
        assertTrue(goesOn.out().contains("5 answers, 1 of them from before"), goesOn::out);
        assertEquals(five, Files.readAllLines(out));
        ClusterLines done = run();
        assertTrue(done.out().contains("5 answers, 5 of them from before"), done::out);
        ClusterLines other = run("--temperature", 0.1);
        assertTrue(other.out().contains("5 answers, 0 of them from before"), other::out);
        assertEquals(List.of("in.jsonl", "out.jsonl"), ClusterLines.names(folder));
    }

    /** What a refused run has found stays as it was: answers of before, and what is somebody else's. */
    @Test
    void aRefusalTakesNothingAway() throws IOException {
        Path journal = folder.resolve("out.jsonl.journal");
        Files.write(in, prompts(3));
        assertEquals(0, run().code());
        List<String> three = Files.readAllLines(out);
        for (String notes : List.of(
                three.get(0) + "\n{\"broken\n" + three.get(1) + "\n", "my notes\n", three.get(0) + "\nmy notes\n")) {
            Files.deleteIfExists(out);
            Files.writeString(journal, notes);
            ClusterLines refused = run();
            assertEquals(2, refused.code(), refused::out);
            assertTrue(refused.err().contains("is no JSON"), refused::err);
            assertEquals(notes, Files.readString(journal));
        }
        // A good journal beside answers that are cut.
        String good = three.get(1) + "\n";
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

    @Test
    void wrongLinesAreNamedBeforeAnythingIsAsked() throws IOException {
        for (String wrong : List.of(
                "{\"prompt\": 3}",
                "[]",
                "{\"prompt\": \"a\"",
                "{\"prompt\": \"a\", \"promt\": 1}",
                "{\"prompt\": \"a\", \"tokens\": 0}",
                "{\"prompt\": \"a\", \"id\": {}}")) {
            Files.write(in, List.of("{\"prompt\": \"a\"}", wrong));
            ClusterLines run = run();
            assertEquals(2, run.code(), wrong);
            assertTrue(
                    run.err().lines().toList().getLast().startsWith("threehalf generate: in.jsonl: line 2: "),
                    run::err);
            assertFalse(Files.exists(out));
        }
    }

    /** What somebody else has written is not replaced, and nothing that is read is written to. */
    @Test
    void nothingOfOthersIsReplaced() throws IOException {
        Files.write(in, prompts(1));
        Path notes = Files.writeString(folder.resolve("notes"), "{\"line\":1}\nof mine");
        for (String mine : List.of("notes\n", "{\"line\":1}\n", "{\"line\":1,\"request\":\"ab\",\"text\":\"c\"}")) {
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
            assertTrue(run.out().contains("3 answers, 0 of them from before; 1 refused"), run::out);
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

    /** A journal is read and joined in pieces: lines that cross them, and long ones, come through. */
    @Test
    void aLongJournalIsReadLineByLine() throws IOException {
        List<PromptLines.Prompt> prompts = new java.util.ArrayList<>();
        StringBuilder wanted = new StringBuilder();
        try (AnswerFile answers = AnswerFile.open(out, false)) {
            for (int i = 1; i <= 400; i++) {
                PromptLines.Prompt prompt = new PromptLines.Prompt(i, null, "p" + i, 0, 1);
                prompts.addFirst(prompt);
                String line = "{\"line\":%d,\"request\":\"%s\",\"text\":\"%s\"}"
                        .formatted(i, prompt.request("s"), "ä".repeat(i * 13 % 1500 + (i == 7 ? 200_000 : 0)));
                answers.add(prompt.request("s"), line);
                wanted.insert(0, line + "\n");
            }
        }
        assertEquals(List.of("out.jsonl.journal"), ClusterLines.names(folder));
        for (int again = 0; again < 2; again++) {
            // From the journal, then from the file itself.
            try (AnswerFile answers = AnswerFile.open(out, false)) {
                answers.commit(prompts, "s");
            }
            assertEquals(wanted.toString(), Files.readString(out));
            assertEquals(List.of("out.jsonl"), ClusterLines.names(folder));
        }
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
