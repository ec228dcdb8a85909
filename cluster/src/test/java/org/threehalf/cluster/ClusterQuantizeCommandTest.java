package org.threehalf.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.kernels.io.Sha256;

class ClusterQuantizeCommandTest {

    @TempDir
    Path folder;

    /** The table without its times. */
    private static String table(String out) {
        return out.lines()
                .filter(line -> line.contains(".weight") || line.startsWith("total"))
                .map(line -> line.replaceAll("[0-9.]+ s$", ""))
                .reduce("", (a, b) -> a + b + "\n");
    }

    @ParameterizedTest
    @CsvSource({"1, 'local[1]', t35", "2, 'local[2]', t35", "5, 'local[2]', g35", "1000, 'local[2]', int8"})
    void givesTheBytesOfOneProcess(int partitions, String master, String format) throws IOException {
        for (String model : List.of("llama3", "gemma3")) {
            Path one = folder.resolve("one.gguf");
            Path many = folder.resolve("many.gguf");
            ClusterLines single = ClusterLines.run(
                    "quantize", ClusterLines.tiny(model), one, "--format", format, "--rotate", "--force");
            ClusterLines cluster = ClusterLines.run(
                    "cluster",
                    "quantize",
                    ClusterLines.tiny(model),
                    many,
                    "--format",
                    format,
                    "--rotate",
                    "--force",
                    "--partitions",
                    partitions,
                    "--master",
                    master);
            assertEquals(0, single.code(), single::err);
            assertEquals(0, cluster.code(), cluster::err);
            assertEquals(Sha256.of(one), Sha256.of(many));
            assertEquals(table(single.out()), table(cluster.out()));
            assertEquals(List.of("many.gguf", "one.gguf"), ClusterLines.names(folder));
        }
    }

    /** Layer after layer, with experts, whose rows are slices of a stack. */
    @Test
    void calibratesToTheBytesOfOneProcess() throws IOException {
        Path text = Files.writeString(
                folder.resolve("text"),
                "Three and a half bits hold a weight, and every machine gives the same bits for it. ".repeat(20));
        for (String model : List.of("qwen3", "gemma3")) {
            Object[] options = {"--force", "--rotate", "--calibrate", text, "--calibrate-tokens", 1024};
            Path one = folder.resolve("one.gguf");
            ClusterLines single = run(options, "quantize", ClusterLines.tiny(model), one, "--format", "t35");
            assertEquals(0, single.code(), single::err);
            for (int partitions : List.of(1, 2, 5)) {
                Path many = folder.resolve("many.gguf");
                ClusterLines cluster = run(
                        options,
                        "cluster",
                        "quantize",
                        ClusterLines.tiny(model),
                        many,
                        "--format",
                        "t35",
                        "--master",
                        "local[2]",
                        "--partitions",
                        partitions);
                assertEquals(0, cluster.code(), cluster::err);
                assertEquals(Sha256.of(one), Sha256.of(many));
                assertEquals(table(single.out()), table(cluster.out()));
            }
        }
        assertEquals(List.of("many.gguf", "one.gguf", "text"), ClusterLines.names(folder));
    }

    /** The formats are chosen before there are tasks. */
    @Test
    void choosesTheFormatsOfOneProcess() throws IOException {
        Path text = Files.writeString(
                folder.resolve("text"),
                "Three and a half bits hold a weight, and every machine gives the same bits for it. ".repeat(20));
        Object[] options = {"--bits", "10", "--calibrate", text, "--calibrate-tokens", 1024};
        Path one = folder.resolve("one.gguf");
        Path many = folder.resolve("many.gguf");
        ClusterLines single = run(options, "quantize", ClusterLines.tiny("gemma3"), one);
        assertEquals(0, single.code(), single::err);
        ClusterLines cluster = run(
                options,
                "cluster",
                "quantize",
                ClusterLines.tiny("gemma3"),
                many,
                "--master",
                "local[2]",
                "--partitions",
                2);
        assertEquals(0, cluster.code(), cluster::err);
        assertEquals(Sha256.of(one), Sha256.of(many));
        assertEquals(
                2,
                run(
                                options,
                                "cluster",
                                "quantize",
                                ClusterLines.tiny("gemma3"),
                                many,
                                "--force",
                                "--format",
                                "t35",
                                "--master",
                                "local[1]")
                        .code());
    }

    private static ClusterLines run(Object[] options, Object... words) {
        return ClusterLines.run(
                java.util.stream.Stream.concat(java.util.Arrays.stream(words), java.util.Arrays.stream(options))
                        .toArray());
    }

    @Test
    void saysWhatOneProcessSaysOfBadInput() throws IOException {
        Path quantized = folder.resolve("q.gguf");
        assertEquals(
                0,
                ClusterLines.run("quantize", ClusterLines.tiny("llama3"), quantized)
                        .code());
        Path out = folder.resolve("out.gguf");
        ClusterLines again = ClusterLines.run("cluster", "quantize", quantized, out, "--master", "local[1]");
        ClusterLines single = ClusterLines.run("quantize", quantized, out);
        assertEquals(1, again.code());
        assertEquals(single.err(), again.err());
        assertEquals(
                2,
                ClusterLines.run("cluster", "quantize", ClusterLines.tiny("llama3"), quantized, "--master", "local[1]")
                        .code());
        assertEquals(List.of("q.gguf"), ClusterLines.names(folder));
    }

