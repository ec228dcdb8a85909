package org.threehalf.inference.model;

import java.util.ArrayList;
import java.util.List;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.TensorType;
import org.threehalf.kernels.format.Format;

/** The names and shapes of the container (REQ-GGF-001, REQ-GGF-002), shared by writer and reader. */
final class Container {

    /** The version of a file without rotated matrices. */
    static final int VERSION = 1;
    /** The version of a file with rotated matrices, which a reader of version 1 must not take. */
    static final int ROTATED_VERSION = 2;
    /** uint32: {@link #VERSION} or {@link #ROTATED_VERSION}. */
    static final String VERSION_KEY = "threehalf.version";
    /** Strings: the matrices' names. */
    static final String TENSORS_KEY = "threehalf.tensors";
    /** uint32 each: the matrices' formats. */
    static final String FORMATS_KEY = "threehalf.formats";
    /** uint64 each: K of the matrices. */
    static final String COLUMNS_KEY = "threehalf.columns";

    /** uint32 each: 1 if the matrix is rotated, else 0; from version 2 on. */
    static final String ROTATIONS_KEY = "threehalf.rotations";

    /** String: how the codes were chosen; for people, nothing reads it. */
    static final String QUANTIZER_KEY = "threehalf.quantizer";

    /** All of them. */
    static final List<String> KEYS =
            List.of(VERSION_KEY, TENSORS_KEY, FORMATS_KEY, COLUMNS_KEY, ROTATIONS_KEY, QUANTIZER_KEY);

    private Container() {}

    /**
     * Whether a tensor is a stack of experts' matrices, which is one matrix here: expert after expert, row after row.
     */
    static boolean isStack(TensorInfo tensor) {
        return tensor.dimensions().size() == 3 && tensor.name().endsWith("_exps.weight");
    }

    /**
     * The dimensions of a matrix where it is a plain tensor again.
     *
     * @param experts of the model, 0 if it has none
     */
    static List<Long> dimensions(String matrix, long rows, long columns, long experts) {
        return matrix.endsWith("_exps.weight") && experts > 0 && rows % experts == 0
                ? List.of(columns, rows / experts, experts)
                : List.of(columns, rows);
    }

    static String codes(String matrix) {
        return matrix + ".codes";
    }

    static String scales(String matrix) {
        return matrix + ".scales";
    }

    static String subscales(String matrix) {
        return matrix + ".subscales";
    }

    /** The tensors that hold a matrix, in the order in which they are written (REQ-GGF-001). */
    static List<TensorInfo> tensors(String matrix, Format format, int rows, int columns) {
        List<TensorInfo> tensors = new ArrayList<>();
        tensors.add(new TensorInfo(codes(matrix), TensorType.I8, List.of(format.rowCodeBytes(columns), (long) rows)));
        tensors.add(new TensorInfo(scales(matrix), TensorType.F32, List.of((long) rows)));
        if (format.hasSubscales()) {
            tensors.add(new TensorInfo(
                    subscales(matrix), TensorType.I8, List.of((long) format.rowSubscaleBytes(columns), (long) rows)));
        }
        return tensors;
    }
}
