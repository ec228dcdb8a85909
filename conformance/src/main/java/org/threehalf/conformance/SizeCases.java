package org.threehalf.conformance;

import java.util.List;
import org.threehalf.conformance.oracle.Oracle;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.conformance.vectors.VectorCase.Token;
import org.threehalf.kernels.format.Format;

/**
 * Sizes at levels L0 and L1: rows and tokens past 1,024, every tail of K, K between the widths at which devices tile,
 * and the largest magnitude at each place of a vector.
 */
final class SizeCases extends WideMaker {
    /**
     * Rows, columns, tokens: indexes of rows and tokens past 8 bits and past 10; K between a tile and the widest model.
     */
    private static final int[][] SHAPES = {{1031, 6, 2}, {2, 6, 1031}, {2, 70, 260}, {1, 8198, 1}, {1, 11_013, 2}};
    /** K past 2¹⁷, with every code and activation of its own. */
    private static final int PAST_17_BITS = 131_077;

    private static final String LARGEST = "the largest magnitude stands at one place and is negative";

    private SizeCases() {
        super(131);
    }

    static List<VectorCase> all() {
        SizeCases all = new SizeCases();
        for (Format format : Format.values()) {
            all.products(format);
            all.rows(format);
        }
        all.activations();
        return all.cases;
    }

    private void products(Format format) {
        for (int[] shape : SHAPES) {
            product(format, shape[0], shape[1], shape[2]);
        }
        // Every K mod 16 in each format, every K mod 64 in all of them together.
        int from = 192 + 16 * (format.ordinal() % 4);
        for (int i = 0; i < 16; i++) {
            product(format, 3, from + i, 1 + i / 8 % 2);
        }
        if (format.maxColumns() > PAST_17_BITS) {
            product(format, 1, PAST_17_BITS, 1);
        }
    }

    private void rows(Format format) {
        boolean windowed = format.traits().windowed();
        // The oracle of paths takes a while for a block: 35 of them are past 32.
        quantizedRow(format, windowed ? 2181 : 4133);
        if (format == Format.G35) {
            quantizedRow(format, 28_672);
        }
        stored(format, 4133);
        if (format == Format.U35 || format == Format.G35 || format == Format.T35) {
            stored(format, 28_672);
        }
        // Every K mod 8 in each format, every K mod 64 in all of them together.
        for (int i = 0; i < 8; i++) {
            int columns = 128 + i + 8 * ((i + format.ordinal()) % 8);
            stored(format, columns);
            if (!windowed) {
                quantizedRow(format, columns);
            }
        }
        for (int columns = 66; windowed && columns <= 70; columns += 2) {
            quantizedRow(format, columns);
        }
    }

    /** Blocks of unlike magnitude, and the largest weight in the last place. */
    private void quantizedRow(Format format, int columns) {
        float[] weights = gaussian(columns, 0.2f);
        for (int k = 0; k < columns; k++) {
            weights[k] /= 1 + k / 64 % 7;
        }
        weights[columns - 1] = -2.3f;
        quantized(format, "wide-" + columns, "Wide", TILES, weights);
    }

    private void stored(Format format, int columns) {
        Oracle oracle = Oracle.of(format.name());
        byte[] codes = codes(oracle, columns);
        byte[] subscales = subscales(oracle, columns);
        byte[] packed = oracle.pack(codes);
        byte[] pairs = oracle.packSubscales(subscales);
        cases.add(new VectorCase.Pack(
                header("pack", format + "/" + columns, "Wide", TILES, "REQ-PCK-001", "REQ-PCK-005", "REQ-PCK-008"),
                format,
                codes,
                subscales,
                packed,
                pairs));
        cases.add(new VectorCase.Dequantize(
                header("dequantize", format + "/" + columns, "Wide", TILES, "REQ-FMT-006"),
                format,
                0.37f,
                codes,
                subscales,
                Oracle.dequantize(oracle.weights(packed, pairs, columns), 0.37f)));
    }

    private void activations() {
        for (int columns : new int[] {4133, 28_672}) {
            float[] x = gaussian(columns, 1);
            x[columns - 1] = -9;
            activation("" + columns, "Wide", TILES, x);
        }
        Format[] plain = {Format.INT8, Format.U4, Format.U35, Format.U3, Format.G4, Format.G35, Format.G3};
        for (int place = 0; place < 83; place = place < 4 || place >= 63 ? place + 1 : 2 * place) {
            float[] x = gaussian(83, 1);
            x[place] = -9;
            activation("largest-at-" + place, "LargestAt", LARGEST, x);
            quantized(plain[place % plain.length], "largest-at-" + place, "LargestAt", LARGEST, x);
        }
    }

    private void activation(String rest, String flag, String reason, float[] x) {
        Oracle.Token token = Oracle.quantize(x);
        cases.add(new VectorCase.QuantizeActivation(
                header("quantize-activation", rest, flag, reason, "REQ-QNT-002", "REQ-QNT-003"),
                x,
                new Token(token.scale(), token.codes())));
    }
}
