package org.threehalf.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.UsageException;
import picocli.CommandLine.Option;

/** The options of all cluster commands: where the cluster is. */
final class SparkOptions {
    private static final int CONNECT_MILLIS = 5_000;
    private static final String STANDALONE = "spark://";
    private static final String LOOPBACK = "127.0.0.1";

    @Option(
            names = "--master",
            paramLabel = "URL",
            description =
                    "the cluster: local[*] or local[N] for this machine, spark://HOST:PORT, or another of Spark's (default: what spark-submit says, else local[*])")
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

    /** Refuses numbers outside their ranges. */
    void require() {
        if (partitions != null) {
            UsageException.requireRange("--partitions", partitions, 1, 1_000_000);
        }
    }

    /** How many tasks. */
    int partitions(long byDefault, long most) {
        return (int) Math.max(1, Math.min(Math.min(most, 1_000_000), partitions == null ? byDefault : partitions));
    }

    /** Spark's settings: those of {@code spark-submit}, and those that are given. */
    SparkConf conf() {
        SparkConf conf = new SparkConf();
        settings.forEach(conf::set);
        return conf;
    }

    /**
     * Connects.
     *
     * @param what the application's name
     * @throws UsageException if nobody answers there, or there is no jar for the workers
     */
    Cluster open(String what) {
        SparkConf conf = conf().setAppName("threehalf " + what);
        String url = master != null ? master : conf.get("spark.master", "local[*]");
        conf.setMaster(url);
        boolean local = url.startsWith("local");
        conf.setIfMissing("spark.ui.showConsoleProgress", "false");
        if (local) {
            embedded(conf);
        } else {
            requireAnswer(url);
            if (!conf.contains("spark.jars")) {
                conf.setJars(jars().stream().map(Path::toString).toArray(String[]::new));
            }
        }
        try {
            return new Cluster(new SparkContext(conf), url);
        } catch (Exception refused) {
            throw new UsageException("--master %s: %s".formatted(url, refused.getMessage()), refused);
        }
    }

    /**
     * For a cluster that is this process: no page, no port but the loopback's, and nobody is heard there, of whatever
     * user of this machine, who does not know a secret that nobody is told.
     */
    static void embedded(SparkConf conf) {
        conf.setIfMissing("spark.ui.enabled", "false");
        conf.setIfMissing("spark.driver.host", LOOPBACK);
        conf.setIfMissing("spark.driver.bindAddress", LOOPBACK);
        conf.setIfMissing("spark.authenticate", "true");
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        conf.setIfMissing("spark.authenticate.secret", HexFormat.of().formatHex(secret));
    }

    /** A master that is not there is found out in seconds, not in Spark's minutes. */
    private static void requireAnswer(String url) {
        if (!url.startsWith(STANDALONE)) {
            return;
        }
        String why = "";
        for (String address : url.substring(STANDALONE.length()).split(",")) {
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
            if (!Files.isRegularFile(jar)) {
                throw new UsageException("--jar %s: there is no such file".formatted(jar));
            }
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
