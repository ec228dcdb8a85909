package org.threehalf.inference.calibrate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.tokenizer.Tokenizer;

/**
 * Tokens to calibrate with.
 *
 * @param windows texts of their own, each with the model's token of the beginning in front where it has one
 * @param description what was read, without paths
 */
public record CalibrationText(List<int[]> windows, String description) {
    /** Tokens of a window. */
    private static final int WINDOW = 512;
    /** Fewer tokens say too little about inputs of some hundred numbers. */
    public static final int LEAST = 1024;

    public CalibrationText {
        windows = List.copyOf(windows);
    }

    /**
     * Reads texts by a model's own tokenizer and cuts them into windows of 512 tokens; the last window of a text may be
     * shorter. Where there are more than {@code most}, only some windows are taken, evenly from all over the texts.
     *
     * @param model has the tokenizer
     * @param files texts in UTF-8
     * @param most about how many tokens at most, 1,024 or more; windows are taken whole
     * @throws IllegalArgumentException if there are fewer than 1,024 tokens, in the texts or by {@code most}, or a file
     *     is not UTF-8
     * @throws IOException if a file cannot be read, or the model has no tokenizer that is known
     */
    public static CalibrationText read(GgufFile model, List<Path> files, int most) throws IOException {
        if (most < LEAST) {
            throw new IllegalArgumentException(
                    "%,d calibration tokens: there must be at least %,d".formatted(most, LEAST));
        }
        Tokenizer tokenizer = Tokenizer.of(model.metadata());
        List<int[]> windows = new ArrayList<>();
        int total = 0;
        for (Path file : files) {
            int[] tokens = tokenizer.encode(text(file));
            total += tokens.length;
            int step = WINDOW - tokenizer.wrap(new int[0]).length;
            for (int from = 0; from < tokens.length; from += step) {
                windows.add(tokenizer.wrap(Arrays.copyOfRange(tokens, from, Math.min(from + step, tokens.length))));
            }
        }
        if (total < LEAST) {
            throw new IllegalArgumentException(
                    "the calibration text has %,d tokens: there must be at least %,d, better some thousand; give a longer text"
                            .formatted(total, LEAST));
        }
        double share = Math.min(
                1,
                (double) most
                        / windows.stream().mapToInt(window -> window.length).sum());
        List<int[]> taken = new ArrayList<>();
        for (int i = 0; i < windows.size(); i++) {
            if (Math.ceil((i + 1) * share) > Math.ceil(i * share)) {
                taken.add(windows.get(i));
            }
        }
        int count = taken.stream().mapToInt(window -> window.length).sum();
        return new CalibrationText(taken, "calibrated on %d tokens in %d windows".formatted(count, taken.size()));
    }

    /** Tokens in all windows. */
    public int tokens() {
        return windows.stream().mapToInt(window -> window.length).sum();
    }

    private static String text(Path file) throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("%s: not a text in UTF-8".formatted(file), e);
        }
    }
}
