package org.threehalf.cli.bench;

import java.util.List;

/**
 * What a run of {@code bench} found.
 *
 * @param machine what it ran on
 * @param options what it was asked to do
 * @param streaming streaming-read bandwidth by number of threads
 * @param models a line for each model, kernel, format and number of threads
 * @param batches products with several tokens
 * @param sizes products of growing size
 */
public record BenchReport(
        Machine machine,
        Options options,
        List<Streaming> streaming,
        List<ModelLine> models,
        List<BatchLine> batches,
        List<SizeLine> sizes) {

    /**
     * The machine and what runs on it.
     *
     * @param processor its name
     * @param processors how many this process may use
     * @param java the version of Java
     * @param vectorBits the width of the {@code simd} kernel
     * @param time when the run began, ISO 8601 in UTC
     */
    public record Machine(String processor, int processors, String java, int vectorBits, String time) {}

    /**
     * How it measured.
     *
     * @param quick whether times were cut short and caches may help
     * @param ringBytes the memory that is cycled through
     * @param millis how long each product was timed
     */
    public record Options(boolean quick, long ringBytes, int millis) {}

    /**
     * Streaming read.
     *
     * @param threads how many threads
     * @param gigabytes 10⁹ bytes a second, of the fastest pass: the limit
     * @param median of the median pass
     */
    public record Streaming(int threads, double gigabytes, double median) {}

    /**
     * One kernel on one model's matrices.
     *
     * @param model the model
     * @param layers its layers
     * @param kernel the kernel
     * @param format the format, or FLOAT32
     * @param threads how many threads
     * @param layer the time of a layer's products, each matrix cold
     * @param output the time of the output matrix
     * @param layerBytes bytes of weights that a layer reads, with sub-scales and scales
     * @param gigabytes layerBytes over the median time of a layer, in 10⁹ a second
     * @param share gigabytes over the streaming-read bandwidth of as many threads
     * @param speedUp the reference's time over this one; 0 where the reference was not measured
     * @param scaledRows whether a matrix was measured on some of its rows and the time scaled
     */
    public record ModelLine(
            String model,
            int layers,
            String kernel,
            String format,
            int threads,
            Timing layer,
            Timing output,
            long layerBytes,
            double gigabytes,
            double share,
            double speedUp,
            boolean scaledRows) {

        /** Layers a second. */
        public double layersPerSecond() {
            return 1e9 / layer.median();
        }

        /** Tokens a second that the products alone would allow: 1 / (layers · layer + output). */
        public double tokensPerSecond() {
            return 1e9 / (layers * layer.median() + output.median());
        }
    }

    /**
     * A matrix with several tokens.
     *
     * @param kernel the kernel
     * @param format the format
     * @param rows N
     * @param columns K
     * @param threads how many threads
     * @param tokens tokens at a time
     * @param time the time of one product with all of them
     * @param ratio tokens a second over those of one token at a time
     */
    public record BatchLine(
            String kernel, String format, int rows, int columns, int threads, int tokens, Timing time, double ratio) {
        /** 10⁹ multiplications and additions a second. */
        public double gigaMacs() {
            return (double) rows * columns * tokens / time.median();
        }
    }

    /**
     * A product of some size.
     *
     * @param kernel the kernel
     * @param format the format
     * @param rows N
     * @param columns K
     * @param threads how many threads
     * @param time the time of a product with one token
     */
    public record SizeLine(String kernel, String format, int rows, int columns, int threads, Timing time) {
        /** 10⁻¹² seconds a weight. */
        public double picosPerWeight() {
            return time.median() * 1e3 / ((double) rows * columns);
        }
    }
}
