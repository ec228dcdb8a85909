package org.threehalf.kernels.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Results between runs, in a folder of the user's that nobody else may open: {@code threehalf/NAME} in the folder for caches ({@code XDG_CACHE_HOME}, else {@code ~/.cache}).
 *
 * <p>An entry carries a code (HMAC with SHA-256, RFC 2104) over its key and its content, with a secret that lies in another private folder. One whose code is wrong (changed,
 * cut short, brought from elsewhere, or put under another key) is none, and is replaced when its content is found anew. Whoever has the user's rights can read the secret, and forge; but could
 * as well change the program.
 *
 * <p>Entries are written whole and moved to their place, so several processes may use a cache at once. It holds a number of entries at most: those that were read longest ago go first.
 * Where the folders cannot be private (no POSIX file system, no home, another owner) there is no cache; the system property {@value #PROPERTY} set to {@code off}, or the variable
 * {@value #VARIABLE}, turns all of them off.
 */
public final class UserCache {
    /** {@code off} for no caches. */
    public static final String PROPERTY = "threehalf.cache";
    /** Likewise, an environment variable. */
    public static final String VARIABLE = "THREEHALF_CACHE";

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Path SELF = Path.of("/proc/self");
    private static final int CODE_BYTES = 32;
    private static final int SECRET_BYTES = 32;
    private static final int SHA_BLOCK = 64;

    private final Path folder;
    private final byte[] secret;
    private final int entries;

    private UserCache(Path folder, byte[] secret, int entries) {
        this.folder = folder;
        this.secret = secret;
        this.entries = entries;
    }

    /** Where all caches of the user lie, whether it exists or not. */
    public static Path root(Map<String, String> environment) {
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        return (xdg.isEmpty() ? Path.of(System.getProperty("user.home", ""), ".cache") : Path.of(xdg)).resolve("threehalf");
    }

    /**
     * A cache of this process's user; empty where there can be none, or none is wanted.
     *
     * @param name of its folder
     * @param entries how many there are at most
     */
    public static Optional<UserCache> of(String name, int entries) {
        Map<String, String> environment = System.getenv();
        if ("off".equals(System.getProperty(PROPERTY, environment.get(VARIABLE)))) {
            return Optional.empty();
        }
        return of(root(environment), name, entries);
    }

    /** A cache below a folder. */
    static Optional<UserCache> of(Path root, String name, int entries) {
        try {
            if (!root.isAbsolute()) {
                return Optional.empty();
            }
            Path secrets = requirePrivate(root.resolve("secret"));
            return Optional.of(new UserCache(requirePrivate(root.resolve(name)), secret(secrets.resolve("entries")), entries));
        } catch (IOException | UnsupportedOperationException none) {
            // What would be kept is found anew each time.
            return Optional.empty();
        }
    }

    /** The content of a key; empty if there is none that can be believed. */
    public Optional<byte[]> get(String key) {
        try {
            Path file = folder.resolve(key);
            byte[] stored = Files.readAllBytes(file);
            if (stored.length < CODE_BYTES) {
                return Optional.empty();
            }
            byte[] content = Arrays.copyOfRange(stored, CODE_BYTES, stored.length);
            if (!MessageDigest.isEqual(code(key, content), Arrays.copyOf(stored, CODE_BYTES))) {
                return Optional.empty();
            }
            Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
            return Optional.of(content);
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    /** Keeps the content of a key, in the place of what was there. Where it cannot be written, it is not kept. */
    public void put(String key, byte[] content) {
        byte[] stored = Arrays.copyOf(code(key, content), CODE_BYTES + content.length);
        System.arraycopy(content, 0, stored, CODE_BYTES, content.length);
        try {
            WholeFile.write(folder.resolve(key), temporary -> Files.write(temporary, stored));
            removeOldest();
        } catch (IOException notKept) {
            // A full disk, for example: the result is there all the same.
        }
    }

    private void removeOldest() throws IOException {
        TreeMap<Path, FileTime> times = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                try {
                    times.put(file, Files.getLastModifiedTime(file));
                } catch (NoSuchFileException gone) {
                    // Another process was faster.
                }
            }
        }
        List<Path> oldest = times.entrySet().stream().sorted(Map.Entry.comparingByValue(Comparator.reverseOrder())).skip(entries).map(Map.Entry::getKey).toList();
        for (Path file : oldest) {
            Files.deleteIfExists(file);
        }
    }

    /** A text's SHA-256 in hexadecimal digits: for keys. */
    public static String key(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** RFC 2104. Not by {@code javax.crypto}, whose providers take 35 ms of a start. */
    private byte[] code(String key, byte[] content) {
        byte[] inner = new byte[SHA_BLOCK];
        byte[] outer = new byte[SHA_BLOCK];
        for (int i = 0; i < SHA_BLOCK; i++) {
            byte of = i < SECRET_BYTES ? secret[i] : 0;
            inner[i] = (byte) (of ^ 0x36);
            outer[i] = (byte) (of ^ 0x5c);
        }
        MessageDigest digest = sha256();
        digest.update(inner);
        digest.update((folder.getFileName() + "/" + key + "\n").getBytes(StandardCharsets.UTF_8));
        byte[] inside = digest.digest(content);
        digest.update(outer);
        return digest.digest(inside);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The user's secret, made where there is none. */
    private static byte[] secret(Path file) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] fresh = new byte[SECRET_BYTES];
            new SecureRandom().nextBytes(fresh);
            Path temporary = Files.createTempFile(file.getParent(), "entries-", ".tmp", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try {
                Files.write(temporary, fresh);
                // A link fails where a file is: of two processes that begin together, both take the secret of the first.
                Files.createLink(file, temporary);
            } catch (FileAlreadyExistsException other) {
                // Theirs.
            } finally {
                Files.delete(temporary);
            }
        }
        byte[] secret = Files.readAllBytes(file);
        if (secret.length != SECRET_BYTES) {
            throw new IOException("%s does not hold a secret of %d bytes".formatted(file, SECRET_BYTES));
        }
        return secret;
    }

    /** A folder of mode 0700 of this process's user, made where there is none. */
    private static Path requirePrivate(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(folder.getParent());
            try {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            } catch (FileAlreadyExistsException other) {
                // Another process's: it is looked at like any other.
            }
        }
        PosixFileAttributes is = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!is.isDirectory() || !is.permissions().equals(OWNER_ONLY) || !is.owner().equals(owner(folder))) {
            throw new IOException(folder + " is not of this user alone");
        }
        return folder;
    }

    /** Who this process is to the file system: a name alone would not do where the user has none. */
    private static Object owner(Path folder) throws IOException {
        if (Files.exists(SELF)) {
            return Files.getOwner(SELF);
        }
        Path own = Files.createTempFile(folder.getParent(), ".owner", ".tmp");
        try {
            return Files.getOwner(own);
        } finally {
            Files.delete(own);
        }
    }
}
