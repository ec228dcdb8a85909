package org.threehalf.conformance;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.conformance.ConformanceReport.ModelSource;
import org.threehalf.conformance.ConformanceReport.VectorSource;
import org.threehalf.conformance.vectors.GoldenVectors;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.conformance.vectors.VectorFile;

/** Runs the suites that are asked for against an open backend. A case that goes wrong never ends the run. */
public final class ConformanceRunner {

    /** The most rows of a matrix that are compared unless something else is asked for. */
    public static final int DEFAULT_ROWS = 4096;

    /**
     * What to run.
     *
     * @param vectors the folder of golden vectors, or null to leave them out
     * @param seeds of random cases; with any, the extremes and the wide cases are run too
     * @param model the model whose matrices are computed, or null for none
     * @param whole the model's suite of level L3, or null to leave it out
     * @param rows the most rows of a matrix that are compared, at least 2; larger matrices are sampled
     * @param levels the levels whose cases are run
     * @param only the id of the only case to run, or null for all
     * @param listener told of each result as it comes
     */
    public record Options(
            @Nullable Path vectors,
            List<Long> seeds,
            @Nullable ModelUnderTest model,
            @Nullable ModelSuite whole,
            int rows,
            Set<Level> levels,
            @Nullable String only,
            Consumer<CaseResult> listener) {

        /** Takes copies of the collections. */
        public Options {
            seeds = List.copyOf(seeds);
            levels = Set.copyOf(levels);
        }

        /** All cases of a folder of golden vectors. */
        public static Options goldenVectors(Path vectors) {
            return new Options(vectors, List.of(), null, null, DEFAULT_ROWS, Level.all(), null, result -> {});
        }

        /**
         * All cases that need no model: the golden vectors, the random cases of the published seeds, and the extremes.
         */
        public static Options withoutModel(Path vectors) {
            return new Options(
                    vectors, GeneratedCases.SEEDS, null, null, DEFAULT_ROWS, Level.all(), null, result -> {});
        }

        /** The same with only one case. */
        public Options only(@Nullable String id) {
            return new Options(vectors, seeds, model, whole, rows, levels, id, listener);
        }

        /** The same with another listener. */
        public Options listener(Consumer<CaseResult> other) {
            return new Options(vectors, seeds, model, whole, rows, levels, only, other);
        }

        private boolean selects(String id, Level level) {
            return levels.contains(level) && (only == null || only.equals(id));
        }
    }

    /**
     * A case with what a device made of it.
     *
     * @param vectorCase the case
     * @param answer what the device made of it
     * @param result the verdict
     */
    public record Judged(VectorCase vectorCase, Answer answer, CaseResult result) {
        /** Judges an answer. */
        public static Judged of(VectorCase vectorCase, Answer answer) {
            return new Judged(vectorCase, answer, ConformanceSuite.judge(vectorCase, answer));
        }
    }

    /**
     * A finished run.
     *
     * @param report what to tell
     * @param judged the golden and generated cases with their answers, for a diagnosis
     */
    public record Run(ConformanceReport report, List<Judged> judged) {}

    /**
     * The golden and generated cases that a run consists of, in its order.
     *
     * @param files the golden vectors' files
     * @param cases the selected cases
     */
    public record Cases(List<VectorFile> files, List<VectorCase> cases) {

        /**
         * Reads and generates the cases.
         *
         * @throws org.threehalf.conformance.vectors.VectorFormatException if a file of vectors is missing or malformed
         */
        public static Cases of(Options options) {
            return of(options, false);
        }

        /**
         * As {@link #of}, with what is asked of programs alone: the parts of a host ({@link HostCases}).
         *
         * @throws org.threehalf.conformance.vectors.VectorFormatException likewise
         */
        public static Cases exchanged(Options options) {
            return of(options, true);
        }

