package org.threehalf.inference;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.GgufWriter;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.huggingface.HuggingFaceFolder;

/**
 * The tiny random models that {@code src/test/python/tiny_models.py} wrote, their logits by llama.cpp, and damaged
 * copies of them.
 */
public final class TinyModels {

    /** All models. */
    public static final List<String> NAMES =
            List.of("llama2", "llama2-linear", "llama3", "qwen2", "qwen3", "gemma2", "gemma3");

    /**
     * What llama.cpp computed.
     *
     * @param tokens the tokens fed
     * @param logits after each of them
     */
    public record Expected(int[] tokens, float[][] logits) {}

    private TinyModels() {}

    /** A model's file. */
    public static Path path(String name) {
        try {
            return Path.of(Objects.requireNonNull(TinyModels.class.getResource("decoder/" + name + ".gguf"), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * A file of the tiny Hugging Face folders, or of their models in GGUF, which
     * {@code src/test/python/tiny_folders.py} wrote.
     */
    public static Path ofFolders(String name) {
        try {
            return Path.of(Objects.requireNonNull(HuggingFaceFolder.class.getResource(name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** The logits of a folder's model by transformers. */
    public static Expected expectedOfFolders(String name) throws IOException {
        return expected(Files.readAllBytes(ofFolders(name + ".logits")));
    }

    /**
     * The logits after each token, as a backend computes them.
     *
     * @param group how many tokens are fed at a time
     */
    public static float[][] logits(DecoderWeights weights, String backendName, int[] tokens, int group) {
        float[][] logits = new float[tokens.length][weights.config().vocabulary()];
        try (Backend backend = BackendProvider.named(backendName).open();
                Decoder decoder = backend.decoder(weights, tokens.length)) {
            for (int from = 0; from < tokens.length; from += group) {
                int to = Math.min(from + group, tokens.length);
                decoder.forward(Arrays.copyOfRange(tokens, from, to), from, Arrays.copyOfRange(logits, from, to));
            }
        }
        return logits;
    }

    /** A model's logits by llama.cpp. */
    public static Expected expected(String name) {
        try (InputStream in =
                Objects.requireNonNull(TinyModels.class.getResourceAsStream("decoder/" + name + ".logits"), name)) {
            return expected(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stored logits: two counts, the tokens, and a row of the vocabulary for each of them, little endian. */
    public static Expected expected(byte[] stored) {
        ByteBuffer bytes = ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN);
        int[] tokens = new int[bytes.getInt()];
        int vocabulary = bytes.getInt();
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = bytes.getInt();
        }
        float[][] logits = new float[tokens.length][vocabulary];
        for (float[] row : logits) {
            for (int i = 0; i < vocabulary; i++) {
                row[i] = bytes.getFloat();
            }
        }
        return new Expected(tokens, logits);
    }

    /** Changes a tensor of a copy: gives what stands in its place, or null to leave it out. */
    @FunctionalInterface
    public interface Change {
        /** The tensor with its data, or another, or null. */
        @Nullable
        Entry apply(Entry tensor);
    }

    /**
     * A tensor to be written.
     *
     * @param info name, type and shape
     * @param data its bytes
     */
    public record Entry(TensorInfo info, MemorySegment data) {
        /** The same under another name. */
        public Entry named(String name) {
            return new Entry(new TensorInfo(name, info.type(), info.dimensions()), data);
        }
    }

    /** Writes a copy of a model with other metadata or tensors. */
    public static Path copy(
            String name, Path target, UnaryOperator<SequencedMap<String, GgufValue>> metadata, Change change)
            throws IOException {
        return copy(path(name), target, metadata, change);
    }

    /** Writes a copy of a GGUF file, likewise. */
    public static Path copy(
            Path source, Path target, UnaryOperator<SequencedMap<String, GgufValue>> metadata, Change change)
            throws IOException {
        try (GgufFile file = GgufReader.open(source)) {
            List<Entry> entries = new ArrayList<>();
            for (GgufTensor tensor : file.tensors()) {
                Entry entry = change.apply(new Entry(tensor.info(), tensor.data()));
                if (entry != null) {
                    entries.add(entry);
                }
            }
            SequencedMap<String, GgufValue> values =
                    metadata.apply(new LinkedHashMap<>(file.metadata().entries()));
            try (GgufWriter writer = GgufWriter.create(
                    target, values, entries.stream().map(Entry::info).toList())) {
                for (Entry entry : entries) {
                    writer.write(entry.data());
                }
                writer.commit();
            }
            return target;
        }
    }
}
