package org.threehalf.backends.llvm;

import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import org.threehalf.backends.llvm.ir.Function;
import org.threehalf.backends.llvm.ir.Type;
import org.threehalf.backends.llvm.ir.Value;

/**
 * The instructions of a processor that the kernels need beyond what LLVM has for any: a table look-up and a dot product of bytes. All else is plain vectors
 * of 64 bytes, which LLVM splits where the processor's are shorter.
 */
public enum InstructionSet {
    /** 512 bits, the byte dot product and {@code vpermb}: Intel from Ice Lake, AMD from Zen 4. */
    AVX512_VBMI(
            Set.of("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd", "avx512vnni", "avx512vbmi"),
            Map.of("target-cpu", "x86-64-v4", "target-features", "+avx512vnni,+avx512vbmi", "min-legal-vector-width", "512", "prefer-vector-width", "512")) {
        /** {@code vpermb} looks at the low 6 bits of an index, and the table repeats. */
        @Override
        Value lookup(Function f, Value table, Value indices) {
            return f.intrinsic("llvm.x86.avx512.permvar.qi.512", BYTES, table, indices);
        }

        @Override
        Value dot(Function f, Value sums, Value unsigned, Value signed, int largest) {
            return byteDotProduct(f, sums, unsigned, signed);
        }
    },
    /** 512 bits and the byte dot product {@code vpdpbusd}: Intel from Cascade Lake. */
    AVX512_VNNI(
            Set.of("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd", "avx512vnni"),
            Map.of("target-cpu", "x86-64-v4", "target-features", "+avx512vnni", "min-legal-vector-width", "512", "prefer-vector-width", "512")) {
        @Override
        Value lookup(Function f, Value table, Value indices) {
            return f.intrinsic("llvm.x86.avx512.pshuf.b.512", BYTES, table, f.and(indices, Value.constant(BYTES, 15)));
        }

        @Override
        Value dot(Function f, Value sums, Value unsigned, Value signed, int largest) {
            return byteDotProduct(f, sums, unsigned, signed);
        }
    },
    /** 256 bits and sums of two products: Intel from Haswell, AMD from Zen. */
    AVX2(Set.of("avx2", "fma", "bmi2"), Map.of("target-cpu", "x86-64-v3", "min-legal-vector-width", "256", "prefer-vector-width", "256")) {
        @Override
        Value lookup(Function f, Value table, Value indices) {
            return halves(f, table, f.and(indices, Value.constant(BYTES, 15)), (t, i) -> f.intrinsic("llvm.x86.avx2.pshuf.b", Type.vector(32, 8), t, i));
        }

        /**
         * {@code vpmaddubsw} saturates at 32,767, so it is used only where two products cannot reach that; then {@code vpmaddwd} with 1 adds pairs. Otherwise
         * bytes are widened to 16 bits, even and odd ones apart: 2 · 255 · 127 fits 32 bits by far.
         */
        @Override
        Value dot(Function f, Value sums, Value unsigned, Value signed, int largest) {
            if (2 * largest * 127 <= Short.MAX_VALUE) {
                Value pairs = halves(f, unsigned, signed, (u, s) -> f.intrinsic("llvm.x86.avx2.pmadd.ub.sw", Type.vector(16, 16), u, s));
                return f.add(sums, sumPairs(f, pairs, Value.constant(SHORTS, 1)));
            }
            Value eight = Value.constant(SHORTS, 8);
            Value u = f.reinterpret(unsigned, SHORTS);
            Value s = f.reinterpret(signed, SHORTS);
            Value even = sumPairs(f, f.and(u, Value.constant(SHORTS, 255)), f.shiftRightSigned(f.shiftLeft(s, eight), eight));
            Value odd = sumPairs(f, f.shiftRight(u, eight), f.shiftRightSigned(s, eight));
            return f.add(sums, f.add(even, odd));
        }

        private Value sumPairs(Function f, Value a, Value b) {
            return halves(f, a, b, (x, y) -> f.intrinsic("llvm.x86.avx2.pmadd.wd", Type.vector(8, 32), x, y));
        }
    };

    static final Type.Vector BYTES = Type.vector(64, 8);
    static final Type.Vector SHORTS = Type.vector(32, 16);
    static final Type.Vector SUMS = Type.vector(16, 32);

    private final Set<String> features;
    private final Map<String, String> attributes;

    InstructionSet(Set<String> features, Map<String, String> attributes) {
        this.features = features;
        this.attributes = attributes;
    }

    /** The processor's features that it needs, as LLVM names them. */
    Set<String> features() {
        return features;
    }

    /** What LLVM is told of every function. */
    Map<String, String> attributes() {
        return attributes;
    }

    /**
     * For each of 64 bytes the table's entry that its low 4 bits name; the bits above have no influence.
     *
     * @param table 16 bytes, four times
     */
    abstract Value lookup(Function f, Value table, Value indices);

    /**
     * Adds to each of 16 sums the products of 4 unsigned with 4 signed bytes, exactly: four products of magnitude at most 255 · 127 are added in 32 bits.
     *
     * @param unsigned 64 bytes, each at most {@code largest}
     * @param signed 64 bytes in [−127, 127]
     * @param largest at most 255
     */
    abstract Value dot(Function f, Value sums, Value unsigned, Value signed, int largest);

    private static Value byteDotProduct(Function f, Value sums, Value unsigned, Value signed) {
        return f.intrinsic("llvm.x86.avx512.vpdpbusd.512", SUMS, sums, f.reinterpret(unsigned, SUMS), f.reinterpret(signed, SUMS));
    }

    /** Applies a 256-bit operation to both halves of vectors of 512 bits. */
    private static Value halves(Function f, Value a, Value b, BinaryOperator<Value> operation) {
        Value low = operation.apply(half(f, a, 0), half(f, b, 0));
        Value high = operation.apply(half(f, a, 1), half(f, b, 1));
        return f.shuffle(low, high, range(0, 2 * Type.lanes(low.type())));
    }

    private static Value half(Function f, Value value, int which) {
        int lanes = Type.lanes(value.type()) / 2;
        return f.shuffle(value, value, range(which * lanes, lanes));
    }

    private static int[] range(int from, int count) {
        return java.util.stream.IntStream.range(from, from + count).toArray();
    }
}
