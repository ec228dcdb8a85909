package org.threehalf.inference.plan;

import java.util.ArrayList;
import java.util.List;
import org.threehalf.backends.spi.decoder.ModelShape;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.kernels.format.Format;

/**
 * The bytes of a model in a format, everything counted: codes with padding, sub-scales, scales, norms in binary32.
 *
 * <p>A model of a machine that was not run: it counts bytes, and divides. The rate is an upper limit by bandwidth
 * alone: computing, latency and caches are left out.
 *
 * @param shape the model
 * @param format the format of all matrices
 * @param parts the parts, which add up to the totals
 */
public record ModelPlan(ModelShape shape, Format format, List<Part> parts) {

    /**
     * Matrices or vectors of one kind.
     *
     * @param name what it is
     * @param count how many of them the model has
     * @param weights numbers in all of them
     * @param bytes bytes of all of them
     * @param bytesPerToken bytes that one token reads of them
     */
    public record Part(String name, long count, long weights, long bytes, long bytesPerToken) {}

    /** Counts a model. */
    public static ModelPlan of(ModelShape shape, Format format) {
        List<Part> parts = new ArrayList<>();
        // A token reads one row of the embedding; where it is the output matrix too, it reads all of it once.
        long embedding = bytes(shape.vocabulary(), shape.dim(), format);
        parts.add(new Part(
                "token embedding",
                1,
                (long) shape.vocabulary() * shape.dim(),
                embedding,
                shape.tied() ? embedding : embedding / shape.vocabulary()));
        if (!shape.tied()) {
            parts.add(new Part("output", 1, (long) shape.vocabulary() * shape.dim(), embedding, embedding));
        }
        for (TensorRole role : TensorRole.layerMatrices()) {
            parts.add(matrices(shape, role, format));
        }
        if (shape.experts() > 1) {
            long routers = (long) shape.layers() * shape.experts() * shape.dim();
            parts.add(new Part("router (F32)", shape.layers(), routers, routers * Float.BYTES, routers * Float.BYTES));
        }
        long numbers = shape.layers() * shape.vectorNumbers() + shape.outputNormNumbers();
        parts.add(
                new Part("norms, biases (F32)", shape.layers(), numbers, numbers * Float.BYTES, numbers * Float.BYTES));
        return new ModelPlan(shape, format, List.copyOf(parts));
    }

    private static Part matrices(ModelShape shape, TensorRole role, Format format) {
        int rows = role.rows(shape);
        int columns = role.columns(shape);
        long count = (long) shape.layers() * shape.matrices(role);
        long bytes = bytes(rows, columns, format);
        return new Part(
                role.label(),
                count,
                count * rows * columns,
                count * bytes,
                (long) shape.layers() * shape.activeMatrices(role) * bytes);
    }

    /**
     * Bytes of a matrix; one with more columns than the format takes (REQ-FMT-003) is counted as equal parts side by
     * side, each with its own scales.
     */
    private static long bytes(int rows, int columns, Format format) {
        int cuts = cuts(columns, format);
        return cuts * format.matrixBytes(rows, (columns + cuts - 1) / cuts);
    }

    private static int cuts(int columns, Format format) {
        return (columns + format.maxColumns() - 1) / format.maxColumns();
    }

    /** Into how many parts the widest matrix must be cut; 1 where the format takes all matrices whole. */
    public int cuts() {
        return cuts(
                TensorRole.layerMatrices().stream()
                        .mapToInt(role -> role.columns(shape))
                        .max()
                        .orElseThrow(),
                format);
    }

    /** Numbers in the model. */
    public long weights() {
        return parts.stream().mapToLong(Part::weights).sum();
    }

    /** Bytes of the model. */
    public long bytes() {
        return parts.stream().mapToLong(Part::bytes).sum();
    }

    /** Bytes of weights that one token reads. */
    public long bytesPerToken() {
        return parts.stream().mapToLong(Part::bytesPerToken).sum();
    }

    /** Bits a weight, everything counted. */
    public double bitsPerWeight() {
        return 8.0 * bytes() / weights();
    }

    /**
     * Bytes of keys and values in binary32 (REQ-ATT-001) for a context, where layers with a window keep no more than
     * the window. ThreeHalf's own decoder keeps the whole context in every layer: see {@link #fullCacheBytes}.
     */
    public long cacheBytes(long context) {
        long bytes = 0;
        for (int layer = 0; layer < shape.layers(); layer++) {
            bytes += positionBytes() * (shape.isLocal(layer) ? Math.min(context, shape.window()) : context);
        }
        return bytes;
    }

    /** Bytes of keys and values in binary32 where every layer keeps the whole context. */
    public long fullCacheBytes(long context) {
        return positionBytes() * shape.layers() * context;
    }

    private long positionBytes() {
        return 2L * shape.keyValueHeads() * shape.headSize() * Float.BYTES;
    }

    /**
     * The most tokens a second, where one token after another reads its weights and the whole cache once.
     *
     * @param bytesPerSecond the bandwidth of the memory that holds them
     * @param context positions in the cache
     */
    public double tokensPerSecond(double bytesPerSecond, long context) {
        return bytesPerSecond / (bytesPerToken() + cacheBytes(context));
    }
}
