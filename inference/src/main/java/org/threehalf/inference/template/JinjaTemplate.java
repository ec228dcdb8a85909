package org.threehalf.inference.template;

import java.time.LocalDateTime;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A template in Jinja's language, with the settings under which chat templates of models are run: {@code trim_blocks},
 * {@code lstrip_blocks}, no changing of values, loop controls.
 */
public final class JinjaTemplate {
    /** A chat template has some thousand characters. */
    private static final int LONGEST = 1 << 20;

    private final List<Node> nodes;

    private JinjaTemplate(List<Node> nodes) {
        this.nodes = nodes;
    }

    /**
     * Reads a template.
     *
     * @throws TemplateException if it is none, or uses what is not known here; says in which line
     */
    public static JinjaTemplate of(String source) {
        if (source.length() > LONGEST) {
            throw new TemplateException(
                    "a template of %,d characters: it can have %,d".formatted(source.length(), LONGEST));
        }
        return new JinjaTemplate(Parser.parse(source));
    }

    /**
     * A text that somebody else wrote, among the values for a template.
     *
     * @param text what it is: the template sees a string
     */
    public record Foreign(String text) {}

    /**
     * What a template wrote.
     *
     * @param text all of it
     * @param foreign the indexes of characters that were somebody else's, whatever the template did with them
     */
    public record Rendered(String text, BitSet foreign) {}

    /** As {@link #write}, where nobody asks whose the characters are. */
    public String render(Map<String, @Nullable Object> values, LocalDateTime now) {
        return write(values, now).text();
    }

    /**
     * Runs it.
     *
     * @param values by their names: null, Boolean, Long, Double, String, {@link Foreign}, List and Map of such
     * @param now what {@code strftime_now} tells
     * @return its text, with whose it is
     * @throws TemplateException if it fails, takes too long or writes too much, or raises an exception itself, whose
     *     message that is
     */
    public Rendered write(Map<String, @Nullable Object> values, LocalDateTime now) {
        try {
            return new Interpreter(values, now).run(nodes);
        } catch (ArithmeticException outside) {
            throw new TemplateException("integers have 64 bits here: " + outside.getMessage());
        }
    }
}
