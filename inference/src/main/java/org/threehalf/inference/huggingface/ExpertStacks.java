package org.threehalf.inference.huggingface;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufTensor.RowReader;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.TensorType;
import org.threehalf.inference.huggingface.Safetensors.Tensor;
import org.threehalf.inference.huggingface.Safetensors.Type;

/**
 * gpt-oss's experts: those of a layer in one tensor, of gate and up a row each in turn. Their weights are in MXFP4 (of
 * 32 elements 16 bytes, two neighbours in each, and an exponent in a tensor beside them; Open Compute Project,
 * Microscaling formats, 2023), or in 16 or 32 bits, and then the other way round: a row an input.
 */
final class ExpertStacks {
    /** A stack's name: the layer, which matrices, and what of them. */
    static final Pattern NAME =
            Pattern.compile("layers\\.(\\d{1,5})\\.mlp\\.experts\\.(gate_up_proj|down_proj)(_blocks|_scales|_bias)?");

    /** How the name of a tensor of codes ends. */
    static final String BLOCKS = "_blocks";

    private static final String SCALES = "_scales";

    /** Elements that share an exponent. */
    private static final int BLOCK = 32;

    private ExpertStacks() {}

    /**
     * The tensors that one of a folder is, under GGUF's names; none for exponents, which go with their codes.
     *
     * @param name of {@link #NAME}
     * @param stored all tensors of the folder
     * @param experts how many each stack must have
     * @throws ModelFormatException if its type or its shape is not as it must be, or its other half is missing
     */
    static List<GgufTensor> of(Tensor tensor, Matcher name, Map<String, Tensor> stored, long experts)
            throws ModelFormatException {
        int layer = Integer.parseInt(name.group(1));
        List<TensorRole> roles =
                name.group(2).equals("down_proj") ? List.of(TensorRole.DOWN) : List.of(TensorRole.GATE, TensorRole.UP);
        String kind = name.group(3) == null ? "" : name.group(3);
        return switch (kind) {
            case SCALES -> {
                other(tensor, SCALES, BLOCKS, stored);
                yield List.of();
            }
            case BLOCKS -> mxfp4(tensor, other(tensor, BLOCKS, SCALES, stored), layer, roles, experts);
            case "_bias" -> biases(tensor, layer, roles, experts);
            default -> transposed(tensor, layer, roles, experts);
        };
    }

    private static Tensor other(Tensor tensor, String own, String wanted, Map<String, Tensor> stored)
            throws ModelFormatException {
        String name = tensor.name().substring(0, tensor.name().length() - own.length()) + wanted;
        Tensor found = stored.get(name);
        if (found == null) {
            throw new ModelFormatException(
                    "%s: tensor %s: there is no %s beside it".formatted(tensor.file(), tensor.name(), name));
        }
        return found;
    }

    private static ModelFormatException wrong(Tensor tensor, String needed) {
        return new ModelFormatException("%s: tensor %s is of type %s and of shape %s: %s"
                .formatted(tensor.file(), tensor.name(), tensor.type(), tensor.shape(), needed));
    }

    private static void require(Tensor tensor, int dimensions, List<TensorRole> roles, int outputs, long experts)
            throws ModelFormatException {
        List<Long> shape = tensor.shape();
        if (shape.size() != dimensions || shape.stream().anyMatch(n -> n < 1 || n > 1 << 24)) {
            throw wrong(tensor, "%d dimensions are needed, none of them 0".formatted(dimensions));
        }
        if (shape.getFirst() != experts) {
            throw wrong(tensor, "the first dimension must be %,d, the experts of config.json".formatted(experts));
        }
        if (shape.get(outputs) % roles.size() != 0) {
            throw wrong(tensor, "dimension %d is of gate and up in turn, and must be even".formatted(outputs + 1));
        }
    }

