package org.threehalf.cluster;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.cli.UsageException;

/** What cannot begin is said in one line, before anything is read, and Spark is not asked. */
class SparkOptionsTest {

    @TempDir
    Path folder;

    private void refused(String message, Object... words) {
        List<Object> all = new java.util.ArrayList<>(List.of(
                "cluster", "quantize", ClusterLines.tiny("llama3"), folder.resolve("out.gguf"), "--format", "g35"));
        all.addAll(List.of(words));
        ClusterLines run = ClusterLines.run(all.toArray());
        assertEquals(2, run.code(), run::err);
        assertEquals(1, run.err().lines().count(), run::err);
        assertTrue(run.err().contains(message), run::err);
    }

    @Test
    void aJarThatSparkCannotHandOutIsRefused() throws IOException {
        for (String name : List.of("a,b.jar", "a#b.jar", "c,d/e.jar")) {
            Path jar = folder.resolve(name);
            Files.createDirectories(jar.getParent());
            try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
                zip.putNextEntry(new ZipEntry("a"));
            }
            refused("--jar " + jar + ": Spark hands out no jar with ',' or '#'", "--jar", jar);
        }
    }

    @Test
    void aFolderInWhichSparkCanKeepNothingIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        for (Object wrong : List.of(file, "/dev/null", "/proc/none/such", file + "/below", folder + "," + file)) {
            refused("Spark keeps its blocks there, and cannot: ", "--conf", "spark.local.dir=" + wrong);
        }
        assertEquals(List.of("file"), ClusterLines.names(folder));
        // On a cluster some may be of the nodes alone.
        SparkConf conf = new SparkConf(false).set("spark.local.dir", folder + "," + file);
        assertDoesNotThrow(() -> SparkSettings.requireLocalFolders(conf, false));
        assertThrows(UsageException.class, () -> SparkSettings.requireLocalFolders(conf, true));
    }

    /** By Spark itself, once, and with the reason. */
    @Test
    void settingsThatSparkDoesNotTakeAreToldOnce() {
        refused(
                "--master local[1]: Spark does not begin: there is no class no.such.Class",
                "--conf",
                "spark.serializer=no.such.Class",
                "--master",
                "local[1]");
        refused(
                "Spark does not begin: Exception when registering SparkListener: ",
                "--conf",
                "spark.extraListeners=no.such.Class",
                "--master",
                "local[1]");
    }

    @Test
    void localMayHaveAttempts() {
        for (String url : List.of("local", "local[2]", "local[*]", "local[*,3]", "local[2,4]")) {
            assertDoesNotThrow(() -> SparkSettings.requireMaster(url));
        }
        for (String url : List.of("local[0]", "local[*,0]", "local[2,3,4]", "local(2)", "")) {
            var none = assertThrows(UsageException.class, () -> SparkSettings.requireMaster(url));
            assertTrue(none.getMessage().contains("local[N,F]"), none::getMessage);
        }
        String help = ClusterLines.run("cluster", "quantize", "--help").out();
        assertTrue(help.contains("local[N,F]"), help);
        refused("--conf a\ufffdb: the name", "--conf", "a\u202eb=1");
    }
}
