package org.threehalf.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkException;
import org.apache.spark.internal.config.package$;
import org.apache.spark.rpc.RpcEnv;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.backends.spi.decoder.BatchDecoder;
import org.threehalf.cli.StampedModel;
import org.threehalf.cli.StoppedException;
import org.threehalf.cli.UsageException;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.model.ModelFiles;
import org.threehalf.inference.model.QuantizedModelWriter.Listener;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.quantize.DampedHessian;
import org.threehalf.kernels.quantize.Hessian;

/**
 * The machinery: each result once, tasks that are lost and done again, and what is said when nodes are not as they must
 * be.
 */
class ClusterTest {

    @TempDir
    Path folder;

    private static Cluster open() {
        return open(new SparkConf());
    }

    private static Cluster open(SparkConf conf) {
        conf.setAppName("test").setMaster("local[2,4]");
        SparkSettings.embedded(conf);
        return new Cluster(new SparkContext(conf), "local[2,4]");
    }

    /** Dies at its first attempt, as a task whose worker is lost, in the middle of its part. */
    private record DiesOnce(QuantizeRows rows, String deaths) implements Work<SharedFolder.Whole> {
        @Override
        public SharedFolder.Whole run(Node node) throws Exception {
            if (Files.notExists(Path.of(deaths))) {
                rows.parts().begin("rows", node.host()).write(new byte[100]);
                Files.createFile(Path.of(deaths));
                throw new IllegalStateException("lost");
            }
            return rows.run(node);
        }
    }

