package org.threehalf.cluster;

import java.io.IOException;
import java.nio.file.Path;
import org.threehalf.kernels.io.PartsFolder;

/**
 * A cluster with a folder for what its tasks write. Closing removes the folder, then ends the connection: an
 * interrupted program lives as long.
 *
 * @param cluster runs the tasks
 * @param made the folder, on the driver
 * @param folder the same, for tasks
 */
record Parts(Cluster cluster, PartsFolder made, SharedFolder folder) implements AutoCloseable {

    /**
     * Makes a folder beside what is made of the parts.
     *
     * @param target what is made of them
     * @param cluster runs the tasks; closed with this, also where no folder can be made
     */
    static Parts beside(Path target, Cluster cluster) throws IOException {
        return of(() -> PartsFolder.beside(target), cluster);
    }

    /** Makes a folder. */
    @FunctionalInterface
    interface Making {
        PartsFolder make() throws IOException;
    }

    /**
     * With a folder.
     *
     * @param making makes it
     * @param cluster runs the tasks; closed with this, also where no folder can be made
     */
    static Parts of(Making making, Cluster cluster) throws IOException {
        PartsFolder made = null;
        try {
            made = making.make();
            return new Parts(cluster, made, SharedFolder.mark(made));
        } catch (IOException | RuntimeException | Error failed) {
            try (cluster) {
                if (made != null) {
                    made.close();
                }
            }
            throw failed;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            made.close();
        } finally {
            cluster.close();
        }
    }
}
