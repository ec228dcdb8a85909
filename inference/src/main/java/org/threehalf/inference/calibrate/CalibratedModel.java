package org.threehalf.inference.calibrate;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.HostDecoder;
import org.threehalf.backends.spi.decoder.LayerProgram;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.backends.spi.product.Products;
import org.threehalf.inference.decoder.DecoderReader;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.inference.model.QuantizedModelWriter.Listener;
import org.threehalf.kernels.HadamardRotation;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.quantize.CalibratedQuantizer;
import org.threehalf.kernels.quantize.DampedHessian;
import org.threehalf.kernels.quantize.Hessian;
import org.threehalf.kernels.quantize.MatrixQuantizer;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * The matrices of a model, each quantised so that its outputs on calibration tokens stay near ({@link CalibratedQuantizer}).
 *
 * <p>First the tokens go through the model with its layers in INT8, which gives the inputs of the output matrix; that one is quantised, and the embedding with it where they are one. Then
 * layer after layer: its inputs are those that the layers before it, as quantised, give. A layer's matrices see the inputs that its INT8 form makes inside. Matrices that belong to no layer are quantised
 * as if every input mattered alike.
 *
 * <p>Results depend on the file, the tokens and the choice of formats alone, not on the backend or the threads. Takes memory for the quantised matrices (off heap, in the arena), 8·K² bytes for each
 * kind of a layer's inputs, and the streams of all tokens.
 */
public final class CalibratedModel implements QuantizedModelWriter.MatrixSource {
    /** Damping: λ of {@link Hessian#damped}. */
    private static final double LAYER_DAMPING = 0.01;
    private static final double OUTPUT_DAMPING = 0.1;

    private record Done(PackedMatrix matrix, MatrixQuantizer.Error error) {}

    private final GgufFile source;
    private final FormatChoice choice;
    private final boolean rotated;
    private final Backend device;
    private final Listener listener;
    private final Arena arena;
    private final DecoderWeights weights;
    private final DecoderConfig config;
    private final Map<String, Done> done = new LinkedHashMap<>();

    private CalibratedModel(GgufFile source, FormatChoice choice, boolean rotated, Backend device, Listener listener, Arena arena) throws ModelFormatException {
        this.source = source;
        this.choice = choice;
        this.rotated = rotated;
        this.device = device;
        this.listener = listener;
        this.arena = arena;
        this.weights = DecoderReader.read(source);
        this.config = weights.config();
    }

    /** As {@link #of(GgufFile, List, FormatChoice, boolean, Backend, Listener, Arena)}, without rotation. */
    public static CalibratedModel of(GgufFile source, List<int[]> windows, FormatChoice choice, Backend device, Listener listener, Arena arena)
            throws ModelFormatException {
        return of(source, windows, choice, false, device, listener, arena);
    }

    /**
     * Quantises all matrices of a model.
     *
     * @param source an open GGUF file of a known architecture, not quantised by ThreeHalf
     * @param windows calibration tokens: each window is a text of its own
     * @param choice each tensor's format
     * @param rotated whether the matrices are rotated (REQ-ROT-003)
     * @param device computes products with quantised matrices; stays the caller's
     * @param listener told of each matrix and row
     * @param arena holds the results
     * @throws ModelFormatException if the file is not as it must be
     * @throws IllegalArgumentException if there are no windows, or a token is outside the vocabulary
     */
    public static CalibratedModel of(GgufFile source, List<int[]> windows, FormatChoice choice, boolean rotated, Backend device, Listener listener, Arena arena)
            throws ModelFormatException {
        if (windows.isEmpty()) {
            throw new IllegalArgumentException("no calibration tokens");
        }
        CalibratedModel model = new CalibratedModel(source, choice, rotated, device, listener, arena);
        try {
            model.quantize(windows);
        } catch (IllegalArgumentException refused) {
            throw new ModelFormatException("%s: %s".formatted(source.name(), refused.getMessage()), refused);
        }
        return model;
    }

    @Override
    public MatrixQuantizer.Error fill(GgufTensor tensor, PackedMatrix target, Listener told) {
        Done result = done.get(tensor.name());
        if (result == null) {
            result = quantize(tensor, target.format(), Hessian.identity((int) tensor.columns()));
        }
        target.codes().copyFrom(result.matrix.codes());
        target.subscales().copyFrom(result.matrix.subscales());
        target.scales().copyFrom(result.matrix.scales());
        return result.error;
    }

    private void quantize(List<int[]> windows) throws ModelFormatException {
        quantizeOutput(windows);
        List<float[][]> streams = embed(windows);
        for (int i = 0; i < weights.layers().size(); i++) {
            int layer = i;
            try (Arena scratch = Arena.ofShared()) {
                LayerWeights proxy = replaced(i, name -> inInt8(name, scratch));
                Map<PackedMatrix, Hessian> hessians = new IdentityHashMap<>();
                List<List<TensorRole>> shared = LayerProgram.of(config, proxy).sharedInputs();
                List<Hessian> kinds = new ArrayList<>();
                for (List<TensorRole> takers : shared) {
                    Weights first = proxy.matrix(takers.getFirst());
                    Hessian hessian = new Hessian(first.columns());
                    hessians.put(((Weights.Quantized) first).matrix(), hessian);
                    kinds.add(hessian);
                }
                transform(proxy, new CapturingProducts(device, hessians), streams.stream().map(CalibratedModel::copy).toList());
                for (int kind = 0; kind < kinds.size(); kind++) {
                    DampedHessian damped = kinds.get(kind).dampedByEnergy(LAYER_DAMPING);
                    for (TensorRole taker : shared.get(kind)) {
                        GgufTensor tensor = source.tensor(taker.ggufName(layer));
                        Optional<Format> format = choice.apply(tensor.info());
                        if (format.isPresent()) {
                            done.put(tensor.name(), quantize(tensor, format.get(), damped));
                        }
                    }
                }
            }
            transform(replaced(i, this::asQuantized), device, streams);
        }
    }

