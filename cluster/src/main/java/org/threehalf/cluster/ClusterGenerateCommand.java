package org.threehalf.cluster;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.threehalf.cli.ModelOptions;
import org.threehalf.cli.OutputFiles;
import org.threehalf.cli.Progress;
import org.threehalf.cli.PromptOptions;
import org.threehalf.cli.StampedModel;
import org.threehalf.cli.StoppedException;
import org.threehalf.cli.ThreeHalf;
import org.threehalf.cli.UsageException;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.generate.PromptForm;
import org.threehalf.inference.model.ModelFiles;
import org.threehalf.kernels.io.WholeFile;
import org.threehalf.kernels.transformer.TokenSampler;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code threehalf cluster generate}: answers many prompts, a line of JSON each. */
@Command(
        name = "generate",
        description = "Answer many prompts: lines of JSON in, lines of JSON out.",
        footer = {
            "%nA line of IN is an object with 'prompt' and, where wanted, 'id', 'seed' and 'tokens'. A line of OUT has the text, the tokens, why it ended, and the SHA-256 of the logits",
            "of each draw, the same as the server's and on every machine. OUT appears when all lines are answered; until then the answers are kept in OUT.journal, and the same command",
            "after an interrupt, a failure or with more lines in IN does not ask again what is answered."
        },
        mixinStandardHelpOptions = true)
public final class ClusterGenerateCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private PromptOptions options = new PromptOptions();

    @Mixin
    private SparkOptions spark = new SparkOptions();

    @Parameters(index = "0", paramLabel = "IN", description = "the prompts")
    private Path in = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT", description = "the answers")
    private Path out = Path.of("");

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "4",
            description =
                    "prompts that a task answers together, each with a cache of its own (default: ${DEFAULT-VALUE}). Their number changes no bit")
    private int batch = 4;

    @Option(
            names = {"-f", "--force"},
            description = "ask everything anew, whatever OUT holds")
    private boolean force;

    /** The command. */
    public ClusterGenerateCommand() {}

    @Override
    public Integer call() throws Exception {
        spark.require();
        return spark.withFiles(true, this::answer);
    }

    private int answer() throws IOException {
        UsageException.requireRange("--batch", batch, 1, 256);
        PromptForm form = options.form();
        OutputFiles.require(out);
        List<Path> read = new ArrayList<>(ModelFiles.files(model.file()));
        read.add(in);
        options.template().ifPresent(read::add);
        OutputFiles.requireNoneOf(List.of(out, AnswerFile.journal(WholeFile.replaceable(out))), read);
        // Before anything of the model is read: what is answered is filed under what it was then.
        SharedFile stamped = SharedFile.of(StampedModel.of(model.file()));
        // Not by the clock: a run that goes on must ask what the one before has asked.
        List<PromptLines.Prompt> prompts =
                PromptLines.read(in, options.sampling().seed(0), options.tokens());
        int context;
        try (LanguageModel opened = model.open(spec.commandLine().getErr())) {
            context = model.positions(opened, 1);
        }
        TokenSampler.Settings drawn = options.sampling().settings();
        String settings = "%s %s %s %d %s %s"
                .formatted(
                        ModelFiles.sha256(model.file()),
                        new TreeSet<>(model.ignoredKeys()),
                        drawn,
                        context,
                        form,
                        ThreeHalf.version());
        return answer(
                prompts,
                settings,
                new AnswerPrompts(
                        new Engine.Key(stamped, model.ignoredKeys(), model.backend()),
                        form,
                        context,
                        drawn.temperature(),
                        drawn.topK(),
                        drawn.topP(),
                        settings,
                        List.of()));
    }

    private int answer(List<PromptLines.Prompt> prompts, String settings, AnswerPrompts common) throws IOException {
        PrintWriter print = spec.commandLine().getOut();
        List<String> errors = new ArrayList<>();
        try (AnswerFile answers = AnswerFile.open(out, force)) {
            Set<String> asked = new HashSet<>();
            List<PromptLines.Prompt> open = prompts.stream()
                    .filter(prompt -> {
                        String request = prompt.request(settings);
                        return !answers.has(request) && asked.add(request);
                    })
                    .toList();
            long before = prompts.stream()
                    .filter(prompt -> answers.has(prompt.request(settings)))
                    .count();
            if (!open.isEmpty()) {
                ask(open, settings, common, answers, errors);
            }
            answers.commit(prompts, settings);
            print.printf(
                    "%s: %,d answers, %,d of them from before; %,d refused%n",
                    out, prompts.size(), before, errors.size());
        }
        errors.forEach(error -> print.println(ThreeHalf.printable(error)));
        print.flush();
        return errors.isEmpty() ? 0 : ThreeHalf.FAILED;
    }

    private void ask(
            List<PromptLines.Prompt> open,
            String settings,
            AnswerPrompts common,
            AnswerFile answers,
            List<String> errors)
            throws IOException {
        List<List<PromptLines.Prompt>> batches = new ArrayList<>();
        int tasks = spark.partitions((open.size() + batch - 1) / batch, open.size());
        for (int i = 0; i < tasks; i++) {
            List<PromptLines.Prompt> part =
                    open.subList((int) ((long) open.size() * i / tasks), (int) ((long) open.size() * (i + 1) / tasks));
            for (int from = 0; from < part.size(); from += batch) {
                batches.add(List.copyOf(part.subList(from, Math.min(from + batch, part.size()))));
            }
        }
        List<AnswerPrompts> work = batches.stream()
                .map(part -> new AnswerPrompts(
                        common.model(),
                        common.form(),
                        common.context(),
                        common.temperature(),
                        common.topK(),
                        common.topP(),
                        settings,
                        part))
                .toList();
        int[] done = new int[1];
        try (Cluster cluster = spark.open("generate");
                Progress progress = new Progress("generate", open.size())) {
            cluster.run("answers of " + common.model().model().name(), work, (number, lines) -> {
                for (int i = 0; i < lines.size(); i++) {
                    PromptLines.Prompt prompt = batches.get(number).get(i);
                    answers.add(prompt.request(settings), lines.get(i));
                    if (PromptLines.JSON.readTree(lines.get(i)).has("error")) {
                        errors.add("line %d%s: %s"
                                .formatted(
                                        prompt.line(),
                                        prompt.id() == null ? "" : " (id %s)".formatted(prompt.id()),
                                        PromptLines.JSON
                                                .readTree(lines.get(i))
                                                .path("error")
                                                .stringValue()));
                    }
                    done[0]++;
                    progress.step();
                }
            });
        } catch (StoppedException stopped) {
            throw new StoppedException(
                    "%s; %,d of %,d lines that were to be answered are: the same command goes on with the others"
                            .formatted(
                                    stopped.getMessage().replace(": nothing is left of what was begun", ""),
                                    done[0],
                                    open.size()),
                    stopped);
        }
    }
}
