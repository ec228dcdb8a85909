package org.threehalf.conformance;

import java.nio.file.Path;

/** Where the specification lies; the build says where its root is. */
public final class Installation {
    /** {@code spec/}. */
    public static final Path SPEC =
            Path.of(System.getProperty("threehalf.root", "..")).resolve("spec");
    /** The golden vectors. */
    public static final Path VECTORS = SPEC.resolve("vectors");
    /** The schemas. */
    public static final Path SCHEMAS = SPEC.resolve("schema");

    private Installation() {}
}
