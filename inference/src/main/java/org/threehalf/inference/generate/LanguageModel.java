package org.threehalf.inference.generate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.inference.decoder.Architecture;
import org.threehalf.inference.decoder.DecoderReader;
import org.threehalf.inference.decoder.FiniteWeights;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.UnknownKeyException;
import org.threehalf.inference.model.ModelFiles;
import org.threehalf.inference.model.QuantizedModel;
import org.threehalf.inference.tokenizer.LoneSurrogate;
import org.threehalf.inference.tokenizer.Tokenizer;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.RotaryAngles;

/**
 * An open language model. Plain GGUF files, ThreeHalf's quantised models and Hugging Face folders are read.
 *
 * <p>The door of the library: {@link #generate} goes on with a text and {@link #chat} answers messages, token by token,
 * on the fastest backend on the class path that runs here, or the one that is named; it is opened when it is first
 * needed. The model itself, its decoder's weights (mapped from the file) and its tokenizer are there for those who have
 * decoders of their own.
 *
 * <p>Safe for use by several threads; one step is computed at a time, and as many texts can be under way as
 * {@link Options#slots} says.
 */
public final class LanguageModel implements AutoCloseable {
    private static final int USUAL_CONTEXT = 2048;

    private final GgufFile file;
    private final DecoderWeights weights;
    private final Tokenizer tokenizer;
    private final int trainedContext;
    private final Options options;

    // Guarded by this.
    private @Nullable DecoderSlots slots;
    private boolean closed;

    /**
     * How a model is opened.
     *
     * @param backend the name of what computes, or null for the first of {@link BackendProvider#PREFERRED} that runs
     *     here
     * @param context positions that a prompt and its answer have together; 0 for {@link LanguageModel#usualContext}
     * @param slots how many texts can be under way at once, at least one; each has a cache of {@code context} positions
     * @param chatTemplate the source of a template that takes the place of the model's own, or null
     * @param ignoredKeys keys of the file's metadata that nothing computes and that may be there all the same
     */
    public record Options(
            @Nullable String backend,
            int context,
            int slots,
            @Nullable String chatTemplate,
            Set<String> ignoredKeys) {
        /** The fastest backend, the usual context, one text at a time, the model's own template, no key ignored. */
        public static final Options DEFAULT = new Options(null, 0, 1, null, Set.of());

        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if a number is outside its range
         */
        public Options {
            if (context < 0 || context > RotaryAngles.POSITIONS) {
                throw new IllegalArgumentException("a context of %,d positions: it must be 1 to %,d, or 0 for the usual"
                        .formatted(context, RotaryAngles.POSITIONS));
            }
            if (slots < 1) {
                throw new IllegalArgumentException("%,d slots: there must be at least one".formatted(slots));
            }
            ignoredKeys = Collections.unmodifiableSet(new TreeSet<>(ignoredKeys));
        }

        /** The same with a backend. */
        public Options withBackend(String backend) {
            return new Options(backend, context, slots, chatTemplate, ignoredKeys);
        }

        /** The same with another context. */
        public Options withContext(int context) {
            return new Options(backend, context, slots, chatTemplate, ignoredKeys);
        }

        /** The same for another number of texts at once. */
        public Options withSlots(int slots) {
            return new Options(backend, context, slots, chatTemplate, ignoredKeys);
        }

        /** The same with another template. */
        public Options withChatTemplate(String source) {
            return new Options(backend, context, slots, source, ignoredKeys);
        }

        /** The same with other keys ignored. */
        public Options withIgnoredKeys(Set<String> ignoredKeys) {
            return new Options(backend, context, slots, chatTemplate, ignoredKeys);
        }
    }

    private LanguageModel(GgufFile file, DecoderWeights weights, Options options) throws ModelFormatException {
        this.file = file;
        this.options = options;
        this.weights = weights;
        this.tokenizer = Tokenizer.of(file.metadata(), options.ignoredKeys());
        String architecture = file.metadata().string("general.architecture");
        this.trainedContext = file.metadata().integer(architecture + ".context_length", 1, Integer.MAX_VALUE);
        if (tokenizer.vocabulary().size() != weights.config().vocabulary()) {
            throw new ModelFormatException("%s: the tokenizer has %,d tokens, the embedding %,d rows"
                    .formatted(
                            file.name(),
                            tokenizer.vocabulary().size(),
                            weights.config().vocabulary()));
        }
    }

    /** Opens a model, as {@link #open(Path, Options)} with {@link Options#DEFAULT}. */
    public static LanguageModel open(Path path) throws IOException {
        return open(path, Options.DEFAULT);
    }

