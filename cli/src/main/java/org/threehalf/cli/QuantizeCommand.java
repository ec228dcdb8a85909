package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.inference.calibrate.CalibratedModel;
import org.threehalf.inference.calibrate.CalibrationText;
import org.threehalf.inference.calibrate.KeptSteps;
import org.threehalf.inference.decoder.FiniteWeights;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.model.ModelFiles;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.inference.model.QuantizedModelWriter.MatrixReport;
import org.threehalf.inference.model.QuantizedModelWriter.MatrixSource;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.io.Printable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code threehalf quantize}: makes a quantised model of a GGUF file, and says how good it is. */
@Command(
        name = "quantize",
        description = "Quantise the weight matrices of a model.",
        footer = {
            "%nEvery tensor of two dimensions whose name ends in .weight becomes a matrix of the format, token embedding and output included, and so does a stack of experts.",
            "All else (norms, biases, routers, tokenizer) is carried over byte for byte.",
            "%nWith --calibrate, the text goes through the model and decides which codes are chosen (GPTQ); without, weights are rounded to nearest. The text may be any in the model's",
            "language; without one at hand: scripts/fetch-calibration-text brings some in English, and scripts/calibration-text lets the model write it.",
            "%nWith --bits, formats are chosen first: each matrix alone is made coarse, and how far that moves the predictions on some of the text says how many bits it is worth.",
            "The choice and its reasons are printed before calibration begins."
        },
        mixinStandardHelpOptions = true)
public class QuantizeCommand implements Callable<Integer> {
    /** The token embedding, and the output matrix of a model that has its own. */
    private static final Pattern EMBEDDING = Pattern.compile("(token_embd|output)\\.weight");

