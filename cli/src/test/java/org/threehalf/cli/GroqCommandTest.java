package org.threehalf.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.backends.groq.toolchain.MlirTools;
import picocli.CommandLine;

class GroqCommandTest {

    @TempDir
    Path folder;

    private final StringWriter text = new StringWriter();

    @AfterEach
    void forget() {
        System.clearProperty("threehalf.groq.compiler");
        System.clearProperty("threehalf.mlir.bin");
    }

    private int execute(String... arguments) {
        return new CommandLine(new GroqCommand())
                .setOut(new PrintWriter(text))
                .setErr(new PrintWriter(text))
                .execute(arguments);
    }

    private static void requireMlir() {
        try {
            MlirTools.find();
        } catch (IllegalStateException missing) {
            Assumptions.abort("NOT CHECKED: " + missing.getMessage());
        }
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /**
     * A LLaMA 7B layer, and what it is made of, go through every stage; without groq-compiler that step says that it
     * was not run.
     */
    @Test
    void emitsAndKeeps() throws IOException {
        requireMlir();
        System.setProperty("threehalf.groq.compiler", folder.resolve("none").toString());
        Path out = folder.resolve("out");
        Path keep = folder.resolve("keep");
        assertEquals(
                0,
                execute(
                        "emit",
                        "--arch",
                        "llama2-7b",
                        "--out",
                        out.toString(),
                        "--kind",
                        "GEMV,LAYER",
                        "--context",
                        "64",
                        "--keep",
                        keep.toString()),
                text::toString);
        assertEquals(
                List.of(
                        "gemv-g35-11008x4096.mlir",
                        "gemv-g35-32000x4096.mlir",
                        "gemv-g35-4096x11008.mlir",
                        "gemv-g35-4096x4096.mlir",
                        "layer-0.mlir"),
                files(out));
        assertEquals(
                List.of(
                        "0-generated.mlir",
                        "1-verified.mlir",
                        "2-tiled.mlir",
                        "3-vectorized.mlir",
                        "4-bufferized.mlir",
                        "5-llvm.mlir",
                        "6-translated.ll"),
                files(keep.resolve("layer-0")));
        assertTrue(Files.readString(keep.resolve("layer-0").resolve("1-verified.mlir"))
                .contains("func.func @layer(%arg0: tensor<4096xf32>"));
        assertTrue(text.toString().contains("verified"), text::toString);
        assertTrue(text.toString().contains("not run: groq-compiler not found; no .lpubin was made"), text::toString);
    }

    /** With a stand-in for groq-compiler, each module is compiled. */
    @Test
    void compilesWithAStandIn() throws IOException {
        Path compiler = folder.resolve("groq-compiler");
        Files.writeString(compiler, "#!/bin/sh\ncp \"$1\" \"$3\"\n");
        Files.setPosixFilePermissions(compiler, PosixFilePermissions.fromString("rwxr-xr-x"));
        System.setProperty("threehalf.groq.compiler", compiler.toString());
        Path out = folder.resolve("out");
        assertEquals(
                0,
                execute(
                        "emit",
                        "--arch",
                        "llama-70b",
                        "--format",
                        "U35",
                        "--out",
                        out.toString(),
                        "--kind",
                        "QUANTIZE"),
                text::toString);
        assertEquals(
                List.of("quantize-28672.lpubin", "quantize-28672.mlir", "quantize-8192.lpubin", "quantize-8192.mlir"),
                files(out));
    }

    /** Without MLIR's tools modules are written, and said to be NOT CHECKED; stages cannot be kept. */
    @Test
    void withoutMlir() throws IOException {
        System.setProperty("threehalf.mlir.bin", folder.toString());
        Path out = folder.resolve("out");
        assertEquals(
                0,
                execute("emit", "--arch", "llama2-7b", "--out", out.toString(), "--kind", "QUANTIZE"),
                text::toString);
        assertEquals(List.of("quantize-11008.mlir", "quantize-4096.mlir"), files(out));
        assertTrue(text.toString().contains("NOT CHECKED"), text::toString);
        assertEquals(
                2,
                execute(
                        "emit",
                        "--arch",
                        "llama2-7b",
                        "--out",
                        out.toString(),
                        "--kind",
                        "QUANTIZE",
                        "--keep",
                        folder.toString()));
    }

    /** Wrong arguments. */
    @Test
    void refuses() {
        assertEquals(2, execute());
        assertEquals(2, execute("emit", "--arch", "gpt-2", "--out", folder.toString()));
        assertTrue(text.toString().contains("there are llama2-7b, llama2-13b, llama2-70b, llama-8b, "), text::toString);
        assertEquals(2, execute("emit", "--out", folder.toString()));
        assertEquals(2, execute("emit", "--arch", "llama2-7b", "--out", folder.toString(), "--tokens", "1"));
    }

    /** The plan says that it is a model, and gives a line for each format and the steps asked for. */
    @Test
    void plans() {
        assertEquals(0, execute("plan", "--arch", "llama2-70b", "--schedule", "G35"), text::toString);
        assertTrue(text.toString().contains("A MODEL, NOT A MEASUREMENT"), text::toString);
        for (String line : List.of("INT8 ", "U35 ", "G35 ", "attention output", "12.5 tokens/s")) {
            assertTrue(text.toString().contains(line), text::toString);
        }
        assertEquals(2, execute("plan", "--arch", "gpt-2"));
        assertEquals(2, execute("plan", "--arch", "gemma3-27b"));
        assertTrue(text.toString().contains("Gemma 3 27B is no Llama"), text::toString);
        assertEquals(2, execute("plan", "--arch", "llama2-7b", "--context", "0"));
    }
}
