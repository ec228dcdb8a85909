package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.backends.cpu.ProductBackend;
import org.threehalf.backends.spi.Backend;
import org.threehalf.conformance.CaseResult;
import org.threehalf.conformance.ConformanceReport;
import org.threehalf.conformance.ConformanceRunner;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.KernelComparison;
import org.threehalf.kernels.product.KernelMatrix;
import org.threehalf.kernels.product.Matrices;
import org.threehalf.kernels.product.ProductKernel;

/**
 * The code for 64-bit ARM processors gives the bits of the reference, emulated: each instruction set on a processor
 * that has no more than it asks for (REQ-DOT-001 to REQ-DOT-006, REQ-OPS-002 to REQ-OPS-011, REQ-ATT-003 to
 * REQ-ATT-005, REQ-CNF-002). And what a mistake of the generator would do.
 */
@ExtendWith({WithLlvm.class, Emulator.Available.class})
class Aarch64Test {

    private static final Path VECTORS = Path.of(System.getProperty("threehalf.root", "../.."))
            .resolve("spec")
            .resolve("vectors");

    /** An instruction set, and a processor of QEMU's that has it and nothing better. */
    enum Machine {
        /** No processor of QEMU's has {@code smmla} and little else. */
        MATRICES(InstructionSet.NEON_I8MM, "max"),
        DOTS(InstructionSet.NEON_DOT, "cortex-a76"),
        PLAIN(InstructionSet.NEON, "cortex-a72");

        private final InstructionSet instructions;
        private final String processor;

        Machine(InstructionSet instructions, String processor) {
            this.instructions = instructions;
            this.processor = processor;
        }

        private TileLayout layout(Format format) {
            return TileLayout.of(format, instructions.instructions());
        }

        private Emulator.Linked.Running run() throws Exception {
            return linked.on(processor);
        }
    }

    @TempDir
    private static Path folder;

    private static Emulator.Linked linked;
    private static final Map<String, String> FAULTS = new LinkedHashMap<>();

    /** Everything in one program: linking takes longer than compiling. */
    @BeforeAll
    static void link() throws Exception {
        Map<String, String> modules = new LinkedHashMap<>();
        for (Machine machine : Machine.values()) {
            for (Format format : Format.values()) {
                modules.put(
                        machine + "" + format,
                        ProductGenerator.generate(format, machine.instructions).toString());
            }
            modules.put(
                    machine + "OPERATIONS",
                    OperationsGenerator.generate(machine.instructions).toString());
            for (BlockEncoding encoding : BlockEncoding.values()) {
                modules.put(
                        machine + "OPERATIONS" + encoding.name().replace("_", ""),
                        DecodingGenerator.generate(encoding, machine.instructions)
                                .toString());
            }
        }
        seedFaults(modules);
        modules.putAll(FAULTS);
        linked = new Emulator.Linked(folder, modules);
    }

    /** A kernel whose code runs elsewhere. */
    private record EmulatedKernel(Emulator.Linked.Running process, Machine machine) implements ProductKernel {

        @Override
        public String name() {
            return "native";
        }

        @Override
        public String description() {
            return machine.instructions + " on an emulated " + machine.processor;
        }

        private ProductCode code(Format format) {
            return process.products(machine + "" + format, machine.layout(format));
        }

        @Override
        public KernelMatrix prepare(PackedMatrix matrix, Arena arena) {
            return NativeMatrix.prepare(matrix, code(matrix.format()), arena);
        }

        @Override
        public KernelMatrix over(Format format, int rows, int columns, SegmentAllocator memory) {
            return NativeMatrix.over(format, rows, columns, code(format), memory);
        }
    }

    private static NativeOperations operations(Emulator.Linked.Running process, Machine machine, String module) {
        return new NativeOperations(
                process.operations(module, machine.instructions.instructions().heads()));
    }

    /** Random shapes with their tails, every number of tokens that is left over, the largest sums, padding. */
    @ParameterizedTest
    @EnumSource
    void productsHaveTheReferencesBits(Machine machine) throws Exception {
        try (Emulator.Linked.Running process = machine.run()) {
            KernelComparison comparison = new KernelComparison(new EmulatedKernel(process, machine));
            SplittableRandom random = new SplittableRandom(64);
            for (Format format : Format.values()) {
                for (int count = 1; count <= 9; count++) {
                    comparison.equalsTheReference(
                            format, random.nextInt(1, 140), random.nextInt(1, 300), 1, count, random.nextLong());
                }
                comparison.extremesAreExact(format);
                comparison.paddingDoesNotShow(format);
                if (format.traits().windowed()) {
                    comparison.everyWindowIsRight(format);
                }
            }
        }
    }

