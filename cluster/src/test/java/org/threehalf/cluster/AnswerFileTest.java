package org.threehalf.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.cli.UsageException;

/** What is kept, what is believed of what is found, and who may write. */
class AnswerFileTest {
    private static final String RUN = "{\"threehalf\":\"0\"}";

    @TempDir
    Path folder;

    private Path out = Path.of("");
    private Path journal = Path.of("");

    @BeforeEach
    void files() {
        out = folder.resolve("out.jsonl");
        journal = folder.resolve("out.jsonl.journal");
    }

    private static PromptLines.Prompt prompt(int line) {
        return new PromptLines.Prompt(line, null, "p" + line, 0, 1);
    }

    private static void add(AnswerFile answers, PromptLines.Prompt prompt, String text) throws IOException {
        answers.add(
                prompt.request(RUN),
                "{\"line\":%d,\"request\":\"%s\",\"run\":%s,\"text\":\"%s\"}"
                        .formatted(prompt.line(), prompt.request(RUN), RUN, text));
    }

    /** The answers 1 to n in a journal, as a run leaves them that is ended. */
    private void interrupted(int n) throws IOException {
        try (AnswerFile answers = AnswerFile.open(out, false)) {
            for (int i = 1; i <= n; i++) {
                add(answers, prompt(i), "answer " + i);
            }
        }
    }

    private long had(int n, boolean fresh) throws IOException {
        try (AnswerFile answers = AnswerFile.open(out, fresh)) {
            return java.util.stream.IntStream.rangeClosed(1, n)
                    .filter(i -> answers.has(prompt(i).request(RUN)))
                    .count();
        }
    }

    /** A journal is read and joined in pieces: lines that cross them, and long ones, come through. */
    @Test
    void aLongJournalIsReadLineByLine() throws IOException {
        List<PromptLines.Prompt> prompts = new ArrayList<>();
        try (AnswerFile answers = AnswerFile.open(out, false)) {
            for (int i = 1; i <= 400; i++) {
                prompts.addFirst(prompt(i));
                add(answers, prompt(i), "ä".repeat(i * 13 % 1500 + (i == 7 ? 200_000 : 0)));
            }
        }
        assertEquals(List.of("out.jsonl.journal"), ClusterLines.names(folder));
        for (int again = 0; again < 2; again++) {
            // From the journal, then from the file itself.
            try (AnswerFile answers = AnswerFile.open(out, false)) {
                answers.commit(prompts, RUN);
            }
            List<String> lines = Files.readAllLines(out);
            assertEquals(400, lines.size());
            for (int i = 1; i <= 400; i++) {
                var line = PromptLines.JSON.readTree(lines.get(400 - i));
                assertEquals(i, line.path("line").intValue());
                assertEquals(
                        "ä".repeat(i * 13 % 1500 + (i == 7 ? 200_000 : 0)),
                        line.path("text").stringValue());
            }
            assertEquals(List.of("out.jsonl"), ClusterLines.names(folder));
        }
    }

    /** The last line's beginning is asked again; nothing else that is not as it was written is believed. */
    @Test
    void aTornLineIsAskedAgainAndAnEditedOneRefused() throws IOException {
        interrupted(3);
        byte[] whole = Files.readAllBytes(journal);
        List<Integer> ends = new ArrayList<>();
        for (int i = 0; i < whole.length; i++) {
            if (whole[i] == '\n') {
                ends.add(i + 1);
            }
        }
        assertEquals(4, ends.size());
        for (int cut = 0; cut <= whole.length; cut += 7) {
            Files.write(journal, java.util.Arrays.copyOf(whole, cut));
            int length = cut;
            assertEquals(
                    Math.max(0, ends.stream().filter(end -> end <= length).count() - 1),
                    had(3, false),
                    "cut at " + cut);
        }
        for (int at = 0; at < whole.length - 1; at += 5) {
            byte[] edited = whole.clone();
            if (edited[at] == '\n') {
                continue;
            }
            edited[at] ^= 1;
            Files.write(journal, edited);
            var refused = assertThrows(UsageException.class, () -> had(3, false), "edited at " + at);
            assertTrue(
                    refused.getMessage().contains("is not as this command wrote it")
                            || refused.getMessage().contains("it is no journal of this command"),
                    refused::getMessage);
            assertEquals(-1, java.util.Arrays.mismatch(edited, Files.readAllBytes(journal)));
        }
        Files.write(journal, whole);
        try (AnswerFile answers = AnswerFile.open(out, false)) {
            answers.commit(List.of(prompt(3), prompt(1), prompt(2)), RUN);
        }
        String committed = Files.readString(out);
        for (String edited : List.of(
                committed.replace("answer 2", "Answer 2"),
                committed.replace("\"line\":2", "\"line\":4"),
                committed.substring(0, committed.length() - 1),
                committed + "{}\n")) {
            Files.writeString(out, edited);
            assertThrows(UsageException.class, () -> had(3, false), edited);
            assertEquals(edited, Files.readString(out));
            assertEquals(List.of("out.jsonl"), ClusterLines.names(folder));
        }
        Files.writeString(out, committed);
        assertEquals(3, had(3, false));
    }

