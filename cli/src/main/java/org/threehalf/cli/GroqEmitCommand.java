package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.groq.generator.LayerShape;
import org.threehalf.backends.groq.generator.ModelModules;
import org.threehalf.backends.groq.generator.ModelModules.Kind;
import org.threehalf.backends.groq.generator.ModelModules.MatrixShape;
import org.threehalf.backends.groq.lpu.LpuCompiler;
import org.threehalf.backends.groq.lpu.LpuTools;
import org.threehalf.backends.groq.toolchain.MlirTools;
import org.threehalf.backends.groq.toolchain.Pipeline;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.ModelShape;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.io.WholeFile;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code threehalf groq emit}: writes a model's modules as MLIR, verified and, if asked, taken through all stages and
 * compiled for an LPU.
 */
@Command(
        name = "emit",
        description = "Write a model's operations as MLIR modules with its shapes.",
        footer = {
            "%nmlir-opt verifies each module, and --keep takes it through every stage; without MLIR's tools both are NOT CHECKED. With groq-compiler the modules are",
            "compiled to .lpubin; without it that step is not run, and says so."
        },
        mixinStandardHelpOptions = true)
public final class GroqEmitCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Where the shapes come from. */
    static final class Source {
        @Option(
                names = "--arch",
                paramLabel = "NAME",
                completionCandidates = ShapeNames.class,
                description = "the shape of a Llama, of ${COMPLETION-CANDIDATES}")
        private @Nullable String arch;

        @Option(
                names = {"-m", "--model"},
                paramLabel = "FILE",
                description = "the shapes and formats of a quantised model")
        private @Nullable Path model;
    }

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "where the modules go, as NAME.mlir")
    private Path out = Path.of("");

    @Option(
            names = "--format",
            paramLabel = "NAME",
            defaultValue = "G35",
            description = "with --arch: the format of all matrices (default: ${DEFAULT-VALUE})")
    private Format format = Format.G35;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            split = ",",
            description = "which modules: ${COMPLETION-CANDIDATES} (default: all)")
    private List<Kind> kinds = List.of(Kind.values());

    @Option(
            names = "--tokens",
            paramLabel = "T",
            defaultValue = "8",
            description = "tokens of a gemm (default: ${DEFAULT-VALUE})")
    private int tokens = 8;

    @Option(
            names = "--context",
            paramLabel = "N",
            defaultValue = "2048",
            description = "positions of a layer's cache, a multiple of 16 (default: ${DEFAULT-VALUE})")
    private int capacity = 2048;

    @Option(
            names = "--keep",
            paramLabel = "DIR",
            description = "run every stage on each module and keep the results in DIR/NAME")
    private @Nullable Path keep;

    @Override
    public Integer call() throws IOException {
        if (tokens < 2) {
            throw new ParameterException(
                    spec.commandLine(), "--tokens %d: a gemm has at least 2; --kind gemv has 1".formatted(tokens));
        }
        List<LayerShape> layers = new ArrayList<>();
        List<MatrixShape> more = new ArrayList<>();
        shapes(layers, more);
        PrintWriter print = spec.commandLine().getOut();
        Optional<Pipeline> pipeline = pipeline(print);
        Optional<Path> compiler = LpuTools.findCompiler();
        Set<Kind> wanted = EnumSet.copyOf(kinds);
        for (var module : ModelModules.of(layers, more, wanted, tokens).entrySet()) {
            emit(module.getKey(), module.getValue(), pipeline, compiler, print);
        }
        if (compiler.isEmpty()) {
            print.printf("not run: %s; no .lpubin was made%n", LpuTools.NO_COMPILER);
        }
        print.flush();
        return 0;
    }

    private Optional<Pipeline> pipeline(PrintWriter print) {
        try {
            return Optional.of(new Pipeline(MlirTools.find()));
        } catch (IllegalStateException missing) {
            if (keep != null) {
                throw new ParameterException(spec.commandLine(), "--keep: " + missing.getMessage(), missing);
            }
            print.printf("NOT CHECKED by MLIR's verifier: %s%n", missing.getMessage());
            return Optional.empty();
        }
    }

    private void emit(
            String name, Supplier<String> text, Optional<Pipeline> pipeline, Optional<Path> compiler, PrintWriter print)
            throws IOException {
        String module = text.get();
        String checked = "NOT CHECKED";
        if (pipeline.isPresent()) {
            pipeline.get().verify(module);
            checked = "verified";
        }
        Path file = WholeFile.write(out.resolve(name + ".mlir"), module);
        print.printf("%s: %,d bytes, %s%n", file, module.length(), checked);
        if (keep != null && pipeline.isPresent()) {
            List<Path> stages = pipeline.get().emit(module, keep.resolve(name));
            print.printf(
                    "  stages: %s%n",
                    stages.stream().map(stage -> stage.getFileName().toString()).toList());
        }
        if (compiler.isPresent()) {
            Path program = out.resolve(name + LpuCompiler.PROGRAM);
            LpuCompiler.compile(compiler.get(), file, program);
            print.printf("  %s: %,d bytes%n", program, Files.size(program));
        }
        print.flush();
    }

    private void shapes(List<LayerShape> layers, List<MatrixShape> more) throws IOException {
        if (source.arch != null) {
            ModelShape shape = shape(source.arch);
            layers.add(LayerShape.of(shape, format, capacity));
            more.add(new MatrixShape(format, shape.vocabulary(), shape.dim()));
        } else if (source.model != null) {
            try (LanguageModel model = LanguageModel.open(source.model)) {
                DecoderWeights weights = model.weights();
                if (weights.anyRotated()) {
                    throw new ParameterException(
                            spec.commandLine(),
                            source.model
                                    + ": it has rotated matrices, whose vectors generated modules do not rotate: quantise the model without --rotate");
                }
                weights.layers().forEach(layer -> layers.add(LayerShape.of(weights.config(), layer, capacity)));
                if (weights.output() instanceof Weights.Quantized(var matrix)) {
                    more.add(new MatrixShape(matrix.format(), matrix.rows(), matrix.columns()));
                }
            }
        }
    }

    private ModelShape shape(String name) {
        try {
            ModelShape shape = ModelShape.named(name);
            shape.llama();
            return shape;
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(spec.commandLine(), "--arch: " + unknown.getMessage(), unknown);
        }
    }
}
