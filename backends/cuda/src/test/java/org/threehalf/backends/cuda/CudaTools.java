package org.threehalf.backends.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * NVRTC and ptxas, as test tools: from the cache outside of the tree, where pip puts them at the first time.
 *
 * @param nvrtc {@code libnvrtc.so.12}
 * @param ptxas the assembler
 */
record CudaTools(Path nvrtc, Path ptxas) {
    /** NVRTC of the CUDA version that JCuda is made for. */
    static final List<String> PACKAGES = List.of("nvidia-cuda-nvrtc-cu12==12.6.85", "nvidia-cuda-nvcc-cu12==12.6.85");

    private static final Path CACHE =
            Path.of(System.getProperty("user.home"), ".cache", "threehalf", "cuda", "12.6.85");

    /** The packages with the hashes of their wheels: what a registry gives in their place is not installed. */
    private static Path pins() throws IOException {
        try {
            return Path.of(java.util.Objects.requireNonNull(CudaTools.class.getResource("cuda-tools.txt"))
                    .toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private static @Nullable CudaTools in(Path folder) {
        CudaTools tools = new CudaTools(
                folder.resolve("nvidia").resolve("cuda_nvrtc").resolve("lib").resolve("libnvrtc.so.12"),
                folder.resolve("nvidia").resolve("cuda_nvcc").resolve("bin").resolve("ptxas"));
        return Files.isRegularFile(tools.nvrtc) && Files.isRegularFile(tools.ptxas) ? tools : null;
    }

    /** The tools, installed if they have to be; null if that is not possible here. */
    static synchronized @Nullable CudaTools find() {
        CudaTools cached = in(CACHE);
        if (cached != null) {
            return cached;
        }
        try {
            Files.createDirectories(CACHE.getParent());
            Path fresh = Files.createTempDirectory(CACHE.getParent(), "new");
            List<String> command = new java.util.ArrayList<>(List.of(
                    "python3",
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--no-deps",
                    "--only-binary=:all:",
                    "--require-hashes",
                    "--target",
                    fresh.toString()));
            command.addAll(List.of("--requirement", pins().toString()));
            String messages = run(command, 300);
            CudaTools installed = in(fresh);
            if (installed == null) {
                System.err.println(messages);
                return null;
            }
            if (!installed.ptxas.toFile().setExecutable(true)) {
                return null;
            }
            Files.move(fresh, CACHE, StandardCopyOption.ATOMIC_MOVE);
            return in(CACHE);
        } catch (IOException noPython) {
            System.err.println(noPython);
            return null;
        }
    }

    /** Assembles PTX; gives what ptxas says with {@code -v}. */
    String assemble(Path ptx, int architecture) {
        try {
            return run(
                    List.of(ptxas.toString(), "-v", "-arch=sm_" + architecture, ptx.toString(), "-o", ptx + ".cubin"),
                    120);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The output of a command, or, with the exit code in front, its complaints. */
    private static String run(List<String> command, int seconds) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroy();
                return "error: no end after %d s: %s".formatted(seconds, command);
            }
            return process.exitValue() == 0
                    ? output
                    : "error: exit code " + process.exitValue() + " of " + command + "\n" + output;
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
