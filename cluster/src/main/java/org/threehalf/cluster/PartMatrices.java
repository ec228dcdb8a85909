package org.threehalf.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.StoppedException;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.model.QuantizedModelWriter.Listener;
import org.threehalf.inference.model.QuantizedModelWriter.MatrixSource;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.io.OffHeap;
import org.threehalf.kernels.quantize.MatrixQuantizer;

/**
 * Matrices whose rows lie in parts, in the order of the file. Each part is read once: what is copied is what is hashed,
 * and held against the hash that its task told when the last row is taken. The part is removed then; of one that is not
 * what was written the call that takes the last row fails, and so does all that was made of it.
 */
final class PartMatrices implements MatrixSource, AutoCloseable {
    private final SharedFolder folder;
    private final List<List<RowRange>> ranges;
    private final List<SharedFolder.Whole> written;
    private final BooleanSupplier interrupted;
    private int part;
    private int range;
    /** The part that is being read: once, from its beginning to its end. */
    private SharedFolder.@Nullable Reading open;

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
                take(rows.codes());
                take(rows.scales());
                take(rows.subscales());
                double[] errors = new double[2 * next.count()];
                byte[] bytes = new byte[errors.length * Double.BYTES];
                take(MemorySegment.ofArray(bytes));
                ByteBuffer.wrap(bytes)
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
        } catch (Problem problem) {
            throw new UncheckedIOException(problem.forCommand());
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
            open = folder.read(written.get(part), Node.DRIVER);
        }
        return ranges.get(part).get(range);
    }

    /** Copies what comes next of the part. */
    private void take(MemorySegment target) throws IOException {
        if (!OffHeap.read(opened(), target)) {
            throw folder.changed(written.get(part), Node.DRIVER);
        }
    }

    private SharedFolder.Reading opened() {
        return java.util.Objects.requireNonNull(open);
    }

    /** What was taken of a part counts once all of it is known to be what was written. */
    private void end() throws IOException {
        opened().requireWhole();
        close();
        folder.remove(written.get(part));
        part++;
        range = 0;
    }

    /** Ends the reading of a part whose last row was not taken. */
    @Override
    public void close() throws IOException {
        SharedFolder.Reading last = open;
        open = null;
        if (last != null) {
            last.close();
        }
    }
}
