package org.threehalf.cluster;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.cli.ConformanceCommand;
import org.threehalf.cli.ConformanceModels;
import org.threehalf.cli.Site;
import org.threehalf.cli.StampedModel;
import org.threehalf.cli.UsageException;
import org.threehalf.conformance.Answer;
import org.threehalf.conformance.CaseArrays;
import org.threehalf.conformance.CaseResult;
import org.threehalf.conformance.ConformanceReport;
import org.threehalf.conformance.ConformanceRunner;
import org.threehalf.conformance.ConformanceRunner.Cases;
import org.threehalf.conformance.ConformanceRunner.Judged;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.ConformanceRunner.Run;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.ModelSuite;
import org.threehalf.conformance.ModelUnderTest;
import org.threehalf.conformance.WholeModel;
import org.threehalf.conformance.vectors.VectorCase;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code threehalf cluster conformance}: as {@code threehalf conformance}, with the same report, of backends of a
 * cluster's nodes.
 */
@Command(name = "conformance")
public final class ClusterConformanceCommand extends ConformanceCommand {
    /** Cases of a task: making them takes a process longer than judging some. */
    private static final int TASK_CASES = 64;

    @Mixin
    private SparkOptions spark = new SparkOptions();

    private @Nullable Cluster cluster;

    /** The command. */
    public ClusterConformanceCommand() {
        super(ConformanceModels::open);
    }

    @Override
    public Integer call() throws IOException {
        spark.require();
        if (judgesProgram()) {
            throw new UsageException("--exec: a program runs on one machine: use 'threehalf conformance'");
        }
        return spark.withFiles(true, () -> {
            try {
                return super.call();
            } finally {
                if (cluster != null) {
                    cluster.close();
                }
            }
        });
    }

    @Override
    protected Site site() {
        return spark;
    }

    private synchronized Cluster cluster() {
        Cluster open = cluster;
        if (open == null) {
            open = spark.open("conformance");
            cluster = open;
        }
        return open;
    }

    /** A task computes it. */
    @Override
    protected @Nullable ModelSuite suite(String name, WholeModel whole, PrintWriter out) {
        return null;
    }

    @Override
    protected List<Run> run(BackendProvider provider, Options options, Cases selected, int times) throws IOException {
        Cluster open = cluster();
        JudgeCases.Selection selection = new JudgeCases.Selection(
                options.vectors() == null ? null : open.broadcast(vectors(options.vectors())),
                options.seeds(),
                options.rows(),
                options.levels(),
                options.only());
        List<JudgeCases.Part> parts = new ArrayList<>();
        int count = selected.cases().size();
        int tasks = count == 0 ? 0 : spark.partitions((count + TASK_CASES - 1) / TASK_CASES, count);
        for (int i = 0; i < tasks; i++) {
            parts.add(new JudgeCases.Part.OfCases(
                    (int) ((long) count * i / tasks), (int) ((long) count * (i + 1) / tasks)));
        }
        StampedModel stamped = model();
        ModelUnderTest model = options.model();
        if (stamped != null && model != null) {
            SharedFile shared = SharedFile.of(stamped);
            for (int i = 0; i < model.matrices().size(); i++) {
                parts.add(new JudgeCases.Part.OfMatrix(shared, i));
            }
            if (options.levels().contains(Level.L3)) {
                parts.add(new JudgeCases.Part.OfModel(shared));
            }
        }
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            runs.add(run(open, provider.name(), selection, parts, options, selected));
        }
        return runs;
    }

    /** Runs each part once and joins what they found in the order of the single process. */
    private static Run run(
            Cluster cluster,
            String backend,
            JudgeCases.Selection selection,
            List<JudgeCases.Part> parts,
            Options options,
            Cases selected)
            throws IOException {
        JudgeCases.@Nullable Judgement[] found = new JudgeCases.Judgement[parts.size()];
        Judged[] judged = new Judged[selected.cases().size()];
        cluster.run(
                "conformance of " + backend,
                parts.stream()
                        .map(part -> new JudgeCases(selection, backend, part))
                        .toList(),
                (number, judgement) -> {
                    found[number] = judgement;
                    if (parts.get(number) instanceof JudgeCases.Part.OfCases(int from, int to)) {
                        for (int i = from; i < to; i++) {
                            VectorCase of = selected.cases().get(i);
                            Answer answer = judgement.answers().get(i - from);
                            judged[i] = Judged.of(of, answer == null ? right(of) : answer);
                            options.listener().accept(judged[i].result());
                        }
                    } else {
                        judgement.results().forEach(options.listener());
                    }
                });
        List<CaseResult> results =
                new ArrayList<>(Arrays.stream(judged).map(Judged::result).toList());
        TreeSet<String> details = new TreeSet<>();
        for (JudgeCases.@Nullable Judgement one : found) {
            if (one != null) {
                results.addAll(one.results());
                details.add(one.detail());
            }
        }
        ConformanceReport report =
                ConformanceRunner.report(backend, String.join("; ", details), options, selected, results);
        return new Run(report, List.of(judged));
    }

    /** What a device that is right answers. */
    private static Answer right(VectorCase of) {
        return CaseArrays.mustBeRefused(of)
                ? new Answer.Refused("as it must")
                : new Answer.Values(CaseArrays.expected(of));
    }

    private static TreeMap<String, byte[]> vectors(Path folder) throws IOException {
        TreeMap<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.filter(f -> f.toString().endsWith(".json")).toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }
}
