package org.threehalf.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * What a client may try that does not want an answer: requests within requests, other names, bodies that cost time,
 * connections that are left.
 */
@Timeout(120)
class HostileRequestsTest {
    private static final String COMPLETIONS = "/v1/completions";
    private static final String JSON_HEAD =
            "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    /** All that comes back until the server closes, or says nothing for two seconds. */
    private static String exchange(TestServer server, String bytes) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.server().port())) {
            socket.setSoTimeout(2_000);
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            byte[] buffer = new byte[64 << 10];
            StringBuilder text = new StringBuilder();
            InputStream in = socket.getInputStream();
            try {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    text.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
                }
            } catch (SocketTimeoutException open) {
                text.append("[open]");
            }
            return text.toString();
        }
    }

    private static int responses(String text) {
        return text.split("HTTP/1\\.[01] ", -1).length - 1;
    }

    /** Bytes behind a request whose end a proxy may see elsewhere are never answered. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP/1.1 | Content-Length: 5~Transfer-Encoding: chunked | 400",
                "HTTP/1.1 | Transfer-Encoding: chunked | 400",
                "HTTP/1.0 | Content-Length: 5~Transfer-Encoding: chunked | 400",
                "HTTP/1.1 | Transfer-Encoding: xchunked | 501",
                "HTTP/1.1 | Transfer-Encoding: gzip | 501",
                "HTTP/1.1 | Transfer-Encoding: chunked, identity | 501",
                "HTTP/1.1 | Transfer-Encoding: chunked~Transfer-Encoding: chunked | 501"
            })
    void nothingIsSmuggled(String version, String headers, int status) throws IOException {
        try (TestServer server = TestServer.start()) {
            String text = exchange(
                    server,
                    "POST /v1/completions " + version + "\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + headers.replace("~", "\r\n") + "\r\n\r\n"
                            + "2\r\n[]\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals(1, responses(text), text);
            assertTrue(text.startsWith("HTTP/1."), text);
            assertTrue(text.contains(" " + status + " "), text);
            assertFalse(text.endsWith("[open]"), text);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /health HTTP/1.1~Host: localhost~Host: evil.example | 400",
                "GET /health HTTP/1.1 | 400",
                "GET /health HTTP/1.0 | 200",
                "GET http://evil.example/health HTTP/1.1~Host: localhost | 403",
                "GET http://localhost/health HTTP/1.1~Host: localhost | 200",
                "GET /health HTTP/1.1~Host: LOCALHOST:80 | 200",
                "GET /health HTTP/1.1~Host: localhost. | 200",
                "GET /health HTTP/1.1~Host: localhost.evil.example | 403",
                "GET /health HTTP/1.1~Host: 127.0.0.1.evil.example | 403",
                "GET /health HTTP/1.1~Host: [::1]:8080 | 200",
                "POST /v1/completions HTTP/1.1~Host: localhost~Expect: 200-magic | 417"
            })
    void names(String head, int status) throws IOException {
        try (TestServer server = TestServer.start()) {
            String text = exchange(server, head.replace("~", "\r\n") + "\r\n\r\n");
            assertTrue(
                    text.startsWith("HTTP/1.1 " + status + " ") || text.startsWith("HTTP/1.0 " + status + " "), text);
        }
    }

    /** What is no HTTP has an answer in the API's terms too. */
    @Test
    void headsThatAreNone() throws IOException {
        try (TestServer server = TestServer.start()) {
            for (Map.Entry<String, Integer> head : Map.of(
                            "GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
                            414,
                            "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(40_000) + "\r\n\r\n",
                            431,
                            "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5, 6\r\n\r\n",
                            400)
                    .entrySet()) {
                String text = exchange(server, head.getKey());
                assertTrue(
                        text.startsWith("HTTP/1.") && text.substring(8).startsWith(" " + head.getValue() + " "), text);
                JsonNode error = TestServer.MAPPER
                        .readTree(text.substring(text.indexOf("\r\n\r\n") + 4))
                        .get("error");
                assertEquals("invalid_request_error", error.get("type").stringValue());
            }
        }
    }

    /** A text that cannot fit is refused before it is taken apart, a body in another encoding before it is read. */
    @Test
    void bodiesThatCost() throws Exception {
        try (TestServer server = TestServer.start()) {
            for (String text : List.of(" ".repeat(4_000_000), "!".repeat(3_000_000), "<".repeat(2_000_000))) {
                HttpResponse<String> refused =
                        server.post(COMPLETIONS, "{\"prompt\": \"" + text + "\", \"max_tokens\": 1}");
                assertEquals(400, refused.statusCode(), refused.body());
                assertTrue(
                        refused.body().contains("context_length_exceeded")
                                && refused.body().contains("at least"),
                        refused.body());
            }
            HttpResponse<String> zipped = server.send(server.request(COMPLETIONS)
                    .header("Content-Type", "application/json")
                    .header("Content-Encoding", "gzip")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[] {31, -117, 8}))
                    .build());
            assertEquals(415, zipped.statusCode());
            for (byte[] other : List.of(
                    "{\"prompt\": \"a\"}".getBytes(StandardCharsets.UTF_16),
                    new byte[] {'{', '"', 'p', '"', ':', '"', (byte) 0xc0, (byte) 0x80, '"', '}'})) {
                HttpResponse<String> refused = server.send(server.request(COMPLETIONS)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(other))
                        .build());
                assertEquals(400, refused.statusCode());
                assertTrue(refused.body().contains("no UTF-8"), refused.body());
            }
        }
    }

    /**
     * Who goes away is noticed, whatever was sent behind the request: the slots are free long before the answers would
     * be done.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 3000000\r\n\r\n"
            })
    void aClientThatHasPipelinedAndGoes(String behind) throws Exception {
        try (TestServer server = TestServer.slow(ServerOptions.local(0), 2, 4_000, 4, Duration.ofMillis(20))) {
            for (int bytes : new int[] {1_000, 40_000, 400_000}) {
                String body = "{\"prompt\": [1, 2], \"max_tokens\": 3900, \"temperature\": 2, \"n\": 2}";
                long before = server.generator().statistics().answers();
                try (Socket socket = new Socket("127.0.0.1", server.server().port())) {
                    socket.setSoTimeout(500);
                    socket.getOutputStream()
                            .write((JSON_HEAD + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                                    .getBytes(StandardCharsets.US_ASCII));
                    TestServer.await(
                            "they run",
                            () -> server.generator().statistics().running() == 2
                                    || server.generator().statistics().answers() > before);
                    String more = behind.startsWith("GET")
                            ? behind.repeat(bytes / behind.length())
                            : behind + "a".repeat(bytes);
                    socket.getOutputStream().write(more.getBytes(StandardCharsets.US_ASCII));
                } catch (IOException ended) {
                    // By the server, where that is too much.
                }
                TestServer.await(
                        "their slots are free",
                        () -> server.generator().statistics().running() == 0);
            }
            // 3,900 steps of 20 ms would have taken more than a minute each time.
            assertTrue(
                    server.generator().statistics().tokens() < 3 * 2 * 3_000,
                    server.generator().statistics().toString());
            assertEquals(200, server.get("/health").statusCode());
            TestServer.await("no connection is left", () -> server.server().connections() <= 1);
        }
    }

    /** Small requests that are pipelined behind an answer are answered after it. */
    @Test
    void aFewPipelinedRequestsAreAnswered() throws Exception {
        try (TestServer server = TestServer.slow(ServerOptions.local(0), 1, 64, 4, Duration.ofMillis(20))) {
            String body = "{\"prompt\": \"a\", \"max_tokens\": 10, \"seed\": 4}";
            String text = exchange(
                    server,
                    JSON_HEAD + "Content-Length: " + body.length() + "\r\n\r\n" + body
                            + "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(5));
            assertEquals(6, responses(text), text);
        }
    }

    /** A stop whose time is over tells those who wait; what there is of an answer is not taken for the whole. */
    @Test
    void aStopThatCutsAnswersSaysSo() throws Exception {
        ServerOptions options = new ServerOptions(
                "127.0.0.1",
                0,
                null,
                1 << 20,
                16,
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ofMillis(200));
        try (TestServer server = TestServer.slow(options, 2, 4_000, 4, Duration.ofMillis(20))) {
            String body = "{\"prompt\": [1, 2], \"max_tokens\": 3900, \"temperature\": 2, \"seed\": 1, \"stream\": %s}";
            CompletableFuture<HttpResponse<String>> whole = server.client()
                    .sendAsync(server.postOf(COMPLETIONS, body.formatted(false)), HttpResponse.BodyHandlers.ofString());
            CompletableFuture<HttpResponse<String>> stream = server.client()
                    .sendAsync(server.postOf(COMPLETIONS, body.formatted(true)), HttpResponse.BodyHandlers.ofString());
            TestServer.await("they run", () -> server.generator().statistics().running() == 2);
            assertFalse(server.server().stop());
            assertEquals(500, whole.get(30, TimeUnit.SECONDS).statusCode());
            assertTrue(
                    whole.get().body().contains("the server stops"), whole.get().body());
            String events = stream.get(30, TimeUnit.SECONDS).body();
            assertTrue(
                    events.contains("the server stops") && !events.contains("[DONE]"), "the last event is the error");
        }
    }

    /** Every alternative is there, under a name of its own, and offsets are those of the text's characters. */
    @Test
    void alternativesHaveNames() throws Exception {
        try (TestServer server = TestServer.start(ServerOptions.local(0), 1, 256, 4)) {
            JsonNode choice = server.ok(
                            COMPLETIONS,
                            "{\"prompt\": [1, 2], \"max_tokens\": 200, \"temperature\": 2, \"seed\": 3, \"logprobs\": 5}")
                    .get("choices")
                    .get(0);
            JsonNode logprobs = choice.get("logprobs");
            int last = 0;
            int characters = choice.get("text")
                    .stringValue()
                    .codePointCount(0, choice.get("text").stringValue().length());
            Set<String> names = new HashSet<>();
            for (int i = 0; i < logprobs.get("tokens").size(); i++) {
                JsonNode top = logprobs.get("top_logprobs").get(i);
                assertTrue(top.size() >= 5, top.toString());
                names.addAll(top.propertyNames());
                int offset = logprobs.get("text_offset").get(i).intValue();
                assertTrue(offset >= last && offset <= characters, offset + " of " + characters);
                last = offset;
            }
            assertFalse(names.contains(""), "a control token has a name");
            assertFalse(
                    names.stream().anyMatch(name -> name.indexOf('\ufffd') >= 0), "a part of a character is its bytes");
        }
    }

    @Test
    void topPOfNothingIsTheLikeliest() throws Exception {
        try (TestServer server = TestServer.start()) {
            String request =
                    "{\"prompt\": [1, 2], \"max_tokens\": 12, \"seed\": 3, \"temperature\": %s, \"top_p\": %s}";
            String greedy = server.ok(COMPLETIONS, request.formatted("0", "1"))
                    .get("choices")
                    .get(0)
                    .get("text")
                    .stringValue();
            for (String p : List.of("0", "1e-300")) {
                assertEquals(
                        greedy,
                        server.ok(COMPLETIONS, request.formatted("1", p))
                                .get("choices")
                                .get(0)
                                .get("text")
                                .stringValue());
            }
        }
    }

    /** What changes an answer changes the fingerprint. */
    @Test
    void theFingerprint() throws Exception {
        try (TestServer server = TestServer.start()) {
            ServedModel one = served(server, null, Set.of());
            assertEquals(one.fingerprint(), served(server, null, Set.of()).fingerprint());
            assertNotEquals(one.fingerprint(), served(server, "00", Set.of()).fingerprint());
            assertNotEquals(
                    served(server, "01", Set.of()).fingerprint(),
                    served(server, "00", Set.of()).fingerprint());
            assertNotEquals(
                    one.fingerprint(),
                    served(server, null, Set.of("llama.some.key")).fingerprint());
            JsonNode attestation = TestServer.MAPPER.readTree(
                    server.get("/v1/threehalf/attestation").body());
            assertTrue(
                    attestation.has("chat_template_sha256")
                            && attestation.get("ignored_keys").isArray(),
                    attestation.toString());
        }
    }

    private static ServedModel served(TestServer server, String template, Set<String> ignored) {
        return new ServedModel(
                "a", "b", 1, Map.of("G35", 2), "reference", "1", null, template, ignored, server.tokenizer(), null, 0);
    }

    /** Keys that some clients could not send are refused at the start. */
    @ParameterizedTest
    @ValueSource(strings = {"schlüssel", " key", "a key", "key\n", "\u20ac"})
    void keysThatNobodyCanSend(String key) {
        assertTrue(assertThrows(
                        IllegalArgumentException.class,
                        () -> new ServerOptions("127.0.0.1", 0, key, 1, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO))
                .getMessage()
                .contains("API key"));
    }
}
