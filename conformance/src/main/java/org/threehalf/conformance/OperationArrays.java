package org.threehalf.conformance;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.AttentionHeads;
import org.threehalf.kernels.transformer.FloatMatrix;
import org.threehalf.kernels.transformer.Rotation;
import org.threehalf.kernels.transformer.TransformerOperations;

/** Cases of single operations, computed by a backend's {@link TransformerOperations}. */
final class OperationArrays {
    private OperationArrays() {}

    static Part compute(TransformerOperations operations, VectorCase.Operation c) {
        return switch (c.header().kind()) {
            case "dot-product" -> {
                float[] a = c.input("a").floats();
                yield Part.f32("y", operations.dot(a, 0, c.input("b").floats(), 0, a.length));
            }
            case "rms-norm" -> {
                float[] y = Bits.poisonedFloats(c.input("x").size());
                operations.rmsNorm(
                        c.input("x").floats(),
                        0,
                        c.input("weights").floats(),
                        c.input("epsilon").floats()[0],
                        y,
                        0);
                yield Part.f32("y", y);
            }
            case "gated-silu" -> gate(operations, Activation.SILU, c);
            case "gated-gelu" -> gate(operations, Activation.GELU, c);
            case "gated-swiglu" -> gate(operations, Activation.CLAMPED_SWIGLU, c);
            case "residual" -> {
                float[] x = c.input("x").floats();
                operations.add(x, c.input("d").floats());
                yield Part.f32("y", x);
            }
            case "soft-cap" -> {
                float[] x = c.input("x").floats();
                operations.softCap(x, c.input("cap").floats()[0]);
                yield Part.f32("y", x);
            }
            case "rotate-split" -> rotate(operations, Rotation.Layout.SPLIT, c);
            case "rotate-interleaved" -> rotate(operations, Rotation.Layout.INTERLEAVED, c);
            case "attend" -> attend(operations, new float[0], c);
            case "attend-sink" -> attend(operations, c.input("sink").floats(), c);
            case "matrix-product" -> {
                int rows = c.input("matrix").shape().getFirst();
                float[][] y = {Bits.poisonedFloats(rows)};
                operations.products(
                        matrix(c.input("matrix")),
                        0,
                        rows,
                        new float[][] {c.input("x").floats()},
                        y);
                yield Part.f32("y", y[0]);
            }
            default ->
                throw new AssertionError("no operation is called " + c.header().kind());
        };
    }

    private static FloatMatrix matrix(Part part) {
        int columns = part.shape().getLast();
        float[] all = part.floats();
        return FloatMatrix.of(IntStream.range(0, part.shape().getFirst())
                .mapToObj(row -> Arrays.copyOfRange(all, row * columns, row * columns + columns))
                .toArray(float[][]::new));
    }

    private static Part gate(TransformerOperations operations, Activation activation, VectorCase.Operation c) {
        float[] g = c.input("g").floats();
        operations.gate(activation, g, c.input("u").floats());
        return Part.f32("y", g);
    }

    private static Part rotate(TransformerOperations operations, Rotation.Layout layout, VectorCase.Operation c) {
        float[] x = c.input("x").floats();
        float[] cosines = c.input("cosines").floats();
        operations.rotate(layout, x, 0, cosines, c.input("sines").floats(), 0, cosines.length);
        return Part.f32("y", x);
    }

    private static Part attend(TransformerOperations operations, float[] sinks, VectorCase.Operation c) {
        float[] query = c.input("query").floats();
        int size = query.length;
        int first = c.input("first").ints()[0];
        int last = first + c.input("keys").shape().getFirst() - 1;
        float[] output = Bits.poisonedFloats(size);
        try (Arena arena = Arena.ofShared()) {
            operations.attend(new AttentionHeads(
                    query,
                    0,
                    1,
                    positions(arena, c.input("keys"), first),
                    positions(arena, c.input("values"), first),
                    size,
                    first,
                    last,
                    c.input("scale").floats()[0],
                    c.input("cap").floats()[0],
                    sinks,
                    0,
                    output,
                    0));
        }
        return Part.f32("y", output);
    }

    /** A cache that holds NaN at the positions that must not be looked at. */
    private static MemorySegment positions(Arena arena, Part seen, int first) {
        float[] values = seen.floats();
        int before = first * seen.shape().getLast();
        MemorySegment cache = arena.allocate((long) (before + values.length) * Float.BYTES, 64);
        ValueLayout.OfFloat layout = ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.nativeOrder());
        for (int i = 0; i < before; i++) {
            cache.setAtIndex(layout, i, Float.NaN);
        }
        for (int i = 0; i < values.length; i++) {
            cache.setAtIndex(layout, before + i, values[i]);
        }
        return cache;
    }
}
