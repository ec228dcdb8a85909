package org.threehalf.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.cli.StampedModel;
import org.threehalf.cli.StoppedException;
import org.threehalf.cli.ThreeHalf;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Every file that a command of the cluster reads against every one that it writes. */
class CommandFilesTest {

    /** What each command reads, and what it writes: an option that is in neither fails the first test. */
    private static final Map<String, List<List<String>>> FILES = Map.of(
            "quantize", List.of(List.of("MODEL", "--calibrate", "--jar"), List.of("OUT", "--resume")),
            "perplexity", List.of(List.of("--model", "--file", "--jar"), List.of("--logits", "--parts")),
            "conformance", List.of(List.of("--model", "--vectors", "--jar"), List.of("--json", "--junit", "--html")),
            "generate", List.of(List.of("--model", "IN", "--jar"), List.of("OUT")));

    @TempDir
    Path folder;

    private Path model = Path.of("");
    private Path text = Path.of("");
    private Path prompts = Path.of("");
    private Path template = Path.of("");
    private Path vectors = Path.of("");
    private Path jar = Path.of("");

    @BeforeEach
    void files() throws IOException {
        model = Files.copy(ClusterLines.tiny("llama3"), folder.resolve("model"));
        text = Files.writeString(folder.resolve("text"), "a text of some length, for two windows of it");
        prompts = Files.writeString(folder.resolve("prompts"), "{\"prompt\": \"a\"}\n");
        template = Files.writeString(folder.resolve("template"), "{{ messages[0].content }}");
        vectors = Files.writeString(
                Files.createDirectory(folder.resolve("vectors")).resolve("a.json"), "{}");
        jar = folder.resolve("jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("a"));
        }
    }

    @Test
    void allFilesOfAllCommandsAreKnown() {
        CommandLine cluster = ThreeHalf.commandLine().getSubcommands().get("cluster");
        assertEquals(FILES.keySet(), new TreeSet<>(cluster.getSubcommands().keySet()));
        cluster.getSubcommands().forEach((name, command) -> {
            TreeSet<String> files = new TreeSet<>();
            for (ArgSpec argument : command.getCommandSpec().args()) {
                if (argument.type() == Path.class
                        || Arrays.asList(argument.auxiliaryTypes()).contains(Path.class)) {
                    files.add(argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel());
                }
            }
            TreeSet<String> known = new TreeSet<>();
            FILES.get(name).forEach(known::addAll);
            assertEquals(known, files, name);
        });
    }

    @Test
    void nothingThatIsReadIsWritten() throws IOException {
        for (Path over : List.of(model, text, jar)) {
            refused(over, "quantize", model, over, "--force", "--calibrate", text, "--jar", jar);
            refused(over, "perplexity", "-m", model, "-f", text, "--window", 8, "--jar", jar, "--logits", over);
        }
        for (Path over : List.of(model, vectors, jar)) {
            for (String written : List.of("--json", "--junit", "--html")) {
                refused(
                        over,
                        "conformance",
                        "-m",
                        model,
                        "--vectors",
                        vectors.getParent(),
                        "--jar",
                        jar,
                        written,
                        over);
            }
        }
        for (Path over : List.of(model, prompts, template, jar)) {
            refused(
                    over,
                    "generate",
                    prompts,
                    over,
                    "-m",
                    model,
                    "--force",
                    "--chat",
                    "--chat-template",
                    template,
                    "--jar",
                    jar);
            // And the journal.
            Path journal = Files.copy(over, folder.resolve("out.journal"));
            List<Object> words = new ArrayList<>(List.of("generate", prompts, folder.resolve("out"), "-m", model));
            words.addAll(List.of("--force", "--chat", "--chat-template", template, "--jar", jar));
            words.replaceAll(word -> word.equals(over) ? journal : word);
            refused(journal, words.toArray());
            Files.delete(journal);
        }
    }

    @Test
    void noTwoResultsAreOneFile() throws IOException {
        Path page = folder.resolve("page");
        for (List<String> two :
                List.of(List.of("--json", "--junit"), List.of("--junit", "--html"), List.of("--html", "--json"))) {
            ClusterLines run = ClusterLines.run(
                    "cluster",
                    "conformance",
                    "--golden-only",
                    "--master",
                    "local[1]",
                    two.get(0),
                    page,
                    two.get(1),
                    folder.resolve("vectors/../page"));
            assertEquals(2, run.code(), run::err);
            assertTrue(run.err().contains("would be written twice: choose another name"), run::err);
        }
    }

    /** What is read is a file, and parts are kept in a folder. */
    @Test
    void partsAreKeptInNoFileThatIsRead() throws IOException {
        for (Path over : List.of(model, text, jar)) {
            byte[] before = Files.readAllBytes(over);
            ClusterLines run = ClusterLines.run(
                    "cluster",
                    "quantize",
                    model,
                    folder.resolve("out"),
                    "--calibrate",
                    text,
                    "--resume",
                    over,
                    "--jar",
                    jar,
                    "--master",
                    "local[1]");
            assertEquals(2, run.code(), run::err);
            assertTrue(run.err().contains("is no folder"), run::err);
            assertEquals(-1, Arrays.mismatch(before, Files.readAllBytes(over)));
        }
    }

    private void refused(Path over, Object... words) throws IOException {
        byte[] before = Files.readAllBytes(over);
        List<Object> all = new ArrayList<>(List.of("cluster"));
        all.addAll(List.of(words));
        all.addAll(List.of("--master", "local[1]"));
        ClusterLines run = ClusterLines.run(all.toArray());
        assertEquals(2, run.code(), run::err);
        assertTrue(
                run.err().contains("which is read: choose another name")
                        || run.err().contains("OUT is MODEL itself"),
                run::err);
        assertEquals(-1, Arrays.mismatch(before, Files.readAllBytes(over)));
    }

    /** What the driver asks once, when all is computed: of a file, and of one that lies elsewhere. */
    @Test
    void aModelThatBecameAnotherIsFoundAtTheEnd() throws IOException {
        SparkOptions options = new SparkOptions();
        StampedModel here = StampedModel.of(model);
        options.requireUnchanged(here);
        Files.setLastModifiedTime(model, FileTime.fromMillis(1_000));
        var changed = assertThrows(StoppedException.class, () -> options.requireUnchanged(here));
        assertTrue(changed.getMessage().contains("was changed while it was read"), changed::getMessage);

        CommandLine command = new CommandLine(new Reading()).registerConverter(Path.class, RemoteFiles::path);
        Reading with = command.getCommand();
        command.parseArgs("--conf", MockFileSystem.setting(), MockFileSystem.address(model));
        try {
            RemoteFiles.fetch(
                    command.getCommandSpec(),
                    true,
                    SparkSettings.of(Map.of("spark.hadoop.fs.mock.impl", MockFileSystem.class.getName())));
            StampedModel there = StampedModel.of(with.model);
            with.spark.requireUnchanged(there);
            Files.setLastModifiedTime(model, FileTime.fromMillis(2_000));
            var elsewhere = assertThrows(StoppedException.class, () -> with.spark.requireUnchanged(there));
            assertTrue(elsewhere.getMessage().contains("sees another file"), elsewhere::getMessage);
        } finally {
            RemoteFiles.close();
        }
    }

    @CommandLine.Command
    static final class Reading {
        @CommandLine.Mixin
        private SparkOptions spark = new SparkOptions();

        @CommandLine.Parameters(paramLabel = "MODEL")
        private Path model = Path.of("");
    }
}
