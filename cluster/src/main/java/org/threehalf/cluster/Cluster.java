package org.threehalf.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rpc.RpcAddress;
import org.threehalf.cli.Interruption;
import org.threehalf.cli.StoppedException;
import org.threehalf.cli.UsageException;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/** An open connection to a cluster, or to this machine as one: runs {@link Work}. Safe for use by several threads. */
final class Cluster implements AutoCloseable {
    private static final AtomicInteger JOBS = new AtomicInteger();
    /** Milliseconds between two looks at whether the job is to end. */
    private static final int LOOK = 200;

    private static final Pattern EXECUTOR = Pattern.compile("\\((\\S+) executor");

    private final SparkContext spark;
    private final String master;
    private final Interruption interruption = new Interruption();

    /** Owns a context from here on. */
    Cluster(SparkContext spark, String master) {
        this.spark = spark;
        this.master = master;
    }

    /**
     * How many tasks run at once now, at least 1; a cluster whose executors are still to come has fewer than it will
     * have.
     */
    int parallelism() {
        return Math.max(1, spark.defaultParallelism());
    }

    /** Is told of a result, by the thread that runs the job, in the order in which they come. */
    @FunctionalInterface
    interface Results<R> {
        /** The result of the work of a number. */
        void accept(int number, R result) throws IOException;
    }

    /** What happened to a job: a result, its end, or its failure. */
    private sealed interface Event {
        record Result(int number, byte[] answer) implements Event {}

        record Ended() implements Event {}

        record Failed(Throwable why) implements Event {}
    }

    private static final class Handler extends AbstractFunction2<Object, byte[], BoxedUnit> {
        private final BlockingQueue<Event> events;

        private Handler(BlockingQueue<Event> events) {
            this.events = events;
        }

        @Override
        public BoxedUnit apply(Object number, byte[] answer) {
            events.add(new Event.Result((Integer) number, answer));
            return BoxedUnit.UNIT;
        }
    }

    /**
     * Runs work, each a task, and tells of each result once.
     *
     * @param what it is, for the cluster's own pages
     * @param work in the order in which it is begun
     * @param results told of each
     * @throws UsageException if the cluster is not as it must be
     * @throws StoppedException if the job cannot go on, or is interrupted
     * @throws IOException if the input is not as it must be, or a result is not taken
     */
    <R extends Serializable> void run(String what, List<? extends Work<R>> work, Results<R> results)
            throws IOException {
        run(what, work, Build.here(), results);
    }

    /** As {@link #run(String, List, Results)}, on nodes that must have a build of ThreeHalf. */
    <R extends Serializable> void run(String what, List<? extends Work<R>> work, String build, Results<R> results)
            throws IOException {
        if (work.isEmpty()) {
            return;
        }
        BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        String group = "threehalf-" + JOBS.incrementAndGet();
        Thread job = Thread.ofPlatform().daemon().name(group).unstarted(() -> submit(group, what, work, build, events));
        job.setContextClassLoader(Cluster.class.getClassLoader());
        job.start();
        boolean whole = false;
        try {
            receive(work.size(), events, results);
            whole = true;
        } finally {
            if (!whole) {
                cancel(group);
            }
            join(job);
        }
    }

    private void cancel(String group) {
        try {
            spark.cancelJobGroup(group);
        } catch (IllegalStateException stopped) {
            // Spark ends itself when the program is interrupted, and its jobs with it.
        }
    }

    private void submit(
            String group, String what, List<? extends Work<?>> work, String build, BlockingQueue<Event> events) {
        try {
            spark.setJobGroup(group, what, true);
            List<byte[]> bytes = work.stream().map(TaskFunction::bytesOf).toList();
            List<Object> numbers = new ArrayList<>();
            for (int i = 0; i < bytes.size(); i++) {
                numbers.add(i);
            }
            spark.<byte[], byte[]>runJob(
                    JavaSparkContext.fromSparkContext(spark)
                            .parallelize(bytes, bytes.size())
                            .rdd(),
                    new TaskFunction(build),
                    CollectionConverters.asScala(numbers).toSeq(),
                    new Handler(events),
                    ClassTag$.MODULE$.apply(byte[].class));
            events.add(new Event.Ended());
        } catch (Throwable failed) {
            events.add(new Event.Failed(failed));
        }
    }