    /** REQ-FMT-007 is refused by a task; the message is that of one process, and nothing is left. */
    @Test
    void aRefusedWeightEndsTheJob() throws IOException {
        Path bad = folder.resolve("bad.gguf");
        byte[] bytes = Files.readAllBytes(ClusterLines.tiny("llama3"));
        try (GgufFile file = GgufReader.open(ClusterLines.tiny("llama3"))) {
            GgufTensor matrix = file.tensor("blk.1.ffn_down.weight");
            // A quiet not-a-number of binary32, or of binary16 twice.
            for (long i = matrix.offset(); i < matrix.offset() + matrix.data().byteSize(); i += 2) {
                bytes[(int) i] = (byte) 0xc0;
                bytes[(int) i + 1] = 0x7f;
            }
        }
        Files.write(bad, bytes);
        Path out = folder.resolve("out.gguf");
        ClusterLines single = ClusterLines.run("quantize", bad, out, "--threads", 1);
        ClusterLines cluster =
                ClusterLines.run("cluster", "quantize", bad, out, "--master", "local[1]", "--partitions", 1);
        assertEquals(1, cluster.code(), cluster::err);
        assertTrue(
                cluster.err()
                        .lines()
                        .toList()
                        .getLast()
                        .matches("threehalf quantize: bad\\.gguf: tensor \\S+: row \\d+: .*"),
                cluster.err());
        assertEquals(single.err().replaceAll("row .*", ""), cluster.err().replaceAll("row .*", ""));
        assertEquals(List.of("bad.gguf"), ClusterLines.names(folder));
    }

    @Test
    void anUnreachableMasterIsSaidSo(@TempDir Path elsewhere) throws IOException {
        // The workers' jar is there once the module is packaged, which tests do not wait for.
        Path jar = elsewhere.resolve("workers.jar");
        new JarOutputStream(Files.newOutputStream(jar), new Manifest()).close();
        int free;
        try (java.net.ServerSocket socket =
                new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        String none =
                ": no cluster that this Spark knows: it must be local[*], local[N], local[N,F] (F attempts at a task), spark://HOST:PORT, or ";
        record Master(String url, String said) {}
        for (Master master : List.of(
                new Master("spark://127.0.0.1:" + free, ": nobody answers there ("),
                new Master("spark://no.host.invalid:7077", ": nobody answers there (no such host)"),
                new Master("spark://127.0.0.1", ": it must be spark://HOST:PORT"),
                new Master("spark://", ": it must be spark://HOST:PORT"),
                new Master("spark://,", ": it must be spark://HOST:PORT"),
                new Master("spark://127.0.0.1:70000", ": it must be spark://HOST:PORT"),
                new Master("local[0]", none),
                new Master("local[two]", none),
                new Master("local[-1]", none),
                new Master("local[999999999999]", none),
                new Master("local-cluster[2,1,1024]", none),
                new Master("", none),
                new Master(" ", none),
                new Master("mesos://127.0.0.1:5050", none),
                new Master("nonsense", none))) {
            requireOneSentence(
                    "--master " + (master.url().isBlank() ? "'" + master.url() + "'" : master.url()) + master.said(),
                    "--master",
                    master.url(),
                    "--jar",
                    jar);
        }
    }

    /** What Spark does not take, in a sentence without what only its authors can use. */
    @Test
    void settingsThatSparkRefusesAreSaidSo() throws IOException {
        requireOneSentence(
                "--conf sprak.executor.memory: the name of a setting of Spark begins with 'spark.'",
                "--conf",
                "sprak.executor.memory=1g");
        requireOneSentence(
                "--master local[2]: Spark does not begin: ", "--conf", "spark.task.cpus=99", "--master", "local[2]");
        requireOneSentence(
                "--master local[2]: Spark does not begin: ",
                "--conf",
                "spark.driver.maxResultSize=lots",
                "--conf",
                "spark.memory.offHeap.enabled=perhaps",
                "--master",
                "local[2]");
        requireOneSentence(
                "--jar " + folder.resolve("none") + ": there is no such file", "--jar", folder.resolve("none"));
        requireOneSentence("--jar " + ClusterLines.tiny("llama3") + ": no jar: ", "--jar", ClusterLines.tiny("llama3"));
    }

    private void requireOneSentence(String message, Object... words) throws IOException {
        ClusterLines run = run(words, "cluster", "quantize", ClusterLines.tiny("llama3"), folder.resolve("out.gguf"));
        assertEquals(2, run.code(), run::err);
        assertTrue(run.err().startsWith("threehalf quantize: " + message), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertFalse(run.err().matches("(?s).*(Exception|org\\.apache|java\\.|SQLSTATE|\\[[A-Z]+_).*"), run.err());
        assertEquals(List.of(), ClusterLines.names(folder));
    }
}
