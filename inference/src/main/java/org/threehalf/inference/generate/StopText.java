package org.threehalf.inference.generate;

import java.util.List;

/**
 * Ends a text before the first of some strings that appears in it. Holds back what could still become one of them. Not
 * safe for use by several threads.
 */
public final class StopText {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    /**
     * For a text that has not begun.
     *
     * @param stops the strings; empty ones are left out
     */
    public StopText(List<String> stops) {
        this.stops = stops.stream().filter(stop -> !stop.isEmpty()).toList();
    }

    /** Whether one of the strings was seen; nothing follows then. */
    public boolean stopped() {
        return stopped;
    }

    /**
     * Takes more of the text.
     *
     * @return what may be shown now; may be empty
     */
    public String append(String text) {
        if (stopped) {
            return "";
        }
        held.append(text);
        int first = stops.stream()
                .mapToInt(held::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElse(-1);
        if (first >= 0) {
            stopped = true;
            return take(first);
        }
        return take(held.length() - stops.stream().mapToInt(this::begun).max().orElse(0));
    }

    /** The text has ended: what was held back. */
    public String end() {
        return stopped ? "" : take(held.length());
    }

    /** How many characters at the end are the beginning of a string. */
    private int begun(String stop) {
        for (int length = Math.min(stop.length() - 1, held.length()); length > 0; length--) {
            if (stop.startsWith(held.substring(held.length() - length))) {
                return length;
            }
        }
        return 0;
    }

    private String take(int length) {
        String shown = held.substring(0, length);
        held.delete(0, stopped ? held.length() : length);
        return shown;
    }
}
