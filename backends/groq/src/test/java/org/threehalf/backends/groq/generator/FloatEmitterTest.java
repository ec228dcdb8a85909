package org.threehalf.backends.groq.generator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.threehalf.backends.groq.WithMlir;
import org.threehalf.backends.groq.mlir.AffineMap;
import org.threehalf.backends.groq.mlir.Arith;
import org.threehalf.backends.groq.mlir.Block;
import org.threehalf.backends.groq.mlir.Linalg;
import org.threehalf.backends.groq.mlir.Linalg.Operand;
import org.threehalf.backends.groq.mlir.MlirModule;
import org.threehalf.backends.groq.mlir.Type;
import org.threehalf.backends.groq.mlir.Type.TensorType;
import org.threehalf.backends.groq.mlir.Value;
import org.threehalf.backends.groq.toolchain.Compiler;
import org.threehalf.kernels.transformer.ElementaryFunctions;
import org.threehalf.kernels.transformer.Normalization;

/** Each operation alone, against the scalar reference. */
@ExtendWith(WithMlir.class)
class FloatEmitterTest {

    private static final FloatEmitter FLOATS = new FloatEmitter();

    /** Functions of one number, with the range that they are asked for. */
    private enum Function {
        EXP(FLOATS::exp, ElementaryFunctions::exp, false),
        TANH(FLOATS::tanh, ElementaryFunctions::tanh, false),
        SILU((at, x) -> FLOATS.silu(at, x), ElementaryFunctions::silu, false),
        GELU((at, x) -> FLOATS.gelu(at, x), ElementaryFunctions::gelu, false),
        SOFT_CAP((at, x) -> FLOATS.softCap(at, x, 30), x -> ElementaryFunctions.softCap(x, 30), false),
        /** Of positive numbers, subnormal ones too, and +∞. */
        SQUARE_ROOT(FLOATS::squareRoot, Normalization::squareRoot, true);

        private interface Emitted {
            Value make(Block at, Value x);
        }

        private final Emitted emitted;
        private final UnaryOperator<Float> reference;
        private final boolean positive;

        Function(Emitted emitted, UnaryOperator<Float> reference, boolean positive) {
            this.emitted = emitted;
            this.reference = reference;
            this.positive = positive;
        }

        boolean takes(float x) {
            return positive ? x > 0 : !Float.isNaN(x);
        }
    }

    private static final int COUNT = 1 << 18;

