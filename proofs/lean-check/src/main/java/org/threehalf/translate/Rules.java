package org.threehalf.translate;

/**
 * The definitions of {@code Semantics.lean} that Java's operations become. Wrong ones take their place where
 * translations are run beside Java, which has to notice ({@link TranslatedMethods}).
 */
public class Rules {
    /** Java's rules. */
    public Rules() {}

    /**
     * The function of an operator on ints or longs.
     *
     * @param operator add, sub, mul, div, rem, and, or, xor, shl, shr, ushr, neg, abs
     * @param wide whether on longs
     */
    public String integer(String operator, boolean wide) {
        return operator + (wide ? "Long" : "Int");
    }

    /**
     * The function that narrows an integer.
     *
     * @param type byte, short, char, int or long
     */
    public String narrow(String type) {
        return switch (type) {
            case "byte" -> "toByte";
            case "short" -> "toShort";
            case "char" -> "toChar";
            case "int" -> "toInt";
            default -> "toLong";
        };
    }

    /** Whether operands are evaluated from left to right. */
    public boolean leftToRight() {
        return true;
    }
}