    /** All golden vectors, with quantised activations that the emulated code made (REQ-CNF-002). */
    @ParameterizedTest
    @EnumSource
    void everyGoldenVectorPasses(Machine machine) throws Exception {
        try (Emulator.Linked.Running process = machine.run()) {
            NativeOperations operations = operations(process, machine, machine + "OPERATIONS");
            try (Backend backend = ProductBackend.onAllThreads(
                    new EmulatedKernel(process, machine), operations, operations::quantize)) {
                ConformanceReport report = ConformanceRunner.run(backend, machine.processor, VECTORS);
                assertEquals(
                        List.of(),
                        report.failures().stream().map(CaseResult::toString).toList());
                assertTrue(
                        report.results().size() > 100,
                        "only %d cases".formatted(report.results().size()));
            }
        }
    }

    /** Every length up to 70, and attention over windows with tails, with and without a cap. */
    @ParameterizedTest
    @EnumSource
    void operationsHaveTheReferencesBits(Machine machine) throws Exception {
        try (Emulator.Linked.Running process = machine.run()) {
            NativeOperations operations = operations(process, machine, machine + "OPERATIONS");
            SplittableRandom random = new SplittableRandom(20261129);
            for (int n = 1; n <= 70; n++) {
                assertEquals(Optional.empty(), NativeOperationsTest.difference(operations, n, random), "n = " + n);
            }
            for (int count = 1; count <= 40; count++) {
                float cap = count % 2 == 0 ? 5 : 0;
                assertTrue(
                        NativeOperationsTest.attends(
                                operations,
                                1 + count % 7,
                                count % 3 == 0 ? 48 : 16,
                                count % 4,
                                count % 4 + count - 1,
                                0x1p-3f,
                                cap,
                                random),
                        "window of " + count);
            }
        }
    }

    /** Blocks of every encoding, and their products (REQ-OPS-003, REQ-OPS-011). */
    @ParameterizedTest
    @EnumSource
    void encodedRowsHaveTheReferencesBits(Machine machine) throws Exception {
        try (Emulator.Linked.Running process = machine.run()) {
            OperationsCode code = process.operations(
                    machine + "OPERATIONS", machine.instructions.instructions().heads());
            for (BlockEncoding encoding : BlockEncoding.values()) {
                byte[] blocks = BlockEncodingTest.blocks(encoding, 200, encoding.ordinal());
                assertArrayEquals(
                        BlockEncodingTest.expected(encoding, blocks),
                        BlockEncodingTest.actual(code, encoding, blocks),
                        encoding.toString());
                assertEquals(
                        Optional.empty(),
                        BlockEncodingTest.difference(
                                new NativeOperations(code), BlockEncodingTest.matrix(encoding, 9, 512, 7)),
                        encoding.toString());
            }
        }
    }

    /**
     * A processor without dot products ends on the code that has them: so it would on any instruction that
     * {@link Machine#PLAIN} must not have.
     */
    @Test
    void theEmulatedProcessorHasNoMoreThanItShould() throws Exception {
        try (Emulator.Linked.Running process = linked.on(Machine.PLAIN.processor)) {
            Emulator.EmulationException ended = assertThrows(
                    Emulator.EmulationException.class,
                    () -> new KernelComparison(new EmulatedKernel(process, Machine.DOTS))
                            .equalsTheReference(Format.G35, 64, 64, 1, 1, 1));
            // 128 + SIGILL, as Java says it.
            assertTrue(ended.getMessage().endsWith("exit code 132"), ended.getMessage());
        }
        try (Emulator.Linked.Running process = linked.on(Machine.DOTS.processor)) {
            Emulator.EmulationException ended = assertThrows(
                    Emulator.EmulationException.class,
                    () -> new KernelComparison(new EmulatedKernel(process, Machine.MATRICES))
                            .equalsTheReference(Format.G35, 64, 64, 1, 2, 1));
            assertTrue(ended.getMessage().endsWith("exit code 132"), ended.getMessage());
        }
    }

    /** Every {@code step}-th place of a pattern, changed. */
    private static void seed(
            Map<String, String> modules, String module, int step, String pattern, UnaryOperator<String> change) {
        String text = modules.get(module);
        Matcher places = Pattern.compile(pattern).matcher(text);
        int found = 0;
        while (places.find()) {
            if (found++ % step == 0) {
                FAULTS.put(
                        "F" + FAULTS.size() + module,
                        text.substring(0, places.start(1))
                                + change.apply(places.group(1))
                                + text.substring(places.end(1)));
            }
        }
        assertTrue(found > 0, pattern);
    }

    /**
     * Another number in a byte: its lowest bit, or of the mask of the bits above 2 the lowest of those, as what lies
     * below is zero after some shifts.
     */
    private static String otherBit(String number) {
        return Long.toString(Long.parseLong(number) ^ (number.equals("-4") ? 7 : 1));
    }

