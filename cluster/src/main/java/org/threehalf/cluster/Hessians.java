package org.threehalf.cluster;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.quantize.DampedHessian;

/** What a matrix's inputs look like, decomposed once by the driver, as a part. */
final class Hessians {
    private static final int BUFFER = 1 << 16;

    /**
     * The one that was read last in this process: all tasks of a matrix, and of others with the same inputs, need it.
     */
    private static @Nullable Open open;

    private record Open(SharedFolder.Whole part, DampedHessian hessian) {}

    private Hessians() {}

    /** Writes one. */
    static SharedFolder.Whole write(SharedFolder parts, DampedHessian hessian) throws IOException {
        try (SharedFolder.Part part = parts.begin("hessian", Node.DRIVER)) {
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(part, BUFFER));
            hessian.write(out);
            out.flush();
            return part.whole();
        }
    }

    /**
     * Reads one. Its name is no other's.
     *
     * @throws Problem if it is not there, or not what was written
     */
    static synchronized DampedHessian read(SharedFolder parts, SharedFolder.Whole part, Node node) throws IOException {
        Open last = open;
        if (last != null && last.part.equals(part)) {
            return last.hessian;
        }
        open = null;
        try (SharedFolder.Reading whole = parts.read(part, node.host());
                DataInputStream in = new DataInputStream(new BufferedInputStream(whole, BUFFER))) {
            DampedHessian read;
            try {
                read = DampedHessian.read(in);
            } catch (EOFException | RuntimeException | OutOfMemoryError changed) {
                // Of numbers that nobody wrote: which is then said.
                whole.requireWhole();
                throw changed;
            }
            whole.requireWhole();
            open = new Open(part, read);
            return read;
        }
    }
}
