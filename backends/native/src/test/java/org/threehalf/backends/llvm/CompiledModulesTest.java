package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.KernelComparison;
import org.threehalf.kernels.transformer.Activation;

/**
 * Machine code that is kept between runs is the code that LLVM makes, and is used only where it belongs. Each run is a
 * process with a cache folder of its own.
 */
@ExtendWith(WithLlvm.class)
class CompiledModulesTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void onLinux() {
        Assumptions.assumeTrue(ExecutableMemory.isThere(), "NOT CHECKED: machine code is kept on Linux only");
    }

    /** What a run prints: results of the compiled code, and whether LLVM was loaded. */
    public static final class Run {
        private Run() {}

        /** Decodes some blocks, multiplies with a matrix, and says what came out. */
        public static void main(String[] arguments) {
            NativeKernel kernel = NativeKernel.best();
            NativeOperations operations = NativeOperations.of(kernel.instructions());
            float[] x = new float[64];
            for (int i = 0; i < x.length; i++) {
                x[i] = (i - 20) / 7f;
            }
            float[] gated = x.clone();
            operations.gate(Activation.GELU, gated, x);
            byte[] blocks = BlockEncodingTest.blocks(BlockEncoding.Q4_K, 3, 5);
            float[] decoded = new float[3 * 256];
            CompiledOperations.of(kernel.instructions())
                    .decode(BlockEncoding.Q4_K, MemorySegment.ofArray(blocks), MemorySegment.ofArray(decoded), 3);
            new KernelComparison(kernel).equalsTheReference(Format.G35, 70, 130, 1, 3, 9);
            System.out.println(Arrays.hashCode(gated) + " " + Arrays.hashCode(decoded));
            System.out.println(loaded() ? "LLVM loaded" : "LLVM not loaded");
        }

        private static boolean loaded() {
            try {
                return Files.readString(Path.of("/proc/self/maps")).contains("libLLVM");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private List<String> run(String... options) throws Exception {
        Stream<String> command = Stream.concat(
                Stream.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED"),
                Stream.concat(
                        Stream.of(options),
                        Stream.of(
                                "-cp",
                                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                                Run.class.getName())));
        Path out = Files.createTempFile(folder, "out", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command.toList())
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve("err.txt").toFile());
        builder.environment().put("XDG_CACHE_HOME", folder.toString());
        builder.environment().remove("THREEHALF_CACHE");
        Process process = builder.start();
        assertTrue(process.waitFor(2, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), Files.readString(folder.resolve("err.txt")));
        return Files.readAllLines(out);
    }

    private Map<String, byte[]> entries() throws IOException {
        Map<String, byte[]> entries = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder.resolve("threehalf").resolve("native"))) {
            for (Path file : files.toList()) {
                entries.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return entries;
    }

    /**
     * The same results from LLVM, from the cache and without one; of a cache with any entry changed, cut or exchanged
     * only the others are used, and it is put right again.
     */
    @Test
    void resultsAreTheSameFromTheCacheAndFromLlvm() throws Exception {
        List<String> first = run();
        assertEquals("LLVM loaded", first.get(1));
        Map<String, byte[]> kept = entries();
        // The machine, the operations, a decoder and a format.
        assertEquals(4, kept.size());
        assertEquals(List.of(first.get(0), "LLVM not loaded"), run());
        assertEquals(List.of(first.get(0), "LLVM loaded"), run("-Dthreehalf.cache=off"));
        Path cache = folder.resolve("threehalf").resolve("native");
        int faults = 0;
        for (String name : kept.keySet()) {
            byte[] wrong = kept.get(name).clone();
            String other = kept.keySet().stream()
                    .filter(n -> !n.equals(name))
                    .findFirst()
                    .orElseThrow();
            switch (faults++ % 4) {
                case 0 -> wrong[wrong.length / 2] ^= 1;
                case 1 -> wrong = Arrays.copyOf(wrong, wrong.length - 1);
                case 2 -> wrong = kept.get(other);
                default -> wrong = new byte[0];
            }
            Files.write(cache.resolve(name), wrong);
        }
        assertEquals(first, run());
        Map<String, byte[]> again = entries();
        assertEquals(kept.keySet(), again.keySet());
        kept.forEach((name, bytes) -> assertArrayEquals(bytes, again.get(name)));
        assertEquals("LLVM not loaded", run().get(1));
    }

    /** Another processor, another LLVM, another system or another module are other keys. */
    @Test
    void keysTellMachinesApart() {
        Host here = new Host(Llvm.version(), Llvm.triple(), Llvm.processor());
        assertEquals(Optional.of(here), Host.of(here.toText()));
        assertEquals(Optional.empty(), Host.of("20\nx86"));
        Processor processor = here.processor();
        Set<String> fewer = new HashSet<>(processor.features());
        fewer.remove(fewer.iterator().next());
        String key = CompiledModules.key("a", here);
        assertEquals(key, CompiledModules.key("a", here));
        assertNotEquals(key, CompiledModules.key("b", here));
        assertNotEquals(key, CompiledModules.key("a", new Host("1", here.triple(), processor)));
        assertNotEquals(key, CompiledModules.key("a", new Host(here.llvm(), "x", processor)));
        assertNotEquals(
                key,
                CompiledModules.key(
                        "a",
                        new Host(
                                here.llvm(),
                                here.triple(),
                                new Processor(processor.architecture(), processor.name(), fewer))));
        assertNotEquals(
                key,
                CompiledModules.key(
                        "a",
                        new Host(
                                here.llvm(),
                                here.triple(),
                                new Processor(processor.architecture(), "other", processor.features()))));
    }

    /** Code that is kept by its generator's name is that of the generator's text, and other code has other names. */
    @Test
    void whatIsKeptByNameIsWhatTheGeneratorWrites(@TempDir Path other) throws IOException {
        Optional<String> identity = GeneratorCode.identity();
        assertTrue(identity.isPresent(), "the generators do not know where their classes are");
        assertEquals(identity, GeneratorCode.identity(List.of(GeneratorCode.class, Format.class)));
        assertNotEquals(identity, GeneratorCode.identity(List.of(GeneratorCode.class)));
        // Two folders of one class, of which one has a byte changed.
        String name = "threehalf/probe/Probe.class";
        byte[] compiled;
        try (InputStream in = Objects.requireNonNull(GeneratorCode.class.getResourceAsStream("GeneratorCode.class"))) {
            compiled = in.readAllBytes();
        }
        List<String> found = new ArrayList<>();
        for (int changed = 0; changed < 3; changed++) {
            Path root = Files.createDirectories(other.resolve("root" + changed));
            Path file = root.resolve("org/threehalf/backends/llvm/GeneratorCode.class");
            Files.createDirectories(file.getParent());
            Files.write(file, compiled);
            byte[] beside = {1, 2, (byte) (changed == 2 ? 4 : 3)};
            Files.createDirectories(root.resolve(name).getParent());
            Files.write(root.resolve(name), beside);
            try (URLClassLoader loader =
                    new URLClassLoader(new URL[] {root.toUri().toURL()}, null)) {
                found.add(GeneratorCode.identity(List.of(loader.loadClass(GeneratorCode.class.getName())))
                        .orElseThrow());
            } catch (ClassNotFoundException e) {
                throw new AssertionError(e);
            }
        }
        assertEquals(found.get(0), found.get(1));
        assertNotEquals(found.get(0), found.get(2));
    }

    /**
     * A module's image is the same wherever it is linked; one that holds an address is seen, a seeded fault. Other
     * formats' modules differ in numbers and counts.
     */
    @Test
    void imagesDoNotDependOnWhereTheyLie() {
        for (InstructionSet instructions : WithLlvm.sets()) {
            for (Format format : List.of(Format.G35, Format.INT8)) {
                assertTrue(
                        link(ProductGenerator.generate(format, instructions).toString(), NativeCode.NAMES)
                                .isPresent(),
                        instructions + " " + format);
            }
        }
        String address =
                "@x = internal global i64 5\n@y = global ptr @x\ndefine void @f(ptr %p) {\n  %v = load ptr, ptr @y\n  store ptr %v, ptr %p\n  ret void\n}\n";
        assertEquals(Optional.empty(), link(address, List.of("f")));
    }

    private static Optional<MachineCode> link(String module, List<String> names) {
        return Llvm.link(Llvm.emit(module, Llvm.triple(), Llvm.Output.OBJECT), names);
    }

    @Test
    void imagesComeBackFromBytes() throws IOException {
        MachineCode code = new MachineCode(new byte[] {1, 2, 3}, Map.of("f", 2));
        MachineCode again = MachineCode.of(code.toBytes());
        assertArrayEquals(code.image(), again.image());
        assertEquals(code.offsets(), again.offsets());
        assertTrue(again.has(List.of("f")));
        assertFalse(again.has(List.of("f", "g")));
        assertFalse(new MachineCode(new byte[2], Map.of("f", 2)).has(List.of("f")));
        assertThrows(IOException.class, () -> MachineCode.of(new byte[] {0, 0, 0, 1}));
    }
}
