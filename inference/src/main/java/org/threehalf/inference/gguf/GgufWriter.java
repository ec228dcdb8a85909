package org.threehalf.inference.gguf;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.threehalf.kernels.io.FileNotWrittenException;
import org.threehalf.kernels.io.WholeFile;

/**
 * Writes a GGUF file of version 3.
 *
 * <p>Metadata and the list of tensors are given first, then the tensors' data in the list's order. The file is written
 * beside its place under another name and moved there by {@link #commit}; if that is not reached, {@link #close} leaves
 * nothing, nor does a program that is interrupted.
 */
public final class GgufWriter implements AutoCloseable {

    /** Bytes a call to the channel. */
    private static final int CHUNK = 1 << 20;

    private final Path target;
    private final WholeFile file;
    private final FileChannel channel;
    private final List<TensorInfo> tensors;
    private final int alignment;
    /** What is written goes through it: segments of float arrays, for example, have no byte buffer of their own. */
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);

    private int next;

    private GgufWriter(Path target, WholeFile file, FileChannel channel, List<TensorInfo> tensors, int alignment) {
        this.target = target;
        this.file = file;
        this.channel = channel;
        this.tensors = tensors;
        this.alignment = alignment;
    }

    /**
     * Starts a file and writes its header.
     *
     * @param target where the file goes; an existing one is replaced by {@link #commit}
     * @param metadata keys and values, in their order; {@code general.alignment} in it is heeded
     * @param tensors the list of tensors, in the order in which their data will be written
     * @throws IllegalArgumentException if two tensors have one name, or the alignment is no power of two of at least 8
     * @throws FileNotWrittenException if the file cannot be written
     * @throws IOException if its folder does not exist, or something that is no regular file has its name
     */
    public static GgufWriter create(Path target, SequencedMap<String, GgufValue> metadata, List<TensorInfo> tensors)
            throws IOException {
        Set<String> names = new HashSet<>();
        for (TensorInfo tensor : tensors) {
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException("tensor " + tensor.name() + " occurs twice");
            }
        }
        GgufValue given = metadata.get(GgufReader.ALIGNMENT);
        long alignment = given == null ? GgufReader.DEFAULT_ALIGNMENT : given.asLong();
        if (alignment < 8 || alignment > 1 << 20 || Long.bitCount(alignment) != 1) {
            throw new IllegalArgumentException(
                    "an alignment of %,d: it must be a power of two from 8 to 2^20".formatted(alignment));
        }
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IOException(target + ": its folder does not exist");
        }
        WholeFile file = WholeFile.begin(target);
        // It takes long to write and may be large: an interrupted program must not leave a part of it.
        file.temporary().toFile().deleteOnExit();
        FileChannel channel;
        try {
            channel = FileChannel.open(file.temporary(), StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        } catch (IOException failed) {
            throw new FileNotWrittenException(target, failed);
        }
        GgufWriter writer = new GgufWriter(target, file, channel, List.copyOf(tensors), (int) alignment);
        try {
            writer.writeFully(writer.header(metadata));
            writer.pad();
            return writer;
        } catch (IOException | RuntimeException | Error failed) {
            writer.close();
            throw failed;
        }
    }

    private MemorySegment header(SequencedMap<String, GgufValue> metadata) {
        LittleEndian header = new LittleEndian();
        header.putInt(GgufReader.MAGIC).putInt(3).putLong(tensors.size()).putLong(metadata.size());
        for (Map.Entry<String, GgufValue> entry : metadata.entrySet()) {
            header.putString(entry.getKey())
                    .putInt(entry.getValue().type().id())
                    .put(entry.getValue().bytes().toArray(ValueLayout.JAVA_BYTE));
        }
        long offset = 0;
        for (TensorInfo tensor : tensors) {
            header.putString(tensor.name()).putInt(tensor.dimensions().size());
            tensor.dimensions().forEach(header::putLong);
            header.putInt(tensor.type().id()).putLong(offset);
            offset = Math.addExact(offset, tensor.bytes() + padding(tensor.bytes()));
        }
        return header.bytes();
    }

    /**
     * Writes the next tensor's data.
     *
     * @param data exactly the bytes of that tensor
     * @throws IllegalArgumentException if it has another size
     * @throws IllegalStateException if all tensors are written
     */
    public void write(MemorySegment data) throws IOException {
        if (next == tensors.size()) {
            throw new IllegalStateException("all %d tensors are written".formatted(next));
        }
        TensorInfo tensor = tensors.get(next);
        if (data.byteSize() != tensor.bytes()) {
            throw new IllegalArgumentException(
                    "tensor %s takes %,d bytes, not %,d".formatted(tensor.name(), tensor.bytes(), data.byteSize()));
        }
        writeFully(data);
        pad();
        next++;
    }

    /**
     * Writes the next tensor's data, row by row where it is not stored as its {@code info} says.
     *
     * @param tensor the one whose turn it is, of the same size
     */
    public void write(GgufTensor tensor) throws IOException {
        if (tensor.isStored()) {
            write(tensor.data());
            return;
        }
        requireTurn(tensor.info());
        float[] values = new float[tensor.computedRows() == null ? 0 : Math.toIntExact(tensor.columns())];
        for (long row = 0; row < tensor.rows(); row++) {
            if (tensor.computedRows() == null) {
                writeFully(tensor.rowBytes(row));
            } else {
                tensor.readRow(row, values);
                writeFully(new LittleEndian().putFloats(values).bytes());
            }
        }
        pad();
        next++;
    }

    private void requireTurn(TensorInfo info) {
        if (next == tensors.size() || !tensors.get(next).equals(info)) {
            throw new IllegalStateException("it is not %s's turn".formatted(info.name()));
        }
    }

    /** Gives rows of a tensor, encoded. */
    @FunctionalInterface
    public interface RowChunks {
        /**
         * Some rows, one behind the other.
         *
         * @param first the first one
         * @param count how many
         */
        MemorySegment rows(long first, int count) throws IOException;
    }

    /**
     * Writes the next tensor's data some rows at a time.
     *
     * @param info the tensor whose turn it is
     * @param most rows at a time
     * @param chunks gives them, each of the tensor's bytes a row
     */
    public void writeRows(TensorInfo info, int most, RowChunks chunks) throws IOException {
        requireTurn(info);
        long rowBytes = info.type().bytes(info.columns());
        for (long row = 0; row < info.rows(); row += most) {
            int count = (int) Math.min(most, info.rows() - row);
            MemorySegment data = chunks.rows(row, count);
            if (data.byteSize() != count * rowBytes) {
                throw new IllegalArgumentException("%d rows of %s take %,d bytes, not %,d"
                        .formatted(count, info.name(), count * rowBytes, data.byteSize()));
            }
            writeFully(data);
        }
        pad();
        next++;
    }

    private void writeFully(MemorySegment data) throws IOException {
        for (long from = 0; from < data.byteSize(); from += CHUNK) {
            chunk.clear().limit((int) Math.min(CHUNK, data.byteSize() - from));
            MemorySegment.ofBuffer(chunk).copyFrom(data.asSlice(from, chunk.remaining()));
            try {
                while (chunk.hasRemaining()) {
                    channel.write(chunk);
                }
            } catch (IOException failed) {
                throw new FileNotWrittenException(target, failed);
            }
        }
    }

    private void pad() throws IOException {
        writeFully(MemorySegment.ofArray(new byte[padding(channel.position())]));
    }

    private int padding(long position) {
        return (int) (-position & (alignment - 1));
    }

    /**
     * Forces the file to the disk and moves it to its place.
     *
     * @throws IllegalStateException if a tensor has not been written
     */
    public void commit() throws IOException {
        if (next != tensors.size()) {
            throw new IllegalStateException("%d of %d tensors are written".formatted(next, tensors.size()));
        }
        try {
            channel.force(true);
            channel.close();
            file.commit();
        } catch (IOException failed) {
            throw new FileNotWrittenException(target, failed);
        }
    }

    /** Ends writing; without {@link #commit} nothing is left. */
    @Override
    public void close() throws IOException {
        channel.close();
        file.close();
    }
}
