package org.threehalf.kernels.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.threehalf.kernels.io.PrivateFolder.Secret;

/**
 * Results between runs, in a folder of the user's that nobody else may open: {@code threehalf/NAME} in the folder for
 * caches ({@code XDG_CACHE_HOME}, else {@code ~/.cache}).
 *
 * <p>An entry carries a code (HMAC with SHA-256, RFC 2104) over its key and its content, with a secret that lies in
 * another private folder. One whose code is wrong (changed, cut short, brought from elsewhere, or put under another
 * key) is none, and is replaced when its content is found anew. Whoever has the user's rights can read the secret, and
 * forge; but could as well change the program.
 *
 * <p>Entries are written whole and moved to their place, so several processes may use a cache at once. It holds a
 * number of entries at most: those that were read longest ago go first. Where the folders cannot be private (no POSIX
 * file system, no home, another owner) there is no cache; the system property {@value #PROPERTY} set to {@code off}, or
 * the variable {@value #VARIABLE}, turns all of them off.
 */
public final class UserCache {
    /** {@code off} for no caches. */
    public static final String PROPERTY = "threehalf.cache";
    /** Likewise, an environment variable. */
    public static final String VARIABLE = "THREEHALF_CACHE";

    private final PrivateFolder folder;
    private final Secret secret;
    private final int entries;

    private UserCache(PrivateFolder folder, Secret secret, int entries) {
        this.folder = folder;
        this.secret = secret;
        this.entries = entries;
    }

    /** Where all caches of the user lie, whether it exists or not. */
    public static Path root(Map<String, String> environment) {
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        return (xdg.isEmpty() ? Path.of(System.getProperty("user.home", ""), ".cache") : Path.of(xdg))
                .resolve("threehalf");
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
            Secret secret = PrivateFolder.of(root.resolve("secret")).secret("entries");
            return Optional.of(new UserCache(PrivateFolder.of(root.resolve(name)), secret, entries));
        } catch (IOException | UnsupportedOperationException none) {
            // What would be kept is found anew each time.
            return Optional.empty();
        }
    }

    /** The content of a key; empty if there is none that can be believed. */
    public Optional<byte[]> get(String key) {
        try {
            Path file = folder.path().resolve(key);
            byte[] stored = Files.readAllBytes(file);
            if (stored.length < Secret.BYTES) {
                return Optional.empty();
            }
            byte[] content = Arrays.copyOfRange(stored, Secret.BYTES, stored.length);
            if (!secret.authentic(Arrays.copyOf(stored, Secret.BYTES), prefix(key), content)) {
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
        byte[] stored = Arrays.copyOf(secret.code(prefix(key), content), Secret.BYTES + content.length);
        System.arraycopy(content, 0, stored, Secret.BYTES, content.length);
        try {
            WholeFile.writeOneOfMany(folder.path().resolve(key), temporary -> Files.write(temporary, stored));
            folder.leaveNewest(entries, "");
        } catch (IOException notKept) {
            // A full disk, for example: the result is there all the same.
        }
    }

    /** A text's SHA-256 in hexadecimal digits: for keys. */
    public static String key(String text) {
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** What a code is of before the content: where the entry stands. */
    private byte[] prefix(String key) {
        return (folder.path().getFileName() + "/" + key + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
