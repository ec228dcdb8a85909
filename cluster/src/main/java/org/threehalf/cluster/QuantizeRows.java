package org.threehalf.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.model.ModelFiles;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.io.Sha256;
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
 * @param hessian the name of a file among the parts with what the rows' inputs look like, to be calibrated by; null to
 *     round to nearest
 */
record QuantizeRows(
        SharedFile model,
        SharedFolder parts,
        boolean rotated,
        List<RowRange> ranges,
        @Nullable String hessian) implements Work<QuantizeRows.Written> {
    private static final long serialVersionUID = 1;

    /**
     * A part that is whole.
     *
     * @param name of its file
     * @param sha256 of its bytes
     */
    record Written(String name, String sha256) implements Serializable {}

    @Override
    public Written run(Node node) throws IOException {
        model.require(node.host());
        try (GgufFile file = ModelFiles.open(model.file())) {
            SharedFolder.Part part = parts.begin("rows", node.host());
            boolean whole = false;
            try (FileChannel channel = part.channel()) {
                MessageDigest digest = Sha256.digest();
                for (RowRange range : ranges) {
                    write(file.tensor(range.tensor()), range, channel, digest, node);
                }
                model.require(node.host());
                whole = true;
                return new Written(part.name(), HexFormat.of().formatHex(digest.digest()));
            } finally {
                if (!whole) {
                    java.nio.file.Files.deleteIfExists(part.file());
                }
            }
        }
    }

    private MatrixQuantizer.RowsQuantizer quantizer(RowRange range, Node node) throws IOException {
        return hessian == null
                ? MatrixQuantizer.plain(range.format())
                : new CalibratedQuantizer(range.format(), Hessians.read(parts, hessian, node))::quantize;
    }

    private void write(GgufTensor tensor, RowRange range, FileChannel channel, MessageDigest digest, Node node)
            throws IOException {
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix rows = PackedMatrix.allocate(range.format(), range.count(), range.columns(), rotated, arena);
            MatrixQuantizer.RowErrors errors;
            try {
                errors = MatrixQuantizer.quantizeRows(
                        tensor::readRow, range.first(), rows, quantizer(range, node), row -> {});
            } catch (IllegalArgumentException refused) {
                throw new IllegalArgumentException(
                        "%s: tensor %s: %s".formatted(model.file().getFileName(), tensor.name(), refused.getMessage()),
                        refused);
            }
            try {
                write(rows.codes(), channel, digest);
                write(rows.scales(), channel, digest);
                write(rows.subscales(), channel, digest);
                ByteBuffer bytes =
                        ByteBuffer.allocate(2 * Double.BYTES * range.count()).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asDoubleBuffer().put(errors.squaredErrors()).put(errors.squaredSums());
                write(MemorySegment.ofBuffer(bytes), channel, digest);
            } catch (IOException full) {
                throw parts.notWritten(node.host(), full);
            }
        }
    }

    private static void write(MemorySegment data, FileChannel channel, MessageDigest digest) throws IOException {
        digest.update(data.asByteBuffer());
        for (ByteBuffer bytes = data.asByteBuffer(); bytes.hasRemaining(); ) {
            channel.write(bytes);
        }
    }
}
