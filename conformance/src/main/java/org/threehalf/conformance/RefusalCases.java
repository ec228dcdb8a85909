package org.threehalf.conformance;

import java.util.ArrayList;
import java.util.List;
import org.threehalf.conformance.oracle.Oracle;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.conformance.vectors.VectorCase.PackedRow;
import org.threehalf.kernels.format.Format;

/** One bad value among good ones: each kind of bad value at each place where a loop over tiles begins or ends. */
final class RefusalCases extends WideMaker {
    private static final String REASON = "one bad value among good ones";

    private static final float NEGATIVE_NAN = Float.intBitsToFloat(0xffc00000);

    /** Names and values, of an activation and of a weight: all but the numbers just past a limit are the same. */
    private static final List<String> KINDS =
            List.of("nan", "negative-nan", "infinity", "minus-infinity", "too-large", "too-small");

    private static final float[] ACTIVATIONS = {
        Float.NaN, NEGATIVE_NAN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0x1.000002p56f, -0x1.000002p56f
    };
    private static final float[] WEIGHTS = {
        Float.NaN, NEGATIVE_NAN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0x1.000002p40f, -0x1.000002p40f
    };
    private static final List<String> SCALE_KINDS = List.of(
            "nan", "negative-nan", "infinity", "minus-infinity", "too-large", "minus-one", "minus-zero", "subnormal");
    private static final float[] SCALES = {
        Float.NaN,
        NEGATIVE_NAN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        0x1.000002p40f,
        -1,
        -0.0f,
        -Float.MIN_VALUE
    };
    /** Elements of a vector, rows of a matrix: the last place is past a whole tile. */
    private static final int SMALL = 67;

    private static final int LARGE = 4133;
    /** Rows of a matrix past 8 bits, and past 10. */
    private static final int ROWS = 300;

    private static final int MANY_ROWS = 1031;

    private RefusalCases() {
        super(137);
    }

    static List<VectorCase> all() {
        RefusalCases all = new RefusalCases();
        for (int kind = 0; kind < KINDS.size(); kind++) {
            for (int place : PLACES) {
                all.vectors(kind, SMALL, place);
            }
            all.vectors(kind, SMALL, SMALL - 1);
            all.vectors(kind, LARGE, LARGE - 1);
        }
        all.vectors(0, LARGE, 1030);
        for (int kind = 0; kind < SCALES.length; kind++) {
            for (int place : PLACES) {
                all.scale(kind, SMALL, place);
            }
            all.scale(kind, SMALL, SMALL - 1);
            for (int place : new int[] {129, 257, ROWS - 1}) {
                all.scale(kind, ROWS, place);
            }
        }
        all.scale(0, MANY_ROWS, MANY_ROWS - 1);
        all.scale(6, MANY_ROWS, MANY_ROWS - 1);
        return all.cases;
    }

    private void vectors(int kind, int n, int place) {
        float[] x = gaussian(n, 1);
        x[place] = ACTIVATIONS[kind];
        cases.add(new VectorCase.RefuseActivation(
                header(
                        "refuse",
                        "activation-%s-at-%d-of-%d".formatted(KINDS.get(kind), place, n),
                        "BadValueWithin",
                        REASON,
                        "REQ-QNT-001"),
                x));
        Format format = Format.values()[(kind + place) % Format.values().length];
        float[] weights = gaussian(n, 1);
        weights[place] = WEIGHTS[kind];
        cases.add(new VectorCase.RefuseWeight(
                header(
                        "refuse",
                        "weight-%s-%s-at-%d-of-%d".formatted(format, KINDS.get(kind), place, n),
                        "BadValueWithin",
                        REASON,
                        "REQ-FMT-007"),
                format,
                weights));
    }

    private void scale(int kind, int rowCount, int place) {
        Format format = Format.values()[(kind + place) % Format.values().length];
        Oracle oracle = Oracle.of(format.name());
        byte[] codes = oracle.pack(new byte[5]);
        byte[] subscales = oracle.packSubscales(new byte[oracle.hasSubscales() ? 1 : 0]);
        List<PackedRow> rows = new ArrayList<>();
        for (int row = 0; row < rowCount; row++) {
            rows.add(new PackedRow(row == place ? SCALES[kind] : 1, codes, subscales));
        }
        cases.add(new VectorCase.RefuseMatrix(
                header(
                        "refuse",
                        "scale-%s-of-row-%d-of-%d-%s".formatted(SCALE_KINDS.get(kind), place, rowCount, format),
                        "BadValueWithin",
                        REASON,
                        "REQ-FMT-004"),
                format,
                5,
                rows));
    }
}
