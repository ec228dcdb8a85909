package org.threehalf.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.model.ModelFiles;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.io.Sha256;

/** Models, texts and prompts on a file system of Hadoop's: the results are those of the same local files. */
class RemoteFilesTest {

    @TempDir
    Path folder;

    private static ClusterLines run(Object... words) {
        return ClusterLines.run(Stream.concat(
                        Arrays.stream(words), Stream.of("--master", "local[2]", "--conf", MockFileSystem.setting()))
                .toArray());
    }

    private static String figures(ClusterLines lines) {
        assertEquals(0, lines.code(), lines::err);
        return lines.out().replaceAll(", [0-9.]+ s", "");
    }

    /** By ranges: what tasks read together is the file once, and a header each. */
    @Test
    void quantizesByTheRangesThatAreNeeded() throws IOException {
        Path model = folder.resolve("m.gguf");
        SyntheticModel.write(model, 1, 512, 1024, 256);
        Path one = folder.resolve("one.gguf");
        Path many = folder.resolve("many.gguf");
        assertEquals(
                0,
                ClusterLines.run("quantize", model, one, "--format", "int8", "--rotate")
                        .code());
        for (int partitions : List.of(1, 4)) {
            MockFileSystem.READ.set(0);
            ClusterLines cluster = run(
                    "cluster",
                    "quantize",
                    MockFileSystem.address(model),
                    many,
                    "--format",
                    "int8",
                    "--rotate",
                    "--force",
                    "--partitions",
                    partitions);
            assertEquals(0, cluster.code(), cluster::err);
            assertEquals(Sha256.of(one), Sha256.of(many));
            long read = MockFileSystem.READ.get();
            long once = Files.size(model);
            assertTrue(read >= once && read <= once + (partitions + 1) * 300_000L, "%,d of %,d".formatted(read, once));
        }
        assertEquals(List.of("m.gguf", "many.gguf", "one.gguf"), ClusterLines.names(folder));
    }

    @Test
    void calibratesMeasuresJudgesAndAnswers() throws IOException {
        Path model = Files.copy(ClusterLines.tiny("gemma3"), folder.resolve("m.gguf"));
        String remote = MockFileSystem.address(model);
        Path text = Files.writeString(
                folder.resolve("text"),
                "Three and a half bits hold a weight, and every machine gives the same bits for it. ".repeat(20));
        String remoteText = MockFileSystem.address(text);
        Path one = folder.resolve("one.gguf");
        Path many = folder.resolve("many.gguf");
        assertEquals(
                0,
                ClusterLines.run(
                                "quantize",
                                model,
                                one,
                                "--format",
                                "g35",
                                "--calibrate",
                                text,
                                "--calibrate-tokens",
                                1024)
                        .code());
        assertEquals(
                0,
                run(
                                "cluster",
                                "quantize",
                                remote,
                                many,
                                "--format",
                                "g35",
                                "--calibrate",
                                remoteText,
                                "--calibrate-tokens",
                                1024)
                        .code());
        assertEquals(Sha256.of(one), Sha256.of(many));

        Object[] windows = {"--window", 16, "--windows", 3, "--hash"};
        assertEquals(
                figures(ClusterLines.run(
                        Stream.concat(Stream.of("perplexity", "-m", model, "-f", text), Arrays.stream(windows))
                                .toArray())),
                figures(run(Stream.concat(
                                Stream.of("cluster", "perplexity", "-m", remote, "-f", remoteText, "--parts", folder),
                                Arrays.stream(windows))
                        .toArray())));

        Path in = Files.writeString(folder.resolve("in"), "{\"prompt\": \"The ocean\"}\n");
        Path out = folder.resolve("out");
        assertEquals(
                0,
                run("cluster", "generate", in, out, "-m", model, "--seed", 3, "-n", 4)
                        .code());
        String answers = Files.readString(out);
        assertEquals(
                0,
                run(
                                "cluster",
                                "generate",
                                MockFileSystem.address(in),
                                out,
                                "-m",
                                remote,
                                "--seed",
                                3,
                                "-n",
                                4,
                                "--force")
                        .code());
        assertEquals(answers, Files.readString(out));

        Object[] what = {"--backend", "simd", "--golden-only", "--level", "L0", "--model"};
        ClusterLines alone = ClusterLines.run(
                Stream.concat(Stream.of("conformance"), Stream.concat(Arrays.stream(what), Stream.of(one)))
                        .toArray());
        ClusterLines judged = run(Stream.concat(
                        Stream.of("cluster", "conformance"),
                        Stream.concat(Arrays.stream(what), Stream.of(MockFileSystem.address(one))))
                .toArray());
        assertEquals(0, judged.code(), judged::err);
        assertEquals(alone.out(), judged.out());
    }

