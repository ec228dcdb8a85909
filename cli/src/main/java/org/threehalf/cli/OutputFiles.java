package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

    /** The one of some files that a file is, by whatever names; empty if it is none of them. */
    static Optional<Path> same(Path file, List<Path> others) throws IOException {
        for (Path other : others) {
            if (Files.exists(file) && Files.exists(other) && Files.isSameFile(file, other)) {
                return Optional.of(other);
            }
        }
        return Optional.empty();
    }

    /**
     * Refuses to write two results to one file, and what {@link #require} refuses.
     *
     * @throws UsageException if two of them are one, by whatever names
     */
    static void requireDistinct(List<Path> outputs) throws IOException {
        Set<Path> places = new HashSet<>();
        outputs.forEach(OutputFiles::require);
        for (Path output : outputs) {
            Path file = WholeFile.replaceable(output);
            // What is not there yet has its folder's real place.
            if (!places.add(
                    Files.exists(file)
                            ? file.toRealPath()
                            : folder(file).toRealPath().resolve(file.getFileName()))) {
                throw new UsageException("%s would be written twice: choose another name".formatted(output));
            }
        }
    }

    private static Path folder(Path file) {
        Path folder = file.getParent();
        if (folder == null) {
            throw new UsageException("%s: the name of a file is needed".formatted(file));
        }
        return folder;
    }

    /**
     * Refuses to write where something is read.
     *
     * @param outputs what is written
     * @param inputs what is read
     * @throws UsageException if two of them are one file, by whatever names
     */
    public static void requireNoneOf(List<Path> outputs, List<Path> inputs) throws IOException {
        for (Path output : outputs) {
            Optional<Path> input = same(output, inputs);
            if (input.isPresent()) {
                throw new UsageException("%s would be written, and is %s, which is read: choose another name"
                        .formatted(output, input.get()));
            }
        }
    }
}
