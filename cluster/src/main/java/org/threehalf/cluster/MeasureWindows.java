package org.threehalf.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.generate.Perplexity;

/**
 * Measures windows of a text ({@link Perplexity#logProbabilities}).
 *
 * @param model what is run
 * @param windows the tokens of each, all as many
 * @param parts where all logits of each window go as a file, or null where nobody wants them
 */
record MeasureWindows(
        Engine.Key model, List<int[]> windows, @Nullable SharedFolder parts)
        implements Work<ArrayList<MeasureWindows.Measured>> {
    private static final long serialVersionUID = 1;

    /**
     * A window.
     *
     * @param logProbabilities ln p of the tokens that count
     * @param logits the part with all logits, binary32, little endian, position by position; null where nobody wants
     *     them
     */
    record Measured(double[] logProbabilities, SharedFolder.@Nullable Whole logits) implements Serializable {
        private static final long serialVersionUID = 1;
    }

    @Override
    public ArrayList<Measured> run(Node node) throws Exception {
        return Engine.use(model, node, engine -> {
            Decoder decoder = engine.decoder(windows.getFirst().length);
            int vocabulary = engine.model().tokenizer().vocabulary().size();
            ArrayList<Measured> measured = new ArrayList<>();
            for (int[] window : windows) {
                measured.add(
                        parts == null
                                ? new Measured(Perplexity.logProbabilities(decoder, vocabulary, window, null), null)
                                : kept(decoder, vocabulary, window, parts, node));
            }
            return measured;
        });
    }

    @Override
    public String reads() {
        return model.model().path();
    }

    private static Measured kept(Decoder decoder, int vocabulary, int[] window, SharedFolder parts, Node node)
            throws IOException {
        try (SharedFolder.Part part = parts.begin("logits", node.host())) {
            ByteBuffer bytes = ByteBuffer.allocate(vocabulary * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            double[] found = Perplexity.logProbabilities(decoder, vocabulary, window, (position, logits) -> {
                bytes.clear().asFloatBuffer().put(logits);
                try {
                    part.write(bytes.array());
                } catch (IOException full) {
                    throw new UncheckedIOException(full);
                }
            });
            return new Measured(found, part.whole());
        } catch (UncheckedIOException full) {
            throw full.getCause();
        }
    }
}
