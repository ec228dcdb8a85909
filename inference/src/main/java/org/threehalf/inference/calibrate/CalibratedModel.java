package org.threehalf.inference.calibrate;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderSizes;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.ExpertWeights;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.backends.spi.product.Products;
import org.threehalf.inference.decoder.DecoderReader;
import org.threehalf.inference.decoder.TensorPlace;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.inference.model.QuantizedModelWriter.Listener;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.quantize.CalibratedQuantizer;
import org.threehalf.kernels.quantize.DampedHessian;
import org.threehalf.kernels.quantize.Hessian;
import org.threehalf.kernels.quantize.MatrixQuantizer;

/**
 * The matrices of a model, each quantised so that its outputs on calibration tokens stay near
 * ({@link CalibratedQuantizer}).
 *
 * <p>First the tokens go through the model with its layers in INT8, which gives the inputs of the output matrix; that
 * one is quantised, and the embedding with it where they are one. Then layer after layer: its inputs are those that the
 * layers before it, as quantised, give. A layer's matrices see the inputs that its INT8 form makes inside. Matrices
 * that belong to no layer are quantised as if every input mattered alike.
 *
 * <p>Results depend on the file, the tokens and the choice of formats alone, not on the backend or the threads. Takes
 * memory for the quantised matrices (off heap, in the arena) and what {@link #heapBytes} says of Java's heap: a layer
 * at a time.
 */
public final class CalibratedModel implements QuantizedModelWriter.MatrixSource {
    /** Damping: λ of {@link Hessian#damped}. */
    static final double LAYER_DAMPING = 0.01;

    static final double OUTPUT_DAMPING = 0.1;
    /** What the Hessians of experts may take together; at least one expert's are kept. */
    private static final double HESSIAN_BYTES = 1L << 30;

    /**
     * Most of the work of calibration, whose results do not depend on who does it: quantising rows, each by itself, and
     * summing what the inputs of matrices look like, each entry in the order of the tokens.
     */
    @FunctionalInterface
    public interface Steps {
        /** This process. */
        Steps HERE = (tensor, first, target, hessian, rowDone) -> MatrixQuantizer.quantizeRows(
                        tensor::readRow,
                        first,
                        target,
                        new CalibratedQuantizer(target.format(), hessian)::quantize,
                        rowDone)
                .after(new MatrixQuantizer.Error(0, 0));

        /**
         * Fills rows of a matrix by {@link CalibratedQuantizer}.
         *
         * @param tensor the weights
         * @param first the first row that is read
         * @param target where the rows go: its row 0 is row {@code first} of the tensor
         * @param hessian of the matrix's inputs
         * @param rowDone told of every row that is done
         * @return the error over these rows, summed in their order
         * @throws IllegalArgumentException if a weight is refused (REQ-FMT-007)
         */
        MatrixQuantizer.Error quantize(
                GgufTensor tensor, int first, PackedMatrix target, DampedHessian hessian, IntConsumer rowDone);

        /**
         * Begins the sum over a matrix's inputs.
         *
         * @param size K
         */
        default InputSum inputs(int size) {
            Hessian hessian = new Hessian(size);
            return new InputSum() {
                @Override
                public void add(List<QuantizedToken> tokens) {
                    hessian.add(Hessian.inputs(tokens));
                }

                @Override
                public Hessian sum() {
                    return hessian;
                }
            };
        }
    }

    /** A sum over a matrix's inputs; used by one thread at a time. */
    public interface InputSum {
        /** Adds tokens, in their order. */
        void add(List<QuantizedToken> tokens);

        /** The sum over all of them, asked for once. */
        Hessian sum();
    }

    private record Done(PackedMatrix matrix, MatrixQuantizer.Error error) {}

    private final GgufFile source;
    private final FormatChoice choice;
    private final boolean rotated;
    private final Backend device;
    private final Steps steps;
    private final Listener listener;
    private final Arena arena;
    private final DecoderWeights weights;
    private final DecoderConfig config;
    private final ResidualStreams run;
    private final Map<String, Done> done = new LinkedHashMap<>();

