package org.threehalf.inference.batch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.BatchDecoder;
import org.threehalf.backends.spi.decoder.BatchDecoder.Feed;
import org.threehalf.inference.generate.Generator.End;
import org.threehalf.inference.tokenizer.Vocabulary;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.product.WorkerPool;
import org.threehalf.kernels.transformer.TokenSampler;

/**
 * Generates many answers at once on one decoder (continuous batching). Requests come and go at any time; each step
 * feeds one token of every running answer, and some tokens of prompts that are still to be read, so that running
 * answers go on while a long prompt is taken in. A request that begins as another one does takes over what is known of
 * the beginning.
 *
 * <p>An answer's tokens and the bits of its logits are those that it has alone (REQ-DEC-006): not on who else is there,
 * on the slot, or on what was taken over.
 *
 * <p>Safe for use by several threads. One thread of its own, named {@value #THREAD}, does all the work and calls the
 * listeners.
 */
public final class BatchGenerator implements AutoCloseable {
    /** The name of the thread that generates. */
    public static final String THREAD = "threehalf-batch";

    /** Tokens of a step. As many as one prompt is fed at a time when it is alone. */
    private static final int STEP = 128;

    private final BatchDecoder decoder;
    private final Vocabulary vocabulary;
    private final WorkerPool pool;
    private final int queueLimit;
    private final Slot[] slots;
    private final Thread thread;

    // Guarded by the lock.
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Answer> queue = new ArrayDeque<>();
    private int running;
    private boolean draining;
    private boolean closed;
    private @Nullable RuntimeException aborted;
    private Statistics statistics = new Statistics(0, 0, 0, 0, 0, 0, 0, 0, 0);

    // Of the generating thread alone.
    private long clock;

    /**
     * Numbers since the start, and of now.
     *
     * @param answers answers that ended, in whatever way
     * @param cancelled of those, the ones that were cancelled
     * @param failed of those, the ones that failed
     * @param promptTokens tokens of prompts that were computed
     * @param reusedTokens tokens of prompts that were taken over
     * @param tokens tokens drawn
     * @param busyNanos time in which something was generated
     * @param queued requests that wait
     * @param running answers that are being made
     */
    public record Statistics(
            long answers,
            long cancelled,
            long failed,
            long promptTokens,
            long reusedTokens,
            long tokens,
            long busyNanos,
            int queued,
            int running) {}

    /** A request that was taken. */
    public interface Handle {
        /**
         * Ends the answer as soon as the step that is being computed is done, at the latest; its slot is free then. The
         * listener hears of its end. Does nothing where it has ended.
         */
        void cancel();
    }

    /** A cache and what it holds. Of the generating thread alone. */
    private static final class Slot {
        private final int number;
        /** The tokens whose keys and values it holds, {@code length} of them. */
        private int[] held = new int[64];

        private int length;
        private @Nullable Answer answer;
        private long lastUsed;

        private Slot(int number) {
            this.number = number;
        }

        private void append(int[] tokens, int from, int count) {
            if (length + count > held.length) {
                held = Arrays.copyOf(held, Math.max(2 * held.length, length + count));
            }
            System.arraycopy(tokens, from, held, length, count);
            length += count;
        }

        /** How many tokens at its beginning are those of a prompt, whose last one is always computed. */
        private int common(int[] prompt) {
            int most = Math.min(length, prompt.length - 1);
            int different = Arrays.mismatch(held, 0, most, prompt, 0, most);
            return different < 0 ? most : different;
        }
    }

    private final class Answer implements Handle {
        private final GenerationRequest request;
        private final GenerationListener listener;
        private final TokenSampler sampler;
        private final @Nullable MessageDigest digest;
        private volatile boolean cancelled;
        private int reused;
        private int drawn;
        /** What is fed next: the prompt, then each drawn token. */
        private int[] next;

        private int nextFrom;
        private float @Nullable [] logits;

        private Answer(GenerationRequest request, GenerationListener listener) {
            this.request = request;
            this.listener = listener;
            this.sampler = new TokenSampler(request.sampling(), request.seed());
            this.digest = request.hashLogits() ? Sha256.digest() : null;
            this.next = request.prompt();
        }

        @Override
        public void cancel() {
            cancelled = true;
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private int remaining() {
            return next.length - nextFrom;
        }

        private boolean readsPrompt() {
            return drawn == 0;
        }

        private GenerationListener.Summary summary(End end) {
            String hash = digest == null ? "" : HexFormat.of().formatHex(digest.digest());
            return new GenerationListener.Summary(end, request.prompt().length, reused, drawn, hash);
        }
    }