    /**
     * One at a time: shifts and masks, an entry of each table, tokens left over, and the order of what a set without
     * dot products adds up; constants and lanes of the operations.
     */
    private static void seedFaults(Map<String, String> modules) {
        seed(modules, "DOTSG35", 3, "splat \\(i8 (-?[1-9]\\d*)\\)", Aarch64Test::otherBit);
        seed(modules, "DOTSG35", 1, "<i8 (-?\\d+), i8 -?\\d+, i8 -?\\d+, i8 -?\\d+", Aarch64Test::otherBit);
        seed(modules, "DOTSG35", 1, "urem i64 %v\\d+, (4|2)\\b", count -> count.equals("4") ? "2" : "1");
        seed(
                modules,
                "MATRICESG35",
                2,
                "<i32 (\\d), i32 (?:4, i32 1, i32 5|6, i32 3, i32 7|2, i32 4, i32 6|3, i32 5, i32 7)>",
                lane -> Integer.toString(Integer.parseInt(lane) ^ 2));
        seed(modules, "MATRICESU4", 8, "call <4 x i32> @llvm.aarch64.neon.(s)mmla", sign -> "u");
        seed(modules, "DOTST35", 23, "splat \\(i8 ([1-9]\\d*)\\)", Aarch64Test::otherBit);
        seed(modules, "PLAINT3", 67, "splat \\(i8 ([1-9]\\d*)\\)", Aarch64Test::otherBit);
        seed(modules, "DOTST4", 67, "tbl4\\.v16i8\\(<16 x i8> <i8 (-?\\d+)", Aarch64Test::otherBit);
        seed(modules, "DOTST35", 1, "<i32 (1), i32 2, i32 3, i32 0", Aarch64Test::otherBit);
        seed(modules, "DOTSINT8", 16, "splat \\(i8 (-128)\\)", bias -> "-127");
        seed(modules, "PLAINU4", 64, "call <8 x i16> @llvm.aarch64.neon.(s)mull", sign -> "u");
        seed(
                modules,
                "DOTSOPERATIONS",
                2,
                "fmul <16 x float> %v\\d+, splat \\(float 0x(3F(?:E6|C5)[0-9A-F]{12})\\)",
                Aarch64Test::otherNumber);
        seed(modules, "DOTSOPERATIONS", 2, "i32 (8), i32 9, i32 10", lane -> "9");
        seed(modules, "DOTSOPERATIONS", 2, "f(sub) <16 x float>", operation -> "add");
    }

    /** A binary32 number near the one that is written as a binary64 number's bits. */
    private static String otherNumber(String hexadecimal) {
        return "%016X".formatted(Long.parseUnsignedLong(hexadecimal, 16) ^ 1L << 41);
    }

    private static boolean right(Emulator.Linked.Running process, Machine machine, String module, Format format) {
        SplittableRandom random = new SplittableRandom(35);
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = Matrices.random(format, 64, 256, random, arena);
            List<QuantizedToken> tokens = Matrices.tokens(7, 256, random);
            return KernelComparison.difference(
                            matrix,
                            NativeMatrix.prepare(matrix, process.products(module, machine.layout(format)), arena),
                            tokens,
                            1)
                    .isEmpty();
        }
    }

    private static boolean right(Emulator.Linked.Running process, Machine machine, String module) {
        NativeOperations operations = operations(process, machine, module);
        SplittableRandom random = new SplittableRandom(35);
        boolean right = NativeOperationsTest.difference(operations, 64, random).isEmpty();
        right &= BlockEncodingTest.difference(operations, NativeOperationsTest.numbers(9, 64, random))
                .isEmpty();
        for (float cap : new float[] {0, 5, 0.5f}) {
            // A window that ends at lane 8 of a vector.
            right &= NativeOperationsTest.attends(operations, 1, 64, 3, 107, 0x1p-6f, cap, random);
            right &= NativeOperationsTest.attends(operations, 1, 64, 3, 107, 0x1p-9f, cap, random);
        }
        return right;
    }

    /** Seeded faults: each is seen by its results. */
    @Test
    void mistakesShow() throws Exception {
        List<String> unseen = new ArrayList<>();
        for (Machine machine : Machine.values()) {
            try (Emulator.Linked.Running process = machine.run()) {
                for (String fault : FAULTS.keySet()) {
                    String module = fault.replaceFirst("^F\\d+", "");
                    if (!module.startsWith(machine.toString())) {
                        continue;
                    }
                    boolean operations = module.endsWith("OPERATIONS");
                    if (operations
                            ? right(process, machine, fault)
                            : right(
                                    process,
                                    machine,
                                    fault,
                                    Format.valueOf(
                                            module.substring(machine.toString().length())))) {
                        unseen.add(fault);
                    }
                }
            }
        }
        assertEquals(List.of(), unseen);
        assertTrue(FAULTS.size() > 50, "only %d faults".formatted(FAULTS.size()));
    }
}
