package org.threehalf.cluster;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
            "after an interrupt, a failure or with more lines in IN does not ask again what is answered. Where an answer would be lost, since it is of another model, other options or",
            "a prompt that IN has no more, the command is refused."
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
            description =
                    "ask everything anew, whatever OUT and its journal hold (a file of the journal's name that is none is refused all the same)")
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
        read.addAll(spark.read());
        OutputFiles.requireNoneOf(List.of(out, AnswerFile.journal(WholeFile.replaceable(out))), read);
        // Before anything of the model is read: what is answered is filed under what it was then.
        SharedFile stamped = SharedFile.of(StampedModel.of(model.file()));
        // Not by the clock: a run that goes on must ask what the one before has asked.
        List<PromptLines.Prompt> prompts =
                PromptLines.read(in, options.sampling().seed(0), options.tokens());
        // Before the model is read, which takes its time: others may have these answers, or they may be of other
        // prompts.
        try (AnswerFile answers = AnswerFile.open(out, force)) {
            AnswerRun run = run(form, answers);
            answers.requireNothingLost(run, prompts, in);
            return answer(prompts, run, stamped, answers);
        }
    }

    private AnswerRun run(PromptForm form, AnswerFile answers) throws IOException {
        int context;
        PromptForm timed = form;
        try (LanguageModel opened = model.open(spec.commandLine().getErr())) {
            context = model.positions(opened, 1);
            if (form.tellsTime(opened)) {
                // Taken once, so that no answer depends on when or where it is computed; and kept by who goes on.
                Optional<LocalDateTime> before = answers.run().flatMap(AnswerRun::time);
                timed = form.at(before.orElse(LocalDateTime.now().truncatedTo(ChronoUnit.SECONDS)));
                PrintWriter err = spec.commandLine().getErr();
                err.printf(
                        "note: the chat template is told the time: %s%s%n",
                        timed.time(), before.isPresent() ? ", that of the answers of before" : "");
                err.flush();
            }
        }
        TokenSampler.Settings drawn = options.sampling().settings();
        return new AnswerRun(
                ThreeHalf.version(),
                ModelFiles.sha256(model.file()),
                new TreeSet<>(model.ignoredKeys()),
                context,
                drawn.temperature(),
                drawn.topK(),
                drawn.topP(),
                timed);
    }

    private int answer(List<PromptLines.Prompt> prompts, AnswerRun run, SharedFile stamped, AnswerFile answers)
            throws IOException {
        PrintWriter print = spec.commandLine().getOut();
        String settings = run.json().toString();
        long before = prompts.stream()
                .filter(prompt -> answers.has(prompt.request(settings)))
                .count();
        if (answers.isWhole(prompts, settings)) {
            print.printf(
                    "%s: %,d answers, all of them from before; 0 refused: there is nothing to do%n",
                    out, prompts.size());
            print.flush();
            return 0;
        }
        Set<String> asked = new HashSet<>();
        List<PromptLines.Prompt> open = prompts.stream()
                .filter(prompt -> {
                    String request = prompt.request(settings);
                    return !answers.has(request) && asked.add(request);
                })
                .toList();
        Map<String, String> refused = new HashMap<>();
        if (!open.isEmpty()) {
            ask(
                    open,
                    settings,
                    new AnswerPrompts(new Engine.Key(stamped, model.ignoredKeys(), model.backend()), run, List.of()),
                    answers,
                    refused);
        }
        answers.commit(prompts, settings);
        // Every line counts, also where two ask the same.
        List<PromptLines.Prompt> errors = prompts.stream()
                .filter(prompt -> refused.containsKey(prompt.request(settings)))
                .toList();
        print.printf(
                "%s: %,d answers, %,d of them from before; %,d refused%n",
                out, prompts.size() - errors.size(), before, errors.size());
        errors.forEach(prompt -> print.println(
                ThreeHalf.printable("%s: %s".formatted(prompt.where(), refused.get(prompt.request(settings))))));
        print.flush();
        return errors.isEmpty() ? 0 : ThreeHalf.FAILED;
    }

    private void ask(
            List<PromptLines.Prompt> open,
            String settings,
            AnswerPrompts common,
            AnswerFile answers,
            Map<String, String> refused)
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
                .map(part -> new AnswerPrompts(common.model(), common.run(), part))
                .toList();
        int[] done = new int[1];
        try (Cluster cluster = spark.open("generate");
                Progress progress = new Progress("generate", open.size())) {
            cluster.run("answers of " + common.model().model().name(), work, (number, lines) -> {
                for (int i = 0; i < lines.size(); i++) {
                    PromptLines.Prompt prompt = batches.get(number).get(i);
                    String request = prompt.request(settings);
                    answers.add(request, lines.get(i));
                    PromptLines.JSON
                            .readTree(lines.get(i))
                            .path("error")
                            .stringValueOpt()
                            .ifPresent(error -> refused.put(request, error));
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
