package org.threehalf.repository;

import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Finds requirement ids in text. */
public final class RequirementIds {
    /** One id: group 1 is everything before the number, group 2 the three digits. */
    static final Pattern ID = Pattern.compile("\\b(REQ-[A-Z0-9]{3}-)(\\d{3})\\b");

    /** An id, and optionally the last one of a range: "{@code … to REQ-…}" or "{@code … to 004}". */
    private static final Pattern ID_OR_RANGE =
            Pattern.compile(ID.pattern() + "(?:[\\s*]+to[\\s*]+(?:\\1)?(\\d{3})\\b)?");

    private RequirementIds() {}

    /** All ids that a text names, with the ranges in it written out, in the order of the alphabet. */
    public static SortedSet<String> namedIn(String text) {
        SortedSet<String> ids = new TreeSet<>();
        var matcher = ID_OR_RANGE.matcher(text);
        while (matcher.find()) {
            int first = Integer.parseInt(matcher.group(2));
            int last = matcher.group(3) == null ? first : Integer.parseInt(matcher.group(3));
            for (int i = first; i <= Math.max(first, last); i++) {
                ids.add("%s%03d".formatted(matcher.group(1), i));
            }
        }
        return ids;
    }
}
