package org.threehalf.cluster;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.UUID;
import org.threehalf.kernels.io.OffHeap;
import org.threehalf.kernels.io.PartsFolder;
import org.threehalf.kernels.io.Sha256;

/**
 * The folder of a job's parts, which every node sees under one path. A part is written once, under a name that nobody
 * else has, and who reads it holds it against what its writer told of it: what was cut short, changed or put in its
 * place is not taken.
 *
 * @param path absolute
 * @param token what the driver wrote into it: a node that finds it there sees the same folder, and not one of its own
 */
record SharedFolder(String path, String token) implements Serializable {
    private static final long serialVersionUID = 1;
    private static final String MARK = "job";

    /**
     * A part that is whole.
     *
     * @param name of its file
     * @param bytes how many it has
     * @param sha256 of them
     */
    record Whole(String name, long bytes, String sha256) implements Serializable {
        private static final long serialVersionUID = 1;
    }

    /** Marks a folder that was just made. */
    static SharedFolder mark(PartsFolder folder) throws IOException {
        String token = UUID.randomUUID().toString();
        Files.writeString(folder.path().resolve(MARK), token);
        return new SharedFolder(folder.path().toString(), token);
    }

    /** A file in it. */
    Path resolve(String name) {
        return Path.of(path).resolve(name);
    }

    /**
     * Begins a part.
     *
     * @param what the name's beginning
     * @param host who asks
     * @throws Problem if the node does not see the folder, or cannot write to it
     */
    Part begin(String what, String host) throws Problem {
        try {
            if (!Files.readString(resolve(MARK)).equals(token)) {
                throw new IOException("another folder");
            }
        } catch (IOException absent) {
            throw unseen(host, absent);
        }
        String name = "%s-%s".formatted(what, UUID.randomUUID());
        try {
            return new Part(
                    name,
                    host,
                    Files.newOutputStream(resolve(name), StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
        } catch (IOException refused) {
            throw notWritten(host, refused);
        }
    }

    /**
     * Opens a part.
     *
     * @param host who asks
     * @throws Problem if it is not there, or has not as many bytes
     */
    Reading read(Whole part, String host) throws Problem {
        Path file = resolve(part.name());
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            try {
                if (channel.size() != part.bytes()) {
                    throw changed(part, host);
                }
                return new Reading(part, host, Channels.newInputStream(channel));
            } catch (IOException refused) {
                try (channel) {
                    throw refused;
                }
            }
        } catch (Problem cutShort) {
            throw cutShort;
        } catch (IOException gone) {
            throw new Problem(
                    Problem.Kind.STOPPED,
                    "node %s: %s: a part that was written is not there: the folder is not the one that the nodes see, or somebody has removed it"
                            .formatted(host, file),
                    gone);
        }
    }

    /** Removes a part that nobody needs any more. */
    void remove(Whole part) throws IOException {
        Files.deleteIfExists(resolve(part.name()));
    }

    /** What is said of a part that is another than was written. */
    Problem changed(Whole part, String host) {
        return new Problem(
                Problem.Kind.STOPPED,
                "node %s: %s: a part is not what was written: the folder's file system or somebody has changed it"
                        .formatted(host, resolve(part.name())));
    }

    private Problem unseen(String host, IOException absent) {
        return new Problem(
                Problem.Kind.CLUSTER,
                "node %s does not see %s: the folder of OUT must lie where every node finds it under the same path"
                        .formatted(host, path),
                absent);
    }

    private Problem notWritten(String host, IOException refused) {
        String reason =
                refused instanceof AccessDeniedException ? "access is denied" : String.valueOf(refused.getMessage());
        return new Problem(
                Problem.Kind.STOPPED, "node %s: %s cannot be written: %s".formatted(host, path, reason), refused);
    }

    /** A part that is being written; closing it before it is whole removes it. What fails is a {@link Problem}. */
    final class Part extends OutputStream {
        private final String name;
        private final String host;
        private final OutputStream out;
        private final MessageDigest digest = Sha256.digest();
        private long bytes;
        private boolean whole;

        private Part(String name, String host, OutputStream out) {
            this.name = name;
            this.host = host;
            this.out = out;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] data, int from, int length) throws IOException {
            try {
                out.write(data, from, length);
            } catch (IOException full) {
                throw notWritten(host, full);
            }
            digest.update(data, from, length);
            bytes += length;
        }

        /** Writes off-heap memory. */
        void write(MemorySegment data) throws IOException {
            OffHeap.write(data, this);
        }

        /** Ends it. */
        Whole whole() throws IOException {
            try {
                out.close();
            } catch (IOException full) {
                throw notWritten(host, full);
            }
            whole = true;
            return new Whole(name, bytes, HexFormat.of().formatHex(digest.digest()));
        }

        @Override
        public void close() throws IOException {
            if (whole) {
                return;
            }
            try {
                out.close();
            } finally {
                Files.deleteIfExists(resolve(name));
            }
        }
    }

    /** A part that is being read. */
    final class Reading extends FilterInputStream {
        private final Whole part;
        private final String host;
        private final MessageDigest digest = Sha256.digest();

        private Reading(Whole part, String host, InputStream in) {
            super(in);
            this.part = part;
            this.host = host;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] data, int from, int length) throws IOException {
            int count = in.read(data, from, length);
            if (count > 0) {
                digest.update(data, from, count);
            }
            return count;
        }

        @Override
        public long skip(long count) throws IOException {
            throw new IOException("a part is read whole");
        }

        @Override
        public boolean markSupported() {
            return false;
        }

        /**
         * Reads what is left.
         *
         * @throws Problem if the whole is not what was written
         */
        void requireWhole() throws IOException {
            transferTo(OutputStream.nullOutputStream());
            if (!HexFormat.of().formatHex(digest.digest()).equals(part.sha256())) {
                throw changed(part, host);
            }
        }
    }
}
