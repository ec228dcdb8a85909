package org.threehalf.backends.spi.decoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.threehalf.backends.spi.decoder.Step.Add;
import org.threehalf.backends.spi.decoder.Step.AddBias;
import org.threehalf.backends.spi.decoder.Step.Attend;
import org.threehalf.backends.spi.decoder.Step.Cache;
import org.threehalf.backends.spi.decoder.Step.Centre;
import org.threehalf.backends.spi.decoder.Step.Gate;
import org.threehalf.backends.spi.decoder.Step.Mix;
import org.threehalf.backends.spi.decoder.Step.Multiply;
import org.threehalf.backends.spi.decoder.Step.Norm;
import org.threehalf.backends.spi.decoder.Step.OfToken;
import org.threehalf.backends.spi.decoder.Step.Rotate;
import org.threehalf.backends.spi.decoder.Step.Scale;
import org.threehalf.backends.spi.decoder.Step.SoftCap;
import org.threehalf.backends.spi.decoder.Step.Store;
import org.threehalf.backends.spi.product.Products;
import org.threehalf.kernels.product.WorkerPool;
import org.threehalf.kernels.transformer.Attention;
import org.threehalf.kernels.transformer.AttentionHeads;
import org.threehalf.kernels.transformer.ElementwiseOperations;
import org.threehalf.kernels.transformer.ExpertChoice;
import org.threehalf.kernels.transformer.Normalization;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * A program with its tensors, interpreted on the host: products with quantised matrices on a device, all else on the
 * host's threads, whose number changes no bit.
 *
 * <p>Steps between products that treat each token by itself are taken together: a thread takes a token through all of
 * them.
 */
public final class HostProgram implements AutoCloseable {
    private final LayerProgram program;
    private final DecoderConfig config;
    private final Tensors tensors;
    private final int layer;
    private final Rotary rotary;
    private final TransformerOperations operations;
    private final WorkerPool pool;
    private final Products device;
    private final Map<TensorRole, MatrixProduct> products = new EnumMap<>(TensorRole.class);
    private final List<MatrixProduct> ofExperts = new ArrayList<>();
    private final List<Expert> experts = new ArrayList<>();

    /** An expert's matrices on the device, and its biases. */
    private record Expert(MatrixProduct gate, MatrixProduct up, MatrixProduct down, ExpertWeights weights) {}

    /**
     * A program that looks at no position, such as {@link LayerProgram#logits}; its matrices are brought to the device.
     *
     * @param device for products with quantised matrices; stays the caller's
     * @param operations everything else
     * @param pool the host's threads; stays the caller's
     * @param tensors those that the program names
     * @throws IllegalArgumentException if a tensor is missing or a row's scale is refused
     * @throws IllegalStateException if the device has no room
     */
    public HostProgram(
            Products device, TransformerOperations operations, WorkerPool pool, LayerProgram program, Tensors tensors) {
        this(device, operations, pool, program, tensors, 0, new Rotary(new float[0]));
    }