    private CalibratedModel(
            GgufFile source,
            FormatChoice choice,
            boolean rotated,
            Backend device,
            Steps steps,
            Listener listener,
            Arena arena)
            throws ModelFormatException {
        this.steps = steps;
        this.source = source;
        this.choice = choice;
        this.rotated = rotated;
        this.device = device;
        this.listener = listener;
        this.arena = arena;
        this.weights = DecoderReader.read(source);
        this.config = weights.config();
        this.run = new ResidualStreams(source, weights, rotated, device);
    }

    /** As {@link #of(GgufFile, List, FormatChoice, boolean, Backend, Steps, Listener, Arena)}, without rotation. */
    public static CalibratedModel of(
            GgufFile source, List<int[]> windows, FormatChoice choice, Backend device, Listener listener, Arena arena)
            throws ModelFormatException {
        return of(source, windows, choice, false, device, listener, arena);
    }

    /**
     * As {@link #of(GgufFile, List, FormatChoice, boolean, Backend, Steps, Listener, Arena)}, with all steps done here.
     */
    public static CalibratedModel of(
            GgufFile source,
            List<int[]> windows,
            FormatChoice choice,
            boolean rotated,
            Backend device,
            Listener listener,
            Arena arena)
            throws ModelFormatException {
        return of(source, windows, choice, rotated, device, Steps.HERE, listener, arena);
    }

    /**
     * Quantises all matrices of a model.
     *
     * @param source an open GGUF file of a known architecture, not quantised by ThreeHalf
     * @param windows calibration tokens: each window is a text of its own
     * @param choice each tensor's format
     * @param rotated whether the matrices are rotated (REQ-ROT-003)
     * @param device computes products with quantised matrices; stays the caller's
     * @param steps does most of the work
     * @param listener told of each matrix and row
     * @param arena holds the results
     * @throws ModelFormatException if the file is not as it must be
     * @throws IllegalArgumentException if there are no windows, or a token is outside the vocabulary
     */
    public static CalibratedModel of(
            GgufFile source,
            List<int[]> windows,
            FormatChoice choice,
            boolean rotated,
            Backend device,
            Steps steps,
            Listener listener,
            Arena arena)
            throws ModelFormatException {
        if (windows.isEmpty()) {
            throw new IllegalArgumentException("no calibration tokens");
        }
        CalibratedModel model = new CalibratedModel(source, choice, rotated, device, steps, listener, arena);
        try {
            requireHeap(
                    model.config,
                    windows.stream().mapToLong(window -> window.length).sum(),
                    model.readsWholeRows(),
                    Runtime.getRuntime().maxMemory());
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
            try (Arena scratch = Arena.ofShared()) {
                LayerWeights proxy = run.replaced(i, place -> inInt8(place, scratch));
                quantizeLayer(i, proxy, streams);
                for (int from = 0; from < proxy.experts().size(); from += expertsAtOnce()) {
                    quantizeExperts(
                            i,
                            proxy,
                            from,
                            Math.min(from + expertsAtOnce(), proxy.experts().size()),
                            streams);
                }
            }
            transform(run.replaced(i, this::asQuantized), device, streams);
        }
    }

    /** The matrices that the layer itself has, each by the inputs that it shares with others. */
    private void quantizeLayer(int layer, LayerWeights proxy, List<float[][]> streams) throws ModelFormatException {
        Map<PackedMatrix, InputSum> sums = new IdentityHashMap<>();
        List<List<TensorRole>> shared = run.sharedInputs(proxy);
        List<InputSum> kinds = new ArrayList<>();
        for (List<TensorRole> takers : shared) {
            kinds.add(watched(proxy.matrix(takers.getFirst()), sums));
        }
        run.observe(List.of(proxy), new CapturingProducts(device, sums), streams);
        sums.clear();
        for (List<TensorRole> takers : shared) {
            // A sum that is used up is not held while the next one is decomposed.
            DampedHessian damped = kinds.removeFirst().sum().dampedByEnergy(LAYER_DAMPING);
            for (TensorRole taker : takers) {
                quantize(DecoderReader.place(source, config, taker, layer), damped);
            }
        }
    }

