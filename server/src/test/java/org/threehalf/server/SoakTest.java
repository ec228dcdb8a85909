package org.threehalf.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * Many clients at once over the loopback address: some ask, some leave in the middle, some read slowly, some send what
 * is no request. Nothing is mixed up, and nothing stays behind. {@code -Dthreehalf.soak=N} runs N requests in the place
 * of a few hundred.
 */
@Timeout(3_600)
class SoakTest {
    private static final int REQUESTS = Integer.getInteger("threehalf.soak", 400);
    private static final int CLIENTS = 12;
    private static final int TEXTS = 12;

    /** What a request for text i asks, and what it must be answered. */
    private record Asked(String body, JsonNode choices, JsonNode hashes) {}

    private static String body(int i, boolean stream) {
        return "{\"prompt\": \"%s\", \"seed\": %d, \"max_tokens\": %d, \"temperature\": %s, \"stream\": %b, \"threehalf\": {\"logits_sha256\": true}}"
                .formatted("The ocean is wide".substring(0, 3 + i), i, 5 + 3 * i, i % 3 == 0 ? "0" : "1.1", stream);
    }

    private static long descriptors() throws IOException {
        Path folder = Path.of("/proc/self/fd");
        if (!Files.isDirectory(folder)) {
            return -1;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    @Test
    void nothingIsMixedUpAndNothingStays() throws Exception {
        List<Asked> texts = new ArrayList<>();
        try (TestServer alone = TestServer.start(ServerOptions.local(0), 1, 64, 8)) {
            for (int i = 0; i < TEXTS; i++) {
                JsonNode answer = alone.ok("/v1/completions", body(i, false));
                texts.add(new Asked(body(i, false), answer.get("choices"), answer.get("threehalf")));
            }
        }
        ServerOptions options = new ServerOptions(
                "127.0.0.1",
                0,
                null,
                4_000,
                1024,
                Duration.ofSeconds(5),
                Duration.ofSeconds(120),
                Duration.ofSeconds(20));
        try (TestServer server = TestServer.start(options, 5, 64, 2 * CLIENTS);
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            server.ok("/v1/completions", body(0, false));
            long descriptors = descriptors();
            AtomicInteger right = new AtomicInteger();
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                Random random = new Random(client);
                running.add(clients.submit(() -> {
                    for (int i = 0; i < REQUESTS / CLIENTS; i++) {
                        act(server, texts, random, right);
                    }
                    return null;
                }));
            }
            for (Future<?> client : running) {
                client.get();
            }
            TestServer.await(
                    "all answers have ended",
                    () -> server.generator().statistics().running()
                                    + server.generator().statistics().queued()
                            == 0);
            assertTrue(right.get() > REQUESTS / 4, right + " answers compared");
            for (Asked text : texts) {
                same(text, server.ok("/v1/completions", text.body()));
            }
            server.client().shutdownNow();
            TestServer.await("all connections have ended", () -> server.server().connections() == 0);
            if (descriptors >= 0) {
                TestServer.await("no file stays open", () -> {
                    try {
                        // The client's own selector has gone; a few of the machine's may have come.
                        return descriptors() <= descriptors + 4;
                    } catch (IOException e) {
                        return false;
                    }
                });
            }
        }
    }

    private static void act(TestServer server, List<Asked> texts, Random random, AtomicInteger right) throws Exception {
        int i = random.nextInt(TEXTS);
        Asked text = texts.get(i);
        switch (random.nextInt(8)) {
            case 0 -> leave(server, body(i, true), random.nextInt(600));
            case 1 -> leave(server, body(i, false), 0);
            case 2 -> readSlowly(server, body(i, true));
            case 3 -> {
                byte[] hostile = text.body().getBytes(StandardCharsets.UTF_8);
                hostile[random.nextInt(hostile.length)] = (byte) random.nextInt(128);
                int status = server.post("/v1/completions", new String(hostile, StandardCharsets.UTF_8))
                        .statusCode();
                assertTrue(status == 200 || status == 400 || status == 429, "status " + status);
            }
            case 4 ->
                assertEquals(
                        413,
                        server.post("/v1/completions", "{\"prompt\": \"" + "a".repeat(5_000) + "\"}")
                                .statusCode());
            default -> {
                HttpResponse<String> answer = server.post("/v1/completions", text.body());
                if (answer.statusCode() != 429) {
                    assertEquals(200, answer.statusCode(), answer.body());
                    same(text, TestServer.MAPPER.readTree(answer.body()));
                    right.incrementAndGet();
                }
            }
        }
    }

    /** REQ-DEC-006. */
    private static void same(Asked text, JsonNode answer) {
        assertEquals(text.choices(), answer.get("choices"), text.body());
        assertEquals(text.hashes(), answer.get("threehalf"), text.body());
    }

    private static Socket ask(TestServer server, String body) throws IOException {
        Socket socket = new Socket("127.0.0.1", server.server().port());
        socket.setSoTimeout(60_000);
        socket.getOutputStream()
                .write(
                        ("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: "
                                        + body.length() + "\r\n\r\n" + body)
                                .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** Reads some bytes, and goes. */
    private static void leave(TestServer server, String body, int bytes) throws IOException {
        try (Socket socket = ask(server, body)) {
            socket.getInputStream().readNBytes(bytes);
        }
    }

    private static void readSlowly(TestServer server, String body) throws IOException, InterruptedException {
        try (Socket socket = ask(server, body)) {
            InputStream in = socket.getInputStream();
            StringBuilder text = new StringBuilder();
            byte[] some = new byte[400];
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                text.append(new String(some, 0, n, StandardCharsets.US_ASCII));
                Thread.sleep(2);
            }
            assertTrue(text.indexOf("[DONE]") > 0 || text.indexOf(" 429 ") > 0, text.toString());
        }
    }
}
