package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.conformance.ConformanceRunner.Cases;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.ConformanceRunner.Run;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.inference.model.QuantizedModelWriter.Listener;
import org.threehalf.inference.model.QuantizedModelWriter.MatrixSource;
import picocli.CommandLine;

/** Of a model that somebody writes to while it is read, no result is kept. */
class ChangedModelTest {

    @TempDir
    Path folder;

    private static void change(Path model) throws IOException {
        Files.setLastModifiedTime(
                model, FileTime.fromMillis(Files.getLastModifiedTime(model).toMillis() + 1_000));
    }

    @CommandLine.Command(name = "quantize")
    static final class Quantize extends QuantizeCommand {
        private final boolean changes;

        private Quantize(boolean changes) {
            this.changes = changes;
        }

        @Override
        protected MatrixSource plain(
                GgufFile source,
                StampedModel stamped,
                Path target,
                FormatChoice choice,
                boolean rotated,
                Listener listener)
                throws IOException {
            if (changes) {
                change(stamped.file());
            }
            return MatrixSource.PLAIN;
        }
    }

    @CommandLine.Command(name = "perplexity")
    static final class Measure extends PerplexityCommand {
        private final boolean changes;

        private Measure(boolean changes) {
            this.changes = changes;
        }

        @Override
        protected void measure(
                ModelOptions options,
                StampedModel stamped,
                int window,
                @Nullable Path logits,
                PrintWriter err,
                Report report)
                throws Exception {
            if (changes) {
                change(stamped.file());
            }
            super.measure(options, stamped, window, logits, err, report);
        }
    }

    @CommandLine.Command(name = "conformance")
    static final class Judge extends ConformanceCommand {
        private final boolean changes;

        private Judge(boolean changes) {
            super(ConformanceModels::open);
            this.changes = changes;
        }

        @Override
        protected List<Run> run(BackendProvider provider, Options options, Cases selected, int times)
                throws IOException {
            StampedModel stamped = model();
            if (changes && stamped != null) {
                change(stamped.file());
            }
            return super.run(provider, options, selected, times);
        }
    }

    private String run(int code, Object command, Object... words) {
        StringWriter err = new StringWriter();
        int found = ThreeHalf.commandLine()
                .addSubcommand("changed", command)
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err, true))
                .execute(Stream.concat(Stream.of("changed"), Stream.of(words))
                        .map(String::valueOf)
                        .toArray(String[]::new));
        assertEquals(code, found, err::toString);
        return err.toString();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void nothingIsWrittenOfAModelThatChanged() throws IOException {
        Path model = Files.copy(Models.tiny("llama3"), folder.resolve("m.gguf"));
        Path text = Files.writeString(folder.resolve("text"), "a text of some length, for two windows of it");
        Path out = folder.resolve("out");
        for (boolean changes : List.of(true, false)) {
            List<String> said = List.of(
                    run(changes ? ThreeHalf.STOPPED : 0, new Quantize(changes), model, out, "--format", "G35"),
                    run(
                            changes ? ThreeHalf.STOPPED : 0,
                            new Measure(changes),
                            "-m",
                            model,
                            "-f",
                            text,
                            "--window",
                            8,
                            "--logits",
                            folder.resolve("logits")));
            if (changes) {
                assertEquals(List.of("m.gguf", "text"), names());
                said.forEach(one ->
                        assertTrue(one.contains(model + " was changed while it was read: no result is kept"), one));
                Files.copy(Models.tiny("llama3"), model, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
        }
        assertEquals(List.of("logits", "m.gguf", "out", "text"), names());
        for (boolean changes : List.of(false, true)) {
            Path report = folder.resolve("report" + changes);
            run(
                    changes ? ThreeHalf.STOPPED : 0,
                    new Judge(changes),
                    "--golden-only",
                    "--level",
                    "L0",
                    "--model",
                    out,
                    "--json",
                    report);
            assertEquals(!changes, Files.exists(report));
        }
    }
}
