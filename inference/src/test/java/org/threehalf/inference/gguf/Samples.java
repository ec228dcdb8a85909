package org.threehalf.inference.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** The files that tests start from. {@code scripts/make-gguf-testdata} made them. */
public final class Samples {

    /** A tensor of every type that is decoded, each with its values beside it. */
    public static final String DECODERS = "decoders.gguf";
    /**
     * The metadata and the list of tensors of Gemma 3 270M, with arrays cut short and tensors of a block or two of
     * zeros.
     */
    public static final String GEMMA_HEADER = "gemma-header.gguf";

    private Samples() {}

    /** A sample's bytes. */
    public static byte[] bytes(String name) {
        try (InputStream in = Samples.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException("no sample is called " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A sample, read from memory. */
    public static GgufFile open(String name) throws ModelFormatException {
        return GgufReader.read(name, MemorySegment.ofArray(bytes(name)));
    }

    /** Everything that a program could ask of a file. */
    public static void readAll(GgufFile file) {
        file.metadata().entries().forEach((key, value) -> value.summary(40));
        for (GgufTensor tensor : file.tensors()) {
            assertEquals(tensor.info().bytes(), tensor.data().byteSize());
            if (tensor.type().isDecodable()) {
                tensor.toFloats();
            }
        }
    }

    /** Where {@code scripts/fetch-model} puts the real model. */
    public static Path realModel() {
        return Path.of(System.getProperty("threehalf.root", "."), "models", "gemma-3-270m-q4_k_m.gguf");
    }
}
