package org.threehalf.proofs.prover;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Verdicts that an earlier run of this user found. An entry carries a code (HMAC-SHA-256) over its key and its content with a secret of the user, which lies apart from
 * the cache in a folder that nobody else may open. So an entry that somebody else wrote, or that was brought from another machine or put under another key, is none.
 *
 * <p>Whoever has the user's rights can read the secret, and forge. {@code -Dverify.fresh=true} believes no entry at all.
 */
public final class VerdictCache {
    private static final Set<PosixFilePermission> OF_OTHERS = EnumSet.of(PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_EXECUTE);
    private static final int SECRET_BYTES = 32;
    private static final AtomicLong TAKEN = new AtomicLong();
    private static final AtomicLong FOUND = new AtomicLong();

    private final Path folder;
    private final boolean fresh;
    private final Optional<SecretKeySpec> secret;

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

    /** The cache of this process: the secret is in {@code threehalf/secret} of the user's folder for caches, wherever the entries are. */
    static VerdictCache of(Path folder) {
        String xdg = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
        Path caches = xdg.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
        return new VerdictCache(folder, caches.resolve("threehalf").resolve("secret"), Boolean.getBoolean("verify.fresh"));
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
            List<String> lines = Files.readAllLines(folder.resolve(key.substring(0, 2)).resolve(key));
            List<String> content = lines.subList(1, lines.size());
            if (!MessageDigest.isEqual(code(key, content).getBytes(StandardCharsets.UTF_8), lines.getFirst().getBytes(StandardCharsets.UTF_8))) {
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
        Files.writeString(temporary, code(key, lines) + "\n" + String.join("\n", lines) + "\n");
        Files.move(temporary, place.resolve(key), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private String code(String key, List<String> lines) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(secret.orElseThrow());
            return HexFormat.of().formatHex(mac.doFinal((key + "\n" + String.join("\n", lines)).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has HmacSHA256", e);
        }
    }

    /** The user's secret, made where there is none; nothing where it cannot be kept from others. */
    private static Optional<SecretKeySpec> secret(Path place) {
        Path file = place.resolve("verdicts");
        try {
            if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(place.toAbsolutePath().getParent());
                Files.createDirectory(place, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                byte[] bytes = new byte[SECRET_BYTES];
                new SecureRandom().nextBytes(bytes);
                Path temporary = Files.createTempFile(place, "new", ".tmp");
                Files.write(temporary, bytes, StandardOpenOption.TRUNCATE_EXISTING);
                try {
                    // A link and not a move: of two processes that begin together, both take the secret of the first.
                    Files.createLink(file, temporary);
                } catch (FileAlreadyExistsException other) {
                    // Theirs.
                }
                Files.delete(temporary);
            }
            byte[] bytes = Files.readAllBytes(file);
            return isPrivate(place, true) && isPrivate(file, false) && bytes.length == SECRET_BYTES ? Optional.of(new SecretKeySpec(bytes, "HmacSHA256")) : Optional.empty();
        } catch (IOException | UnsupportedOperationException e) {
            // Without a secret there is no cache.
            return Optional.empty();
        }
    }

    /** Whether a file or folder is no link, this process's user owns it, and nobody else may open it. */
    private static boolean isPrivate(Path path, boolean isFolder) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        Path own = Files.createTempFile(path.toAbsolutePath().getParent(), ".owner", ".tmp");
        try {
            return (isFolder ? attributes.isDirectory() : attributes.isRegularFile()) && attributes.permissions().stream().noneMatch(OF_OTHERS::contains)
                    && attributes.owner().equals(Files.getOwner(own));
        } finally {
            Files.delete(own);
        }
    }
}
