package org.threehalf.lean;

import java.util.SortedSet;

/**
 * A theorem in the Lean sources.
 *
 * @param name the full name, with its namespaces
 * @param file the file, relative to the repository's root
 * @param line the line of the keyword, from 1
 * @param reading its English reading: the doc comment above it, without ids; empty if there is none
 * @param requirements the ids that the doc comment names
 * @param statement what it claims, as written, white space folded
 */
public record Theorem(
        String name, String file, int line, String reading, SortedSet<String> requirements, String statement) {}
