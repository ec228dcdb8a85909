package org.threehalf.cluster;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.UsageException;
import org.threehalf.kernels.io.FileNotWrittenException;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.WholeFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A file of answers, a line each, that is there whole or as it was before. What is answered meanwhile is kept in a
 * journal beside it, line after line as it comes, so that a run that was ended goes on where it stopped.
 *
 * <p>A line is an object of JSON whose last member, {@code check}, is the SHA-256 of the bytes before the comma in
 * front of it. The journal's first line is {@code {"journal":…,"id":…,"replaces":…,"check":…}}, with an id that no
 * other has, and whether what the file holds counts for nothing.
 *
 * <p>One run at a time: the journal is locked. Until the first answer is kept nothing of what was there is changed, so
 * who refuses, or cannot begin, has taken nothing away. What has the journal's name and is none is never touched.
 */
final class AnswerFile implements AutoCloseable {
    private static final int CHUNK = 1 << 16;
    /** The longest line, in bytes: far longer than any answer. */
    private static final int LONGEST_LINE = 1 << 28;

    private static final int LONGEST_HEADER = 1 << 10;
    /** How often a journal may go, with the run that had it, while it is being opened here. */
    private static final int ATTEMPTS = 20;

    private static final String HEADER = "{\"journal\":\"threehalf cluster generate\",\"id\":\"";
    private static final String CHECK = ",\"check\":\"";
    private static final int CHECK_BYTES = CHECK.length() + 64 + "\"}".length();
    private static final Pattern LINE = Pattern.compile("^\\{\"line\":\\d+");

    /** Journals that this process has open: closing another channel of one would end its lock. */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path target;
    private final Path journal;
    private final FileChannel channel;
    private final FileLock lock;
    /** The journal again, by its name. */
    private final FileChannel named;

    private final boolean fresh;
    /** Whether the file counts for nothing, by the run that began the journal. */
    private final boolean replaces;
    /** Whether nobody had anything in the journal before. */
    private final boolean made;

    private @Nullable FileChannel answered;
    /** Where the journal's header ends. */
    private long begin;
    /** Where the journal's last whole line ends. */
    private long end;

    private boolean written;
    private boolean committed;
    /** Where the lines are, by the hash of what they answer: there may be more of them than fit into memory. */
    private final Map<String, Place> answers = new HashMap<>();
    /** The runs that the answers are of, with where the first one is. */
    private final Map<JsonNode, Place> runs = new LinkedHashMap<>();
    /** What the file's lines are of, in their order. */
    private final List<Numbered> order = new ArrayList<>();

    /** Where a line is: in a file, at its number from 1, bytes of a channel. */
    private record Place(Path path, int number, FileChannel file, long offset, int bytes) {}

    /** What a line of the file is of. */
    private record Numbered(int line, String request) {}

    private AnswerFile(
            Path target,
            Path journal,
            FileChannel channel,
            FileLock lock,
            FileChannel named,
            boolean fresh,
            boolean made,
            byte[] header) {
        this.target = target;
        this.journal = journal;
        this.channel = channel;
        this.lock = lock;
        this.named = named;
        this.fresh = fresh;
        this.replaces = replaces(header);
        this.made = made;
        this.begin = header.length;
        this.end = header.length;
    }

    /** What is kept beside a file of answers while it is made. */
    static Path journal(Path file) {
        return file.resolveSibling(file.getFileName() + ".journal");
    }

    /**
     * Opens a file with what it and its journal hold.
     *
     * @param fresh whether what is there counts for nothing
     * @throws UsageException if another run writes the same, or what is there was not written by this class
     * @throws IOException if it cannot be read or written
     */
    static AnswerFile open(Path file, boolean fresh) throws IOException {
        Path target = WholeFile.replaceable(file);
        Path folder = Objects.requireNonNull(target.getParent()).toRealPath();
        Path journal = journal(folder.resolve(target.getFileName()));
        if (!OPEN.add(journal)) {
            throw locked(journal);
        }
        AnswerFile open;
        try {
            open = attempts(target, journal, fresh);
        } catch (IOException | RuntimeException failed) {
            OPEN.remove(journal);
            throw failed;
        }
        try {
            open.take();
            return open;
        } catch (IOException | RuntimeException failed) {
            try (open) {
                throw failed;
            }
        }
    }

