package org.threehalf.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.StoppedException;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.model.QuantizedModelWriter.Listener;
import org.threehalf.inference.model.QuantizedModelWriter.MatrixSource;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.quantize.MatrixQuantizer;

/**
 * Matrices whose rows lie in parts, in the order of the file. Each part is held against the hash that its task told,
 * and removed once its last row is taken.
 */
final class PartMatrices implements MatrixSource {
    private final SharedFolder folder;
    private final List<List<RowRange>> ranges;
    private final List<SharedFolder.Whole> written;
    private final BooleanSupplier interrupted;
    private int part;
    private int range;
    private long offset;
    /** The mapping of the part that is being read: one whose last row is not taken is the collector's. */
    private @Nullable MemorySegment open;

    /** Of parts that are whole; {@code interrupted} ends the reading. */
    PartMatrices(
            SharedFolder folder,
            List<List<RowRange>> ranges,
            List<SharedFolder.Whole> written,
            BooleanSupplier interrupted) {
        this.interrupted = interrupted;
        this.folder = folder;
        this.ranges = ranges;
        this.written = written;
    }

    @Override
    public MatrixQuantizer.Error fill(GgufTensor tensor, PackedMatrix target, Listener listener) {
        return fill(tensor.name(), 0, target);
    }

    /** As {@link #fill(GgufTensor, PackedMatrix, Listener)}, of rows from one on. */
    MatrixQuantizer.Error fill(String tensor, int first, PackedMatrix target) {
        MatrixQuantizer.Error total = new MatrixQuantizer.Error(0, 0);
        try {
            for (int row = 0; row < target.rows(); ) {
                RowRange next = next();
                if (!next.tensor().equals(tensor) || next.first() != first + row || next.format() != target.format()) {
                    throw new IllegalStateException(
                            "row %d of %s is wanted, and %s is next".formatted(first + row, tensor, next));
                }
                PackedMatrix rows = target.slice(row, next.count());
                rows.codes().copyFrom(take(rows.codes().byteSize()));
                rows.scales().copyFrom(take(rows.scales().byteSize()));
                rows.subscales().copyFrom(take(rows.subscales().byteSize()));
                double[] errors = new double[2 * next.count()];
                take((long) errors.length * Double.BYTES)
                        .asByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asDoubleBuffer()
                        .get(errors);
                total = new MatrixQuantizer.RowErrors(
                                java.util.Arrays.copyOf(errors, next.count()),
                                java.util.Arrays.copyOfRange(errors, next.count(), errors.length))
                        .after(total);
                row += next.count();
                range++;
                if (range == ranges.get(part).size()) {
                    end();
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return total;
    }

    private RowRange next() throws IOException {
        if (interrupted.getAsBoolean()) {
            throw new StoppedException("interrupted: nothing is left of what was begun");
        }
        if (open == null) {
            SharedFolder.Whole whole = written.get(part);
            // Its hash first: of what is mapped, a part that was cut short meanwhile would be an error of memory.
            try (SharedFolder.Reading all = folder.read(whole, Node.DRIVER)) {
                all.requireWhole();
            } catch (Problem problem) {
                throw problem.forCommand();
            }
            MemorySegment mapped;
            try (FileChannel channel = FileChannel.open(folder.resolve(whole.name()), StandardOpenOption.READ)) {
                mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, whole.bytes(), Arena.ofAuto());
            }
            open = mapped;
        }
        return ranges.get(part).get(range);
    }

    private MemorySegment take(long bytes) {
        MemorySegment taken = java.util.Objects.requireNonNull(open).asSlice(offset, bytes);
        offset += bytes;
        return taken;
    }

    private void end() throws IOException {
        open = null;
        folder.remove(written.get(part));
        part++;
        range = 0;
        offset = 0;
    }
}
