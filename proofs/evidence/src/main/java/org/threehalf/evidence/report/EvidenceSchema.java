package org.threehalf.evidence.report;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

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
}
