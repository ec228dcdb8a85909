package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.threehalf.inference.model.ModelFiles;

/**
 * A model as it was before it was first opened: who computes for a long time, or has others compute, asks at the end
 * whether it still is, and before anything is kept of what was computed.
 *
 * @param file its file or folder
 * @param stamp {@link ModelFiles#stamp} of it then
 */
public record StampedModel(Path file, String stamp) {

    /** What is there now, which need not be a model. */
    public static StampedModel of(Path file) throws IOException {
        return new StampedModel(file, ModelFiles.stamp(file));
    }

    /**
     * Looks whether the same is there.
     *
     * @throws StoppedException if not
     */
    public void requireUnchanged() throws IOException {
        if (!ModelFiles.stamp(file).equals(stamp)) {
            throw new StoppedException(
                    "%s was changed while it was read: no result is kept; do it again once nobody writes to it"
                            .formatted(file));
        }
    }
}
