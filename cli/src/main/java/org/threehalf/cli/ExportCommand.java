package org.threehalf.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.model.ModelExport;
import org.threehalf.inference.model.ModelFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code threehalf export}: writes a model as a plain GGUF file. */
@Command(
        name = "export",
        description = "Write a model as a plain GGUF file, which other programs run, too.",
        footer = {
            "%nMatrices are written in one type, all other tensors in F32; metadata and tokenizer are carried over. Of a model that ThreeHalf quantised, the weights are what its codes",
            "stand for: activations that are quantised where ThreeHalf runs it are not where others do."
        },
        mixinStandardHelpOptions = true)
public final class ExportCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "a GGUF file, one that ThreeHalf quantised, or a Hugging Face folder")
    private Path model = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT", description = "the file to write")
    private Path out = Path.of("");

    @Option(
            names = "--type",
            paramLabel = "NAME",
            required = true,
            description = "what matrices are written as: one of ${COMPLETION-CANDIDATES}, in any case")
    private ModelExport.Type type = ModelExport.Type.F16;

    @Option(
            names = {"-f", "--force"},
            description = "replace OUT if it exists")
    private boolean force;

    @Mixin
    private ThreadOption threads = new ThreadOption();

    @Override
    public Integer call() throws Exception {
        threads.require();
        if (OutputFiles.same(out, ModelFiles.files(model)).isPresent()) {
            throw new UsageException("OUT is MODEL itself: choose another name");
        }
        if (Files.exists(out) && !force) {
            throw new UsageException(out + " exists: choose another name, or replace it with --force");
        }
        OutputFiles.require(out);
        PrintWriter text = spec.commandLine().getOut();
        try (GgufFile opened = ModelFiles.open(model)) {
            QuantizeCommand.remarks(opened, spec.commandLine().getErr());
            try (Progress progress = new Progress("export", ModelExport.rows(opened))) {
                threads.inPool(() -> {
                    ModelExport.write(opened, out, type, tensor -> {
                        progress.show(tensor);
                        progress.step();
                    });
                    return out;
                });
            }
            text.printf(
                    "%s: %,d bytes, matrices in %s (%s: %,d)%n",
                    ThreeHalf.printable(out), Files.size(out), type, opened.name(), opened.bytes());
        }
        text.flush();
        return 0;
    }
}
