package org.threehalf.cli.bench;

import org.jspecify.annotations.Nullable;
import org.threehalf.backends.cuda.ProductMeter.Measured;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A device's report as JSON; names and units are those of {@link DeviceBenchReport}, times in seconds. */
final class DeviceBenchJson {

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private DeviceBenchJson() {}

    static String of(DeviceBenchReport report) {
        ObjectNode root = MAPPER.createObjectNode()
                .put("schema", "threehalf-bench-device/1")
                .put("device", report.device())
                .put("peer", report.peer());
        root.putObject("options")
                .put("quick", report.options().quick())
                .put("memoryBytes", report.options().ringBytes())
                .put("millis", report.options().millis());
        Measured streaming = report.streaming();
        root.putObject("streamingRead")
                .put("gigabytesPerSecond", streaming.bestGigabytesPerSecond())
                .put("median", streaming.gigabytesPerSecond());
        ArrayNode models = root.putArray("models");
        for (DeviceBenchReport.ModelLine line : report.models()) {
            models.addObject()
                    .put("model", line.model())
                    .put("layers", line.layers())
                    .put("format", line.format())
                    .put("layerSeconds", line.layerSeconds())
                    .put("outputSeconds", line.outputSeconds())
                    .put("layerBytes", line.layerBytes())
                    .put("gigabytesPerSecond", line.gigabytes())
                    .put("shareOfStreamingRead", line.share())
                    .put("tokensPerSecond", line.tokensPerSecond())
                    .put("cold", line.cold());
        }
        ArrayNode batches = root.putArray("batches");
        for (DeviceBenchReport.BatchLine line : report.batches()) {
            ObjectNode node = batches.addObject()
                    .put("format", line.what())
                    .put("rows", line.rows())
                    .put("columns", line.columns())
                    .put("tokens", line.tokens())
                    .put("seconds", line.seconds())
                    .put("gigaMacsPerSecond", line.gigaMacs())
                    .put("cold", line.cold());
            putIfMeasured(node, "tokensPerSecondOverOneToken", line.overOneToken());
            putIfMeasured(node, "speedUpOverPeer", line.overPeer());
        }
        return MAPPER.writeValueAsString(root) + "\n";
    }

    private static void putIfMeasured(ObjectNode node, String name, @Nullable Double value) {
        if (value != null) {
            node.put(name, value);
        }
    }
}
