package org.threehalf.jml.logic;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * What an array of Java holds.
 *
 * @param name the type's name in Java
 * @param sort of a value
 * @param min the least value, where Java's type system keeps integers within bounds; otherwise null
 * @param max the largest one
 */
public record Element(
        String name,
        Sort sort,
        @Nullable BigInteger min,
        @Nullable BigInteger max) {
    /** That a value is within the bounds; true where there are none. */
    public Term holds(Term value) {
        return min == null || max == null ? Terms.TRUE : Terms.between(value, min, max);
    }

    /** Whether Java's type system keeps its integers within bounds. */
    public boolean bounded() {
        return min != null;
    }

    /** The same with nothing known of numbers of IEEE 754. */
    public Element opaque() {
        return new Element(name, sort.opaque(), min, max);
    }
}