    /**
     * Opens a model.
     *
     * @param path a GGUF file, one of several that hold one model, or a folder as Hugging Face's libraries write it
     * @param options how
     * @return the open model; the caller closes it, after every decoder made of {@link #weights}
     * @throws ModelFormatException if the file is not as it must be, or its architecture or tokenizer is not known
     * @throws IllegalArgumentException if a key that is to be ignored is not in the file, or is computed
     * @throws IOException if it cannot be read
     */
    public static LanguageModel open(Path path, Options options) throws IOException {
        GgufFile file = ModelFiles.open(path);
        try {
            return of(file, options);
        } catch (IOException | RuntimeException | Error failed) {
            file.close();
            throw failed;
        }
    }

    private static LanguageModel of(GgufFile file, Options options) throws ModelFormatException {
        DecoderWeights weights = QuantizedModel.isQuantized(file)
                ? DecoderReader.read(QuantizedModel.of(file), options.ignoredKeys())
                : DecoderReader.read(file, options.ignoredKeys());
        return new LanguageModel(file, weights, options);
    }

    /**
     * Holds a file against all that {@link #open} asks of it, for those who make another model of it: what could not be
     * opened is not written.
     *
     * @param file open; it stays open
     * @return what stands in the way of running what is made of it, but not of making it: an architecture that is not
     *     known, which may be other programs', or keys that are to be ignored
     * @throws ModelFormatException if it could not be opened for another reason; says which
     */
    public static List<String> requireWhole(GgufFile file) throws ModelFormatException {
        List<String> remarks = new ArrayList<>();
        try {
            Architecture.named(file.metadata().string("general.architecture"));
        } catch (ModelFormatException | IllegalArgumentException unknown) {
            return List.of(String.valueOf(unknown.getMessage()));
        }
        Set<String> ignored = new TreeSet<>();
        while (true) {
            try {
                of(file, Options.DEFAULT.withIgnoredKeys(ignored));
                return remarks;
            } catch (UnknownKeyException unknown) {
                if (!ignored.add(unknown.key())) {
                    throw unknown;
                }
                remarks.add(String.valueOf(unknown.getMessage()));
            }
        }
    }

    /**
     * Reads all matrices that are not quantised once, for those who compute with them: a weight that is no number would
     * make one of everything that it meets, far from where it stands.
     *
     * @throws ModelFormatException if a weight is not finite; says which
     */
    public void requireFinite() throws ModelFormatException {
        FiniteWeights.require(file);
    }

    /** The file: its name, size and metadata. */
    public GgufFile file() {
        return file;
    }

