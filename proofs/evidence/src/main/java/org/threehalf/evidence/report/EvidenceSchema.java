package org.threehalf.evidence.report;

import com.networknt.schema.FailFastAssertionException;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** {@code spec/schema/evidence.schema.json}. */
final class EvidenceSchema {
    private static final Schema SCHEMA = read();

    private EvidenceSchema() {}

    private static Schema read() {
        try (InputStream text = EvidenceSchema.class.getResourceAsStream("evidence.schema.json")) {
            if (text == null) {
                throw new IOException(
                        "evidence.schema.json is missing from the class path: build proofs/evidence again");
            }
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(new String(text.readAllBytes(), StandardCharsets.UTF_8), InputFormat.JSON);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where a report does not meet it; none if it does. */
    static List<String> errors(String json) {
        return SCHEMA.validate(json, InputFormat.JSON).stream()
                .map(Object::toString)
                .toList();
    }

    /** The first place where a report does not meet it. Nothing behind it is looked at. */
    static Optional<String> error(JsonNode json) {
        try {
            return SCHEMA.validate(json, execution -> execution.executionConfig(c -> c.failFast(true))).stream()
                    .map(Object::toString)
                    .findFirst();
        } catch (FailFastAssertionException e) {
            return Optional.of(String.valueOf(e.getError()));
        }
    }
}
