package org.threehalf.cluster;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.GgufWriter;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.TensorType;

/**
 * Writes a model of LLaMA's shapes with random weights in F16, some rows at a time, so that its size is bounded by the
 * disk alone. The same arguments give the same bytes.
 *
 * <p>{@code SyntheticModel FILE LAYERS WIDTH HIDDEN KEYS VALUES}: 8192 28672 1024 are those of LLaMA 2 and 3 70B.
 */
public final class SyntheticModel {
    private SyntheticModel() {}

    /** Writes a file. */
    public static void main(String[] arguments) throws IOException {
        write(
                Path.of(arguments[0]),
                Integer.parseInt(arguments[1]),
                Integer.parseInt(arguments[2]),
                Integer.parseInt(arguments[3]),
                Integer.parseInt(arguments[4]));
    }

    /**
     * Writes a file.
     *
     * @param layers how many
     * @param width of the residual stream
     * @param hidden of the feed-forward layers
     * @param keys width of keys, and of values
     */
    static void write(Path file, int layers, long width, long hidden, long keys) throws IOException {
        List<TensorInfo> tensors = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            String layer = "blk." + i + ".";
            tensors.add(matrix(layer + "attn_q", width, width));
            tensors.add(matrix(layer + "attn_k", width, keys));
            tensors.add(matrix(layer + "attn_v", width, keys));
            tensors.add(matrix(layer + "attn_output", width, width));
            tensors.add(matrix(layer + "ffn_gate", width, hidden));
            tensors.add(matrix(layer + "ffn_up", width, hidden));
            tensors.add(matrix(layer + "ffn_down", hidden, width));
        }
        SequencedMap<String, GgufValue> metadata = new LinkedHashMap<>();
        metadata.put("general.name", GgufValue.of("synthetic"));
        SplittableRandom random = new SplittableRandom(70);
        try (GgufWriter writer = GgufWriter.create(file, metadata, tensors)) {
            for (TensorInfo tensor : tensors) {
                int columns = Math.toIntExact(tensor.columns());
                writer.writeRows(tensor, 64, (first, count) -> {
                    long[] bits = new long[count * columns / 4];
                    for (int i = 0; i < bits.length; i++) {
                        // Four numbers of binary16, of any sign, between 2^-7 and 2^-3.
                        bits[i] = (random.nextLong() & 0x8FFF_8FFF_8FFF_8FFFL) + 0x2000_2000_2000_2000L;
                    }
                    return MemorySegment.ofArray(bits);
                });
            }
            writer.commit();
        }
    }

    private static TensorInfo matrix(String name, long columns, long rows) {
        return new TensorInfo(name + ".weight", TensorType.F16, List.of(columns, rows));
    }
}
