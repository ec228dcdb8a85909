package org.threehalf.backends.spi.decoder;

/** The sizes that a decoder's tensors follow from ({@link TensorRole#rows}, {@link TensorRole#columns}). */
public sealed interface DecoderSizes permits DecoderConfig, ModelShape {

    /** Tokens. */
    int vocabulary();

    /** Elements of the residual stream. */
    int dim();

    /** H, query heads. */
    int heads();

    /** H_kv, key and value heads. */
    int keyValueHeads();

    /** n, elements of a head. */
    int headSize();

    /** Elements of a feed-forward block; in a model with experts, of one of them. */
    int ffn();

    /** Rows of the router: the experts of a layer. */
    int routed();

    /** H · n: elements of all queries, and of the attention's output. */
    default int queryWidth() {
        return heads() * headSize();
    }

    /** H_kv · n: elements of all keys, and of all values, of a position. */
    default int keyValueWidth() {
        return keyValueHeads() * headSize();
    }
}
