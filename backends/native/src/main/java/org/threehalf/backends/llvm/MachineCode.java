package org.threehalf.backends.llvm;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Machine code and its constants, in one piece that runs at any address that a page begins at.
 *
 * @param image code and constants
 * @param offsets of its functions, in bytes
 */
record MachineCode(byte[] image, Map<String, Integer> offsets) {

    /** The functions of an image that was made executable. */
    List<MemorySegment> functions(MemorySegment executable, List<String> names) {
        return names.stream()
                .map(name -> MemorySegment.ofAddress(executable.address() + offsets.get(name)))
                .toList();
    }

    /** Whether it has functions of these names, within its image. */
    boolean has(List<String> names) {
        return offsets.keySet().containsAll(names)
                && offsets.values().stream().allMatch(offset -> offset >= 0 && offset < image.length);
    }

    /** For {@link #of}. */
    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(offsets.size());
            for (Map.Entry<String, Integer> function : offsets.entrySet()) {
                out.writeUTF(function.getKey());
                out.writeInt(function.getValue());
            }
            out.write(image);
        } catch (IOException e) {
            throw new UncheckedIOException("an array of bytes cannot be written", e);
        }
        return bytes.toByteArray();
    }

    /**
     * What {@link #toBytes} made.
     *
     * @throws IOException if it did not make that
     */
    static MachineCode of(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            Map<String, Integer> offsets = new LinkedHashMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                offsets.put(in.readUTF(), in.readInt());
            }
            return new MachineCode(in.readAllBytes(), offsets);
        }
    }
}