    /** The output matrix, from the inputs that the model with layers in INT8 gives it. */
    private void quantizeOutput(List<int[]> windows) throws ModelFormatException {
        GgufTensor tensor = source.findTensor(TensorRole.OUTPUT.ggufName()).orElse(source.tensor(TensorRole.EMBEDDING.ggufName()));
        Optional<Format> format = choice.apply(tensor.info());
        if (format.isEmpty()) {
            return;
        }
        List<float[][]> streams = embed(windows);
        for (int i = 0; i < weights.layers().size(); i++) {
            try (Arena scratch = Arena.ofShared()) {
                transform(replaced(i, name -> inInt8(name, scratch)), device, streams);
            }
        }
        Hessian hessian = new Hessian(config.width());
        TransformerOperations operations = device.operations();
        for (float[][] window : streams) {
            List<QuantizedToken> tokens = new ArrayList<>();
            for (float[] stream : window) {
                float[] normed = new float[stream.length];
                operations.rmsNorm(stream, 0, weights.outputNorm(), config.normEpsilon(), normed, 0);
                tokens.add(device.quantize(rotated ? HadamardRotation.rotated(normed) : normed));
            }
            hessian.add(CapturingProducts.values(tokens));
        }
        done.put(tensor.name(), quantize(tensor, format.get(), hessian.dampedByEnergy(OUTPUT_DAMPING)));
    }

    private static float[][] copy(float[][] window) {
        float[][] copy = new float[window.length][];
        for (int t = 0; t < copy.length; t++) {
            copy[t] = window[t].clone();
        }
        return copy;
    }

    /** REQ-DEC-001, with the embedding as quantised where it is. */
    private List<float[][]> embed(List<int[]> windows) {
        Done embedding = done.get(TensorRole.EMBEDDING.ggufName());
        Weights rows = embedding == null ? weights.embedding() : new Weights.Quantized(embedding.matrix);
        DecoderWeights begin = new DecoderWeights(config, rows, List.of(), weights.outputNorm(), rows);
        List<float[][]> streams = new ArrayList<>();
        for (int[] window : windows) {
            float[][] stream = new float[window.length][config.width()];
            for (int t = 0; t < window.length; t++) {
                if (window[t] < 0 || window[t] >= config.vocabulary()) {
                    throw new IllegalArgumentException("calibration token %d: the vocabulary has %,d".formatted(window[t], config.vocabulary()));
                }
                begin.embed(window[t], stream[t]);
            }
            streams.add(stream);
        }
        return streams;
    }

    /** Takes the streams of all windows through one layer. */
    private void transform(LayerWeights layer, Products products, List<float[][]> streams) {
        int longest = streams.stream().mapToInt(window -> window.length).max().orElse(1);
        DecoderWeights one = new DecoderWeights(config, weights.embedding(), List.of(layer), weights.outputNorm(), weights.embedding());
        try (HostDecoder decoder = new HostDecoder(products, device.operations(), device.workers(), one, longest, 1)) {
            for (float[][] window : streams) {
                decoder.transform(window, 0);
            }
        }
    }

    /** A layer with other matrices, by their names. */
    private LayerWeights replaced(int layer, Function<String, Weights> matrices) {
        return weights.layers().get(layer).withMatrices(role -> matrices.apply(role.ggufName(layer)));
    }

    private Weights inInt8(String name, Arena scratch) {
        GgufTensor tensor = source.findTensor(name).orElseThrow();
        PackedMatrix matrix = PackedMatrix.allocate(Format.INT8, (int) tensor.rows(), (int) tensor.columns(), rotated, scratch);
        try {
            MatrixQuantizer.quantize(tensor::readRow, matrix, row -> {});
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException("tensor %s: %s".formatted(name, refused.getMessage()), refused);
        }
        return new Weights.Quantized(matrix);
    }

    /** A matrix as quantised; one that is carried over in INT8, near enough for the streams. */
    private Weights asQuantized(String name) {
        Done result = done.get(name);
        return result == null ? inInt8(name, arena) : new Weights.Quantized(result.matrix);
    }

    private Done quantize(GgufTensor tensor, Format format, DampedHessian hessian) {
        TensorInfo info = tensor.info();
        listener.begin(info, format);
        PackedMatrix matrix = PackedMatrix.allocate(format, (int) tensor.rows(), (int) tensor.columns(), rotated, arena);
        MatrixQuantizer.RowsQuantizer quantizer = new CalibratedQuantizer(format, hessian)::quantize;
        try {
            return new Done(matrix, MatrixQuantizer.quantize(tensor::readRow, matrix, quantizer, row -> listener.rowDone()));
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException("tensor %s: %s".formatted(tensor.name(), refused.getMessage()), refused);
        }
    }

    /** How many matrices were calibrated. */
    public int size() {
        return done.size();
    }
}
