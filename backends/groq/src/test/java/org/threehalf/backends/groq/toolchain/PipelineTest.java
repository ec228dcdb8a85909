package org.threehalf.backends.groq.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.backends.groq.Checks;
import org.threehalf.backends.groq.WithMlir;
import org.threehalf.backends.groq.generator.ProductGenerator;
import org.threehalf.kernels.format.Format;

@ExtendWith(WithMlir.class)
class PipelineTest {

    private static Pipeline pipeline;
    private static String module;

    @TempDir
    private Path folder;

    @BeforeAll
    static void generate() {
        pipeline = new Pipeline(WithMlir.tools());
        module = new ProductGenerator().product(Format.G35, 700, 1000, 1).print();
    }

    /** Every stage is kept, and shows what it is for; no floating-point operation allows anything but one rounding. */
    @Test
    void stages() throws IOException {
        List<Path> files = pipeline.emit(module, folder.resolve("kept"));
        assertEquals(
                List.of(
                        "0-generated.mlir",
                        "1-verified.mlir",
                        "2-tiled.mlir",
                        "3-vectorized.mlir",
                        "4-bufferized.mlir",
                        "5-llvm.mlir",
                        "6-translated.ll"),
                files.stream().map(file -> file.getFileName().toString()).toList());
        String tiled = Files.readString(files.get(2));
        assertTrue(tiled.contains("scf.for %arg5 = %c0 to %c700 step %c320"), tiled);
        assertTrue(tiled.contains("to %c16 step %c5"), tiled);
        assertTrue(Files.readString(files.get(3)).contains("vector<16xi8>"));
        String bufferized = Files.readString(files.get(4));
        assertTrue(bufferized.contains("memref.subview") && !bufferized.contains("tensor<"), bufferized);
        String translated = Files.readString(files.get(6));
        assertTrue(translated.contains("fmul float") && translated.contains("define void @gemv("), translated);
        for (String relaxed : List.of("fmul fast", "contract", "reassoc", "llvm.fma", "llvm.fmuladd")) {
            assertFalse(translated.contains(relaxed), relaxed);
        }
        Checks.passed(
                "a gemv through all stages: verified, tiled, vectorised, bufferised, lowered, translated",
                String.join(
                        ", ",
                        files.stream()
                                .map(file -> String.valueOf(file.getFileName()))
                                .toList()));
    }

    /** A tile's buffers are of the tile's size: nothing of N·K bytes is written. */
    @Test
    void buffersOfATile() throws IOException {
        String bufferized = Files.readString(pipeline.emit(module, folder).get(4));
        List<String> large = bufferized
                .lines()
                .filter(line -> line.contains("memref.alloc") && line.contains("memref<700x16x"))
                .toList();
        assertEquals(List.of(), large);
    }

    /**
     * MLIR's verifier refuses a module that our builder cannot make: here one whose operand's type was changed in the
     * text.
     */
    @Test
    void refusesABrokenModule() {
        String broken = module.replaceFirst(
                "\"arith.andi\"\\(%(\\d+), %(\\d+)\\) : \\(i8, i8\\)", "\"arith.andi\"(%$1, %$2) : (i8, i16)");
        assertNotEquals(module, broken);
        Pipeline.FailedException refusal = assertThrows(Pipeline.FailedException.class, () -> pipeline.verify(broken));
        assertTrue(refusal.getMessage().contains("expects different type than prior uses"), refusal.getMessage());
        Checks.passed("mlir-opt refuses a broken module", "an operand of another type");
    }

    /** A refused module leaves nothing in the folder. */
    @Test
    void leavesNothingHalfWritten() throws IOException {
        assertThrows(Pipeline.FailedException.class, () -> pipeline.emit("func.func @f() -> i32 { return }", folder));
        assertThrows(
                Pipeline.FailedException.class,
                () -> pipeline.compile("func.func @f() -> i32 { return }", folder.resolve("f.so")));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(), files.toList());
        }
    }

    /** All that a module is compiled with is in the cache's key. */
    @Test
    void cache() throws IOException {
        String small = new ProductGenerator().product(Format.U4, 1, 64, 1).print();
        Path first = new ModuleCache(folder, pipeline).library(small);
        Object key = Files.readAttributes(first, java.nio.file.attribute.BasicFileAttributes.class)
                .fileKey();
        assertEquals(first, new ModuleCache(folder, pipeline).library(small));
        assertEquals(
                key,
                Files.readAttributes(first, java.nio.file.attribute.BasicFileAttributes.class)
                        .fileKey(),
                "compiled again");
        MlirTools tools = WithMlir.tools();
        MlirTools others =
                new MlirTools(tools.opt(), tools.translate(), tools.clang(), tools.identity() + "another processor");
        assertNotEquals(first, new ModuleCache(folder, new Pipeline(others)).library(small));
        assertNotEquals(first, new ModuleCache(folder, pipeline).library(small.replace("gemv", "gemv2")));
    }

    /** Every format's module passes MLIR's verifier at a model's shape, 8192 x 28672 of LLaMA-70B. */
    @ParameterizedTest
    @EnumSource(Format.class)
    void verifiesAtAModelsShape(Format format) {
        String pretty = pipeline.verify(
                new ProductGenerator().product(format, 8192, 28_672, 8).print());
        assertTrue(
                pretty.contains("func.func @gemm(%%arg0: tensor<8192x448x%dxi8>"
                        .formatted(format.traits().withoutWindows().blockBytes())),
                pretty);
        Checks.passed("mlir-opt verifies the gemm of %s at 8192 x 28672".formatted(format), "8 tokens");
    }

    /** Missing tools and tools of another version are told apart, and both say what to install. */
    @Test
    void missingTools() throws IOException {
        IllegalStateException missing =
                assertThrows(IllegalStateException.class, () -> MlirTools.find(List.of(folder)));
        assertTrue(
                missing.getMessage()
                        .startsWith(
                                "mlir-opt-19, mlir-translate-19, clang-19 not found: install them with 'apt-get install"),
                missing.getMessage());
        Path old = folder.resolve("mlir-opt");
        Files.writeString(old, "#!/bin/sh\necho 'LLVM version 14.0.6'\n");
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rwxr-xr-x"));
        IllegalStateException other = assertThrows(IllegalStateException.class, () -> MlirTools.find(List.of(folder)));
        assertTrue(other.getMessage().contains("mlir-opt is not of version 19"), other.getMessage());
    }
}
