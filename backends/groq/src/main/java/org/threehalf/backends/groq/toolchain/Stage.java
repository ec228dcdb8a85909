package org.threehalf.backends.groq.toolchain;

import java.util.List;

/**
 * What {@code mlir-opt} does to a module, step by step. None of it may change a bit: floating-point operations are
 * neither reordered nor fused.
 *
 * <p>{@code @tile_rows} and the like are sequences of {@code schedule.mlir}.
 */
public enum Stage {
    /** The module as generated, in MLIR's pretty form: parsed and verified. */
    VERIFIED("1-verified", List.of()),
    /** Cut into tiles of 320 rows by 5 blocks of 64 inputs. */
    TILED(
            "2-tiled",
            List.of(
                    "transform-interpreter{entry-point=tile_rows}",
                    "canonicalize",
                    "cse",
                    "transform-interpreter{entry-point=tile_blocks}",
                    "canonicalize",
                    "cse",
                    "transform-interpreter{entry-point=shrink_buffers}",
                    "canonicalize",
                    "cse")),
    /** Integer work on vectors. */
    VECTORIZED("3-vectorized", List.of("transform-interpreter{entry-point=vectorize}", "canonicalize", "cse")),
    /** Tensors became buffers; results became arguments. */
    BUFFERIZED(
            "4-bufferized",
            List.of(
                    "eliminate-empty-tensors",
                    "transform-interpreter{entry-point=bufferize}",
                    "canonicalize",
                    "cse",
                    "buffer-results-to-out-params",
                    "func.func(buffer-hoisting,buffer-loop-hoisting)",
                    "buffer-deallocation-pipeline",
                    "canonicalize",
                    "cse")),
    /** The dialect of LLVM; a buffer is passed as a bare pointer. */
    LLVM_DIALECT(
            "5-llvm",
            List.of(
                    "convert-linalg-to-loops",
                    "convert-vector-to-scf",
                    "canonicalize",
                    "expand-strided-metadata",
                    "lower-affine",
                    "canonicalize",
                    "cse",
                    "convert-scf-to-cf",
                    "convert-vector-to-llvm",
                    "finalize-memref-to-llvm",
                    "convert-arith-to-llvm",
                    "convert-index-to-llvm",
                    "convert-func-to-llvm{use-bare-ptr-memref-call-conv=1}",
                    "convert-cf-to-llvm",
                    "reconcile-unrealized-casts",
                    "canonicalize",
                    "cse"));

    private final String label;
    private final List<String> passes;

    Stage(String label, List<String> passes) {
        this.label = label;
        this.passes = passes;
    }

    /** Its file's name, less the ending: {@code 2-tiled}. */
    public String label() {
        return label;
    }

    /** Its passes, in the notation of {@code --pass-pipeline}. */
    public List<String> passes() {
        return passes;
    }
}
