package org.threehalf.kernels.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes a file by way of a temporary one beside it, so that it is there whole or not at all, with the permissions of
 * any new file.
 *
 * <p>Only regular files are replaced: a folder, a device, a pipe or a socket of that name is refused. A symbolic link
 * is followed, as {@code cp} does: what it leads to is replaced, and the link stays; one that leads nowhere is refused.
 *
 * <p>A process that is interrupted removes its temporary file ({@link UnfinishedFiles}); one that is killed leaves it.
 * Whoever writes the same file next, on the same machine, removes it: the name tells whose it is.
 *
 * <p>{@link #write(Path, Content)} is for what is written in one go. What is written bit by bit begins with
 * {@link #begin}, goes to {@link #temporary}, and takes its name by {@link #commit}; {@link #close} without it leaves
 * what was there before.
 */
public final class WholeFile implements AutoCloseable {
    /** Names have 255 bytes at most in most file systems; what is added to a name takes up to 64. */
    private static final int LONGEST_NAME = 180;

    private static final String END = ".part";

    private final Path target;
    private final Path temporary;

    private WholeFile(Path target) {
        this.target = target;
        // Not createTempFile, whose files only the owner may read.
        this.temporary = temporary(target, END);
        UnfinishedFiles.begun(temporary);
    }

    /** A name beside a target that nobody else has, and that tells which process of which machine has it. */
    static Path temporary(Path target, String end) {
        return target.resolveSibling("%s%d.%s%s"
                .formatted(
                        prefix(target),
                        ProcessHandle.current().pid(),
                        UUID.randomUUID().toString().substring(0, 13),
                        end));
    }

    /** What the names of all temporary files for a target begin with that are of processes of this machine. */
    private static String prefix(Path target) {
        String name = String.valueOf(target.getFileName());
        if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
            name = Sha256.of(name.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
        }
        return ".%s.%s.".formatted(name, Machine.NAME);
    }

    /** Of this machine, or of the container: processes are numbered anew in each. */
    private static final class Machine {
        private static final String NAME =
                Sha256.of(host().getBytes(StandardCharsets.UTF_8)).substring(0, 8);

        private static String host() {
            try {
                return Files.readString(Path.of("/proc/sys/kernel/hostname"));
            } catch (IOException noLinux) {
                return System.getenv()
                        .getOrDefault("COMPUTERNAME", System.getenv().getOrDefault("HOSTNAME", ""));
            }
        }
    }

    /** Removes something. */
    @FunctionalInterface
    interface Removal {
        void remove(Path left) throws IOException;
    }

    /**
     * Removes what processes of this machine that live no more have left for the same target. What cannot be removed is
     * somebody else's, and stays.
     */
    static void removeLeftovers(Path target, String end, Removal removal) {
        String prefix = prefix(target);
        Pattern name = Pattern.compile(Pattern.quote(prefix) + "(\\d{1,18})\\.[0-9a-f-]{13}" + Pattern.quote(end));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(
                target.getParent(), file -> String.valueOf(file.getFileName()).startsWith(prefix))) {
            for (Path file : files) {
                Matcher matcher = name.matcher(String.valueOf(file.getFileName()));
                if (matcher.matches()
                        && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()) {
                    removal.remove(file);
                }
            }
        } catch (IOException | DirectoryIteratorException notOurs) {
            // The new file has another name in any case.
        }
    }

    /** Fills a file. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes everything.
         *
         * @param temporary a file that does not exist yet; its folder does
         */
        void writeTo(Path temporary) throws IOException;
    }

    /**
     * Writes a file, or replaces it. If that fails, a file that was there is as it was, and nothing else is left.
     *
     * @param file where it goes; its folder is made if it is missing
     * @param content fills it
     * @return {@code file}
     * @throws FileNotWrittenException if the folder or the file cannot be written, or {@code content} throws an
     *     exception of input and output
     * @throws IOException as {@link #begin}
     */
    public static Path write(Path file, Content content) throws IOException {
        return write(file, begin(file), content);
    }

    /**
     * As {@link #write(Path, Content)}, of one of very many files in a folder, each written once: nobody is looked for
     * who was killed while writing it, which would read the folder each time.
     */
    static Path writeOneOfMany(Path file, Content content) throws IOException {
        return write(file, beginAnew(file), content);
    }

    private static Path write(Path file, WholeFile begun, Content content) throws IOException {
        try (WholeFile whole = begun) {
            content.writeTo(whole.temporary);
            whole.commit();
        } catch (IOException failed) {
            throw new FileNotWrittenException(file, failed);
        }
        return file;
    }

    /** Writes a text in UTF-8, as by {@link #write(Path, Content)}. */
    public static Path write(Path file, String text) throws IOException {
        return write(file, temporary -> Files.writeString(temporary, text));
    }

    /**
     * Begins a file, or the replacement of one.
     *
     * @param file where it goes; its folder is made if it is missing
     * @throws IOException if something that is no regular file has that name, or its folder cannot be made
     */
    public static WholeFile begin(Path file) throws IOException {
        WholeFile begun = beginAnew(file);
        removeLeftovers(begun.target, END, Files::deleteIfExists);
        return begun;
    }

    private static WholeFile beginAnew(Path file) throws IOException {
        Path target = replaceable(file);
        try {
            Files.createDirectories(target.getParent());
        } catch (IOException failed) {
            throw new FileNotWrittenException(file, failed);
        }
        return new WholeFile(target);
    }

    /**
     * The place that would be written for a name: the name itself, or where its symbolic links lead. For those who want
     * to know before they compute what is to be written.
     *
     * @param file a name, of a file that need not exist
     * @return an absolute path, at which there is nothing or a regular file
     * @throws IOException if something that is no regular file has that name, or a link leads nowhere
     */
    public static Path replaceable(Path file) throws IOException {
        Path target = file.toAbsolutePath();
        if (target.getFileName() == null || file.toString().isEmpty()) {
            throw new IOException("'%s': a folder; the name of a file is needed".formatted(file));
        }
        if (Files.isSymbolicLink(target)) {
            if (!Files.exists(target)) {
                throw new IOException("%s: a symbolic link that leads nowhere (%s): the name of a file is needed"
                        .formatted(file, Files.readSymbolicLink(target)));
            }
            // What a link of /proc leads to, a pipe for example, has no path.
            requireRegular(file, target);
            target = target.toRealPath();
        }
        requireRegular(file, target);
        return target;
    }

    private static void requireRegular(Path file, Path target) throws IOException {
        if (Files.isDirectory(target)) {
            throw new IOException(file + ": a folder; the name of a file is needed");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new IOException(
                    file + ": a device, a pipe or a socket, which a file cannot replace: the name of a file is needed");
        }
    }

    /** Where to write until it is whole: beside its place, a file that does not exist at first. */
    public Path temporary() {
        return temporary;
    }

    /**
     * Moves what was written to its place. Whoever wrote it has closed it.
     *
     * @throws IOException if it cannot be moved, or something that is no regular file has got its name meanwhile
     */
    public void commit() throws IOException {
        requireRegular(target, target);
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException unsupported) {
            Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
        }
        UnfinishedFiles.done(temporary);
    }

    /** Removes what was not committed. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(temporary);
        UnfinishedFiles.done(temporary);
    }
}
