package org.threehalf.conformance;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** Validates against the published schemas. */
public final class Schemas {
    private Schemas() {}

    /** What is wrong with a JSON text by the schema in {@code spec/schema}; empty if nothing is. */
    public static List<String> complaints(String schema, String json) throws IOException {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(Files.readString(Installation.SCHEMAS.resolve(schema)))
                .validate(json, InputFormat.JSON)
                .stream()
                .map(Error::toString)
                .toList();
    }
}