    /** Some experts, each by the tokens that reach it: one that none reaches as if every input mattered alike. */
    private void quantizeExperts(int layer, LayerWeights proxy, int from, int to, List<float[][]> streams) {
        Map<PackedMatrix, InputSum> sums = new IdentityHashMap<>();
        List<InputSum> before = new ArrayList<>();
        List<InputSum> after = new ArrayList<>();
        for (ExpertWeights expert : proxy.experts().subList(from, to)) {
            before.add(watched(expert.gate(), sums));
            after.add(watched(expert.down(), sums));
        }
        run.observe(List.of(proxy), new CapturingProducts(device, sums), streams);
        for (int e = from; e < to; e++) {
            DampedHessian inputs = before.get(e - from).sum().dampedByEnergy(LAYER_DAMPING);
            quantize(DecoderReader.place(source, config, TensorRole.GATE, layer, e), inputs);
            quantize(DecoderReader.place(source, config, TensorRole.UP, layer, e), inputs);
            quantize(
                    DecoderReader.place(source, config, TensorRole.DOWN, layer, e),
                    after.get(e - from).sum().dampedByEnergy(LAYER_DAMPING));
        }
    }

    /**
     * About what calibration holds of Java's heap at most: the streams of all tokens, the Hessians of one layer's kinds
     * of inputs, and the largest one's decomposition.
     *
     * @param sizes of the model
     * @param tokens of all windows
     * @param wholeRows whether some format's search reads whole rows of H: all do but T3, T35 and T4
     */
    static double heapBytes(DecoderSizes sizes, long tokens, boolean wholeRows) {
        double feedForward = sizes.routed() == 0 ? square(sizes.ffn()) : HESSIAN_BYTES / Hessian.BYTES_AN_ENTRY;
        double sums = 2 * square(sizes.dim()) + square(sizes.queryWidth()) + feedForward;
        double largest = square(Math.max(Math.max(sizes.dim(), sizes.queryWidth()), sizes.ffn()));
        return (double) Float.BYTES * tokens * sizes.dim()
                + Hessian.BYTES_AN_ENTRY * sums
                + (wholeRows ? DampedHessian.BYTES_AN_ENTRY_WITH_ROWS : DampedHessian.BYTES_AN_ENTRY) * largest;
    }

    /**
     * Refuses what this Java cannot hold, before hours are spent.
     *
     * @param heap bytes that Java's heap can take
     */
    static void requireHeap(DecoderSizes sizes, long tokens, boolean wholeRows, long heap) {
        double needed = heapBytes(sizes, tokens, wholeRows);
        if (needed > heap) {
            double mebi = 1 << 20;
            throw new IllegalArgumentException(
                    "calibration on %,d tokens takes about %,.0f MiB of Java's heap, which can take %,.0f MiB here: give Java more (JAVA_OPTS=-Xmx%.0fg, where the machine has it) or take fewer tokens"
                            .formatted(tokens, needed / mebi, heap / mebi, Math.ceil(needed * 1.25 / (mebi * 1024))));
        }
    }

    private boolean readsWholeRows() {
        return source.tensors().stream()
                .map(tensor -> choice.apply(tensor.info()))
                .flatMap(Optional::stream)
                .anyMatch(format -> !format.traits().windowed());
    }

    private static double square(double size) {
        return size * size;
    }