    /** As HTTP's file system does: no length, no time, and no way back in a file. */
    @Test
    void aFileWhoseLengthNobodyTellsIsReadToItsEnd() throws IOException {
        Path model = Files.copy(ClusterLines.tiny("gemma3"), folder.resolve("m.gguf"));
        Path text = Files.writeString(folder.resolve("text"), "Three and a half bits hold a weight. ".repeat(20));
        Path one = folder.resolve("one.gguf");
        Path many = folder.resolve("many.gguf");
        assertEquals(
                0, ClusterLines.run("quantize", model, one, "--format", "g35").code());
        Object[] windows = {"--window", 16, "--windows", 3, "--hash"};
        String figures = figures(
                ClusterLines.run(Stream.concat(Stream.of("perplexity", "-m", model, "-f", text), Arrays.stream(windows))
                        .toArray()));
        MockFileSystem.LENGTH.set(length -> -1);
        try {
            ClusterLines quantized = run(
                    "cluster", "quantize", MockFileSystem.address(model), many, "--format", "g35", "--partitions", 3);
            assertEquals(0, quantized.code(), quantized::err);
            assertEquals(Sha256.of(one), Sha256.of(many));
            assertEquals(
                    figures,
                    figures(run(Stream.concat(
                                    Stream.of(
                                            "cluster",
                                            "perplexity",
                                            "-m",
                                            MockFileSystem.address(model),
                                            "-f",
                                            MockFileSystem.address(text),
                                            "--parts",
                                            folder),
                                    Arrays.stream(windows))
                            .toArray())));
            // What a node reads is held against what the driver read.
            Configuration conf = new Configuration();
            conf.set("fs.mock.impl", MockFileSystem.class.getName());
            SharedFile same = new SharedFile(MockFileSystem.address(model), "content " + Sha256.of(model));
            same.require("a", conf);
            assertEquals(Sha256.of(model), Sha256.of(RemoteFiles.whole(same, conf)));
            SharedFile other = new SharedFile(MockFileSystem.address(model), "content " + Sha256.of(text));
            var changed = assertThrows(Problem.class, () -> RemoteFiles.whole(other, conf));
            assertTrue(changed.getMessage().contains("was changed while it was read"), changed::getMessage);
        } finally {
            MockFileSystem.LENGTH.set(java.util.function.LongUnaryOperator.identity());
            RemoteFiles.close();
        }
    }

    /** What comes is held against the length that is told; and messages name the address, and nothing of ours. */
    @Test
    void aFileThatIsNotAsLongAsItIsSaidToBeIsRefused() throws IOException {
        Path model = ClusterLines.tiny("llama3");
        Path text = Files.writeString(folder.resolve("text"), "a text of some length, for two windows of it");
        Path prompts = Files.writeString(folder.resolve("prompts"), "{\"prompt\": \"a\"}\n");
        Path empty = Files.createFile(folder.resolve("empty"));
        Path out = folder.resolve("out");
        for (int more : List.of(-3, 3)) {
            MockFileSystem.LENGTH.set(length -> length == 0 ? 0 : length + more);
            try {
                requireAddress(text, 2, "perplexity", "-m", model, "-f", MockFileSystem.address(text), "--window", 8);
                requireAddress(model, 2, "perplexity", "-m", MockFileSystem.address(model), "-f", text, "--window", 8);
                requireAddress(prompts, 2, "generate", MockFileSystem.address(prompts), out, "-m", model);
            } finally {
                MockFileSystem.LENGTH.set(java.util.function.LongUnaryOperator.identity());
            }
        }
        String nothing = MockFileSystem.address(empty);
        requireAddress(empty, 2, "perplexity", "-m", model, "-f", nothing, "--window", 8);
        requireAddress(empty, 2, "perplexity", "-m", nothing, "-f", text, "--window", 8);
        requireAddress(empty, 2, "quantize", nothing, out);
        requireAddress(empty, 2, "generate", nothing, out, "-m", model);
        // What our own readers say of a file names its address too.
        requireAddress(text, 1, "quantize", MockFileSystem.address(text), out);
        ClusterLines noModel =
                run("cluster", "perplexity", "-m", MockFileSystem.address(text), "-f", text, "--window", 8);
        assertEquals(1, noModel.code(), noModel::err);
        assertFalse(noModel.err().contains("threehalf-remote"), noModel::err);
        Path spaces = Files.writeString(folder.resolve("spaces"), " \n");
        requireAddress(spaces, 2, "generate", MockFileSystem.address(spaces), out, "-m", model);
        Path bytes = Files.write(folder.resolve("bytes"), new byte[] {(byte) 0xff, 1});
        requireAddress(bytes, 1, "perplexity", "-m", model, "-f", MockFileSystem.address(bytes), "--window", 8);
        assertEquals(List.of("bytes", "empty", "prompts", "spaces", "text"), ClusterLines.names(folder));
    }

