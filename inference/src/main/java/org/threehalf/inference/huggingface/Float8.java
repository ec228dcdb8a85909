package org.threehalf.inference.huggingface;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.threehalf.inference.gguf.GgufTensor.RowReader;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.TensorType;
import org.threehalf.inference.huggingface.Safetensors.Tensor;

/**
 * Weights in 8 bits: a sign, 4 bits of exponent with bias 7, 3 bits of fraction; no infinities, NaN where all bits but
 * the sign are set (Micikevicius et al., FP8 Formats for Deep Learning, 2022, format E4M3). Times a scale in binary32:
 * of the tensor, of the row, or of a tile of 128 rows and columns.
 */
final class Float8 {
    /** Rows and columns of a tile. */
    static final int TILE = 128;

    private static final float[] VALUES = values();

    private Float8() {}

    private static float[] values() {
        float[] values = new float[256];
        for (int code = 0; code < 256; code++) {
            int exponent = code >> 3 & 15;
            int fraction = code & 7;
            float magnitude = exponent == 15 && fraction == 7
                    ? Float.NaN
                    : exponent == 0
                            ? Math.scalb((float) fraction, -9)
                            : Math.scalb((float) (8 + fraction), exponent - 10);
            values[code] = code < 128 ? magnitude : -magnitude;
        }
        return values;
    }

    /** The number of a code from 0 to 255. */
    static float value(int code) {
        return VALUES[code];
    }

    /**
     * Reads rows.
     *
     * @param tensor codes, a matrix
     * @param scale one number, one a row (of shape N or N x 1), or one a tile
     * @throws ModelFormatException if the scale has another shape or type
     */
    static RowReader rows(Tensor tensor, Tensor scale, TensorInfo info) throws ModelFormatException {
        TensorType type = switch (scale.type()) {
            case F32 -> TensorType.F32;
            case F16 -> TensorType.F16;
            case BF16 -> TensorType.BF16;
            default ->
                throw new ModelFormatException("%s: tensor %s is of type %s: scales are F32, F16 or BF16"
                        .formatted(scale.file(), scale.name(), scale.type()));
        };
        long rows = info.rows();
        int columns = Math.toIntExact(info.columns());
        long tilesAcross = (columns + TILE - 1) / TILE;
        long count = scale.shape().stream().reduce(1L, (a, b) -> a * b);
        boolean one = count == 1;
        boolean byRow = !one && count == rows && scale.shape().getFirst() == rows;
        boolean byTile = !one && !byRow && scale.shape().equals(List.of((rows + TILE - 1) / TILE, tilesAcross));
        if (info.dimensions().size() != 2 || !one && !byRow && !byTile) {
            throw new ModelFormatException(
                    "%s: tensor %s has the shape %s: for %,d rows of %,d it must hold one number, one a row, or one a tile of %d by %d"
                            .formatted(scale.file(), scale.name(), scale.shape(), rows, columns, TILE, TILE));
        }
        MemorySegment codes = tensor.data();
        float[] scales = new float[Math.toIntExact(count)];
        type.decode(scale.data().toArray(ValueLayout.JAVA_BYTE), 0, scales.length, scales, 0);
        return (row, values) -> {
            long at = row * columns;
            for (int from = 0; from < columns; from += TILE) {
                float factor = scales[(int) (one ? 0 : byRow ? row : row / TILE * tilesAcross + from / TILE)];
                for (int k = from; k < Math.min(from + TILE, columns); k++) {
                    values[k] = VALUES[codes.get(ValueLayout.JAVA_BYTE, at + k) & 0xff] * factor;
                }
            }
        };
    }
}
