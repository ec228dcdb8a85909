package org.threehalf.inference.calibrate;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.decoder.Buffer;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.HostBuffers;
import org.threehalf.backends.spi.decoder.HostProgram;
import org.threehalf.backends.spi.decoder.LayerProgram;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.inference.decoder.DecoderReader;
import org.threehalf.inference.decoder.TensorPlace;
import org.threehalf.inference.generate.Comparison;
import org.threehalf.inference.generate.Perplexity;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.quantize.DampedHessian;

/**
 * How far a model's predictions move when one of its matrices alone becomes coarse, measured for each of them.
 *
 * <p>The right predictions are those of the model as it was read, in binary32. Those of the model with every matrix in
 * INT8 are a little off, most of which its activations of 8 bits do; those of the same with one matrix in
 * {@link #PROBE} are off by that matrix's share more. The difference of the two mean divergences is the matrix's: what
 * the activations do is in both. Streams before the layer of a matrix are the same for all that is measured there, and
 * are kept. Of that share calibration takes a part away, by the feedback of errors into inputs that have something in
 * common: how much follows from the matrix's inputs on the text ({@link DampedHessian#feedbackShare}).
 *
 * <p>The result depends on the file and the tokens alone, not on the backend or the threads. Takes memory for the model
 * in INT8 (off heap, and on the device), for the logits of all positions that count, and for the streams before every
 * layer.
 */
final class Sensitivity {
    /** The coarsest of the formats, so that what it does stands out. */
    static final Format PROBE = Format.T3;
    /** Tokens that are measured on, about. */
    static final int TOKENS = 512;

    private static final int WINDOWS = 4;
    /** Positions whose logits are computed together; bounds the memory for them. */
    private static final int CHUNK = 32;

    private final ResidualStreams run;
    private final DecoderWeights weights;
    private final DecoderConfig config;
    private final List<int[]> windows;
    private final LoadedOnce loaded;
    private final Map<TensorPlace, Weights> inInt8 = new HashMap<>();
    private final List<LayerWeights> layers = new ArrayList<>();
    private final GgufTensor embedding;
    private final GgufTensor output;
    private final Weights outputInInt8;
    /** The right logits of the positions that count, one after the other, and the logarithm of each one's sum. */
    private final MemorySegment right;

    private final double[] rightSums;
    private final Map<String, Double> feedbackShares;

    private Sensitivity(
            GgufFile source,
            List<int[]> text,
            List<int[]> windows,
            boolean rotated,
            Backend device,
            LoadedOnce loaded,
            Arena arena,
            Consumer<String> step)
            throws ModelFormatException {
        this.weights = DecoderReader.read(source);
        this.config = weights.config();
        this.run = new ResidualStreams(source, weights, rotated, device);
        this.windows = windows;
        this.loaded = loaded;
        this.embedding = source.tensor(TensorRole.EMBEDDING.ggufName());
        this.output = source.findTensor(TensorRole.OUTPUT.ggufName()).orElse(embedding);
        int positions =
                windows.stream().mapToInt(window -> counted(window.length)).sum();
        this.right = arena.allocate((long) positions * config.vocabulary() * Float.BYTES, Float.BYTES);
        this.rightSums = new double[positions];
        List<float[][]> streams = run.embed(windows, weights.embedding());
        run.transform(weights.layers(), device, streams);
        forEachLogits(streams, weights.output(), (position, logits) -> {
            MemorySegment.copy(
                    logits,
                    0,
                    right,
                    ValueLayout.JAVA_FLOAT,
                    (long) position * config.vocabulary() * Float.BYTES,
                    config.vocabulary());
            rightSums[position] = Perplexity.logSum(logits);
        });
        for (int i = 0; i < weights.layers().size(); i++) {
            layers.add(run.replaced(
                    i, place -> inInt8.computeIfAbsent(place, at -> loaded.kept(run.rounded(at, Format.INT8, arena)))));
        }
        this.outputInInt8 = loaded.kept(whole(output, Format.INT8, arena));
        this.feedbackShares = feedbackShares(text, step);
    }