    @SuppressWarnings("unchecked")
    private <R> void receive(int count, BlockingQueue<Event> events, Results<R> results) throws IOException {
        boolean[] had = new boolean[count];
        while (true) {
            Event event;
            try {
                event = events.poll(LOOK, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoppedException("interrupted", e);
            }
            if (interruption.requested()) {
                throw new StoppedException("interrupted: nothing is left of what was begun");
            }
            switch (event) {
                case null -> {}
                case Event.Result(int number, byte[] answer) -> {
                    if (had[number]) {
                        throw new IllegalStateException("the result of task %d came twice".formatted(number));
                    }
                    had[number] = true;
                    results.accept(number, (R) result(answer));
                }
                case Event.Ended ended -> {
                    for (int i = 0; i < count; i++) {
                        if (!had[i]) {
                            throw new IllegalStateException("the job ended without the result of task %d".formatted(i));
                        }
                    }
                    return;
                }
                case Event.Failed(Throwable why) -> throw explained(why);
            }
        }
    }

    private static Object result(byte[] answer) throws IOException {
        if (answer[0] == TaskFunction.RESULT) {
            try {
                return TaskFunction.object(Arrays.copyOfRange(answer, 1, answer.length));
            } catch (ClassNotFoundException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        String message = new String(answer, 1, answer.length - 1, StandardCharsets.UTF_8);
        throw Problem.forCommand(Problem.Kind.values()[answer[0] - 1], message, null);
    }

    /** What Spark says of a job that failed, in a sentence. */
    IOException explained(Throwable why) {
        if (interruption.requested()) {
            return new StoppedException("interrupted: nothing is left of what was begun", why);
        }
        String message = String.valueOf(why.getMessage());
        Matcher executor = EXECUTOR.matcher(message);
        String host = executor.find() ? executor.group(1) : "a node";
        if (message.contains("UnsupportedClassVersionError")) {
            throw new UsageException(
                    "node %s runs a Java below 25: give its worker a JDK 25 or later (JAVA_HOME of the worker, or --conf spark.executorEnv.JAVA_HOME=…)"
                            .formatted(host),
                    why);
        }
        if (message.contains("InvalidClassException")
                || message.contains("ClassNotFoundException: org.threehalf")
                || message.contains("NoClassDefFoundError: org/threehalf")) {
            throw new UsageException(
                    "node %s has another ThreeHalf than the driver, %s: give all nodes the same"
                            .formatted(host, Build.here()),
                    why);
        }
        if (why instanceof SparkException || why instanceof IllegalStateException) {
            return new StoppedException("%s: %s".formatted(master, SparkWords.of(message)), why);
        }
        throw new IllegalStateException(why);
    }

    private static void join(Thread job) {
        try {
            job.join(TimeUnit.SECONDS.toMillis(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives every node something that many tasks need, once. */
    <T extends Serializable> Broadcast<T> broadcast(T value) throws IOException {
        try {
            return JavaSparkContext.fromSparkContext(spark).broadcast(value);
        } catch (Exception failed) {
            throw explained(failed);
        }
    }

    /** Where the driver listens. */
    RpcAddress address() {
        return spark.env().rpcEnv().address();
    }

    /** Whether the program is being interrupted. */
    boolean interrupted() {
        return interruption.requested();
    }

    /**
     * Ends the connection. Whoever has parts to remove does it before: the program lives as long when it is
     * interrupted.
     */
    @Override
    public void close() {
        try {
            spark.stop();
            // In the embedded mode they are this process's.
            Engine.closeIdle();
        } finally {
            interruption.close();
        }
    }
}
