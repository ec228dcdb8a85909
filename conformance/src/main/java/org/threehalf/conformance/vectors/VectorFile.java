package org.threehalf.conformance.vectors;

import java.util.List;

/**
 * A file of golden vectors.
 *
 * @param name its name
 * @param sha256 of its bytes, lower-case hexadecimal
 * @param cases its cases, in its order
 */
public record VectorFile(String name, String sha256, List<VectorCase> cases) {
    /** Takes a copy of the list. */
    public VectorFile {
        cases = List.copyOf(cases);
    }
}