    /**
     * Measures.
     *
     * @param source an open GGUF file of a known architecture, not quantised by ThreeHalf
     * @param groups the model's matrices
     * @param text the tokens of the calibration: each window is a text of its own
     * @param windows those that are measured on, likewise
     * @param rotated whether the matrices are rotated
     * @param device computes products with quantised matrices; stays the caller's
     * @param step told of every layer whose inputs were looked at, and of every group that is measured
     * @return of each group the mean divergence in nats a position that {@link #PROBE} adds, as far as error feedback
     *     leaves it, at least 0; 0 for one with a single format
     * @throws ModelFormatException if the file is not as it must be
     * @throws IllegalArgumentException if a weight is refused, or a token is outside the vocabulary
     */
    static double[] measure(
            GgufFile source,
            List<MatrixGroup> groups,
            List<int[]> text,
            List<int[]> windows,
            boolean rotated,
            Backend device,
            Consumer<String> step)
            throws ModelFormatException {
        try (Arena arena = Arena.ofShared();
                LoadedOnce loaded = new LoadedOnce(device)) {
            return new Sensitivity(source, text, windows, rotated, device, loaded, arena, step).measure(groups, step);
        }
    }

    /**
     * Windows to measure on, from all over a text: four with 512 tokens together, or more where they are short.
     *
     * @param all a text's windows, at least one
     */
    static List<int[]> windows(List<int[]> all) {
        List<int[]> whole =
                all.stream().filter(window -> window.length >= TOKENS / WINDOWS).toList();
        List<int[]> from = whole.isEmpty() ? all : whole;
        int tokens = from.stream().mapToInt(window -> window.length).sum();
        int count = Math.min(
                from.size(), whole.isEmpty() ? Math.ceilDiv(TOKENS * from.size(), Math.max(1, tokens)) : WINDOWS);
        return IntStream.range(0, count)
                .mapToObj(i -> from.get((int) ((2L * i + 1) * from.size() / (2L * count))))
                .map(window -> Arrays.copyOf(window, Math.min(window.length, Math.max(1, TOKENS / count))))
                .toList();
    }

    /** Positions of a window whose predictions count: its second half. */
    private static int counted(int length) {
        return (length + 1) / 2;
    }

    /**
     * What the error feedback of calibration leaves of each tensor's error ({@link DampedHessian#feedbackShare}), by
     * the inputs that the model in INT8 gives it; of a model with experts nothing, whose matrices see some tokens each.
     */
    private Map<String, Double> feedbackShares(List<int[]> text, Consumer<String> step) throws ModelFormatException {
        Map<String, Double> shares = new HashMap<>();
        if (weights.hasExperts()) {
            IntStream.range(0, layers.size()).forEach(layer -> step.accept("layer " + layer));
            return shares;
        }
        List<float[][]> streams = run.embed(text, weights.embedding());
        for (int i = 0; i < layers.size(); i++) {
            LayerWeights layer = layers.get(i);
            List<List<TensorRole>> shared = run.sharedInputs(layer);
            Map<PackedMatrix, CalibratedModel.InputSum> sums = new IdentityHashMap<>();
            List<CalibratedModel.InputSum> kinds = new ArrayList<>();
            for (List<TensorRole> takers : shared) {
                Weights first = layer.matrix(takers.getFirst());
                kinds.add(CalibratedModel.Steps.HERE.inputs(first.columns()));
                sums.put(((Weights.Quantized) first).matrix(), kinds.getLast());
            }
            run.transform(List.of(layer), new CapturingProducts(loaded, sums), streams);
            for (int kind = 0; kind < kinds.size(); kind++) {
                double share = kinds.get(kind)
                        .sum()
                        .dampedByEnergy(CalibratedModel.LAYER_DAMPING)
                        .feedbackShare();
                for (TensorRole taker : shared.get(kind)) {
                    shares.put(
                            DecoderReader.place(run.source(), config, taker, i).tensor(), share);
                }
            }
            step.accept("layer " + i);
        }
        CalibratedModel.InputSum inputs = CalibratedModel.Steps.HERE.inputs(config.dim());
        run.addOutputInputs(streams, inputs);
        shares.put(
                output.name(),
                inputs.sum().dampedByEnergy(CalibratedModel.OUTPUT_DAMPING).feedbackShare());
        return shares;
    }

    private double[] measure(List<MatrixGroup> groups, Consumer<String> step) throws ModelFormatException {
        List<List<float[][]>> before = new ArrayList<>();
        before.add(run.embed(windows, weights.embedding()));
        for (LayerWeights layer : layers) {
            List<float[][]> streams = ResidualStreams.copy(before.getLast());
            run.transform(List.of(layer), loaded, streams);
            before.add(streams);
        }
        double ofInt8 = divergence(before.getLast(), outputInInt8);
        double[] found = new double[groups.size()];
        for (int g = 0; g < found.length; g++) {
            MatrixGroup group = groups.get(g);
            if (group.formats().contains(PROBE) && group.formats().size() > 1) {
                try (Arena scratch = Arena.ofShared()) {
                    found[g] = added(group, before, ofInt8, scratch);
                }
            }
            step.accept(group.tensors().getFirst().name());
        }
        return found;
    }

