package org.threehalf.inference.gguf;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What people take for a GGUF file, by how it starts, with what to do. */
public final class OtherFile {
    /** How much of a file is looked at. */
    public static final int BYTES = 64;

    private record Kind(byte[] start, int at, String what) {
        private static Kind of(String start, String what) {
            return new Kind(start.getBytes(StandardCharsets.ISO_8859_1), 0, what);
        }

        private boolean matches(byte[] bytes) {
            return bytes.length >= at + start.length
                    && Arrays.equals(start, Arrays.copyOfRange(bytes, at, at + start.length));
        }
    }

    private static final Kind POINTER = Kind.of(
            "version https://git-lfs",
            "a Git LFS pointer, the file itself was not downloaded: 'git lfs pull' brings it");
    private static final List<Kind> KINDS = List.of(
            POINTER,
            Kind.of("PK\u0003\u0004", "a zip archive, perhaps a PyTorch checkpoint: convert it to GGUF"),
            Kind.of("\u0080\u0002", "a pickle of Python, perhaps a PyTorch checkpoint: convert it to GGUF"),
            Kind.of("\u001f\u008b", "a gzip archive: unpack it"),
            Kind.of("\u0028\u00b5\u002f\u00fd", "a zstd archive: unpack it"),
            Kind.of("BZh", "a bzip2 archive: unpack it"),
            Kind.of("\u00fd7zXZ", "an xz archive: unpack it"),
            Kind.of("\u0089HDF", "an HDF5 file: convert it to GGUF"),
            Kind.of("lmgg", "a GGML file, older than GGUF: convert it to GGUF"),
            Kind.of("fmgg", "a GGMF file, older than GGUF: convert it to GGUF"),
            Kind.of("tjgg", "a GGJT file, older than GGUF: convert it to GGUF"),
            Kind.of("{", "a JSON file: of a model in several files give the folder that it is in"),
            new Kind(
                    "{\"".getBytes(StandardCharsets.ISO_8859_1),
                    8,
                    "a safetensors file: give the folder that it is in"));

    private OtherFile() {}

    /** What stands in a file's place where it was not downloaded, if its first bytes say so: of files of every kind. */
    public static Optional<String> pointer(byte[] start) {
        return POINTER.matches(start) ? Optional.of(POINTER.what) : Optional.empty();
    }

    /** What a file is whose first bytes are these, if it is known and no GGUF file. */
    static Optional<String> of(byte[] start) {
        for (Kind kind : KINDS) {
            if (kind.matches(start)) {
                return Optional.of(kind.what);
            }
        }
        String text = new String(start, StandardCharsets.ISO_8859_1).strip().toLowerCase(Locale.ROOT);
        return text.startsWith("<!doctype html") || text.startsWith("<html")
                ? Optional.of("a web page, perhaps an error of the server that it was downloaded from")
                : Optional.empty();
    }
}
