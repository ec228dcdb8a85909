package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.threehalf.kernels.io.WholeFile;

/** Files that commands write, asked about before hours are spent on what goes in. */
public final class OutputFiles {
    private OutputFiles() {}

    /**
     * Refuses a name under which no file can be written.
     *
     * @throws UsageException if something that is no regular file has it
     */
    public static void require(Path file) {
        try {
            Path folder = WholeFile.replaceable(file).getParent();
            if (folder == null || !Files.isDirectory(folder)) {
                throw new UsageException("%s: its folder does not exist".formatted(file));
            }
        } catch (IOException impossible) {
            throw new UsageException(String.valueOf(impossible.getMessage()), impossible);
        }
    }
}
