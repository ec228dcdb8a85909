package org.threehalf.evidence.report;

import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.threehalf.kernels.io.Printable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Prints the report for machines and for people; both from the same tree, so that they say the same. */
public final class EvidenceWriter {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private EvidenceWriter() {}

    /** The report's text. */
    static String json(ObjectNode evidence) {
        return JSON.writeValueAsString(evidence).replace("\r\n", "\n") + "\n";
    }

    /** The page: it needs no network and no script. */
    static String html(ObjectNode evidence) throws IOException {
        try (InputStream template = EvidenceWriter.class.getResourceAsStream("evidence.mustache")) {
            if (template == null) {
                throw new IOException(
                        "the template evidence.mustache is missing from the class path: build proofs/evidence again");
            }
            return Mustache.compiler()
                    .emptyStringIsFalse(true)
                    .compile(new String(template.readAllBytes(), StandardCharsets.UTF_8))
                    .execute(plain(evidence));
        }
    }

    /**
     * Maps, lists and strings, which templates read; objects with free keys also show as lists of {@code {key, value}}.
     */
    private static Object plain(JsonNode node) {
        if (node.isObject()) {
            Map<String, Object> map = new LinkedHashMap<>();
            List<Map<String, Object>> entries = new ArrayList<>();
            node.properties().forEach(p -> {
                map.put(p.getKey(), plain(p.getValue()));
                entries.add(Map.of("key", Printable.text(p.getKey()), "value", plain(p.getValue())));
            });
            map.put("entries", entries);
            map.put("display", node.path("verdict").asString("").replace('_', ' '));
            return map;
        }
        if (node.isArray()) {
            List<Object> list = new ArrayList<>();
            node.forEach(n -> list.add(plain(n)));
            return list;
        }
        // The page has many texts in a line: none may turn the order of what stands beside it.
        return node.isBoolean() ? (Object) node.asBoolean() : Printable.text(node.asString());
    }
}
