package org.threehalf.cluster;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import org.apache.spark.SparkConf;

/** Spark's settings. */
final class SparkSettings {
    private static final String LOOPBACK = "127.0.0.1";

    private SparkSettings() {}

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
