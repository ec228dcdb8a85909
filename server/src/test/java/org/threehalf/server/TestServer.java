package org.threehalf.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.BatchDecoder;
import org.threehalf.backends.spi.decoder.ForwardingBatchDecoder;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.batch.BatchGenerator;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.tokenizer.Tokenizer;
import org.threehalf.kernels.io.Sha256;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server with a tiny random model on a free port of the loopback address, and a client for it. */
final class TestServer implements AutoCloseable {
    static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final Path file;
    private final LanguageModel model;
    private final Backend backend;
    private final BatchGenerator generator;
    private final InferenceServer server;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private TestServer(
            ServerOptions options,
            int slots,
            int context,
            int queue,
            BiFunction<LanguageModel, BatchDecoder, BatchDecoder> decoder)
            throws IOException {
        file = Files.createTempFile("threehalf-server-test", ".gguf");
        try (InputStream in = Objects.requireNonNull(TinyModels.class.getResourceAsStream("decoder/llama3.gguf"))) {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        }
        model = LanguageModel.open(file);
        backend = BackendProvider.named("reference").open();
        generator = new BatchGenerator(
                decoder.apply(model, backend.batchDecoder(model.weights(), context, slots)),
                model.tokenizer().vocabulary(),
                backend.workers(),
                queue);
        ServedModel served = new ServedModel(
                "tiny",
                Sha256.of(file),
                Files.size(file),
                Map.of("F32", 3),
                "reference",
                "0-test",
                null,
                null,
                Set.of(),
                model.tokenizer(),
                this::chat,
                1_700_000_000);
        server = InferenceServer.start(options, served, generator);
    }

    /** Roles and contents as lines; refuses a conversation that ends with the assistant. */
    private int[] chat(List<ServedModel.Turn> turns) {
        if (turns.getLast().role().equals("assistant")) {
            throw new IllegalArgumentException("the last message must be the user's");
        }
        StringBuilder text = new StringBuilder();
        turns.forEach(
                turn -> text.append(turn.role(), 0, 1).append(turn.content()).append('\n'));
        return model.tokenizer().encodePrompt(text.toString());
    }

    static TestServer start() throws IOException {
        return start(ServerOptions.local(0), 4, 64, 64);
    }

    static TestServer start(ServerOptions options, int slots, int context, int queue) throws IOException {
        return new TestServer(options, slots, context, queue, (model, right) -> right);
    }

    /** With a decoder that takes its time at every step, so that answers last. */
    static TestServer slow(ServerOptions options, int slots, int context, int queue, Duration step) throws IOException {
        return new TestServer(options, slots, context, queue, (model, right) -> new SlowDecoder(right, step));
    }

    /** With a decoder that has every answer be a text. */
    static TestServer saying(ServerOptions options, int context, String text) throws IOException {
        return new TestServer(
                options,
                1,
                context,
                4,
                (model, right) -> new SayingDecoder(
                        right,
                        model.tokenizer().encode(text),
                        model.tokenizer().vocabulary().end()));
    }

    private static final class SayingDecoder extends ForwardingBatchDecoder {
        private final int[] text;
        private final int end;
        private int drawn;

        private SayingDecoder(BatchDecoder right, int[] text, int end) {
            super(right);
            this.text = text;
            this.end = end;
        }

        @Override
        public void forward(List<Feed> feeds) {
            right.forward(feeds);
            for (Feed feed : feeds) {
                // An answer begins after its prompt.
                drawn = feed.tokens().length > 1 ? 0 : drawn;
                for (float[] logits : feed.logits()) {
                    logits[drawn < text.length ? text[drawn] : end] = 1e6f;
                    drawn++;
                }
            }
        }
    }

    private static final class SlowDecoder extends ForwardingBatchDecoder {
        private final Duration step;

        private SlowDecoder(BatchDecoder right, Duration step) {
            super(right);
            this.step = step;
        }

        @Override
        public void forward(List<Feed> feeds) {
            try {
                Thread.sleep(step);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            right.forward(feeds);
        }
    }

    InferenceServer server() {
        return server;
    }

    Tokenizer tokenizer() {
        return model.tokenizer();
    }

    BatchGenerator generator() {
        return generator;
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(60));
    }

    HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).build());
    }

    HttpRequest postOf(String path, String json) {
        return request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
    }

    HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return send(postOf(path, json));
    }

    JsonNode ok(String path, String json) throws IOException, InterruptedException {
        HttpResponse<String> response = post(path, json);
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + ": " + response.body());
        }
        return MAPPER.readTree(response.body());
    }

    HttpClient client() {
        return client;
    }

    /** Waits for what must come to be. */
    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("did not come to be within a minute: " + what);
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        server.close();
        generator.close();
        backend.close();
        model.close();
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
