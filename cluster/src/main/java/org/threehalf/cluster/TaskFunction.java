package org.threehalf.cluster;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.UsageException;
import org.threehalf.inference.gguf.ModelFormatException;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction2;

/**
 * What Spark runs on a node. Only this class crosses over before it is known whether the node has the same ThreeHalf:
 * the work itself is bytes until then.
 *
 * <p>The answer is bytes too: {@link #RESULT} and an object, or another first byte and a message.
 */
final class TaskFunction extends AbstractFunction2<TaskContext, Iterator<byte[]>, byte[]> implements Serializable {
    private static final long serialVersionUID = 1;

    /**
     * An answer that begins with it is a result; one that begins with 1 + the ordinal of a {@link Problem.Kind} is a
     * message.
     */
    static final int RESULT = 0;

    /** Characters of a message at most: a file's text may stand in it. */
    private static final int MESSAGE = 2_000;

    private final String build;

    /** For nodes with a build of ThreeHalf. */
    TaskFunction(String build) {
        this.build = build;
    }

    @Override
    public byte[] apply(TaskContext context, Iterator<byte[]> work) {
        // As the driver has it: what a task says or files something under is the same whatever language a node speaks.
        Locale.setDefault(Locale.ROOT);
        String host = SparkEnv.get().blockManager().blockManagerId().host();
        String here = Build.here();
        if (!Build.same(here, build)) {
            return problem(new Problem(
                    Problem.Kind.CLUSTER,
                    "node %s has ThreeHalf %s, the driver %s: give all nodes the same".formatted(host, here, build)));
        }
        Node node = new Node(host, Math.max(1, context.cpus()));
        Work<?> task = null;
        try {
            Work<?> given = (Work<?>) object(work.next());
            task = given;
            return result(node.inPool(() -> given.run(node)));
        } catch (Throwable failed) {
            return problem(problem(failed, host, task));
        }
    }

    /**
     * Why another attempt would meet the same.
     *
     * @param task what failed, or null if it could not be read
     * @throws RuntimeException where another attempt may do. Never an error, which Spark takes for the end of the
     *     process, and ends it without a word
     */
    static Problem problem(Throwable failed, String host, @Nullable Work<?> task) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case Problem problem -> {
                    return problem;
                }
                case OutOfMemoryError full -> {
                    return new Problem(
                            Problem.Kind.STOPPED,
                            "node %s: memory does not suffice (%s): more --partitions make smaller tasks, spark.executor.memory allows more than the %,d MiB of now"
                                    .formatted(
                                            host,
                                            full.getMessage(),
                                            Runtime.getRuntime().maxMemory() >> 20));
                }
                case StackOverflowError deep -> {
                    return new Problem(
                            Problem.Kind.STOPPED,
                            "node %s: the stack does not suffice: --conf spark.executor.extraJavaOptions=-Xss… allows more"
                                    .formatted(host));
                }
                // What the JVM makes of a page of a mapped file that is no longer there.
                case InternalError lost
                when String.valueOf(lost.getMessage()).contains("unsafe memory access") -> {
                    return new Problem(
                            Problem.Kind.STOPPED,
                            "node %s: %s was changed while it was read: do it again once nobody writes to it"
                                    .formatted(host, task == null ? "a file" : task.reads()));
                }
                default -> {}
            }
        }
        return switch (failed) {
            case UsageException cannotBegin ->
                new Problem(Problem.Kind.CLUSTER, "node %s: %s".formatted(host, cannotBegin.getMessage()));
            case ModelFormatException refused -> new Problem(Problem.Kind.INPUT, String.valueOf(refused.getMessage()));
            case IllegalArgumentException refused ->
                new Problem(Problem.Kind.INPUT, String.valueOf(refused.getMessage()));
            case RuntimeException again -> throw again;
            case Exception again -> throw new IllegalStateException(SparkWords.of(again), again);
            default -> throw new IllegalStateException(saying(failed).toString(), failed);
        };
    }

    /** What says something: a pool hands an error on in a copy that may say nothing. */
    private static Throwable saying(Throwable failed) {
        Throwable saying = failed;
        while (saying.getMessage() == null && saying.getCause() != null) {
            saying = saying.getCause();
        }
        return saying;
    }

    private static byte[] problem(Problem problem) {
        return bytes(out -> {
            out.write(1 + problem.kind().ordinal());
            String message = RemoteFiles.words(String.valueOf(problem.getMessage()));
            out.write((message.length() <= MESSAGE ? message : message.substring(0, MESSAGE) + "…")
                    .getBytes(StandardCharsets.UTF_8));
        });
    }

    private static byte[] result(Object result) {
        return bytes(out -> {
            out.write(RESULT);
            out.write(bytesOf(result));
        });
    }

    /** An object's bytes. */
    static byte[] bytesOf(Object object) {
        return bytes(out -> {
            try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
                objects.writeObject(object);
            }
        });
    }

    /** The object of some bytes. */
    static Object object(byte[] bytes) throws IOException, ClassNotFoundException {
        ClassLoader loader = TaskFunction.class.getClassLoader();
        try (ObjectInputStream objects = new ObjectInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
                try {
                    return Class.forName(description.getName(), false, loader);
                } catch (ClassNotFoundException primitive) {
                    return super.resolveClass(description);
                }
            }
        }) {
            return objects.readObject();
        }
    }

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            writing.to(out);
        } catch (IOException impossible) {
            throw new java.io.UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }
}
