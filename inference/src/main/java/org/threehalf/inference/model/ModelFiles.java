package org.threehalf.inference.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.huggingface.HuggingFaceFolder;
import org.threehalf.kernels.io.Sha256;

/**
 * Opens whatever holds a model: a GGUF file, several of them, a quantised model, a folder as Hugging Face's libraries
 * write it.
 */
public final class ModelFiles {
    private ModelFiles() {}

    /**
     * Opens a model.
     *
     * @param path a file or a folder
     * @return the open model; the caller closes it
     * @throws ModelFormatException if it is not as it must be; says what and where
     * @throws IOException if it cannot be read
     */
    public static GgufFile open(Path path) throws IOException {
        return !path.toString().isEmpty() && Files.isDirectory(path)
                ? HuggingFaceFolder.open(path)
                : GgufReader.open(path);
    }

    /**
     * What names a model's bits: of a file its SHA-256; of several files that hold one, and of a folder, that of a list
     * of them, in the order of the alphabet, a line each with the file's SHA-256, two spaces and its name.
     *
     * @return lower-case hexadecimal
     * @throws IOException if a file cannot be read
     */
    public static String sha256(Path path) throws IOException {
        List<Path> files = files(path);
        if (!Files.isDirectory(path) && files.size() == 1) {
            return Sha256.of(path);
        }
        StringBuilder list = new StringBuilder();
        for (Path file : files) {
            list.append(Sha256.of(file)).append("  ").append(file.getFileName()).append('\n');
        }
        return Sha256.of(list.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Bytes of a file, or of a folder's configurations and weights. */
    public static long bytes(Path path) throws IOException {
        long bytes = 0;
        for (Path file : files(path)) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    /**
     * The files that hold a model: a file, all of several that hold one, a folder's configurations and weights.
     *
     * @throws IOException if one cannot be found
     */
    public static List<Path> files(Path path) throws IOException {
        return Files.isDirectory(path) ? parts(path) : GgufReader.files(path);
    }

    /**
     * What tells a model's files from others of the same names, and from what becomes of them when somebody writes to
     * them: their names, sizes and times of change, in milliseconds. Reads none of them. A file that is not there,
     * which {@link #open} refuses, counts as such.
     *
     * @return SHA-256 of that, in lower-case hexadecimal
     * @throws IOException if one cannot be looked at
     */
    public static String stamp(Path path) throws IOException {
        StringBuilder list = new StringBuilder();
        for (Path file : files(path)) {
            list.append(file.getFileName());
            try {
                list.append(" %d %d%n"
                        .formatted(
                                Files.size(file),
                                Files.getLastModifiedTime(file).toMillis()));
            } catch (NoSuchFileException absent) {
                list.append(" is absent\n");
            }
        }
        return Sha256.of(list.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static List<Path> parts(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> String.valueOf(file.getFileName()).matches(".*\\.(json|safetensors|jinja)")
                            && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        }
    }
}
