package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.inference.batch.BatchGenerator;
import org.threehalf.inference.generate.ChatTemplate;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.model.ModelFiles;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.server.InferenceServer;
import org.threehalf.server.ServedModel;
import org.threehalf.server.ServerOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code threehalf serve}: answers over HTTP, in the terms of the OpenAI API. */
@Command(
        name = "serve",
        description = "Answer over HTTP, in the terms of the OpenAI API; a page to chat is at /.",
        footer = {
            "%nAn answer's tokens and the bits of its logits do not depend on who else is asking. Ctrl-C, or SIGTERM, takes no more requests, lets running answers go on for a while, and stops."
        },
        mixinStandardHelpOptions = true)
public final class ServeCommand implements Callable<Integer> {
    private static final int MOST_SLOTS = 1_024;
    private static final int MOST_QUEUED = 100_000;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "address to listen on (default: ${DEFAULT-VALUE}, which keeps everybody else out)")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            description = "port to listen on; 0 takes one that is free (default: ${DEFAULT-VALUE})")
    private int port = 8080;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            description =
                    "what clients must send as a bearer token (default: the environment's THREEHALF_API_KEY, where it is set)")
    private @Nullable String apiKey;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "the model's name in requests (default: the file's name without its ending)")
    private @Nullable String name;

    @Option(
            names = "--slots",
            paramLabel = "N",
            defaultValue = "4",
            description =
                    "answers that are made at once; each has a cache of --context positions (default: ${DEFAULT-VALUE})")
    private int slots = 4;

    @Option(
            names = "--queue",
            paramLabel = "N",
            defaultValue = "64",
            description = "requests that may wait for a slot; more are refused with 429 (default: ${DEFAULT-VALUE})")
    private int queue = 64;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "how long a request may wait and run together (default: ${DEFAULT-VALUE})")
    private int timeout = 600;

    @Option(
            names = "--shutdown-timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "how long running answers may go on when it is to stop (default: ${DEFAULT-VALUE})")
    private int shutdownTimeout = 30;

    @Mixin
    private TemplateOption template = new TemplateOption();

    @Option(
            names = "--evidence",
            paramLabel = "FILE",
            description = "the evidence bundle of this build; its SHA-256 is told at /v1/threehalf/attestation")
    private @Nullable Path evidence;

    @Override
    public Integer call() throws Exception {
        UsageException.requireRange("--port", port, 0, 65_535);
        UsageException.requireRange("--slots", slots, 1, MOST_SLOTS);
        UsageException.requireRange("--queue", queue, 1, MOST_QUEUED);
        UsageException.requireRange("--timeout", timeout, 1, 86_400);
        UsageException.requireRange("--shutdown-timeout", shutdownTimeout, 0, 86_400);
        String key = apiKey == null ? System.getenv("THREEHALF_API_KEY") : apiKey;
        if (key != null && key.isBlank()) {
            throw new UsageException("--api-key, or THREEHALF_API_KEY: it is blank");
        }
        String source = template.source();
        String evidenceHash = evidence == null ? null : Sha256.of(evidence);
        ServerOptions local = ServerOptions.local(port);
        ServerOptions options = new ServerOptions(
                host,
                port,
                key,
                local.bodyLimit(),
                local.connectionLimit(),
                local.bodyTimeout(),
                Duration.ofSeconds(timeout),
                Duration.ofSeconds(shutdownTimeout));
        PrintWriter err = spec.commandLine().getErr();
        if (key == null && !isLoopback()) {
            err.printf(
                    "note: %s is no loopback address and no --api-key is set: whoever reaches this machine can ask%n",
                    host);
            err.flush();
        }
        return model.run(1, slots, err, (opened, device, positions) -> {
            // Before somebody asks: an answer would end in the middle.
            opened.requireFinite();
            return serve(options, opened, device, positions, source, evidenceHash);
        });
    }

    private boolean isLoopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException unknown) {
            throw new UsageException("--host " + host + ": no such address", unknown);
        }
    }

    private int serve(
            ServerOptions options,
            LanguageModel opened,
            Backend device,
            int positions,
            @Nullable String source,
            @Nullable String evidenceHash)
            throws Exception {
        try (BatchGenerator generator = new BatchGenerator(
                device.batchDecoder(opened.weights(), positions, slots),
                opened.tokenizer().vocabulary(),
                device.workers(),
                queue)) {
            ServedModel served = served(opened, device, source, evidenceHash);
            try (InferenceServer server = InferenceServer.start(options, served, generator)) {
                PrintWriter out = spec.commandLine().getOut();
                out.printf(
                        "%s on http://%s:%d/ (backend %s, %d slots of %,d positions, fingerprint %s)%n",
                        served.name(),
                        host.contains(":") ? "[" + host + "]" : host,
                        server.port(),
                        served.backend(),
                        slots,
                        positions,
                        served.fingerprint());
                out.flush();
                awaitSignal(server);
            } catch (IOException cannotListen) {
                // Without its cause, which would be taken for the file's that a command could not read.
                throw new UsageException(String.valueOf(cannotListen.getMessage()));
            }
        }
        return 0;
    }

    /** Until the program is to end; then the server finishes what runs. The program stays alive meanwhile. */
    private void awaitSignal(InferenceServer server) throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            asked.countDown();
                            try {
                                stopped.await(shutdownTimeout + 10L, TimeUnit.SECONDS);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "serve-stop"));
        asked.await();
        boolean finished = server.stop();
        PrintWriter err = spec.commandLine().getErr();
        err.println(
                finished
                        ? "stopped"
                        : "stopped; answers that were not finished within %d s were cut".formatted(shutdownTimeout));
        err.flush();
        stopped.countDown();
    }

    private ServedModel served(
            LanguageModel opened, Backend device, @Nullable String source, @Nullable String evidenceHash)
            throws IOException {
        TreeMap<String, Integer> formats = new TreeMap<>();
        opened.weights()
                .matrices()
                .forEach(matrix -> formats.merge(
                        matrix instanceof Weights.Quantized(var packed)
                                ? packed.format().toString()
                                : "binary32",
                        1,
                        Integer::sum));
        String fileName = String.valueOf(model.file().getFileName());
        ChatTemplate template = template(opened, source);
        return new ServedModel(
                name != null
                        ? name
                        : fileName.endsWith(".gguf") ? fileName.substring(0, fileName.length() - 5) : fileName,
                ModelFiles.sha256(model.file()),
                ModelFiles.bytes(model.file()),
                formats,
                device.name(),
                ThreeHalf.version(),
                evidenceHash,
                template == null ? null : Sha256.of(template.source().getBytes(StandardCharsets.UTF_8)),
                opened.ignoredKeys(),
                opened.tokenizer(),
                template == null ? null : chat(template),
                Files.getLastModifiedTime(model.file()).to(TimeUnit.SECONDS));
    }

    /** The model's template; null where it has none, and then chats are refused and completions are not. */
    private @Nullable ChatTemplate template(LanguageModel opened, @Nullable String source) throws IOException {
        try {
            return ChatTemplate.of(opened.file().metadata(), opened.tokenizer(), source);
        } catch (ModelFormatException none) {
            spec.commandLine()
                    .getErr()
                    .println("note: " + ThreeHalf.printable(String.valueOf(none.getMessage()))
                            + "; /v1/chat/completions is refused");
            return null;
        }
    }

    private static ServedModel.ChatPrompt chat(ChatTemplate chat) {
        return turns -> {
            try {
                List<ChatTemplate.Message> messages = turns.stream()
                        .map(turn -> new ChatTemplate.Message(turn.role(), turn.content()))
                        .toList();
                return chat.tokens(chat.render(messages, true));
            } catch (ModelFormatException refused) {
                throw new IllegalArgumentException(refused.getMessage(), refused);
            }
        };
    }
}
