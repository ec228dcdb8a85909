package org.threehalf.evidence.trace;

import java.util.Map;

/**
 * A numbered requirement of the specification.
 *
 * @param id {@code REQ-} followed by the section's three letters and three digits
 * @param text the paragraph, without its id and waivers, white space folded
 * @param file the file, relative to the repository's root, with {@code /}
 * @param line the line of the id, from 1
 * @param waivers why evidence of a kind does not exist
 */
public record Requirement(String id, String text, String file, int line, Map<EvidenceKind, String> waivers) {}