    /** A layer's program; {@code layer} is its number in the caches. */
    HostProgram(
            Products device,
            TransformerOperations operations,
            WorkerPool pool,
            LayerProgram program,
            Tensors tensors,
            int layer,
            Rotary rotary) {
        this.device = device;
        this.operations = operations;
        this.pool = pool;
        this.program = program;
        this.config = program.config();
        this.tensors = tensors;
        this.layer = layer;
        this.rotary = rotary;
        try {
            for (TensorRole role : program.matrices()) {
                products.put(role, MatrixProduct.of(device, tensors.matrix(role), operations, pool));
            }
            for (ExpertWeights expert : tensors.experts()) {
                // One after the other, so that those before a refused one are freed.
                MatrixProduct gate = owned(expert.gate());
                MatrixProduct up = owned(expert.up());
                experts.add(new Expert(gate, up, owned(expert.down()), expert));
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private MatrixProduct owned(Weights weights) {
        MatrixProduct product = MatrixProduct.of(device, weights, operations, pool);
        ofExperts.add(product);
        return product;
    }

    /**
     * Runs a program that looks at no position.
     *
     * @param x has the program's buffers
     */
    public void run(HostBuffers x) {
        run(x, HostRows.NONE);
    }

    /** Runs the program for some tokens. */
    void run(HostBuffers x, HostRows rows) {
        // What several products take is quantised once, until it is written again.
        Map<Buffer, MatrixProduct.Inputs> inputs = new HashMap<>();
        List<Step> steps = program.steps();
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            switch (step) {
                case Multiply(TensorRole matrix, Buffer from, Buffer to) ->
                    product(matrix)
                            .multiply(
                                    inputs.computeIfAbsent(
                                            from, buffer -> new MatrixProduct.Inputs(device, pool, x.rows(buffer))),
                                    x.rows(to));
                case Attend attend -> attend(attend, x, rows);
                case Mix(Buffer routed, Buffer from, Buffer to) ->
                    mix(
                            x.rows(routed),
                            inputs.computeIfAbsent(
                                    from, buffer -> new MatrixProduct.Inputs(device, pool, x.rows(buffer))),
                            x.rows(to));
                case OfToken first -> {
                    int end = i + 1;
                    while (end < steps.size() && steps.get(end) instanceof OfToken) {
                        end++;
                    }
                    List<Step> run = steps.subList(i, end);
                    pool.forEach(x.tokens(), t -> run.forEach(each -> apply((OfToken) each, x, rows, t)));
                    run.forEach(each -> each.writes().ifPresent(inputs::remove));
                    i = end - 1;
                }
            }
            step.writes().ifPresent(inputs::remove);
        }
    }

    /**
     * Expert after expert, each with all the tokens that it was chosen for, so that its matrices are read once
     * (REQ-EXP-001, REQ-EXP-002).
     */
    private void mix(float[][] routed, MatrixProduct.Inputs from, float[][] to) {
        ExpertChoice[] choices = new ExpertChoice[routed.length];
        pool.forEach(
                routed.length,
                t -> choices[t] = ExpertChoice.of(
                        routed[t], config.experts().used(), config.experts().renormalised()));
        for (int e = 0; e < experts.size(); e++) {
            int number = e;
            int[] tokens = IntStream.range(0, routed.length)
                    .filter(t -> Arrays.binarySearch(choices[t].experts(), number) >= 0)
                    .toArray();
            if (tokens.length == 0) {
                continue;
            }
            Expert expert = experts.get(e);
            MatrixProduct.Inputs inputs = from.gathered(tokens);
            float[][] gate = new float[tokens.length][config.ffn()];
            float[][] up = new float[tokens.length][config.ffn()];
            float[][] down = new float[tokens.length][config.dim()];
            expert.gate.multiply(inputs, gate);
            expert.up.multiply(inputs, up);
            pool.forEach(tokens.length, i -> {
                addBias(gate[i], expert.weights, TensorRole.GATE);
                addBias(up[i], expert.weights, TensorRole.UP);
                operations.gate(config.activation(), gate[i], up[i]);
            });
            expert.down.multiply(new MatrixProduct.Inputs(device, pool, gate), down);
            pool.forEach(tokens.length, i -> {
                ExpertChoice choice = choices[tokens[i]];
                int at = Arrays.binarySearch(choice.experts(), number);
                addBias(down[i], expert.weights, TensorRole.DOWN);
                ElementwiseOperations.scale(down[i], choice.shares()[at]);
                if (at == 0) {
                    System.arraycopy(down[i], 0, to[tokens[i]], 0, down[i].length);
                } else {
                    operations.add(to[tokens[i]], down[i]);
                }
            });
        }
    }

    private void addBias(float[] y, ExpertWeights expert, TensorRole matrix) {
        float[] bias = expert.biases().get(matrix);
        if (bias != null) {
            operations.add(y, bias);
        }
    }

    private MatrixProduct product(TensorRole matrix) {
        MatrixProduct product = products.get(matrix);
        if (product == null) {
            throw new IllegalStateException("no matrix " + matrix.label());
        }
        return product;
    }

    private void apply(OfToken step, HostBuffers x, HostRows rows, int t) {
        switch (step) {
            case Centre(Buffer from, Buffer to) -> Normalization.centre(x.rows(from)[t], x.rows(to)[t]);
            case Norm(TensorRole weights, Buffer from, Buffer to, int vectors) -> {
                float[] w = tensors.vector(weights);
                float[] source = x.rows(from)[t];
                float[] target = x.rows(to)[t];
                for (int at = 0; at < vectors * w.length; at += w.length) {
                    operations.rmsNorm(source, at, w, config.normEpsilon(), target, at);
                }
            }
            case Add(Buffer to, Buffer addition) -> operations.add(x.rows(to)[t], x.rows(addition)[t]);
            case AddBias(Buffer to, TensorRole bias) -> operations.add(x.rows(to)[t], tensors.vector(bias));
            case Scale(Buffer values, float factor) -> ElementwiseOperations.scale(x.rows(values)[t], factor);
            case Rotate(Buffer heads, int count, int pairs, var layout) -> {
                RotaryTables.Table table = rows.tables().of(rotary);
                float[] values = x.rows(heads)[t];
                int size = heads.width() / count;
                for (int head = 0; head < count; head++) {
                    operations.rotate(layout, values, head * size, table.cosines(), table.sines(), t * pairs, pairs);
                }
            }
            case Store(Buffer from, Cache cache) ->
                rows.caches()[t].put(cache, layer, rows.positions()[t], x.rows(from)[t]);
            case Gate(var activation, Buffer gate, Buffer up) ->
                operations.gate(activation, x.rows(gate)[t], x.rows(up)[t]);
            case SoftCap(Buffer values, float cap) -> operations.softCap(x.rows(values)[t], cap);
        }
    }

    /** Heads that share keys and values go together, but for some of them where there would be too few tasks. */
    private void attend(Attend step, HostBuffers x, HostRows rows) {
        float[][] query = x.rows(step.query());
        float[][] to = x.rows(step.to());
        int shared = config.heads() / config.keyValueHeads();
        int parts = parts(x.tokens());
        int perToken = config.keyValueHeads() * parts;
        int n = config.headSize();
        float[] sinks = step.sinks() ? tensors.vector(TensorRole.ATTENTION_SINKS) : new float[0];
        pool.forEach(x.tokens() * perToken, i -> {
            int t = i / perToken;
            int keyValueHead = i % perToken / parts;
            int from = keyValueHead * shared + shared * (i % parts) / parts;
            int end = keyValueHead * shared + shared * (i % parts + 1) / parts;
            KeyValueCache cache = rows.caches()[t];
            int position = rows.positions()[t];
            operations.attend(new AttentionHeads(
                    query[t],
                    from * n,
                    end - from,
                    cache.head(Cache.KEYS, layer, keyValueHead),
                    cache.head(Cache.VALUES, layer, keyValueHead),
                    n,
                    Attention.firstSeen(position, step.window()),
                    position,
                    config.attentionScale(),
                    config.attentionCap(),
                    sinks,
                    step.sinks() ? from : 0,
                    to[t],
                    from * n));
        });
    }

    /** Into how many parts the query heads of a key and value head are divided, so that every worker has one. */
    private int parts(int tokens) {
        int groups = tokens * config.keyValueHeads();
        return Math.min(config.heads() / config.keyValueHeads(), (pool.workers() + groups - 1) / groups);
    }

    /** Takes its matrices from the device. */
    @Override
    public void close() {
        products.values().forEach(MatrixProduct::close);
        products.clear();
        ofExperts.forEach(MatrixProduct::close);
        ofExperts.clear();
    }
}
