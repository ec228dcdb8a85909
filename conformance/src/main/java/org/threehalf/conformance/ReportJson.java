package org.threehalf.conformance;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.threehalf.conformance.vectors.Difference;
import org.threehalf.kernels.io.WholeFile;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes a report as JSON (schema: {@code spec/schema/conformance-result.schema.json}). */
public final class ReportJson {

    /** The value of the member {@code schema}. */
    public static final String SCHEMA = "threehalf-conformance-result/2";

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private ReportJson() {}

    /** The report as a tree. */
    public static ObjectNode toJson(ConformanceReport report) {
        ObjectNode root = MAPPER.createObjectNode().put("schema", SCHEMA);
        root.putObject("backend").put("name", report.backend()).put("detail", report.detail());
        ArrayNode vectors = root.putArray("vectors");
        report.vectors()
                .forEach(v -> vectors.addObject()
                        .put("file", v.file())
                        .put("sha256", v.sha256())
                        .put("cases", v.cases()));
        ArrayNode seeds = root.putArray("seeds");
        report.seeds().forEach(seeds::add);
        ConformanceReport.ModelSource model = report.model();
        if (model != null) {
            root.putObject("model")
                    .put("file", model.file())
                    .put("bytes", model.bytes())
                    .put("sha256", model.sha256())
                    .put("matrices", model.matrices());
        }
        if (report.selection() != null) {
            root.put("selection", report.selection());
        }
        int failed = report.failures().size();
        root.put("passed", report.passed());
        root.putObject("counts")
                .put("total", report.results().size())
                .put("passed", report.results().size() - failed)
                .put("failed", failed);
        ArrayNode summary = root.putArray("summary");
        for (ConformanceReport.Count count : report.summary()) {
            summary.add(putFormat(
                            MAPPER.createObjectNode()
                                    .put("level", count.level().name())
                                    .put("kind", count.kind()),
                            count.format())
                    .put("passed", count.passed())
                    .put("failed", count.failed()));
        }
        ObjectNode flags = root.putObject("flags");
        report.flags().forEach(flags::put);
        ArrayNode diagnosis = root.putArray("diagnosis");
        for (ConformanceReport.Finding finding : report.diagnosis()) {
            ObjectNode found = diagnosis.addObject();
            finding.mistakes().forEach(found.putArray("looksLike")::add);
            found.put("explained", finding.explained()).put("failed", finding.failed());
        }
        ArrayNode cases = root.putArray("cases");
        report.results().forEach(result -> cases.add(toJson(result)));
        return root;
    }

    private static ObjectNode toJson(CaseResult result) {
        ObjectNode node = putFormat(
                MAPPER.createObjectNode()
                        .put("id", result.id())
                        .put("level", result.level().name())
                        .put("kind", result.kind()),
                result.format());
        ArrayNode requirements = node.putArray("requirements");
        result.requirements().forEach(requirements::add);
        ArrayNode flags = node.putArray("flags");
        result.flags().keySet().forEach(flags::add);
        node.put("verdict", result.verdict().name());
        if (!result.note().isEmpty()) {
            node.put("note", result.note());
        }
        CaseResult.Failure failure = result.failure();
        if (failure != null) {
            ObjectNode failed = node.putObject("failure").put("message", failure.message());
            Difference difference = failure.difference();
            if (difference != null) {
                ObjectNode where = failed.putObject("difference")
                        .put("part", difference.part())
                        .put("index", difference.index());
                where.putObject("expected")
                        .put("hex", difference.expected().hex())
                        .put("decimal", difference.expected().decimal());
                where.putObject("actual")
                        .put("hex", difference.actual().hex())
                        .put("decimal", difference.actual().decimal());
            }
            ArrayNode spreads = failed.putArray("spreads");
            failure.spreads()
                    .forEach(s -> spreads.addObject()
                            .put("part", s.part())
                            .put("size", s.size())
                            .put("differ", s.count()));
        }
        return node;
    }

    private static ObjectNode putFormat(ObjectNode node, @Nullable String format) {
        return format == null ? node : node.put("format", format);
    }

    /**
     * Writes the report, whole or not at all.
     *
     * @param file where it goes; its folder is made if it is missing
     * @throws IOException if the folder or the file cannot be written
     */
    public static void write(ConformanceReport report, Path file) throws IOException {
        WholeFile.write(file, MAPPER.writeValueAsString(toJson(report)) + "\n");
    }
}
