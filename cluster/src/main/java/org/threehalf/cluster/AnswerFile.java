package org.threehalf.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.UsageException;
import org.threehalf.kernels.io.FileNotWrittenException;
import org.threehalf.kernels.io.WholeFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A file of answers, a line each, that is there whole or as it was before. What is answered meanwhile is kept in a
 * journal beside it, line after line as it comes, so that a run that was ended goes on where it stopped. One run at a
 * time: the journal is locked.
 */
final class AnswerFile implements AutoCloseable {
    private final Path target;
    private final Path journal;
    private final FileChannel channel;
    private final FileLock lock;
    /** Lines by the hash of what they answer. */
    private final Map<String, String> answers = new LinkedHashMap<>();

    private AnswerFile(Path target, Path journal, FileChannel channel, FileLock lock) {
        this.target = target;
        this.journal = journal;
        this.channel = channel;
        this.lock = lock;
    }

    /** What is kept beside a file of answers while it is made. */
    static Path journal(Path file) {
        return file.resolveSibling(file.getFileName() + ".journal");
    }

    /**
     * Opens a file with what it and its journal hold.
     *
     * @param fresh whether what is there counts for nothing
     * @throws UsageException if another run writes the same
     * @throws IOException if it cannot be read or written
     */
    static AnswerFile open(Path file, boolean fresh) throws IOException {
        Path target = WholeFile.replaceable(file);
        Path journal = journal(target);
        FileChannel channel;
        try {
            if (Files.exists(journal, LinkOption.NOFOLLOW_LINKS)
                    && !Files.isRegularFile(journal, LinkOption.NOFOLLOW_LINKS)) {
                throw new UsageException(
                        "%s: a link, or no file: take it away, or name another OUT".formatted(journal));
            }
            channel = FileChannel.open(
                    journal,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.CREATE,
                    LinkOption.NOFOLLOW_LINKS);
        } catch (IOException refused) {
            throw new FileNotWrittenException(journal, refused);
        }
        try {
            FileLock lock = lock(channel, journal);
            AnswerFile open = new AnswerFile(target, journal, channel, lock);
            if (fresh) {
                channel.truncate(0);
            } else {
                if (Files.exists(target)) {
                    byte[] answered = Files.readAllBytes(target);
                    if (open.take(target, answered) < answered.length) {
                        throw foreign(target, "its last line has no end");
                    }
                }
                ByteBuffer kept = ByteBuffer.allocate(Math.toIntExact(channel.size()));
                while (kept.hasRemaining() && channel.read(kept) >= 0) {}
                channel.truncate(open.take(journal, kept.array()));
                channel.position(channel.size());
            }
            return open;
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
    }

    private static FileLock lock(FileChannel channel, Path journal) throws IOException {
        @Nullable FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException mine) {
            lock = null;
        }
        // Whoever had it may have removed the file since it was opened here.
        if (lock == null || Files.notExists(journal)) {
            throw new UsageException(
                    "%s: another run writes the same answers: wait for it, or name another OUT".formatted(journal));
        }
        return lock;
    }

    /**
     * Takes whole lines; gives how many bytes they have. What comes behind the last one is of a run that was ended in
     * the middle of it.
     *
     * @throws UsageException if a line is none of ours: the file is somebody's who would miss it
     */
    private int take(Path file, byte[] bytes) {
        int from = 0;
        int number = 1;
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] == '\n') {
                String line = new String(bytes, from, at - from, StandardCharsets.UTF_8);
                JsonNode json;
                try {
                    json = PromptLines.JSON.readTree(line);
                } catch (JacksonException other) {
                    throw foreign(file, "line %d is no JSON".formatted(number));
                }
                if (!json.path("line").isIntegralNumber()
                        || !json.path("request").isString()
                        || !(json.path("text").isString() || json.path("error").isString())) {
                    throw foreign(file, "line %d is no answer of this command".formatted(number));
                }
                if (!json.has("error")) {
                    answers.put(json.path("request").stringValue(), line);
                }
                from = at + 1;
                number++;
            }
        }
        return from;
    }

    private static UsageException foreign(Path file, String why) {
        return new UsageException(
                "%s: %s: it would be replaced; name another OUT, or give --force".formatted(file, why));
    }

    /** Whether a request is answered. */
    boolean has(String request) {
        return answers.containsKey(request);
    }

    /** Keeps an answer. */
    void add(String request, String line) throws IOException {
        answers.put(request, line);
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException full) {
            throw new FileNotWrittenException(journal, full);
        }
    }

    /** Writes the answers in an order, with the line numbers of now, and removes the journal. */
    void commit(List<PromptLines.Prompt> prompts, String settings) throws IOException {
        StringBuilder all = new StringBuilder();
        for (PromptLines.Prompt prompt : prompts) {
            String line = java.util.Objects.requireNonNull(
                    answers.get(prompt.request(settings)), () -> "line %d is not answered".formatted(prompt.line()));
            // The same request may have stood in another place.
            all.append(line.replaceFirst("^\\{\"line\":\\d+", "{\"line\":" + prompt.line()))
                    .append('\n');
        }
        WholeFile.write(target, all.toString());
        Files.deleteIfExists(journal);
    }

    @Override
    public void close() throws IOException {
        lock.release();
        channel.close();
    }
}