    /** As much of the text as is taken where nothing is said. */
    private static final int CALIBRATION_TOKENS = 65_536;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "a GGUF file of any types but integers, Q8_1, Q8_K and Q1_0, or a Hugging Face folder")
    private Path model = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT", description = "the file to write")
    private Path out = Path.of("");

    @Option(
            names = "--format",
            paramLabel = "NAME",
            description = "one of ${COMPLETION-CANDIDATES}, in any case (default: T35, rotated)")
    private @Nullable Format format;

    @Option(
            names = "--embedding-format",
            paramLabel = "NAME",
            description = "the token embedding's format, and the output matrix's (default: as --format)")
    private @Nullable Format embeddingFormat;

    @Option(
            names = "--tensor-format",
            paramLabel = "REGEX=NAME",
            description =
                    "the format of the weight matrices whose whole name matches, for example 'blk\\.\\d+\\.ffn_down\\.weight=g4'; the last match counts")
    private Map<Pattern, Format> tensorFormats = new LinkedHashMap<>();

    @Option(
            names = "--bits",
            paramLabel = "B",
            description =
                    "choose each matrix's format among T3, T35, T4, G4 and INT8, so that all together take B bits a weight at most (3.6, for example; embedding, scales, sub-scales and padding counted) and the predictions on the text of --calibrate move as little as can be; rotated, and never predicted to be worse than one format for all that fits")
    private @Nullable String bits;

    @Option(
            names = "--calibrate",
            arity = "1..*",
            parameterConsumer = TextsBeforeModel.class,
            paramLabel = "TEXT",
            description =
                    "choose codes so that the outputs on this text (UTF-8, several may be given) stay near; takes longer and gives a far better model at 4 bits and below")
    private List<Path> calibrate = List.of();

    @Option(
            names = "--calibrate-tokens",
            paramLabel = "N",
            description =
                    "with --calibrate: about how much of the text is taken, in tokens: whole windows of 512, as many as come to N or just over it, evenly from all over the text; how many were taken is printed (default: 65536)")
    private @Nullable Integer calibrateTokens;

    @Option(
            names = "--resume",
            paramLabel = "FOLDER",
            description =
                    "with --calibrate: keep finished parts in FOLDER until OUT is written, and take those that a run which was ended left there")
    private @Nullable Path resume;

    @Option(
            names = "--rotate",
            negatable = true,
            description =
                    "rotate the inputs of every matrix, in blocks of 64, so that large weights and activations are spread, or do not: better at every format, at the price of a rotation of each vector when the model runs (default: only where no --format is given)")
    private @Nullable Boolean rotate;

    @Mixin
    private ThreadOption threads = new ThreadOption();

    @Option(
            names = {"-f", "--force"},
            description = "replace OUT if it exists")
    private boolean force;

    private @Nullable String how;

    /** The command. */
    public QuantizeCommand() {}

    /** The file that a word behind {@code --calibrate} names. */
    protected Path text(String word) {
        return Path.of(word);
    }

    /**
     * Who rounds to nearest (REQ-QNT-005 to REQ-QNT-012): this process, unless a command that extends this one knows of
     * others.
     *
     * @param source the open model
     * @param stamped its place, and what was there before it was opened
     * @param target where the result goes
     * @param choice each tensor's format
     * @param rotated whether the matrices are rotated
     * @param listener told of the progress
     */
    protected MatrixSource plain(
            GgufFile source,
            StampedModel stamped,
            Path target,
            FormatChoice choice,
            boolean rotated,
            QuantizedModelWriter.Listener listener)
            throws IOException {
        return MatrixSource.PLAIN;
    }

    /**
     * Who does most of the work of calibration: this process, unless a command that extends this one knows of others.
     *
     * @param source the open model
     * @param stamped its place, and what was there before it was opened
     * @param target where the result goes
     */
    protected CalibratedModel.Steps calibrated(GgufFile source, StampedModel stamped, Path target) throws IOException {
        return CalibratedModel.Steps.HERE;
    }

    /** Where the work is done: a command that extends this one may do it elsewhere. */
    protected Site site() {
        return Site.HERE;
    }

    @Override
    public Integer call() throws Exception {
        threads.require();
        if (OutputFiles.same(out, ModelFiles.files(model)).isPresent()) {
            throw new ParameterException(spec.commandLine(), "OUT is MODEL itself: choose another name");
        }
        if (Files.exists(out) && !force) {
            throw new ParameterException(
                    spec.commandLine(), out + " exists: choose another name, or replace it with --force");
        }
        OutputFiles.require(out);
        if (calibrateTokens != null) {
            UsageException.requireRange(
                    "--calibrate-tokens", calibrateTokens, CalibrationText.LEAST, Integer.MAX_VALUE);
            if (calibrate.isEmpty()) {
                throw new UsageException(
                        "--calibrate-tokens says how much of --calibrate TEXT is taken: give that, too");
            }
        }
        for (Path text : calibrate) {
            if (!Files.isReadable(text) || Files.isDirectory(text)) {
                throw new UsageException(
                        "--calibrate: %s is no file that can be read; what follows --calibrate up to the next option are texts, MODEL and OUT last"
                                .formatted(text));
            }
        }
        requireResumable();
        OutputFiles.requireNoneOf(List.of(out), calibrate);
        OutputFiles.requireNoneOf(List.of(out), site().read());
        long start = System.nanoTime();
        List<MatrixReport> reports;
        long bytes;
        StampedModel stamped = StampedModel.of(model);
        try (GgufFile source = ModelFiles.open(model)) {
            requireMatches(source);
            Budget budget = bits == null ? null : Budget.of(source, bits, mistakeWithBits());
            remarks(source, spec.commandLine().getErr());
            reports = threads.inPool(() -> quantize(source, stamped, budget));
            bytes = source.bytes();
        }
        Duration time = Duration.ofNanos(System.nanoTime() - start);
        PrintWriter table = spec.commandLine().getOut();
        print(reports, table);
        table.printf(
                "%n%s: %,d bytes (%s: %,d), %s%n",
                ThreeHalf.printable(out),
                Files.size(out),
                Printable.line(String.valueOf(model.getFileName())),
                bytes,
                seconds(time));
        if (how != null) {
            table.println(how);
        }
        table.flush();
        return 0;
    }

    /**
     * Refuses a model that could not be opened, and so neither could what is made of it, and says what stands in the
     * way of running it otherwise.
     */
    static void remarks(GgufFile source, PrintWriter err) throws IOException {
        for (String why : LanguageModel.requireWhole(source)) {
            err.println("note: the result cannot be run here: " + ThreeHalf.printable(why));
        }
        err.flush();
    }

    /** What is wrong with {@code --resume} is told before anything is computed. */
    private void requireResumable() {
        if (resume == null) {
            return;
        }
        if (calibrate.isEmpty()) {
            throw new UsageException("--resume keeps what --calibrate takes long for: give --calibrate TEXT too");
        }
        if (resume.toString().isEmpty()
                || resume.toAbsolutePath()
                        .normalize()
                        .equals(out.toAbsolutePath().normalize())) {
            throw new UsageException("--resume names the folder of finished parts: it is neither empty nor OUT");
        }
        Optional<String> obstacle = KeptSteps.obstacle(resume);
        if (obstacle.isPresent()) {
            throw new UsageException("--resume: " + obstacle.get());
        }
    }

    /** A pattern that matches nothing is a mistake. */
    private void requireMatches(GgufFile source) {
        for (Pattern pattern : tensorFormats.keySet()) {
            boolean matches = source.tensors().stream()
                    .anyMatch(tensor -> FormatChoice.isWeightMatrix(tensor.info())
                            && pattern.matcher(tensor.name()).matches());
            if (!matches) {
                throw new UsageException(
                        "--tensor-format '%s' matches the whole name of no weight matrix of %s; one is called %s"
                                .formatted(
                                        pattern,
                                        source.name(),
                                        source.tensors().stream()
                                                .map(GgufTensor::info)
                                                .filter(FormatChoice::isWeightMatrix)
                                                .map(TensorInfo::name)
                                                .findFirst()
                                                .orElse("none")));
            }
        }
    }

    /** What {@code --bits} does not go together with, or lacks. */
    private @Nullable String mistakeWithBits() {
        if (format != null || embeddingFormat != null || !tensorFormats.isEmpty()) {
            return "--bits chooses the formats: it goes with none of --format, --embedding-format and --tensor-format";
        }
        return calibrate.isEmpty()
                ? "--bits needs --calibrate TEXT: what each matrix's errors do to the model is measured on it"
                : null;
    }

    private List<MatrixReport> quantize(GgufFile source, StampedModel stamped, @Nullable Budget budget)
            throws IOException {
        boolean rotated = rotate == null ? format == null : rotate;
        if (calibrate.isEmpty()) {
            FormatChoice choice = choice();
            try (Progress progress = progress(source, choice)) {
                QuantizedModelWriter.Listener listener = listener(progress, stamped);
                return QuantizedModelWriter.quantize(
                        source,
                        out,
                        choice,
                        rotated,
                        plain(source, stamped, out, choice, rotated, listener),
                        "plain",
                        listener);
            }
        }
        int asked = calibrateTokens == null ? CALIBRATION_TOKENS : calibrateTokens;
        CalibrationText text = CalibrationText.read(source, calibrate, asked);
        FiniteWeights.require(source);
        if (text.tokens() > asked) {
            PrintWriter err = spec.commandLine().getErr();
            err.printf(
                    "note: --calibrate-tokens %,d: windows are taken whole: %,d tokens in %,d windows%n",
                    asked, text.tokens(), text.windows().size());
            err.flush();
        }
        try (Backend device = threads.open(BackendProvider.fastest());
                Arena arena = Arena.ofShared()) {
            FormatChoice choice = budget == null
                    ? choice()
                    : budget.allocate(
                            source,
                            text.windows(),
                            rotated,
                            device,
                            spec.commandLine().getOut());
            how = text.description() + (budget == null ? "" : ", " + budget.description());
            try (Progress progress = progress(source, choice)) {
                QuantizedModelWriter.Listener listener = listener(progress, stamped);
                CalibratedModel.Steps steps = calibrated(source, stamped, out);
                KeptSteps kept = resume == null ? null : KeptSteps.in(resume, steps);
                CalibratedModel quantized = CalibratedModel.of(
                        source, text.windows(), choice, rotated, device, kept == null ? steps : kept, listener, arena);
                List<MatrixReport> written =
                        QuantizedModelWriter.quantize(source, out, choice, rotated, quantized, how, listener);
                if (kept != null) {
                    kept.remove();
                }
                return written;
            }
        }
    }

    private static Progress progress(GgufFile source, FormatChoice choice) {
        return new Progress(
                "quantize",
                source.tensors().stream()
                        .filter(tensor -> choice.apply(tensor.info()).isPresent())
                        .mapToLong(GgufTensor::rows)
                        .sum());
    }

    private QuantizedModelWriter.Listener listener(Progress progress, StampedModel stamped) {
        return new QuantizedModelWriter.Listener() {
            @Override
            public void begin(TensorInfo matrix, Format chosen) {
                progress.show(matrix.name());
            }

            @Override
            public void rowDone() {
                progress.step();
            }

            @Override
            public void committing() throws IOException {
                site().requireUnchanged(stamped);
            }
        };
    }

    private FormatChoice choice() {
        FormatChoice choice = FormatChoice.uniform(format == null ? Format.T35 : format);
        if (embeddingFormat != null) {
            choice = choice.except(EMBEDDING, embeddingFormat);
        }
        for (Map.Entry<Pattern, Format> entry : tensorFormats.entrySet()) {
            choice = choice.except(entry.getKey(), entry.getValue());
        }
        return choice;
    }

    /**
     * Takes the texts of {@code --calibrate}: all words up to the next option, but for those that MODEL and OUT still
     * need where no others follow for them.
     */
    static final class TextsBeforeModel implements CommandLine.IParameterConsumer {
        @Override
        public void consumeParameters(Stack<String> words, ArgSpec option, CommandSpec command) {
            List<Path> texts = new ArrayList<>(option.getValue());
            int left = Math.max(0, missing(command) - wordsOfTheirOwn(words, command));
            int run = 0;
            while (run < words.size() && !isOption(words.get(words.size() - 1 - run), command)) {
                run++;
            }
            for (int i = 0; i < Math.max(1, run - left) && i < run; i++) {
                texts.add(((QuantizeCommand) command.userObject()).text(words.pop()));
            }
            if (texts.isEmpty()) {
                throw new ParameterException(command.commandLine(), "--calibrate: a text is needed");
            }
            option.setValue(texts);
        }

        private static int missing(CommandSpec command) {
            return (int) command.positionalParameters().stream()
                    .filter(p -> p.<Path>getValue().toString().isEmpty())
                    .count();
        }

        /** Words behind the next option that are neither options nor their values. */
        private static int wordsOfTheirOwn(Stack<String> words, CommandSpec command) {
            int i = words.size() - 1;
            while (i >= 0 && !isOption(words.get(i), command)) {
                i--;
            }
            int count = 0;
            for (; i >= 0; i--) {
                String word = words.get(i);
                if (isOption(word, command)) {
                    boolean hasValue = !word.contains("=")
                            && command.findOption(word) != null
                            && command.findOption(word).arity().max() > 0;
                    i -= hasValue ? 1 : 0;
                } else {
                    count++;
                }
            }
            return count;
        }

        private static boolean isOption(String word, CommandSpec command) {
            return word.startsWith("-") && command.findOption(word.split("=", 2)[0]) != null;
        }
    }

    /** A line a matrix, then the totals: sizes add, and the error is over all weights. */
    private static void print(List<MatrixReport> reports, PrintWriter out) {
        int width = reports.stream()
                .mapToInt(report -> report.source().name().length())
                .max()
                .orElse(0);
        String columns = "%-" + Math.max(width, 6) + "s %7s %16s %6s %12s %14s %9s%n";
        out.printf(columns, "matrix", "read as", "rows x columns", "format", "bits/weight", "relative RMSE", "time");
        long weights = 0;
        long bytes = 0;
        double squaredError = 0;
        double squaredSum = 0;
        Duration time = Duration.ZERO;
        for (MatrixReport report : reports) {
            out.printf(
                    columns,
                    report.source().name(),
                    report.source().type(),
                    report.rows() + " x " + report.columns(),
                    report.format(),
                    "%.4f".formatted(report.bitsPerWeight()),
                    "%.6f".formatted(report.error().relativeRmse()),
                    seconds(report.time()));
            weights += (long) report.rows() * report.columns();
            bytes += report.bytes();
            squaredError += report.error().squaredError();
            squaredSum += report.error().squaredSum();
            time = time.plus(report.time());
        }
        out.printf(
                columns,
                "total",
                "",
                "%,d".formatted(weights),
                "",
                weights == 0 ? "" : "%.4f".formatted(8.0 * bytes / weights),
                squaredSum == 0 ? "" : "%.6f".formatted(Math.sqrt(squaredError / squaredSum)),
                seconds(time));
    }

    private static String seconds(Duration time) {
        return "%.2f s".formatted(time.toNanos() / 1e9);
    }
}
