package org.threehalf.jml.syntax;

import org.jspecify.annotations.Nullable;

/** An item of an assignable or loop_writes clause. */
public sealed interface Location {
    int line();

    /** {@code \nothing}. */
    record Nothing(int line) implements Location {}

    /** {@code \everything}. */
    record Everything(int line) implements Location {}

    /**
     * {@code array[from .. to]}, {@code array[*]} where both are null, {@code array[i]} where from and to are the same.
     */
    record Range(
            int line,
            Expr array,
            @Nullable Expr from,
            @Nullable Expr to) implements Location {}

    /** A local variable, in a loop_writes clause. */
    record Variable(int line, String name) implements Location {}
}