    /** What a group in the probe's format adds to the mean divergence of INT8, as far as feedback leaves it. */
    private double added(MatrixGroup group, List<List<float[][]>> before, double ofInt8, Arena scratch)
            throws ModelFormatException {
        double sum = 0;
        Weights rows = null;
        if (group.has(embedding.name())) {
            // Looked up, its rows are what they are: nothing makes up for their errors.
            rows = whole(embedding, PROBE, scratch);
            List<float[][]> streams = run.embed(windows, rows);
            run.transform(layers, loaded, streams);
            sum += Math.max(0, divergence(streams, outputInInt8) - ofInt8);
        }
        if (group.has(output.name())) {
            Weights head = rows == null ? whole(output, PROBE, scratch) : rows;
            sum += left(output.name()) * Math.max(0, divergence(before.getLast(), head) - ofInt8);
        }
        if (group.layer() >= 0 && group.layer() < layers.size()) {
            LayerWeights coarse = run.replaced(
                    group.layer(),
                    place -> group.has(place.tensor())
                            ? run.rounded(place, PROBE, scratch)
                            : Objects.requireNonNull(inInt8.get(place)));
            List<float[][]> streams = ResidualStreams.copy(before.get(group.layer()));
            run.transform(List.of(coarse), loaded, streams);
            run.transform(layers.subList(group.layer() + 1, layers.size()), loaded, streams);
            sum += left(group.tensors().getFirst().name()) * Math.max(0, divergence(streams, outputInInt8) - ofInt8);
        }
        return sum;
    }

    private double left(String tensor) {
        return feedbackShares.getOrDefault(tensor, 1.0);
    }

    /** The mean divergence of the predictions of streams after the last layer from the right ones. */
    private double divergence(List<float[][]> streams, Weights head) {
        double[] divergences = new double[rightSums.length];
        forEachLogits(streams, head, (position, logits) -> {
            float[] expected = right.asSlice(
                            (long) position * config.vocabulary() * Float.BYTES,
                            (long) config.vocabulary() * Float.BYTES)
                    .toArray(ValueLayout.JAVA_FLOAT);
            divergences[position] =
                    Comparison.divergence(expected, rightSums[position], logits, Perplexity.logSum(logits));
        });
        double sum = 0;
        for (double divergence : divergences) {
            sum += divergence;
        }
        return sum / divergences.length;
    }

    /** Takes the logits of a position that counts; called from several threads. */
    @FunctionalInterface
    private interface LogitsOf {
        void take(int position, float[] logits);
    }

    /** The logits of all positions that count (REQ-DEC-003), from the streams after the last layer. */
    private void forEachLogits(List<float[][]> streams, Weights head, LogitsOf taker) {
        List<float[]> rows = new ArrayList<>();
        for (float[][] window : streams) {
            rows.addAll(Arrays.asList(window).subList(window.length - counted(window.length), window.length));
        }
        DecoderWeights last = weights.with(head, List.of(), head);
        LayerProgram program = LayerProgram.logits(last);
        Buffer stream = Buffer.stream(config);
        Buffer scores = Buffer.logits(config);
        List<Buffer> between = program.buffers().stream()
                .filter(buffer -> !buffer.equals(stream) && !buffer.equals(scores))
                .toList();
        float[][] logits = new float[Math.min(CHUNK, rows.size())][config.vocabulary()];
        try (HostProgram made =
                new HostProgram(loaded, run.device().operations(), run.device().workers(), program, last)) {
            for (int from = 0; from < rows.size(); from += CHUNK) {
                int first = from;
                int count = Math.min(CHUNK, rows.size() - from);
                float[][] some = rows.subList(from, from + count).stream()
                        .map(float[]::clone)
                        .toArray(float[][]::new);
                made.run(HostBuffers.of(between, count).with(stream, some).with(scores, Arrays.copyOf(logits, count)));
                IntStream.range(0, count).parallel().forEach(i -> taker.take(first + i, logits[i]));
            }
        }
    }

    private Weights whole(GgufTensor tensor, Format format, Arena arena) {
        return run.rounded(tensor, 0, (int) tensor.rows(), format, arena);
    }
}
