package org.threehalf.cli.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.cli.bench.CompletionClient.Answer;
import org.threehalf.inference.batch.BatchGenerator;
import org.threehalf.inference.generate.GenerationOptions;
import org.threehalf.inference.generate.Generator;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.generate.TokenStream;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.product.WorkerPool;
import org.threehalf.server.InferenceServer;
import org.threehalf.server.ServedModel;
import org.threehalf.server.ServerOptions;

/**
 * Measures the server: tokens a second of all answers together, and the time to a first token, by clients of its own
 * over the loopback address. Beside it, in the same run: the memory's bandwidth, and the speed of {@code generate},
 * which makes one answer without a server.
 */
final class ServeBench {

    /**
     * What to measure.
     *
     * @param model a GGUF file
     * @param url another server, which has this model; null starts ours
     * @param backend a backend's name, or null for the fastest
     * @param threads threads on the host
     * @param clients numbers of clients
     * @param promptTokens of a prompt; no two prompts begin alike
     * @param tokens of an answer at most
     * @param rounds how often each is measured; the best round counts
     * @param options memory and time of the streaming read
     */
    record Plan(
            Path model,
            @Nullable URI url,
            @Nullable String backend,
            int threads,
            List<Integer> clients,
            int promptTokens,
            int tokens,
            int rounds,
            BenchReport.Options options) {}

    /**
     * Some clients at once.
     *
     * @param clients how many
     * @param answers what came
     * @param seconds from the first question to the last answer
     */
    record Round(int clients, List<Answer> answers, double seconds) {
        int tokens() {
            return answers.stream().mapToInt(Answer::tokens).sum();
        }

        double rate() {
            return tokens() / seconds;
        }

        double waitMillis(double part) {
            long[] waits =
                    answers.stream().mapToLong(Answer::untilFirst).sorted().toArray();
            return waits[(int) Math.round((waits.length - 1) * part)] / 1e6;
        }

        double answerRate() {
            double[] rates = answers.stream().mapToDouble(Answer::rate).sorted().toArray();
            return rates[(rates.length - 1) / 2];
        }
    }

    private static final String TEXT =
            "The library at the corner of the square had been closed for years, and those who remembered it spoke of long tables, green lamps and a "
                    + "silence that was never quite complete. Somebody was always turning a page. In winter the windows steamed over and the reading room smelt of wet wool and old paper, and "
                    + "the clock above the door was seven minutes slow, which everybody knew and nobody mended. When it opened again, ";

    private final Plan plan;
    private final PrintWriter out;
    private final Consumer<String> progress;
    /** Of the prompts so far: none is asked twice. */
    private int asked;

    private ServeBench(Plan plan, PrintWriter out, Consumer<String> progress) {
        this.plan = plan;
        this.out = out;
        this.progress = progress;
    }

    /**
     * Measures and prints.
     *
     * @throws IOException if the model cannot be read, or a server does not answer as it must
     */
    static void run(Plan plan, PrintWriter out, Consumer<String> progress) throws IOException {
        new ServeBench(plan, out, progress).run();
    }

    private void run() throws IOException {
        int most = Collections.max(plan.clients);
        int context = plan.promptTokens + plan.tokens + 1;
        try (LanguageModel model = LanguageModel.open(plan.model)) {
            if (plan.url != null) {
                out.printf(
                        "%s with the prompts of %s: %d tokens each, %d tokens an answer, greedy; best of %d rounds%n",
                        plan.url, model.file().name(), plan.promptTokens, plan.tokens, plan.rounds);
                clients(model, new CompletionClient(plan.url));
                return;
            }
            BenchReport.Machine machine = BenchRun.machine();
            out.printf(
                    "%s, %d processors; Java %s; %s%n",
                    machine.processor(), machine.processors(), machine.java(), machine.time());
            double read = bandwidth();
            try (Backend backend = (plan.backend == null
                            ? BackendProvider.fastest()
                            : BackendProvider.named(plan.backend))
                    .open(plan.threads)) {
                long bytes = model.bytesPerToken(backend);
                out.printf(
                        "streaming read, %d threads: %.1f GB/s at best; %s reads %,d bytes of weights a token: at most %.1f tokens/s for one answer%n",
                        plan.threads, read, model.file().name(), bytes, read * 1e9 / bytes);
                out.printf(
                        "backend %s, %d threads; prompts of %d tokens, answers of %d, greedy; best of %d rounds%n",
                        backend.name(), plan.threads, plan.promptTokens, plan.tokens, plan.rounds);
                Generator.Run alone = generate(model, backend, context);
                out.printf(
                        "generate, without a server: prompt %.1f tokens/s, then %.1f tokens/s (%.0f %% of the limit)%n",
                        alone.promptRate(), alone.rate(), 100 * alone.rate() * bytes / read / 1e9);
                out.flush();
                ServedModel served = new ServedModel(
                        model.file().name(),
                        Sha256.of(plan.model),
                        plan.model.toFile().length(),
                        Map.of(),
                        backend.name(),
                        "bench",
                        null,
                        null,
                        Set.of(),
                        model.tokenizer(),
                        null,
                        0);
                try (BatchGenerator generator = new BatchGenerator(
                                backend.batchDecoder(model.weights(), context, most),
                                model.tokenizer().vocabulary(),
                                backend.workers(),
                                most);
                        InferenceServer server = InferenceServer.start(ServerOptions.local(0), served, generator)) {
                    clients(model, new CompletionClient(URI.create("http://127.0.0.1:" + server.port())));
                }
            }
        }
    }

