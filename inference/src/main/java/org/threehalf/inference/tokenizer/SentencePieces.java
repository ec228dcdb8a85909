package org.threehalf.inference.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.tokenizer.Vocabulary.Type;

/**
 * SentencePiece's byte-pair encoding (Kudo and Richardson, SentencePiece, 2018): neighbours are joined, the pair whose
 * token has the best score first, of equal scores the leftmost ({@link PairMerging}); characters that no token has
 * become bytes.
 */
final class SentencePieces implements Tokenizer.Pieces {
    /** What stands for a space in tokens: U+2581. */
    private static final char SPACE = '\u2581';

    private final Vocabulary vocabulary;
    private final float[] scores;
    private final int[] byteTokens;
    private final boolean spacePrefix;
    private final int unknown;

    private SentencePieces(Vocabulary vocabulary, float[] scores, int[] byteTokens, boolean spacePrefix, int unknown) {
        this.vocabulary = vocabulary;
        this.scores = scores;
        this.byteTokens = byteTokens;
        this.spacePrefix = spacePrefix;
        this.unknown = unknown;
    }

    static SentencePieces of(GgufMetadata metadata, Vocabulary vocabulary) throws ModelFormatException {
        float[] scores = metadata.floats("tokenizer.ggml.scores");
        if (scores.length != vocabulary.size()) {
            throw new ModelFormatException("%s: metadata tokenizer.ggml.scores has %,d entries for %,d tokens"
                    .formatted(metadata.file(), scores.length, vocabulary.size()));
        }
        for (int id = 0; id < vocabulary.size(); id++) {
            if (!Float.isFinite(scores[id])) {
                throw new ModelFormatException(
                        "%s: metadata tokenizer.ggml.scores: token %,d has the score %s: it must be finite"
                                .formatted(metadata.file(), id, scores[id]));
            }
            if (vocabulary.type(id) == Type.BYTE && !vocabulary.token(id).matches("<0x[0-9A-F]{2}>")) {
                throw new ModelFormatException("%s: token %,d is a byte, and is spelt '%s' instead of <0x00> to <0xFF>"
                        .formatted(metadata.file(), id, vocabulary.token(id)));
            }
        }
        int[] byteTokens = new int[256];
        for (int b = 0; b < 256; b++) {
            byteTokens[b] = vocabulary.find("<0x%02X>".formatted(b)).orElse(-1);
        }
        return new SentencePieces(
                vocabulary,
                scores,
                byteTokens,
                metadata.findBoolean("tokenizer.ggml.add_space_prefix").orElse(true),
                vocabulary.unknown().orElse(0));
    }

    /** The best score first. */
    private double rank(String joined) {
        int id = vocabulary.find(joined).orElse(-1);
        return id < 0 ? PairMerging.Ranking.NONE : -(double) scores[id];
    }

    private void emit(String part, IntConsumer ids) {
        int id = vocabulary.find(part).orElse(-1);
        if (id >= 0 && vocabulary.type(id) != Type.CONTROL && vocabulary.type(id) != Type.BYTE) {
            ids.accept(id);
        } else {
            emitBytes(part, ids);
        }
    }

    private void emitBytes(String part, IntConsumer ids) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0 && byteTokens[bytes[0] & 0xff] < 0) {
            ids.accept(unknown);
            return;
        }
        for (byte b : bytes) {
            ids.accept(byteTokens[b & 0xff] < 0 ? unknown : byteTokens[b & 0xff]);
        }
    }

    @Override
    public void encode(String text, boolean start, IntConsumer ids) {
        String written = (spacePrefix && start ? SPACE + text : text).replace(' ', SPACE);
        PairMerging.parts(written, (from, middle, to) -> rank(written.substring(from, to)))
                .forEach(part -> emit(part, ids));
    }

    @Override
    public byte[] bytes(int id) {
        String token = vocabulary.token(id);
        if (vocabulary.type(id) == Type.BYTE) {
            return new byte[] {(byte) Integer.parseInt(token, 3, 5, 16)};
        }
        return token.replace(SPACE, ' ').getBytes(StandardCharsets.UTF_8);
    }
}
