package org.threehalf.backends.cuda;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import org.jspecify.annotations.Nullable;

/**
 * CUDA's run-time compiler.
 *
 * <p>{@code libnvrtc.so.12} comes with the CUDA toolkit, or from PyPI as {@code nvidia-cuda-nvrtc-cu12}. Where the
 * system's loader does not find it, the property {@value #LIBRARY_PROPERTY} names the file.
 */
final class Nvrtc {
    /** Names the file of the library. */
    static final String LIBRARY_PROPERTY = "threehalf.cuda.nvrtc";

    private static final String LIBRARY = "libnvrtc.so.12";

    /**
     * No contraction, subnormals kept, division and square root rounded to nearest: the operations of the
     * specification, and nothing else. Warnings are errors in the sense that the checks of CI demand an empty log.
     */
    private static final List<String> OPTIONS = List.of(
            "--std=c++17",
            "--fmad=false",
            "--ftz=false",
            "--prec-div=true",
            "--prec-sqrt=true",
            "--generate-line-info");

    private Nvrtc() {}

    /**
     * What came out.
     *
     * @param ptx the intermediate form
     * @param cubin the device's code, or null where only PTX was asked for
     * @param log the compiler's remarks; empty if it had none
     */
    record Program(String ptx, byte @Nullable [] cubin, String log) {}

    /** Why the library cannot be used, and what to do; null if it can. */
    static @Nullable String missing() {
        return ToolkitLibrary.missing(
                LIBRARY, LIBRARY + ", CUDA's run-time compiler,", LIBRARY_PROPERTY, "nvidia-cuda-nvrtc-cu12");
    }

    @SuppressWarnings("restricted") // The library that the user names.
    private static void load() {
        String configured = System.getProperty(LIBRARY_PROPERTY);
        if (configured != null) {
            // JCuda's own library asks for it by name, and is content with one that is loaded.
            System.load(Path.of(configured).toAbsolutePath().toString());
        }
        JNvrtc.setExceptionsEnabled(true);
    }

    /** The architectures, such as 90 for sm_90, that this NVRTC makes code for. */
    static List<Integer> architectures() {
        load();
        int[] count = new int[1];
        JNvrtc.nvrtcGetNumSupportedArchs(count);
        int[] architectures = new int[count[0]];
        JNvrtc.nvrtcGetSupportedArchs(architectures);
        return Arrays.stream(architectures).boxed().toList();
    }

    /** NVRTC's version, such as 12.6. */
    static String version() {
        load();
        int[] major = new int[1];
        int[] minor = new int[1];
        JNvrtc.nvrtcVersion(major, minor);
        return major[0] + "." + minor[0];
    }

    /**
     * Compiles.
     *
     * @param source CUDA C
     * @param architecture such as 90
     * @param real whether the device's code is made too; otherwise only PTX, which the driver translates
     * @throws CudaException if it does not compile, with the compiler's messages
     */
    static Program compile(String source, int architecture, boolean real) {
        load();
        nvrtcProgram program = new nvrtcProgram();
        JNvrtc.nvrtcCreateProgram(program, source, "threehalf.cu", 0, null, null);
        try {
            String[] options = new String[OPTIONS.size() + 1];
            OPTIONS.toArray(options);
            options[OPTIONS.size()] = "--gpu-architecture=" + (real ? "sm_" : "compute_") + architecture;
            try {
                JNvrtc.nvrtcCompileProgram(program, options.length, options);
            } catch (jcuda.CudaException e) {
                throw new CudaException(
                        "the CUDA source does not compile for architecture %d with NVRTC %s:%n%s"
                                .formatted(architecture, version(), log(program)),
                        e);
            }
            String[] ptx = new String[1];
            JNvrtc.nvrtcGetPTX(program, ptx);
            byte[] cubin = null;
            if (real) {
                long[] size = new long[1];
                JNvrtc.nvrtcGetCUBINSize(program, size);
                cubin = new byte[Math.toIntExact(size[0])];
                JNvrtc.nvrtcGetCUBIN(program, cubin);
            }
            return new Program(ptx[0], cubin, log(program));
        } finally {
            JNvrtc.nvrtcDestroyProgram(program);
        }
    }

    private static String log(nvrtcProgram program) {
        String[] log = new String[1];
        JNvrtc.nvrtcGetProgramLog(program, log);
        return log[0] == null ? "" : log[0].replace("\0", "").strip();
    }
}
