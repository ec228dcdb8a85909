package org.threehalf.inference.template;

import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * One run of a template: what it has used up, and which characters are not the template's own.
 *
 * <p>Every operation spends steps in proportion to what it touches, so that the limit on them bounds the time, whatever
 * the template does. A thread that is interrupted meanwhile ends with a {@link CancellationException}.
 *
 * <p>A string is a Java string, so comparisons, lengths and keys see the true text. Where each character comes from is
 * kept beside it, by the string's identity: one that somebody else's characters went into is an object of its own.
 */
final class Run {
    private static final long MAX_STEPS = 1_000_000;
    private static final long MAX_TEXT = 1 << 22;
    /** What is nested deeper ends before the thread's stack does. */
    private static final int MAX_DEPTH = 500;
    /** Characters that are looked at for a step. */
    static final int CHARACTERS = 32;

    private static final BitSet ONE = BitSet.valueOf(new long[] {1});

    private final Map<String, BitSet> foreign = new IdentityHashMap<>();
    /** Whether a number was made of somebody else's text: from then on digits are nobody's own. */
    private boolean foreignNumbers;

    private long steps;
    private long looked;
    private long written;
    private int depth;

    /** A string under way, with where its characters come from. */
    final class Text {
        private final StringBuilder characters = new StringBuilder();
        private final BitSet others = new BitSet();

        Text append(String text) {
            return append(text, 0, text.length());
        }

        /** Appends a part; refused before it is made if all would be too long. */
        Text append(String text, int from, int to) {
            requireLength((long) characters.length() + to - from);
            BitSet marks = foreign.get(text);
            int start = characters.length() - from;
            for (int i = marks == null ? -1 : marks.nextSetBit(from); i >= 0 && i < to; ) {
                int end = Math.min(to, marks.nextClearBit(i));
                others.set(start + i, start + end);
                i = marks.nextSetBit(end);
            }
            characters.append(text, from, to);
            return this;
        }

        Text append(char c) {
            characters.append(c);
            return this;
        }

        @Override
        public String toString() {
            return marked(characters.toString(), others);
        }
    }

    Text text() {
        return new Text();
    }

    void step() {
        spend(1);
    }

    /** Spends steps. */
    void spend(long count) {
        steps += count;
        if (steps > MAX_STEPS) {
            throw new TemplateException("the template takes more than %,d steps".formatted(MAX_STEPS));
        }
        if (steps - looked >= 256) {
            looked = steps;
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("the text is wanted no more");
            }
        }
    }

    /** Spends what looking at so many characters takes. */
    void look(long characters) {
        spend(characters / CHARACTERS);
    }

    /** Spends what an operation on a value takes that looks at all of it: its characters, or its elements. */
    void touch(@Nullable Object value) {
        switch (value) {
            case String s -> look(s.length());
            case List<?> list -> spend(list.size());
            case Map<?, ?> map -> spend(map.size());
            case null, default -> {}
        }
    }

    /** One level deeper, of statements, expressions or values. */
    void deeper() {
        if (++depth > MAX_DEPTH) {
            throw new TemplateException("the template is nested more than %d deep".formatted(MAX_DEPTH));
        }
    }

    void shallower() {
        depth--;
    }

    /** Refuses a string that would be longer than all of a run's strings may be together, before it is made. */
    static void requireLength(long characters) {
        if (characters > MAX_TEXT) {
            throw new TemplateException("more than %,d characters".formatted(MAX_TEXT));
        }
    }

    /** Counts what strings are made of, wherever they go. */
    String counted(String text) {
        written += text.length();
        requireLength(written);
        return text;
    }

    /** A string with characters that are not the template's own. */
    String marked(String text, BitSet others) {
        if (text.isEmpty() || others.isEmpty()) {
            return text;
        }
        // Never one that somebody else holds: a literal of the template is the template's.
        String own = new String(text);
        foreign.put(own, others);
        return own;
    }

    /** A string none of whose characters is the template's own. */
    String foreign(String text) {
        BitSet all = new BitSet(text.length());
        all.set(0, text.length());
        return marked(text, all);
    }

    /** The characters of a string that are not the template's own. */
    BitSet others(String text) {
        BitSet others = foreign.get(text);
        return others == null ? new BitSet() : others;
    }

    /** Whether a value is, or holds, a string with such characters. */
    boolean isForeign(@Nullable Object value) {
        step();
        deeper();
        boolean found = switch (value) {
            case String s -> foreign.containsKey(s);
            case List<?> list -> list.stream().anyMatch(this::isForeign);
            case Map<?, ?> map ->
                map.keySet().stream().anyMatch(this::isForeign)
                        || map.values().stream().anyMatch(this::isForeign);
            case null, default -> false;
        };
        shallower();
        return found;
    }

    /** Tells of what was made of a string: a number keeps no origin of its own. */
    void made(@Nullable Object result, @Nullable Object of) {
        foreignNumbers |= (result instanceof Long || result instanceof Double)
                && of instanceof String s
                && foreign.containsKey(s);
    }

    /** What was made of a string, character by character where the lengths are equal. */
    String likewise(String made, String of) {
        BitSet others = foreign.get(of);
        return others == null ? made : made.length() == of.length() ? marked(made, others) : foreign(made);
    }

    String substring(String text, int from, int to) {
        BitSet others = foreign.get(text);
        if (others == null) {
            return text.substring(from, to);
        }
        // A list of characters has one for each.
        boolean one = to - from == 1 && others.get(from);
        return marked(text.substring(from, to), one ? ONE : others.get(from, to));
    }

    /** {@code str(value)}. */
    String text(@Nullable Object value) {
        return switch (value) {
            case String s -> s;
            case PythonValues.Undefined undefined -> "";
            case null, default -> {
                String spelling = PythonValues.spelling(this, value);
                boolean number = foreignNumbers && !(value instanceof Boolean) && value != null;
                yield number || (value instanceof List || value instanceof Map) && isForeign(value)
                        ? foreign(spelling)
                        : spelling;
            }
        };
    }
}
