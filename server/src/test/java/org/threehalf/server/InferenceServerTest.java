package org.threehalf.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Timeout(120)
class InferenceServerTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETIONS = "/v1/completions";

    private static ServerOptions options(String key, int bodyLimit, Duration body, Duration answer) {
        return new ServerOptions("127.0.0.1", 0, key, bodyLimit, 1024, body, answer, Duration.ofSeconds(20));
    }

    private static List<JsonNode> events(String stream) {
        List<JsonNode> events = new ArrayList<>();
        String[] parts = stream.split("\n\n");
        assertEquals("data: [DONE]", parts[parts.length - 1], stream);
        for (String part : Arrays.copyOf(parts, parts.length - 1)) {
            assertTrue(part.startsWith("data: "), part);
            events.add(TestServer.MAPPER.readTree(part.substring(6)));
        }
        return events;
    }

    private static JsonNode error(HttpResponse<String> response, int status) {
        assertEquals(status, response.statusCode(), response.body());
        JsonNode error = TestServer.MAPPER.readTree(response.body()).get("error");
        assertTrue(
                error.get("message").isString()
                        && error.get("type").isString()
                        && error.has("param")
                        && error.has("code"),
                response.body());
        return error;
    }

    /** A stream's pieces are the whole answer, with the same fingerprint, hash and usage. */
    @Test
    void aStreamIsTheWholeAnswer() throws Exception {
        try (TestServer server = TestServer.start()) {
            for (String path : List.of(CHAT, COMPLETIONS)) {
                boolean chat = path.equals(CHAT);
                String input =
                        chat ? "\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]" : "\"prompt\": \"Hi\"";
                String rest = input
                        + ", \"seed\": 5, \"max_tokens\": 20, \"temperature\": 1.3, \"n\": 2, \"threehalf\": {\"logits_sha256\": true}";
                JsonNode whole = server.ok(path, "{" + rest + "}");
                List<JsonNode> events = events(server.post(
                                path, "{" + rest + ", \"stream\": true, \"stream_options\": {\"include_usage\": true}}")
                        .body());
                StringBuilder[] texts = {new StringBuilder(), new StringBuilder()};
                String[] ends = new String[2];
                for (JsonNode event : events) {
                    assertEquals(whole.get("system_fingerprint"), event.get("system_fingerprint"));
                    assertEquals(
                            event != events.getLast(),
                            event.get("usage").isNull(),
                            "all chunks but the last have none, and say so");
                    assertEquals(
                            chat ? "chat.completion.chunk" : "text_completion",
                            event.get("object").stringValue());
                    for (JsonNode choice : event.get("choices")) {
                        int index = choice.get("index").intValue();
                        texts[index].append(
                                chat
                                        ? choice.path("delta").path("content").asString("")
                                        : choice.get("text").stringValue());
                        if (!choice.get("finish_reason").isNull()) {
                            ends[index] = choice.get("finish_reason").stringValue();
                        }
                    }
                }
                for (int i = 0; i < 2; i++) {
                    JsonNode choice = whole.get("choices").get(i);
                    assertEquals(
                            chat
                                    ? choice.get("message").get("content").stringValue()
                                    : choice.get("text").stringValue(),
                            texts[i].toString());
                    assertEquals(choice.get("finish_reason").stringValue(), ends[i]);
                }
                JsonNode last = events.getLast();
                assertEquals(0, last.get("choices").size());
                assertEquals(whole.get("threehalf"), last.get("threehalf"));
                assertEquals(
                        64,
                        whole.get("threehalf")
                                .get("logits_sha256")
                                .get(1)
                                .stringValue()
                                .length());
                for (String count : List.of("prompt_tokens", "completion_tokens", "total_tokens")) {
                    assertEquals(
                            whole.get("usage").get(count), last.get("usage").get(count), count);
                }
            }
        }
    }

    /**
     * REQ-DEC-006: what is asked alone and beside 31 others, in any order, on 1 to 8 slots, has the same text and the
     * same hash of its logits.
     */
    @Test
    void anAnswerDoesNotDependOnWhoElseIsAsking() throws Exception {
        List<String> bodies = new ArrayList<>();
        Random random = new Random(11);
        for (int i = 0; i < 32; i++) {
            bodies.add(
                    "{\"prompt\": \"%s\", \"seed\": %d, \"max_tokens\": %d, \"temperature\": %s, \"threehalf\": {\"logits_sha256\": true}}"
                            .formatted(
                                    "The ocean is wide and deep".substring(0, 1 + random.nextInt(26)),
                                    random.nextInt(),
                                    1 + random.nextInt(25),
                                    List.of("0", "0.7", "1.5").get(i % 3)));
        }
        List<JsonNode> alone = new ArrayList<>();
        try (TestServer server = TestServer.start(ServerOptions.local(0), 1, 64, 8)) {
            for (String body : bodies) {
                alone.add(server.ok(COMPLETIONS, body));
            }
        }
        for (int slots : new int[] {1, 3, 8}) {
            try (TestServer server = TestServer.start(ServerOptions.local(0), slots, 64, 64)) {
                List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
                for (String body : bodies) {
                    answers.add(server.client()
                            .sendAsync(server.postOf(COMPLETIONS, body), HttpResponse.BodyHandlers.ofString()));
                }
                for (int i = 0; i < bodies.size(); i++) {
                    JsonNode answer = TestServer.MAPPER.readTree(
                            answers.get(i).get(60, TimeUnit.SECONDS).body());
                    assertEquals(alone.get(i).get("choices"), answer.get("choices"), bodies.get(i));
                    assertEquals(alone.get(i).get("threehalf"), answer.get("threehalf"), bodies.get(i));
                }
            }
        }
    }

    @Test
    void stopsEndAnAnswer() throws Exception {
        try (TestServer server = TestServer.start()) {
            String request = "{\"prompt\": \"Hi\", \"max_tokens\": 30, \"temperature\": 0%s}";
            String text = server.ok(COMPLETIONS, request.formatted(""))
                    .get("choices")
                    .get(0)
                    .get("text")
                    .stringValue();
            assertTrue(text.length() > 8, text);
            String stop = text.substring(4, 7);
            for (String stops : List.of("\"%s\"", "[\"no such text\", \"%s\"]")) {
                ObjectNode body = (ObjectNode) TestServer.MAPPER.readTree(request.formatted(""));
                body.set(
                        "stop",
                        TestServer.MAPPER.readTree(stops.formatted("X")).isArray()
                                ? TestServer.MAPPER
                                        .createArrayNode()
                                        .add("no such text")
                                        .add(stop)
                                : TestServer.MAPPER.getNodeFactory().stringNode(stop));
                JsonNode choice =
                        server.ok(COMPLETIONS, body.toString()).get("choices").get(0);
                assertEquals(
                        text.substring(0, text.indexOf(stop)),
                        choice.get("text").stringValue());
                assertEquals("stop", choice.get("finish_reason").stringValue());
            }
        }
    }

    @Test
    void logProbabilitiesOfBothKinds() throws Exception {
        try (TestServer server = TestServer.start()) {
            JsonNode chat = server.ok(
                    CHAT,
                    "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"Hi\"}]}], \"temperature\": 0, \"max_tokens\": 3, \"logprobs\": true, \"top_logprobs\": 2}");
            JsonNode content = chat.get("choices").get(0).get("logprobs").get("content");
            assertEquals(3, content.size());
            assertEquals(
                    content.get(0).get("logprob"),
                    content.get(0).get("top_logprobs").get(0).get("logprob"),
                    "at temperature 0 the drawn token is the most likely one");
            assertEquals(2, content.get(0).get("top_logprobs").size());
            JsonNode text = server.ok(
                            COMPLETIONS,
                            "{\"prompt\": [1, 2, 3], \"temperature\": 0, \"max_tokens\": 3, \"logprobs\": 1}")
                    .get("choices")
                    .get(0)
                    .get("logprobs");
            assertEquals(3, text.get("tokens").size());
            assertTrue(text.get("token_logprobs").get(0).doubleValue() <= 0);
            assertEquals(0, text.get("text_offset").get(0).intValue());
        }
    }

    @Test
    void severalPromptsHaveSeveralAnswers() throws Exception {
        try (TestServer server = TestServer.start()) {
            JsonNode both = server.ok(
                    COMPLETIONS, "{\"prompt\": [\"Hi\", [4, 5, 6]], \"n\": 2, \"seed\": 3, \"max_tokens\": 4}");
            JsonNode second =
                    server.ok(COMPLETIONS, "{\"prompt\": [4, 5, 6], \"n\": 2, \"seed\": 3, \"max_tokens\": 4}");
            assertEquals(4, both.get("choices").size());
            assertEquals(
                    second.get("choices").get(1).get("text"),
                    both.get("choices").get(3).get("text"));
            assertEquals(3, second.get("usage").get("prompt_tokens").intValue());
        }
    }

    @Test
    void whatTheServerSaysOfItself() throws Exception {
        try (TestServer server = TestServer.start()) {
            assertEquals(
                    "ok",
                    TestServer.MAPPER
                            .readTree(server.get("/health").body())
                            .get("status")
                            .stringValue());
            JsonNode models =
                    TestServer.MAPPER.readTree(server.get("/v1/models").body());
            assertEquals("tiny", models.get("data").get(0).get("id").stringValue());
            assertEquals(
                    "tiny",
                    TestServer.MAPPER
                            .readTree(server.get("/v1/models/tiny").body())
                            .get("id")
                            .stringValue());
            JsonNode attestation = TestServer.MAPPER.readTree(
                    server.get("/v1/threehalf/attestation").body());
            assertEquals(64, attestation.get("model_sha256").stringValue().length());
            JsonNode answer = server.ok(COMPLETIONS, "{\"model\": \"tiny\", \"prompt\": \"a\", \"max_tokens\": 1}");
            assertEquals(attestation.get("system_fingerprint"), answer.get("system_fingerprint"));
            String metrics = server.get("/metrics").body();
            assertTrue(
                    metrics.contains("threehalf_answers_total 1.0")
                            && metrics.contains("threehalf_slots 4.0")
                            && metrics.contains("threehalf_tokens_total 1.0"),
                    metrics);
            for (String path : List.of("/", "/app.js", "/style.css")) {
                HttpResponse<String> page = server.get(path);
                assertEquals(200, page.statusCode());
                assertTrue(page.headers()
                        .firstValue("Content-Security-Policy")
                        .orElseThrow()
                        .contains("default-src 'none'"));
                assertFalse(
                        page.body().contains("http://") || page.body().contains("https://"),
                        "nothing beyond this server");
            }
        }
    }

    @Test
    void refusals() throws Exception {
        try (TestServer server = TestServer.start()) {
            assertEquals(
                    "model_not_found",
                    error(server.post(COMPLETIONS, "{\"model\": \"gpt\", \"prompt\": \"a\"}"), 404)
                            .get("code")
                            .stringValue());
            assertEquals(
                    "context_length_exceeded",
                    error(server.post(COMPLETIONS, "{\"prompt\": \"" + "a b ".repeat(200) + "\"}"), 400)
                            .get("code")
                            .stringValue());
            assertTrue(error(server.post(CHAT, "{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\"}]}"), 400)
                    .get("message")
                    .stringValue()
                    .contains("last message"));
            assertEquals(
                    "prompt",
                    error(server.post(COMPLETIONS, "{\"prompt\": [999999]}"), 400)
                            .get("param")
                            .stringValue());
            error(server.get("/v1/nothing"), 404);
            error(server.get("/v1/models/other"), 404);
            assertEquals("POST", server.get(CHAT).headers().firstValue("Allow").orElseThrow());
            error(server.get(CHAT), 405);
            error(server.post("/health", "{}"), 405);
            error(server.post("/v1/embeddings", "{}"), 404);
            error(
                    server.send(server.request(CHAT)
                            .POST(HttpRequest.BodyPublishers.ofString("{}"))
                            .header("Content-Type", "text/plain")
                            .build()),
                    415);
        }
    }

    @Test
    void aKeyIsAskedFor() throws Exception {
        try (TestServer server = TestServer.start(
                options("secret", 1 << 20, Duration.ofSeconds(30), Duration.ofSeconds(60)), 1, 64, 4)) {
            assertEquals(200, server.get("/health").statusCode());
            assertEquals(200, server.get("/").statusCode());
            for (String path : List.of("/v1/models", "/metrics", "/v1/threehalf/attestation", "/v1/nothing")) {
                assertEquals(
                        "invalid_api_key",
                        error(server.get(path), 401).get("code").stringValue());
            }
            error(server.post(COMPLETIONS, "{\"prompt\": \"a\"}"), 401);
            for (String wrong : List.of("secret", "Bearer secre", "Bearer secrets", "Basic secret", "Bearer ")) {
                error(
                        server.send(server.request("/v1/models")
                                .header("Authorization", wrong)
                                .build()),
                        401);
            }
            assertEquals(
                    200,
                    server.send(server.request("/v1/models")
                                    .header("Authorization", "Bearer secret")
                                    .build())
                            .statusCode());
        }
    }

    /** Sends bytes as they are, and gives what comes back until the connection ends or the answer's head is there. */
    private static String raw(TestServer server, String bytes) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.server().port())) {
            socket.setSoTimeout(30_000);
            OutputStream out = socket.getOutputStream();
            out.write(bytes.getBytes(StandardCharsets.UTF_8));
            out.flush();
            byte[] buffer = new byte[64 << 10];
            StringBuilder text = new StringBuilder();
            InputStream in = socket.getInputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                text.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
                if (text.indexOf("\r\n\r\n") >= 0) {
                    break;
                }
            }
            return text.toString();
        }
    }

    @Test
    void limitsOfSizeAndTime() throws Exception {
        try (TestServer server =
                TestServer.start(options(null, 2_000, Duration.ofMillis(300), Duration.ofSeconds(60)), 1, 64, 4)) {
            assertEquals(
                    "request_too_large",
                    error(server.post(COMPLETIONS, "{\"prompt\": \"" + "a".repeat(3_000) + "\"}"), 413)
                            .get("code")
                            .stringValue());
            String head = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
            assertTrue(
                    raw(server, head + "Content-Length: 99999999999999\r\n\r\n").contains(" 413 "));
            assertTrue(
                    raw(server, head + "Transfer-Encoding: chunked\r\n\r\n1000\r\n" + "a".repeat(4096) + "\r\n")
                            .contains(" 413 "),
                    "without a length, too");
            assertTrue(
                    raw(server, head + "Content-Length: 100\r\n\r\n{\"prompt\"").contains(" 408 "),
                    "a body that does not come");
            assertTrue(
                    raw(server, "GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n")
                            .contains(" 403 "),
                    "a name that has been made to point here");
            assertTrue(raw(server, "GET /health HTTP/1.1\r\nHost: localhost:80\r\n\r\n")
                    .contains(" 200 "));
            TestServer.await("connections end", () -> server.server().connections() <= 1);
        }
    }

    /** Who sends a head slowly, or nothing, is not waited for; an answer that takes longer than that is. */
    @Test
    void connectionsThatAskNothingEnd() throws Exception {
        try (TestServer server = TestServer.slow(
                options(null, 2_000, Duration.ofMillis(400), Duration.ofSeconds(60)),
                1,
                64,
                4,
                Duration.ofMillis(60))) {
            List<Socket> sockets = new ArrayList<>();
            for (String begun : List.of("", "POST /v1/compl", "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")) {
                Socket socket = new Socket("127.0.0.1", server.server().port());
                socket.setSoTimeout(30_000);
                socket.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));
                sockets.add(socket);
            }
            for (Socket socket : sockets) {
                assertEquals(-1, socket.getInputStream().read());
                socket.close();
            }
            JsonNode answer = server.ok(COMPLETIONS, "{\"prompt\": \"a\", \"max_tokens\": 20, \"seed\": 4}");
            assertEquals(20, answer.get("usage").get("completion_tokens").intValue(), "made in more than a second");
            TestServer.await(
                    "kept for a while, and then no more", () -> server.server().connections() == 0);
            assertEquals(200, server.get("/health").statusCode());
        }
    }

    /** What many bodies take together has a limit too. */
    @Test
    void bodiesTogetherHaveALimit() throws Exception {
        try (TestServer server =
                TestServer.start(options(null, 4 << 20, Duration.ofSeconds(60), Duration.ofSeconds(60)), 1, 64, 4)) {
            List<Socket> sockets = new ArrayList<>();
            byte[] most = new byte[(4 << 20) - 10];
            String head =
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                            + (4 << 20) + "\r\n\r\n";
            try {
                for (int i = 0; i < 17; i++) {
                    Socket socket = new Socket("127.0.0.1", server.server().port());
                    sockets.add(socket);
                    socket.setSoTimeout(30_000);
                    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                    socket.getOutputStream().write(most);
                }
                // Whichever came last.
                List<Socket> refused = new ArrayList<>();
                TestServer.await("one is refused", () -> {
                    try {
                        for (Socket socket : sockets) {
                            if (socket.getInputStream().available() > 0) {
                                refused.add(socket);
                            }
                        }
                        return !refused.isEmpty();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
                assertEquals(
                        "HTTP/1.1 503",
                        new String(refused.getFirst().getInputStream().readNBytes(12), StandardCharsets.US_ASCII));
                assertEquals(1, refused.size());
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
            TestServer.await("the bodies are forgotten", () -> server.server().connections() <= 1);
            assertEquals(
                    4,
                    server.ok(
                                    COMPLETIONS,
                                    "{\"prompt\": \"%s\", \"max_tokens\": 4, \"seed\": 1}".formatted("a".repeat(40)))
                            .get("usage")
                            .get("completion_tokens")
                            .intValue());
        }
    }

    /**
     * A client that asks for a stream and does not read it is taken to have gone when more waits than a context's
     * answer has.
     */
    @Test
    void whoDoesNotReadIsNotWaitedFor() throws Exception {
        try (TestServer server = TestServer.saying(ServerOptions.local(0), 2_000, "abcdefgh".repeat(250))) {
            String body =
                    "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"max_tokens\": 1900, \"temperature\": 0, \"stream\": true, \"logprobs\": true, \"top_logprobs\": 20}";
            try (Socket socket = new Socket()) {
                socket.setReceiveBufferSize(4_096);
                socket.connect(new java.net.InetSocketAddress(
                        "127.0.0.1", server.server().port()));
                socket.getOutputStream()
                        .write(
                                ("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                                                + body.length() + "\r\n\r\n" + body)
                                        .getBytes(StandardCharsets.US_ASCII));
                TestServer.await(
                        "it is left", () -> server.generator().statistics().answers() == 1);
                assertEquals(1, server.generator().statistics().cancelled());
                assertTrue(server.generator().statistics().tokens() < 1_900);
                // What was held for it ends before the answer does.
                socket.setSoTimeout(30_000);
                String read = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertFalse(read.contains("[DONE]"));
                TestServer.await(
                        "the connection is closed", () -> server.server().connections() == 0);
            }
        }
    }

    /** No request can ask for more than there is room for; whole answers with log-probabilities have a limit. */
    @Test
    void whatIsTooMuchForOneRequest() throws Exception {
        try (TestServer server = TestServer.start(ServerOptions.local(0), 2, 4_000, 4)) {
            assertEquals(
                    "n",
                    error(server.post(COMPLETIONS, "{\"prompt\": \"a\", \"n\": 7, \"max_tokens\": 1}"), 400)
                            .get("param")
                            .stringValue());
            assertEquals(
                    6,
                    server.ok(COMPLETIONS, "{\"prompt\": \"a\", \"n\": 6, \"max_tokens\": 1}")
                            .get("choices")
                            .size());
            String chat =
                    "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"n\": 2, \"max_tokens\": %d, \"logprobs\": true, \"top_logprobs\": 20}";
            assertEquals(
                    "logprobs",
                    error(server.post(CHAT, chat.formatted(3_000)), 400)
                            .get("param")
                            .stringValue());
            assertEquals(2, server.ok(CHAT, chat.formatted(3)).get("choices").size());
        }
    }

    /** A client that waits for leave to send its body gets it. */
    @Test
    void leaveToSendABody() throws Exception {
        try (TestServer server = TestServer.start()) {
            assertTrue(raw(
                            server,
                            "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n")
                    .startsWith("HTTP/1.1 100 "));
            assertEquals(200, server.get("/v1/models/t%69ny").statusCode());
        }
    }

    /** 429 with Retry-After where the queue is full; what was taken is answered. */
    @Test
    void theQueueHasALimit() throws Exception {
        try (TestServer server = TestServer.slow(ServerOptions.local(0), 1, 64, 2, Duration.ofMillis(20))) {
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                answers.add(server.client()
                        .sendAsync(
                                server.postOf(
                                        COMPLETIONS, "{\"prompt\": \"a\", \"max_tokens\": 10, \"temperature\": 0}"),
                                HttpResponse.BodyHandlers.ofString()));
            }
            int refused = 0;
            for (CompletableFuture<HttpResponse<String>> answer : answers) {
                HttpResponse<String> response = answer.get(60, TimeUnit.SECONDS);
                if (response.statusCode() == 429) {
                    refused++;
                    assertEquals(
                            "1", response.headers().firstValue("Retry-After").orElseThrow());
                    assertEquals("queue_full", error(response, 429).get("code").stringValue());
                } else {
                    assertEquals(200, response.statusCode());
                }
            }
            assertTrue(refused >= 1 && refused <= 10, refused + " refused");
        }
    }

    /**
     * Who goes away, in the middle of a stream or while waiting for a whole answer, frees the slot with the step that
     * is being computed.
     */
    @Test
    void aClientThatGoesAwayFreesItsSlot() throws Exception {
        try (TestServer server = TestServer.slow(ServerOptions.local(0), 1, 4_000, 4, Duration.ofMillis(5))) {
            for (boolean stream : new boolean[] {true, false}) {
                String body =
                        "{\"prompt\": [1, 2], \"max_tokens\": 3900, \"temperature\": 2, \"stream\": " + stream + "}";
                long before = server.generator().statistics().tokens();
                long answers = server.generator().statistics().answers();
                try (Socket socket = new Socket("127.0.0.1", server.server().port())) {
                    socket.getOutputStream()
                            .write(
                                    ("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                                                    + body.length() + "\r\n\r\n" + body)
                                            .getBytes(StandardCharsets.UTF_8));
                    TestServer.await(
                            "some tokens",
                            () -> server.generator().statistics().tokens() > before + 3
                                    || server.generator().statistics().answers() > answers);
                }
                TestServer.await(
                        "the slot is free",
                        () -> server.generator().statistics().running() == 0);
                assertTrue(server.generator().statistics().tokens() < before + 3_000);
            }
            assertEquals(2, server.generator().statistics().answers());
        }
    }

    /** An answer that takes too long ends with an error, and its slot is free. */
    @Test
    void anAnswerHasItsTime() throws Exception {
        try (TestServer server = TestServer.slow(
                options(null, 1 << 20, Duration.ofSeconds(5), Duration.ofMillis(1_000)),
                1,
                4_000,
                4,
                Duration.ofMillis(10))) {
            String body = "{\"prompt\": [1, 2], \"max_tokens\": 3900, \"temperature\": 2, \"seed\": 1, \"stream\": %s}";
            assertTrue(error(server.post(COMPLETIONS, body.formatted(false)), 500)
                    .get("message")
                    .stringValue()
                    .contains("within 1 s"));
            String stream = server.post(COMPLETIONS, body.formatted(true)).body();
            assertTrue(stream.contains("\"error\"") && !stream.contains("[DONE]"), "the last event is the error");
            TestServer.await(
                    "the slot is free", () -> server.generator().statistics().running() == 0);
        }
    }

    /** A stop lets running answers go on, and takes no more. */
    @Test
    void stoppingFinishesRunningAnswers() throws Exception {
        try (TestServer server = TestServer.slow(ServerOptions.local(0), 2, 64, 4, Duration.ofMillis(20))) {
            CompletableFuture<HttpResponse<String>> answer = server.client()
                    .sendAsync(
                            server.postOf(COMPLETIONS, "{\"prompt\": \"a\", \"max_tokens\": 20, \"seed\": 4}"),
                            HttpResponse.BodyHandlers.ofString());
            TestServer.await("it runs", () -> server.generator().statistics().running() == 1);
            CompletableFuture<Boolean> stopped = CompletableFuture.supplyAsync(server.server()::stop);
            assertEquals(200, answer.get(60, TimeUnit.SECONDS).statusCode());
            assertTrue(stopped.get(60, TimeUnit.SECONDS));
            assertThrows(IOException.class, () -> server.get("/health"));
        }
    }

    @Test
    void anAddressThatCannotBeListenedOn() throws Exception {
        try (TestServer server = TestServer.start()) {
            int taken = server.server().port();
            assertTrue(assertThrows(
                            IOException.class,
                            () -> TestServer.start(ServerOptions.local(taken), 1, 64, 1)
                                    .close())
                    .getMessage()
                    .contains("port " + taken));
        }
    }
}
