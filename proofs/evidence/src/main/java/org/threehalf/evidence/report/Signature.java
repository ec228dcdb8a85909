package org.threehalf.evidence.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.threehalf.kernels.io.Sha256;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Signatures of bundles: a DSSE envelope (secure-systems-lab/dsse, version 1) around the bundle's in-toto statement,
 * which names the commit and the SHA-256 of each file. The key is Ed25519, in PEM as {@code openssl genpkey -algorithm
 * ed25519} and {@code openssl pkey -pubout} write it. in-toto's and sigstore's tools read the same envelope.
 */
public final class Signature {
    private static final String TYPE = "application/vnd.in-toto+json";
    private static final String ALGORITHM = "Ed25519";
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN (PUBLIC|PRIVATE) KEY-----([A-Za-z0-9+/=\\s]*)-----END \\1 KEY-----\\s*");
    private static final JsonMapper JSON = new JsonMapper();

    private Signature() {}

    /** What is signed: DSSE's pre-authentication encoding. */
    static byte[] encoding(String type, byte[] payload) {
        byte[] head = "DSSEv1 %d %s %d "
                .formatted(type.getBytes(StandardCharsets.UTF_8).length, type, payload.length)
                .getBytes(StandardCharsets.UTF_8);
        byte[] all = Arrays.copyOf(head, head.length + payload.length);
        System.arraycopy(payload, 0, all, head.length, payload.length);
        return all;
    }

    /**
     * The envelope of a bundle's statement, one line.
     *
     * @param privateKey a file with an Ed25519 private key (PKCS #8, PEM)
     */
    public static String sign(Bundle bundle, Path privateKey) throws IOException {
        try {
            PrivateKey key = KeyFactory.getInstance(ALGORITHM)
                    .generatePrivate(new PKCS8EncodedKeySpec(pem(privateKey, "PRIVATE")));
            java.security.Signature signer = java.security.Signature.getInstance(ALGORITHM);
            signer.initSign(key);
            signer.update(encoding(TYPE, bundle.statement()));
            ObjectNode envelope = JSON.createObjectNode()
                    .put("payloadType", TYPE)
                    .put("payload", Base64.getEncoder().encodeToString(bundle.statement()));
            envelope.putArray("signatures")
                    .addObject()
                    .put("keyid", "")
                    .put("sig", Base64.getEncoder().encodeToString(signer.sign()));
            return JSON.writeValueAsString(envelope) + "\n";
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "%s is no Ed25519 private key (openssl genpkey -algorithm ed25519 -out KEY): %s"
                            .formatted(privateKey, e.getMessage()),
                    e);
        }
    }

    /**
     * Holds an envelope against a bundle and a key.
     *
     * @param envelope a file with an envelope, or of envelopes, one a line
     * @param publicKey a file with an Ed25519 public key (X.509, PEM)
     * @return the key's SHA-256
     * @throws ForgedException if no envelope holds this bundle's statement with a signature by this key
     */
    public static String verify(Bundle bundle, Path envelope, Path publicKey) throws IOException {
        byte[] encoded = pem(publicKey, "PUBLIC");
        PublicKey key;
        try {
            key = KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "%s is no Ed25519 public key (openssl pkey -in KEY -pubout): %s"
                            .formatted(publicKey, e.getMessage()),
                    e);
        }
        if (!(key instanceof EdECPublicKey point)
                || SmallOrder.is(point.getPoint().getY())) {
            throw new IOException(
                    "%s is a key that signs what nobody signed (a point of small order, or none): make another"
                            .formatted(publicKey));
        }
        byte[] text;
        try (InputStream in = Files.newInputStream(envelope)) {
            text = in.readNBytes(Bounds.ENVELOPES + 1);
        }
        if (text.length > Bounds.ENVELOPES) {
            throw new ForgedException("%s is too large for envelopes".formatted(envelope));
        }
        String why = "it holds no envelope";
        for (byte[] one : envelopes(envelope, text)) {
            try {
                if (holds(one, bundle.statement(), key)) {
                    return Sha256.of(encoded);
                }
                why = "it is not signed by this key";
            } catch (ForgedException e) {
                why = String.valueOf(e.getMessage());
            }
        }
        throw new ForgedException("%s does not sign this bundle: %s".formatted(envelope, why));
    }

    /** The envelopes of a file: one, however it is laid out, or one a line (in-toto's bundles). */
    private static List<byte[]> envelopes(Path file, byte[] text) {
        try {
            Bounds.envelope("it", text);
            return List.of(text);
        } catch (ForgedException e) {
            List<byte[]> lines = new String(text, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .limit(Bounds.LINES + 1)
                    .map(line -> line.getBytes(StandardCharsets.UTF_8))
                    .toList();
            if (lines.size() > Bounds.LINES) {
                throw new ForgedException("%s has more than %d envelopes".formatted(file, Bounds.LINES));
            }
            return lines;
        }
    }

    /**
     * Whether an envelope of the statement has a signature by the key. As DSSE has it, other signatures do not matter,
     * be they by other keys or unreadable, nor do members that it does not name.
     *
     * @throws ForgedException if it is no envelope, or one of another statement
     */
    private static boolean holds(byte[] envelope, byte[] statement, PublicKey key) {
        Bounds.envelope("its envelope", envelope);
        JsonNode json = JSON.readTree(envelope);
        if (!json.path("payload").isString()
                || !json.path("payloadType").isString()
                || !json.path("signatures").isArray()
                || json.path("signatures").size() > Bounds.SIGNATURES) {
            throw new ForgedException(
                    "it is no DSSE envelope: that has payload, payloadType and a list of at most %d signatures"
                            .formatted(Bounds.SIGNATURES));
        }
        Optional<byte[]> payload = base64(json.path("payload"));
        if (payload.isEmpty()) {
            throw new ForgedException("it is no DSSE envelope: its payload is not in base 64");
        }
        if (!json.path("payloadType").asString().equals(TYPE) || !Arrays.equals(payload.orElseThrow(), statement)) {
            throw new ForgedException("it is the envelope of another statement");
        }
        byte[] message = encoding(TYPE, statement);
        return json.path("signatures")
                .valueStream()
                .map(one -> base64(one.path("sig")))
                .flatMap(Optional::stream)
                .anyMatch(signature -> signed(key, message, signature));
    }

    /** What a text in base 64 holds, in the standard alphabet or in that for addresses, which DSSE allows too. */
    private static Optional<byte[]> base64(JsonNode text) {
        try {
            return !text.isString()
                    ? Optional.empty()
                    : Optional.of(
                            (text.asString().matches("(?s).*[-_].*") ? Base64.getUrlDecoder() : Base64.getDecoder())
                                    .decode(text.asString()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean signed(PublicKey key, byte[] message, byte[] signature) {
        try {
            java.security.Signature verifier = java.security.Signature.getInstance(ALGORITHM);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            // A signature that cannot be read is none.
            return false;
        }
    }

    private static byte[] pem(Path file, String kind) throws IOException {
        Matcher text = PEM.matcher(Files.size(file) > 10_000 ? "" : Files.readString(file));
        if (!text.matches() || !text.group(1).equals(kind)) {
            throw new IOException("%s is no PEM file with one %s KEY".formatted(file, kind));
        }
        return Base64.getMimeDecoder().decode(text.group(2));
    }
}
