package org.threehalf.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.cli.ConformanceModels;
import org.threehalf.conformance.Answer;
import org.threehalf.conformance.CaseResult;
import org.threehalf.conformance.ConformanceRunner;
import org.threehalf.conformance.ConformanceRunner.Cases;
import org.threehalf.conformance.ConformanceRunner.Judged;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.ModelReader.OpenModel;
import org.threehalf.conformance.ModelSuite;
import org.threehalf.conformance.ModelUnderTest;
import org.threehalf.conformance.WholeModel;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.Verdict;

/**
 * Judges a backend of a node by some cases, or on a matrix of a model, or on the whole of it: the code that a single
 * process runs, for a part of what it runs it for.
 *
 * @param selection which cases there are
 * @param backend the backend's name
 * @param part which of them are meant
 */
record JudgeCases(Selection selection, String backend, Part part) implements Work<JudgeCases.Judgement> {
    private static final long serialVersionUID = 1;

    /** What a task judges. */
    sealed interface Part extends Serializable {
        /** Golden and generated cases, from a number to before another. */
        record OfCases(int from, int to) implements Part {}

        /** A model's matrix of a number. */
        record OfMatrix(SharedFile model, int number) implements Part {}

        /** Level L3 of a model. */
        record OfModel(SharedFile model) implements Part {}
    }

    /**
     * As {@link Options}, without what is of one process.
     *
     * @param vectors the golden vectors' files, each its name and its bytes; null to leave them out
     */
    record Selection(
            @Nullable Broadcast<TreeMap<String, byte[]>> vectors,
            List<Long> seeds,
            int rows,
            Set<Level> levels,
            @Nullable String only)
            implements Serializable {

        private Options options(@Nullable Path folder, @Nullable ModelUnderTest model, @Nullable ModelSuite whole) {
            return new Options(folder, seeds, model, whole, rows, levels, only, result -> {});
        }
    }

    /**
     * What a task found.
     *
     * @param detail the node's device and its version
     * @param answers of golden and generated cases, in their order: those of cases that passed are the expected ones,
     *     and null
     * @param results of a model's cases
     */
    record Judgement(String detail, ArrayList<@Nullable Answer> answers, ArrayList<CaseResult> results)
            implements Serializable {
        private static final long serialVersionUID = 1;
    }

    /** The cases that were made last in this process: making them takes seconds, and the next task needs them too. */
    private static @Nullable Made made;

    private record Made(String key, Cases cases) {}

    @Override
    public Judgement run(Node node) throws IOException {
        BackendProvider provider = Engine.provider(backend, node.host());
        String detail = provider.availability().detail();
        return switch (part) {
            case Part.OfCases(int from, int to) -> {
                Cases cases = cases();
                ArrayList<@Nullable Answer> answers = new ArrayList<>();
                try (Backend open = provider.open(node.threads())) {
                    for (int i = from; i < to; i++) {
                        Judged judged =
                                ConformanceRunner.judge(open, cases.cases().get(i));
                        answers.add(judged.result().verdict() == Verdict.PASSED ? null : judged.answer());
                    }
                }
                yield new Judgement(detail, answers, new ArrayList<>());
            }
            case Part.OfMatrix(SharedFile model, int number) ->
                ofModel(
                        node,
                        provider,
                        model,
                        (opened, name) -> selection.options(
                                null,
                                new ModelUnderTest(
                                        name, 0, "", List.of(opened.matrices().get(number))),
                                null));
            case Part.OfModel(SharedFile model) ->
                ofModel(node, provider, model, (opened, name) -> {
                    WholeModel whole = opened.whole();
                    try (Backend reference = BackendProvider.named("reference").open(node.threads())) {
                        return selection.options(
                                null, null, whole == null ? null : new ModelSuite(name, whole, reference));
                    }
                });
        };
    }

    @Override
    public String reads() {
        return switch (part) {
            case Part.OfCases cases -> "a file";
            case Part.OfMatrix(SharedFile model, int number) -> model.path();
            case Part.OfModel(SharedFile model) -> model.path();
        };
    }

    @FunctionalInterface
    private interface OfOpenModel {
        Options options(OpenModel opened, String name) throws IOException;
    }

    private Judgement ofModel(Node node, BackendProvider provider, SharedFile model, OfOpenModel of)
            throws IOException {
        model.require(node.host());
        try (OpenModel opened = ConformanceModels.open(model.whole());
                Backend open = provider.open(node.threads())) {
            ArrayList<CaseResult> results = new ArrayList<>();
            ConformanceRunner.judgeModel(open, of.options(opened, model.name()), results::add);
            model.require(node.host());
            return new Judgement(provider.availability().detail(), new ArrayList<>(), results);
        }
    }

    private Cases cases() throws IOException {
        TreeMap<String, byte[]> files = selection.vectors == null ? new TreeMap<>() : selection.vectors.getValue();
        StringBuilder key = new StringBuilder("%s %s %s"
                .formatted(selection.seeds, selection.levels.stream().sorted().toList(), selection.only));
        files.forEach((name, bytes) -> key.append(' ').append(name).append(' ').append(Sha256.of(bytes)));
        synchronized (JudgeCases.class) {
            Made there = made;
            if (there == null || !there.key.contentEquals(key)) {
                there = new Made(key.toString(), make(files));
                made = there;
            }
            return there.cases;
        }
    }

    private Cases make(Map<String, byte[]> files) throws IOException {
        if (selection.vectors == null) {
            return Cases.of(selection.options(null, null, null));
        }
        Path folder = Files.createTempDirectory("threehalf-vectors");
        try {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Files.write(folder.resolve(file.getKey()), file.getValue());
            }
            return Cases.of(selection.options(folder, null, null));
        } finally {
            for (String name : files.keySet()) {
                Files.deleteIfExists(folder.resolve(name));
            }
            Files.deleteIfExists(folder);
        }
    }
}
