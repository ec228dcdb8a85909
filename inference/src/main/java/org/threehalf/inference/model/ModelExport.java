package org.threehalf.inference.model;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufTensor.RowReader;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.GgufWriter;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.TensorType;
import org.threehalf.kernels.PackedMatrix;

/**
 * Writes a model as a plain GGUF file, which other programs run: matrices in one type, vectors in binary32, metadata
 * and tokenizer as they were. Of a quantised model the matrices are what its codes stand for. Experts' matrices that
 * are tensors of their own become stacks, which is how those programs have them.
 */
public final class ModelExport {
    private static final int CHUNK_ROWS = 256;
    /** The matrix of one expert, as folders and older files have it; a stack has none of the numbers. */
    private static final Pattern EXPERT =
            Pattern.compile("(blk\\.\\d+\\.ffn_(?:gate|up|down))\\.(\\d{1,5})(\\.weight)");

    /** What matrices are written as. */
    public enum Type {
        /** binary32. */
        F32(TensorType.F32, 0),
        /** binary16, to nearest even; numbers out of its range are refused. */
        F16(TensorType.F16, 1),
        /** The upper half of a binary32, to nearest even. */
        BF16(TensorType.BF16, 32),
        /** A binary16 scale and 32 bytes; matrices whose rows are no multiple of 32 in F16. */
        Q8_0(TensorType.Q8_0, 7);

        private final TensorType tensors;
        /** {@code general.file_type}. */
        private final int number;

        Type(TensorType tensors, int number) {
            this.tensors = tensors;
            this.number = number;
        }
    }

    /** Told of each row that is written. */
    @FunctionalInterface
    public interface Listener {
        /** Another row of a tensor is done. */
        void row(String tensor);
    }

    /** A tensor to be written: where its rows come from. */
    private record Source(TensorInfo info, RowReader rows) {}

    private ModelExport() {}

    /**
     * Writes a model.
     *
     * @param model open: a plain or a quantised one
     * @param target where it goes; written beside it and moved there when it is complete
     * @param type the matrices' type
     * @throws ModelFormatException if a tensor cannot be read, or a number cannot be written in the type
     * @throws IOException if the target cannot be written; nothing is left of it
     */
    public static void write(GgufFile model, Path target, Type type, Listener listener) throws IOException {
        List<Source> sources = sources(model, type);
        SequencedMap<String, GgufValue> metadata =
                new LinkedHashMap<>(model.metadata().entries());
        Container.KEYS.forEach(metadata::remove);
        metadata.put("general.file_type", GgufValue.ofUint32(type.number));
        metadata.put("general.quantization_version", GgufValue.ofUint32(2));
        // Of the file that this one is made of.
        metadata.remove("general.alignment");
        try (GgufWriter writer = GgufWriter.create(
                target, metadata, sources.stream().map(Source::info).toList())) {
            for (Source source : sources) {
                write(model, source, writer, listener);
            }
            writer.commit();
        }
    }

    /** Rows that will be written, all in all. */
    public static long rows(GgufFile model) throws ModelFormatException {
        return sources(model, Type.F32).stream()
                .mapToLong(source -> source.info.rows())
                .sum();
    }

    private static List<Source> sources(GgufFile model, Type type) throws ModelFormatException {
        List<Source> sources = new ArrayList<>();
        List<GgufTensor> plain = List.copyOf(model.tensors());
        if (QuantizedModel.isQuantized(model)) {
            QuantizedModel quantized = QuantizedModel.of(model);
            for (Map.Entry<String, PackedMatrix> entry : quantized.matrices().entrySet()) {
                PackedMatrix matrix = entry.getValue();
                List<Long> shape =
                        Container.dimensions(entry.getKey(), matrix.rows(), matrix.columns(), experts(model));
                sources.add(new Source(info(entry.getKey(), shape, type), (row, values) -> {
                    float[] weights = matrix.dequantize((int) row);
                    System.arraycopy(weights, 0, values, 0, weights.length);
                }));
            }
            plain = quantized.otherTensors();
        }
        for (GgufTensor tensor : plain) {
            if (!tensor.type().isDecodable()) {
                throw new ModelFormatException(
                        "%s: tensor %s: its type %s is not read".formatted(model.name(), tensor.name(), tensor.type()));
            }
            boolean matrix = tensor.info().dimensions().size() > 1
                    && tensor.name().endsWith(".weight")
                    && !tensor.name().endsWith(TensorRole.ROUTER.ggufName());
            sources.add(new Source(
                    info(tensor.name(), tensor.info().dimensions(), matrix ? type : Type.F32), tensor::readRow));
        }
        return stacked(model, sources, type);
    }

    /** All experts' matrices of a kind in a layer as one tensor, expert 0 first, where the first of them stood. */
    private static List<Source> stacked(GgufFile model, List<Source> sources, Type type) throws ModelFormatException {
        SequencedMap<String, SortedMap<Integer, Source>> stacks = new LinkedHashMap<>();
        List<Source> all = new ArrayList<>();
        SequencedMap<String, Integer> places = new LinkedHashMap<>();
        for (Source source : sources) {
            Matcher expert = EXPERT.matcher(source.info.name());
            if (!expert.matches()) {
                all.add(source);
                continue;
            }
            String name = expert.group(1) + "_exps" + expert.group(3);
            if (!stacks.containsKey(name)) {
                stacks.put(name, new TreeMap<>());
                places.put(name, all.size() + places.size());
            }
            stacks.get(name).put(Integer.parseInt(expert.group(2)), source);
        }
        for (Map.Entry<String, SortedMap<Integer, Source>> stack : stacks.entrySet()) {
            all.add(places.get(stack.getKey()), stack(model, stack.getKey(), stack.getValue(), type));
        }
        return all;
    }

