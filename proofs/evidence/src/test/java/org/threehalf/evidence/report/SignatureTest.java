package org.threehalf.evidence.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.interfaces.EdECPublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

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

    /** As DSSE has it: one good signature is enough, whatever stands beside it, and the layout is the writer's. */
    @Test
    void anEnvelopeOfAnotherProgramIsRead() throws IOException {
        Path open = Files.writeString(folder.resolve("key.pub"), PUBLIC);
        Bundle bundle = bundle("{\"_type\": \"https://in-toto.io/Statement/v1\", \"x\": \"???>>>~~~\"}");
        ObjectNode signed = signed(bundle);
        String good = signed.path("signatures").path(0).path("sig").asString();
        String payload = signed.path("payload").asString();
        for (String envelope : List.of(
                JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(signed),
                "\n\n" + signed + "\r\n\n",
                "no envelope\n" + signed,
                with(signed, "[{\"sig\": \"@@\"}, {\"sig\": \"GOOD\"}]", good),
                with(
                        signed,
                        "[{\"sig\": 5}, {}, null, {\"keyid\": \"a\", \"sig\": \"AAAA\"}, {\"sig\": \"GOOD\"}]",
                        good),
                with(signed, "[{\"sig\": \"GOOD\", \"more\": -1.5}]", good),
                with(signed, "[{\"sig\": \"GOOD\"}]", good.replace('+', '-').replace('/', '_')),
                signed.toString().replace(payload, payload.replace('+', '-').replace('/', '_')))) {
            Path file = Files.writeString(folder.resolve("envelope"), envelope);
            assertEquals(64, Signature.verify(bundle, file, open).length(), envelope);
        }
        assertTrue(payload.contains("/") && payload.contains("+"), payload);
    }

    /** And what is none is refused in this program's words. */
    @Test
    void whatIsNoEnvelopeIsRefused() throws IOException {
        Path open = Files.writeString(folder.resolve("key.pub"), PUBLIC);
        Bundle bundle = bundle("{}");
        ObjectNode signed = signed(bundle);
        String good = signed.path("signatures").path(0).path("sig").asString();
        String text = signed.toString();
        for (String envelope : List.of(
                "",
                "{}",
                "[" + text + "]",
                text + text,
                text.replaceFirst("\\{", "{\"payload\": \"AAAA\", "),
                text.replaceFirst("\\{", "{\"payloadType\": \"evil\", "),
                text.replace("\"sig\"", "\"sig\": \"AAAA\", \"sig\""),
                text.replace("\"payload\"", "\"payload\": {}, \"p\""),
                text.replace("in-toto+json", "in-toto"),
                with(signed, "{\"a\": {\"sig\": \"GOOD\"}}", good),
                with(signed, "\"GOOD\"", good),
                with(signed, "[\"GOOD\"]", good),
                with(signed, "[]", good),
                with(signed, "[" + "{},".repeat(100) + "{\"sig\": \"GOOD\"}]", good),
                "[".repeat(200_000),
                "{\"a\":".repeat(100_000),
                "{}\n".repeat(1_001) + text,
                "[" + "0,".repeat(1_000_000) + "0]")) {
            Path file = Files.writeString(folder.resolve("envelope"), envelope);
            String message = String.valueOf(
                    assertThrows(ForgedException.class, () -> Signature.verify(bundle, file, open), envelope)
                            .getMessage());
            assertTrue(
                    !message.contains("Source") && !message.contains("REDACTED") && !message.contains("Stream"),
                    message);
        }
    }

    /** Keys of small order, by their 8 points, with either sign and coordinates that are not reduced. */
    @Test
    void aKeyThatSignsEverythingIsRefused() throws IOException {
        Bundle bundle = bundle("{}");
        List<String> points = new ArrayList<>();
        for (String point : List.of(
                "0100000000000000000000000000000000000000000000000000000000000000",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")) {
            points.add(point);
            points.add(point.substring(0, 62) + "%02x".formatted(Integer.parseInt(point.substring(62), 16) | 0x80));
        }
        for (String point : points) {
            byte[] key = HexFormat.of().parseHex("302a300506032b6570032100" + point);
            Path file = Files.writeString(
                    folder.resolve("low.pub"),
                    "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
                            .formatted(Base64.getEncoder().encodeToString(key)));
            // The signature that the identity gives to every text.
            Path envelope = Files.writeString(
                    folder.resolve("envelope"),
                    with(
                            signed(bundle),
                            "[{\"sig\": \"GOOD\"}]",
                            Base64.getEncoder().encodeToString(Arrays.copyOf(new byte[] {1}, 64))));
            String message = String.valueOf(
                    assertThrows(IOException.class, () -> Signature.verify(bundle, envelope, file), point)
                            .getMessage());
            assertTrue(message.contains("low.pub is"), message);
        }
    }

    /** The base point of RFC 8032 and keys that were made are of no small order. */
    @Test
    void otherKeysAreNot() throws GeneralSecurityException {
        assertFalse(
                SmallOrder.is(new BigInteger("6666666666666666666666666666666666666666666666666666666666666658", 16)));
        for (int i = 0; i < 100; i++) {
            var key = (EdECPublicKey)
                    KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();
            assertFalse(SmallOrder.is(key.getPoint().getY()));
        }
    }

    private ObjectNode signed(Bundle bundle) throws IOException {
        return (ObjectNode)
                new JsonMapper().readTree(Signature.sign(bundle, Files.writeString(folder.resolve("key"), PRIVATE)));
    }

    /** The envelope with other signatures. */
    private static String with(ObjectNode envelope, String signatures, String good) {
        ObjectNode other = envelope.deepCopy();
        other.set("signatures", new JsonMapper().readTree(signatures.replace("GOOD", good)));
        return other.toString();
    }

    private static Bundle bundle(String statement) {
        return new Bundle(new TreeMap<>(Map.of("statement.intoto.json", statement.getBytes(StandardCharsets.UTF_8))));
    }
}
