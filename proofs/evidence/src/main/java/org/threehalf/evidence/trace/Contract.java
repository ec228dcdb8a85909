package org.threehalf.evidence.trace;

import java.util.SortedMap;
import java.util.SortedSet;

/**
 * The JML contract of a Java method.
 *
 * @param type the class's binary name
 * @param method the method with its parameters' types, as written
 * @param file the source, relative to the repository's root
 * @param line the method's line
 * @param requirements the ids that its Javadoc or its contract names
 * @param clauses how many clauses of each kind ({@code requires}, {@code ensures}, {@code loop_invariant}, …) it has
 */
public record Contract(
        String type,
        String method,
        String file,
        int line,
        SortedSet<String> requirements,
        SortedMap<String, Integer> clauses) {}
