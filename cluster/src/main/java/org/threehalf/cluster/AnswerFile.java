package org.threehalf.cluster;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
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
    private static final int CHUNK = 1 << 16;
    /** The longest line, in bytes: far longer than any answer. */
    private static final int LONGEST_LINE = 1 << 28;

    private static final Pattern LINE = Pattern.compile("^\\{\"line\":\\d+");

    private final Path target;
    private final Path journal;
    private final FileChannel channel;
    private final FileLock lock;
    private @Nullable FileChannel answered;
    /** Where the journal's last whole line ends. */
    private long end;

    /** Whether the journal was made here, or is wholly ours: what is somebody's stays as it is. */
    private boolean ours;

    private boolean committed;
    /** Where the lines are, by the hash of what they answer: there may be more of them than fit into memory. */
    private final Map<String, Place> answers = new HashMap<>();

    private record Place(FileChannel file, long offset, int bytes) {}

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
        boolean made = Files.notExists(journal, LinkOption.NOFOLLOW_LINKS);
        try {
            if (!made && !Files.isRegularFile(journal, LinkOption.NOFOLLOW_LINKS)) {
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
        AnswerFile open;
        try {
            open = new AnswerFile(target, journal, channel, lock(channel, journal));
            open.ours = made;
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
        try {
            open.take(fresh);
            return open;
        } catch (IOException | RuntimeException failed) {
            try (open) {
                throw failed;
            }
        }
    }

    private void take(boolean fresh) throws IOException {
        if (!fresh) {
            if (Files.exists(target)) {
                FileChannel old = FileChannel.open(target, StandardOpenOption.READ);
                answered = old;
                if (take(target, old) < old.size()) {
                    throw foreign(target, "its last line has no end");
                }
            }
            end = take(journal, channel);
        }
        ours = true;
        channel.truncate(end);
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
    private long take(Path file, FileChannel from) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        long begin = 0;
        int number = 1;
        for (long at = 0; from.read(chunk.clear(), at) > 0; at += chunk.position()) {
            int start = 0;
            for (int i = 0; i < chunk.position(); i++) {
                if (chunk.get(i) == '\n') {
                    line.write(chunk.array(), start, i - start);
                    take(file, number, line.toString(StandardCharsets.UTF_8), new Place(from, begin, line.size()));
                    line.reset();
                    start = i + 1;
                    begin = at + start;
                    number++;
                }
            }
            line.write(chunk.array(), start, chunk.position() - start);
            if (line.size() > LONGEST_LINE) {
                throw foreign(file, "line %d is no answer of this command".formatted(number));
            }
        }
        return begin;
    }

    private void take(Path file, int number, String line, Place place) {
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
            answers.put(json.path("request").stringValue(), place);
        }
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
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
                channel.write(rest, end + rest.position());
            }
        } catch (IOException full) {
            throw new FileNotWrittenException(journal, full);
        }
        answers.put(request, new Place(channel, end, bytes.length - 1));
        end += bytes.length;
    }

    /** Writes the answers in an order, with the line numbers of now, and removes the journal. */
    void commit(List<PromptLines.Prompt> prompts, String settings) throws IOException {
        WholeFile.write(target, temporary -> {
            try (Writer out = Files.newBufferedWriter(temporary)) {
                for (PromptLines.Prompt prompt : prompts) {
                    Place place = Objects.requireNonNull(
                            answers.get(prompt.request(settings)),
                            () -> "line %d is not answered".formatted(prompt.line()));
                    // The same request may have stood in another place.
                    out.append(LINE.matcher(read(place)).replaceFirst("{\"line\":" + prompt.line()))
                            .append('\n');
                }
            }
        });
        Files.deleteIfExists(journal);
        committed = true;
    }

    private static String read(Place place) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(place.bytes);
        while (bytes.hasRemaining()) {
            if (place.file.read(bytes, place.offset + bytes.position()) < 0) {
                throw new EOFException("the answers of before were cut short meanwhile");
            }
        }
        return new String(bytes.array(), StandardCharsets.UTF_8);
    }

    /** A journal of no answers goes, but not one that was refused. */
    @Override
    public void close() throws IOException {
        try (channel;
                lock) {
            if (answered != null) {
                answered.close();
            }
            if (!committed && ours && end == 0) {
                Files.deleteIfExists(journal);
            }
        }
    }
}
