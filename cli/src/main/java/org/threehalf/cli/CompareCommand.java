package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.generate.Comparison;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.model.ModelFiles;
import org.threehalf.inference.tokenizer.Vocabulary;
import org.threehalf.kernels.io.Printable;
import org.threehalf.kernels.io.WholeFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code threehalf compare}: how far a model is from its source on a text. */
@Command(
        name = "compare",
        description = "Measure how far a model's predictions of a text are from those of its source.",
        footer = {
            "%nThe text is cut into windows as 'threehalf perplexity' cuts it; the tokens of each window's second half count.",
            "KL is the Kullback-Leibler divergence of the model's prediction from the source's, in nats; 'same token' the share of positions at which both have the same most likely",
            "token. The ratio's error is that of the paired differences: far smaller than either perplexity's, since both see the same text."
        },
        mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    @Parameters(
            index = "0",
            paramLabel = "SOURCE",
            description = "the model that is taken as right: a GGUF file, or one that 'threehalf quantize' wrote")
    private Path sourceFile = Path.of("");

    @Parameters(
            index = "1",
            paramLabel = "MODEL",
            description = "the model that is compared with it, of the same vocabulary")
    private Path modelFile = Path.of("");

    @Mixin
    private TextWindows windows = new TextWindows();

    @Option(names = "--json", paramLabel = "FILE", description = "write the result as JSON")
    private @Nullable Path json;

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            description = "write the divergences, from the smallest to the largest, as an SVG")
    private @Nullable Path plot;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        windows.require();
        List<Path> written = Stream.of(json, plot).filter(Objects::nonNull).toList();
        OutputFiles.requireDistinct(written);
        List<Path> read = new ArrayList<>(ModelFiles.files(sourceFile));
        read.addAll(ModelFiles.files(modelFile));
        read.add(windows.file());
        OutputFiles.requireNoneOf(written, read);
        String text = windows.read();
        return device.run(
                sourceFile, windows.length(), 2, spec.commandLine().getErr(), (source, backend, positions) -> {
                    try (LanguageModel model = device.open(modelFile)) {
                        source.requireFinite();
                        model.requireFinite();
                        compare(source, model, backend, text, out);
                    }
                    return 0;
                });
    }

    private void compare(LanguageModel source, LanguageModel model, Backend backend, String text, PrintWriter out)
            throws IOException {
        Vocabulary vocabulary = source.tokenizer().vocabulary();
        int[] tokens = source.tokenizer().encodePrompt(text);
        if (vocabulary.size() != model.tokenizer().vocabulary().size()
                || !Arrays.equals(tokens, model.tokenizer().encodePrompt(text))) {
            throw new UsageException(
                    "%s and %s cut the text into different tokens: only models of the same vocabulary can be compared"
                            .formatted(source.file().name(), model.file().name()));
        }
        int count = windows.count(tokens.length);
        Comparison.Result result;
        try (Interruption interruption = new Interruption();
                Progress progress = new Progress("compare", count);
                Decoder right = backend.decoder(source.weights(), windows.length());
                Decoder other = backend.decoder(model.weights(), windows.length())) {
            result = Comparison.measure(
                    right,
                    other,
                    vocabulary.size(),
                    tokens,
                    windows.length(),
                    count,
                    TextWindows.beginning(vocabulary),
                    TextWindows.shown(progress, interruption));
        }
        if (result.tokens() == 0 || !Double.isFinite(result.mean()) || !Double.isFinite(result.ratio())) {
            throw new IOException(
                    "a divergence of %s over %,d tokens is no result".formatted(result.mean(), result.tokens()));
        }
        print(source, model, result, out);
        if (json != null) {
            WholeFile.write(json, json(source, model, result));
            out.printf("result: %s%n", ThreeHalf.printable(json));
        }
        if (plot != null) {
            WholeFile.write(plot, plot(source, model, result));
            out.printf("plot: %s%n", ThreeHalf.printable(plot));
        }
        out.flush();
    }

    private void print(LanguageModel source, LanguageModel model, Comparison.Result result, PrintWriter out) {
        out.printf(
                "%s and %s on %s: %,d tokens in windows of %d%n",
                name(source), name(model), ThreeHalf.printable(windows.name()), result.tokens(), windows.length());
        out.printf(
                "perplexity of the source   %12.4f +/- %.4f%n",
                result.source().perplexity(), result.source().standardError());
        out.printf(
                "perplexity of the model    %12.4f +/- %.4f%n",
                result.model().perplexity(), result.model().standardError());
        out.printf("ratio                      %12.4f +/- %.4f%n", result.ratio(), result.ratioError());
        out.printf("mean KL                    %12.6f +/- %.6f%n", result.mean(), result.meanError());
        out.printf("median KL                  %12.6f%n", result.quantile(0.5));
        out.printf("90th, 99th percentile KL   %12.6f %12.6f%n", result.quantile(0.9), result.quantile(0.99));
        out.printf("largest KL                 %12.6f%n", result.quantile(1));
        out.printf(
                "same token                 %11.3f%% +/- %.3f%%%n",
                100 * result.agreement(), 100 * result.agreementError());
    }

    private static String name(LanguageModel model) {
        return model.file().name() + ModelOptions.remark(model);
    }

    private String json(LanguageModel source, LanguageModel model, Comparison.Result result) {
        ObjectNode root = new JsonMapper().createObjectNode();
        root.put("schema", "threehalf-comparison/1")
                .put("source", name(source))
                .put("model", name(model))
                .put("window", windows.length())
                .put("tokens", result.tokens());
        root.putObject("sourcePerplexity")
                .put("value", result.source().perplexity())
                .put("standardError", result.source().standardError());
        root.putObject("modelPerplexity")
                .put("value", result.model().perplexity())
                .put("standardError", result.model().standardError());
        root.putObject("ratio").put("value", result.ratio()).put("standardError", result.ratioError());
        root.putObject("divergence")
                .put("mean", result.mean())
                .put("standardError", result.meanError())
                .put("median", result.quantile(0.5))
                .put("percentile90", result.quantile(0.9))
                .put("percentile99", result.quantile(0.99))
                .put("largest", result.quantile(1));
        root.putObject("sameToken").put("share", result.agreement()).put("standardError", result.agreementError());
        return new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    }

    /** The divergences in ascending order, logarithmic from 1e-6 to 10 nats. One line needs no plotting library. */
    private static String plot(LanguageModel source, LanguageModel model, Comparison.Result result) {
        StringBuilder line = new StringBuilder();
        int points = Math.min(result.tokens(), 500);
        for (int i = 1; i <= points; i++) {
            double share = (double) i / points;
            line.append(String.format(Locale.ROOT, "%.1f,%.1f ", 80 + 540 * share, height(result.quantile(share))));
        }
        StringBuilder grid = new StringBuilder();
        for (int power = -6; power <= 1; power++) {
            grid.append(String.format(
                    Locale.ROOT,
                    "<line x1='80' y1='%1$.1f' x2='620' y2='%1$.1f' stroke='#ddd'/><text x='74' y='%2$.1f' text-anchor='end'>1e%3$d</text>%n",
                    height(Math.pow(10, power)),
                    height(Math.pow(10, power)) + 4,
                    power));
        }
        for (int share = 0; share <= 100; share += 25) {
            grid.append(String.format(
                    Locale.ROOT,
                    "<text x='%.1f' y='378' text-anchor='middle'>%d %%</text>%n",
                    80 + 5.4 * share,
                    share));
        }
        return String.format(
                Locale.ROOT,
                """
                <svg xmlns='http://www.w3.org/2000/svg' width='660' height='400' font-family='sans-serif' font-size='12'>
                <rect width='100%%' height='100%%' fill='white'/>
                <text x='80' y='24' font-size='14'>KL divergence of %s from %s, nats</text>
                <text x='80' y='42'>share of %,d positions at or below; mean %.4f</text>
                %s<polyline fill='none' stroke='#4c78a8' stroke-width='2' points='%s'/>
                </svg>
                """,
                escaped(name(model)),
                escaped(name(source)),
                result.tokens(),
                result.mean(),
                grid,
                line.toString().strip());
    }

    private static double height(double divergence) {
        return 360 - 300 * (Math.clamp(Math.log10(Math.max(divergence, 1e-6)), -6, 1) + 6) / 7;
    }

    private static String escaped(String text) {
        return Printable.line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
