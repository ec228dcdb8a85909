package org.threehalf.backends.groq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.backends.groq.generator.ProductGenerator;
import org.threehalf.backends.groq.lpu.LpuCompiler;
import org.threehalf.backends.groq.lpu.LpuTools;
import org.threehalf.backends.groq.lpu.StandIns;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;

/** Both providers are found, and say what they need. */
class GroqBackendProviderTest {

    @TempDir
    private Path folder;

    @AfterEach
    void forget() {
        System.clearProperty("threehalf.groq.compiler");
        System.clearProperty("threehalf.groq.runner");
        System.clearProperty("threehalf.mlir.bin");
    }

    /** Without the vendor's compiler, {@code groq} says so and does not open. */
    @Test
    void withoutCompiler() {
        System.setProperty("threehalf.groq.compiler", folder.resolve("none").toString());
        BackendProvider provider = BackendProvider.named("groq");
        assertFalse(provider.availability().available());
        assertTrue(
                provider.availability().detail().startsWith("groq-compiler not found"),
                provider.availability().detail());
        assertTrue(assertThrows(IllegalStateException.class, provider::open)
                .getMessage()
                .startsWith("backend groq: groq-compiler not found"));
    }

    /** With the compiler but no runner it says that. */
    @Test
    void withoutRunner() throws IOException {
        System.setProperty("threehalf.groq.compiler", StandIns.compiler(folder).toString());
        System.setProperty("threehalf.groq.runner", folder.resolve("none").toString());
        assertTrue(BackendProvider.named("groq").availability().detail().startsWith("threehalf-groq-run not found"));
    }

    /** Without MLIR's tools, {@code groq-mlir} says what to install. */
    @Test
    void withoutMlir() {
        System.setProperty("threehalf.mlir.bin", folder.toString());
        BackendProvider provider = BackendProvider.named("groq-mlir");
        assertFalse(provider.availability().available());
        assertTrue(
                provider.availability().detail().contains("apt-get install mlir-19-tools clang-19"),
                provider.availability().detail());
        assertThrows(IllegalStateException.class, provider::open);
    }

    /**
     * The whole way of {@code groq}, with stand-ins that compile for this processor: the module arrives as generated,
     * and so do arguments and results.
     */
    @Test
    @ExtendWith(WithMlir.class)
    void withStandIns() throws IOException {
        System.setProperty("threehalf.groq.compiler", StandIns.compiler(folder).toString());
        System.setProperty("threehalf.groq.runner", StandIns.runner(folder).toString());
        BackendProvider provider = BackendProvider.named("groq");
        assertTrue(provider.availability().available(), provider.availability().detail());
        try (Backend backend = provider.open()) {
            assertEquals(
                    Optional.empty(),
                    RandomProducts.difference(backend, Format.G35, 5, 61, 1, new SplittableRandom(5)));
            float[] x = {1, -0.25f, 3e-3f, 7};
            assertEquals(QuantizedToken.of(x), backend.quantize(x));
            Checks.passed(
                    "the driver of groq-compiler and of the vendor's runtime",
                    "with stand-ins that compile for this processor: a product and a quantised token");
        }
    }

    /** Whether the vendor's own compiler takes a module; where it is not, that is said and not passed over. */
    @Test
    void theVendorsCompilerTakesAModule() throws IOException {
        String check = "a module compiled by groq-compiler";
        Optional<Path> compiler = LpuTools.findCompiler();
        if (compiler.isEmpty()) {
            String reason = "not run: " + LpuTools.NO_COMPILER;
            Checks.notChecked(check, reason);
            abort("NOT CHECKED: " + reason);
        }
        Path module = Files.writeString(
                folder.resolve("gemv.mlir"),
                new ProductGenerator().product(Format.G35, 320, 640, 1).print());
        LpuCompiler.compile(compiler.get(), module, folder.resolve("gemv.lpubin"));
        Checks.passed(check, "gemv of G35, 320 x 640");
    }

    /** {@code groq-mlir} names itself as what it is. */
    @Test
    @ExtendWith(WithMlir.class)
    void withMlir() {
        BackendProvider provider = BackendProvider.named("groq-mlir");
        assertTrue(
                provider.availability()
                        .detail()
                        .matches("groq-mlir on CPU, MLIR and LLVM 19\\.\\d+\\.\\d+ on .*; no LPU takes part"),
                provider.availability().detail());
    }
}
