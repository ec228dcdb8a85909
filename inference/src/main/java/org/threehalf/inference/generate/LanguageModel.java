package org.threehalf.inference.generate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.inference.decoder.DecoderReader;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.model.QuantizedModel;
import org.threehalf.inference.tokenizer.Tokenizer;

/**
 * An open language model: its decoder's weights, mapped from the file, and its tokenizer. Plain GGUF files and ThreeHalf's quantised models are both read.
 */
public final class LanguageModel implements AutoCloseable {

    private final GgufFile file;
    private final DecoderWeights weights;
    private final Tokenizer tokenizer;
    private final int trainedContext;

    private final Set<String> ignoredKeys;

    private LanguageModel(GgufFile file, DecoderWeights weights, Set<String> ignoredKeys) throws ModelFormatException {
        this.file = file;
        this.ignoredKeys = Collections.unmodifiableSet(new TreeSet<>(ignoredKeys));
        this.weights = weights;
        this.tokenizer = Tokenizer.of(file.metadata());
        String architecture = file.metadata().string("general.architecture");
        this.trainedContext = file.metadata().integer(architecture + ".context_length", 1, Integer.MAX_VALUE);
        if (tokenizer.vocabulary().size() != weights.config().vocabulary()) {
            throw new ModelFormatException("%s: the tokenizer has %,d tokens, the embedding %,d rows".formatted(
                    file.name(), tokenizer.vocabulary().size(), weights.config().vocabulary()));
        }
    }

    /** Opens a model, as {@link #open(Path, Set)} with no key ignored. */
    public static LanguageModel open(Path path) throws IOException {
        return open(path, Set.of());
    }

    /**
     * Opens a model.
     *
     * @param path a GGUF file, or the first of several that hold one model
     * @param ignoredKeys keys of its metadata that nothing computes and that may be there all the same
     * @return the open model; the caller closes it, after every decoder made of it
     * @throws ModelFormatException if the file is not as it must be, or its architecture or tokenizer is not known
     * @throws IllegalArgumentException if a key that is to be ignored is not in the file, or is computed
     * @throws IOException if it cannot be read
     */
    public static LanguageModel open(Path path, Set<String> ignoredKeys) throws IOException {
        GgufFile file = GgufReader.open(path);
        try {
            DecoderWeights weights =
                    QuantizedModel.isQuantized(file) ? DecoderReader.read(QuantizedModel.of(file), ignoredKeys) : DecoderReader.read(file, ignoredKeys);
            return new LanguageModel(file, weights, ignoredKeys);
        } catch (IOException | RuntimeException | Error failed) {
            file.close();
            throw failed;
        }
    }

    /** The file: its name, size and metadata. */
    public GgufFile file() {
        return file;
    }

    /** The keys of the metadata that were ignored on demand, in the order of the alphabet: whatever is said of this model's results says so. */
    public Set<String> ignoredKeys() {
        return ignoredKeys;
    }

    /** The decoder; valid until {@link #close}. */
    public DecoderWeights weights() {
        return weights;
    }

    /** The tokenizer. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Positions that the model was trained for. */
    public int trainedContext() {
        return trainedContext;
    }

    /**
     * Bytes of weights that one token reads: all tensors, but of an embedding that is not the output matrix too only one row, which is left out. Divided by the memory's bandwidth it is
     * the least time a token can take.
     */
    public long bytesPerToken() {
        boolean tied = weights.output() == weights.embedding();
        return file.tensors().stream()
                .filter(tensor -> tied || !tensor.name().startsWith("token_embd."))
                .mapToLong(tensor -> tensor.data().byteSize())
                .sum();
    }

    /** Unmaps the file. */
    @Override
    public void close() {
        file.close();
    }
}
