package org.threehalf.inference.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.BatchDecoder;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.ForwardingBatchDecoder;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.generate.Generator.End;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.transformer.TokenSampler;
import org.threehalf.kernels.transformer.TokenSampler.Settings;

/** Continuous batching on tiny random models. */
@Timeout(120)
class BatchGeneratorTest {
    private static final int CONTEXT = 40;

    /** An answer: its tokens, and the hash of the logits that they were drawn from. */
    private record Text(List<Integer> tokens, String logitsSha256, End end) {}

    /** Collects an answer. */
    private static class Collector implements GenerationListener {
        private final List<Integer> tokens = new ArrayList<>();
        private final CompletableFuture<Text> text = new CompletableFuture<>();
        private final int stopAfter;
        private @Nullable Summary summary;

        private Collector(int stopAfter) {
            this.stopAfter = stopAfter;
        }

        @Override
        public boolean drawn(DrawnToken token) {
            tokens.add(token.id());
            return tokens.size() != stopAfter;
        }

        @Override
        public void ended(Summary summary) {
            this.summary = summary;
            text.complete(new Text(tokens, summary.logitsSha256(), summary.end()));
        }

        @Override
        public void failed(RuntimeException cause) {
            text.completeExceptionally(cause);
        }
    }

    /** What is said here of a text alone is computed without the class under test. */
    private static Text alone(LanguageModel model, Decoder decoder, GenerationRequest request) {
        TokenSampler sampler = new TokenSampler(request.sampling(), request.seed());
        MessageDigest digest = Sha256.digest();
        float[] logits = new float[model.tokenizer().vocabulary().size()];
        int[] next = request.prompt();
        int position = 0;
        List<Integer> tokens = new ArrayList<>();
        while (true) {
            decoder.forward(next, position, new float[][] {logits});
            position += next.length;
            ByteBuffer bytes = ByteBuffer.allocate(4 * logits.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(logits);
            digest.update(bytes);
            int token = sampler.next(logits);
            boolean ended = model.tokenizer().vocabulary().isEnd(token);
            if (!ended) {
                tokens.add(token);
            }
            if (ended || tokens.size() == request.most() || position == decoder.capacity()) {
                return new Text(
                        tokens,
                        HexFormat.of().formatHex(digest.digest()),
                        ended ? End.ANSWERED : tokens.size() == request.most() ? End.LENGTH : End.CONTEXT);
            }
            next = new int[] {token};
        }
    }

    private static List<GenerationRequest> requests(Random random, int count, int vocabulary) {
        int[] beginning = random.ints(20, 0, vocabulary).toArray();
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] prompt =
                    random.ints(1 + random.nextInt(CONTEXT - 1), 0, vocabulary).toArray();
            System.arraycopy(beginning, 0, prompt, 0, Math.min(prompt.length, random.nextInt(beginning.length + 1)));
            Settings settings = random.nextBoolean()
                    ? Settings.GREEDY
                    : new Settings(0.5f + random.nextFloat(), random.nextInt(50), 0.9f);
            requests.add(new GenerationRequest(
                    prompt, 1 + random.nextInt(30), settings, random.nextLong(), random.nextInt(4) - 1, true));
        }
        return requests;
    }

    /**
     * Generates all requests on some slots, some of them cancelled on the way; gives the first that differs from itself
     * alone.
     */
    private static @Nullable String difference(
            String name,
            String backendName,
            int slots,
            long seed,
            int count,
            java.util.function.UnaryOperator<BatchDecoder> fault)
            throws Exception {
        Random random = new Random(seed);
        try (LanguageModel model = LanguageModel.open(TinyModels.path(name));
                Backend backend = BackendProvider.named(backendName).open();
                Backend other = BackendProvider.named("reference").open();
                Decoder single = other.decoder(model.weights(), CONTEXT);
                BatchGenerator generator = new BatchGenerator(
                        fault.apply(backend.batchDecoder(model.weights(), CONTEXT, slots)),
                        model.tokenizer().vocabulary(),
                        backend.workers(),
                        count)) {
            List<GenerationRequest> requests =
                    requests(random, count, model.tokenizer().vocabulary().size());
            List<Collector> collectors = new ArrayList<>();
            for (GenerationRequest request : requests) {
                boolean leaves = random.nextInt(5) == 0;
                Collector collector = new Collector(leaves ? 1 + random.nextInt(3) : 0);
                collectors.add(collector);
                BatchGenerator.Handle handle =
                        generator.submit(List.of(request), List.of(collector)).getFirst();
                if (leaves && random.nextBoolean()) {
                    handle.cancel();
                }
                if (random.nextInt(3) == 0) {
                    collectors.get(random.nextInt(collectors.size())).text.get(60, TimeUnit.SECONDS);
                }
            }
            for (int i = 0; i < count; i++) {
                Text text = collectors.get(i).text.get(60, TimeUnit.SECONDS);
                Text right = alone(model, single, requests.get(i));
                if (text.end() == End.STOPPED
                        ? !right.tokens()
                                .subList(
                                        0,
                                        Math.min(
                                                text.tokens().size(),
                                                right.tokens().size()))
                                .equals(text.tokens())
                        : !right.equals(text)) {
                    return "request %d of seed %d: %s, alone %s".formatted(i, seed, text, right);
                }
            }
            assertEquals(count, generator.statistics().answers());
            assertEquals(
                    0, generator.statistics().running() + generator.statistics().queued());
            return null;
        }
    }

    /**
     * REQ-DEC-006, REQ-SMP-001: tokens and the hash of the logits, alone or among others, in any slot, with beginnings
     * taken over.
     */
    @Property(tries = 12)
    void anAnswerIsTheOneThatItIsAlone(@ForAll @IntRange(min = 1, max = 32) int slots, @ForAll long seed)
            throws Exception {
        List<String> models = List.of("gemma3", "llama3", "qwen2");
        List<String> backends = List.of("simd", "lut", "reference");
        int choice = (int) Math.floorMod(seed, 9L);
        assertEquals(
                null, difference(models.get(choice % 3), backends.get(choice / 3), slots, seed, 24, right -> right));
    }

    /** A decoder that takes over a beginning from another slot than it is told, or does not forget what a slot held. */
    private static final class Wrong extends ForwardingBatchDecoder {
        private final boolean stale;

        private Wrong(BatchDecoder right, boolean stale) {
            super(right);
            this.stale = stale;
        }

        @Override
        public void copy(int from, int to, int positions) {
            int beside = stale ? to : (from + 1) % slots();
            right.copy(right.fed(beside) >= positions ? beside : from, to, positions);
        }
    }

    /** REQ-DEC-006: seeded faults of slots are seen by the same comparison. */
    @Test
    void faultsAreSeen() throws Exception {
        assertNotEquals(null, difference("llama3", "reference", 4, 5, 40, right -> new Wrong(right, true)));
        assertNotEquals(null, difference("llama3", "reference", 4, 5, 40, right -> new Wrong(right, false)));
    }

    /** What a slot holds is taken over: nothing but the last token of the same prompt is computed again. */
    @Test
    void beginningsAreTakenOver() throws Exception {
        try (LanguageModel model = LanguageModel.open(TinyModels.path("llama3"));
                Backend backend = BackendProvider.named("reference").open();
                BatchGenerator generator = new BatchGenerator(
                        backend.batchDecoder(model.weights(), CONTEXT, 3),
                        model.tokenizer().vocabulary(),
                        backend.workers(),
                        8)) {
            int[] prompt = {1, 2, 3, 4, 5, 6, 7, 8};
            int[] longer = {1, 2, 3, 4, 5, 9, 9, 9};
            for (int[] p : List.of(prompt, prompt, longer)) {
                Collector collector = new Collector(0);
                generator.submit(
                        List.of(new GenerationRequest(p, 1, Settings.GREEDY, 0, -1, false)), List.of(collector));
                collector.text.get(60, TimeUnit.SECONDS);
                GenerationListener.Summary summary = collector.summary;
                assertEquals(p.length, summary.promptTokens());
            }
            assertEquals(8 + 1 + 3, generator.statistics().promptTokens());
            assertEquals(7 + 5, generator.statistics().reusedTokens());
        }
    }

    /**
     * The queue has a limit, a request of several answers is taken whole or not at all, and what was cancelled leaves
     * its place.
     */
    @Test
    void theQueueIsBounded() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (LanguageModel model = LanguageModel.open(TinyModels.path("llama3"));
                Backend backend = BackendProvider.named("reference").open();
                BatchGenerator generator = new BatchGenerator(
                        backend.batchDecoder(model.weights(), CONTEXT, 1),
                        model.tokenizer().vocabulary(),
                        backend.workers(),
                        2)) {
            GenerationRequest request = new GenerationRequest(new int[] {1, 2}, 3, Settings.GREEDY, 0, -1, false);
            CountDownLatch begun = new CountDownLatch(1);
            Collector first = new Collector(0) {
                @Override
                public boolean drawn(DrawnToken token) {
                    begun.countDown();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        return false;
                    }
                    return super.drawn(token);
                }
            };
            generator.submit(List.of(request), List.of(first));
            assertTrue(begun.await(60, TimeUnit.SECONDS));
            Collector second = new Collector(0);
            BatchGenerator.Handle waiting =
                    generator.submit(List.of(request), List.of(second)).getFirst();
            assertEquals(1, generator.statistics().queued());
            assertThrows(
                    RejectedExecutionException.class,
                    () -> generator.submit(List.of(request, request), List.of(new Collector(0), new Collector(0))));
            assertEquals(1, generator.statistics().queued());
            Collector third = new Collector(0);
            generator.submit(List.of(request), List.of(third));
            assertThrows(
                    RejectedExecutionException.class,
                    () -> generator.submit(List.of(request), List.of(new Collector(0))));
            waiting.cancel();
            go.countDown();
            assertEquals(End.LENGTH, first.text.get(60, TimeUnit.SECONDS).end());
            assertEquals(new Text(List.of(), "", End.STOPPED), second.text.get(60, TimeUnit.SECONDS));
            assertEquals(End.LENGTH, third.text.get(60, TimeUnit.SECONDS).end());
            assertTrue(generator.drain(Duration.ofSeconds(60)));
            assertThrows(
                    RejectedExecutionException.class,
                    () -> generator.submit(List.of(request), List.of(new Collector(0))));
        }
    }

    /** Closing ends what runs and what waits; each listener hears of it. */
    @Test
    void closingEndsAll() throws Exception {
        List<Collector> collectors = new ArrayList<>();
        try (LanguageModel model = LanguageModel.open(TinyModels.path("llama3"));
                Backend backend = BackendProvider.named("reference").open()) {
            try (BatchGenerator generator = new BatchGenerator(
                    backend.batchDecoder(model.weights(), 100_000, 2),
                    model.tokenizer().vocabulary(),
                    backend.workers(),
                    10)) {
                for (int i = 0; i < 6; i++) {
                    collectors.add(new Collector(0));
                    generator.submit(
                            List.of(new GenerationRequest(
                                    new int[] {1, 2}, 99_000, new Settings(1, 0, 1), i, -1, false)),
                            List.of(collectors.get(i)));
                }
                assertFalse(generator.drain(Duration.ofMillis(1)));
            }
            for (Collector collector : collectors) {
                assertTrue(collector.text.isDone());
                assertTrue(List.of(End.STOPPED, End.ANSWERED)
                        .contains(collector.text.get().end()));
            }
        }
    }

    /** A listener that throws is no matter of the others; neither are logits that are not finite. */
    @Test
    void oneFailureIsOneAnswers() throws Exception {
        try (LanguageModel model = LanguageModel.open(TinyModels.path("llama3"));
                Backend backend = BackendProvider.named("reference").open()) {
            BatchDecoder right = backend.batchDecoder(model.weights(), CONTEXT, 3);
            BatchDecoder damaged = new Damaged(right);
            try (BatchGenerator generator =
                    new BatchGenerator(damaged, model.tokenizer().vocabulary(), backend.workers(), 8)) {
                Collector thrower = new Collector(0) {
                    @Override
                    public boolean drawn(DrawnToken token) {
                        throw new IllegalStateException("of a listener");
                    }
                };
                Collector good = new Collector(0);
                Collector refused = new Collector(0);
                Collector infinite = new Collector(0);
                generator.submit(
                        List.of(
                                request(1, 2),
                                request(1, 3),
                                request(4, Damaged.REFUSED),
                                request(5, Damaged.INFINITE)),
                        List.of(thrower, good, refused, infinite));
                try (Decoder single = backend.decoder(model.weights(), CONTEXT)) {
                    assertEquals(
                            alone(model, single, request(1, 3)).tokens(),
                            good.text.get(60, TimeUnit.SECONDS).tokens());
                }
                assertTrue(assertThrows(
                                java.util.concurrent.ExecutionException.class,
                                () -> thrower.text.get(60, TimeUnit.SECONDS))
                        .getMessage()
                        .contains("of a listener"));
                assertTrue(assertThrows(
                                java.util.concurrent.ExecutionException.class,
                                () -> refused.text.get(60, TimeUnit.SECONDS))
                        .getMessage()
                        .contains("refused"));
                assertTrue(assertThrows(
                                java.util.concurrent.ExecutionException.class,
                                () -> infinite.text.get(60, TimeUnit.SECONDS))
                        .getMessage()
                        .contains("the logit of token"));
                assertEquals(3, generator.statistics().failed());
                Collector again = new Collector(0);
                generator.submit(List.of(request(1, 3)), List.of(again));
                assertEquals(good.text.get(), again.text.get(60, TimeUnit.SECONDS));
            }
        }
    }

    /** An error is told to all who wait, and to those who ask whether it is alive. */
    @Test
    void anErrorLeavesNobodyWaiting() throws Exception {
        try (LanguageModel model = LanguageModel.open(TinyModels.path("llama3"));
                Backend backend = BackendProvider.named("reference").open()) {
            BatchDecoder full = new ForwardingBatchDecoder(backend.batchDecoder(model.weights(), CONTEXT, 1)) {
                @Override
                public void forward(List<Feed> feeds) {
                    throw new OutOfMemoryError("as if");
                }
            };
            try (BatchGenerator generator =
                    new BatchGenerator(full, model.tokenizer().vocabulary(), backend.workers(), 4)) {
                List<Collector> collectors = List.of(new Collector(0), new Collector(0), new Collector(0));
                assertTrue(generator.isAlive());
                generator.submit(List.of(request(1), request(2), request(3)), collectors);
                for (Collector collector : collectors) {
                    ExecutionException failed =
                            assertThrows(ExecutionException.class, () -> collector.text.get(60, TimeUnit.SECONDS));
                    assertTrue(failed.getCause().getMessage().contains("as if"), failed.toString());
                }
                for (int i = 0; i < 6_000 && generator.isAlive(); i++) {
                    Thread.sleep(10);
                }
                assertFalse(generator.isAlive());
                assertThrows(
                        RejectedExecutionException.class,
                        () -> generator.submit(List.of(request(1)), List.of(new Collector(0))));
            }
        }
    }

    private static GenerationRequest request(int... prompt) {
        return new GenerationRequest(prompt, 10, Settings.GREEDY, 0, -1, false);
    }

    /** Refuses one token, and gives an infinite logit after another (REQ-DEC-004). */
    private static final class Damaged extends ForwardingBatchDecoder {
        private static final int REFUSED = 11;
        private static final int INFINITE = 12;

        private Damaged(BatchDecoder right) {
            super(right);
        }

        @Override
        public void forward(List<Feed> feeds) {
            if (feeds.stream().anyMatch(feed -> feed.tokens()[feed.tokens().length - 1] == REFUSED)) {
                throw new IllegalArgumentException("refused");
            }
            right.forward(feeds);
            feeds.stream()
                    .filter(feed -> feed.tokens()[feed.tokens().length - 1] == INFINITE)
                    .flatMap(feed -> Arrays.stream(feed.logits()))
                    .forEach(logits -> logits[7] = Float.POSITIVE_INFINITY);
        }
    }

    /** Log-probabilities are those of a softmax over all logits, the most likely first. */
    @Test
    void logProbabilities() {
        float[] logits = {1, 3, 2, 3};
        DrawnToken.Probabilities p = DrawnToken.Probabilities.of(logits, 2, 3);
        double sum = Math.exp(1) + 2 * Math.exp(3) + Math.exp(2);
        assertEquals(Math.log(Math.exp(2) / sum), p.logProbability(), 1e-12);
        assertEquals(
                List.of(1, 3, 2),
                p.mostLikely().stream().map(DrawnToken.Candidate::id).toList());
        assertEquals(Math.log(Math.exp(3) / sum), p.mostLikely().getFirst().logProbability(), 1e-12);
        assertEquals(List.of(), DrawnToken.Probabilities.of(logits, 0, 0).mostLikely());
    }

    @Test
    void requestsOutsideTheirRangeAreRefused() throws IOException {
        assertThrows(
                IllegalArgumentException.class,
                () -> new GenerationRequest(new int[0], 1, Settings.GREEDY, 0, -1, false));
        assertThrows(
                IllegalArgumentException.class,
                () -> new GenerationRequest(new int[1], 0, Settings.GREEDY, 0, -1, false));
        assertThrows(
                IllegalArgumentException.class,
                () -> new GenerationRequest(new int[1], 1, Settings.GREEDY, 0, 21, false));
        try (LanguageModel model = LanguageModel.open(TinyModels.path("llama3"));
                Backend backend = BackendProvider.named("reference").open();
                BatchGenerator generator = new BatchGenerator(
                        backend.batchDecoder(model.weights(), CONTEXT, 1),
                        model.tokenizer().vocabulary(),
                        backend.workers(),
                        2)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> generator.submit(List.of(request(-1)), List.of(new Collector(0))));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> generator.submit(List.of(request(1 << 30)), List.of(new Collector(0))));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> generator.submit(List.of(request(new int[CONTEXT + 1])), List.of(new Collector(0))));
        }
    }
}
