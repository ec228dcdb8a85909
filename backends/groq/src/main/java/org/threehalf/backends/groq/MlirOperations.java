package org.threehalf.backends.groq;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.threehalf.backends.groq.generator.OperationGenerator;
import org.threehalf.backends.groq.toolchain.Compiler;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.AttentionHeads;
import org.threehalf.kernels.transformer.Rotation;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * A layer's operations one by one, as modules: the same sequences that {@link MlirDecoder}'s layers are made of. Each
 * length has its own module.
 */
final class MlirOperations implements TransformerOperations {

    private static final int LANES = 16;

    private record Key(String operation, Object first, Object second, Object third, Object fourth) {}

    private final Compiler compiler;
    private final OperationGenerator generator;
    private final Map<Key, Compiler.Function> functions = new ConcurrentHashMap<>();

    /** Operations that a compiler compiles when they are first asked for. */
    MlirOperations(Compiler compiler, OperationGenerator generator) {
        this.compiler = compiler;
        this.generator = generator;
    }

    private Compiler.Function function(Key key, int arguments, Supplier<String> module) {
        return functions.computeIfAbsent(
                key, absent -> compiler.function(module.get(), OperationGenerator.FUNCTION, arguments, 1));
    }

    private static MemorySegment copy(Arena arena, float[] values, int from, int count) {
        MemorySegment segment = arena.allocate(ValueLayout.JAVA_FLOAT, count);
        MemorySegment.copy(values, from, segment, ValueLayout.JAVA_FLOAT, 0, count);
        return segment;
    }

    /** Calls a function of vectors, and puts its result of {@code count} elements into an array. */
    private static void call(
            Compiler.Function function, float[] result, int from, int count, Arena arena, MemorySegment... arguments) {
        MemorySegment[] buffers = java.util.Arrays.copyOf(arguments, arguments.length + 1);
        MemorySegment output = arena.allocate(ValueLayout.JAVA_FLOAT, count);
        buffers[arguments.length] = output;
        function.call(buffers);
        MemorySegment.copy(output, ValueLayout.JAVA_FLOAT, 0, result, from, count);
    }

    @Override
    public float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
        if (n == 0) {
            return 0;
        }
        Compiler.Function function = function(new Key("dot", n, "", "", ""), 2, () -> generator.dot(n));
        float[] result = new float[1];
        try (Arena arena = Arena.ofConfined()) {
            call(function, result, 0, 1, arena, copy(arena, a, aFrom, n), copy(arena, b, bFrom, n));
        }
        return result[0];
    }

    @Override
    public void rmsNorm(float[] x, int xFrom, float[] weights, float epsilon, float[] y, int yFrom) {
        int n = weights.length;
        Compiler.Function function =
                function(new Key("norm", n, epsilon, "", ""), 2, () -> generator.rmsNorm(n, epsilon));
        try (Arena arena = Arena.ofConfined()) {
            call(function, y, yFrom, n, arena, copy(arena, x, xFrom, n), copy(arena, weights, 0, n));
        }
    }

    @Override
    public void gate(Activation activation, float[] gate, float[] up) {
        int n = gate.length;
        if (n == 0) {
            return;
        }
        Compiler.Function function =
                function(new Key("gate", activation, n, "", ""), 2, () -> generator.gate(activation, n));
        try (Arena arena = Arena.ofConfined()) {
            call(function, gate, 0, n, arena, copy(arena, gate, 0, n), copy(arena, up, 0, n));
        }
    }

    @Override
    public void add(float[] x, float[] addition) {
        int n = x.length;
        if (n == 0) {
            return;
        }
        Compiler.Function function = function(new Key("add", n, "", "", ""), 2, () -> generator.add(n));
        try (Arena arena = Arena.ofConfined()) {
            call(function, x, 0, n, arena, copy(arena, x, 0, n), copy(arena, addition, 0, n));
        }
    }

    @Override
    public void softCap(float[] x, float cap) {
        int n = x.length;
        if (n == 0) {
            return;
        }
        Compiler.Function function = function(new Key("cap", n, cap, "", ""), 1, () -> generator.softCap(n, cap));
        try (Arena arena = Arena.ofConfined()) {
            call(function, x, 0, n, arena, copy(arena, x, 0, n));
        }
    }

    @Override
    public void rotate(
            Rotation.Layout layout, float[] x, int from, float[] cosines, float[] sines, int angle, int pairs) {
        if (pairs == 0) {
            return;
        }
        Compiler.Function function =
                function(new Key("rotate", layout, pairs, "", ""), 3, () -> generator.rotate(layout, pairs));
        try (Arena arena = Arena.ofConfined()) {
            call(
                    function,
                    x,
                    from,
                    2 * pairs,
                    arena,
                    copy(arena, x, from, 2 * pairs),
                    copy(arena, cosines, angle, pairs),
                    copy(arena, sines, angle, pairs));
        }
    }

    @Override
    public void attend(AttentionHeads heads) {
        int size = heads.size();
        // Capacities are powers of two, so that a growing cache needs few modules.
        int capacity = Math.max(LANES, Integer.highestOneBit(heads.last()) << 1);
        float scale = heads.scale();
        float cap = heads.cap();
        boolean sinks = heads.sinks().length > 0;
        Compiler.Function function = function(
                new Key(sinks ? "attend-sink" : "attend", size, capacity, scale, cap),
                sinks ? 5 : 4,
                () -> generator.attend(size, capacity, scale, cap, sinks));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment positions = arena.allocateFrom(ValueLayout.JAVA_LONG, heads.first(), heads.last());
            MemorySegment keys = seen(arena, heads.seenKeys(), heads, capacity);
            MemorySegment values = seen(arena, heads.seenValues(), heads, capacity);
            for (int h = 0; h < heads.count(); h++) {
                List<MemorySegment> arguments = new ArrayList<>(List.of(
                        copy(arena, heads.query(), heads.queryFrom() + h * size, size), keys, values, positions));
                if (sinks) {
                    arguments.add(copy(arena, heads.sinks(), heads.sinksFrom() + h, 1));
                }
                call(
                        function,
                        heads.output(),
                        heads.outputFrom() + h * size,
                        size,
                        arena,
                        arguments.toArray(MemorySegment[]::new));
            }
        }
    }

    /** The positions seen, in their places of a cache of zeros: what lies in others may not even be finite. */
    private static MemorySegment seen(Arena arena, MemorySegment positions, AttentionHeads heads, int capacity) {
        long row = (long) heads.size() * Float.BYTES;
        MemorySegment copy = arena.allocate(row * capacity, Float.BYTES);
        MemorySegment.copy(positions, 0, copy, heads.first() * row, positions.byteSize());
        return copy;
    }
}