    /**
     * The keys of the metadata that were ignored on demand, in the order of the alphabet: whatever is said of this
     * model's results says so.
     */
    public Set<String> ignoredKeys() {
        return options.ignoredKeys();
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
     * Bytes of weights that one token reads: all tensors, but of an embedding that is not the output matrix too only
     * one row, which is left out, and of experts those that it goes through; of a format of windows a byte a weight
     * where the device does not cut them. Divided by the memory's bandwidth it is the least time a token can take.
     *
     * @param device what multiplies
     */
    public long bytesPerToken(Backend device) {
        boolean tied = weights.output() == weights.embedding();
        double part = weights.hasExperts()
                ? (double) weights.config().experts().used()
                        / weights.config().experts().count()
                : 1;
        long stored = file.tensors().stream()
                .filter(tensor -> tied || !tensor.name().startsWith("token_embd."))
                .mapToDouble(tensor -> tensor.storedBytes() * (ofExpert(tensor.name()) ? part : 1))
                .mapToLong(Math::round)
                .sum();
        return device.cutsWindows()
                ? stored
                : stored
                        + weights.multiplied()
                                .mapToLong(LanguageModel::unpackedBytes)
                                .sum();
    }

    /** Whether a tensor is a stack of experts' matrices, or one expert's. */
    private static boolean ofExpert(String tensor) {
        return tensor.matches("blk\\.\\d+\\.ffn_(gate|up|down)(_exps|\\.\\d+)\\.weight.*");
    }

    /** What the kernels' memory has beyond the file's. */
    private static long unpackedBytes(Weights weights) {
        return weights instanceof Weights.Quantized(var matrix)
                        && matrix.format().traits().windowed()
                ? matrix.rows()
                        * ((long) Format.blocks(matrix.columns()) * Format.BLOCK
                                - matrix.format().rowCodeBytes(matrix.columns()))
                : 0;
    }

    /**
     * Positions of a cache where none are asked for: 2,048, or as many as the model was trained for if those are fewer.
     */
    public int usualContext() {
        return Math.min(USUAL_CONTEXT, trainedContext);
    }

    /**
     * Goes on with a text.
     *
     * @param prompt the text; what is spelt like a control token is text
     * @param options how
     * @return what follows it, as it is drawn; to be closed where it is not gone through to its end
     * @throws IllegalArgumentException if the prompt is empty, is no Unicode (half of a surrogate pair) or does not fit
     *     the context, or the backend is not known
     * @throws IllegalStateException if this is closed, all slots are in use, no backend runs, or a weight is not finite
     */
    public TokenStream generate(String prompt, GenerationOptions options) {
        requireOpen();
        if (LoneSurrogate.in(prompt).isPresent()) {
            throw new IllegalArgumentException("the prompt has half of a surrogate pair in it, which is no text");
        }
        return generate(tokenizer.encodePrompt(prompt), options);
    }

    /**
     * Goes on with tokens, as {@link #generate(String, GenerationOptions)} does.
     *
     * @param prompt token ids, fed as they are, at least one
     * @param options how
     */
    public TokenStream generate(int[] prompt, GenerationOptions options) {
        Decoder decoder = slots().take();
        try {
            // Now, and not when the first token is asked for.
            Generator.requirePrompt(prompt, decoder.capacity(), 0);
            Decoder.requireFeed(
                    prompt, 0, 1, 0, decoder.capacity(), tokenizer.vocabulary().size());
        } catch (IllegalArgumentException refused) {
            decoder.close();
            throw refused;
        }
        return new TokenStream(
                new Generator(decoder, tokenizer.vocabulary(), options.sampler()),
                tokenizer,
                prompt,
                options,
                new TokenStream.Owner() {
                    @Override
                    public void ended(int[] answer, String text) {
                        decoder.close();
                    }
                });
    }

    /**
     * Answers the last of some messages.
     *
     * @param messages the conversation: perhaps instructions, then user and assistant in turn
     * @param options how
     * @return the answer, as of {@link #generate(String, GenerationOptions)}
     * @throws ModelFormatException if the model has no template, or it does not take the messages
     * @throws IllegalArgumentException as of {@link #generate(String, GenerationOptions)}
     * @throws IllegalStateException as of {@link #generate(String, GenerationOptions)}
     */
    public TokenStream chat(List<ChatTemplate.Message> messages, GenerationOptions options)
            throws ModelFormatException {
        requireOpen();
        ChatTemplate template = chatTemplate();
        return generate(template.tokens(template.render(messages, true)), options);
    }

    /**
     * Begins a conversation, which holds a slot until it is closed.
     *
     * @param instructions the system's, or empty
     * @param options of each answer
     * @throws ModelFormatException if the model has no template
     * @throws IllegalStateException as of {@link #generate(String, GenerationOptions)}
     */
    public Chat chat(String instructions, GenerationOptions options) throws ModelFormatException {
        requireOpen();
        ChatTemplate template = chatTemplate();
        Decoder decoder = slots().take();
        return new Chat(
                new Conversation(template, tokenizer, decoder.capacity(), 0, instructions),
                decoder,
                tokenizer,
                options,
                decoder::close);
    }

    /**
     * How conversations are written: the template of the options, or the model's own.
     *
     * @throws ModelFormatException if there is none, or it cannot be read
     */
    public ChatTemplate chatTemplate() throws ModelFormatException {
        return ChatTemplate.of(file.metadata(), tokenizer, options.chatTemplate());
    }

    /** The name of the backend that computes; opens it. */
    public String backend() {
        return slots().backend();
    }

    /** How many texts are under way. */
    public synchronized int underWay() {
        return slots == null || closed ? 0 : slots.lent();
    }

    private synchronized void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
    }

    private synchronized DecoderSlots slots() {
        requireOpen();
        if (slots == null) {
            try {
                requireFinite();
            } catch (ModelFormatException wrong) {
                throw new IllegalStateException(wrong.getMessage(), wrong);
            }
            BackendProvider provider =
                    options.backend() == null ? BackendProvider.fastest() : BackendProvider.named(options.backend());
            slots = new DecoderSlots(
                    provider.open(),
                    weights,
                    options.context() == 0 ? usualContext() : options.context(),
                    options.slots());
        }
        return slots;
    }

    /** Ends all texts that are under way, frees the device and unmaps the file. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            if (slots != null) {
                slots.close();
            }
            file.close();
        }
    }
}
