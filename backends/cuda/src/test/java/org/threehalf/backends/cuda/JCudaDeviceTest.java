package org.threehalf.backends.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.kernels.format.Format;

/**
 * The provider, JCuda's native library and NVRTC in a process of their own, on a driver's library that plays a GPU
 * ({@code fake_driver.cpp}); and what the provider says where something is missing.
 */
class JCudaDeviceTest {
    private static final String CHECK = "JCuda on a driver without a GPU";

    private static @Nullable CudaTools tools;
    private static @Nullable Path kernels;
    private static @Nullable Path driver;
    private static @Nullable Path cublas;

    /** What runs in the other process. */
    public static final class Client {
        private Client() {}

        /**
         * Says whether the backend is available; with {@code run} it then opens it and compares it with the reference.
         *
         * @param args {@code ask}, {@code run}, {@code bench} or {@code fill}
         */
        public static void main(String[] args) {
            BackendProvider provider = BackendProvider.named("cuda");
            Availability availability = provider.availability();
            System.out.println(
                    availability.available()
                            ? "available: " + availability.detail()
                            : "not available: " + availability.detail());
            switch (args[0]) {
                case "run" -> {
                    try (CudaBackend backend = (CudaBackend) provider.open()) {
                        for (Format format : Format.values()) {
                            Comparison.products(backend, format, 37, 200, 11, new SplittableRandom(1));
                        }
                        Comparison.quantising(backend, 1000, new SplittableRandom(2));
                        for (int seed = 0; seed < 4; seed++) {
                            DecoderComparison.compare(backend, 8, new SplittableRandom(seed));
                        }
                    }
                    System.out.println("equal to the reference");
                }
                case "bench" -> {
                    try (CudaBench bench = CudaBench.open(100_000, 0)) {
                        System.out.println("peer: " + bench.peer());
                        System.out.println(
                                "gemv: " + bench.product(Format.G35, 64, 256, 1).bytes());
                        System.out.println(
                                "gemm: " + bench.product(Format.U4, 64, 256, 9).bytes());
                        System.out.println(
                                "peer's gemm: " + bench.peerProduct(33, 64, 5).map(ProductMeter.Measured::bytes));
                        System.out.println(
                                "peer's gemv: " + bench.peerProduct(33, 64, 1).map(ProductMeter.Measured::bytes));
                        System.out.println(
                                "streaming read: " + bench.streamingRead().bytes());
                    } catch (IllegalStateException e) {
                        System.out.println(e.getMessage());
                    }
                }
                case "fill" -> {
                    try (Backend backend = provider.open();
                            Arena arena = Arena.ofConfined()) {
                        backend.load(Comparison.matrix(Format.G35, 3000, 3000, new SplittableRandom(1), arena));
                    } catch (IllegalStateException e) {
                        System.out.println(e.getMessage());
                    }
                }
                default -> {
                    try {
                        provider.open().close();
                    } catch (IllegalStateException e) {
                        System.out.println(e.getMessage());
                    }
                }
            }
        }
    }

    @BeforeEach
    void build() {
        Emulation.requireCompiler(CHECK);
        tools = CudaTools.find();
        if (tools == null) {
            Emulation.notChecked(CHECK, "pip could not install " + CudaTools.PACKAGES);
        }
        kernels = Emulation.library();
        if (driver == null) {
            driver = HostCompiler.compileDriver();
            cublas = HostCompiler.compileCublas();
        }
    }

