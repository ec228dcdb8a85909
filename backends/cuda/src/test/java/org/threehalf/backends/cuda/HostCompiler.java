package org.threehalf.backends.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Compiles the CUDA source as C++, after the header that plays a device, into a shared library. */
final class HostCompiler {
    private static final Path OUTPUT = Path.of("target", "emulation");
    private static final List<String> FLAGS = List.of(
            "-std=c++17",
            "-shared",
            "-fPIC",
            "-ffp-contract=off",
            "-fvisibility=hidden",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-Wno-unknown-pragmas");

    private HostCompiler() {}

    /** The C++ compiler: {@code CXX}, or {@code g++}; null if it does not answer. */
    static @Nullable String find() {
        String command = Objects.requireNonNullElse(System.getenv("CXX"), "g++");
        try {
            Process process = new ProcessBuilder(command, "--version")
                    .redirectErrorStream(true)
                    .start();
            String first = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("");
            return process.waitFor() == 0 ? command + " (" + first + ")" : null;
        } catch (IOException noCompiler) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /**
     * Compiles.
     *
     * @param name the library's name, without ending
     * @param portable the source as by {@link CudaSource#portable}, possibly with a fault
     * @param options more of the compiler's options
     * @return the library
     * @throws IllegalStateException if it does not compile, with the compiler's messages
     */
    static Path compile(String name, String portable, String... options) {
        try {
            return compile(
                    name,
                    header() + CudaSource.tables() + portable + entries(portable),
                    List.of(options),
                    OUTPUT.resolve(name + ".so"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Compiles the driver that plays a GPU.
     *
     * @return {@code libcuda.so.1}, in a folder of its own
     */
    static Path compileDriver() {
        return compileFake("fake_driver", "driver", "libcuda.so.1");
    }

    /**
     * Compiles the cuBLAS that goes with it.
     *
     * @return {@code libcublas.so.12}, in a folder of its own
     */
    static Path compileCublas() {
        return compileFake("fake_cublas", "cublas", "libcublas.so.12");
    }

    private static Path compileFake(String name, String folder, String library) {
        try {
            return compile(
                    name,
                    resource("emulation/" + name + ".cpp"),
                    List.of("-O1", "-fvisibility=default", "-Wl,-soname," + library, "-Wl,--default-symver", "-ldl"),
                    OUTPUT.resolve(folder).resolve(library));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path compile(String name, String text, List<String> options, Path output) throws IOException {
        Path library = output.toAbsolutePath();
        Files.createDirectories(library.getParent());
        Path source = OUTPUT.resolve(name + ".cpp");
        Files.writeString(source, text);
        List<String> command = new ArrayList<>();
        command.add(Objects.requireNonNullElse(System.getenv("CXX"), "g++"));
        command.addAll(FLAGS);
        command.addAll(List.of("-o", library.toString(), source.toString()));
        command.addAll(options);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String messages = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new IllegalStateException(String.join(" ", command) + "\n" + messages);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return library;
    }

    private static String header() throws IOException {
        return resource("emulation/cuda_on_host.h");
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(HostCompiler.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String entries(String portable) {
        Stream<String> lines = CudaSource.kernels(portable).stream().map("TH_KERNEL(%s)\n"::formatted);
        return "\n" + String.join("", lines.toList());
    }
}
