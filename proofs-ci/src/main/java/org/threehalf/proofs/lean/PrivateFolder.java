package org.threehalf.proofs.lean;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A folder between runs that nobody but this user could write to, with a secret that authenticates what is kept in it. Whoever can read the secret is this user (or root), and
 * could change the build itself.
 */
final class PrivateFolder {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final String SECRET = "secret";
    private static final int BYTES = 32;

    private PrivateFolder() {}

    /**
     * Makes a folder of mode 0700, with those above it, or makes sure of one that is there.
     *
     * @throws IOException if it is a link, belongs to another user, or could be written to by others until now
     */
    static Path of(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            if (folder.getParent() != null) {
                Files.createDirectories(folder.getParent());
            }
            try {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            } catch (FileAlreadyExistsException e) {
                // Another run made it; it is looked at like any other.
            }
        }
        PosixFileAttributes is = Files.getFileAttributeView(folder, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS).readAttributes();
        UserPrincipal user = user();
        if (!is.isDirectory()) {
            throw new IOException("%s is no folder; take it away, or name another one with -Dlean.cache".formatted(folder));
        }
        if (!is.owner().equals(user)) {
            throw new IOException("%s belongs to %s and not to %s: what it holds is not believed; name another folder with -Dlean.cache".formatted(folder, is.owner().getName(), user.getName()));
        }
        if (is.permissions().contains(PosixFilePermission.GROUP_WRITE) || is.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("others may write to %s (%s): what it holds is not believed; delete it".formatted(folder, PosixFilePermissions.toString(is.permissions())));
        }
        if (!is.permissions().equals(OWNER_ONLY)) {
            Files.setPosixFilePermissions(folder, OWNER_ONLY);
        }
        return folder;
    }

    /** Who this process is to the file system: a name alone would not do where the user has none. */
    private static UserPrincipal user() throws IOException {
        Path file = Files.createTempFile("threehalf-", "");
        try {
            return Files.getOwner(file);
        } finally {
            Files.delete(file);
        }
    }

    /** The secret of a private folder, made at its first use. */
    static byte[] secret(Path folder) throws IOException {
        Path file = folder.resolve(SECRET);
        if (!Files.exists(file)) {
            byte[] fresh = new byte[BYTES];
            new SecureRandom().nextBytes(fresh);
            Path temporary = Files.createTempFile(folder, "secret-", "", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try {
                Files.write(temporary, fresh);
                // A link fails where a file is: of two runs that start together, one secret stays.
                Files.createLink(file, temporary);
            } catch (FileAlreadyExistsException e) {
                // The other run's.
            } finally {
                Files.delete(temporary);
            }
        }
        byte[] secret = Files.readAllBytes(file);
        if (secret.length != BYTES) {
            throw new IOException("%s does not hold a secret of %d bytes; delete it".formatted(file, BYTES));
        }
        return secret;
    }

    /** The authentication code of a text: HMAC with SHA-256, lower-case hexadecimal. */
    static String code(byte[] secret, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    /** Whether a code is a text's, in a time that tells nothing of it. */
    static boolean authentic(byte[] secret, String text, String code) {
        return MessageDigest.isEqual(code(secret, text).getBytes(StandardCharsets.UTF_8), code.getBytes(StandardCharsets.UTF_8));
    }
}