        private static Cases of(Options options, boolean exchanged) {
            List<VectorFile> files = options.vectors() == null ? List.of() : GoldenVectors.read(options.vectors());
            Stream<VectorCase> golden = files.stream().flatMap(file -> file.cases().stream());
            Stream<VectorCase> random = options.seeds().stream()
                    .flatMap(seed ->
                            // The transformer's cases take most of the time to make.
                            (options.levels().contains(Level.L2)
                                            ? GeneratedCases.random(seed)
                                            : GeneratedCases.products(seed))
                                    .stream());
            Stream<VectorCase> extremes = options.seeds().isEmpty() ? Stream.of() : GeneratedCases.extremes().stream();
            // Their products take no time beside the extremes; what is made for L2 only, is left out where L2 is.
            Stream<VectorCase> wide = options.seeds().isEmpty()
                    ? Stream.of()
                    : WideCases.all(options.levels().contains(Level.L2)).stream();
            Stream<VectorCase> host = exchanged && !options.seeds().isEmpty()
                    ? Stream.concat(
                            HostCases.searched().stream(),
                            options.seeds().stream().flatMap(seed -> HostCases.of(seed).stream()))
                    : Stream.of();
            return new Cases(
                    files,
                    Stream.of(golden, random, extremes, wide, host)
                            .flatMap(cases -> cases)
                            .filter(c -> options.selects(c.header().id(), Level.of(c)))
                            .toList());
        }
    }

    private ConformanceRunner() {}

    /**
     * Runs all golden vectors.
     *
     * @param backend an open backend
     * @param detail the device and its version, for the report
     * @param vectors the folder, {@code spec/vectors}
     * @throws org.threehalf.conformance.vectors.VectorFormatException if a file of vectors is missing or malformed
     */
    public static ConformanceReport run(Backend backend, String detail, Path vectors) {
        return run(backend, detail, Options.goldenVectors(vectors)).report();
    }

    /**
     * Runs what the options say.
     *
     * @throws org.threehalf.conformance.vectors.VectorFormatException if a file of vectors is missing or malformed
     * @throws IllegalArgumentException if there is no case of the id that is asked for, or {@code rows} is below 2
     */
    public static Run run(Backend backend, String detail, Options options) {
        return run(backend, detail, options, Cases.of(options));
    }

    /**
     * As {@link #run(Backend, String, Options)}, with cases that were read before, so that several backends share them.
     */
    public static Run run(Backend backend, String detail, Options options, Cases cases) {
        MatrixSuite matrices = new MatrixSuite(backend, options.rows());
        List<Judged> judged = new ArrayList<>();
        List<CaseResult> results = new ArrayList<>();
        Consumer<CaseResult> collect = result -> {
            results.add(result);
            options.listener().accept(result);
        };
        for (VectorCase vectorCase : cases.cases()) {
            Judged one = judge(backend, vectorCase);
            judged.add(one);
            collect.accept(one.result());
        }
        judgeModel(backend, matrices, options, collect);
        return new Run(report(backend.name(), detail, options, cases, results), List.copyOf(judged));
    }

    /** Judges a backend by one golden or generated case. */
    public static Judged judge(Backend backend, VectorCase vectorCase) {
        return Judged.of(vectorCase, CaseArrays.answer(backend, vectorCase));
    }

    /**
     * Judges a backend on the model's matrices, in their order, then on the whole model, where the options name them.
     *
     * @throws IllegalArgumentException if {@code rows} is below 2
     */
    public static void judgeModel(Backend backend, Options options, Consumer<CaseResult> results) {
        judgeModel(backend, new MatrixSuite(backend, options.rows()), options, results);
    }

    private static void judgeModel(
            Backend backend, MatrixSuite matrices, Options options, Consumer<CaseResult> results) {
        ModelUnderTest model = options.model();
        if (model != null) {
            matrices.run(model, options::selects, results);
        }
        ModelSuite whole = options.whole();
        if (whole != null) {
            whole.run(backend, options::selects, results);
        }
    }

    /**
     * The report of results that were judged elsewhere.
     *
     * @throws IllegalArgumentException if there is no result
     */
    public static ConformanceReport report(
            String backend, String detail, Options options, Cases cases, List<CaseResult> results) {
        if (results.isEmpty()) {
            throw new IllegalArgumentException(
                    options.only() != null
                            ? "there is no case '%s'; -v lists all".formatted(options.only())
                            : "no case was run: %s"
                                    .formatted(
                                            options.levels().equals(Set.of(Level.L3))
                                                    ? "level L3 needs a model, by --model FILE"
                                                    : "name other levels or other files of golden vectors"));
        }
        ModelUnderTest model = options.model();
        return new ConformanceReport(
                backend,
                detail,
                cases.files().stream()
                        .map(file -> new VectorSource(
                                file.name(), file.sha256(), file.cases().size()))
                        .toList(),
                options.seeds(),
                model == null
                        ? null
                        : new ModelSource(
                                model.name(),
                                model.bytes(),
                                model.sha256(),
                                model.matrices().size()),
                options.only(),
                results,
                List.of());
    }
}
