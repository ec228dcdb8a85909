package org.threehalf.cli.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.cuda.ProductMeter.Measured;

/**
 * What {@code bench --backend cuda} found.
 *
 * @param device what it ran on
 * @param peer the library whose int8 product is measured, or why it is not
 * @param options what it was asked to do
 * @param streaming the device's own streaming read, the limit
 * @param models a line for each model and format
 * @param batches products with several tokens, of the packed formats and of the peer
 */
record DeviceBenchReport(
        String device,
        String peer,
        BenchReport.Options options,
        Measured streaming,
        List<ModelLine> models,
        List<BatchLine> batches) {

    /**
     * One token through a model's products, each by gemv.
     *
     * @param model the model
     * @param layers its layers
     * @param format the format
     * @param layerSeconds the products of a layer one after the other, the sum of their medians
     * @param outputSeconds the product with the output matrix
     * @param layerBytes bytes of weights that a layer reads, with sub-scales and scales
     * @param limit bytes a second of the streaming read
     * @param cold whether every matrix was read from memory and not from a cache
     */
    record ModelLine(
            String model,
            int layers,
            String format,
            double layerSeconds,
            double outputSeconds,
            long layerBytes,
            double limit,
            boolean cold) {
        /** 10⁹ bytes a second. */
        double gigabytes() {
            return layerBytes / layerSeconds / 1e9;
        }

        /** The part of the streaming read that this is. */
        double share() {
            return layerBytes / layerSeconds / limit;
        }

        /** Tokens a second that the products alone would allow: 1 / (layers · layer + output). */
        double tokensPerSecond() {
            return 1 / (layers * layerSeconds + outputSeconds);
        }
    }

    /**
     * A matrix with some tokens.
     *
     * @param what the format, or the peer
     * @param rows N
     * @param columns K
     * @param tokens T
     * @param seconds of one product
     * @param oneToken seconds of the same with one token; null where the peer refuses that
     * @param peerSeconds of the peer's product of the same size; null for the peer itself and where there is none
     * @param cold whether the matrix was read from memory and not from a cache
     */
    record BatchLine(
            String what,
            int rows,
            int columns,
            int tokens,
            double seconds,
            @Nullable Double oneToken,
            @Nullable Double peerSeconds,
            boolean cold) {
        /** 10⁹ multiplications and additions a second. */
        double gigaMacs() {
            return (double) rows * columns * tokens / seconds / 1e9;
        }

        /** Tokens a second over those of one token at a time; null where that was not measured. */
        @Nullable
        Double overOneToken() {
            return oneToken == null ? null : tokens * oneToken / seconds;
        }

        /** How many times as fast as the peer; null where it was not measured. */
        @Nullable
        Double overPeer() {
            return peerSeconds == null ? null : peerSeconds / seconds;
        }
    }
}
