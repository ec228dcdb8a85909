package org.threehalf.evidence.trace;

import java.util.SortedSet;

/**
 * A test in the sources.
 *
 * @param module the Maven module's folder, relative to the repository's root
 * @param type the class's binary name
 * @param method the method's name
 * @param file the source, relative to the repository's root
 * @param line the method's line
 * @param property whether jqwik runs it for many generated values
 * @param requirements the ids that its Javadoc, tags or labels name, or those of the classes around it
 */
public record TestMethod(
        String module,
        String type,
        String method,
        String file,
        int line,
        boolean property,
        SortedSet<String> requirements) {}
