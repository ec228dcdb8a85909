package org.threehalf.cluster;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.UsageException;

/** Spark's settings. */
final class SparkSettings {
    private static final String LOCAL_FOLDERS = "spark.local.dir";
    private static final String LOOPBACK = "127.0.0.1";
    /** This machine: threads, and perhaps attempts at a task. */
    private static final Pattern LOCAL = Pattern.compile("local(\\[(\\*|[1-9]\\d{0,4})(, *[1-9]\\d{0,4})?])?");

    private SparkSettings() {}

    /**
     * Refuses what is no setting of Spark's, which Spark itself would pass over.
     *
     * @param given of {@code --conf}
     */
    static void require(Map<String, String> given) {
        given.keySet().forEach(key -> {
            if (!key.startsWith("spark.")) {
                throw new UsageException("--conf %s: the name of a setting of Spark begins with 'spark.'"
                        .formatted(SparkWords.shown(key)));
            }
        });
    }

    /**
     * Refuses what is no address of a cluster; of which there is one but none answers, is found out when it is asked.
     */
    static void requireMaster(String url) {
        if (url.isBlank() || url.startsWith("local") && !LOCAL.matcher(url).matches()) {
            throw new UsageException(noMaster(url));
        }
    }

    /** What is said of an address that Spark does not know. */
    static String noMaster(String url) {
        return "--master %s: no cluster that this Spark knows: it must be local[*], local[N], local[N,F] (F attempts at a task), spark://HOST:PORT, or another of Spark's whose jar is there (yarn, k8s://URL)"
                .formatted(url.isBlank() ? "'" + url + "'" : SparkWords.shown(url));
    }

    /**
     * Refuses folders in which Spark cannot keep what it must on this machine, of which it would say so many times, and
     * end the process.
     *
     * @param conf the settings
     * @param all whether all of them must be usable: on a cluster some may be of its nodes alone
     */
    static void requireLocalFolders(SparkConf conf, boolean all) {
        String environment = System.getenv("SPARK_LOCAL_DIRS");
        String name = environment != null
                ? "SPARK_LOCAL_DIRS"
                : conf.contains(LOCAL_FOLDERS) ? "--conf " + LOCAL_FOLDERS : "java.io.tmpdir";
        String folders = environment != null
                ? environment
                : conf.get(LOCAL_FOLDERS, System.getProperty("java.io.tmpdir", "/tmp"));
        String why = "";
        boolean one = false;
        for (String folder : folders.split(",", -1)) {
            String wrong = unusable(folder);
            if (wrong == null) {
                one = true;
            } else {
                why = wrong;
            }
        }
        if (!one || all && !why.isEmpty()) {
            throw new UsageException("%s=%s: Spark keeps its blocks there, and cannot: %s"
                    .formatted(name, SparkWords.shown(folders), why));
        }
    }

    /** Why nothing can be kept in a folder; null if it can. Spark makes one that is missing. */
    private static @Nullable String unusable(String name) {
        try {
            Path folder = Files.createDirectories(Path.of(name));
            Files.delete(Files.createTempDirectory(folder, "threehalf-"));
            return null;
        } catch (InvalidPathException | IOException wrong) {
            return switch (wrong) {
                case FileAlreadyExistsException file -> file.getFile() + " is no folder";
                case FileSystemException io when io.getReason() != null -> io.getFile() + ": " + io.getReason();
                default -> SparkWords.of(wrong);
            };
        }
    }

    /** Those of {@code spark-submit}, and those that are given. */
    static SparkConf of(Map<String, String> given) {
        SparkConf conf = new SparkConf();
        given.forEach(conf::set);
        return conf;
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
}