    private static void requireAddress(Path file, int code, Object... words) {
        ClusterLines run =
                run(Stream.concat(Stream.of("cluster"), Arrays.stream(words)).toArray());
        assertEquals(code, run.code(), run::err);
        assertTrue(run.err().contains(MockFileSystem.address(file)), run::err);
        assertFalse(run.err().contains("threehalf-remote"), run::err);
        assertEquals(1, run.err().lines().count(), run::err);
    }

    @Test
    void saysWhatCannotBe() throws IOException {
        Path model = ClusterLines.tiny("llama3");
        String remote = MockFileSystem.address(model);
        Path out = folder.resolve("out");
        Path text = Files.writeString(folder.resolve("text"), "a text of some length, for two windows of it");
        record Refused(String message, List<Object> words) {}
        for (Refused refused : List.of(
                new Refused(
                        "OUT mock://" + out + ": only files that are read",
                        List.of("cluster", "quantize", model, MockFileSystem.address(out))),
                new Refused(
                        "--logits mock://" + out + ": only files that are read",
                        List.of(
                                "cluster",
                                "perplexity",
                                "-m",
                                model,
                                "-f",
                                text,
                                "--window",
                                8,
                                "--logits",
                                MockFileSystem.address(out))),
                new Refused("there is no such file", List.of("cluster", "quantize", remote + ".none", out)),
                new Refused("a folder; of other file systems", List.of("cluster", "quantize", "mock:///tmp/", out)),
                new Refused(
                        "a folder; of other file systems",
                        List.of("cluster", "quantize", MockFileSystem.address(folder), out)),
                new Refused(
                        "one of several files", List.of("cluster", "quantize", "mock:///a-00001-of-00002.gguf", out)),
                new Refused(
                        "its file system cannot be used", List.of("cluster", "quantize", "abacus:///m.gguf", out)))) {
            ClusterLines run = run(refused.words().toArray());
            assertEquals(2, run.code(), run::err);
            assertTrue(run.err().contains(refused.message()), run::err);
        }
        assertEquals(List.of("text"), ClusterLines.names(folder));
    }

    /** A file that became another, and one that is gone. */
    @Test
    void aChangedFileIsNotRead() throws IOException {
        Path model = Files.copy(ClusterLines.tiny("llama3"), folder.resolve("m.gguf"));
        Configuration conf = new Configuration();
        conf.set("fs.mock.impl", MockFileSystem.class.getName());
        String address = MockFileSystem.address(model);
        SharedFile shared = new SharedFile(address, RemoteFiles.stamp(address, conf));
        shared.require("a", conf);
        Files.setLastModifiedTime(model, FileTime.fromMillis(1_000));
        var changed = assertThrows(Problem.class, () -> shared.require("a", conf));
        assertTrue(changed.getMessage().contains("sees another file"), changed::getMessage);
        Files.delete(model);
        var gone = assertThrows(Problem.class, () -> shared.require("a", conf));
        assertTrue(gone.getMessage().startsWith("node a does not see mock:///"), gone::getMessage);
    }

    /** A header that is longer than what is read first: holes are not taken for it. */
    @Test
    void aLongHeaderIsReadWhole() throws IOException {
        Path model = ClusterLines.tiny("llama3");
        Configuration conf = new Configuration();
        conf.set("fs.mock.impl", MockFileSystem.class.getName());
        String address = MockFileSystem.address(model);
        SharedFile shared = new SharedFile(address, RemoteFiles.stamp(address, conf));
        for (int first : List.of(24, 100, 1_000, 1 << 20)) {
            Path local = RemoteFiles.rows(
                    shared, List.of(new RowRange("token_embd.weight", Format.G35, 1, 2, 64)), first, conf);
            try (GgufFile whole = ModelFiles.open(model);
                    GgufFile some = ModelFiles.open(local)) {
                assertEquals(
                        whole.tensors().stream()
                                .map(t -> t.info() + " " + t.offset())
                                .toList(),
                        some.tensors().stream()
                                .map(t -> t.info() + " " + t.offset())
                                .toList());
                assertEquals(
                        -1,
                        whole.tensor("token_embd.weight")
                                .rowBytes(2)
                                .mismatch(some.tensor("token_embd.weight").rowBytes(2)));
            }
        }
        RemoteFiles.close();
    }
}
