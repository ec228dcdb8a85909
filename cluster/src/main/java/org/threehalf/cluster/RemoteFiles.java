package org.threehalf.cluster;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.UsageException;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.kernels.io.PartsFolder;
import org.threehalf.kernels.io.Sha256;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/**
 * Files of Hadoop's file systems ({@code hdfs://}, {@code s3a://} and what else Spark's jars and settings know), read
 * by byte ranges. What is read of one lies in a local file of the same size and name, whose other bytes are holes: so
 * all that reads models maps it as any other, and what is not needed is not fetched.
 */
final class RemoteFiles {
    private static final Pattern ADDRESS = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*");
    private static final int CHUNK = 1 << 20;
    /** Bytes in which a header is looked for at first; then in twice as many, and so on. */
    private static final int HEADER = 1 << 16;

    /** What the command line names, by the local files that stand for it. */
    private static final Map<Path, String> NAMED = new HashMap<>();
    /** What was at an address before it was fetched. */
    private static final Map<String, String> STAMPS = new HashMap<>();
    /** Names of this process's own files for tasks, in a message of which the address stands; the last ones. */
    private static final Map<Path, String> OWN = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, String> eldest) {
            return size() > 256;
        }
    };
    /** What stamps begin with of files whose length nobody tells: the rest is the SHA-256 of what was read. */
    private static final String CONTENT = "content ";
    /** Whole files that this process has fetched. */
    private static final Map<String, Path> WHOLE = new HashMap<>();

    private static @Nullable PartsFolder folder;
    private static int number;

    private RemoteFiles() {}

    /** A range of a file's bytes. */
    private record Range(long from, long bytes) {}

    /** Whether a word is an address, and no path. */
    static boolean isAddress(String word) {
        return ADDRESS.matcher(word).matches();
    }

    /**
     * What the command line's words become: paths, and for addresses of other file systems the files that will be
     * fetched.
     */
    static Path path(String word) {
        if (!isAddress(word)) {
            return Path.of(word);
        }
        try {
            String name = word.substring(word.lastIndexOf('/') + 1);
            if (name.isEmpty()) {
                throw new TypeConversionException(
                        "%s: a folder; of other file systems only files are read".formatted(word));
            }
            Path local = place().resolve(name);
            synchronized (NAMED) {
                NAMED.put(local, word);
            }
            return local;
        } catch (IOException full) {
            throw new TypeConversionException(
                    "%s: no place for what is read of it (java.io.tmpdir): %s".formatted(word, SparkWords.of(full)));
        }
    }

    /** A message in which addresses stand for the local files that stand for them. */
    static String words(String message) {
        synchronized (NAMED) {
            String words = message;
            for (Map<Path, String> files : List.of(NAMED, OWN)) {
                for (Map.Entry<Path, String> file : files.entrySet()) {
                    words = words.replace(file.getKey().toString(), file.getValue());
                }
            }
            return words;
        }
    }

    /** Writes what a command prints with {@link #words}. */
    private static final class Words extends FilterWriter {
        private Words(Writer out) {
            super(out);
        }

        @Override
        public void write(int one) throws IOException {
            out.write(one);
        }

        @Override
        public void write(char[] text, int from, int length) throws IOException {
            out.write(words(new String(text, from, length)));
        }

        @Override
        public void write(String text, int from, int length) throws IOException {
            out.write(words(text.substring(from, from + length)));
        }
    }

    /** From here on what a command prints names addresses, where its command line does. */
    private static void speakOfAddresses(CommandLine command) {
        synchronized (NAMED) {
            if (NAMED.isEmpty()) {
                return;
            }
        }
        command.setOut(new PrintWriter(new Words(command.getOut())));
        command.setErr(new PrintWriter(new Words(command.getErr()), true));
    }

    /** The address that a local file stands for. */
    static Optional<String> address(Path local) {
        synchronized (NAMED) {
            return Optional.ofNullable(NAMED.get(local));
        }
    }

    /** A new folder for a file, which goes when the process ends. */
    private static synchronized Path place() throws IOException {
        if (folder == null) {
            PartsFolder made =
                    PartsFolder.in(Path.of(System.getProperty("java.io.tmpdir")).toRealPath(), "threehalf-remote");
            folder = made;
        }
        return Files.createDirectory(folder.path().resolve(String.valueOf(number++)));
    }

    /** Spark's settings of Hadoop's file systems. */
    static Configuration configuration(SparkConf conf) {
        Configuration hadoop = new Configuration();
        for (scala.Tuple2<String, String> entry : conf.getAll()) {
            if (entry._1().startsWith("spark.hadoop.")) {
                hadoop.set(entry._1().substring("spark.hadoop.".length()), entry._2());
            }
        }
        return hadoop;
    }

    /** How the files that a command reads are named in its usage. */
    private static final List<String> MODELS = List.of("MODEL", "--model");

    private static final List<String> TEXTS = List.of("--file", "--calibrate", "IN");
    /** And those that are read where they are. */
    private static final List<String> LOCAL = List.of("--jar", "--vectors");

    /**
     * Fetches what a command reads, of all that its command line names.
     *
     * @param spec the command with its values
     * @param matrices whether matrices of a model are needed here, and not only where the tasks run
     * @param conf Spark's settings
     * @throws UsageException if an address is given for what is written, or for what is no file
     */
    static void fetch(CommandSpec spec, boolean matrices, SparkConf conf) throws IOException {
        speakOfAddresses(spec.commandLine());
        for (ArgSpec argument : spec.args()) {
            String name = argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
            @Nullable Object given = argument.getValue();
            List<?> values = given instanceof List<?> list ? list : given == null ? List.of() : List.of(given);
            for (Object value : values) {
                String address = value instanceof Path local ? address(local).orElse(null) : null;
                if (address == null) {
                    continue;
                }
                Path local = (Path) value;
                boolean model = MODELS.contains(name);
                if (LOCAL.contains(name)) {
                    throw new UsageException(
                            "%s %s: it must be on this machine; of other file systems only models, texts and prompts are read"
                                    .formatted(name, address));
                }
                if (!model && !TEXTS.contains(name)) {
                    throw new UsageException(
                            "%s %s: only files that are read can lie on another file system; what is written must lie where every node finds it under one local path, whose moves are atomic"
                                    .formatted(name, address));
                }
                if (model && GgufReader.files(local).size() > 1) {
                    throw new UsageException(
                            "%s: one of several files that hold a model; of other file systems only single files are read"
                                    .formatted(address));
                }
                Configuration hadoop = configuration(conf);
                try (Opened opened = new Opened(address, hadoop)) {
                    String stamp = opened.stamp();
                    if (opened.status.getLen() == 0) {
                        // Also where some come: they are held against it below.
                        opened.copyAll(local);
                        throw empty(address);
                    }
                    if (model && !matrices && opened.knowsLength()) {
                        opened.copyOf(
                                local,
                                HEADER,
                                file -> file.tensors().stream()
                                        .filter(tensor -> !FormatChoice.isWeightMatrix(tensor.info()))
                                        .map(tensor -> new Range(
                                                tensor.offset(), tensor.data().byteSize()))
                                        .toList());
                    } else {
                        String sha256 = opened.copyAll(local);
                        if (!opened.knowsLength()) {
                            stamp = CONTENT + sha256;
                        }
                    }
                    if (Files.size(local) == 0) {
                        throw empty(address);
                    }
                    synchronized (NAMED) {
                        STAMPS.put(address, stamp);
                    }
                } catch (FileNotFoundException absent) {
                    throw new UsageException("%s: there is no such file".formatted(address), absent);
                } catch (ModelFormatException wrong) {
                    String begin = local.getFileName() + ": ";
                    String message = String.valueOf(wrong.getMessage());
                    throw new ModelFormatException(
                            address + ": " + (message.startsWith(begin) ? message.substring(begin.length()) : message),
                            wrong);
                } catch (IOException failed) {
                    throw new UsageException(
                            "%s: cannot be read: %s".formatted(address, SparkWords.of(failed)), failed);
                }
            }
        }
    }

    private static UsageException empty(String address) {
        return new UsageException("%s: there is nothing in it".formatted(address));
    }

    /** What was at an address before it was fetched. */
    static String stampOf(String address) {
        synchronized (NAMED) {
            return Objects.requireNonNull(STAMPS.get(address), address);
        }
    }

    /** Removes all that was fetched. */
    static synchronized void close() throws IOException {
        if (folder != null) {
            folder.close();
            folder = null;
        }
        WHOLE.clear();
        synchronized (NAMED) {
            // Not what is NAMED: what went wrong is told after this. No name of a place is ever given twice.
            STAMPS.clear();
        }
    }

    /**
     * What tells a file from others of its name.
     *
     * @throws IOException if it is not there
     */
    static String stamp(String address, Configuration conf) throws IOException {
        try (Opened opened = new Opened(address, conf)) {
            return opened.stamp();
        }
    }

    /**
     * Whether a stamp is one of what was read, of a file of whose length and times nothing is told: whoever reads it
     * whole holds what it reads against the stamp, and nothing less tells it from another.
     */
    static boolean isOfContent(String stamp) {
        return stamp.startsWith(CONTENT);
    }

    /** The whole file, fetched once in this process. */
    static synchronized Path whole(SharedFile file, Configuration conf) throws IOException {
        Path there = WHOLE.get(file.stamp());
        if (there == null) {
            try (Opened opened = new Opened(file.path(), conf)) {
                there = own(opened);
                String sha256 = opened.copyAll(there);
                if (isOfContent(file.stamp()) && !file.stamp().equals(CONTENT + sha256)) {
                    throw new Problem(
                            Problem.Kind.STOPPED,
                            "%s was changed while it was read: do it again once nobody writes to it"
                                    .formatted(file.path()));
                }
            } catch (EOFException | FileNotFoundException changed) {
                throw new IOException("%s: %s".formatted(file.path(), SparkWords.of(changed)), changed);
            }
            WHOLE.put(file.stamp(), there);
        }
        return there;
    }

    /** A place for what this process reads of a file for tasks. */
    private static Path own(Opened opened) throws IOException {
        Path local = place().resolve(opened.status.getPath().getName());
        synchronized (NAMED) {
            OWN.put(local, opened.address);
        }
        return local;
    }

    /** A local file with the header and the bytes of rows; the caller removes it. */
    static Path rows(SharedFile model, List<RowRange> rows, Configuration conf) throws IOException {
        return rows(model, rows, HEADER, conf);
    }

    /** As {@link #rows(SharedFile, List, Configuration)}, with the header looked for in so many bytes at first. */
    static Path rows(SharedFile model, List<RowRange> rows, int header, Configuration conf) throws IOException {
        try (Opened opened = new Opened(model.path(), conf)) {
            Path local = own(opened);
            opened.copyOf(local, header, file -> {
                List<Range> ranges = new ArrayList<>();
                for (RowRange range : rows) {
                    GgufTensor tensor = file.tensor(range.tensor());
                    long bytes = tensor.type().bytes(tensor.columns());
                    ranges.add(new Range(tensor.offset() + range.first() * bytes, range.count() * bytes));
                }
                return ranges;
            });
            return local;
        }
    }

    /** Which bytes of a model are needed. */
    private interface Needed {
        List<Range> of(GgufFile file) throws IOException;
    }

    /** A file that is open. */
    private static final class Opened implements AutoCloseable {
        private final String address;
        private final FileSystem system;
        private final FileStatus status;
        private @Nullable FSDataInputStream in;

        private Opened(String address, Configuration conf) throws IOException {
            this.address = address;
            URI uri;
            try {
                uri = new org.apache.hadoop.fs.Path(address).toUri();
                // Kept open: Hadoop shares those of one address.
                system = FileSystem.get(uri, conf);
            } catch (RuntimeException | IOException unknown) {
                throw new UsageException(
                        "%s: its file system cannot be used: %s".formatted(address, SparkWords.of(unknown)), unknown);
            }
            status = system.getFileStatus(new org.apache.hadoop.fs.Path(uri));
            if (!status.isFile()) {
                throw new UsageException("%s: a folder; of other file systems only files are read".formatted(address));
            }
        }

        private String stamp() {
            return Sha256.of("%s %d %d".formatted(address, status.getLen(), status.getModificationTime()));
        }

        /** Some file systems (HTTP's) do not tell. */
        private boolean knowsLength() {
            return status.getLen() >= 0;
        }

        /**
         * Writes the whole, from the beginning to the end, wherever that is.
         *
         * @return its SHA-256
         * @throws EOFException if it ends before its length, or does not end there
         */
        private String copyAll(Path local) throws IOException {
            MessageDigest digest = Sha256.digest();
            long done = 0;
            // Anew: not all file systems let one go back.
            try (FSDataInputStream from = system.open(status.getPath());
                    FileChannel out = FileChannel.open(local, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                byte[] chunk = new byte[CHUNK];
                for (int length = from.read(chunk, 0, CHUNK); length >= 0; length = from.read(chunk, 0, CHUNK)) {
                    digest.update(chunk, 0, length);
                    for (ByteBuffer rest = ByteBuffer.wrap(chunk, 0, length); rest.hasRemaining(); ) {
                        out.write(rest);
                    }
                    done += length;
                    if (knowsLength() && done > status.getLen()) {
                        throw unlike("more", done);
                    }
                }
            }
            if (knowsLength() && done < status.getLen()) {
                throw unlike("fewer", done);
            }
            return HexFormat.of().formatHex(digest.digest());
        }

        private EOFException unlike(String than, long found) {
            return new EOFException(
                    "its file system tells of %,d bytes, and %s come, %,d".formatted(status.getLen(), than, found));
        }

        /** Writes ranges to their places in a file that is as long. */
        private void copy(Path local, List<Range> ranges) throws IOException {
            try (FileChannel out = FileChannel.open(local, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                if (status.getLen() > 0 && out.size() < status.getLen()) {
                    out.write(ByteBuffer.allocate(1), status.getLen() - 1);
                }
                FSDataInputStream from = in;
                if (from == null) {
                    from = system.open(status.getPath());
                    in = from;
                }
                byte[] chunk = new byte[CHUNK];
                for (Range range : ranges) {
                    for (long done = 0; done < range.bytes(); ) {
                        int length = (int) Math.min(CHUNK, range.bytes() - done);
                        try {
                            from.readFully(range.from() + done, chunk, 0, length);
                        } catch (EOFException cutShort) {
                            throw unlike("no more than the first", range.from() + done);
                        }
                        for (ByteBuffer rest = ByteBuffer.wrap(chunk, 0, length); rest.hasRemaining(); ) {
                            out.write(rest, range.from() + done + rest.position());
                        }
                        done += length;
                    }
                }
            }
        }

        /** Copies the header, and what is needed. */
        private void copyOf(Path local, int first, Needed needed) throws IOException {
            long length = status.getLen();
            for (long header = Math.min(first, length); ; header = Math.min(length, 2 * header)) {
                copy(local, List.of(new Range(0, header)));
                try (GgufFile file = GgufReader.open(local)) {
                    // All of the header is there if the first tensor begins behind it; holes might pass for its end.
                    long data = file.tensors().stream()
                            .mapToLong(GgufTensor::offset)
                            .min()
                            .orElse(header);
                    if (data <= header || header == length) {
                        copy(local, needed.of(file));
                        return;
                    }
                } catch (ModelFormatException cut) {
                    if (header == length) {
                        throw cut;
                    }
                }
            }
        }

        @Override
        public void close() throws IOException {
            if (in != null) {
                in.close();
            }
        }
    }
}
