package org.threehalf.inference.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.huggingface.HuggingFaceFolder;

/** Opens whatever holds a model: a GGUF file, several of them, a quantised model, a folder as Hugging Face's libraries write it. */
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
        return !path.toString().isEmpty() && Files.isDirectory(path) ? HuggingFaceFolder.open(path) : GgufReader.open(path);
    }
}
