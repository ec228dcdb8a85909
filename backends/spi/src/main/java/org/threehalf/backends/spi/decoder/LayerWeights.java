package org.threehalf.backends.spi.decoder;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One layer of a decoder (REQ-DEC-002). What only some models have is missing in the others. Arrays are owned by this
 * record.
 *
 * @param matrices its matrices, shapes as {@link TensorRole} says
 * @param vectors its norms and biases, lengths likewise
 * @param window positions that a query sees, 0 for all (REQ-ATT-002)
 * @param rotary how it rotates
 * @param experts its experts, each a feed-forward block in place of the layer's own; none in most models
 */
public record LayerWeights(
        Map<TensorRole, Weights> matrices,
        Map<TensorRole, float[]> vectors,
        int window,
        Rotary rotary,
        List<ExpertWeights> experts)
        implements Tensors {

    /** A layer with one set of frequencies (REQ-ROP-002). */
    public LayerWeights(
            Map<TensorRole, Weights> matrices, Map<TensorRole, float[]> vectors, int window, float[] frequencies) {
        this(matrices, vectors, window, new Rotary(frequencies), List.of());
    }

    /**
     * Checks that what every layer has is there, and nothing that none has.
     *
     * @throws IllegalArgumentException naming the tensor
     */
    public LayerWeights {
        matrices = copy(matrices);
        vectors = copy(vectors);
        experts = List.copyOf(experts);
        if (experts.isEmpty() == matrices.containsKey(TensorRole.ROUTER)) {
            throw new IllegalArgumentException("a layer with %d experts %s a router"
                    .formatted(experts.size(), experts.isEmpty() ? "has" : "has not"));
        }
        for (TensorRole role : TensorRole.values()) {
            if (role.ofFeedForward() && !experts.isEmpty()) {
                if (matrices.containsKey(role)) {
                    throw new IllegalArgumentException(
                            "%s: a layer with experts has none of its own".formatted(role.label()));
                }
                continue;
            }
            boolean there = matrices.containsKey(role) || vectors.containsKey(role);
            if (there
                    ? !role.inLayer() || matrices.containsKey(role) != role.isMatrix()
                    : role.inLayer() && role.required()) {
                throw new IllegalArgumentException("%s: a layer %s"
                        .formatted(role.label(), there ? "has none of its own, or in another shape" : "must have it"));
            }
        }
        requireOne(vectors, TensorRole.QUERY_NORM, TensorRole.QUERY_ROW_NORM);
        requireOne(vectors, TensorRole.KEY_NORM, TensorRole.KEY_ROW_NORM);
        if (vectors.containsKey(TensorRole.ROUTER_BIAS) && experts.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s: the layer has no experts".formatted(TensorRole.ROUTER_BIAS.label()));
        }
        requireNorm(vectors, TensorRole.ATTENTION_NORM_BIAS, TensorRole.ATTENTION_NORM);
        requireNorm(vectors, TensorRole.FEED_FORWARD_NORM_BIAS, TensorRole.FEED_FORWARD_NORM);
    }

    private static void requireOne(Map<TensorRole, float[]> vectors, TensorRole one, TensorRole other) {
        if (vectors.containsKey(one) && vectors.containsKey(other)) {
            throw new IllegalArgumentException(
                    "%s and %s: a layer has one of them at most".formatted(one.label(), other.label()));
        }
    }

    private static void requireNorm(Map<TensorRole, float[]> vectors, TensorRole bias, TensorRole norm) {
        if (vectors.containsKey(bias) && !vectors.containsKey(norm)) {
            throw new IllegalArgumentException("%s: the layer has no %s".formatted(bias.label(), norm.label()));
        }
    }

    private static <T> Map<TensorRole, T> copy(Map<TensorRole, T> of) {
        Map<TensorRole, T> copy = new EnumMap<>(TensorRole.class);
        copy.putAll(of);
        return Collections.unmodifiableMap(copy);
    }

    /**
     * A layer whose tensors are asked for one by one, in the order of {@link TensorRole}.
     *
     * @param matrices gives a matrix
     * @param vectors gives a norm or bias, or null where the layer has none
     */
    public static LayerWeights of(
            Function<TensorRole, Weights> matrices,
            Function<TensorRole, float @Nullable []> vectors,
            int window,
            float[] frequencies) {
        return of(matrices, vectors, window, new Rotary(frequencies));
    }

    /** As {@link #of(Function, Function, int, float[])}, however it rotates. */
    public static LayerWeights of(
            Function<TensorRole, Weights> matrices,
            Function<TensorRole, float @Nullable []> vectors,
            int window,
            Rotary rotary) {
        Map<TensorRole, Weights> ofMatrices = new EnumMap<>(TensorRole.class);
        Map<TensorRole, float[]> ofVectors = new EnumMap<>(TensorRole.class);
        for (TensorRole role : TensorRole.ofLayer()) {
            if (role.isMatrix()) {
                if (role.required()) {
                    ofMatrices.put(role, matrices.apply(role));
                }
            } else {
                float @Nullable [] vector = vectors.apply(role);
                if (vector != null) {
                    ofVectors.put(role, vector);
                }
            }
        }
        return new LayerWeights(ofMatrices, ofVectors, window, rotary, List.of());
    }

    /** Whether the layer has a tensor. */
    public boolean has(TensorRole role) {
        return matrices.containsKey(role) || vectors.containsKey(role);
    }

    @Override
    public Weights matrix(TensorRole role) {
        Weights matrix = matrices.get(role);
        if (matrix == null) {
            throw new IllegalArgumentException("the layer has no matrix " + role.label());
        }
        return matrix;
    }

    @Override
    public float[] vector(TensorRole role) {
        float[] vector = vectors.get(role);
        if (vector == null) {
            throw new IllegalArgumentException("the layer has no " + role.label());
        }
        return vector;
    }

    /** This layer with other matrices. */
    public LayerWeights withMatrices(Function<TensorRole, Weights> changed) {
        Map<TensorRole, Weights> others = new EnumMap<>(TensorRole.class);
        matrices.forEach((role, matrix) -> others.put(role, changed.apply(role)));
        return new LayerWeights(others, vectors, window, rotary, experts);
    }

    /** This layer with experts and a router in place of its feed-forward block. */
    public LayerWeights withExperts(Weights router, List<ExpertWeights> changed) {
        Map<TensorRole, Weights> others = new EnumMap<>(TensorRole.class);
        matrices.forEach((role, matrix) -> {
            if (!role.ofFeedForward()) {
                others.put(role, matrix);
            }
        });
        others.put(TensorRole.ROUTER, router);
        return new LayerWeights(others, vectors, window, rotary, changed);
    }

    /** This layer with another norm or bias, or without one. */
    public LayerWeights withVector(TensorRole role, float @Nullable [] vector) {
        Map<TensorRole, float[]> others = new EnumMap<>(TensorRole.class);
        others.putAll(vectors);
        others.remove(role);
        if (vector != null) {
            others.put(role, vector);
        }
        return new LayerWeights(matrices, others, window, rotary, experts);
    }

    /** This layer with another window. */
    public LayerWeights withWindow(int changed) {
        return new LayerWeights(matrices, vectors, changed, rotary, experts);
    }

    /** This layer with other positions. */
    public LayerWeights withRotary(Rotary changed) {
        return new LayerWeights(matrices, vectors, window, changed, experts);
    }

    /** The rotary frequencies, one a pair. */
    public float[] frequencies() {
        return rotary.frequencies();
    }
}
