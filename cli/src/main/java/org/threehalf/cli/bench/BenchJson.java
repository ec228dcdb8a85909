package org.threehalf.cli.bench;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A report as JSON; names and units are those of {@link BenchReport}, times in nanoseconds. */
final class BenchJson {

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private BenchJson() {}

    static String of(BenchReport report) {
        ObjectNode root = MAPPER.createObjectNode().put("schema", "threehalf-bench/1");
        BenchReport.Machine machine = report.machine();
        root.putObject("machine")
                .put("processor", machine.processor())
                .put("processors", machine.processors())
                .put("java", machine.java())
                .put("vectorBits", machine.vectorBits())
                .put("time", machine.time());
        root.putObject("options")
                .put("quick", report.options().quick())
                .put("ringBytes", report.options().ringBytes())
                .put("millis", report.options().millis());
        ArrayNode streaming = root.putArray("streamingRead");
        report.streaming()
                .forEach(s -> streaming
                        .addObject()
                        .put("threads", s.threads())
                        .put("gigabytesPerSecond", s.gigabytes())
                        .put("median", s.median()));
        ArrayNode models = root.putArray("models");
        for (BenchReport.ModelLine line : report.models()) {
            ObjectNode node = models.addObject()
                    .put("model", line.model())
                    .put("layers", line.layers())
                    .put("kernel", line.kernel())
                    .put("format", line.format())
                    .put("threads", line.threads());
            put(node.putObject("layer"), line.layer());
            put(node.putObject("output"), line.output());
            node.put("layerBytes", line.layerBytes())
                    .put("gigabytesPerSecond", line.gigabytes())
                    .put("shareOfStreamingRead", line.share())
                    .put("layersPerSecond", line.layersPerSecond())
                    .put("tokensPerSecond", line.tokensPerSecond())
                    .put("scaledRows", line.scaledRows());
            if (line.speedUp() != 0) {
                node.put("speedUpOverReference", line.speedUp());
            }
        }
        ArrayNode batches = root.putArray("batches");
        for (BenchReport.BatchLine line : report.batches()) {
            ObjectNode node = batches.addObject()
                    .put("kernel", line.kernel())
                    .put("format", line.format())
                    .put("rows", line.rows())
                    .put("columns", line.columns())
                    .put("threads", line.threads())
                    .put("tokens", line.tokens());
            put(node.putObject("time"), line.time());
            node.put("gigaMacsPerSecond", line.gigaMacs()).put("tokensPerSecondOverOneToken", line.ratio());
        }
        ArrayNode sizes = root.putArray("sizes");
        for (BenchReport.SizeLine line : report.sizes()) {
            ObjectNode node = sizes.addObject()
                    .put("kernel", line.kernel())
                    .put("format", line.format())
                    .put("rows", line.rows())
                    .put("columns", line.columns())
                    .put("threads", line.threads());
            put(node.putObject("time"), line.time());
            node.put("picosecondsPerWeight", line.picosPerWeight());
        }
        return MAPPER.writeValueAsString(root) + "\n";
    }

    private static void put(ObjectNode node, Timing timing) {
        node.put("min", timing.min())
                .put("low", timing.low())
                .put("median", timing.median())
                .put("high", timing.high())
                .put("runs", timing.runs());
    }
}