    /** Runs the client with the fake driver, or without any if {@code withDriver} is false. */
    private static String client(
            String command,
            boolean withDriver,
            boolean withNvrtc,
            Map<String, String> environment,
            String... javaOptions) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path")));
        if (withNvrtc) {
            line.add("-D%s=%s"
                    .formatted(
                            Nvrtc.LIBRARY_PROPERTY,
                            Objects.requireNonNull(tools).nvrtc()));
        }
        line.addAll(List.of(javaOptions));
        line.addAll(List.of(Client.class.getName(), command));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().remove("LD_LIBRARY_PATH");
        if (withDriver) {
            builder.environment()
                    .put(
                            "LD_LIBRARY_PATH",
                            Objects.requireNonNull(driver).getParent().toString());
            builder.environment()
                    .put("FAKE_CUDA_KERNELS", Objects.requireNonNull(kernels).toString());
        }
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), "the client does not end");
            assertEquals(0, process.exitValue(), output);
            return output;
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void assertSays(String part, String output) {
        assertTrue(output.contains(part), () -> "'" + part + "' is not in: " + output);
    }

    @Test
    void theBackendThroughJCudaEqualsTheReference() {
        String output = client("run", true, true, Map.of());
        assertSays(
                "available: a GPU played by the host (device 0, compute capability 9.0, 1,073,741,824 bytes, driver for CUDA 12.6)",
                output);
        assertSays("equal to the reference", output);
        Checks.passed(
                CHECK,
                "NVRTC's cubin for sm_90, launches, copies and graphs by JCuda: products of all formats and four decoders equal the reference");
    }

    /** A GPU that NVRTC does not know gets PTX of the newest that it does. */
    @Test
    void aNewerGpuGetsPtx() {
        assertSays("equal to the reference", client("run", true, true, Map.of("FAKE_CUDA_CAPABILITY", "130")));
    }

    @Test
    void whatIsMissingIsSaid() {
        String noDriver = client("ask", false, true, Map.of());
        assertSays("not available: no NVIDIA driver: libcuda.so.1 was not found; install", noDriver);
        assertSays("backend cuda: no NVIDIA driver", noDriver);
        assertSays(
                "not available: libnvrtc.so.12, CUDA's run-time compiler, was not found: install",
                client("ask", true, false, Map.of()));
        assertSays("the driver shows 0 GPUs; number 0", client("ask", true, true, Map.of("FAKE_CUDA_COUNT", "0")));
        assertSays(
                "compute capability 7.5 (Turing) is the least",
                client("ask", true, true, Map.of("FAKE_CUDA_CAPABILITY", "70")));
        assertSays("the driver is too old", client("ask", true, true, Map.of("FAKE_CUDA_VERSION", "11080")));
    }

    /** Files of JCuda's names in the shared temporary folder are not loaded, and nothing is left there. */
    @Test
    void aPlantedLibraryIsNotLoaded(@TempDir Path shared) throws IOException {
        List<String> planted = List.of(
                "libJCudaDriver-12.6.0-linux-x86_64.so",
                "libJCublas2-12.6.0-linux-x86_64.so",
                "libJCudaRuntime-12.6.0-linux-x86_64.so");
        for (String name : planted) {
            assertNotNull(jcuda.LibUtils.class.getResource("/lib/" + name), "JCuda has no library " + name);
            Files.writeString(shared.resolve(name), "not JCuda's");
        }
        String output = client("bench", true, true, withCublas(Map.of()), "-Djava.io.tmpdir=" + shared);
        assertSays("available: a GPU played by the host", output);
        assertSays("peer: cuBLAS 12.6.3", output);
        try (Stream<Path> left = Files.list(shared)) {
            assertEquals(
                    Set.copyOf(planted),
                    left.map(file -> file.getFileName().toString())
                            .filter(name -> name.contains("JCu") || name.contains("jcuda"))
                            .collect(Collectors.toSet()));
        }
        for (String name : planted) {
            assertEquals("not JCuda's", Files.readString(shared.resolve(name)));
        }
    }

    private static Map<String, String> withCublas(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put(
                "LD_LIBRARY_PATH",
                Objects.requireNonNull(driver).getParent() + ":"
                        + Objects.requireNonNull(cublas).getParent());
        return environment;
    }

    /**
     * What is timed on a GPU, on the fake driver and a cuBLAS that takes BLAS's arguments by their meaning: its sums
     * are those of our operands.
     */
    @Test
    void theBenchMeasuresProductsAndCublas() {
        String output = client("bench", true, true, withCublas(Map.of()));
        assertSays("peer: cuBLAS 12.6.3, cublasGemmEx int8 into int32", output);
        assertSays("gemv: " + Format.G35.matrixBytes(64, 256), output);
        assertSays("gemm: " + Format.U4.matrixBytes(64, 256), output);
        assertSays("peer's gemm: Optional[2112]", output);
        assertSays("peer's gemv: Optional[2112]", output);
        assertSays("streaming read: 100000", output);
        Checks.passed(
                "bench through JCuda and JCublas without a GPU",
                "products and int8 sums compared with the reference; no time of a GPU");
    }

    @Test
    void theBenchSaysWhatCublasLacks() {
        String without = client("bench", true, true, Map.of());
        assertSays("peer: NOT MEASURED: libcublas.so.12 was not found: install", without);
        assertSays("peer's gemm: Optional.empty", without);
        assertSays(
                "33 x 64 with 5 tokens: sum [0][0] is",
                client("bench", true, true, withCublas(Map.of("FAKE_CUBLAS_FAULT", "1"))));
        assertSays("no NVIDIA driver", client("bench", false, true, Map.of()));
    }

    @Test
    void aMatrixThatDoesNotFitIsRefusedWithNumbers() {
        String output = client("fill", true, true, Map.of("FAKE_CUDA_MEMORY", "2000000"));
        assertSays("no room for", output);
        assertSays("of a matrix of G35, 3,000 x 3,000, of", output);
        assertSays("of 2,000,000 bytes are free", output);
    }

    /** Without a driver in this process: the provider never throws when asked, and says why when opened. */
    @Test
    void theProviderNeverThrowsWhenAsked() {
        CudaBackendProvider provider = new CudaBackendProvider();
        Availability availability = provider.availability();
        if (!availability.available()) {
            assertTrue(!availability.detail().isBlank());
            assertSays(
                    availability.detail(),
                    assertThrows(IllegalStateException.class, provider::open).getMessage());
        }
    }
}
