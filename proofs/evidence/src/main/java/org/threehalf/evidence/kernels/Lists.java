package org.threehalf.evidence.kernels;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The lists beside this package's classes. */
final class Lists {
    private Lists() {}

    static String text(String name) throws IOException {
        try (InputStream in = Lists.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is not on the class path: build proofs/evidence again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
