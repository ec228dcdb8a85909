package org.threehalf.inference.calibrate;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.io.ClassFiles;
import org.threehalf.kernels.io.FileNotWrittenException;
import org.threehalf.kernels.io.FolderTree;
import org.threehalf.kernels.io.OffHeap;
import org.threehalf.kernels.io.Printable;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.WholeFile;
import org.threehalf.kernels.quantize.CalibratedQuantizer;
import org.threehalf.kernels.quantize.DampedHessian;
import org.threehalf.kernels.quantize.MatrixQuantizer;

/**
 * Steps whose results are kept in a folder, so that a run that was killed goes on where it was.
 *
 * <p>A result is a file whose name is the SHA-256 of all that decides its bytes: the rows' weights, the format, whether
 * they are rotated, the damped Hessian, and the class files that quantise. So nothing needs to be said of the run: what
 * another model, text, choice of formats or version left there has other names, and several runs may share a folder. A
 * file ends with the SHA-256 of the rest; one that is damaged counts as missing, and is written anew, as is what is no
 * file.
 *
 * <p>Where a run goes on, tokens go through the model once more, which is quick beside the search for codes.
 */
public final class KeptSteps implements CalibratedModel.Steps {
    private static final String END = ".rows";
    private static final int HASH = 32;
    private static final int CHUNK = 1 << 16;

    private final Path folder;
    private final CalibratedModel.Steps steps;
    private final byte[] code;
    private final boolean made;
    private final Set<Path> used = ConcurrentHashMap.newKeySet();

    private KeptSteps(Path folder, CalibratedModel.Steps steps, byte[] code, boolean made) {
        this.made = made;
        this.folder = folder;
        this.steps = steps;
        this.code = code;
    }

    /** Why nothing can be kept there, if what is there already forbids it. */
    public static Optional<String> obstacle(Path folder) {
        return Files.exists(folder, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(folder)
                ? Optional.of(
                        Printable.line(folder.toString()) + " is no folder: name one in which finished parts are kept")
                : Optional.empty();
    }

    /**
     * Keeps what steps come to.
     *
     * @param folder made where it does not exist
     * @param steps does what is not kept yet
     * @throws IOException if the folder is none or cannot be made
     */
    public static KeptSteps in(Path folder, CalibratedModel.Steps steps) throws IOException {
        Optional<String> obstacle = obstacle(folder);
        if (obstacle.isPresent()) {
            throw new IOException(obstacle.get());
        }
        boolean made = !Files.exists(folder);
        try {
            Files.createDirectories(folder);
        } catch (IOException failed) {
            throw new FileNotWrittenException(folder, failed);
        }
        MessageDigest classes = Sha256.digest();
        ClassFiles.sha256(CalibratedQuantizer.class, "org/threehalf/kernels")
                .forEach((name, hash) -> classes.update((name + ' ' + hash + '\n').getBytes(StandardCharsets.UTF_8)));
        return new KeptSteps(folder, steps, classes.digest(), made);
    }

    @Override
    public MatrixQuantizer.Error quantize(
            GgufTensor tensor, int first, PackedMatrix target, DampedHessian hessian, IntConsumer rowDone) {
        try {
            Path file = folder.resolve(name(tensor, first, target, hessian) + END);
            used.add(file);
            MatrixQuantizer.Error error = read(file, target);
            if (error != null) {
                for (int row = 0; row < target.rows(); row++) {
                    rowDone.accept(row);
                }
                return error;
            }
            error = steps.quantize(tensor, first, target, hessian, rowDone);
            write(file, target, error);
            return error;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public CalibratedModel.InputSum inputs(int size) {
        return steps.inputs(size);
    }

    /**
     * Removes what this run found or left, and the folder if this run made it and nothing else is in it: the whole is
     * finished. What cannot be removed stays, as another run may use it or have removed it: the whole is no worse for
     * it.
     */
    public void remove() {
        for (Path file : used) {
            deleted(file);
        }
        if (made) {
            deleted(folder);
        }
    }

    /** Whether a file, or a folder in which nothing is, went. */
    private static boolean deleted(Path file) {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException stays) {
            return false;
        }
    }

    private String name(GgufTensor tensor, int first, PackedMatrix target, DampedHessian hessian) throws IOException {
        MessageDigest digest = Sha256.digest();
        digest.update(code);
        try (DataOutputStream out = new DataOutputStream(
                new BufferedOutputStream(new DigestOutputStream(OutputStream.nullOutputStream(), digest), 1 << 16))) {
            out.writeInt(target.format().id());
            out.writeBoolean(target.rotated());
            out.writeInt(target.rows());
            out.writeInt(target.columns());
            hessian.write(out);
            float[] row = new float[target.columns()];
            ByteBuffer bytes = ByteBuffer.allocate(row.length * Float.BYTES);
            for (int i = 0; i < target.rows(); i++) {
                tensor.readRow(first + (long) i, row);
                bytes.clear().asFloatBuffer().put(row);
                out.write(bytes.array());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static List<MemorySegment> parts(PackedMatrix matrix) {
        return List.of(matrix.codes(), matrix.subscales(), matrix.scales());
    }

    private static void write(Path file, PackedMatrix matrix, MatrixQuantizer.Error error) throws IOException {
        WholeFile.write(file, temporary -> {
            MessageDigest digest = Sha256.digest();
            try (OutputStream whole = new BufferedOutputStream(Files.newOutputStream(temporary), CHUNK)) {
                DataOutputStream out = new DataOutputStream(new DigestOutputStream(whole, digest));
                for (MemorySegment part : parts(matrix)) {
                    OffHeap.write(part, out);
                }
                out.writeDouble(error.squaredError());
                out.writeDouble(error.squaredSum());
                whole.write(digest.digest());
            }
        });
    }

    /**
     * Fills the matrix from a file and returns the error; null where the file is missing, or not as it was written.
     * What stands in its place and is no file goes.
     */
    private static MatrixQuantizer.@Nullable Error read(Path file, PackedMatrix matrix) throws IOException {
        long bytes = parts(matrix).stream().mapToLong(MemorySegment::byteSize).sum() + 2 * Double.BYTES + HASH;
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            // A link would be written through.
            FolderTree.delete(file);
            return null;
        }
        if (Files.size(file) != bytes) {
            return null;
        }
        MessageDigest digest = Sha256.digest();
        try (DataInputStream in = new DataInputStream(
                new DigestInputStream(new BufferedInputStream(Files.newInputStream(file), CHUNK), digest))) {
            for (MemorySegment part : parts(matrix)) {
                if (!OffHeap.read(in, part)) {
                    return null;
                }
            }
            MatrixQuantizer.Error error = new MatrixQuantizer.Error(in.readDouble(), in.readDouble());
            byte[] right = digest.digest();
            return MessageDigest.isEqual(right, in.readNBytes(HASH)) ? error : null;
        }
    }
}
