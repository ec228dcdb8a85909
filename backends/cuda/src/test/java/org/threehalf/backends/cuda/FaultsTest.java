package org.threehalf.backends.cuda;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.backends.cuda.EmulatedDevice.Order;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.Rotation;

/**
 * The checks on the emulated device notice what can go wrong in the source: each fault is put into it, compiled, and
 * must be caught (REQ-DOT-001 to REQ-DOT-006, REQ-QNT-001 to REQ-QNT-003). The unchanged source passes the same checks,
 * also with the tensor-core products of compute capability 7.5.
 */
class FaultsTest {

    /** What a fault is looked for with: short comparisons with fixed seeds. */
    private enum Battery {
        PRODUCTS {
            @Override
            void run(CudaBackend backend) {
                for (Format format : Format.values()) {
                    Comparison.products(backend, format, 37, 200, 11, new SplittableRandom(1));
                    Comparison.products(backend, format, 3, 64 * 7, 33, new SplittableRandom(2));
                }
            }
        },
        QUANTISING {
            @Override
            void run(CudaBackend backend) {
                for (int seed = 0; seed < 12; seed++) {
                    Comparison.quantising(backend, 1 + 97 * seed, new SplittableRandom(seed));
                    Comparison.quantisingOnTheDevice(backend.device(), 1 + 97 * seed, 3, new SplittableRandom(seed));
                }
            }
        },
        OPERATIONS {
            @Override
            void run(CudaBackend backend) {
                OperationsComparison comparison = new OperationsComparison(backend.operations());
                comparison.functions(2_000_003);
                comparison.functionsNearZero(20_000, new SplittableRandom(1));
                comparison.exponentials(33, new SplittableRandom(1));
                for (int seed = 0; seed < 20; seed++) {
                    comparison.dotAndNorm(17 + 110 * seed, new SplittableRandom(seed));
                    comparison.rotation(3 + 2 * seed, Rotation.Layout.values()[seed % 2], new SplittableRandom(seed));
                    Comparison.mostLikely(backend.device(), 1 + 60 * seed, new SplittableRandom(seed));
                }
                for (int seed = 0; seed < 5; seed++) {
                    comparison.attention(30 + seed, 60, seed % 2 == 0, new SplittableRandom(seed));
                }
            }
        },
        DECODER {
            @Override
            void run(CudaBackend backend) {
                for (int seed = 0; seed < 8; seed++) {
                    DecoderComparison.compare(backend, 6, new SplittableRandom(seed));
                }
            }
        };

        abstract void run(CudaBackend backend);

        /** The source without the kernels that the battery does not start: it compiles sooner. */
        String needed(String source) {
            return switch (this) {
                case PRODUCTS -> without("TH_EMBED(", source);
                case QUANTISING, OPERATIONS -> without("TH_FORMAT(", without("TH_EMBED(", source));
                case DECODER -> source;
            };
        }

        private static String without(String macro, String source) {
            return source.lines().filter(line -> !line.startsWith(macro)).collect(Collectors.joining("\n", "", "\n"));
        }
    }

    /**
     * A fault.
     *
     * @param battery what must catch it
     * @param name what is wrong
     * @param right text that is in the source exactly once
     * @param wrong what stands there instead
     */
    private record Fault(Battery battery, String name, String right, String wrong) {}

