package org.threehalf.jml.syntax;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What JML says before a loop.
 *
 * @param writes null where no clause says so
 */
public record LoopSpec(
        List<Clause> invariants,
        @Nullable Clause decreases,
        @Nullable List<Location> writes,
        int line) {}
