package org.threehalf.inference.huggingface;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.OtherFile;
import org.threehalf.inference.gguf.Utf8;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * One safetensors file: eight bytes of length, a header of JSON, and the tensors' bytes, which must cover the rest
 * without a gap and without an overlap.
 *
 * <p>Nothing is allocated by a number that the file claims: the header is bounded, read once, and checked against the
 * file's size before any of it is used.
 */
final class Safetensors {
    /** The specification's limit of the header. */
    static final long MAX_HEADER = 100_000_000;

    private static final int MAX_DIMENSIONS = 8;
    private static final int MAX_NAME = 65_535;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** How elements are stored. */
    enum Type {
        BOOL(1),
        U8(1),
        I8(1),
        F8_E5M2(1),
        F8_E4M3(1),
        I16(2),
        U16(2),
        F16(2),
        BF16(2),
        I32(4),
        U32(4),
        F32(4),
        F64(8),
        I64(8),
        U64(8);

        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }
    }

    /**
     * A tensor.
     *
     * @param file the file's name, for messages
     * @param name its name
     * @param type how its elements are stored
     * @param shape its dimensions, the slowest first; none for a single number
     * @param data its bytes: a view of the mapping
     */
    record Tensor(String file, String name, Type type, List<Long> shape, MemorySegment data) {}

    private final String file;
    private final MemorySegment bytes;

    private Safetensors(String file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /**
     * Maps and checks a file.
     *
     * @param arena owns the mapping
     * @throws ModelFormatException if anything in it is not as it must be; says what and where
     */
    static SequencedMap<String, Tensor> open(Path path, Arena arena) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new ModelFormatException("%s: not a regular file".formatted(path));
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return read(
                    String.valueOf(path.getFileName()),
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
        }
    }

    /** Checks a file that is in memory. */
    static SequencedMap<String, Tensor> read(String file, MemorySegment bytes) throws IOException {
        return new Safetensors(file, bytes.asReadOnly()).tensors();
    }

    private ModelFormatException error(String message, Object... arguments) {
        return new ModelFormatException(file + ": " + message.formatted(arguments));
    }

    private SequencedMap<String, Tensor> tensors() throws IOException {
        if (bytes.byteSize() < Long.BYTES) {
            throw error("%,d bytes: a safetensors file has a header of 8 at least", bytes.byteSize());
        }
        Optional<String> pointer = OtherFile.pointer(
                bytes.asSlice(0, Math.min(bytes.byteSize(), OtherFile.BYTES)).toArray(ValueLayout.JAVA_BYTE));
        if (pointer.isPresent()) {
            throw error("no safetensors file: it is %s", pointer.get());
        }
        long length = bytes.get(LONG, 0);
        if (length < 2 || length > MAX_HEADER || length > bytes.byteSize() - Long.BYTES) {
            throw error(
                    "a header of %s bytes: it must have 2 to %,d, and the file has %,d more",
                    Long.toUnsignedString(length), MAX_HEADER, bytes.byteSize() - Long.BYTES);
        }
        byte[] header = bytes.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
        if (header[0] != '{') {
            throw error("its header begins with 0x%02x, not with '{'", header[0] & 0xff);
        }
        if (!Utf8.valid(header, 0, header.length)) {
            throw error("its header is not UTF-8");
        }
        MemorySegment data = bytes.asSlice(Long.BYTES + length);
        List<Tensor> list = JsonFile.parse(file, header, parser -> list(parser, data));
        requireWhole(list, data.byteSize());
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        list.forEach(tensor -> tensors.put(tensor.name, tensor));
        return Collections.unmodifiableSequencedMap(tensors);
    }

    private List<Tensor> list(JsonParser parser, MemorySegment data) throws IOException {
        List<Tensor> list = new ArrayList<>();
        expect(parser.nextToken(), JsonToken.START_OBJECT, "the header");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            if (name.equals("__metadata__")) {
                metadata(parser);
            } else if (name.isEmpty() || name.length() > MAX_NAME) {
                throw error("a tensor's name of %,d characters: it must have 1 to %,d", name.length(), MAX_NAME);
            } else {
                list.add(tensor(parser, name, data));
            }
        }
        return list;
    }

    private void metadata(JsonParser parser) throws IOException {
        expect(parser.currentToken(), JsonToken.START_OBJECT, "__metadata__");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            expect(parser.nextToken(), JsonToken.VALUE_STRING, "__metadata__");
        }
    }

    private Tensor tensor(JsonParser parser, String name, MemorySegment data) throws IOException {
        String what = "tensor " + name;
        expect(parser.currentToken(), JsonToken.START_OBJECT, what);
        Type type = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (field) {
                case "dtype" -> {
                    expect(token, JsonToken.VALUE_STRING, what);
                    type = type(parser.getString(), what);
                }
                case "shape" -> shape = numbers(parser, what, MAX_DIMENSIONS);
                case "data_offsets" -> offsets = numbers(parser, what, 2);
                default -> throw error("%s: '%s' is not known: dtype, shape and data_offsets are", what, field);
            }
        }
        if (type == null || shape == null || offsets == null || offsets.size() != 2) {
            throw error("%s: dtype, shape and two data_offsets are needed", what);
        }
        long size = type.bytes;
        for (long dimension : shape) {
            if (dimension != 0 && (Math.multiplyHigh(size, dimension) != 0 || size * dimension < 0)) {
                throw error("%s: shape %s: more elements than any file can hold", what, shape);
            }
            size *= dimension;
        }
        long begin = offsets.getFirst();
        long end = offsets.getLast();
        if (begin > end || end > data.byteSize()) {
            throw error(
                    "%s: its bytes %,d to %,d are not within the %,d of the file", what, begin, end, data.byteSize());
        }
        if (end - begin != size) {
            throw error("%s: %s of %s takes %,d bytes, and it has %,d", what, type, shape, size, end - begin);
        }
        return new Tensor(file, name, type, shape, data.asSlice(begin, size));
    }

    private Type type(String name, String what) throws ModelFormatException {
        // The newer name of the same numbers.
        String known = name.equals("F8_E4M3FN") ? "F8_E4M3" : name;
        for (Type type : Type.values()) {
            if (type.name().equals(known)) {
                return type;
            }
        }
        throw error("%s: dtype '%s' is not known", what, name);
    }

    private List<Long> numbers(JsonParser parser, String what, int most) throws IOException {
        expect(parser.currentToken(), JsonToken.START_ARRAY, what);
        List<Long> numbers = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
            long number = parser.getLongValue();
            if (number < 0 || numbers.size() == most) {
                throw error("%s: at most %d numbers of 0 or more are needed", what, most);
            }
            numbers.add(number);
        }
        return List.copyOf(numbers);
    }

    private void expect(JsonToken token, JsonToken wanted, String what) throws ModelFormatException {
        if (token != wanted) {
            throw error("%s: %s found where %s is needed", what, JsonFault.name(token), JsonFault.name(wanted));
        }
    }

    /** Whether the tensors cover the data: what lies between them would be nobody's. */
    private void requireWhole(List<Tensor> tensors, long size) throws ModelFormatException {
        long start = tensors.isEmpty() ? 0 : bytes.byteSize() - size;
        List<Tensor> inPlace = tensors.stream()
                .sorted(Comparator.comparingLong((Tensor tensor) -> tensor.data.address() - bytes.address())
                        .thenComparingLong(tensor -> tensor.data.byteSize()))
                .toList();
        long at = 0;
        for (Tensor tensor : inPlace) {
            long begin = tensor.data.address() - bytes.address() - start;
            if (begin != at) {
                throw error(
                        begin < at
                                ? "tensor %s: its bytes from %,d overlap those of another, which end at %,d"
                                : "tensor %s: its bytes begin at %,d, and those before it end at %,d",
                        tensor.name,
                        begin,
                        at);
            }
            at += tensor.data.byteSize();
        }
        if (at != size) {
            throw error("%,d bytes behind the last tensor", size - at);
        }
    }
}
