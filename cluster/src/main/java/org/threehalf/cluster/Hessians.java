package org.threehalf.cluster;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.quantize.DampedHessian;

/** What a matrix's inputs look like, decomposed once by the driver, as a file among the parts. */
final class Hessians {
    private static final int BUFFER = 1 << 16;

    /**
     * The one that was read last in this process: all tasks of a matrix, and of others with the same inputs, need it.
     */
    private static @Nullable Open open;

    private record Open(String name, DampedHessian hessian) {}

    private Hessians() {}

    /** Writes one; gives the name of its file. */
    static String write(SharedFolder parts, DampedHessian hessian) throws IOException {
        SharedFolder.Part part = parts.begin("hessian", "of the driver");
        try (DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(part.channel()), BUFFER))) {
            hessian.write(out);
        } catch (IOException full) {
            throw parts.notWritten("of the driver", full);
        }
        return part.name();
    }

    /** Reads one. Its name is no other's. */
    static synchronized DampedHessian read(SharedFolder parts, String name, Node node) throws IOException {
        Open last = open;
        if (last != null && last.name.equals(name)) {
            return last.hessian;
        }
        open = null;
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(parts.resolve(name)), BUFFER))) {
            DampedHessian read = DampedHessian.read(in);
            open = new Open(name, read);
            return read;
        } catch (java.nio.file.NoSuchFileException absent) {
            throw parts.unseen(node.host(), absent);
        }
    }
}
