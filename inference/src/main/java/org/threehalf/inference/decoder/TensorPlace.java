package org.threehalf.inference.decoder;

import java.util.function.ToLongFunction;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.TensorRole;

/**
 * Where the weights of a matrix lie in a file: a tensor, or some rows of one that holds several matrices.
 *
 * @param tensor its name
 * @param first the first row, or −1 if the matrix is the whole tensor, whatever its shape
 * @param rows how many; of a whole tensor those that the model's numbers ask for
 */
public record TensorPlace(String tensor, long first, int rows) {

    /** A tensor of its own. */
    static TensorPlace whole(DecoderConfig config, TensorRole role, int layer) {
        return new TensorPlace(role.ggufName(layer), -1, role.rows(config));
    }

    /**
     * A tensor of its own, or rows of {@code attn_qkv} or {@code ffn_up} where a file has those.
     *
     * @param rowsOf the rows of a tensor of the file, −1 if it has none of the name
     */
    static TensorPlace fused(DecoderConfig config, ToLongFunction<String> rowsOf, TensorRole role, int layer) {
        String all = "blk." + layer + ".attn_qkv.weight";
        int rows = role.rows(config);
        return switch (role) {
            case QUERY, KEY, VALUE -> rowsOf.applyAsLong(all) < 0
                    ? whole(config, role, layer)
                    : new TensorPlace(all, role == TensorRole.QUERY ? 0 : config.queryWidth() + (role == TensorRole.KEY ? 0L : config.keyValueWidth()), rows);
            case GATE, UP -> rowsOf.applyAsLong(TensorRole.GATE.ggufName(layer)) >= 0
                    ? whole(config, role, layer)
                    : new TensorPlace(TensorRole.UP.ggufName(layer), role == TensorRole.GATE ? 0 : rows, rows);
            default -> whole(config, role, layer);
        };
    }

    /** Whether the matrix is the whole tensor. */
    boolean isWhole() {
        return first < 0;
    }
}
