package org.threehalf.inference.calibrate;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.decoder.Buffer;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.ExpertWeights;
import org.threehalf.backends.spi.decoder.HostBuffers;
import org.threehalf.backends.spi.decoder.HostDecoder;
import org.threehalf.backends.spi.decoder.HostProgram;
import org.threehalf.backends.spi.decoder.LayerProgram;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.backends.spi.product.Products;
import org.threehalf.inference.decoder.DecoderReader;
import org.threehalf.inference.decoder.TensorPlace;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.kernels.HadamardRotation;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.quantize.MatrixQuantizer;

/**
 * Takes the residual streams of texts through layers of a model, some matrices of which are quantised or otherwise not
 * the file's own.
 *
 * @param source an open GGUF file, not quantised by ThreeHalf
 * @param weights what was read of it
 * @param rotated whether matrices are rotated before they are quantised (REQ-ROT-003)
 * @param device computes products with quantised matrices; stays the caller's
 */
record ResidualStreams(GgufFile source, DecoderWeights weights, boolean rotated, Backend device) {

    private DecoderConfig config() {
        return weights.config();
    }

    /**
     * The streams before the first layer (REQ-DEC-001).
     *
     * @param windows tokens, each window a text of its own
     * @param rows the embedding
     * @return of each window a stream a token, new arrays
     * @throws IllegalArgumentException if a token is outside the vocabulary
     */
    List<float[][]> embed(List<int[]> windows, Weights rows) {
        DecoderWeights begin = weights.with(rows, List.of(), rows);
        List<float[][]> streams = new ArrayList<>();
        for (int[] window : windows) {
            float[][] stream = new float[window.length][config().dim()];
            for (int t = 0; t < window.length; t++) {
                if (window[t] < 0 || window[t] >= config().vocabulary()) {
                    throw new IllegalArgumentException(
                            "calibration token %d: the vocabulary has %,d".formatted(window[t], config().vocabulary()));
                }
                begin.embed(window[t], stream[t]);
            }
            streams.add(stream);
        }
        return streams;
    }

    /** The same numbers in other arrays. */
    static List<float[][]> copy(List<float[][]> streams) {
        List<float[][]> copies = new ArrayList<>();
        for (float[][] window : streams) {
            copies.add(copy(window));
        }
        return copies;
    }

    private static float[][] copy(float[][] window) {
        float[][] copy = new float[window.length][];
        for (int t = 0; t < copy.length; t++) {
            copy[t] = window[t].clone();
        }
        return copy;
    }

    /** Takes the streams of all windows through some layers, each in place. */
    void transform(List<LayerWeights> layers, Products products, List<float[][]> streams) {
        through(layers, products, streams, window -> window);
    }

    /** Takes the streams of all windows through some layers for what products see of it: a window's copy at a time. */
    void observe(List<LayerWeights> layers, Products products, List<float[][]> streams) {
        through(layers, products, streams, ResidualStreams::copy);
    }

    private void through(
            List<LayerWeights> layers, Products products, List<float[][]> streams, UnaryOperator<float[][]> changed) {
        int longest = streams.stream().mapToInt(window -> window.length).max().orElse(1);
        DecoderWeights those = weights.with(weights.embedding(), layers, weights.embedding());
        try (HostDecoder decoder =
                new HostDecoder(products, device.operations(), device.workers(), those, longest, 1)) {
            for (float[][] window : streams) {
                decoder.transform(changed.apply(window), 0);
            }
        }
    }

    /** The roles of a layer's quantised matrices, those together that have the same inputs. */
    List<List<TensorRole>> sharedInputs(LayerWeights layer) {
        return LayerProgram.of(config(), layer).sharedInputs().stream()
                .map(takers -> takers.stream()
                        .filter(role -> layer.matrix(role) instanceof Weights.Quantized)
                        .toList())
                .filter(takers -> !takers.isEmpty())
                .toList();
    }

    /** Adds what the output matrix sees of streams after the last layer. */
    void addOutputInputs(List<float[][]> streams, CalibratedModel.InputSum sum) {
        LayerProgram program = LayerProgram.outputNorm(weights);
        Buffer normed = program.buffers().getLast();
        try (HostProgram norm = new HostProgram(device, device.operations(), device.workers(), program, weights)) {
            for (float[][] window : streams) {
                HostBuffers buffers =
                        HostBuffers.of(List.of(normed), window.length).with(Buffer.stream(config()), window);
                norm.run(buffers);
                List<QuantizedToken> tokens = new ArrayList<>();
                for (float[] row : buffers.rows(normed)) {
                    tokens.add(device.quantize(rotated ? HadamardRotation.rotated(row) : row));
                }
                sum.add(tokens);
            }
        }
    }

    /** A layer with other matrices, by their places; the router stays as it is. */
    LayerWeights replaced(int number, Function<TensorPlace, Weights> matrices) throws ModelFormatException {
        LayerWeights layer = weights.layers().get(number);
        Map<TensorRole, TensorPlace> places = new EnumMap<>(TensorRole.class);
        for (TensorRole role : layer.matrices().keySet()) {
            places.put(role, DecoderReader.place(source, config(), role, number));
        }
        LayerWeights changed = layer.withMatrices(role -> role == TensorRole.ROUTER
                ? layer.matrix(role)
                : matrices.apply(Objects.requireNonNull(places.get(role))));
        if (layer.experts().isEmpty()) {
            return changed;
        }
        List<ExpertWeights> experts = new ArrayList<>();
        for (int e = 0; e < layer.experts().size(); e++) {
            experts.add(new ExpertWeights(
                    matrices.apply(DecoderReader.place(source, config(), TensorRole.GATE, number, e)),
                    matrices.apply(DecoderReader.place(source, config(), TensorRole.UP, number, e)),
                    matrices.apply(DecoderReader.place(source, config(), TensorRole.DOWN, number, e)),
                    layer.experts().get(e).biases()));
        }
        return changed.withExperts(layer.matrix(TensorRole.ROUTER), experts);
    }

    /** The tensor that a matrix lies in. */
    GgufTensor tensor(TensorPlace place) {
        return source.findTensor(place.tensor()).orElseThrow();
    }

    /** A matrix of the file, rounded to nearest in a format (REQ-QNT-005 to REQ-QNT-012). */
    Weights rounded(TensorPlace place, Format format, Arena arena) {
        return rounded(tensor(place), place.first(), place.rows(), format, arena);
    }

    /**
     * Rows of a tensor, rounded to nearest in a format.
     *
     * @throws IllegalArgumentException if a weight is refused (REQ-FMT-007); names the tensor
     */
    Weights rounded(GgufTensor tensor, long first, int rows, Format format, Arena arena) {
        PackedMatrix matrix = PackedMatrix.allocate(format, rows, (int) tensor.columns(), rotated, arena);
        try {
            MatrixQuantizer.quantize((row, values) -> tensor.readRow(first + row, values), matrix, row -> {});
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException("tensor %s: %s".formatted(tensor.name(), refused.getMessage()), refused);
        }
        return new Weights.Quantized(matrix);
    }
}
