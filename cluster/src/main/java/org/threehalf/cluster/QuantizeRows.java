package org.threehalf.cluster;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.quantize.CalibratedQuantizer;
import org.threehalf.kernels.quantize.MatrixQuantizer;

/**
 * Quantises rows by rounding to nearest and writes them to a part: range after range its codes, scales, sub-scales, and
 * 16 bytes a row of errors. Reads the model's header and the rows' own bytes.
 *
 * @param model what is quantised
 * @param parts where the part goes
 * @param rotated whether the matrices are rotated
 * @param ranges the rows
 * @param hessian the part with what the rows' inputs look like, to be calibrated by; null to round to nearest
 */
record QuantizeRows(
        SharedFile model,
        SharedFolder parts,
        boolean rotated,
        List<RowRange> ranges,
        SharedFolder.@Nullable Whole hessian)
        implements Work<SharedFolder.Whole> {
    private static final long serialVersionUID = 1;

    @Override
    public SharedFolder.Whole run(Node node) throws IOException {
        model.require(node.host());
        try (SharedFolder.Part part = parts.begin("rows", node.host())) {
            model.open(ranges, file -> {
                for (RowRange range : ranges) {
                    write(file.tensor(range.tensor()), range, part, node);
                }
            });
            model.require(node.host());
            return part.whole();
        }
    }

    @Override
    public String reads() {
        return model.path();
    }

    private MatrixQuantizer.RowsQuantizer quantizer(RowRange range, Node node) throws IOException {
        return hessian == null
                ? MatrixQuantizer.plain(range.format())
                : new CalibratedQuantizer(range.format(), Hessians.read(parts, hessian, node))::quantize;
    }

    private void write(GgufTensor tensor, RowRange range, SharedFolder.Part part, Node node) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix rows = PackedMatrix.allocate(range.format(), range.count(), range.columns(), rotated, arena);
            MatrixQuantizer.RowErrors errors;
            try {
                errors = MatrixQuantizer.quantizeRows(
                        tensor::readRow, range.first(), rows, quantizer(range, node), row -> {});
            } catch (IllegalArgumentException refused) {
                throw new IllegalArgumentException(
                        "%s: tensor %s: %s".formatted(model.name(), tensor.name(), refused.getMessage()), refused);
            }
            part.write(rows.codes());
            part.write(rows.scales());
            part.write(rows.subscales());
            ByteBuffer bytes =
                    ByteBuffer.allocate(2 * Double.BYTES * range.count()).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asDoubleBuffer().put(errors.squaredErrors()).put(errors.squaredSums());
            part.write(bytes.array());
        }
    }
}
