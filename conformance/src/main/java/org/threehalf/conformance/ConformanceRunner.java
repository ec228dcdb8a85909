package org.threehalf.conformance;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.conformance.ConformanceReport.ModelSource;
import org.threehalf.conformance.ConformanceReport.VectorSource;
import org.threehalf.conformance.vectors.GoldenVectors;
import org.threehalf.conformance.vectors.VectorFile;

/** Runs the suites that are asked for against an open backend. A case that goes wrong never ends the run. */
public final class ConformanceRunner {

    /** The most rows of a matrix that are compared unless something else is asked for. */
    public static final int DEFAULT_ROWS = 4096;

    /**
     * What to run.
     *
     * @param vectors the folder of golden vectors, or null to leave them out
     * @param model the model whose matrices are computed, or null for none
     * @param rows the most rows of a matrix that are compared, at least 2; larger matrices are sampled
     * @param only the id of the only case to run, or null for all
     * @param listener told of each result as it comes
     */
    public record Options(
            @Nullable Path vectors, @Nullable ModelUnderTest model, int rows, @Nullable String only, Consumer<CaseResult> listener) {
        /** All cases of a folder of golden vectors. */
        public static Options goldenVectors(Path vectors) {
            return new Options(vectors, null, DEFAULT_ROWS, null, result -> {});
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
        return run(backend, detail, Options.goldenVectors(vectors));
    }

    /**
     * Runs what the options say.
     *
     * @throws org.threehalf.conformance.vectors.VectorFormatException if a file of vectors is missing or malformed
     * @throws IllegalArgumentException if there is no case of the id that is asked for, or {@code rows} is below 2
     */
    public static ConformanceReport run(Backend backend, String detail, Options options) {
        MatrixSuite matrices = new MatrixSuite(backend, options.rows());
        List<CaseResult> results = new ArrayList<>();
        Consumer<CaseResult> collect = result -> {
            results.add(result);
            options.listener().accept(result);
        };
        Predicate<String> selected = id -> options.only() == null || options.only().equals(id);

        List<VectorFile> files = options.vectors() == null ? List.of() : GoldenVectors.read(options.vectors());
        ConformanceSuite golden = new ConformanceSuite(backend);
        files.forEach(file -> file.cases().stream().filter(c -> selected.test(c.header().id())).forEach(c -> collect.accept(golden.run(c))));
        ModelUnderTest model = options.model();
        if (model != null) {
            matrices.run(model, selected, collect);
        }
        if (results.isEmpty() && options.only() != null) {
            throw new IllegalArgumentException("there is no case '%s'; -v lists all".formatted(options.only()));
        }
        return new ConformanceReport(
                backend.name(),
                detail,
                files.stream().map(file -> new VectorSource(file.name(), file.sha256(), file.cases().size())).toList(),
                model == null ? null : new ModelSource(model.name(), model.bytes(), model.sha256(), model.matrices().size()),
                options.only(),
                results);
    }
}
