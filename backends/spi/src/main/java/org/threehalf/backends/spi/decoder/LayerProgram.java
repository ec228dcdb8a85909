package org.threehalf.backends.spi.decoder;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.threehalf.backends.spi.decoder.Step.Add;
import org.threehalf.backends.spi.decoder.Step.AddBias;
import org.threehalf.backends.spi.decoder.Step.Attend;
import org.threehalf.backends.spi.decoder.Step.Cache;
import org.threehalf.backends.spi.decoder.Step.Centre;
import org.threehalf.backends.spi.decoder.Step.Gate;
import org.threehalf.backends.spi.decoder.Step.Mix;
import org.threehalf.backends.spi.decoder.Step.Multiply;
import org.threehalf.backends.spi.decoder.Step.Norm;
import org.threehalf.backends.spi.decoder.Step.Rotate;
import org.threehalf.backends.spi.decoder.Step.Scale;
import org.threehalf.backends.spi.decoder.Step.SoftCap;
import org.threehalf.backends.spi.decoder.Step.Store;

/**
 * What a decoder does with a token in one layer, or after the last one: steps, one after the other, over buffers.
 *
 * <p>This is the only place that says what a layer is. {@link HostProgram} interprets it, the CUDA backend enqueues it,
 * the MLIR backend emits it; the oracle of {@code conformance/} alone has layers of its own, so that it can be wrong on
 * its own. Programs that are equal do the same with the same tensors.
 *
 * @param config the model's numbers
 * @param steps the steps; the first buffer that they read is {@link Buffer#stream}, which holds x
 */
public record LayerProgram(DecoderConfig config, List<Step> steps) {