    /** Who asks everything anew takes the old answers away with the first new one, and not before. */
    @Test
    void whatIsForcedIsGoneWithTheFirstAnswer() throws IOException {
        interrupted(2);
        byte[] before = Files.readAllBytes(journal);
        assertEquals(0, had(2, true));
        assertEquals(-1, java.util.Arrays.mismatch(before, Files.readAllBytes(journal)));
        Files.writeString(out, "of somebody\n");
        try (AnswerFile answers = AnswerFile.open(out, true)) {
            add(answers, prompt(2), "another answer");
        }
        assertEquals("of somebody\n", Files.readString(out));
        // Goes on without being forced again: the journal says that OUT counts for nothing.
        try (AnswerFile answers = AnswerFile.open(out, false)) {
            assertFalse(answers.has(prompt(1).request(RUN)));
            assertTrue(answers.has(prompt(2).request(RUN)));
            add(answers, prompt(1), "answer 1");
            answers.commit(List.of(prompt(1), prompt(2)), RUN);
        }
        assertEquals(2, Files.readAllLines(out).size());
        assertTrue(Files.readString(out).contains("another answer"));
        assertEquals(List.of("out.jsonl"), ClusterLines.names(folder));
    }

    @Test
    void notesOfOthersAreNoJournal() throws IOException {
        for (String notes : List.of("my notes", "my notes\n", "{\"journal\":\"mine\"}\n", "\n")) {
            Files.writeString(journal, notes);
            for (boolean fresh : List.of(false, true)) {
                var refused = assertThrows(UsageException.class, () -> had(1, fresh), notes);
                assertFalse(refused.getMessage().contains("--force"), refused::getMessage);
                assertEquals(notes, Files.readString(journal));
            }
        }
        Files.delete(journal);
        interrupted(1);
        String good = Files.readString(journal);
        Files.writeString(journal, good.replaceFirst("\"id\":\"..", "\"id\":\"zz"));
        assertThrows(UsageException.class, () -> had(1, false));
    }

    @Test
    void oneOfTwoGoesOn() throws IOException {
        try (AnswerFile first = AnswerFile.open(out, false)) {
            add(first, prompt(1), "answer");
            for (boolean fresh : List.of(false, true)) {
                var second = assertThrows(UsageException.class, () -> AnswerFile.open(out, fresh));
                assertTrue(second.getMessage().contains("another run writes the same answers"), second::getMessage);
            }
            // The refusal has not ended the lock, of which another process would take advantage.
            assertEquals(List.of("refused"), holders(1, 1).getFirst());
        }
        assertEquals(1, had(1, false));
    }

    /** Whoever had the lock before removes the journal: the lock is then one of a file that is no more. */
    @Test
    void aLockOfAJournalThatWentIsNone() throws IOException {
        for (boolean another : List.of(false, true)) {
            for (boolean begun : List.of(false, true)) {
                if (begun) {
                    interrupted(1);
                }
                try (FileChannel late = FileChannel.open(
                                journal, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                        FileLock lock = late.tryLock()) {
                    Files.delete(journal);
                    if (another) {
                        interrupted(2);
                    }
                    assertNull(AnswerFile.opened(out, journal, late, lock, false, false));
                }
                assertEquals(another ? 2 : 0, had(2, false));
                Files.deleteIfExists(journal);
            }
        }
        FileChannel alone =
                FileChannel.open(journal, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try (AnswerFile opened = AnswerFile.opened(out, journal, alone, alone.tryLock(), false, true)) {
            assertNotNull(opened);
        }
    }

    /**
     * Processes that open, keep, remove and leave the journal again and again: never do two have it, and nobody is
     * refused for ever.
     */
    @Test
    void neverDoTwoProcessesHaveIt() throws IOException {
        long held = 0;
        for (List<String> lines : holders(3, 150)) {
            assertTrue(lines.stream().allMatch(line -> line.equals("held") || line.equals("refused")), lines::toString);
            held += lines.stream().filter("held"::equals).count();
        }
        assertTrue(held >= 150, "%d times".formatted(held));
    }

    /** What some processes print, each of which tries so often. */
    private List<List<String>> holders(int processes, int rounds) throws IOException {
        List<Process> running = new ArrayList<>();
        List<Path> printed = new ArrayList<>();
        try {
            for (int i = 0; i < processes; i++) {
                Path to = folder.resolve("printed-" + i);
                printed.add(to);
                running.add(new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                                AnswerFileHolder.class.getName(),
                                out.toString(),
                                Integer.toString(rounds))
                        .redirectErrorStream(true)
                        .redirectOutput(to.toFile())
                        .start());
            }
            for (Process process : running) {
                assertTrue(process.waitFor(50, TimeUnit.SECONDS), "a process does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            running.forEach(Process::destroyForcibly);
        }
        List<List<String>> all = new ArrayList<>();
        for (Path to : printed) {
            all.add(Files.readAllLines(to));
            Files.delete(to);
        }
        return all;
    }
}
