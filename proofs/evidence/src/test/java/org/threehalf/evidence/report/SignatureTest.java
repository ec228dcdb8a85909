package org.threehalf.evidence.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignatureTest {
    /** The key pair of RFC 8032, section 7.1, test 1, as openssl writes it. */
    private static final String PRIVATE =
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

    private static final String PUBLIC =
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n";

    @TempDir
    Path folder;

    /** The example of the DSSE specification's protocol.md. */
    @Test
    void encodesAsDsseSays() {
        assertEquals(
                "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
                new String(
                        Signature.encoding(
                                "http://example.com/HelloWorld", "hello world".getBytes(StandardCharsets.UTF_8)),
                        StandardCharsets.UTF_8));
    }

    /** Ed25519 is deterministic, so the same statement has the same envelope; any change of one is refused. */
    @Test
    void everyChangeOfAnEnvelopeIsRefused() throws IOException {
        Path key = Files.writeString(folder.resolve("key"), PRIVATE);
        Path open = Files.writeString(folder.resolve("key.pub"), PUBLIC);
        Bundle bundle = bundle("{\"_type\": \"https://in-toto.io/Statement/v1\"}");
        String envelope = Signature.sign(bundle, key);
        assertEquals(envelope, Signature.sign(bundle, key));
        Path file = Files.writeString(folder.resolve("envelope"), "{}\n" + envelope);
        assertEquals(64, Signature.verify(bundle, file, open).length());
        int refused = 0;
        int payload = envelope.indexOf("payload");
        int keyid = envelope.indexOf("keyid");
        for (int i = 0; i < envelope.length() - 1; i++) {
            char other = envelope.charAt(i) == 'A' ? 'B' : 'A';
            Files.writeString(file, envelope.substring(0, i) + other + envelope.substring(i + 1));
            try {
                Signature.verify(bundle, file, open);
                // Of the envelope's own bytes, the key's id is a hint that nothing rests on, and the last digit of base
                // 64 has bits that count for nothing.
                assertTrue(
                        i >= keyid - 1 && i < keyid + 8 || envelope.startsWith("=", i + 1),
                        "at %d of %s".formatted(i, envelope));
            } catch (ForgedException e) {
                refused++;
            }
        }
        assertTrue(refused > envelope.length() - 16, refused + " of " + envelope.length() + " from " + payload);
        assertThrows(
                ForgedException.class, () -> Signature.verify(bundle("{}"), Files.writeString(file, envelope), open));
        assertThrows(IOException.class, () -> Signature.verify(bundle, file, key));
        assertThrows(IOException.class, () -> Signature.sign(bundle, open));
    }

    private static Bundle bundle(String statement) {
        return new Bundle(new TreeMap<>(Map.of("statement.intoto.json", statement.getBytes(StandardCharsets.UTF_8))));
    }
}