    /**
     * Starts the thread.
     *
     * @param decoder generates; closed with this. Nobody else may use it, or its backend, meanwhile
     * @param vocabulary tells which tokens end an answer
     * @param pool threads on which tokens are drawn: the backend's
     * @param queueLimit how many requests may wait for a slot, at least 1
     */
    public BatchGenerator(BatchDecoder decoder, Vocabulary vocabulary, WorkerPool pool, int queueLimit) {
        if (queueLimit < 1) {
            throw new IllegalArgumentException(
                    "a queue of %,d requests: it must have room for at least one".formatted(queueLimit));
        }
        this.decoder = decoder;
        this.vocabulary = vocabulary;
        this.pool = pool;
        this.queueLimit = queueLimit;
        this.slots = new Slot[decoder.slots()];
        Arrays.setAll(slots, Slot::new);
        this.thread = Thread.ofPlatform().name(THREAD).daemon().unstarted(this::work);
        thread.start();
    }

    /** Positions that a prompt and its answer have together. */
    public int context() {
        return decoder.capacity();
    }

    /** How many answers are made at once. */
    public int slots() {
        return slots.length;
    }

    /** How many requests can wait and be made together: no more are ever taken at once. */
    public int mostRequests() {
        return queueLimit + slots.length;
    }

    /** Whether requests are worked on: until {@link #close}, or until memory does not suffice. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    /** Numbers since the start, and of now. */
    public Statistics statistics() {
        lock.lock();
        try {
            Statistics s = statistics;
            return new Statistics(
                    s.answers,
                    s.cancelled,
                    s.failed,
                    s.promptTokens,
                    s.reusedTokens,
                    s.tokens,
                    s.busyNanos,
                    queue.size(),
                    running);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes requests, all of them or none.
     *
     * @param requests what is wanted
     * @param listeners a request's listener
     * @return a handle for each
     * @throws IllegalArgumentException if a prompt does not fit the context or an id is outside the vocabulary
     * @throws RejectedExecutionException if too many requests wait, or this is closing
     */
    public List<Handle> submit(List<GenerationRequest> requests, List<? extends GenerationListener> listeners) {
        for (GenerationRequest request : requests) {
            if (request.prompt().length > decoder.capacity()) {
                throw new IllegalArgumentException("the prompt has %,d tokens; the context has room for %,d"
                        .formatted(request.prompt().length, decoder.capacity()));
            }
            for (int token : request.prompt()) {
                if (token < 0 || token >= vocabulary.size()) {
                    throw new IllegalArgumentException(
                            "token %d: the vocabulary has %,d".formatted(token, vocabulary.size()));
                }
            }
        }
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            answers.add(new Answer(requests.get(i), listeners.get(i)));
        }
        lock.lock();
        try {
            if (closed || draining) {
                throw new RejectedExecutionException("no more requests are taken: this is being stopped");
            }
            int room = queueLimit + slots.length - running - queue.size();
            if (answers.size() > room) {
                throw new RejectedExecutionException(
                        "%,d requests wait and %,d run: try again later".formatted(queue.size(), running));
            }
            queue.addAll(answers);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return List.copyOf(answers);
    }

    private void work() {
        try {
            generate();
        } catch (Throwable died) {
            // Memory does not suffice, or an error of ours: nobody may wait for what never comes.
            List<Answer> left = new ArrayList<>();
            lock.lock();
            try {
                closed = true;
                left.addAll(queue);
                queue.clear();
            } finally {
                lock.unlock();
            }
            RuntimeException cause = new IllegalStateException("generating has ended with an error: " + died, died);
            left.forEach(answer -> fail(null, answer, cause));
            Arrays.stream(slots).filter(slot -> slot.answer != null).forEach(slot -> fail(slot, answer(slot), cause));
            decoder.close();
            throw died;
        }
    }

    private void generate() {
        List<Answer> cancelled = new ArrayList<>();
        while (true) {
            lock.lock();
            try {
                queue.removeIf(answer -> answer.cancelled && cancelled.add(answer));
                while (!closed && queue.isEmpty() && running == 0 && cancelled.isEmpty()) {
                    changed.awaitUninterruptibly();
                    queue.removeIf(answer -> answer.cancelled && cancelled.add(answer));
                }
                if (closed) {
                    cancelled.addAll(queue);
                    queue.clear();
                }
            } finally {
                lock.unlock();
            }
            cancelled.forEach(answer -> giveUp(null, answer));
            cancelled.clear();
            for (Slot slot : slots) {
                if (slot.answer != null && (slot.answer.cancelled || closed)) {
                    giveUp(slot, slot.answer);
                }
            }
            if (closed) {
                break;
            }
            long begin = System.nanoTime();
            admit();
            step();
            count(new Statistics(0, 0, 0, 0, 0, 0, System.nanoTime() - begin, 0, 0));
        }
        decoder.close();
    }

    /** Gives free slots to those who wait. */
    private void admit() {
        while (Arrays.stream(slots).anyMatch(slot -> slot.answer == null)) {
            Answer answer;
            lock.lock();
            try {
                answer = queue.poll();
                if (answer == null) {
                    return;
                }
                running++;
            } finally {
                lock.unlock();
            }
            try {
                place(answer);
            } catch (IllegalStateException full) {
                lock.lock();
                try {
                    running--;
                } finally {
                    lock.unlock();
                }
                fail(null, answer, full);
            }
        }
    }

    /** Chooses a slot, and takes over what some slot holds of the prompt's beginning. */
    private void place(Answer answer) {
        int[] prompt = answer.request.prompt();
        Slot source = slots[0];
        for (Slot slot : slots) {
            if (slot.common(prompt) > source.common(prompt)) {
                source = slot;
            }
        }
        int common = source.common(prompt);
        Slot target = source;
        // In place where most of what the slot holds goes on; otherwise the rest may be wanted again, and the slot that
        // was not used for the longest time is taken.
        if (source.answer != null || 2 * common < source.length) {
            target = leastRecentlyUsed();
        }
        decoder.copy(source.number, target.number, common);
        target.length = 0;
        target.append(prompt, 0, common);
        target.answer = answer;
        target.lastUsed = ++clock;
        answer.nextFrom = common;
        answer.reused = common;
    }

    private Slot leastRecentlyUsed() {
        Slot least = null;
        for (Slot slot : slots) {
            if (slot.answer == null && (least == null || slot.lastUsed < least.lastUsed)) {
                least = slot;
            }
        }
        if (least == null) {
            throw new AssertionError("no slot is free");
        }
        return least;
    }

    /** One pass through the layers. */
    private void step() {
        List<Slot> fed = new ArrayList<>();
        List<Feed> feeds = new ArrayList<>();
        int room = STEP;
        for (Slot slot : slots) {
            if (slot.answer != null && !slot.answer.readsPrompt()) {
                feeds.add(feed(slot, 1));
                fed.add(slot);
                room--;
            }
        }
        // At least one token of a prompt in every step, the prompt that came first before the others.
        room = Math.max(room, 1);
        List<Slot> prompts = new ArrayList<>(Arrays.asList(slots));
        prompts.removeIf(slot -> slot.answer == null || !slot.answer.readsPrompt());
        prompts.sort((a, b) -> Long.compare(a.lastUsed, b.lastUsed));
        for (Slot slot : prompts) {
            if (room > 0 && slot.answer != null) {
                int count = Math.min(room, slot.answer.remaining());
                feeds.add(feed(slot, count));
                fed.add(slot);
                room -= count;
            }
        }
        if (!feeds.isEmpty()) {
            forward(fed, feeds);
        }
    }

    private Feed feed(Slot slot, int count) {
        Answer answer = answer(slot);
        int[] tokens = Arrays.copyOfRange(answer.next, answer.nextFrom, answer.nextFrom + count);
        if (count < answer.remaining()) {
            return new Feed(slot.number, tokens, slot.length, new float[0][]);
        }
        if (answer.logits == null) {
            answer.logits = new float[vocabulary.size()];
        }
        return new Feed(slot.number, tokens, slot.length, new float[][] {answer.logits});
    }

    private static Answer answer(Slot slot) {
        Answer answer = slot.answer;
        if (answer == null) {
            throw new AssertionError("slot " + slot.number + " is empty");
        }
        return answer;
    }

    private void forward(List<Slot> fed, List<Feed> feeds) {
        try {
            decoder.forward(feeds);
        } catch (IllegalArgumentException | IllegalStateException refused) {
            if (feeds.size() == 1) {
                fail(fed.getFirst(), answer(fed.getFirst()), refused);
            } else {
                // One of them is to blame; the others go on.
                for (int i = 0; i < feeds.size(); i++) {
                    forward(List.of(fed.get(i)), List.of(feeds.get(i)));
                }
            }
            return;
        }
        List<Slot> drawing = new ArrayList<>();
        for (int i = 0; i < feeds.size(); i++) {
            Slot slot = fed.get(i);
            Answer answer = answer(slot);
            int count = feeds.get(i).tokens().length;
            slot.append(answer.next, answer.nextFrom, count);
            answer.nextFrom += count;
            if (answer.readsPrompt()) {
                count(new Statistics(0, 0, 0, count, 0, 0, 0, 0, 0));
            }
            if (answer.remaining() == 0) {
                drawing.add(slot);
            }
        }
        draw(drawing);
    }

    private void draw(List<Slot> drawing) {
        DrawnToken[] tokens = new DrawnToken[drawing.size()];
        RuntimeException[] failures = new RuntimeException[drawing.size()];
        pool.forEach(tokens.length, i -> {
            try {
                tokens[i] = draw(answer(drawing.get(i)));
            } catch (IllegalArgumentException notFinite) {
                failures[i] = notFinite;
            }
        });
        for (int i = 0; i < tokens.length; i++) {
            Slot slot = drawing.get(i);
            Answer answer = answer(slot);
            if (failures[i] != null) {
                fail(slot, answer, failures[i]);
            } else {
                take(slot, answer, tokens[i]);
            }
        }
    }

    private static DrawnToken draw(Answer answer) {
        float[] logits = answer.logits;
        if (logits == null) {
            throw new AssertionError("a draw without logits");
        }
        MessageDigest digest = answer.digest;
        if (digest != null) {
            ByteBuffer bytes = ByteBuffer.allocate(logits.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(logits);
            digest.update(bytes);
        }
        int token = answer.sampler.next(logits);
        int alternatives = answer.request.alternatives();
        return new DrawnToken(
                token, alternatives < 0 ? null : DrawnToken.Probabilities.of(logits, token, alternatives));
    }

    private void take(Slot slot, Answer answer, DrawnToken token) {
        if (vocabulary.isEnd(token.id())) {
            end(slot, answer, End.ANSWERED);
            return;
        }
        answer.drawn++;
        boolean goOn;
        try {
            goOn = answer.listener.drawn(token);
        } catch (RuntimeException ofListener) {
            // What one listener does wrong is no matter of the others.
            fail(slot, answer, ofListener);
            return;
        }
        count(new Statistics(0, 0, 0, 0, 0, 1, 0, 0, 0));
        if (!goOn) {
            end(slot, answer, End.STOPPED);
        } else if (answer.drawn == answer.request.most()) {
            end(slot, answer, End.LENGTH);
        } else if (slot.length == decoder.capacity()) {
            end(slot, answer, End.CONTEXT);
        } else {
            answer.next = new int[] {token.id()};
            answer.nextFrom = 0;
        }
    }

    private void giveUp(@Nullable Slot slot, Answer answer) {
        RuntimeException cause = aborted;
        if (cause != null && !answer.cancelled) {
            fail(slot, answer, cause);
        } else {
            end(slot, answer, End.STOPPED);
        }
    }

    private void end(@Nullable Slot slot, Answer answer, End end) {
        finish(
                slot,
                new Statistics(1, answer.cancelled ? 1 : 0, 0, 0, answer.reused, 0, 0, 0, 0),
                () -> answer.listener.ended(answer.summary(end)));
    }

    private void fail(@Nullable Slot slot, Answer answer, RuntimeException cause) {
        finish(slot, new Statistics(1, 0, 1, 0, answer.reused, 0, 0, 0, 0), () -> answer.listener.failed(cause));
    }

    private void finish(@Nullable Slot slot, Statistics counted, Runnable tell) {
        if (slot != null) {
            slot.answer = null;
            slot.lastUsed = ++clock;
            // A refused feed may have left something behind the last token that is known.
            decoder.copy(slot.number, slot.number, Math.min(slot.length, decoder.fed(slot.number)));
        }
        lock.lock();
        try {
            running -= slot == null ? 0 : 1;
            count(counted);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            tell.run();
        } catch (RuntimeException ofListener) {
            Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
            handler.uncaughtException(thread, ofListener);
        }
    }

    private void count(Statistics more) {
        lock.lock();
        try {
            Statistics s = statistics;
            statistics = new Statistics(
                    s.answers + more.answers,
                    s.cancelled + more.cancelled,
                    s.failed + more.failed,
                    s.promptTokens + more.promptTokens,
                    s.reusedTokens + more.reusedTokens,
                    s.tokens + more.tokens,
                    s.busyNanos + more.busyNanos,
                    0,
                    0);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes no more requests, and waits for those that were taken.
     *
     * @param limit how long
     * @return whether all have ended
     */
    public boolean drain(Duration limit) {
        long left = limit.toNanos();
        lock.lock();
        try {
            draining = true;
            while ((running > 0 || !queue.isEmpty()) && left > 0) {
                left = changed.awaitNanos(left);
            }
            return running == 0 && queue.isEmpty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * As {@link #close}, but answers that are not at their end fail with this cause: what there is of them is not taken
     * for the whole.
     */
    public void abort(RuntimeException cause) {
        end(cause);
    }

    /** Ends all answers, then the thread, and closes the decoder. */
    @Override
    public void close() {
        end(null);
    }

    private void end(@Nullable RuntimeException cause) {
        lock.lock();
        try {
            aborted = closed ? aborted : cause;
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(1));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