    private static AnswerFile attempts(Path target, Path journal, boolean fresh) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            AnswerFile open = attempt(target, journal, fresh);
            if (open != null) {
                return open;
            }
        }
        throw locked(journal);
    }

    private static UsageException locked(Path journal) {
        return new UsageException(
                "%s: another run writes the same answers: wait for it, or name another OUT".formatted(journal));
    }

    /** Null if the journal went, or was replaced, between two steps: with the run that had it. */
    private static @Nullable AnswerFile attempt(Path target, Path journal, boolean fresh) throws IOException {
        FileChannel channel;
        boolean made = true;
        try {
            channel = FileChannel.open(
                    journal, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException exists) {
            if (Files.notExists(journal, LinkOption.NOFOLLOW_LINKS)) {
                return null;
            }
            if (!Files.isRegularFile(journal, LinkOption.NOFOLLOW_LINKS)) {
                throw new UsageException(
                        "%s: a link, or no file: take it away, or name another OUT".formatted(journal));
            }
            made = false;
            try {
                channel = FileChannel.open(
                        journal, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            } catch (NoSuchFileException gone) {
                return null;
            } catch (IOException refused) {
                throw new FileNotWrittenException(journal, refused);
            }
        } catch (IOException refused) {
            throw new FileNotWrittenException(journal, refused);
        }
        AnswerFile open = null;
        try {
            FileLock lock;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException mine) {
                lock = null;
            }
            if (lock == null) {
                throw locked(journal);
            }
            open = opened(target, journal, channel, lock, fresh, made);
            return open;
        } finally {
            if (open == null) {
                channel.close();
            }
        }
    }

    /**
     * The lock is one of what was opened. Whoever had it before may have removed that since; then what has its name
     * now, if anything, is somebody else's, and has another id.
     */
    static @Nullable AnswerFile opened(
            Path target, Path journal, FileChannel channel, FileLock lock, boolean fresh, boolean made)
            throws IOException {
        byte[] first = first(channel);
        boolean whole = isHeader(first);
        if (!whole) {
            if (!isBegun(first)) {
                // Somebody's, who has not been asked: OUT is named by whoever gives --force, and this is not.
                throw new UsageException(
                        "%s: it is no journal of this command, which would write one there: take it away, or name another OUT"
                                .formatted(journal));
            }
            try {
                first = begin(journal, channel, fresh);
            } catch (IOException full) {
                if (made) {
                    Files.deleteIfExists(journal);
                }
                throw full;
            }
        }
        FileChannel named;
        try {
            named = FileChannel.open(journal, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException gone) {
            return null;
        }
        if (!Arrays.equals(first(named), first)) {
            named.close();
            return null;
        }
        return new AnswerFile(target, journal, channel, lock, named, fresh, made || !whole, first);
    }

    /** Writes the header, and nothing behind it. */
    private static byte[] begin(Path journal, FileChannel channel, boolean replaces) throws IOException {
        byte[] header = line(sealed("%s%s\",\"replaces\":%b}".formatted(HEADER, UUID.randomUUID(), replaces)));
        channel.truncate(0);
        write(journal, channel, 0, header);
        return header;
    }

    private static boolean replaces(byte[] header) {
        return PromptLines.JSON.readTree(header).path("replaces").booleanValue();
    }

    /** The first line with its end; all that is there where it has none, or is longer than a header. */
    private static byte[] first(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LONGEST_HEADER);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, bytes.position()) < 0) {
                break;
            }
        }
        int length = 0;
        while (length < bytes.position() && bytes.get(length) != '\n') {
            length++;
        }
        return Arrays.copyOf(bytes.array(), Math.min(bytes.position(), length + 1));
    }

    private static boolean isHeader(byte[] first) {
        return first.length > 0
                && first[first.length - 1] == '\n'
                && isSealed(Arrays.copyOf(first, first.length - 1))
                && new String(first, StandardCharsets.UTF_8).startsWith(HEADER);
    }

    /** Nothing, or what a run leaves that is ended while it writes the header. */
    private static boolean isBegun(byte[] first) {
        String text = new String(first, StandardCharsets.UTF_8);
        return first.length < LONGEST_HEADER
                && text.indexOf('\n') < 0
                && (HEADER.startsWith(text) || text.startsWith(HEADER));
    }

    /** A line with its check. */
    private static String sealed(String line) {
        String body = line.substring(0, line.length() - 1);
        return body + CHECK + Sha256.of(body.getBytes(StandardCharsets.UTF_8)) + "\"}";
    }

    private static boolean isSealed(byte[] line) {
        int body = line.length - CHECK_BYTES;
        return body > 0
                && new String(line, body, CHECK_BYTES, StandardCharsets.ISO_8859_1)
                        .equals(CHECK + Sha256.of(Arrays.copyOf(line, body)) + "\"}");
    }

    private static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static void write(Path file, FileChannel channel, long at, byte[] line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(line);
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes, at + bytes.position());
            }
        } catch (IOException full) {
            throw new FileNotWrittenException(file, full);
        }
    }

    private void take() throws IOException {
        if (fresh) {
            return;
        }
        if (!replaces && Files.exists(target)) {
            FileChannel old = FileChannel.open(target, StandardOpenOption.READ);
            answered = old;
            if (take(target, old, 0) < old.size()) {
                throw foreign(target, "its last line has no end");
            }
        }
        end = take(journal, channel, begin);
    }

    /**
     * Takes whole lines; gives where the last one ends. What comes behind it is of a run that was ended in the middle
     * of it.
     *
     * @param from where the first one begins
     * @throws UsageException if a line is not as it was written: the file is somebody's who would miss it
     */
    private long take(Path path, FileChannel file, long from) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        long start = from;
        int number = from == 0 ? 1 : 2;
        for (long at = from; file.read(chunk.clear(), at) > 0; at += chunk.position()) {
            int next = 0;
            for (int i = 0; i < chunk.position(); i++) {
                if (chunk.get(i) == '\n') {
                    line.write(chunk.array(), next, i - next);
                    take(line.toByteArray(), new Place(path, number, file, start, line.size()));
                    line.reset();
                    next = i + 1;
                    start = at + next;
                    number++;
                }
            }
            line.write(chunk.array(), next, chunk.position() - next);
            if (line.size() > LONGEST_LINE) {
                throw foreign(path, "its line %d is none of this command".formatted(number));
            }
        }
        return start;
    }

    private void take(byte[] line, Place place) {
        JsonNode json = isSealed(line) ? json(line) : null;
        if (json == null) {
            throw foreign(
                    place.path,
                    "its line %d is not as this command wrote it: changed, damaged, or somebody else's (without that line its prompt is asked again)"
                            .formatted(place.number));
        }
        String request = json.path("request").stringValue();
        if (place.file != channel) {
            order.add(new Numbered(json.path("line").intValue(), request));
        }
        // Prompts that were refused are no loss, whatever they were asked with.
        if (!json.has("error")) {
            runs.putIfAbsent(json.path("run"), place);
            answers.put(request, place);
        }
    }

    private static @Nullable JsonNode json(byte[] line) {
        try {
            JsonNode json = PromptLines.JSON.readTree(line);
            return json.path("line").isIntegralNumber()
                            && json.path("request").isString()
                            && json.path("run").isObject()
                            && (json.path("text").isString()
                                    || json.path("error").isString())
                    ? json
                    : null;
        } catch (JacksonException other) {
            return null;
        }
    }

    private static UsageException foreign(Path file, String why) {
        return new UsageException(
                "%s: %s: it would be replaced; name another OUT, or give --force".formatted(file, why));
    }

    /** The run that the first answer is of; empty if there is none. */
    Optional<JsonNode> run() {
        return runs.keySet().stream().findFirst();
    }

    /**
     * Refuses to go on where an answer would be lost: one of another run, or one that nobody asks for. Prompts that
     * were refused are no loss.
     *
     * @param run what is asked now
     * @param prompts all of it
     * @param in their file, for the message
     * @throws UsageException if one would; says in what they differ
     */
    void requireNothingLost(AnswerRun run, List<PromptLines.Prompt> prompts, Path in) throws IOException {
        for (Map.Entry<JsonNode, Place> other : runs.entrySet()) {
            List<String> differences = run.differences(other.getKey());
            if (!differences.isEmpty()) {
                throw foreign(
                        other.getValue().path,
                        "its line %d is of another request: %s"
                                .formatted(other.getValue().number, String.join(", ", differences)));
            }
        }
        String settings = run.json().toString();
        Set<String> asked = new HashSet<>();
        prompts.forEach(prompt -> asked.add(prompt.request(settings)));
        for (Map.Entry<String, Place> answer : answers.entrySet()) {
            if (!asked.contains(answer.getKey())) {
                Place place = answer.getValue();
                JsonNode line = PromptLines.JSON.readTree(read(place));
                long seed = line.path("seed").longValue();
                int tokens = line.path("max_tokens").intValue();
                throw foreign(
                        place.path,
                        prompts.stream()
                                .filter(prompt ->
                                        prompt.request(settings, seed, tokens).equals(answer.getKey()))
                                .findFirst()
                                .map(prompt -> "its line %d is of another request: seed %d (now %d), %d tokens (now %d)"
                                        .formatted(place.number, seed, prompt.seed(), tokens, prompt.tokens()))
                                .orElseGet(() -> "its line %d%s answers a prompt that %s does not have"
                                        .formatted(
                                                place.number,
                                                line.has("id")
                                                        ? " (id %s)"
                                                                .formatted(SparkWords.shown(line.get("id")
                                                                        .toString()))
                                                        : "",
                                                in)));
            }
        }
    }

    /** Whether a request is answered. */
    boolean has(String request) {
        return answers.containsKey(request);
    }

    /** Whether the file is already what {@link #commit} would make of it, and there is nothing else. */
    boolean isWhole(List<PromptLines.Prompt> prompts, String settings) {
        return !fresh
                && !written
                && end == begin
                && order.equals(prompts.stream()
                        .map(prompt -> new Numbered(prompt.line(), prompt.request(settings)))
                        .toList())
                && order.stream().allMatch(line -> has(line.request));
    }

    /**
     * Keeps an answer.
     *
     * @param line an object, without its check
     */
    void add(String request, String line) throws IOException {
        if (!written) {
            if (fresh) {
                // What the journal holds of other answers goes now, and a run that goes on with it knows that.
                begin = begin(journal, channel, true).length;
                end = begin;
            } else {
                // Half a line of a run that was ended.
                channel.truncate(end);
            }
            written = true;
        }
        byte[] bytes = line(sealed(line));
        write(journal, channel, end, bytes);
        answers.put(request, new Place(journal, 0, channel, end, bytes.length - 1));
        end += bytes.length;
    }

    /** Writes the answers in an order, with the line numbers of now, and removes the journal. */
    void commit(List<PromptLines.Prompt> prompts, String settings) throws IOException {
        WholeFile.write(target, temporary -> {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
                for (PromptLines.Prompt prompt : prompts) {
                    Place place = Objects.requireNonNull(
                            answers.get(prompt.request(settings)),
                            () -> "line %d is not answered".formatted(prompt.line()));
                    byte[] line = read(place);
                    if (!isSealed(line)) {
                        throw new IOException("the answers of before were changed meanwhile");
                    }
                    String body = new String(line, 0, line.length - CHECK_BYTES, StandardCharsets.UTF_8);
                    // The same request may have stood in another place.
                    String moved = LINE.matcher(body).replaceFirst("{\"line\":" + prompt.line());
                    out.write(line(sealed(moved + "}")));
                }
            }
        });
        Files.deleteIfExists(journal);
        committed = true;
    }

    private static byte[] read(Place place) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(place.bytes);
        while (bytes.hasRemaining()) {
            if (place.file.read(bytes, place.offset + bytes.position()) < 0) {
                throw new EOFException("the answers of before were cut short meanwhile");
            }
        }
        return bytes.array();
    }

    /** A journal of no answers goes, but not one that was refused. */
    @Override
    public void close() throws IOException {
        try (channel;
                lock;
                named) {
            if (answered != null) {
                answered.close();
            }
            if (!committed && end == begin && (made || channel.size() == begin)) {
                Files.deleteIfExists(journal);
            }
        } finally {
            OPEN.remove(journal);
        }
    }
}
