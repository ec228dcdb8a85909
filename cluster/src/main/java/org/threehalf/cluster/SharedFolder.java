package org.threehalf.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.threehalf.kernels.io.PartsFolder;

/**
 * The folder of a job's parts, which every node sees under one path.
 *
 * @param path absolute
 * @param token what the driver wrote into it: a node that finds it there sees the same folder, and not one of its own
 */
record SharedFolder(String path, String token) implements Serializable {
    private static final String MARK = "job";

    /** Marks a folder that was just made. */
    static SharedFolder mark(PartsFolder folder) throws IOException {
        String token = UUID.randomUUID().toString();
        Files.writeString(folder.path().resolve(MARK), token);
        return new SharedFolder(folder.path().toString(), token);
    }

    Path folder() {
        return Path.of(path);
    }

    /** A file in it. */
    Path resolve(String name) {
        return folder().resolve(name);
    }

    /**
     * Begins a file of a name that nobody else has.
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
                    resolve(name),
                    FileChannel.open(resolve(name), StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
        } catch (IOException refused) {
            throw notWritten(host, refused);
        }
    }

    /** What a node does not see. */
    Problem unseen(String host, IOException absent) {
        return new Problem(
                Problem.Kind.CLUSTER,
                "node %s does not see %s: the folder of OUT must lie where every node finds it under the same path"
                        .formatted(host, path),
                absent);
    }

    /** What cannot be written on a node. */
    Problem notWritten(String host, IOException refused) {
        String reason = refused instanceof java.nio.file.AccessDeniedException
                ? "access is denied"
                : String.valueOf(refused.getMessage());
        return new Problem(
                Problem.Kind.STOPPED, "node %s: %s cannot be written: %s".formatted(host, path, reason), refused);
    }

    /** A part that is being written. */
    record Part(String name, Path file, FileChannel channel) {}
}
