package org.threehalf.cluster;

import java.io.Serializable;

/**
 * What one task computes. It is sent to a node as it is, so it names files by paths that every node sees and holds
 * little else. It may be run several times, on several nodes, at once: whoever is first is taken.
 *
 * @param <R> what becomes of it: small, since it comes back through the driver
 */
@FunctionalInterface
interface Work<R extends Serializable> extends Serializable {

    /**
     * Computes.
     *
     * @param node where it runs
     * @throws java.io.IOException what another attempt may not meet: Spark tries again, perhaps elsewhere
     * @throws Problem what no other attempt would mend
     * @throws IllegalArgumentException what is wrong with the input: it ends the job
     */
    R run(Node node) throws Exception;

    /** The file that it reads as it computes, for people. */
    default String reads() {
        return "a file";
    }
}
