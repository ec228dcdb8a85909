package org.threehalf.jml.solver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.threehalf.kernels.io.PrivateFolder;
import org.threehalf.kernels.io.PrivateFolder.Secret;
import org.threehalf.kernels.io.UserCache;

/**
 * Verdicts that an earlier run of this user found. An entry carries a code (HMAC-SHA-256) over its key and its content
 * with a secret of the user, which lies apart from the cache in a folder that nobody else may open. So an entry that
 * somebody else wrote, or that was brought from another machine or put under another key, is none.
 *
 * <p>Whoever has the user's rights can read the secret, and forge. {@code -Dverify.fresh=true} believes no entry at
 * all.
 */
public final class VerdictCache {
    private static final AtomicLong TAKEN = new AtomicLong();
    private static final AtomicLong FOUND = new AtomicLong();

    private final Path folder;
    private final boolean fresh;
    private final Optional<Secret> secret;

    /**
     * A cache.
     *
     * @param folder of its entries
     * @param secretFolder of the user's secret
     * @param fresh whether no entry is to be believed
     */
    VerdictCache(Path folder, Path secretFolder, boolean fresh) {
        this.folder = folder;
        this.fresh = fresh;
        this.secret = secret(secretFolder);
    }

    /**
     * The cache of this process: the secret is in {@code threehalf/secret} of the user's folder for caches, wherever
     * the entries are.
     */
    static VerdictCache of(Path folder) {
        return new VerdictCache(
                folder, UserCache.root(System.getenv()).resolve("secret"), Boolean.getBoolean("verify.fresh"));
    }

    /** How many verdicts of this process were taken from a cache, and how many it found itself. */
    public static String account() {
        return "%d verdicts from the cache, %d found".formatted(TAKEN.get(), FOUND.get());
    }

    /** The lines under a key; nothing if there are none that can be believed. */
    Optional<List<String>> get(String key) {
        if (fresh || secret.isEmpty()) {
            return Optional.empty();
        }
        try {
            List<String> lines =
                    Files.readAllLines(folder.resolve(key.substring(0, 2)).resolve(key));
            List<String> content = lines.subList(1, lines.size());
            if (!secret.get().authentic(lines.getFirst(), text(key, content))) {
                return Optional.empty();
            }
            TAKEN.incrementAndGet();
            return Optional.of(content);
        } catch (IOException | RuntimeException e) {
            // Not there, or not readable: it is found anew.
            return Optional.empty();
        }
    }

    /**
     * Keeps lines under a key.
     *
     * @throws IOException if they cannot be written
     */
    void put(String key, List<String> lines) throws IOException {
        FOUND.incrementAndGet();
        if (secret.isEmpty()) {
            return;
        }
        Path place = Files.createDirectories(folder.resolve(key.substring(0, 2)));
        Path temporary = Files.createTempFile(place, "new", ".tmp");
        Files.writeString(temporary, secret.get().hex(text(key, lines)) + "\n" + String.join("\n", lines) + "\n");
        Files.move(temporary, place.resolve(key), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static byte[] text(String key, List<String> lines) {
        return (key + "\n" + String.join("\n", lines)).getBytes(StandardCharsets.UTF_8);
    }

    /** The user's secret; nothing where it cannot be kept from others. */
    private static Optional<Secret> secret(Path place) {
        try {
            return Optional.of(PrivateFolder.of(place).secret("verdicts"));
        } catch (IOException | UnsupportedOperationException e) {
            // Without a secret there is no cache.
            return Optional.empty();
        }
    }
}
