package org.threehalf.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.threehalf.cli.StampedModel;
import org.threehalf.inference.model.ModelFiles;

/**
 * A model that every node sees under one path.
 *
 * @param path absolute
 * @param stamp {@link ModelFiles#stamp} of what the driver saw there
 */
record SharedFile(String path, String stamp) implements Serializable {

    /** A model that the driver has looked at. */
    static SharedFile of(StampedModel model) {
        return new SharedFile(model.file().toAbsolutePath().toString(), model.stamp());
    }

    Path file() {
        return Path.of(path);
    }

    /**
     * Looks whether the same is there.
     *
     * @throws Problem if not
     */
    void require(String host) throws Problem {
        String found;
        try {
            for (Path one : ModelFiles.files(file())) {
                if (Files.notExists(one)) {
                    throw unseen(host, new NoSuchFileException(one.toString()));
                }
            }
            found = ModelFiles.stamp(file());
        } catch (Problem unseen) {
            throw unseen;
        } catch (IOException unreadable) {
            throw unseen(host, unreadable);
        }
        if (!found.equals(stamp)) {
            throw new Problem(
                    Problem.Kind.STOPPED,
                    "node %s sees another file as %s than the driver did when it began: it was changed meanwhile, or is a copy that was not made with its times (cp -p, rsync -t)"
                            .formatted(host, path));
        }
    }

    private Problem unseen(String host, IOException absent) {
        return new Problem(
                Problem.Kind.CLUSTER,
                "node %s does not see %s: the model must lie where every node finds it under the same path"
                        .formatted(host, path),
                absent);
    }
}
