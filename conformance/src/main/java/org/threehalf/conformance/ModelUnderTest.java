package org.threehalf.conformance;

import java.util.List;

/**
 * A quantised model whose matrices a backend is judged on.
 *
 * @param name its file's name; the first part of the cases' ids
 * @param bytes the file's size
 * @param sha256 the file's SHA-256 in lower-case hexadecimal
 * @param matrices its matrices, in the file's order; they stay open while the run lasts
 */
public record ModelUnderTest(String name, long bytes, String sha256, List<NamedMatrix> matrices) {
    /** Takes a copy of the list. */
    public ModelUnderTest {
        matrices = List.copyOf(matrices);
    }
}
