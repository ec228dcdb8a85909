package org.threehalf.inference.decoder;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.threehalf.inference.gguf.BlockScales;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.ModelFormatException;

/**
 * Weights must be finite: an exponent that is too large, or a code that stands for no number, spoils everything that is
 * computed with it, and what is seen of it is something else (a router's shares, the logits).
 *
 * <p>Of quantised matrices the scales are checked where the model is opened, of vectors all numbers.
 */
public final class FiniteWeights {
    private static final int CHUNK_ROWS = 64;
    private static final long CHUNK_BLOCKS = 1 << 14;
    private static final Pattern STACK = Pattern.compile("blk\\.(\\d+)\\..*_exps\\.weight");
    /** The exponent of a binary32 that is no finite number. */
    private static final int NOT_FINITE = 0x7f80_0000;

    private FiniteWeights() {}

    /**
     * Reads every matrix of a file.
     *
     * @throws ModelFormatException if a weight is not finite: names file, tensor, row and, in a stack, the expert
     */
    public static void require(GgufFile file) throws ModelFormatException {
        for (GgufTensor tensor : file.tensors()) {
            List<Long> dimensions = tensor.info().dimensions();
            if (dimensions.size() > 1
                    && tensor.type().isDecodable()
                    && tensor.rows() <= Integer.MAX_VALUE
                    && !(tensor.isStored() && scalesAreFinite(tensor))) {
                long row = first(new TensorMatrix(tensor));
                if (row >= 0) {
                    throw wrong(file, tensor, row);
                }
            }
        }
    }

    /** Whether the scales say that all weights are finite. */
    private static boolean scalesAreFinite(GgufTensor tensor) {
        long chunk = tensor.type().blockBytes() * CHUNK_BLOCKS;
        long bytes = tensor.data().byteSize();
        return LongStream.range(0, (bytes + chunk - 1) / chunk)
                .parallel()
                .allMatch(c -> BlockScales.areFinite(
                        tensor.type(), tensor.data().asSlice(c * chunk, Math.min(chunk, bytes - c * chunk))));
    }

    /** The first row with a weight that is not finite, −1 if there is none. */
    private static long first(TensorMatrix matrix) {
        int chunks = (matrix.rows() + CHUNK_ROWS - 1) / CHUNK_ROWS;
        return IntStream.range(0, chunks)
                .parallel()
                .mapToLong(chunk -> {
                    float[] values = new float[matrix.columns()];
                    int end = Math.min(matrix.rows(), (chunk + 1) * CHUNK_ROWS);
                    for (int row = chunk * CHUNK_ROWS; row < end; row++) {
                        matrix.read(row, values);
                        if (!allFinite(values)) {
                            return row;
                        }
                    }
                    return -1;
                })
                .filter(row -> row >= 0)
                .findFirst()
                .orElse(-1);
    }

    /** As a maximum of bits, which machines take of many at once. */
    private static boolean allFinite(float[] values) {
        int largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Float.floatToRawIntBits(value) & Integer.MAX_VALUE);
        }
        return largest < NOT_FINITE;
    }

    private static ModelFormatException wrong(GgufFile file, GgufTensor tensor, long row) {
        float[] values = new float[(int) tensor.columns()];
        tensor.readRow(row, values);
        int at = 0;
        while (Float.isFinite(values[at])) {
            at++;
        }
        Matcher stack = STACK.matcher(tensor.name());
        long ofExpert = stack.matches() ? tensor.info().dimensions().get(1) : 0;
        return new ModelFormatException(
                "%s: tensor %s: row %,d%s: weight %,d is %s: only finite ones can be computed with"
                        .formatted(
                                file.name(),
                                tensor.name(),
                                row,
                                ofExpert > 0 ? " (row %,d of expert %d)".formatted(row % ofExpert, row / ofExpert) : "",
                                at,
                                values[at]));
    }
}
