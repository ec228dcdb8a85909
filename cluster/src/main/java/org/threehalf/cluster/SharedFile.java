package org.threehalf.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.StampedModel;
import org.threehalf.cli.UsageException;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.model.ModelFiles;

/**
 * A model that every node sees under one path, or at one address of a file system of Hadoop's.
 *
 * @param path absolute, or an address
 * @param stamp what the driver saw there: {@link ModelFiles#stamp}, or {@link RemoteFiles#stamp}
 */
record SharedFile(String path, String stamp) implements Serializable {
    private static final long serialVersionUID = 1;

    /** A model that the driver has looked at. */
    static SharedFile of(StampedModel model) {
        Optional<String> address = RemoteFiles.address(model.file());
        return address.isPresent()
                ? new SharedFile(address.get(), RemoteFiles.stampOf(address.get()))
                : new SharedFile(model.file().toAbsolutePath().toString(), model.stamp());
    }

    /** Its name, for people. */
    String name() {
        return remote()
                ? path.substring(path.lastIndexOf('/') + 1)
                : String.valueOf(Path.of(path).getFileName());
    }

    private boolean remote() {
        return RemoteFiles.isAddress(path);
    }

    private static Configuration settings() {
        return RemoteFiles.configuration(SparkEnv.get().conf());
    }

    /** All of it, as a local path; fetched where it is not one. */
    Path whole() throws IOException {
        return remote() ? RemoteFiles.whole(this, settings()) : Path.of(path);
    }

    /** What is done with an open model. */
    @FunctionalInterface
    interface Use {
        /** Reads of matrices those rows alone that were asked for. */
        void with(GgufFile file) throws IOException;
    }

    /** Opens it with the rows that are needed. */
    void open(List<RowRange> rows, Use use) throws IOException {
        if (!remote()) {
            try (GgufFile file = ModelFiles.open(Path.of(path))) {
                use.with(file);
            }
            return;
        }
        if (RemoteFiles.isOfContent(stamp)) {
            try (GgufFile file = ModelFiles.open(whole())) {
                use.with(file);
            }
            return;
        }
        Path local = RemoteFiles.rows(this, rows, settings());
        try (GgufFile file = ModelFiles.open(local)) {
            use.with(file);
        } finally {
            Files.deleteIfExists(local);
        }
    }

    /**
     * Looks whether the same is there.
     *
     * @throws Problem if not
     */
    void require(String host) throws Problem {
        require(host, remote() ? settings() : null);
    }

    /** As {@link #require(String)}, with settings of a file system of Hadoop's. */
    void require(String host, @Nullable Configuration conf) throws Problem {
        String found;
        try {
            if (conf == null) {
                for (Path one : ModelFiles.files(Path.of(path))) {
                    if (Files.notExists(one)) {
                        throw new NoSuchFileException(one.toString());
                    }
                }
                found = ModelFiles.stamp(Path.of(path));
            } else {
                found = RemoteFiles.stamp(path, conf);
                if (RemoteFiles.isOfContent(stamp)) {
                    // It is there; whether it is the same, whoever reads it finds out.
                    return;
                }
            }
        } catch (IOException | UsageException absent) {
            throw new Problem(
                    Problem.Kind.CLUSTER,
                    "node %s does not see %s: the model must lie where every node finds it under the same path"
                            .formatted(host, path),
                    absent);
        }
        if (!found.equals(stamp)) {
            throw new Problem(
                    Problem.Kind.STOPPED,
                    "node %s sees another file as %s than the driver did when it began: it was changed meanwhile, or is a copy that was not made with its times (cp -p, rsync -t)"
                            .formatted(host, path));
        }
    }
}