    private static Source stack(GgufFile model, String name, SortedMap<Integer, Source> experts, Type type)
            throws ModelFormatException {
        List<Source> matrices = List.copyOf(experts.values());
        TensorInfo first = matrices.getFirst().info;
        for (int e = 0; e < matrices.size(); e++) {
            if (!experts.containsKey(e)) {
                throw new ModelFormatException("%s: of %d experts in %s number %d is missing"
                        .formatted(model.name(), matrices.size(), name, e));
            }
            if (!matrices.get(e).info.dimensions().equals(first.dimensions())) {
                throw new ModelFormatException(
                        "%s: tensor %s has the shape %s, and %s the shape %s: one stack needs one"
                                .formatted(
                                        model.name(),
                                        first.name(),
                                        first.shape(),
                                        matrices.get(e).info.name(),
                                        matrices.get(e).info.shape()));
            }
        }
        List<Long> shape = new ArrayList<>(first.dimensions());
        shape.add((long) matrices.size());
        return new Source(
                info(name, shape, type),
                (row, values) -> matrices.get((int) (row / first.rows())).rows.read(row % first.rows(), values));
    }

    private static long experts(GgufFile model) throws ModelFormatException {
        return model.metadata()
                .findNumber(model.metadata().string("general.architecture") + ".expert_count")
                .orElse(0.0)
                .longValue();
    }

    private static TensorInfo info(String name, List<Long> shape, Type type) {
        boolean whole = shape.getFirst() % type.tensors.blockElements() == 0;
        return new TensorInfo(name, whole ? type.tensors : TensorType.F16, shape);
    }

    /** In parallel by chunks of rows: decoding is what takes time. */
    private static void write(GgufFile model, Source source, GgufWriter writer, Listener listener) throws IOException {
        TensorInfo info = source.info;
        int rowBytes = Math.toIntExact(info.type().bytes(info.columns()));
        int columns = Math.toIntExact(info.columns());
        writer.writeRows(info, CHUNK_ROWS, (first, count) -> {
            byte[] chunk = new byte[Math.multiplyExact(count, rowBytes)];
            // Not thrown out of the pool, which would hand on a copy with another message.
            @Nullable IllegalArgumentException[] refusals = new IllegalArgumentException[count];
            IntStream.range(0, count).parallel().forEach(i -> {
                float[] values = new float[columns];
                source.rows.read(first + i, values);
                try {
                    requireFinite(info.name(), values);
                    encode(
                            info.type(),
                            values,
                            ByteBuffer.wrap(chunk, i * rowBytes, rowBytes).order(ByteOrder.LITTLE_ENDIAN));
                } catch (IllegalArgumentException refused) {
                    refusals[i] = refused;
                }
                listener.row(info.name());
            });
            for (int i = 0; i < count; i++) {
                IllegalArgumentException refused = refusals[i];
                if (refused != null) {
                    throw new ModelFormatException(
                            "%s: tensor %s: row %,d: %s"
                                    .formatted(model.name(), info.name(), first + i, refused.getMessage()),
                            refused);
                }
            }
            return MemorySegment.ofArray(chunk);
        });
    }

    /** Weights are finite; a sink may be −∞, which is none (REQ-ATT-006). */
    private static void requireFinite(String tensor, float[] values) {
        boolean sinks = tensor.endsWith("." + TensorRole.ATTENTION_SINKS.ggufName());
        for (float value : values) {
            if (!Float.isFinite(value) && !(sinks && value == Float.NEGATIVE_INFINITY)) {
                throw new IllegalArgumentException("a weight is %s: only finite ones are written".formatted(value));
            }
        }
    }

    /** Numbers in a type; the nearest, of two the even one, but for Q8_0's codes, which ggml rounds away from zero. */
    static void encode(TensorType type, float[] values, ByteBuffer out) {
        switch (type) {
            case F32 -> {
                for (float value : values) {
                    out.putFloat(value);
                }
            }
            case F16 -> {
                for (float value : values) {
                    out.putShort(half(value));
                }
            }
            case BF16 -> {
                for (float value : values) {
                    int bits = Float.floatToRawIntBits(value);
                    out.putShort((short) (bits + 0x7fff + (bits >> 16 & 1) >> 16));
                }
            }
            case Q8_0 -> {
                for (int from = 0; from < values.length; from += 32) {
                    float largest = 0;
                    for (int k = from; k < from + 32; k++) {
                        largest = Math.max(largest, Math.abs(values[k]));
                    }
                    float scale = largest / 127;
                    float inverse = scale == 0 ? 0 : 1 / scale;
                    out.putShort(half(scale));
                    for (int k = from; k < from + 32; k++) {
                        float scaled = values[k] * inverse;
                        out.put((byte) (scaled < 0 ? -(int) (0.5f - scaled) : (int) (scaled + 0.5f)));
                    }
                }
            }
            default -> throw new IllegalStateException(type + " is not written");
        }
    }

    private static short half(float value) {
        short half = Float.floatToFloat16(value);
        if ((half & 0x7c00) == 0x7c00) {
            throw new IllegalArgumentException(
                    "a weight or scale of %s passes F16's range: BF16 or F32 have it".formatted(value));
        }
        return half;
    }
}
