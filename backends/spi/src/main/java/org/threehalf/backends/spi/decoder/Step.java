package org.threehalf.backends.spi.decoder;

import java.util.List;
import java.util.Optional;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.Rotation;

/**
 * A step of a {@link LayerProgram}: an operation of {@code spec/INFERENCE.md} on buffers of that program. A tensor is
 * named by its role; each layer has its own.
 */
public sealed interface Step {

    /** The buffers that it reads. */
    default List<Buffer> reads() {
        return switch (this) {
            case Multiply(var matrix, Buffer from, var to) -> List.of(from);
            case Centre(Buffer from, var to) -> List.of(from);
            case Norm(var weights, Buffer from, var to, var vectors) -> List.of(from);
            case Add(Buffer to, Buffer addition) -> List.of(to, addition);
            case AddBias(Buffer to, var bias) -> List.of(to);
            case Scale(Buffer x, var factor) -> List.of(x);
            case Rotate(Buffer x, var heads, var pairs, var layout) -> List.of(x);
            case Store(Buffer from, var cache) -> List.of(from);
            case Attend(Buffer query, var to, var window, var sinks) -> List.of(query);
            case Gate(var activation, Buffer gate, Buffer up) -> List.of(gate, up);
            case SoftCap(Buffer x, var cap) -> List.of(x);
            case Mix(Buffer routed, Buffer from, var to) -> List.of(routed, from);
        };
    }

    /** The buffer that it writes; none for {@link Store}. */
    default Optional<Buffer> writes() {
        return switch (this) {
            case Multiply(var matrix, var from, Buffer to) -> Optional.of(to);
            case Centre(var from, Buffer to) -> Optional.of(to);
            case Norm(var weights, var from, Buffer to, var vectors) -> Optional.of(to);
            case Add(Buffer to, var addition) -> Optional.of(to);
            case AddBias(Buffer to, var bias) -> Optional.of(to);
            case Scale(Buffer x, var factor) -> Optional.of(x);
            case Rotate(Buffer x, var heads, var pairs, var layout) -> Optional.of(x);
            case Store store -> Optional.empty();
            case Attend(var query, Buffer to, var window, var sinks) -> Optional.of(to);
            case Gate(var activation, Buffer gate, var up) -> Optional.of(gate);
            case SoftCap(Buffer x, var cap) -> Optional.of(x);
            case Mix(var routed, var from, Buffer to) -> Optional.of(to);
        };
    }

    /**
     * {@code to} becomes what the layer's experts make of {@code from}, mixed by {@code routed} (REQ-EXP-001,
     * REQ-EXP-002). Devices that do not know it leave such a model to {@link HostDecoder}.
     *
     * @param routed the router's output, a number for each expert
     */
    record Mix(Buffer routed, Buffer from, Buffer to) implements Step {}

    /** A step that treats each token by itself, and reads nothing of any other. */
    sealed interface OfToken extends Step {}

    /**
     * {@code to} becomes W · {@code from} (REQ-OPS-011). Products that follow each other with the same input quantise
     * it once.
     *
     * @param matrix rows as {@code to} is wide, columns as {@code from} is
     */
    record Multiply(TensorRole matrix, Buffer from, Buffer to) implements Step {}

    /**
     * {@code to} becomes {@code from} less its mean, which makes a layer norm of the norm and the bias that follow
     * (REQ-OPS-012).
     *
     * @param to may be {@code from}
     */
    record Centre(Buffer from, Buffer to) implements OfToken {}

    /**
     * {@code to} becomes rmsnorm({@code from}) (REQ-OPS-009), of the whole or of each of several vectors of it, one
     * after the other.
     *
     * @param weights as long as one of the vectors
     * @param to may be {@code from}
     * @param vectors how many there are in a token
     */
    record Norm(TensorRole weights, Buffer from, Buffer to, int vectors) implements OfToken {}

    /** {@code to} becomes {@code to} + {@code addition} (REQ-OPS-010). */
    record Add(Buffer to, Buffer addition) implements OfToken {}

    /** {@code to} becomes {@code to} + b (REQ-OPS-010). */
    record AddBias(Buffer to, TensorRole bias) implements OfToken {}

    /**
     * {@code x} becomes {@code x} · {@code factor} (REQ-OPS-010).
     *
     * @param factor positive and finite
     */
    record Scale(Buffer x, float factor) implements OfToken {}

    /**
     * Each head of {@code x} is rotated by its token's position, with the layer's frequencies (REQ-ROP-005).
     *
     * @param heads how many heads {@code x} has
     * @param pairs rotated pairs of each, at least 1
     */
    record Rotate(Buffer x, int heads, int pairs, Rotation.Layout layout) implements OfToken {}

    /** What the cache holds of each position. */
    enum Cache {
        /** Rotated keys. */
        KEYS,
        /** Values. */
        VALUES
    }

    /**
     * {@code from} is put into the layer's cache at its token's position (REQ-ATT-001).
     *
     * @param from as wide as all key and value heads
     */
    record Store(Buffer from, Cache cache) implements OfToken {}

    /**
     * {@code to} becomes what the heads of {@code query} attend to in the layer's cache (REQ-ATT-002 to REQ-ATT-006),
     * by the model's numbers of heads, scale and cap.
     *
     * @param window positions that a query sees, 0 for all
     * @param sinks whether its heads have the layer's {@link TensorRole#ATTENTION_SINKS}
     */
    record Attend(Buffer query, Buffer to, int window, boolean sinks) implements Step {}

    /** {@code gate} becomes act({@code gate}) · {@code up} (REQ-OPS-010, REQ-OPS-013). */
    record Gate(Activation activation, Buffer gate, Buffer up) implements OfToken {}

    /**
     * Each number of {@code x} becomes softcap of it (REQ-OPS-008).
     *
     * @param cap positive
     */
    record SoftCap(Buffer x, float cap) implements OfToken {}
}