    private double bandwidth() {
        progress.accept("streaming read, " + plan.threads + " threads");
        try (Ring ring = new Ring(plan.options.ringBytes());
                WorkerPool pool = new WorkerPool(plan.threads)) {
            return ring.bytes()
                    / StreamingRead.measure(ring, pool, 4_000_000L * plan.options.millis())
                            .min();
        }
    }

    private Generator.Run generate(LanguageModel model, Backend backend, int context) {
        Generator.Run best = null;
        try (Decoder decoder = backend.decoder(model.weights(), context)) {
            for (int round = 0; round <= plan.rounds; round++) {
                progress.accept("generate, round " + round);
                TokenStream answer = TokenStream.of(
                        decoder,
                        model.tokenizer(),
                        prompt(model),
                        GenerationOptions.DEFAULT.withTemperature(0).withTokens(plan.tokens));
                answer.text();
                // The first one is cold.
                best = round > 0 && (best == null || answer.run().rate() > best.rate()) ? answer.run() : best;
            }
        }
        if (best == null) {
            throw new AssertionError("no round");
        }
        return best;
    }

    private void clients(LanguageModel model, CompletionClient client) throws IOException {
        out.printf(
                "%8s %8s %8s %10s %7s %14s %14s %16s%n",
                "clients",
                "answers",
                "tokens",
                "tokens/s",
                "x one",
                "first ms (50%)",
                "first ms (max)",
                "an answer's tok/s");
        progress.accept("warming up");
        round(model, client, Collections.max(plan.clients));
        round(model, client, 1);
        double one = 0;
        for (int count : plan.clients) {
            Round best = null;
            for (int i = 0; i < plan.rounds; i++) {
                progress.accept("%d clients, round %d".formatted(count, i + 1));
                Round round = round(model, client, count);
                best = best == null || round.rate() > best.rate() ? round : best;
            }
            if (best == null) {
                throw new AssertionError("no round");
            }
            one = count == 1 ? best.rate() : one;
            out.printf(
                    "%8d %8d %8d %10.1f %7s %14.1f %14.1f %16.1f%n",
                    count,
                    best.answers.size(),
                    best.tokens(),
                    best.rate(),
                    one == 0 ? "-" : "%.2f".formatted(best.rate() / one),
                    best.waitMillis(0.5),
                    best.waitMillis(1),
                    best.answerRate());
            out.flush();
        }
    }

    private Round round(LanguageModel model, CompletionClient client, int count) throws IOException {
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            prompts.add(prompt(model));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long begin = System.nanoTime();
            List<Future<Answer>> answers = prompts.stream()
                    .map(prompt -> threads.submit(() -> client.ask(prompt, plan.tokens)))
                    .toList();
            List<Answer> whole = new ArrayList<>();
            for (Future<Answer> answer : answers) {
                whole.add(answer.get());
            }
            return new Round(count, whole, (System.nanoTime() - begin) / 1e9);
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof IOException refused ? refused : new IOException(failed.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** A text that nobody was asked before: not even its beginning can be taken over. */
    private int[] prompt(LanguageModel model) {
        String text = "%d. ".formatted(asked++) + TEXT.repeat(1 + plan.promptTokens / 40);
        int[] ids = model.tokenizer().encodePrompt(text);
        if (ids.length < plan.promptTokens) {
            throw new AssertionError(ids.length + " tokens");
        }
        return Arrays.copyOf(ids, plan.promptTokens);
    }
}
