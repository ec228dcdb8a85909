package org.threehalf.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.Site;
import org.threehalf.cli.StampedModel;
import org.threehalf.cli.UsageException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The options of all cluster commands: where the cluster is. No member's type is Spark's: the command line reads this
 * class where there is no Spark, to say what the commands are ({@code CommandsWithoutSparkTest}).
 */
final class SparkOptions implements Site {
    private static final int CONNECT_MILLIS = 5_000;
    private static final String STANDALONE = "spark://";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--master",
            paramLabel = "URL",
            description =
                    "the cluster: local[*] or local[N] for this machine (local[N,F]: a task that fails is tried F times), spark://HOST:PORT, or another of Spark's (default: what spark-submit says, else local[*])")
    private @Nullable String master;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description = "how many tasks the work is cut into (default: by its size). Their number changes no bit")
    private @Nullable Integer partitions;

    @Option(
            names = "--conf",
            paramLabel = "KEY=VALUE",
            description = "a setting of Spark, for example spark.executor.memory=4g (may be given several times)")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(
            names = "--jar",
            paramLabel = "FILE",
            description = "the jar that the workers get (default: the one that 'mvn -Pcluster package' made)")
    private @Nullable Path jar;

    /** Refuses what cannot be, before anything is read. */
    void require() {
        if (partitions != null) {
            UsageException.requireRange("--partitions", partitions, 1, 1_000_000);
        }
        SparkSettings.require(settings);
        SparkSettings.requireMaster(master());
        if (jar != null && RemoteFiles.address(jar).isEmpty()) {
            requireJar(jar);
            requirePlain(jar);
        }
        SparkSettings.requireLocalFolders(SparkSettings.of(settings), local());
    }

    private boolean local() {
        return master().startsWith("local");
    }

    /** Spark takes a comma for the end of a jar's path, and what comes after a number sign for another name of it. */
    private static Path requirePlain(Path jar) {
        if (jar.toAbsolutePath().toString().matches("(?s).*[,#].*")) {
            throw new UsageException(
                    "--jar %s: Spark hands out no jar with ',' or '#' in its path: give it another place or name"
                            .formatted(jar.toAbsolutePath()));
        }
        return jar;
    }

    private static void requireJar(Path jar) {
        if (!Files.isRegularFile(jar)) {
            throw new UsageException("--jar %s: there is no such file".formatted(jar));
        }
        try (ZipFile opened = new ZipFile(jar.toFile())) {
            opened.size();
        } catch (IOException none) {
            throw new UsageException(
                    "--jar %s: no jar: 'mvn -Pcluster package' makes one, cluster/target/threehalf-cluster-all.jar"
                            .formatted(jar),
                    none);
        }
    }

    private String master() {
        return master != null ? master : SparkSettings.of(settings).get("spark.master", "local[*]");
    }

    /** What the workers get: nothing that a command writes may be one of these. */
    @Override
    public List<Path> read() {
        if (jar != null) {
            return List.of(jar);
        }
        try {
            return jars();
        } catch (UsageException none) {
            // Said where it is needed: on this machine it is not.
            return List.of();
        }
    }

    /**
     * As {@link StampedModel#requireUnchanged()}; of a file that was fetched, what is there now where it came from
     * counts.
     */
    @Override
    public void requireUnchanged(StampedModel stamped) throws IOException {
        if (RemoteFiles.address(stamped.file()).isEmpty()) {
            stamped.requireUnchanged();
            return;
        }
        try {
            SharedFile.of(stamped).require(Node.DRIVER, RemoteFiles.configuration(SparkSettings.of(settings)));
        } catch (Problem problem) {
            throw problem.forCommand();
        }
    }

    /** How many tasks. */
    int partitions(long byDefault, long most) {
        return (int) Math.max(1, Math.min(Math.min(most, 1_000_000), partitions == null ? byDefault : partitions));
    }

    /** What a command does with the files that it reads. */
    @FunctionalInterface
    interface Reading<E extends Exception> {
        Integer run() throws E, IOException;
    }

    /**
     * Does a command's work with what it reads from elsewhere, as {@link RemoteFiles#fetch}, which goes after it.
     *
     * @param matrices whether matrices of a model are needed here
     */
    <E extends Exception> Integer withFiles(boolean matrices, Reading<E> work) throws E, IOException {
        try {
            RemoteFiles.fetch(command, matrices, SparkSettings.of(settings));
            return work.run();
        } finally {
            RemoteFiles.close();
        }
    }

    /**
     * Connects.
     *
     * @param what the application's name
     * @throws UsageException if nobody answers there, or there is no jar for the workers
     */
    Cluster open(String what) {
        SparkConf conf = SparkSettings.of(settings).setAppName("threehalf " + what);
        String url = master();
        conf.setMaster(url);
        boolean local = local();
        conf.setIfMissing("spark.ui.showConsoleProgress", "false");
        if (local) {
            SparkSettings.embedded(conf);
        } else {
            requireAnswer(url);
            if (!conf.contains("spark.jars")) {
                conf.setJars(
                        jars().stream().map(one -> requirePlain(one).toString()).toArray(String[]::new));
            }
        }
        try {
            return new Cluster(new SparkContext(conf), url);
        } catch (Exception refused) {
            String why = SparkWords.of(refused);
            Throwable cause = refused.getCause();
            if (cause != null && !why.contains(SparkWords.of(cause))) {
                why += ": " + SparkWords.of(cause);
            }
            throw new UsageException(
                    why.contains("Could not parse Master URL")
                            ? SparkSettings.noMaster(url)
                            : "--master %s: Spark does not begin: %s".formatted(url, why),
                    refused);
        }
    }

    /** A master that is not there is found out in seconds, not in Spark's minutes. */
    private static void requireAnswer(String url) {
        if (!url.startsWith(STANDALONE)) {
            return;
        }
        String why = "";
        for (String address : url.substring(STANDALONE.length()).split(",", -1)) {
            int colon = address.lastIndexOf(':');
            if (colon < 1
                    || !address.substring(colon + 1).matches("\\d{1,5}")
                    || Integer.parseInt(address.substring(colon + 1)) > 65_535) {
                throw new UsageException("--master %s: it must be spark://HOST:PORT".formatted(url));
            }
            try (Socket socket = new Socket()) {
                socket.connect(
                        new InetSocketAddress(
                                address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
                        CONNECT_MILLIS);
                return;
            } catch (IOException unreachable) {
                why = unreachable instanceof java.net.UnknownHostException
                        ? "no such host"
                        : String.valueOf(unreachable.getMessage());
            }
        }
        throw new UsageException("--master %s: nobody answers there (%s)".formatted(url, why));
    }

    private List<Path> jars() {
        if (jar != null) {
            return List.of(jar.toAbsolutePath());
        }
        Path here;
        try {
            here = Path.of(SparkOptions.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
        if (Files.isDirectory(here)) {
            Path made = here.resolveSibling("threehalf-cluster-all.jar");
            if (!Files.exists(made)) {
                throw new UsageException(
                        "the workers need %s, which is not there: make it with 'mvn -Pcluster package -DskipTests', or give --jar"
                                .formatted(made));
            }
            return List.of(made);
        }
        if (here.getFileName().toString().endsWith("-all.jar")) {
            return List.of(here);
        }
        // An unpacked download: its jars lie beside each other.
        try (Stream<Path> beside = Files.list(here.toAbsolutePath().getParent())) {
            return beside.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            throw new UsageException("the jars beside %s cannot be listed: give --jar".formatted(here), unreadable);
        }
    }
}