    /** How many experts' Hessians are kept together. */
    private int expertsAtOnce() {
        double bytes = Hessian.BYTES_AN_ENTRY * (square(config.dim()) + square(config.ffn()));
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, HESSIAN_BYTES / bytes));
    }

    private InputSum watched(Weights weights, Map<PackedMatrix, InputSum> sums) {
        InputSum sum = steps.inputs(weights.columns());
        sums.put(((Weights.Quantized) weights).matrix(), sum);
        return sum;
    }

    /** The output matrix, from the inputs that the model with layers in INT8 gives it. */
    private void quantizeOutput(List<int[]> windows) throws ModelFormatException {
        GgufTensor tensor =
                source.findTensor(TensorRole.OUTPUT.ggufName()).orElse(source.tensor(TensorRole.EMBEDDING.ggufName()));
        Optional<Format> format = choice.apply(tensor.info());
        if (format.isEmpty()) {
            return;
        }
        List<float[][]> streams = embed(windows);
        for (int i = 0; i < weights.layers().size(); i++) {
            try (Arena scratch = Arena.ofShared()) {
                transform(run.replaced(i, place -> inInt8(place, scratch)), device, streams);
            }
        }
        InputSum inputs = steps.inputs(config.dim());
        run.addOutputInputs(streams, inputs);
        done.put(tensor.name(), quantize(tensor, format.get(), inputs.sum().dampedByEnergy(OUTPUT_DAMPING)));
    }

    /** REQ-DEC-001, with the embedding as quantised where it is. */
    private List<float[][]> embed(List<int[]> windows) {
        Done embedding = done.get(TensorRole.EMBEDDING.ggufName());
        Weights rows = embedding == null ? weights.embedding() : new Weights.Quantized(embedding.matrix);
        return run.embed(windows, rows);
    }

    /** Takes the streams of all windows through one layer. */
    private void transform(LayerWeights layer, Products products, List<float[][]> streams) {
        run.transform(List.of(layer), products, streams);
    }

    private Weights inInt8(TensorPlace place, Arena scratch) {
        return run.rounded(place, Format.INT8, scratch);
    }

    /** A matrix as quantised; one that is carried over in INT8, near enough for the streams. */
    private Weights asQuantized(TensorPlace place) {
        Done result = done.get(place.tensor());
        return result == null
                ? inInt8(place, arena)
                : new Weights.Quantized(
                        place.isWhole() ? result.matrix : result.matrix.slice((int) place.first(), place.rows()));
    }

    /** A matrix, if it is to be quantised: its rows of the tensor. */
    private void quantize(TensorPlace place, DampedHessian hessian) {
        GgufTensor tensor = run.tensor(place);
        Optional<Format> chosen = choice.apply(tensor.info());
        if (chosen.isEmpty()) {
            return;
        }
        if (place.isWhole()) {
            done.put(tensor.name(), quantize(tensor, chosen.get(), hessian));
            return;
        }
        Done all = done.get(tensor.name());
        if (all == null) {
            listener.begin(tensor.info(), chosen.get());
            all = new Done(
                    PackedMatrix.allocate(chosen.get(), (int) tensor.rows(), (int) tensor.columns(), rotated, arena),
                    new MatrixQuantizer.Error(0, 0));
        }
        try {
            MatrixQuantizer.Error error = steps.quantize(
                    tensor,
                    (int) place.first(),
                    all.matrix.slice((int) place.first(), place.rows()),
                    hessian,
                    row -> listener.rowDone());
            done.put(
                    tensor.name(),
                    new Done(
                            all.matrix,
                            new MatrixQuantizer.Error(
                                    all.error.squaredError() + error.squaredError(),
                                    all.error.squaredSum() + error.squaredSum())));
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException("tensor %s: %s".formatted(tensor.name(), refused.getMessage()), refused);
        }
    }

    private Done quantize(GgufTensor tensor, Format format, DampedHessian hessian) {
        TensorInfo info = tensor.info();
        listener.begin(info, format);
        PackedMatrix matrix =
                PackedMatrix.allocate(format, (int) tensor.rows(), (int) tensor.columns(), rotated, arena);
        try {
            return new Done(matrix, steps.quantize(tensor, 0, matrix, hessian, row -> listener.rowDone()));
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException("tensor %s: %s".formatted(tensor.name(), refused.getMessage()), refused);
        }
    }

    /** How many matrices were calibrated. */
    public int size() {
        return done.size();
    }
}
