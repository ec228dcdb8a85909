package org.threehalf.server;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Phaser;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.batch.BatchGenerator;
import org.threehalf.inference.batch.GenerationRequest;
import org.threehalf.kernels.io.Sha256;

/**
 * Listens, and answers in the terms of the OpenAI API.
 *
 * <p>One event loop reads and writes; texts are taken apart on virtual threads; tokens are made by the
 * {@link BatchGenerator}'s own thread. A client that goes away is noticed by the event loop, which reads its connection
 * all the time, and its answers end with the step that is being computed.
 *
 * <p>A server on a loopback address answers to loopback names in {@code Host} alone, and bodies must be
 * {@code application/json}: so no page of another site can use it through a visitor's browser.
 */
public final class InferenceServer implements AutoCloseable {
    private static final String EVENTS = "text/event-stream";
    private static final String JSON = "application/json";
    /**
     * Requests whose texts are taken apart at once; others wait. Bounds the memory for bodies on the way to the queue.
     */
    private static final int READING = 8;
    /** Bytes from which a body is large: large ones are taken apart one after the other, and hold up no small one. */
    private static final int LARGE = 128 << 10;
    /** How often a connection is looked at on which an answer is made. */
    private static final int LOOK_MILLIS = 500;

    /** Bytes of all bodies that have come and are not taken apart yet. */
    private static final int BODIES = 64 << 20;
    /**
     * Bytes of a stream that wait for a client that does not read them; whoever lets more wait is taken to have gone. A
     * context of tokens is less than that.
     */
    private static final int UNREAD = 1 << 20;
    /** Tokens, with the alternatives to each, of a whole answer with log-probabilities; streams need no such limit. */
    private static final int MOST_PROBABILITIES = 100_000;

    /** How long a stop waits for what was generated to be written. */
    private static final int WRITE_SECONDS = 5;

