package org.threehalf.jml.logic;

/** What a term is a value of: a sort of SMT-LIB, with what Java knows of arrays. */
public sealed interface Sort {
    Sort BOOL = new Truth();
    Sort INT = new Whole();

    /** Truth values. */
    record Truth() implements Sort {}

    /** Mathematical integers. */
    record Whole() implements Sort {}

    /** Bit vectors. */
    record Bits(int width) implements Sort {}

    /** Numbers of IEEE 754. */
    record Floating(FloatFormat format) implements Sort {}

    /** In the place of {@link Floating}: a sort of which nothing is known. */
    record Opaque(FloatFormat format) implements Sort {}

    /** What an array holds: values by index. */
    record Contents(Element element) implements Sort {}

    /** What all arrays of a type hold: contents by reference. */
    record Heap(Element element) implements Sort {}

    /** Whether its values are, or hold, numbers of IEEE 754. */
    default boolean floating() {
        return switch (this) {
            case Floating f -> true;
            case Contents c -> c.element().sort().floating();
            case Heap h -> h.element().sort().floating();
            case Truth t -> false;
            case Whole w -> false;
            case Bits b -> false;
            case Opaque o -> false;
        };
    }

    /** The sort with nothing known of numbers of IEEE 754. */
    default Sort opaque() {
        return switch (this) {
            case Floating(FloatFormat format) -> new Opaque(format);
            case Contents(Element element) -> new Contents(element.opaque());
            case Heap(Element element) -> new Heap(element.opaque());
            default -> this;
        };
    }
}
