package org.threehalf.kernels.io;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A folder of this process's user that nobody else may open, and secrets in it, which authenticate what is kept between
 * runs. Whoever has the user's rights can read a secret, and forge; but could as well change the program.
 */
public final class PrivateFolder {
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
    private static final int STICKY = 01000;
    private static final Path SELF = Path.of("/proc/self");

    private final Path path;

    private PrivateFolder(Path path) {
        this.path = path;
    }

    /**
     * Makes a folder of mode 0700, with those above it, or makes sure of one that is there.
     *
     * @throws IOException if it is a link, belongs to another user, or others may open it, or could put another folder
     *     in its place; says what to do
     * @throws UnsupportedOperationException if the file system knows no owners
     */
    public static PrivateFolder of(Path folder) throws IOException {
        return of(folder, false);
    }

    /**
     * As {@link #of(Path)}; a folder that others could read, but not write to, is closed to them: for content that is
     * no secret.
     */
    public static PrivateFolder closed(Path folder) throws IOException {
        return of(folder, true);
    }

    private static PrivateFolder of(Path folder, boolean close) throws IOException {
        Path absolute = folder.toAbsolutePath();
        if (!Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            if (absolute.getParent() != null) {
                Files.createDirectories(absolute.getParent());
            }
            try {
                Files.createDirectory(absolute, PosixFilePermissions.asFileAttribute(FOLDER));
            } catch (FileAlreadyExistsException other) {
                // Another process's: it is looked at like any other.
            }
        }
        PosixFileAttributes is = Files.readAttributes(absolute, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!is.isDirectory()) {
            throw new IOException("%s is no folder: take it away, or name another".formatted(folder));
        }
        UserPrincipal user = user(absolute);
        requireOwn(absolute, is, user);
        if (is.permissions().contains(PosixFilePermission.GROUP_WRITE)
                || is.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("others may write to %s (%s): what it holds is not believed; delete it"
                    .formatted(folder, PosixFilePermissions.toString(is.permissions())));
        }
        if (!is.permissions().equals(FOLDER)) {
            if (!close) {
                throw new IOException("others may open %s (%s): delete it"
                        .formatted(folder, PosixFilePermissions.toString(is.permissions())));
            }
            Files.setPosixFilePermissions(absolute, FOLDER);
        }
        requireAbove(absolute, user);
        return new PrivateFolder(folder);
    }

