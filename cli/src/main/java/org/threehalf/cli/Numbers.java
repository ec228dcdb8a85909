package org.threehalf.cli;

import java.util.function.Function;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/**
 * How numbers are written in arguments: in decimal, with the digits 0 to 9. Java would take those of other scripts, and
 * hexadecimal and suffixed floating-point numbers, which a person who mistyped did not mean.
 */
final class Numbers {
    private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]+");
    private static final Pattern REAL =
            Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(NaN|Infinity)");

    private Numbers() {}

    /** Has a command line, and all commands below it, read numbers so. */
    static void register(CommandLine line) {
        line.registerConverter(int.class, text -> read(text, WHOLE, "an int", Integer::valueOf));
        line.registerConverter(Integer.class, text -> read(text, WHOLE, "an int", Integer::valueOf));
        line.registerConverter(long.class, text -> read(text, WHOLE, "a long", Long::valueOf));
        line.registerConverter(Long.class, text -> read(text, WHOLE, "a long", Long::valueOf));
        line.registerConverter(float.class, text -> read(text, REAL, "a float", Float::valueOf));
        line.registerConverter(Float.class, text -> read(text, REAL, "a float", Float::valueOf));
        line.registerConverter(double.class, text -> read(text, REAL, "a double", Double::valueOf));
        line.registerConverter(Double.class, text -> read(text, REAL, "a double", Double::valueOf));
    }

    private static <T> T read(String text, Pattern form, String kind, Function<String, T> parse) {
        if (!form.matcher(text).matches()) {
            throw new TypeConversionException("'%s' is not %s".formatted(text, kind));
        }
        try {
            return parse.apply(text);
        } catch (NumberFormatException tooLarge) {
            throw new TypeConversionException("'%s' is not %s".formatted(text, kind));
        }
    }
}
