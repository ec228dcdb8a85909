package org.threehalf.inference.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class GgufTensorTest {

    private static final MemorySegment SIX = MemorySegment.ofArray(new float[] {1, 2, 3, 4, 5, 6});

    private static GgufTensor sixFloats(Long... dimensions) {
        return new GgufTensor(new TensorInfo("w", TensorType.F32, List.of(dimensions)), 0, SIX);
    }

    @Test
    void rowsAreTheFastestDimension() {
        GgufTensor tensor = sixFloats(3L, 2L);
        assertEquals("w", tensor.name());
        assertEquals(3, tensor.columns());
        assertEquals(2, tensor.rows());
        float[] row = new float[3];
        tensor.readRow(1, row);
        assertArrayEquals(new float[] {4, 5, 6}, row);
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, tensor.toFloats());
        assertEquals(1, sixFloats(6L).rows());
    }

    @Test
    void rowsOutsideAndArraysTooShortAreRefused() {
        GgufTensor tensor = sixFloats(3L, 2L);
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.readRow(2, new float[3]));
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.readRow(-1, new float[3]));
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.readRow(0, new float[2]));
    }

    @Test
    void shapesThatNoFileCanHold() {
        assertThrows(IllegalArgumentException.class, () -> new TensorInfo("w", TensorType.F32, List.of()));
        assertThrows(
                IllegalArgumentException.class, () -> new TensorInfo("w", TensorType.F32, List.of(1L, 1L, 1L, 1L, 1L)));
        assertThrows(IllegalArgumentException.class, () -> new TensorInfo("w", TensorType.F32, List.of(4L, 0L)));
        assertThrows(
                IllegalArgumentException.class, () -> new TensorInfo("w", TensorType.F32, List.of(1L << 40, 1L << 40)));
        assertThrows(IllegalArgumentException.class, () -> new TensorInfo("w", TensorType.Q4_K, List.of(128L)));
        TensorInfo large = new TensorInfo("w", TensorType.F64, List.of(1L << 30, 1L << 24));
        assertEquals(1L << 57, large.bytes());
        assertEquals("1073741824 x 16777216", large.shape());
    }
}