    private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "127.0.0.1", "::1", "[::1]");
    private static final Map<String, String> PAGE =
            Map.of("/", "index.html", "/app.js", "app.js", "/style.css", "style.css");
    private static final Map<String, String> TYPES = Map.of(
            "html",
            "text/html; charset=utf-8",
            "js",
            "text/javascript; charset=utf-8",
            "css",
            "text/css; charset=utf-8");

    private final ServerOptions options;
    private final ServedModel model;
    private final BatchGenerator generator;
    private final ServerMetrics metrics;
    private final Vertx vertx;
    private final HttpServer server;
    private final Semaphore reading = new Semaphore(READING);
    private final Semaphore readingLarge = new Semaphore(1);
    private final AtomicInteger connections = new AtomicInteger();
    // Of the event loop alone.
    private final Map<HttpConnection, Waiting> waiting = new IdentityHashMap<>();
    private final Map<HttpConnection, ReadAhead> watched = new IdentityHashMap<>();
    /** Connections on which no further request is answered. */
    private final Set<HttpConnection> last = Collections.newSetFromMap(new IdentityHashMap<>());

    private int bodyBytes;
    /** A party for each request whose response is not written yet, and one for the server. */
    private final Phaser unanswered = new Phaser(1);

    private final boolean loopback;
    private final byte @Nullable [] keyDigest;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean stopping;

    private InferenceServer(ServerOptions options, ServedModel model, BatchGenerator generator) throws IOException {
        this.options = options;
        this.model = model;
        this.generator = generator;
        this.metrics = new ServerMetrics(model, generator);
        this.keyDigest = options.apiKey() == null ? null : digest(options.apiKey());
        InetAddress address = InetAddress.getByName(options.host());
        this.loopback = address.isLoopbackAddress();
        this.vertx = Vertx.vertx(
                new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1).setInternalBlockingPoolSize(1));
        this.server = vertx.createHttpServer(new HttpServerOptions()
                .setHost(address.getHostAddress())
                .setPort(options.port())
                .setHttp2ClearTextEnabled(false)
                .setMaxHeaderSize(16 << 10)
                .setMaxInitialLineLength(8 << 10)
                .setMaxFormAttributeSize(0)
                .setHandle100ContinueAutomatically(true)
                // Of the system's too, which would let megabytes wait in it for each client that does not read.
                .setSendBufferSize(128 << 10)
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                // Longer than any answer takes: a connection on which nothing happens for that long is dead, or is held
                // to use us up.
                .setIdleTimeout(Math.toIntExact(options.answerTimeout().toSeconds()
                        + options.bodyTimeout().toSeconds()
                        + 5)));
        server.requestHandler(this::handle);
        server.invalidRequestHandler(this::refuseInvalid);
        server.connectionHandler(connection -> {
            Waiting idle = new Waiting(connection);
            waiting.put(connection, idle);
            watched.put(connection, ReadAhead.of(connection));
            connection.closeHandler(closed -> {
                connections.decrementAndGet();
                waiting.remove(connection);
                watched.remove(connection);
                last.remove(connection);
                idle.end();
            });
            if (connections.incrementAndGet() > options.connectionLimit()) {
                connection.close();
            }
        });
    }

    /**
     * Closes a connection on which no request begins for as long as a body may take: its head comes too slowly, or none
     * comes. Of the event loop alone.
     */
    private final class Waiting {
        private final HttpConnection connection;
        private int running;
        private long timer = -1;

        private Waiting(HttpConnection connection) {
            this.connection = connection;
            begin();
        }

        private void begin() {
            timer = vertx.setTimer(options.bodyTimeout().toMillis(), late -> connection.close());
        }

        private void end() {
            vertx.cancelTimer(timer);
        }

        private void requested() {
            running++;
            end();
        }

        private void answered() {
            if (--running == 0 && waiting.containsKey(connection)) {
                begin();
            }
        }
    }

    /**
     * Starts to listen.
     *
     * @param options how to behave
     * @param model what is told of the model
     * @param generator makes the answers; stays the caller's, who closes it after this
     * @throws IOException if the address cannot be listened on
     */
    public static InferenceServer start(ServerOptions options, ServedModel model, BatchGenerator generator)
            throws IOException {
        InferenceServer server;
        try {
            server = new InferenceServer(options, model, generator);
        } catch (UnknownHostException e) {
            throw new IOException("--host " + options.host() + ": no such address", e);
        }
        try {
            await(server.server.listen());
        } catch (IOException e) {
            server.close();
            throw new IOException(
                    "cannot listen on %s, port %d: %s".formatted(options.host(), options.port(), e.getMessage()), e);
        }
        return server;
    }

    private static void await(io.vertx.core.Future<?> future) throws IOException {
        try {
            future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause().getMessage()), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("no answer within a minute", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** The port that is listened on. */
    public int port() {
        return server.actualPort();
    }

    /** Connections that are open. */
    int connections() {
        return connections.get();
    }

    private void handle(HttpServerRequest request) {
        if (last.contains(request.connection())) {
            request.connection().close();
            return;
        }
        unanswered.register();
        Waiting idle = waiting.get(request.connection());
        if (idle != null) {
            idle.requested();
        }
        ReadAhead watch = watched.get(request.connection());
        request.response().endHandler(disposed -> {
            unanswered.arriveAndDeregister();
            if (watch != null) {
                watch.end();
            }
            if (idle != null) {
                idle.answered();
            }
            if (last.contains(request.connection())) {
                request.connection().close();
            }
        });
        request.exceptionHandler(broken -> {});
        request.response().exceptionHandler(broken -> {});
        try {
            requireFraming(request);
            requireHost(request);
            route(request);
        } catch (ApiException refused) {
            refuse(request, refused);
        } catch (RuntimeException fault) {
            // Ours. Whoever asks is told, and the event loop goes on.
            refuse(request, ApiException.of(500, "server_error", null, fault.toString()));
        }
    }

    private void route(HttpServerRequest request) {
        String path = request.path() == null ? "/" : request.path();
        String file = PAGE.get(path);
        if (file != null) {
            requireMethod(request, HttpMethod.GET);
            page(request, file);
            return;
        }
        switch (path) {
            case "/health" -> {
                requireMethod(request, HttpMethod.GET);
                boolean ok = !stopping && generator.isAlive();
                answer(
                        request,
                        ok ? 200 : 503,
                        AnswerWriter.object(node -> node.put("status", ok ? "ok" : stopping ? "stopping" : "failed")));
            }
            case "/metrics" -> {
                requireKey(request);
                requireMethod(request, HttpMethod.GET);
                request.response()
                        .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                        .end(metrics.text());
            }
            case "/v1/models" -> {
                requireKey(request);
                requireMethod(request, HttpMethod.GET);
                answer(request, 200, AnswerWriter.object(node -> {
                    node.put("object", "list");
                    describe(node.putArray("data").addObject());
                }));
            }
            case "/v1/threehalf/attestation" -> {
                requireKey(request);
                requireMethod(request, HttpMethod.GET);
                answer(request, 200, attestation());
            }
            case "/v1/chat/completions", "/v1/completions" -> {
                requireKey(request);
                requireMethod(request, HttpMethod.POST);
                body(request, (bytes, free) -> complete(request, bytes, free, path.equals("/v1/chat/completions")));
            }
            case "/v1/embeddings" -> {
                requireKey(request);
                throw ApiException.of(
                        404, "invalid_request_error", "not_supported", "this model makes text, no embeddings");
            }
            default -> {
                requireKey(request);
                if (decoded(path).equals("/v1/models/" + model.name())) {
                    requireMethod(request, HttpMethod.GET);
                    answer(request, 200, AnswerWriter.object(this::describe));
                    return;
                }
                throw ApiException.of(
                        404,
                        "invalid_request_error",
                        path.startsWith("/v1/models/") ? "model_not_found" : "not_found",
                        "nothing is at " + path);
            }
        }
    }

    private static String decoded(String path) {
        try {
            return URI.create(path).getPath();
        } catch (IllegalArgumentException noUri) {
            return path;
        }
    }

    private void describe(tools.jackson.databind.node.ObjectNode node) {
        node.put("id", model.name())
                .put("object", "model")
                .put("created", model.created())
                .put("owned_by", "threehalf");
    }

    private String attestation() {
        return AnswerWriter.object(node -> {
            node.put("model", model.name()).put("model_sha256", model.sha256()).put("model_bytes", model.bytes());
            var formats = node.putObject("formats");
            model.formats().forEach(formats::put);
            node.put("backend", model.backend())
                    .put("version", model.version())
                    .put("evidence_sha256", model.evidenceSha256());
            node.put("chat_template_sha256", model.chatTemplateSha256());
            var ignored = node.putArray("ignored_keys");
            new TreeSet<>(model.ignoredKeys()).forEach(ignored::add);
            node.put("system_fingerprint", model.fingerprint());
            node.put(
                    "says",
                    "what this server says of itself; it is not signed. The same model, formats, chat template, ignored keys and version give the same bits on every backend: ask for threehalf.logits_sha256 and compare");
        });
    }

    private static void requireMethod(HttpServerRequest request, HttpMethod method) {
        if (!request.method().equals(method)
                && !(method.equals(HttpMethod.GET) && request.method().equals(HttpMethod.HEAD))) {
            request.response().putHeader("Allow", method.name());
            throw ApiException.of(
                    405,
                    "invalid_request_error",
                    "method_not_allowed",
                    "%s %s: only %s is".formatted(request.method(), request.path(), method));
        }
    }

    /** What Netty takes for no request: a head that is too long or is none. */
    private void refuseInvalid(HttpServerRequest request) {
        Throwable cause =
                request.decoderResult() == null ? null : request.decoderResult().cause();
        ApiException refused = switch (cause) {
            case TooLongHttpLineException line ->
                ApiException.of(414, "invalid_request_error", "uri_too_long", "the request's first line is too long");
            case TooLongHttpHeaderException head ->
                ApiException.of(431, "invalid_request_error", "header_too_long", "the request's header is too long");
            case null, default ->
                ApiException.of(400, "invalid_request_error", "bad_request", "this is no HTTP request");
        };
        request.response().exceptionHandler(broken -> {});
        request.response().putHeader("Connection", "close");
        answer(
                request,
                refused.status(),
                AnswerWriter.error(refused.type(), null, refused.code(), String.valueOf(refused.getMessage())));
    }

    /**
     * A request whose end others could see elsewhere is refused or is the last one of its connection (RFC 9112,
     * sections 6.1 and 6.3): what follows it must not be taken for a request that a proxy did not see.
     */
    private void requireFraming(HttpServerRequest request) {
        List<String> codings = request.headers().getAll("Transfer-Encoding");
        if (codings.isEmpty()) {
            String expected = request.getHeader("Expect");
            if (expected != null && !expected.equalsIgnoreCase("100-continue")) {
                throw ApiException.of(
                        417, "invalid_request_error", "expectation_failed", "Expect: only 100-continue is");
            }
            return;
        }
        // Netty has taken a Content-Length beside it away: whether there was one cannot be told.
        last.add(request.connection());
        request.response().putHeader("Connection", "close");
        if (request.version() != HttpVersion.HTTP_1_1) {
            throw ApiException.of(400, "invalid_request_error", "bad_request", "Transfer-Encoding is of HTTP/1.1");
        }
        if (codings.size() != 1 || !codings.getFirst().strip().equalsIgnoreCase("chunked")) {
            throw ApiException.of(
                    501, "invalid_request_error", "not_implemented", "Transfer-Encoding: only chunked is");
        }
    }

    /** A page of another site whose name has been made to point here is not answered. */
    private void requireHost(HttpServerRequest request) {
        List<String> hosts = request.headers().getAll("Host");
        if (hosts.size() > 1 || hosts.isEmpty() && request.version() == HttpVersion.HTTP_1_1) {
            throw ApiException.of(400, "invalid_request_error", "bad_request", "a request has one Host");
        }
        if (!loopback) {
            return;
        }
        // Before HTTP/1.1 there need be none; browsers always send one.
        boolean own = hosts.isEmpty()
                || isOwn(request.authority() == null ? "" : request.authority().host());
        if (own && !request.uri().startsWith("/")) {
            // The whole address of what is asked for counts more than Host.
            try {
                URI uri = new URI(request.uri());
                own = uri.getHost() == null ? request.uri().equals("*") : isOwn(uri.getHost());
            } catch (URISyntaxException none) {
                own = false;
            }
        }
        if (!own) {
            throw ApiException.of(
                    403,
                    "invalid_request_error",
                    "host_not_allowed",
                    "this server listens on a loopback address and answers to its names alone");
        }
    }

    private boolean isOwn(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        return LOOPBACK_NAMES.contains(name) || name.equals(options.host().toLowerCase(Locale.ROOT));
    }

    private void requireKey(HttpServerRequest request) {
        if (keyDigest == null) {
            return;
        }
        String header = request.getHeader("Authorization");
        String given = header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)
                ? header.substring(7).strip()
                : "";
        // Of digests, in a time that does not tell how much of the key is right.
        if (!MessageDigest.isEqual(keyDigest, digest(given))) {
            request.response().putHeader("WWW-Authenticate", "Bearer");
            throw ApiException.of(401, "invalid_request_error", "invalid_api_key", "the API key is missing or wrong");
        }
    }

    private static byte[] digest(String text) {
        return Sha256.digest().digest(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Takes a body within its limits of size and time.
     *
     * @param then gets it, and what is to be run on the event loop when it is needed no more
     */
    private void body(HttpServerRequest request, BiConsumer<byte[], Runnable> then) {
        String type = request.getHeader("Content-Type");
        if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(JSON)) {
            throw ApiException.of(415, "invalid_request_error", "unsupported_media_type", "the body must be " + JSON);
        }
        String coding = request.getHeader("Content-Encoding");
        if (coding != null && !coding.strip().equalsIgnoreCase("identity")) {
            throw ApiException.of(
                    415,
                    "invalid_request_error",
                    "unsupported_media_type",
                    "a body with Content-Encoding is not read: send it plain");
        }
        String length = request.getHeader("Content-Length");
        if (length != null && (length.length() > 9 || Integer.parseInt(length) > options.bodyLimit())) {
            throw tooLarge();
        }
        Buffer body = Buffer.buffer();
        boolean[] over = {false};
        Runnable end = () -> {
            bodyBytes -= over[0] ? 0 : body.length();
            over[0] = true;
        };
        request.response().closeHandler(gone -> end.run());
        long timer = vertx.setTimer(options.bodyTimeout().toMillis(), late -> {
            end.run();
            refuse(
                    request,
                    ApiException.of(
                            408,
                            "invalid_request_error",
                            "timeout",
                            "the body did not come within "
                                    + options.bodyTimeout().toSeconds() + " s"));
        });
        request.handler(more -> {
            if (over[0]) {
                return;
            }
            boolean tooLarge = body.length() + more.length() > options.bodyLimit();
            if (tooLarge || bodyBytes + more.length() > BODIES) {
                end.run();
                vertx.cancelTimer(timer);
                refuse(
                        request,
                        tooLarge
                                ? tooLarge()
                                : ApiException.of(
                                        503,
                                        "server_error",
                                        "busy",
                                        "too many large requests at once: try again later"));
            } else {
                body.appendBuffer(more);
                bodyBytes += more.length();
            }
        });
        request.exceptionHandler(broken -> {
            end.run();
            vertx.cancelTimer(timer);
        });
        request.endHandler(ended -> {
            vertx.cancelTimer(timer);
            if (!over[0]) {
                // Counted until it is taken apart.
                int counted = body.length();
                over[0] = true;
                then.accept(body.getBytes(), () -> bodyBytes -= counted);
            }
        });
    }

    private ApiException tooLarge() {
        return ApiException.of(
                413,
                "invalid_request_error",
                "request_too_large",
                "the body has more than %,d bytes".formatted(options.bodyLimit()));
    }

    /**
     * Reads the request on a virtual thread, which is interrupted when nobody waits for it any more; everything that is
     * written goes through the event loop.
     */
    private void complete(HttpServerRequest request, byte[] body, Runnable free, boolean chat) {
        Context loop = vertx.getOrCreateContext();
        Exchange exchange = new Exchange(request, loop);
        request.response().closeHandler(gone -> exchange.gone());
        Semaphore permits = body.length < LARGE ? reading : readingLarge;
        Thread reader = Thread.ofVirtual().unstarted(() -> {
            boolean acquired = false;
            try {
                permits.acquire();
                acquired = true;
                if (!exchange.closed) {
                    submit(exchange, RequestReader.read(body, chat, model.name()));
                }
            } catch (ApiException refused) {
                exchange.refuse(refused);
            } catch (InterruptedException | CancellationException unwanted) {
                exchange.failed(new IllegalStateException("the request was given up before it was read"));
            } catch (RuntimeException | StackOverflowError e) {
                exchange.failed(
                        e instanceof RuntimeException r
                                ? r
                                : new IllegalStateException("the request could not be read", e));
            } catch (OutOfMemoryError full) {
                exchange.refuse(ApiException.of(
                        503,
                        "server_error",
                        "busy",
                        "memory does not suffice to read the request: try again later, or with a shorter one"));
            } finally {
                exchange.isRead();
                if (acquired) {
                    permits.release();
                }
                loop.runOnContext(now -> free.run());
            }
        });
        exchange.reader = reader;
        reader.start();
    }

    /** Refuses at once what cannot fit, however its tokens are chosen. */
    private void requireRoom(CompletionRequest request) {
        long characters = request.chat()
                ? request.messages().stream()
                        .mapToLong(message -> message.content().length())
                        .sum()
                : request.prompts().stream()
                        .mapToLong(prompt -> prompt instanceof CompletionRequest.Text(String text) ? text.length() : 0)
                        .max()
                        .orElse(0);
        long least = model.tokenizer().leastTokens(characters);
        if (least >= generator.context()) {
            throw ApiException.tooLong(
                    request.chat() ? "messages" : "prompt",
                    "the prompt has at least %,d tokens; the context of %,d must hold the answer too"
                            .formatted(least, generator.context()));
        }
    }

    private void submit(Exchange exchange, CompletionRequest request) {
        requireRoom(request);
        String id = (request.chat() ? "chatcmpl-" : "cmpl-")
                + UUID.randomUUID().toString().replace("-", "");
        long seed = request.seed() == null ? System.nanoTime() : request.seed();
        List<GenerationRequest> requests = new ArrayList<>();
        for (int[] prompt : AnswerWriter.prompts(request, model)) {
            int room = generator.context() - prompt.length;
            if (room < 1) {
                throw ApiException.tooLong(
                        request.chat() ? "messages" : "prompt",
                        "the prompt has %,d tokens; the context of %,d must hold the answer too"
                                .formatted(prompt.length, generator.context()));
            }
            // OpenAI's own default for completions.
            int most = request.most() == 0 ? (request.chat() ? room : 16) : request.most();
            for (int i = 0; i < request.choices(); i++) {
                try {
                    requests.add(new GenerationRequest(
                            prompt, most, request.sampling(), seed + i, request.alternatives(), request.hashLogits()));
                } catch (IllegalArgumentException refused) {
                    throw ApiException.invalid(request.chat() ? "messages" : "prompt", refused.getMessage());
                }
            }
        }
        if (requests.size() > generator.mostRequests()) {
            throw ApiException.invalid(
                    "n",
                    "%,d answers to one request; there is room for %,d"
                            .formatted(requests.size(), generator.mostRequests()));
        }
        long probabilities = requests.stream()
                .mapToLong(r -> Math.min(r.most(), generator.context() - r.prompt().length) * (r.alternatives() + 1L))
                .sum();
        if (!request.stream() && probabilities > MOST_PROBABILITIES) {
            throw ApiException.invalid(
                    "logprobs",
                    "log-probabilities of up to %,d tokens in one answer; at most %,d: ask for fewer tokens or a stream"
                            .formatted(probabilities, MOST_PROBABILITIES));
        }
        AnswerWriter writer =
                new AnswerWriter(request, model, id, System.currentTimeMillis() / 1000, requests.size(), exchange);
        exchange.stream = request.stream();
        try {
            // What a stream begins with comes first, and nothing of it where the requests are not taken: tokens may
            // come before submit returns.
            exchange.hold();
            writer.begin();
            writer.taken(generator.submit(requests, writer.listeners()));
            exchange.taken(writer);
        } catch (RejectedExecutionException full) {
            exchange.refuse(ApiException.of(
                    stopping ? 503 : 429,
                    stopping ? "server_error" : "rate_limit_error",
                    stopping ? "stopping" : "queue_full",
                    full.getMessage()));
        } catch (IllegalArgumentException refused) {
            exchange.refuse(ApiException.invalid("prompt", refused.getMessage()));
        } finally {
            exchange.release();
        }
    }

    /** One request and its response. What the generating thread says is written by the event loop. */
    private final class Exchange implements AnswerWriter.Sink {
        private final HttpServerRequest request;
        private final HttpServerResponse response;
        private final Context loop;
        private final long timer;
        private final long look;
        private final @Nullable ReadAhead watch;
        private volatile boolean closed;
        private volatile boolean stream;
        private @Nullable Thread reader;
        private @Nullable AnswerWriter writer;
        private final List<Runnable> held = new ArrayList<>();
        private boolean holding;
        /** Of the event loop alone. */
        private int unread;

        private Exchange(HttpServerRequest request, Context loop) {
            this.request = request;
            this.response = request.response();
            this.loop = loop;
            this.watch = watched.get(request.connection());
            if (watch != null) {
                watch.begin();
            }
            this.look = vertx.setPeriodic(LOOK_MILLIS, now -> look());
            this.timer = vertx.setTimer(options.answerTimeout().toMillis(), late -> {
                failed(new IllegalStateException("the answer was not done within %,d s"
                        .formatted(options.answerTimeout().toSeconds())));
                gone();
            });
        }

        private void look() {
            if (closed || response.ended() || response.closed()) {
                vertx.cancelTimer(look);
            } else if (watch != null) {
                watch.look();
            }
        }

        /** The request is taken apart: nothing is to be interrupted. */
        private synchronized void isRead() {
            reader = null;
        }

        /** Events wait until {@link #release}: the beginning of a stream is written before its first token. */
        private synchronized void hold() {
            holding = true;
        }

        private void release() {
            List<Runnable> waiting;
            synchronized (this) {
                holding = false;
                waiting = List.copyOf(held);
                held.clear();
                waiting.forEach(event -> loop.runOnContext(now -> event.run()));
            }
        }

        private synchronized void write(Runnable event, boolean first) {
            if (holding && !first) {
                held.add(event);
            } else {
                loop.runOnContext(now -> event.run());
            }
        }

        private void taken(AnswerWriter taken) {
            boolean late;
            synchronized (this) {
                writer = taken;
                late = closed;
            }
            if (late) {
                taken.give();
            }
        }

        /** The client has gone, or nobody will write to it any more. */
        private void gone() {
            AnswerWriter answers;
            synchronized (this) {
                closed = true;
                answers = writer;
                if (reader != null) {
                    reader.interrupt();
                }
            }
            vertx.cancelTimer(timer);
            vertx.cancelTimer(look);
            if (answers != null) {
                answers.give();
            }
        }

        @Override
        public void chunk(String json) {
            write(
                    () -> {
                        if (closed || response.closed() || response.ended()) {
                            return;
                        }
                        if (!response.headWritten()) {
                            response.putHeader("Content-Type", EVENTS)
                                    .putHeader("Cache-Control", "no-cache")
                                    .putHeader("X-Accel-Buffering", "no")
                                    .setChunked(true);
                        }
                        response.write("data: " + json + "\n\n");
                        unread = response.writeQueueFull() ? unread + json.length() : 0;
                        if (unread > UNREAD) {
                            gone();
                            // When what waits is read, or after the idle time.
                            request.connection().close();
                        }
                    },
                    false);
        }

        @Override
        public void whole(String json) {
            write(
                    () -> {
                        vertx.cancelTimer(timer);
                        answer(request, 200, json);
                    },
                    false);
        }

        @Override
        public void done() {
            write(
                    () -> {
                        vertx.cancelTimer(timer);
                        if (!closed && !response.closed() && !response.ended()) {
                            response.end("data: [DONE]\n\n");
                        }
                    },
                    false);
        }

        private void refuse(ApiException refused) {
            write(
                    () -> {
                        vertx.cancelTimer(timer);
                        InferenceServer.this.refuse(request, refused);
                    },
                    true);
        }

        @Override
        public void failed(RuntimeException cause) {
            String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
            write(
                    () -> {
                        vertx.cancelTimer(timer);
                        if (!response.headWritten()) {
                            InferenceServer.this.refuse(request, ApiException.of(500, "server_error", null, message));
                        } else if (!response.closed() && !response.ended()) {
                            // A stream has begun with 200: the error is its last event, and no [DONE] follows.
                            response.end("data: " + AnswerWriter.error("server_error", null, null, message) + "\n\n");
                        }
                    },
                    !stream);
        }
    }

    private void refuse(HttpServerRequest request, ApiException refused) {
        HttpServerResponse response = request.response();
        if (refused.status() == 429 || refused.status() == 503) {
            response.putHeader("Retry-After", "1");
        }
        if (!request.isEnded()) {
            // The rest of the body is not read.
            response.putHeader("Connection", "close");
            response.exceptionHandler(broken -> {});
        }
        boolean unread = !request.isEnded();
        answer(
                request,
                refused.status(),
                AnswerWriter.error(
                        refused.type(), refused.parameter(), refused.code(), String.valueOf(refused.getMessage())));
        if (unread) {
            // After a moment in which a client that is still sending can read why.
            vertx.setTimer(500, later -> request.connection().close());
        }
    }

    private static void answer(HttpServerRequest request, int status, String json) {
        HttpServerResponse response = request.response();
        if (!response.closed() && !response.ended() && !response.headWritten()) {
            response.setStatusCode(status)
                    .putHeader("Content-Type", JSON)
                    .putHeader("Cache-Control", "no-store")
                    .end(json);
        }
    }

    private static void page(HttpServerRequest request, String file) {
        try (InputStream in = InferenceServer.class.getResourceAsStream("page/" + file)) {
            if (in == null) {
                throw new AssertionError("no resource page/" + file);
            }
            request.response()
                    .putHeader("Content-Type", TYPES.get(file.substring(file.indexOf('.') + 1)))
                    .putHeader(
                            "Content-Security-Policy",
                            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
                    .putHeader("X-Content-Type-Options", "nosniff")
                    .putHeader("Referrer-Policy", "no-referrer")
                    .end(Buffer.buffer(in.readAllBytes()));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /**
     * Takes no more requests, lets running answers go on up to the limit of the options, and then stops.
     *
     * @return whether all answers were finished
     */
    public boolean stop() {
        stopping = true;
        boolean finished = generator.drain(options.shutdownLimit());
        if (!finished) {
            generator.abort(new IllegalStateException("the server stops, and the answer was not done in time"));
        }
        // The last tokens may be on their way to the event loop.
        try {
            unanswered.awaitAdvanceInterruptibly(unanswered.arrive(), WRITE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException slow) {
            finished = false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
        return finished;
    }

    /** Stops at once. */
    @Override
    public void close() {
        stopping = true;
        if (closed.getAndSet(true)) {
            return;
        }
        try {
            await(vertx.close());
        } catch (IOException e) {
            // Nothing is left to be done about it: the process ends, or the caller has its other resources to close.
            Thread.currentThread().getUncaughtExceptionHandler().uncaughtException(Thread.currentThread(), e);
        }
        metrics.close();
    }
}
