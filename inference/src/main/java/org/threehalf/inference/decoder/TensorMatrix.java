package org.threehalf.inference.decoder;

import java.util.Objects;
import java.util.Optional;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.VectorRows;
import org.threehalf.kernels.VectorSupport;
import org.threehalf.kernels.transformer.FloatMatrix;
import org.threehalf.kernels.transformer.StoredRows;

/**
 * A tensor of a GGUF file as a matrix in binary32: rows are decoded from the mapped file when they are asked for
 * (REQ-OPS-011).
 *
 * @param tensor of a decodable type, with fewer than 2³¹ rows and columns
 */
record TensorMatrix(GgufTensor tensor) implements FloatMatrix {
    private static final boolean FAST = VectorSupport.available();

    TensorMatrix {
        if (tensor.rows() > Integer.MAX_VALUE || tensor.columns() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("tensor %s is %s: there can be 2^31 - 1 rows and columns at most"
                    .formatted(tensor.name(), tensor.info().shape()));
        }
    }

    @Override
    public int rows() {
        return (int) tensor.rows();
    }

    @Override
    public int columns() {
        return (int) tensor.columns();
    }

    @Override
    public void read(int row, float[] values) {
        if (FAST && VectorRows.reads(tensor.type()) && tensor.computedRows() == null) {
            Objects.checkIndex(row, rows());
            VectorRows.read(tensor.type(), tensor.rowBytes(row), columns(), values);
        } else {
            tensor.readRow(row, values);
        }
    }

    @Override
    public Optional<StoredRows> stored() {
        // Rows in another order, or computed of others, are not what the bytes in a row say.
        return !tensor.isStored()
                ? Optional.empty()
                : Optional.of(new StoredRows(
                        tensor.type().name(), tensor.data(), tensor.type().bytes(tensor.columns())));
    }
}
