package org.threehalf.inference.decoder;

import java.util.function.ToLongFunction;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.TensorRole;

/**
 * Where the weights of a matrix lie in a file: a tensor, or some rows of one that holds several matrices.
 *
 * @param tensor its name
 * @param first the first row
 * @param rows how many
 * @param all rows of the tensor where it holds several matrices, 0 where the matrix is the whole tensor
 */
public record TensorPlace(String tensor, long first, int rows, long all) {

    /** A tensor of its own. */
    static TensorPlace whole(DecoderConfig config, TensorRole role, int layer) {
        return new TensorPlace(role.ggufName(layer), 0, role.rows(config), 0);
    }

    /**
     * A tensor of its own, or rows of {@code attn_qkv} or {@code ffn_up} where a file has those.
     *
     * @param rowsOf the rows of a tensor of the file, −1 if it has none of the name
     */
    static TensorPlace fused(DecoderConfig config, ToLongFunction<String> rowsOf, TensorRole role, int layer) {
        String attention = "blk." + layer + ".attn_qkv.weight";
        int rows = role.rows(config);
        long queries = config.queryWidth();
        long keys = config.keyValueWidth();
        return switch (role) {
            case QUERY, KEY, VALUE ->
                rowsOf.applyAsLong(attention) < 0
                        ? whole(config, role, layer)
                        : new TensorPlace(
                                attention,
                                role == TensorRole.QUERY ? 0 : role == TensorRole.KEY ? queries : queries + keys,
                                rows,
                                queries + 2 * keys);
            case GATE, UP ->
                rowsOf.applyAsLong(TensorRole.GATE.ggufName(layer)) >= 0
                        ? whole(config, role, layer)
                        : new TensorPlace(
                                TensorRole.UP.ggufName(layer), role == TensorRole.GATE ? 0 : rows, rows, 2L * rows);
            default -> whole(config, role, layer);
        };
    }

    /**
     * A stack of all experts' matrices, of which this is one, or, in older files, a tensor of its own. Where a file has
     * both, the stack counts for all experts, and the other is one that nothing reads.
     */
    static TensorPlace expert(
            DecoderConfig config, ToLongFunction<String> rowsOf, TensorRole role, int layer, int expert) {
        String stack = role.ggufStackName(layer, "weight");
        int rows = role.rows(config);
        // One that is lost is missed under its own name if others are there.
        boolean own = rowsOf.applyAsLong(stack) < 0
                && (rowsOf.applyAsLong(own(role, layer, expert)) >= 0
                        || rowsOf.applyAsLong(own(role, layer, expert == 0 ? 1 : 0)) >= 0);
        return own
                ? new TensorPlace(own(role, layer, expert), 0, rows, 0)
                : new TensorPlace(
                        stack,
                        (long) expert * rows,
                        rows,
                        (long) config.experts().count() * rows);
    }

    private static String own(TensorRole role, int layer, int expert) {
        return role.ggufName(layer).replaceFirst("\\.weight$", "." + expert + ".weight");
    }

    /** Whether the matrix is the whole tensor. */
    public boolean isWhole() {
        return all == 0;
    }
}