    @Test
    void lostTasksAreDoneAgainAndTheirHalvesAreNotTaken() throws Exception {
        Path model = ClusterLines.tiny("llama3");
        try (Parts parts = Parts.beside(folder.resolve("out"), open());
                GgufFile file = ModelFiles.open(model);
                java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofShared()) {
            GgufTensor tensor = file.tensor("token_embd.weight");
            List<List<RowRange>> ranges = RowRange.cut(List.of(RowRange.whole(tensor, Format.G35)), 7);
            assertEquals(7, ranges.size());
            SharedFolder.Whole[] written = new SharedFolder.Whole[7];
            List<DiesOnce> work = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                work.add(new DiesOnce(
                        new QuantizeRows(
                                SharedFile.of(StampedModel.of(model)), parts.folder(), false, ranges.get(i), null),
                        folder.resolve("death" + i).toString()));
            }
            List<Integer> told = new ArrayList<>();
            parts.cluster().run("test", work, (number, part) -> {
                told.add(number);
                written[number] = part;
            });
            assertEquals(List.of(0, 1, 2, 3, 4, 5, 6), told.stream().sorted().toList());
            PackedMatrix one = PackedMatrix.allocate(Format.G35, (int) tensor.rows(), (int) tensor.columns(), arena);
            PackedMatrix many = PackedMatrix.allocate(Format.G35, (int) tensor.rows(), (int) tensor.columns(), arena);
            var error = org.threehalf.inference.model.QuantizedModelWriter.MatrixSource.PLAIN.fill(
                    tensor, one, new Listener() {});
            assertEquals(
                    error,
                    new PartMatrices(parts.folder(), ranges, List.of(written), () -> false)
                            .fill(tensor, many, new Listener() {}));
            assertEquals(-1, one.codes().mismatch(many.codes()));
            assertEquals(-1, one.scales().mismatch(many.scales()));
            assertEquals(-1, one.subscales().mismatch(many.subscales()));
        }
        assertEquals(
                List.of("death0", "death1", "death2", "death3", "death4", "death5", "death6"),
                ClusterLines.names(folder));
    }

    @Test
    void aPartThatWasChangedIsNotTaken() throws Exception {
        Path model = ClusterLines.tiny("llama3");
        try (Parts parts = Parts.beside(folder.resolve("out"), open());
                GgufFile file = ModelFiles.open(model);
                java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofShared()) {
            GgufTensor tensor = file.tensor("token_embd.weight");
            List<List<RowRange>> ranges = RowRange.cut(List.of(RowRange.whole(tensor, Format.G35)), 1);
            List<SharedFolder.Whole> written = new ArrayList<>();
            parts.cluster()
                    .run(
                            "test",
                            List.of(new QuantizeRows(
                                    SharedFile.of(StampedModel.of(model)),
                                    parts.folder(),
                                    false,
                                    ranges.getFirst(),
                                    null)),
                            (number, part) -> written.add(part));
            Path part = parts.folder().resolve(written.getFirst().name());
            byte[] bytes = Files.readAllBytes(part);
            bytes[bytes.length / 2] ^= 1;
            Files.write(part, bytes);
            PackedMatrix many = PackedMatrix.allocate(Format.G35, (int) tensor.rows(), (int) tensor.columns(), arena);
            var changed = assertThrows(
                    java.io.UncheckedIOException.class,
                    () -> new PartMatrices(parts.folder(), ranges, written, () -> false)
                            .fill(tensor, many, new Listener() {}));
            assertTrue(changed.getMessage().contains("a part is not what was written"), changed::getMessage);
            var interrupted = assertThrows(
                    java.io.UncheckedIOException.class,
                    () -> new PartMatrices(parts.folder(), ranges, written, () -> true)
                            .fill(tensor, many, new Listener() {}));
            assertTrue(interrupted.getMessage().contains("interrupted"), interrupted::getMessage);
            Files.delete(part);
            var gone = assertThrows(
                    java.io.UncheckedIOException.class,
                    () -> new PartMatrices(parts.folder(), ranges, written, () -> false)
                            .fill(tensor, many, new Listener() {}));
            assertTrue(gone.getMessage().contains("is not there"), gone::getMessage);
        }
    }

    /** A part is read once: one that takes its name is not read, and what is written into it is found at its end. */
    @Test
    void aPartThatChangesWhileItIsReadIsNotTaken() throws Exception {
        Path model = ClusterLines.tiny("llama3");
        try (Parts parts = Parts.beside(folder.resolve("out"), open());
                GgufFile file = ModelFiles.open(model);
                java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofShared()) {
            List<String> names = List.of("token_embd.weight", "blk.0.ffn_up.weight");
            List<RowRange> both = List.of(
                    RowRange.whole(file.tensor(names.get(0)), Format.G35),
                    RowRange.whole(file.tensor(names.get(1)), Format.G35));
            for (String how : List.of("as it was", "another", "changed", "cut")) {
                List<SharedFolder.Whole> written = new ArrayList<>();
                parts.cluster()
                        .run(
                                "test",
                                List.of(new QuantizeRows(
                                        SharedFile.of(StampedModel.of(model)), parts.folder(), false, both, null)),
                                (number, part) -> written.add(part));
                try (PartMatrices read = new PartMatrices(parts.folder(), List.of(both), written, () -> false)) {
                    read.fill(file.tensor(names.get(0)), packed(both.get(0), arena), new Listener() {});
                    Path part = parts.folder().resolve(written.getFirst().name());
                    byte[] bytes = Files.readAllBytes(part);
                    bytes[bytes.length - 20] ^= 1;
                    switch (how) {
                        case "another" -> {
                            Files.delete(part);
                            Files.write(part, bytes);
                        }
                        case "changed" -> Files.write(part, bytes, java.nio.file.StandardOpenOption.WRITE);
                        case "cut" -> Files.write(part, new byte[0]);
                        default -> {}
                    }
                    PackedMatrix second = packed(both.get(1), arena);
                    if (how.equals("changed") || how.equals("cut")) {
                        var refused = assertThrows(
                                java.io.UncheckedIOException.class,
                                () -> read.fill(file.tensor(names.get(1)), second, new Listener() {}));
                        assertTrue(refused.getCause() instanceof StoppedException, refused::toString);
                        assertTrue(
                                refused.getMessage().contains("a part is not what was written"), refused::getMessage);
                    } else {
                        read.fill(file.tensor(names.get(1)), second, new Listener() {});
                        PackedMatrix one = packed(both.get(1), arena);
                        org.threehalf.inference.model.QuantizedModelWriter.MatrixSource.PLAIN.fill(
                                file.tensor(names.get(1)), one, new Listener() {});
                        assertEquals(-1, one.codes().mismatch(second.codes()));
                    }
                }
            }
        }
    }

    private static PackedMatrix packed(RowRange rows, java.lang.foreign.Arena arena) {
        return PackedMatrix.allocate(rows.format(), rows.count(), rows.columns(), arena);
    }

    /**
     * Of logits and of what inputs look like too: what was changed or cut short is not taken, nor what is not there.
     */
    @Test
    void everyPartIsHeldAgainstItsHash() throws Exception {
        try (Parts parts = Parts.beside(folder.resolve("out"), open())) {
            SharedFolder shared = parts.folder();
            DampedHessian hessian = Hessian.identity(128);
            SharedFolder.Whole part = Hessians.write(shared, hessian);
            Node node = new Node("n", 1);
            assertEquals(128, Hessians.read(shared, part, node).size());
            byte[] good = Files.readAllBytes(shared.resolve(part.name()));
            assertEquals(part.bytes(), good.length);
            for (int at : List.of(3, 11, good.length / 2, good.length - 1)) {
                SharedFolder.Whole another = Hessians.write(shared, hessian);
                byte[] bad = good.clone();
                bad[at] ^= 1;
                Files.write(shared.resolve(another.name()), bad);
                var changed = assertThrows(Problem.class, () -> Hessians.read(shared, another, node));
                assertTrue(changed.getMessage().contains("a part is not what was written"), changed::getMessage);
                Files.write(shared.resolve(another.name()), java.util.Arrays.copyOf(good, at));
                var cut = assertThrows(Problem.class, () -> Hessians.read(shared, another, node));
                assertTrue(cut.getMessage().contains("a part is not what was written"), cut::getMessage);
                Files.delete(shared.resolve(another.name()));
                var gone = assertThrows(Problem.class, () -> Hessians.read(shared, another, node));
                assertTrue(gone.getMessage().contains("is not there"), gone::getMessage);
                assertTrue(gone.forCommand() instanceof StoppedException);
            }
        }
    }

    /** Who has no secret is not heard; where none is asked for, he is, so that this can fail. */
    @Test
    void nobodyElseIsHeardInTheEmbeddedMode() {
        try (Cluster cluster = open()) {
            assertFalse(heard(cluster));
        }
        try (Cluster cluster = open(new SparkConf().set("spark.authenticate", "false"))) {
            assertTrue(heard(cluster));
        }
    }

    private static boolean heard(Cluster cluster) {
        SparkConf conf = new SparkConf(false).set("spark.rpc.askTimeout", "20s").set("spark.rpc.lookupTimeout", "20s");
        RpcEnv stranger = RpcEnv.create(
                "stranger",
                "127.0.0.1",
                0,
                conf,
                new SecurityManager(conf, scala.Option.empty(), package$.MODULE$.AUTH_SECRET_FILE()),
                true);
        try {
            stranger.setupEndpointRef(cluster.address(), "HeartbeatReceiver");
            return true;
        } catch (Exception refused) {
            return false;
        } finally {
            stranger.shutdown();
            stranger.awaitTermination();
        }
    }

    /** What Spark says of a node with an old Java, and of one whose jar has another class. */
    @Test
    void aNodeThatCannotLoadTheTaskIsNamed() {
        try (Cluster cluster = open()) {
            String lost = "Job aborted due to stage failure: Task 0 in stage 0.0 failed 4 times, most recent failure: "
                    + "Lost task 0.3 in stage 0.0 (TID 3) (10.0.0.7 executor 1): ";
            var old = assertThrows(
                    UsageException.class,
                    () -> cluster.explained(new SparkException(
                            lost
                                    + "java.lang.UnsupportedClassVersionError: org/threehalf/cluster/TaskFunction has been compiled by a more recent version",
                            null)));
            assertTrue(old.getMessage().startsWith("node 10.0.0.7 runs a Java below 25: "), old::getMessage);
            var other = assertThrows(
                    UsageException.class,
                    () -> cluster.explained(new SparkException(
                            lost
                                    + "java.io.InvalidClassException: org.threehalf.cluster.TaskFunction; local class incompatible",
                            null)));
            assertTrue(other.getMessage().startsWith("node 10.0.0.7 has another ThreeHalf "), other::getMessage);
            assertTrue(cluster.explained(new SparkException("Master removed our application: KILLED", null))
                    .getMessage()
                    .equals("local[2,4]: Master removed our application: KILLED"));
        }
    }

    private record Throws(Exception thrown) implements Work<String> {
        @Override
        public String run(Node node) throws Exception {
            throw thrown;
        }
    }

    private record Requires(SharedFile file, SharedFolder parts) implements Work<String> {
        @Override
        public String run(Node node) throws IOException {
            file.require(node.host());
            parts.begin("x", node.host()).close();
            return "seen";
        }
    }

    @Test
    void saysWhatANodeDoesNotSee() throws Exception {
        Path model = Files.copy(ClusterLines.tiny("llama3"), folder.resolve("model.gguf"));
        try (Parts parts = Parts.beside(folder.resolve("out"), open())) {
            Cluster cluster = parts.cluster();
            SharedFile shared = SharedFile.of(StampedModel.of(model));
            List<String> seen = new ArrayList<>();
            cluster.run("test", List.of(new Requires(shared, parts.folder())), (number, result) -> seen.add(result));
            assertEquals(List.of("seen"), seen);

            SharedFolder another = new SharedFolder(parts.folder().path(), "of another run");
            var folderUnseen = assertThrows(
                    UsageException.class,
                    () -> cluster.run("test", List.of(new Requires(shared, another)), (number, result) -> {}));
            assertTrue(
                    folderUnseen.getMessage().matches("node \\S+ does not see \\S+: the folder of OUT must lie .*"),
                    folderUnseen::getMessage);

            Files.setLastModifiedTime(model, FileTime.fromMillis(1));
            var changed = assertThrows(
                    StoppedException.class,
                    () -> cluster.run("test", List.of(new Requires(shared, parts.folder())), (number, result) -> {}));
            assertTrue(changed.getMessage().matches("node \\S+ sees another file as \\S+ .*"), changed::getMessage);

            Files.delete(model);
            var unseen = assertThrows(
                    UsageException.class,
                    () -> cluster.run("test", List.of(new Requires(shared, parts.folder())), (number, result) -> {}));
            assertTrue(
                    unseen.getMessage().matches("node \\S+ does not see \\S+: the model must lie .*"),
                    unseen::getMessage);
        }
        assertEquals(List.of(), ClusterLines.names(folder));
    }

    @Test
    void failuresComeBackInASentence() {
        try (Cluster cluster = open()) {
            var refused = assertThrows(
                    IOException.class,
                    () -> cluster.run(
                            "test",
                            List.of(new Throws(new IllegalArgumentException("no such row"))),
                            (number, result) -> {}));
            assertEquals("no such row", refused.getMessage());
            var again = assertThrows(
                    StoppedException.class,
                    () -> cluster.run(
                            "test", List.of(new Throws(new IOException("stale handle"))), (number, result) -> {}));
            assertTrue(
                    again.getMessage().contains("failed 4 times")
                            && again.getMessage().contains("stale handle")
                            && !again.getMessage().contains("\n"),
                    again::getMessage);
        }
    }

    /** An error, of the JVM's or of a class, in whatever thread: Spark takes one for the end of the process. */
    private record Fails(String how) implements Work<String> {
        @Override
        public String run(Node node) {
            InternalError lost = new InternalError("a fault occurred in an unsafe memory access operation");
            switch (how) {
                case "lost" -> throw lost;
                case "lost in a pool" ->
                    java.util.stream.IntStream.range(0, 8).parallel().forEach(i -> {
                        throw lost;
                    });
                case "lost in a generator" -> {
                    try (BatchDecoder decoder = new TellingDecoder(new Lost(lost))) {
                        decoder.forward(List.of());
                    }
                }
                case "memory" -> throw new OutOfMemoryError("Java heap space");
                case "stack" -> throw new StackOverflowError();
                default -> throw new NoClassDefFoundError("a/B");
            }
            return "";
        }

        @Override
        public String reads() {
            return "/m.gguf";
        }
    }

    /** A decoder whose model is cut short. */
    private record Lost(InternalError error) implements BatchDecoder {
        @Override
        public int slots() {
            return 1;
        }

        @Override
        public int capacity() {
            return 1;
        }

        @Override
        public int fed(int slot) {
            return 0;
        }

        @Override
        public void forward(List<Feed> feeds) {
            throw error;
        }

        @Override
        public void copy(int from, int to, int positions) {
            throw error;
        }

        @Override
        public void release(int slot) {}

        @Override
        public void close() {}
    }

    @Test
    void errorsComeBackInASentence() {
        try (Cluster cluster = open()) {
            for (var error : java.util.Map.of(
                            "lost", "node \\S+: /m.gguf was changed while it was read: .*",
                            "lost in a pool", "node \\S+: /m.gguf was changed while it was read: .*",
                            "lost in a generator", "node \\S+: /m.gguf was changed while it was read: .*",
                            "memory", "node \\S+: memory does not suffice .*",
                            "stack", "node \\S+: the stack does not suffice.*",
                            "class", ".*failed 4 times.* a/B")
                    .entrySet()) {
                var stopped = assertThrows(
                        StoppedException.class,
                        () -> cluster.run("test", List.of(new Fails(error.getKey())), (number, result) -> {}));
                assertTrue(String.valueOf(stopped.getMessage()).matches(error.getValue()), stopped::getMessage);
            }
        }
    }

    /** What a task of another build answers, before it looks at the work. */
    @Test
    void anotherBuildIsNamed() throws Exception {
        try (Cluster cluster = open()) {
            assertTrue(Build.here().matches("\\S+ \\(classes [0-9a-f]{12}(, LLVM \\S+)?\\)"), Build.here());
            var other = assertThrows(
                    UsageException.class,
                    () -> cluster.run(
                            "test",
                            List.of(new Throws(new IOException("not reached"))),
                            "0.0.9 (classes 000000000000)",
                            (number, result) -> {}));
            assertTrue(
                    other.getMessage()
                            .matches(
                                    "node \\S+ has ThreeHalf \\S+ \\(classes [^)]+\\), the driver 0\\.0\\.9 \\(classes 0+\\): give all nodes the same"),
                    other::getMessage);
        }
    }

    @Test
    void rowsOfASumCoverEachRowOnce() {
        for (int size : List.of(1, 2, 3, 64, 100, 28_672)) {
            for (int parts : List.of(1, 2, 5, 64, 1000)) {
                List<SumInputs.Rows> cut = SumInputs.Rows.cut(size, parts);
                assertTrue(cut.size() >= Math.min(size, parts), "%d parts of %d".formatted(cut.size(), size));
                int row = 0;
                for (SumInputs.Rows rows : cut) {
                    assertEquals(row, rows.first());
                    assertTrue(rows.count() > 0, rows::toString);
                    row += rows.count();
                    assertTrue((long) rows.count() * row <= 1 << 24, rows::toString);
                }
                assertEquals(size, row);
            }
        }
    }

    /** Tokens that were changed on their way, or a sum, are not taken. */
    @Test
    void changedTokensAndSumsAreNotTaken() throws Exception {
        try (Parts parts = Parts.beside(folder.resolve("out"), open());
                ClusterSteps steps = new ClusterSteps(
                        parts,
                        (rows, rotated, hessian, rowDone) -> {
                            throw new IllegalStateException();
                        },
                        size -> 3)) {
            QuantizedToken token = QuantizedToken.of(new float[] {1, -2, 0.5f, 3});
            var good = steps.inputs(4);
            good.add(List.of(token, token));
            Hessian sum = good.sum();
            Hessian one = new Hessian(4);
            one.add(Hessian.inputs(List.of(token, token)));
            assertEquals(one.get(3, 1), sum.get(3, 1));
            assertEquals(
                    List.of("job"), ClusterLines.names(Path.of(parts.folder().path())));
            for (String what : List.of("cut", "changed", "gone")) {
                List<String> before = ClusterLines.names(Path.of(parts.folder().path()));
                var bad = steps.inputs(4);
                // More than the buffer, so that some of it lies in the folder already.
                for (int i = 0; i < 20; i++) {
                    bad.add(java.util.Collections.nCopies(1000, token));
                }
                List<String> begun = new ArrayList<>(
                        ClusterLines.names(Path.of(parts.folder().path())));
                begun.removeAll(before);
                Path file = parts.folder().resolve(begun.getFirst());
                switch (what) {
                    case "cut" -> Files.write(file, new byte[0]);
                    case "changed" -> {
                        byte[] bytes = Files.readAllBytes(file);
                        bytes[1000] ^= 1;
                        Files.write(file, bytes, java.nio.file.StandardOpenOption.WRITE);
                    }
                    default -> Files.delete(file);
                }
                var refused = assertThrows(java.io.UncheckedIOException.class, bad::sum);
                assertTrue(refused.getCause() instanceof StoppedException, refused::toString);
                assertTrue(
                        refused.getMessage().contains(what.equals("gone") ? "is not there" : "is not what was written"),
                        refused::getMessage);
            }
        }
    }

    @Test
    void rangesCoverEachRowOnceWhateverTheirNumber() {
        List<RowRange> matrices = List.of(
                new RowRange("a", Format.T35, 0, 1000, 64),
                new RowRange("b", Format.T35, 0, 3, 4096),
                new RowRange("c", Format.T35, 0, 100_000, 8192));
        for (int parts : List.of(1, 2, 5, 17, 1000, 1_000_000)) {
            List<List<RowRange>> cut = RowRange.cut(matrices, parts);
            assertTrue(cut.size() <= parts, "%d parts of %d".formatted(cut.size(), parts));
            String current = "";
            int row = 0;
            List<String> ends = new ArrayList<>();
            for (RowRange range : cut.stream().flatMap(List::stream).toList()) {
                if (!range.tensor().equals(current)) {
                    ends.add(current + row);
                    current = range.tensor();
                    row = 0;
                }
                assertEquals(row, range.first());
                assertTrue((long) range.count() * range.columns() <= 1 << 24, range::toString);
                row += range.count();
            }
            ends.add(current + row);
            assertEquals(List.of("0", "a1000", "b3", "c100000"), ends);
        }
    }
}