    /**
     * Whoever may write to a folder above could move this one away: each must be the user's or the administrator's, and
     * writable by nobody else, but where the system lets nobody move what is another's (as in a shared temporary
     * folder). A group of the owner's own name is the owner alone.
     */
    private static void requireAbove(Path folder, UserPrincipal user) throws IOException {
        Path parent = folder.getParent();
        for (Path above = parent == null ? null : parent.toRealPath(); above != null; above = above.getParent()) {
            PosixFileAttributes is = Files.readAttributes(above, PosixFileAttributes.class);
            Map<String, Object> unix = Files.readAttributes(above, "unix:uid,mode");
            boolean sticky = ((int) unix.get("mode") & STICKY) != 0;
            boolean shared = is.permissions().contains(PosixFilePermission.OTHERS_WRITE)
                    || is.permissions().contains(PosixFilePermission.GROUP_WRITE)
                            && !is.group().getName().equals(is.owner().getName());
            boolean trusted = is.owner().equals(user) || Integer.valueOf(0).equals(unix.get("uid"));
            if (!trusted || shared && !sticky) {
                throw new IOException(
                        "%s: others may write to %s above it (%s, of %s): close that to them, or name another"
                                .formatted(
                                        folder,
                                        above,
                                        PosixFilePermissions.toString(is.permissions()),
                                        is.owner().getName()));
            }
        }
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /**
     * Leaves a number of its files, those that were changed last.
     *
     * @param files how many at most
     * @param end what the names of the files that are counted end with
     */
    public void leaveNewest(int files, String end) throws IOException {
        Map<Path, FileTime> times = new TreeMap<>();
        try (Stream<Path> all = Files.list(path)) {
            for (Path file : all.filter(file -> file.toString().endsWith(end)).toList()) {
                try {
                    times.put(file, Files.getLastModifiedTime(file));
                } catch (NoSuchFileException gone) {
                    // Another process was faster.
                }
            }
        }
        List<Path> oldest = times.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .skip(files)
                .map(Map.Entry::getKey)
                .toList();
        for (Path file : oldest) {
            Files.deleteIfExists(file);
        }
    }

    private static void requireOwn(Path path, PosixFileAttributes is, UserPrincipal user) throws IOException {
        if (!is.owner().equals(user)) {
            throw new IOException("%s belongs to %s and not to %s: what it holds is not believed; name another"
                    .formatted(path, is.owner().getName(), user.getName()));
        }
    }

    /** Who this process is to the file system: a name alone would not do where the user has none. */
    private static UserPrincipal user(Path path) throws IOException {
        if (Files.exists(SELF)) {
            return Files.getOwner(SELF);
        }
        Path own = Files.createTempFile(path.getParent(), ".owner", ".tmp");
        try {
            return Files.getOwner(own);
        } finally {
            Files.delete(own);
        }
    }

    /**
     * A secret of this folder, made at its first use.
     *
     * @param name of its file
     * @throws IOException if it cannot be made or read, or others may read it
     */
    public Secret secret(String name) throws IOException {
        Path file = path.resolve(name);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] fresh = new byte[Secret.BYTES];
            new SecureRandom().nextBytes(fresh);
            Path temporary = Files.createTempFile(path, name + "-", ".tmp", PosixFilePermissions.asFileAttribute(FILE));
            try {
                Files.write(temporary, fresh);
                // A link fails where a file is: of two processes that begin together, both take the secret of the
                // first.
                Files.createLink(file, temporary);
            } catch (FileAlreadyExistsException other) {
                // Theirs.
            } finally {
                Files.delete(temporary);
            }
        }
        PosixFileAttributes is = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        byte[] bytes = Files.readAllBytes(file);
        if (!is.isRegularFile() || !is.permissions().equals(FILE) || bytes.length != Secret.BYTES) {
            throw new IOException(
                    "%s is no file of %d bytes that nobody else may read: delete it".formatted(file, Secret.BYTES));
        }
        return new Secret(bytes);
    }

    /** What only this user knows. */
    public static final class Secret {
        /** The length of a secret, and of a code. */
        public static final int BYTES = 32;

        private static final int SHA_BLOCK = 64;

        private final byte[] bytes;

        Secret(byte[] bytes) {
            this.bytes = bytes;
        }

        /**
         * The authentication code of a text: HMAC with SHA-256 (RFC 2104). Not by {@code javax.crypto}, whose providers
         * take 35 ms of a start.
         */
        public byte[] code(byte[]... text) {
            byte[] inner = new byte[SHA_BLOCK];
            byte[] outer = new byte[SHA_BLOCK];
            for (int i = 0; i < SHA_BLOCK; i++) {
                byte of = i < bytes.length ? bytes[i] : 0;
                inner[i] = (byte) (of ^ 0x36);
                outer[i] = (byte) (of ^ 0x5c);
            }
            MessageDigest digest = Sha256.digest();
            digest.update(inner);
            for (byte[] part : text) {
                digest.update(part);
            }
            byte[] inside = digest.digest();
            digest.update(outer);
            return digest.digest(inside);
        }

        /** Whether a code is a text's, in a time that tells nothing of it. */
        public boolean authentic(byte[] code, byte[]... text) {
            return MessageDigest.isEqual(code, code(text));
        }

        /** A code in lower-case hexadecimal, as text files hold it. */
        public String hex(byte[]... text) {
            return HexFormat.of().formatHex(code(text));
        }

        /** {@link #authentic} for a code in hexadecimal; what is none is no text's. */
        public boolean authentic(String hex, byte[]... text) {
            return hex.length() == 2 * BYTES
                    && hex.chars().allMatch(HexFormat::isHexDigit)
                    && authentic(HexFormat.of().parseHex(hex), text);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Secret secret && Arrays.equals(bytes, secret.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "a secret";
        }
    }
}
