package org.threehalf.backends.llvm;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.threehalf.kernels.format.Format;

/**
 * Generated code on a 64-bit ARM processor that is not here: LLVM compiles it as it would there, GCC links it with
 * {@code driver.c}, and QEMU runs that. Nothing that it says is about time.
 */
final class Emulator {

    private static final String COMPILER = "aarch64-linux-gnu-gcc";
    private static final String TRIPLE = "aarch64-unknown-linux-gnu";
    private static final Pattern EXPORTED = Pattern.compile("(?m)^define void @(\\w+)\\(");

    /** For tests that need it: elsewhere they are reported as NOT CHECKED, with what to install. */
    static final class Available implements ExecutionCondition {

        private static final Optional<String> MISSING = !compilerIsThere()
                ? Optional.of(
                        "NOT CHECKED: no %s with a C library: install gcc-aarch64-linux-gnu and libc6-dev-arm64-cross"
                                .formatted(COMPILER))
                : qemu().isEmpty()
                        ? Optional.of("NOT CHECKED: no qemu-aarch64: install qemu-user-static")
                        : Optional.empty();

        /** GCC answers with the whole path of a library that it has, and with its name alone if not. */
        private static boolean compilerIsThere() {
            if (find(COMPILER).isEmpty()) {
                return false;
            }
            try {
                Process process = new ProcessBuilder(COMPILER, "-print-file-name=libc.a").start();
                return Path.of(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim())
                        .isAbsolute();
            } catch (IOException e) {
                return false;
            }
        }

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return MISSING.map(ConditionEvaluationResult::disabled)
                    .orElseGet(() -> ConditionEvaluationResult.enabled("an ARM processor can be emulated"));
        }
    }

    private static Optional<Path> find(String command) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, command))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Optional<Path> qemu() {
        return Stream.of("qemu-aarch64-static", "qemu-aarch64")
                .flatMap(name -> find(name).stream())
                .findFirst();
    }

    /** A program that holds some modules: linked once, run as often as processes are wanted. */
    static final class Linked {
        private final Path program;
        private final Map<String, Integer> functions;

        /**
         * Compiles and links.
         *
         * @param folder for what is made
         * @param modules by a name, a letter and then letters and digits, that tells their functions apart
         */
        Linked(Path folder, Map<String, String> modules) throws IOException, InterruptedException {
            program = folder.resolve("driver");
            functions = new HashMap<>();
            StringBuilder table = new StringBuilder();
            List<String> command = new ArrayList<>(List.of(
                    COMPILER,
                    "-O2",
                    "-static",
                    "-o",
                    program.toString(),
                    folder.resolve("driver.c").toString()));
            for (Map.Entry<String, String> module : modules.entrySet()) {
                Matcher exported = EXPORTED.matcher(module.getValue());
                while (exported.find()) {
                    String name = module.getKey() + "_" + exported.group(1);
                    functions.put(name, functions.size());
                    table.append("F(").append(name).append(")\n");
                }
                Path object = folder.resolve(module.getKey() + ".o");
                String renamed =
                        EXPORTED.matcher(module.getValue()).replaceAll("define void @" + module.getKey() + "_$1(");
                Files.write(object, Llvm.emit(renamed, TRIPLE, Llvm.Output.OBJECT));
                command.add(object.toString());
            }
            Files.writeString(folder.resolve("functions.h"), table);
            try (InputStream driver = Emulator.class.getResourceAsStream("driver.c")) {
                Files.write(folder.resolve("driver.c"), driver.readAllBytes());
            }
            Process compiler =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (compiler.waitFor() != 0) {
                throw new IllegalStateException(COMPILER + " refuses the driver: " + said);
            }
        }

        /** The program on a processor that QEMU knows. */
        Running on(String processor) throws IOException {
            return new Running(processor);
        }

        /** A process; calls of several threads take turns. */
        final class Running implements AutoCloseable {
            private final Process process;
            private final DataOutputStream to;
            private final DataInputStream from;

            private Running(String processor) throws IOException {
                process = new ProcessBuilder(qemu().orElseThrow().toString(), "-cpu", processor, program.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                to = new DataOutputStream(new BufferedOutputStream(process.getOutputStream(), 1 << 16));
                from = new DataInputStream(process.getInputStream());
            }

            /**
             * Calls a function.
             *
             * @param operands memory that it reads, {@link Written} memory, {@link Long} and {@link Float}
             * @throws EmulationException if the process ends instead, or something is written that must not be
             */
            synchronized void call(String module, String function, Object... operands) {
                try {
                    to.writeInt(Integer.reverseBytes(functions.get(module + "_" + function)));
                    to.writeInt(Integer.reverseBytes(operands.length));
                    for (Object operand : operands) {
                        switch (operand) {
                            case MemorySegment read -> send(0, read);
                            case Written(MemorySegment written) -> send(1, written);
                            case Long number -> {
                                to.writeByte(2);
                                to.writeLong(Long.reverseBytes(number));
                            }
                            case Float number -> {
                                to.writeByte(3);
                                to.writeInt(Integer.reverseBytes(Float.floatToRawIntBits(number)));
                            }
                            default -> throw new IllegalArgumentException("an operand of " + operand.getClass());
                        }
                    }
                    to.flush();
                    int status = Integer.reverseBytes(from.readInt());
                    if (status != 0) {
                        throw new EmulationException(
                                "%s writes outside what it may, at operand %d".formatted(function, status - 1));
                    }
                    for (Object operand : operands) {
                        if (operand instanceof Written(MemorySegment written)) {
                            written.copyFrom(
                                    MemorySegment.ofArray(from.readNBytes(Math.toIntExact(written.byteSize()))));
                        }
                    }
                } catch (IOException ended) {
                    throw new EmulationException("%s of %s ends the process: %s".formatted(function, module, status()));
                }
            }

            private String status() {
                try {
                    return "exit code " + process.waitFor();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return e.toString();
                }
            }

            private void send(int kind, MemorySegment bytes) throws IOException {
                to.writeByte(kind);
                to.writeLong(Long.reverseBytes(bytes.byteSize()));
                to.write(bytes.toArray(ValueLayout.JAVA_BYTE));
            }

            /** The functions of a format's module, of codes that lie in a layout. */
            ProductCode products(String module, TileLayout layout) {
                return new EmulatedProducts(this, module, layout);
            }

            /** The functions of a module of operations. */
            OperationsCode operations(String module, int[] heads) {
                return new EmulatedOperations(this, module, heads);
            }

            @Override
            public void close() {
                try {
                    to.close();
                    from.close();
                } catch (IOException e) {
                    // The process has ended already.
                    throw new UncheckedIOException(e);
                } finally {
                    process.destroy();
                }
            }
        }
    }

    /** Memory that a function writes. */
    record Written(MemorySegment memory) {}

    /** The emulated process does what it must not. */
    static final class EmulationException extends RuntimeException {
        EmulationException(String message) {
            super(message);
        }
    }

    /** Of each operand exactly what the function may touch: work memory is longer than that. */
    private record EmulatedProducts(Linked.Running process, String module, TileLayout layout) implements ProductCode {

        private static final long SUMS = TileLayout.ROWS * (long) Integer.BYTES;

        @Override
        public void arrange(
                MemorySegment token, MemorySegment activations, MemorySegment corrections, long blocks, long stride) {
            long places = (blocks - 1) * stride + 1;
            process.call(
                    module,
                    ProductGenerator.ARRANGE,
                    token.asSlice(0, blocks * Format.BLOCK),
                    new Written(activations.asSlice(0, places * Format.BLOCK)),
                    new Written(corrections.asSlice(0, places * Integer.BYTES)),
                    blocks,
                    stride);
        }

        @Override
        public void gemv(
                MemorySegment codes,
                MemorySegment subscales,
                MemorySegment activations,
                MemorySegment corrections,
                MemorySegment sums,
                long blocks,
                long groups) {
            process.call(
                    module,
                    ProductGenerator.GEMV,
                    codes,
                    subscales,
                    activations.asSlice(0, blocks * Format.BLOCK),
                    corrections.asSlice(0, blocks * Integer.BYTES),
                    new Written(sums.asSlice(0, groups * SUMS)),
                    blocks,
                    groups);
        }

        @Override
        public void gemm(
                MemorySegment codes,
                MemorySegment subscales,
                MemorySegment activations,
                MemorySegment corrections,
                MemorySegment sums,
                MemorySegment expanded,
                long blocks,
                long tokens) {
            process.call(
                    module,
                    ProductGenerator.GEMM,
                    codes,
                    subscales,
                    activations.asSlice(0, blocks * tokens * Format.BLOCK),
                    corrections.asSlice(0, blocks * tokens * Integer.BYTES),
                    new Written(sums.asSlice(0, tokens * SUMS)),
                    new Written(expanded),
                    blocks,
                    tokens);
        }
    }

    private record EmulatedOperations(Linked.Running process, String module, int[] heads) implements OperationsCode {

        @Override
        public void silu(MemorySegment gate, MemorySegment up, long vectors) {
            process.call(module, OperationsGenerator.SILU, new Written(gate), up, vectors);
        }

        @Override
        public void gelu(MemorySegment gate, MemorySegment up, long vectors) {
            process.call(module, OperationsGenerator.GELU, new Written(gate), up, vectors);
        }

        @Override
        public void add(MemorySegment x, MemorySegment addition, long vectors) {
            process.call(module, OperationsGenerator.ADD, new Written(x), addition, vectors);
        }

        @Override
        public void normalize(MemorySegment x, MemorySegment weights, long vectors, float n, float epsilon) {
            process.call(module, OperationsGenerator.NORMALIZE, new Written(x), weights, vectors, n, epsilon);
        }

        @Override
        public void rotate(MemorySegment x, MemorySegment cosines, MemorySegment sines, long vectors) {
            process.call(module, OperationsGenerator.ROTATE, new Written(x), cosines, sines, vectors);
        }

        @Override
        public void largest(MemorySegment x, MemorySegment result, long vectors) {
            process.call(module, OperationsGenerator.LARGEST, x, new Written(result), vectors);
        }

        @Override
        public void codes(MemorySegment x, MemorySegment codes, long vectors, float scale) {
            process.call(module, OperationsGenerator.CODES, x, new Written(codes), vectors, scale);
        }

        @Override
        public void weights(MemorySegment scores, long vectors, long count, float scale, float cap) {
            process.call(module, OperationsGenerator.WEIGHTS, new Written(scores), vectors, count, scale, cap);
        }

        @Override
        public void cappedWeights(MemorySegment scores, long vectors, long count, float scale, float cap) {
            process.call(module, OperationsGenerator.CAPPED_WEIGHTS, new Written(scores), vectors, count, scale, cap);
        }

        @Override
        public void dots(MemorySegment rows, MemorySegment x, MemorySegment results, long groups, long vectors) {
            process.call(module, OperationsGenerator.DOTS, rows, x, new Written(results), groups, vectors);
        }

        /** Its module is the operations' with the encoding's name behind it. */
        @Override
        public void decode(BlockEncoding encoding, MemorySegment data, MemorySegment values, long blocks) {
            process.call(
                    module + encoding.name().replace("_", ""),
                    DecodingGenerator.DECODE,
                    data,
                    new Written(values),
                    blocks);
        }

        @Override
        public void scores(
                int choice,
                MemorySegment query,
                MemorySegment keys,
                MemorySegment values,
                MemorySegment scores,
                long vectors,
                long count,
                long stride) {
            process.call(
                    module,
                    OperationsGenerator.SCORES + heads[choice],
                    query,
                    keys,
                    values,
                    new Written(scores),
                    vectors,
                    count,
                    stride);
        }

        @Override
        public void mix(
                int choice,
                MemorySegment weights,
                MemorySegment values,
                MemorySegment output,
                long vectors,
                long count,
                long stride) {
            process.call(
                    module,
                    OperationsGenerator.MIX + heads[choice],
                    weights,
                    values,
                    new Written(output),
                    vectors,
                    count,
                    stride);
        }
    }
}
