package org.threehalf.evidence.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.threehalf.kernels.io.Sha256;
import tools.jackson.core.JacksonException;
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
     * @param envelope a file of envelopes, one a line
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
        if (Files.size(envelope) > 1 << 26) {
            throw new ForgedException("%s is too large for envelopes".formatted(envelope));
        }
        String why = "it holds no envelope";
        for (String line : Files.readString(envelope).lines().toList()) {
            try {
                JsonNode json = JSON.readTree(line);
                byte[] payload = Base64.getDecoder().decode(json.path("payload").asString(""));
                if (!json.path("payloadType").asString("").equals(TYPE)
                        || !Arrays.equals(payload, bundle.statement())) {
                    why = "it is the envelope of another statement";
                    continue;
                }
                why = "it is not signed by this key";
                for (JsonNode one : json.path("signatures")) {
                    if (signed(
                            key,
                            encoding(TYPE, payload),
                            Base64.getDecoder().decode(one.path("sig").asString("")))) {
                        return Sha256.of(encoded);
                    }
                }
            } catch (JacksonException | IllegalArgumentException e) {
                why = "it is no DSSE envelope: " + e.getMessage();
            }
        }
        throw new ForgedException("%s does not sign this bundle: %s".formatted(envelope, why));
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
