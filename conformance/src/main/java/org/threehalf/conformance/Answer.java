package org.threehalf.conformance;

import java.io.Serializable;
import java.util.List;
import org.threehalf.conformance.vectors.Part;

/** What a device made of a case. */
public sealed interface Answer extends Serializable {

    /**
     * It computed.
     *
     * @param parts its results, in the order of {@link CaseArrays#expected}
     */
    record Values(List<Part> parts) implements Answer {
        /** Takes a copy of the list. */
        public Values {
            parts = List.copyOf(parts);
        }
    }

    /**
     * It refused the input, as REQ-CNF-002 asks of inputs outside the domain.
     *
     * @param message what it said
     */
    record Refused(String message) implements Answer {}

    /**
     * It gave nothing that can be compared: it threw, or its program did not write a result.
     *
     * @param message what happened, for a person
     */
    record Broken(String message) implements Answer {}
}
