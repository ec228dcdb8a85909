package org.threehalf.backends.spi.decoder;

import java.util.ArrayList;
import java.util.List;

/** Cosines and sines of some positions, made once for each set of frequencies in use (REQ-ROP-003, REQ-ROP-004). */
final class RotaryTables {
    /** No positions. */
    static final RotaryTables NONE = new RotaryTables(List.of(), new int[0]);

    /**
     * The tables of one set of frequencies.
     *
     * @param pairs numbers a position
     */
    record Table(Rotary rotary, int pairs, float[] cosines, float[] sines) {
        private static Table of(Rotary rotary, int[] positions) {
            int pairs = rotary.frequencies().length;
            Table table =
                    new Table(rotary, pairs, new float[pairs * positions.length], new float[pairs * positions.length]);
            for (int t = 0; t < positions.length; t++) {
                rotary.angles(positions[t], table.cosines, table.sines, t * pairs);
            }
            return table;
        }
    }

    private final List<Table> tables = new ArrayList<>();

    /** Of the frequencies of these layers. */
    RotaryTables(List<LayerWeights> layers, int[] positions) {
        for (LayerWeights layer : layers) {
            if (tables.stream().noneMatch(t -> t.rotary.same(layer.rotary()))) {
                tables.add(Table.of(layer.rotary(), positions));
            }
        }
    }

    /** The table of a layer's positions. */
    Table of(Rotary rotary) {
        return tables.stream().filter(t -> t.rotary.same(rotary)).findFirst().orElseThrow();
    }
}
