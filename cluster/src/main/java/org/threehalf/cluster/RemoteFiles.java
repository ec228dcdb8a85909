package org.threehalf.cluster;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
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
            throw new UncheckedIOException(full);
        }
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
            PartsFolder made = PartsFolder.in(Path.of(System.getProperty("java.io.tmpdir")), "threehalf-remote");
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
                    synchronized (NAMED) {
                        STAMPS.put(address, opened.stamp());
                    }
                    if (model && !matrices) {
                        opened.copyOf(
                                local,
                                HEADER,
                                file -> file.tensors().stream()
                                        .filter(tensor -> !FormatChoice.isWeightMatrix(tensor.info()))
                                        .map(tensor -> new Range(
                                                tensor.offset(), tensor.data().byteSize()))
                                        .toList());
                    } else {
                        opened.copy(local, List.of(opened.all()));
                    }
                } catch (FileNotFoundException absent) {
                    throw new UsageException("%s: there is no such file".formatted(address), absent);
                } catch (ModelFormatException wrong) {
                    throw wrong;
                } catch (IOException failed) {
                    throw new IOException("%s: cannot be read: %s".formatted(address, SparkWords.of(failed)), failed);
                }
            }
        }
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
            NAMED.clear();
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

    /** The whole file, fetched once in this process. */
    static synchronized Path whole(SharedFile file, Configuration conf) throws IOException {
        Path there = WHOLE.get(file.stamp());
        if (there == null) {
            try (Opened opened = new Opened(file.path(), conf)) {
                there = place().resolve(opened.status.getPath().getName());
                opened.copy(there, List.of(opened.all()));
            }
            WHOLE.put(file.stamp(), there);
        }
        return there;
    }

    /** A local file with the header and the bytes of rows; the caller removes it. */
    static Path rows(SharedFile model, List<RowRange> rows, Configuration conf) throws IOException {
        return rows(model, rows, HEADER, conf);
    }

    /** As {@link #rows(SharedFile, List, Configuration)}, with the header looked for in so many bytes at first. */
    static Path rows(SharedFile model, List<RowRange> rows, int header, Configuration conf) throws IOException {
        try (Opened opened = new Opened(model.path(), conf)) {
            Path local = place().resolve(opened.status.getPath().getName());
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

        private Range all() {
            return new Range(0, status.getLen());
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
                        from.readFully(range.from() + done, chunk, 0, length);
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
