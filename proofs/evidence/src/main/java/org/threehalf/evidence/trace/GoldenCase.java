package org.threehalf.evidence.trace;

import java.util.SortedSet;

/**
 * A case: of the golden vectors, or one that conformance generates.
 *
 * @param id its stable id
 * @param file the file, relative to the repository's root, or what generates it
 * @param requirements the ids that it serves
 */
public record GoldenCase(String id, String file, SortedSet<String> requirements) {}
