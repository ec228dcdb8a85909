package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Where a command's work is done, as far as the command must know: in this process, or elsewhere. */
public interface Site {
    /** This process. */
    Site HERE = new Site() {};

    /** What is read besides what the options of the command name: nothing that it writes may be one of these. */
    default List<Path> read() {
        return List.of();
    }

    /**
     * Refuses a result of a model that somebody has changed meanwhile; asked once, when all is computed.
     *
     * @param stamped its place, and what was there before it was opened
     * @throws StoppedException if it was
     * @throws IOException if it cannot be looked at
     */
    default void requireUnchanged(StampedModel stamped) throws IOException {
        stamped.requireUnchanged();
    }
}