    private static final List<Fault> FAULTS = List.of(
            new Fault(Battery.OPERATIONS, "a sink that takes no weight", "/ (totals[0] + sink);", "/ totals[0];"),
            new Fault(Battery.DECODER, "the first head's sink for all", "sinks[blockIdx.x % heads]", "sinks[0]"),
            new Fault(
                    Battery.OPERATIONS,
                    "a clamped product whose gate is not limited",
                    "float limited = fminf(g, TH_SWIGLU_LIMIT);",
                    "float limited = g;"),
            new Fault(
                    Battery.PRODUCTS,
                    "nibbles in the wrong order",
                    "half[i] & 15u : (unsigned) half[i - 16] >> 4",
                    "(unsigned) half[i] >> 4 : half[i - 16] & 15u"),
            new Fault(
                    Battery.PRODUCTS,
                    "high bits of 3-bit codes from the wrong byte",
                    "half[8 + (i >> 3)] >> (i & 7)",
                    "half[8 + (i & 3)] >> (i >> 2)"),
            new Fault(
                    Battery.PRODUCTS,
                    "the last group of 3-bit codes loses its middle bit",
                    "(w1 >> 2 & 0x22222222u) | ",
                    ""),
            new Fault(
                    Battery.PRODUCTS,
                    "selectors with their sign bit",
                    "high = __byte_perm(t2, t3, codes & 0x7777u)",
                    "high = __byte_perm(t2, t3, codes)"),
            new Fault(
                    Battery.PRODUCTS,
                    "the half of the table chosen wrongly",
                    "0x3210u | ((codes & 0x8888u) >> 1)",
                    "0x7654u ^ ((codes & 0x8888u) >> 1)"),
            new Fault(
                    Battery.QUANTISING,
                    "no barrier after the maximum",
                    "atomicMax(&largest, mine);\n    __syncthreads();",
                    "atomicMax(&largest, mine);"),
            new Fault(
                    Battery.QUANTISING,
                    "no barrier before the maximum",
                    "largest = 0;\n    }\n    __syncthreads();",
                    "largest = 0;\n    }"),
            new Fault(
                    Battery.QUANTISING,
                    "a barrier that some threads pass by",
                    "atomicMax(&largest, mine);\n    __syncthreads();",
                    "atomicMax(&largest, mine);\n    if (threadIdx.x < 200) __syncthreads();"),
            new Fault(
                    Battery.QUANTISING,
                    "truncation in place of rounding",
                    "__float2int_rn(fmaxf(-127.0f, fminf(127.0f, quotient)))",
                    "(int) fmaxf(-127.0f, fminf(127.0f, quotient))"),
            new Fault(
                    Battery.QUANTISING,
                    "a reciprocal in place of a division",
                    "__fdiv_rn(token[k], scale)",
                    "__fmul_rn(token[k], __fdiv_rn(1.0f, scale))"),
            new Fault(
                    Battery.QUANTISING,
                    "one activation past the end",
                    "if (k < columns && scale != 0.0f)",
                    "if (k <= columns && scale != 0.0f)"),
            new Fault(
                    Battery.QUANTISING,
                    "infinity is not refused",
                    "magnitude > 0x5b800000u",
                    "magnitude > 0x7f800000u"),
            new Fault(Battery.PRODUCTS, "one block past the end", "if (i >= count)", "if (i > count)"),
            new Fault(
                    Battery.PRODUCTS,
                    "sub-scales of even and odd blocks swapped",
                    ">> (4 * (b & 1)) & 15",
                    ">> (4 * (~b & 1)) & 15"),
            new Fault(
                    Battery.PRODUCTS,
                    "sub-scales forgotten in the rows from 8",
                    "sums[t][2] += m1 * parts[t][2]",
                    "sums[t][2] += m0 * parts[t][2]"),
            new Fault(Battery.PRODUCTS, "the last step of the sum over lanes left out", "distance > 0", "distance > 1"),
            new Fault(
                    Battery.PRODUCTS,
                    "scales multiplied in another order",
                    "__fmul_rn(__int2float_rn(sum), __fmul_rn(row_scale, activation_scale))",
                    "__fmul_rn(__fmul_rn(__int2float_rn(sum), row_scale), activation_scale)"),
            new Fault(
                    Battery.PRODUCTS,
                    "rows of a tile exchanged",
                    "weights[4] = {w0.x, w1.x, w0.y, w1.y}",
                    "weights[4] = {w0.x, w0.y, w1.x, w1.y}"),
            new Fault(Battery.PRODUCTS, "tokens of a tile transposed", "2 * member + (j & 1)", "member + 4 * (j & 1)"),
            new Fault(
                    Battery.PRODUCTS,
                    "one token past the end",
                    "if (token < tokens && row < rows)",
                    "if (token <= tokens && row < rows)"),
            new Fault(
                    Battery.PRODUCTS,
                    "the last token not stored",
                    "if (token < tokens && row < rows)",
                    "if (token < tokens - 1 && row < rows)"),
            new Fault(
                    Battery.OPERATIONS,
                    "a fused product and sum in exp",
                    "((r * r) * q + r) + 1.0f",
                    "fmaf(r * r, q, r) + 1.0f"),
            new Fault(
                    Battery.OPERATIONS,
                    "a fused product and sum in dot",
                    "partial = partial + weights[k] * token[k]",
                    "partial = fmaf(weights[k], token[k], partial)"),
            new Fault(
                    Battery.OPERATIONS,
                    "a fused product and sum in a rotation",
                    "u * cos - v * sin",
                    "fmaf(u, cos, -(v * sin))"),
            new Fault(
                    Battery.OPERATIONS,
                    "a fused product and sum in the scores",
                    "partial = partial + q[i] * key[i]",
                    "partial = fmaf(q[i], key[i], partial)"),
            new Fault(
                    Battery.OPERATIONS,
                    "a fused product and sum of the values",
                    "sum = sum + weight * v[(size_t) t * n]",
                    "sum = fmaf(weight, v[(size_t) t * n], sum)"),
            new Fault(
                    Battery.OPERATIONS,
                    "another order in the tree of a sum",
                    "for (int s = 8; s > 0; s /= 2) {\n        partial",
                    "for (int s = 1; s < 16; s *= 2) {\n        partial"),
            new Fault(
                    Battery.OPERATIONS,
                    "the root of the reciprocal",
                    "1.0f / sqrtf(sum / (float) n + epsilon)",
                    "sqrtf(1.0f / (sum / (float) n + epsilon))"),
            new Fault(
                    Battery.OPERATIONS,
                    "no barrier before the squares are added",
                    "}\n        __syncthreads();\n        if (threadIdx.x < 16)",
                    "}\n        if (threadIdx.x < 16)"),
            new Fault(
                    Battery.OPERATIONS,
                    "no barrier before the next squares",
                    "}\n        }\n        __syncthreads();\n    }\n    return threadIdx.x < 32",
                    "}\n        }\n    }\n    return threadIdx.x < 32"),
            new Fault(
                    Battery.OPERATIONS,
                    "no barrier before the norm's factor is read",
                    "__syncthreads();\n    float r = factor;",
                    "float r = factor;"),
            new Fault(
                    Battery.OPERATIONS,
                    "no barrier in the tree of the values",
                    "totals[w] = total;\n    }\n    __syncthreads();",
                    "totals[w] = total;\n    }"),
            new Fault(
                    Battery.OPERATIONS,
                    "no barrier before the largest score",
                    "largest[threadIdx.x] = mine;\n    __syncthreads();",
                    "largest[threadIdx.x] = mine;"),
            new Fault(
                    Battery.OPERATIONS,
                    "the last position not seen",
                    "first + ((w - first) & 15); t <= last",
                    "first + ((w - first) & 15); t < last"),
            new Fault(Battery.OPERATIONS, "a window that is one position too wide", "p - window + 1;", "p - window;"),
            new Fault(
                    Battery.OPERATIONS,
                    "a shorter polynomial",
                    "((TH_EXP_4 * r + TH_EXP_3) * r + TH_EXP_2)",
                    "(TH_EXP_3 * r + TH_EXP_2)"),
            new Fault(Battery.OPERATIONS, "subnormal results flushed to zero", "x < TH_EXP_LOWEST", "x < -87.3f"),
            new Fault(
                    Battery.OPERATIONS,
                    "the rest of the elements left out",
                    "for (int i = lane; i < n; i += 16) {\n            partial",
                    "for (int i = lane; i + 15 < n; i += 16) {\n            partial"),
            new Fault(Battery.DECODER, "a layer norm without its mean", "to[k] = from[k] - m", "to[k] = from[k]"),
            new Fault(
                    Battery.DECODER,
                    "query heads mapped to the wrong key head",
                    "keys + (size_t) (head / (heads / key_heads))",
                    "keys + (size_t) (head % key_heads)"),
            new Fault(
                    Battery.DECODER,
                    "all tokens of a group at the first one's position",
                    "(*position + blockIdx.y) * pairs",
                    "(*position) * pairs"),
            new Fault(
                    Battery.DECODER,
                    "all keys of a group stored at the first one's position",
                    "capacity + *position + blockIdx.y) * n",
                    "capacity + *position) * n"),
            new Fault(
                    Battery.DECODER,
                    "the last group of an embedding's 3-bit codes",
                    "n < 24 ? w2 : last_codes(w0, w1, w2)",
                    "w2"),
            new Fault(Battery.DECODER, "the embedding's scale forgotten", "] = weight * scale;", "] = weight;"),
            new Fault(
                    Battery.DECODER,
                    "biases beyond the first token left out",
                    "addition[i % period]",
                    "(i < period ? addition[i] : 0.0f)"),
            new Fault(Battery.DECODER, "a generated token's position stays", "state[0] = state[0] + 1;", ""),
            new Fault(
                    Battery.OPERATIONS,
                    "of equal logits the greater id",
                    "other_id < ids[threadIdx.x]",
                    "other_id > ids[threadIdx.x]"),
            new Fault(
                    Battery.OPERATIONS,
                    "of equal logits of one thread the greater id",
                    "if (logit > mine) {",
                    "if (logit >= mine) {"));

