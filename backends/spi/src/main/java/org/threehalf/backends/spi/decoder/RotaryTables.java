package org.threehalf.backends.spi.decoder;

import java.util.ArrayList;
import java.util.List;
import org.threehalf.kernels.transformer.RotaryAngles;

/** Cosines and sines of some positions, made once for each set of frequencies in use (REQ-ROP-003, REQ-ROP-004). */
final class RotaryTables {
    /** No positions. */
    static final RotaryTables NONE = new RotaryTables(List.of(), new int[0]);

    /**
     * The tables of one set of frequencies.
     *
     * @param pairs numbers a position
     */
    record Table(float[] frequencies, int pairs, float[] cosines, float[] sines) {
        private static Table of(float[] frequencies, int[] positions) {
            int pairs = frequencies.length;
            Table table = new Table(frequencies, pairs, new float[pairs * positions.length], new float[pairs * positions.length]);
            for (int t = 0; t < positions.length; t++) {
                RotaryAngles.cosinesAndSines(frequencies, positions[t], table.cosines, table.sines, t * pairs);
            }
            return table;
        }
    }

    private final List<Table> tables = new ArrayList<>();

    /** Of the frequencies of these layers. */
    RotaryTables(List<LayerWeights> layers, int[] positions) {
        for (LayerWeights layer : layers) {
            float[] frequencies = layer.frequencies();
            if (tables.stream().noneMatch(t -> t.frequencies == frequencies)) {
                tables.add(Table.of(frequencies, positions));
            }
        }
    }

    /** The table of a layer's own array of frequencies. */
    Table of(float[] frequencies) {
        return tables.stream().filter(t -> t.frequencies == frequencies).findFirst().orElseThrow();
    }
}
