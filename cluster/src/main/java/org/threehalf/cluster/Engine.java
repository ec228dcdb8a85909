package org.threehalf.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.batch.BatchGenerator;
import org.threehalf.inference.generate.LanguageModel;

/**
 * A model that is open on a node with a backend. Opening one takes seconds, so what a task has opened the next of the
 * same process takes over; each is one task's at a time. Those of another model are closed when an engine is asked for,
 * and all of them with the cluster.
 */
final class Engine implements AutoCloseable {

    /**
     * What is run, and how.
     *
     * @param model the model
     * @param ignoredKeys keys of its metadata that may be there although nothing computes them
     * @param backend the name of what computes, or null for the fastest of the node
     */
    record Key(
            SharedFile model,
            TreeSet<String> ignoredKeys,
            @Nullable String backend) implements Serializable {
        private static final long serialVersionUID = 1;

        Key(SharedFile model, Set<String> ignoredKeys, @Nullable String backend) {
            this(model, new TreeSet<>(ignoredKeys), backend);
        }
    }

    private static final Deque<Engine> IDLE = new ArrayDeque<>();

    private final Key key;
    private final int threads;
    private final LanguageModel model;
    private final Backend backend;
    private @Nullable Decoder decoder;
    private @Nullable BatchGenerator generator;

    private Engine(Key key, int threads, LanguageModel model, Backend backend) {
        this.key = key;
        this.threads = threads;
        this.model = model;
        this.backend = backend;
    }

    /** What a task does with an engine. */
    @FunctionalInterface
    interface Use<T> {
        T with(Engine engine) throws Exception;
    }

    /**
     * Does something with an engine, which the next task gets where that went well.
     *
     * @throws Problem if the node does not see the model, or it was changed meanwhile, or the backend cannot run there
     */
    static <T> T use(Key key, Node node, Use<T> use) throws Exception {
        key.model().require(node.host());
        Engine engine = take(key, node);
        boolean well = false;
        try {
            T result = use.with(engine);
            key.model().require(node.host());
            well = true;
            return result;
        } finally {
            if (well) {
                synchronized (IDLE) {
                    IDLE.push(engine);
                }
            } else {
                engine.close();
            }
        }
    }

    private static Engine take(Key key, Node node) throws IOException {
        Deque<Engine> others = new ArrayDeque<>();
        Engine found = null;
        synchronized (IDLE) {
            for (Iterator<Engine> idle = IDLE.iterator(); idle.hasNext(); ) {
                Engine engine = idle.next();
                if (!engine.key.equals(key) || engine.threads != node.threads()) {
                    others.add(engine);
                    idle.remove();
                } else if (found == null) {
                    found = engine;
                    idle.remove();
                }
            }
        }
        others.forEach(Engine::close);
        return found == null ? open(key, node) : found;
    }

    private static Engine open(Key key, Node node) throws IOException {
        BackendProvider provider = provider(key.backend(), node.host());
        LanguageModel model = LanguageModel.open(
                key.model().whole(), LanguageModel.Options.DEFAULT.withIgnoredKeys(key.ignoredKeys()));
        try {
            model.requireFinite();
            return new Engine(key, node.threads(), model, provider.open(node.threads()));
        } catch (IOException | RuntimeException | Error failed) {
            model.close();
            throw failed;
        }
    }

    /**
     * A backend of a node.
     *
     * @param name its name, or null for the fastest
     * @throws Problem if it is not there, or cannot run
     */
    static BackendProvider provider(@Nullable String name, String host) throws Problem {
        BackendProvider provider;
        try {
            provider = name == null ? BackendProvider.fastest() : BackendProvider.named(name);
        } catch (IllegalArgumentException | IllegalStateException unknown) {
            throw new Problem(Problem.Kind.CLUSTER, "node %s: %s".formatted(host, unknown.getMessage()), unknown);
        }
        if (!provider.availability().available()) {
            throw new Problem(
                    Problem.Kind.CLUSTER,
                    "node %s: backend %s cannot run there: %s"
                            .formatted(
                                    host,
                                    provider.name(),
                                    provider.availability().detail()));
        }
        return provider;
    }

    /** Closes all that no task has. */
    static void closeIdle() {
        Deque<Engine> all;
        synchronized (IDLE) {
            all = new ArrayDeque<>(IDLE);
            IDLE.clear();
        }
        all.forEach(Engine::close);
    }

    LanguageModel model() {
        return model;
    }

    /** A decoder that has room for some positions at the least; the engine's. */
    Decoder decoder(int capacity) {
        Decoder open = decoder;
        if (open == null || open.capacity() < capacity) {
            if (open != null) {
                open.close();
            }
            open = backend.decoder(model.weights(), capacity);
            decoder = open;
        }
        return open;
    }

    /** A generator of some answers at a time; the engine's. */
    BatchGenerator generator(int context, int slots) {
        BatchGenerator open = generator;
        if (open == null || open.context() != context || open.slots() < slots || !open.isAlive()) {
            if (open != null) {
                open.close();
            }
            open = new BatchGenerator(
                    new TellingDecoder(backend.batchDecoder(model.weights(), context, slots)),
                    model.tokenizer().vocabulary(),
                    backend.workers(),
                    1_000);
            generator = open;
        }
        return open;
    }

    @Override
    public void close() {
        // The backend's decoders go before it, and all of them before the model whose weights they read.
        try (model;
                backend) {
            if (generator != null) {
                generator.close();
            }
            if (decoder != null) {
                decoder.close();
            }
        }
    }
}