    private static List<GgufTensor> mxfp4(
            Tensor codes, Tensor exponents, int layer, List<TensorRole> roles, long experts)
            throws ModelFormatException {
        require(codes, 4, roles, 1, experts);
        List<Long> shape = codes.shape();
        if (codes.type() != Type.U8 || shape.get(3) != BLOCK / 2) {
            throw wrong(codes, "U8 in blocks of %d bytes is needed".formatted(BLOCK / 2));
        }
        if (exponents.type() != Type.U8 || !exponents.shape().equals(shape.subList(0, 3))) {
            throw wrong(exponents, "U8 of shape %s is needed".formatted(shape.subList(0, 3)));
        }
        int groups = Math.toIntExact(shape.get(2));
        MemorySegment code = codes.data();
        MemorySegment exponent = exponents.data();
        int bytes = (int) TensorType.MXFP4.bytes(BLOCK);
        RowReader rows = (place, values) -> {
            byte[] row = new byte[groups * bytes];
            for (int g = 0; g < groups; g++) {
                long block = place * groups + g;
                row[g * bytes] = exponent.get(ValueLayout.JAVA_BYTE, block);
                MemorySegment pairs = code.asSlice(block * (BLOCK / 2), BLOCK / 2);
                for (int j = 0; j < BLOCK / 2; j++) {
                    // GGUF has elements j and j + 16 in a byte.
                    row[g * bytes + 1 + j] = (byte) (half(pairs, j) | half(pairs, j + BLOCK / 2) << 4);
                }
            }
            TensorType.MXFP4.decode(row, 0, groups, values, 0);
        };
        return stacks(codes, TensorType.MXFP4, layer, roles, shape.get(0), shape.get(1), (long) groups * BLOCK, rows);
    }

    /** The code of an element, of which a byte has two neighbours'. */
    private static int half(MemorySegment pairs, int element) {
        return pairs.get(ValueLayout.JAVA_BYTE, element / 2) >> 4 * (element % 2) & 15;
    }

    private static List<GgufTensor> transposed(Tensor tensor, int layer, List<TensorRole> roles, long experts)
            throws ModelFormatException {
        require(tensor, 3, roles, 2, experts);
        TensorType type = real(tensor);
        int columns = Math.toIntExact(tensor.shape().get(1));
        long rows = tensor.shape().get(2);
        int bytes = (int) type.bytes(type.blockElements());
        MemorySegment data = tensor.data();
        RowReader reader = (place, values) -> {
            byte[] row = new byte[columns * bytes];
            long first = place / rows * columns * rows + place % rows;
            for (int k = 0; k < columns; k++) {
                MemorySegment.copy(data, ValueLayout.JAVA_BYTE, (first + k * rows) * bytes, row, k * bytes, bytes);
            }
            type.decode(row, 0, columns, values, 0);
        };
        return stacks(tensor, type, layer, roles, tensor.shape().get(0), rows, columns, reader);
    }

    private static TensorType real(Tensor tensor) throws ModelFormatException {
        return switch (tensor.type()) {
            case F32 -> TensorType.F32;
            case F16 -> TensorType.F16;
            case BF16 -> TensorType.BF16;
            default -> throw wrong(tensor, "F32, F16 or BF16 is needed");
        };
    }

    /**
     * A stack a role.
     *
     * @param outputs rows of an expert, those of all roles
     * @param inputs elements of a row
     */
    private static List<GgufTensor> stacks(
            Tensor tensor,
            TensorType type,
            int layer,
            List<TensorRole> roles,
            long experts,
            long outputs,
            long inputs,
            RowReader rows) {
        List<GgufTensor> stacks = new ArrayList<>();
        int turns = roles.size();
        for (int turn = 0; turn < turns; turn++) {
            int own = turn;
            TensorInfo info = new TensorInfo(
                    roles.get(turn).ggufStackName(layer, "weight"), type, List.of(inputs, outputs / turns, experts));
            stacks.add(new GgufTensor(info, 0, tensor.data(), row -> row * turns + own, rows, info.bytes()));
        }
        return stacks;
    }

    private static List<GgufTensor> biases(Tensor tensor, int layer, List<TensorRole> roles, long experts)
            throws ModelFormatException {
        require(tensor, 2, roles, 1, experts);
        TensorType type = real(tensor);
        long outputs = tensor.shape().get(1);
        float[] all = new float[Math.toIntExact(experts * outputs)];
        type.decode(tensor.data().toArray(ValueLayout.JAVA_BYTE), 0, all.length, all, 0);
        List<GgufTensor> biases = new ArrayList<>();
        int turns = roles.size();
        for (int turn = 0; turn < turns; turn++) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(all.length / turns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = turn; i < all.length; i += turns) {
                bytes.putFloat(all[i]);
            }
            biases.add(new GgufTensor(
                    new TensorInfo(
                            roles.get(turn).ggufStackName(layer, "bias"),
                            TensorType.F32,
                            List.of(outputs / turns, experts)),
                    0,
                    MemorySegment.ofArray(bytes.array()).asReadOnly()));
        }
        return biases;
    }
}