    @BeforeEach
    void requireCompiler() {
        Emulation.requireCompiler("faults put into the CUDA source");
    }

    private static void check(Path library, Battery battery) {
        for (Order order : List.of(Order.FORWARD, Order.BACKWARD)) {
            try (CudaBackend backend = Emulation.backend(library, order)) {
                battery.run(backend);
            }
        }
    }

    private static Path compile(Fault fault) {
        String source = CudaSource.portable();
        assertEquals(
                2,
                source.split(Pattern.quote(fault.right), -1).length,
                "the text must be in the source exactly once: " + fault.right);
        return HostCompiler.compile(
                "fault-" + FAULTS.indexOf(fault),
                fault.battery.needed(source.replace(fault.right, fault.wrong)),
                "-O1",
                "-Wno-unused");
    }

    @TestFactory
    Stream<DynamicTest> everyFaultIsCaught() {
        // Compiling takes most of the time, so the faults are compiled on all cores beforehand.
        Map<Fault, Path> libraries =
                FAULTS.parallelStream().collect(Collectors.toMap(fault -> fault, FaultsTest::compile));
        return FAULTS.stream()
                .map(fault -> DynamicTest.dynamicTest(fault.name, () -> {
                    Path library = Objects.requireNonNull(libraries.get(fault));
                    assertThrows(
                            Throwable.class, () -> check(library, fault.battery), () -> "not caught: " + fault.name);
                    Checks.passed("fault caught: " + fault.name, fault.wrong);
                }));
    }

    @ParameterizedTest
    @EnumSource
    void theUnchangedSourcePasses(Battery battery) {
        assertDoesNotThrow(() -> check(Emulation.library(), battery));
    }

    @Test
    void theTensorCoreProductsOfCapability75Pass() {
        Path library = HostCompiler.compile("threehalf-75", CudaSource.portable(), "-O1", "-D__CUDA_ARCH__=750");
        assertDoesNotThrow(() -> check(library, Battery.PRODUCTS));
        Checks.passed(
                "emulation: tensor-core products of compute capability 7.5", "mma.m8n8k16 in place of mma.m16n8k32");
    }
}
