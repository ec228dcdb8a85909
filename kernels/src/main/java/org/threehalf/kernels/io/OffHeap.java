package org.threehalf.kernels.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Memory outside the heap, through streams, whose arrays are shorter than it may be. */
public final class OffHeap {
    private static final int CHUNK = 1 << 16;

    private OffHeap() {}

    /** Writes all of it. */
    public static void write(MemorySegment from, OutputStream out) throws IOException {
        byte[] chunk = chunk(from);
        for (long at = 0; at < from.byteSize(); at += chunk.length) {
            int count = (int) Math.min(chunk.length, from.byteSize() - at);
            MemorySegment.copy(from, ValueLayout.JAVA_BYTE, at, chunk, 0, count);
            out.write(chunk, 0, count);
        }
    }

    /**
     * Fills it.
     *
     * @return whether the stream had so many bytes; if not, what it had is there
     */
    public static boolean read(InputStream in, MemorySegment to) throws IOException {
        byte[] chunk = chunk(to);
        for (long at = 0; at < to.byteSize(); at += chunk.length) {
            int count = (int) Math.min(chunk.length, to.byteSize() - at);
            int had = in.readNBytes(chunk, 0, count);
            MemorySegment.copy(chunk, 0, to, ValueLayout.JAVA_BYTE, at, had);
            if (had < count) {
                return false;
            }
        }
        return true;
    }

    private static byte[] chunk(MemorySegment memory) {
        return new byte[(int) Math.min(CHUNK, memory.byteSize())];
    }
}
