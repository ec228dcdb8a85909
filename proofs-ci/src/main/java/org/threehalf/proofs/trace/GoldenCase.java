package org.threehalf.proofs.trace;

import java.util.SortedSet;

/**
 * A case of the golden vectors.
 *
 * @param id its stable id
 * @param file the file, relative to the repository's root
 * @param requirements the ids that it serves
 */
public record GoldenCase(String id, String file, SortedSet<String> requirements) {}