    /**
     * Checks that every buffer has been written before it is read, and that shapes fit.
     *
     * @throws IllegalArgumentException naming the step that does not fit
     */
    public LayerProgram {
        steps = List.copyOf(steps);
        Map<String, Buffer> named = new HashMap<>();
        Set<Buffer> written = new HashSet<>(Set.of(Buffer.stream(config)));
        Set<Cache> stored = EnumSet.noneOf(Cache.class);
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            int number = i;
            Predicate<Buffer> unwritten = buffer -> !written.contains(buffer);
            step.reads().stream()
                    .filter(unwritten)
                    .findFirst()
                    .ifPresent(buffer -> refuse(number, step, "buffer " + buffer.name() + " was not written before"));
            if (step instanceof Store store) {
                stored.add(store.cache());
            }
            if (step instanceof Attend && stored.size() < Cache.values().length) {
                refuse(i, step, "keys and values of this position were not put into the cache before");
            }
            if (!fits(config, step)) {
                refuse(i, step, "its shapes do not fit");
            }
            step.writes().ifPresent(written::add);
        }
        for (Buffer buffer : written) {
            if (named.put(buffer.name(), buffer) != null) {
                throw new IllegalArgumentException("two buffers are called " + buffer.name());
            }
        }
    }

    private static void refuse(int number, Step step, String why) {
        throw new IllegalArgumentException("step %d, %s: %s".formatted(number, step, why));
    }

    private static boolean fits(DecoderConfig config, Step step) {
        return switch (step) {
            case Multiply(TensorRole matrix, Buffer from, Buffer to) ->
                matrix.isMatrix()
                        && matrix.rows(config) == to.width()
                        && matrix.columns(config) == from.width()
                        && !from.equals(to);
            case Centre(Buffer from, Buffer to) -> from.width() == to.width();
            case Norm(TensorRole weights, Buffer from, Buffer to, int vectors) ->
                !weights.isMatrix()
                        && vectors >= 1
                        && (long) vectors * weights.columns(config) == from.width()
                        && from.width() == to.width();
            case Add(Buffer to, Buffer addition) -> to.width() == addition.width() && !to.equals(addition);
            case AddBias(Buffer to, TensorRole bias) -> !bias.isMatrix() && bias.columns(config) == to.width();
            case Scale(var x, float factor) -> factor > 0 && Float.isFinite(factor);
            case Rotate(Buffer x, int heads, int pairs, var layout) ->
                heads >= 1 && x.width() % heads == 0 && pairs >= 1 && pairs <= x.width() / heads / 2;
            case Store(Buffer from, var cache) -> from.width() == config.keyValueWidth();
            case Attend(Buffer query, Buffer to, int window, var sinks) ->
                query.width() == config.queryWidth() && to.width() == query.width() && !to.equals(query) && window >= 0;
            case Gate(var activation, Buffer gate, Buffer up) -> gate.width() == up.width() && !gate.equals(up);
            case SoftCap(var x, float cap) -> cap > 0;
            case Mix(Buffer routed, Buffer from, Buffer to) ->
                config.experts().count() > 0
                        && routed.width() == config.experts().count()
                        && from.width() == config.dim()
                        && to.width() == config.dim()
                        && !to.equals(from);
        };
    }

    /** The buffers, in the order in which they are first used. */
    public List<Buffer> buffers() {
        Set<Buffer> buffers = new LinkedHashSet<>();
        for (Step step : steps) {
            buffers.addAll(step.reads());
            step.writes().ifPresent(buffers::add);
        }
        return List.copyOf(buffers);
    }

    /** The tensors that the steps name, each once, in the order in which they are first used. */
    public List<TensorRole> tensors() {
        return steps.stream()
                .map(step -> switch (step) {
                    case Multiply multiply -> Optional.of(multiply.matrix());
                    case Norm norm -> Optional.of(norm.weights());
                    case AddBias add -> Optional.of(add.bias());
                    case Attend attend when attend.sinks() -> Optional.of(TensorRole.ATTENTION_SINKS);
                    default -> Optional.<TensorRole>empty();
                })
                .flatMap(Optional::stream)
                .distinct()
                .toList();
    }

    /** The matrices that the steps name, each once, likewise. */
    public List<TensorRole> matrices() {
        return tensors().stream().filter(TensorRole::isMatrix).toList();
    }

    /** The matrices by their inputs, in the order of the steps: those that take the same vectors stand together. */
    public List<List<TensorRole>> sharedInputs() {
        List<List<TensorRole>> shared = new ArrayList<>();
        Map<Buffer, List<TensorRole>> open = new HashMap<>();
        for (Step step : steps) {
            if (step instanceof Multiply(TensorRole matrix, Buffer from, var to)) {
                open.computeIfAbsent(from, buffer -> {
                            List<TensorRole> takers = new ArrayList<>();
                            shared.add(takers);
                            return takers;
                        })
                        .add(matrix);
            }
            step.writes().ifPresent(open::remove);
        }
        return shared;
    }

    /** The program of a layer (REQ-DEC-002): the parts that it has tensors for. */
    public static LayerProgram of(DecoderConfig config, LayerWeights layer) {
        return of(
                config,
                Set.copyOf(TensorRole.ofLayer().stream().filter(layer::has).toList()),
                layer.window(),
                layer.frequencies().length);
    }

    /**
     * The program of a layer that has some tensors (REQ-DEC-002).
     *
     * @param tensors those of {@link TensorRole#ofLayer} that are there
     * @param window positions that a query sees, 0 for all
     * @param pairs rotated pairs of a head
     */
    public static LayerProgram of(DecoderConfig config, Set<TensorRole> tensors, int window, int pairs) {
        return new Builder(config, tensors).layer(window, pairs);
    }

    /**
     * What follows the last layer (REQ-DEC-003): from the stream to the logits, with the tensors that belong to no
     * layer.
     */
    public static LayerProgram logits(DecoderWeights weights) {
        DecoderConfig config = weights.config();
        Buffer logits = Buffer.logits(config);
        LayerProgram normed = outputNorm(weights);
        List<Step> steps = new ArrayList<>(normed.steps);
        steps.add(new Multiply(TensorRole.OUTPUT, normed.buffers().getLast(), logits));
        if (config.logitScale() != 1) {
            steps.add(new Scale(logits, config.logitScale()));
        }
        if (config.logitCap() > 0) {
            steps.add(new SoftCap(logits, config.logitCap()));
        }
        return new LayerProgram(config, steps);
    }

    /** The first part of {@link #logits}: from the stream to what the output matrix multiplies, its last buffer. */
    public static LayerProgram outputNorm(DecoderWeights weights) {
        DecoderConfig config = weights.config();
        return new LayerProgram(
                config,
                norm(
                        Buffer.stream(config),
                        new Buffer("normed", config.dim()),
                        TensorRole.OUTPUT_NORM,
                        weights.outputNormBias() == null
                                ? Optional.empty()
                                : Optional.of(TensorRole.OUTPUT_NORM_BIAS)));
    }

    /** A norm of the stream: of its root mean square (REQ-OPS-009) or, with a bias, a layer norm (REQ-OPS-012). */
    private static List<Step> norm(Buffer stream, Buffer normed, TensorRole norm, Optional<TensorRole> bias) {
        return bias.isEmpty()
                ? List.of(new Norm(norm, stream, normed, 1))
                : List.of(
                        new Centre(stream, normed), new Norm(norm, normed, normed, 1), new AddBias(normed, bias.get()));
    }

    /** Puts a layer's steps together. */
    private static final class Builder {
        private final DecoderConfig config;
        private final Set<TensorRole> tensors;
        private final List<Step> steps = new ArrayList<>();
        private final Buffer stream;
        private final Buffer normed;
        private final Buffer branch;

        private Builder(DecoderConfig config, Set<TensorRole> tensors) {
            this.config = config;
            this.tensors = tensors;
            stream = Buffer.stream(config);
            normed = new Buffer("normed", config.dim());
            branch = new Buffer("branch", config.dim());
        }

        private LayerProgram layer(int window, int pairs) {
            attention(window, pairs);
            feedForward();
            return new LayerProgram(config, steps);
        }

        /** x = x + [norm](W_o · attention([norm](x)) [+ b]) [· c]. */
        private void attention(int window, int pairs) {
            Buffer query = new Buffer("query", config.queryWidth());
            Buffer key = new Buffer("key", config.keyValueWidth());
            Buffer value = new Buffer("value", config.keyValueWidth());
            Buffer attended = new Buffer("attended", config.queryWidth());
            Buffer from = normed(TensorRole.ATTENTION_NORM, TensorRole.ATTENTION_NORM_BIAS);
            steps.add(new Multiply(TensorRole.QUERY, from, query));
            steps.add(new Multiply(TensorRole.KEY, from, key));
            steps.add(new Multiply(TensorRole.VALUE, from, value));
            addBias(query, TensorRole.QUERY_BIAS);
            addBias(key, TensorRole.KEY_BIAS);
            norm(query, TensorRole.QUERY_ROW_NORM, 1);
            norm(key, TensorRole.KEY_ROW_NORM, 1);
            heads(query, TensorRole.QUERY_NORM, config.heads(), pairs);
            heads(key, TensorRole.KEY_NORM, config.keyValueHeads(), pairs);
            addBias(value, TensorRole.VALUE_BIAS);
            steps.add(new Store(key, Cache.KEYS));
            steps.add(new Store(value, Cache.VALUES));
            steps.add(new Attend(query, attended, window, tensors.contains(TensorRole.ATTENTION_SINKS)));
            steps.add(new Multiply(TensorRole.ATTENTION_OUTPUT, attended, branch));
            addBias(branch, TensorRole.ATTENTION_OUTPUT_BIAS);
            addBranch(TensorRole.POST_ATTENTION_NORM);
        }

        /** What a half of the layer reads: the stream, normed where the layer has a norm before it. */
        private Buffer normed(TensorRole norm, TensorRole bias) {
            if (!tensors.contains(norm)) {
                return stream;
            }
            steps.addAll(
                    LayerProgram.norm(stream, normed, norm, Optional.of(bias).filter(tensors::contains)));
            return normed;
        }

        private void norm(Buffer x, TensorRole norm, int vectors) {
            if (tensors.contains(norm)) {
                steps.add(new Norm(norm, x, x, vectors));
            }
        }

        /** [norm of each head], [rotated]. */
        private void heads(Buffer x, TensorRole norm, int heads, int pairs) {
            norm(x, norm, heads);
            if (pairs > 0) {
                steps.add(new Rotate(x, heads, pairs, config.rotation()));
            }
        }

        /** x = x + [norm](W_down · gated([norm](x))) [· c], or with what the experts make of it. */
        private void feedForward() {
            Buffer from = normed(TensorRole.FEED_FORWARD_NORM, TensorRole.FEED_FORWARD_NORM_BIAS);
            if (tensors.contains(TensorRole.ROUTER)) {
                Buffer routed = new Buffer("routed", config.experts().count());
                steps.add(new Multiply(TensorRole.ROUTER, from, routed));
                addBias(routed, TensorRole.ROUTER_BIAS);
                steps.add(new Mix(routed, from, branch));
                addBranch(TensorRole.POST_FEED_FORWARD_NORM);
                return;
            }
            Buffer gate = new Buffer("gate", config.ffn());
            Buffer up = new Buffer("up", config.ffn());
            steps.add(new Multiply(TensorRole.GATE, from, gate));
            steps.add(new Multiply(TensorRole.UP, from, up));
            steps.add(new Gate(config.activation(), gate, up));
            steps.add(new Multiply(TensorRole.DOWN, gate, branch));
            addBranch(TensorRole.POST_FEED_FORWARD_NORM);
        }

        private void addBias(Buffer x, TensorRole bias) {
            if (tensors.contains(bias)) {
                steps.add(new AddBias(x, bias));
            }
        }

        /** x = x + [norm](branch) [· c]. */
        private void addBranch(TensorRole postNorm) {
            norm(branch, postNorm, 1);
            if (config.residualScale() != 1) {
                steps.add(new Scale(branch, config.residualScale()));
            }
            steps.add(new Add(stream, branch));
        }
    }
}