    /** Random bits, numbers of common size, and the edges of each formula. */
    private static float[] numbers(Function function) {
        List<Float> numbers = new ArrayList<>();
        for (float edge : new float[] {
            0,
            0.625f,
            1,
            4,
            10,
            30,
            89,
            104,
            103.97f,
            88.72f,
            Float.MIN_NORMAL,
            Float.MIN_VALUE,
            Float.MAX_VALUE,
            Float.POSITIVE_INFINITY
        }) {
            for (float x : new float[] {edge, Math.nextUp(edge), Math.nextDown(edge)}) {
                numbers.addAll(List.of(x, -x));
            }
        }
        SplittableRandom random = new SplittableRandom(35);
        while (numbers.size() < COUNT) {
            numbers.add(
                    random.nextBoolean()
                            ? Float.intBitsToFloat(random.nextInt())
                            : (float) random.nextDouble(-110, 110));
        }
        float[] all = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            all[i] = function.takes(numbers.get(i)) ? numbers.get(i) : i + 1f;
        }
        return all;
    }

    /** REQ-OPS-004 to REQ-OPS-008, and the square root of REQ-OPS-001. */
    @ParameterizedTest
    @EnumSource
    void functions(Function function) {
        TensorType type = TensorType.of(Type.F32, COUNT);
        MlirModule module = new MlirModule(Map.of());
        module.function(
                "f",
                List.of(type),
                List.of(type),
                (at, v) -> List.of(Linalg.map(
                        at,
                        "",
                        type,
                        List.of(new Operand(v.getFirst(), AffineMap.identity(1))),
                        (block, e) -> function.emitted.make(block, e.getFirst()))));
        float[] x = numbers(function);
        float[] y = call(WithMlir.compiler().function(module.print(), "f", 1, 1), COUNT, x);
        for (int i = 0; i < COUNT; i++) {
            int index = i;
            assertEquals(
                    Float.floatToRawIntBits(function.reference.apply(x[i])),
                    Float.floatToRawIntBits(y[i]),
                    () -> function + " of " + x[index]);
        }
    }

    /** REQ-OPS-002, REQ-OPS-003, REQ-OPS-009: lengths around the 16 partial sums. */
    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 100})
    void rmsNorm(int n) {
        SplittableRandom random = new SplittableRandom(n);
        Compiler.Function function =
                WithMlir.compiler().function(norm(n, FLOATS).print(), "f", 2, 1);
        for (int trial = 0; trial < 100; trial++) {
            float[] x = random(2 * n, random);
            float[] weights = random(n, random);
            float[] expected = new float[2 * n];
            Normalization.rms(x, 0, weights, 1e-6f, expected, 0);
            Normalization.rms(x, n, weights, 1e-6f, expected, n);
            org.junit.jupiter.api.Assertions.assertArrayEquals(expected, call(function, 2 * n, x, weights));
        }
    }

    /** REQ-OPS-012, likewise. */
    @ParameterizedTest
    @ValueSource(ints = {1, 17, 100})
    void centred(int n) {
        TensorType rows = TensorType.of(Type.F32, 2, n);
        MlirModule module = new MlirModule(Map.of());
        module.function("f", List.of(rows), List.of(rows), (at, v) -> List.of(FLOATS.centred(at, v.getFirst())));
        Compiler.Function function = WithMlir.compiler().function(module.print(), "f", 1, 1);
        SplittableRandom random = new SplittableRandom(n);
        for (int trial = 0; trial < 100; trial++) {
            float[] x = random(2 * n, random);
            float[] expected = new float[2 * n];
            for (int row = 0; row < 2; row++) {
                float[] y = new float[n];
                Normalization.centre(Arrays.copyOfRange(x, row * n, row * n + n), y);
                System.arraycopy(y, 0, expected, row * n, n);
            }
            org.junit.jupiter.api.Assertions.assertArrayEquals(expected, call(function, 2 * n, x));
        }
    }

    private static float[] random(int count, SplittableRandom random) {
        float[] x = new float[count];
        for (int k = 0; k < count; k++) {
            x[k] = Math.scalb((float) random.nextDouble(-1, 1), random.nextInt(8));
        }
        return x;
    }

    private static MlirModule norm(int n, FloatEmitter emitter) {
        TensorType rows = TensorType.of(Type.F32, 2, n);
        MlirModule module = new MlirModule(Map.of());
        module.function(
                "f",
                List.of(rows, TensorType.of(Type.F32, n)),
                List.of(rows),
                (at, v) -> List.of(emitter.rmsNorm(at, v.get(0), v.get(1), 1e-6f)));
        return module;
    }

    /** A sum in another order, or with a fused product, is not what the reference has. */
    @Test
    void faultsShow() {
        FloatEmitter swapped = new FloatEmitter() {
            @Override
            Value sums(Block at, long[] outer, Value from, Value to, Term term) {
                // In every other chunk of 16, neighbours change places.
                return super.sums(at, outer, from, to, (block, sum, k) -> {
                    Value chunk = Arith.of(block, Arith.IntegerOperation.DIVUI, k, index(block, LANES));
                    Value other = Arith.of(block, Arith.IntegerOperation.ANDI, chunk, index(block, 1));
                    return term.make(block, sum, Arith.of(block, Arith.IntegerOperation.XORI, k, other));
                });
            }
        };
        String right = norm(96, FLOATS).print();
        assertEquals(true, differs(norm(96, swapped).print()), "other partial sums");
        assertEquals(
                true,
                differs(right.replace("fastmath<none>", "fastmath<contract>")),
                "a compiler that may fuse products and sums");
        assertEquals(false, differs(right), "no fault");
    }

    private static boolean differs(String module) {
        Compiler.Function function = WithMlir.compiler().function(module, "f", 2, 1);
        SplittableRandom random = new SplittableRandom(1);
        boolean differs = false;
        for (int trial = 0; trial < 50; trial++) {
            float[] x = random(2 * 96, random);
            float[] weights = random(96, random);
            float[] expected = new float[x.length];
            Normalization.rms(x, 0, weights, 1e-6f, expected, 0);
            Normalization.rms(x, 96, weights, 1e-6f, expected, 96);
            differs |= !java.util.Arrays.equals(expected, call(function, x.length, x, weights));
        }
        return differs;
    }

    private static float[] call(Compiler.Function function, int count, float[]... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(ValueLayout.JAVA_FLOAT, count);
            Stream<MemorySegment> buffers =
                    Stream.of(arguments).map(argument -> arena.allocateFrom(ValueLayout.JAVA_FLOAT, argument));
            function.call(Stream.concat(buffers, Stream.of(result)).toArray(MemorySegment[]::new));
            return result.toArray(ValueLayout.JAVA_FLOAT);
        }
    }
}
