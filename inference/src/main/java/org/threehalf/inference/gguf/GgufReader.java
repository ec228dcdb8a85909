package org.threehalf.inference.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.threehalf.kernels.io.Printable;

/**
 * Reads the structure of GGUF files, versions 2 and 3, little endian.
 *
 * <p>The whole structure is checked before a file is handed out. Nothing is allocated by a number that the file claims:
 * counts are held against the bytes that are left, and memory grows only with what was read, so that a hostile file
 * costs a small multiple of its own size at most.
 */
public final class GgufReader {

    /** The default of {@code general.alignment}. */
    static final int DEFAULT_ALIGNMENT = 32;
    /** The key whose value places the tensors. */
    static final String ALIGNMENT = "general.alignment";
    /** "GGUF", read little endian. */
    static final int MAGIC = 0x46554747;

    private static final int HEADER_BYTES = 24;
    /** The longest key and tensor name, in bytes: the specification's limit for keys. */
    private static final int MAX_NAME = 65_535;
    /** The longest string value, in bytes; a chat template has some thousand. */
    private static final int MAX_STRING = 1 << 28;
    /** Bytes that are looked at at once. */
    private static final int WINDOW = 1 << 16;
    /** Arrays in arrays are allowed; this deep is deeper than any real file. */
    private static final int MAX_DEPTH = 4;

    private final String file;
    private final MemorySegment bytes;
    /**
     * A copy of the file's bytes from {@link #windowStart} on: what is many times as quick to read as the mapping while
     * this class is not compiled yet.
     */
    private final byte[] window = new byte[WINDOW];

    private long windowStart;
    private int windowLength;
    private long position;

    private GgufReader(String file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /**
     * Maps and checks a file; of a model in several files, any of which may be named, all of them.
     *
     * @return the open file; the caller closes it
     * @throws ModelFormatException if it is no GGUF file of version 2 or 3, or anything in it is out of its range; says
     *     what and where
     * @throws IOException if it cannot be read
     */
    public static GgufFile open(Path path) throws IOException {
        GgufFile file = openOne(path);
        try {
            if (GgufShards.count(file) <= 1) {
                return file;
            }
        } catch (IOException wrong) {
            file.close();
            throw wrong;
        }
        return GgufShards.open(path, file);
    }

    /**
     * The files that hold a model, by their names alone: the one that is named, or all of those that its name says
     * there are.
     */
    public static List<Path> files(Path path) {
        return GgufShards.files(path);
    }

    /** Maps and checks one file. */
    static GgufFile openOne(Path path) throws IOException {
        String name = Printable.line(String.valueOf(path.getFileName()));
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString(), null, "there is no such file");
        }
        if (!Files.isRegularFile(path)) {
            throw new ModelFormatException(
                    path.toString().isEmpty() ? "an empty file name" : "%s: not a regular file".formatted(path));
        }
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new GgufReader(name, bytes).read(List.of(arena));
        } catch (IOException | RuntimeException | Error failed) {
            arena.close();
            throw failed;
        }
    }

    /**
     * Checks a file that is in memory. The caller keeps the memory valid while the file is in use.
     *
     * @param name for messages
     * @throws ModelFormatException as {@link #open}
     */
    public static GgufFile read(String name, MemorySegment bytes) throws ModelFormatException {
        return new GgufReader(name, bytes.asReadOnly()).read(List.of());
    }

    private GgufFile read(List<Arena> arenas) throws ModelFormatException {
        byte[] start =
                bytes.asSlice(0, Math.min(bytes.byteSize(), OtherFile.BYTES)).toArray(ValueLayout.JAVA_BYTE);
        Optional<String> other = OtherFile.of(start);
        if (other.isPresent()) {
            throw error("no GGUF file: it is %s", other.get());
        }
        if (bytes.byteSize() < HEADER_BYTES) {
            throw error("%,d bytes: a GGUF file has a header of %d at least", bytes.byteSize(), HEADER_BYTES);
        }
        int magic = nextInt("magic");
        if (magic != MAGIC) {
            throw error("no GGUF file: it starts with 0x%08x, not with \"GGUF\"", Integer.reverseBytes(magic));
        }
        int version = nextInt("version");
        if (version != 2 && version != 3) {
            throw (version & 0xffff) == 0
                    ? error(
                            "a big-endian GGUF file: convert it to little endian (gguf-convert-endian of the gguf Python package does)")
                    : error("GGUF version %d: versions 2 and 3 are read", Integer.toUnsignedLong(version));
        }
        // A tensor takes 32 bytes of the list at least, a metadata entry 13.
        long tensorCount = count("tensors", nextLong("number of tensors"), 32);
        long entryCount = count("metadata entries", nextLong("number of metadata entries"), 13);
        GgufMetadata metadata = new GgufMetadata(file, entries(entryCount));
        return new GgufFile(
                file, version, bytes.byteSize(), metadata, tensors(tensorCount, alignment(metadata)), arenas);
    }

    private SequencedMap<String, GgufValue> entries(long count) throws ModelFormatException {
        SequencedMap<String, GgufValue> entries = new LinkedHashMap<>();
        for (long i = 0; i < count; i++) {
            long start = position;
            String key = name("key of metadata entry " + i);
            String what = "metadata " + key;
            ValueType type = valueType(what);
            long from = position;
            skip(type, what, 0);
            if (entries.put(key, new GgufValue(type, bytes.asSlice(from, position - from))) != null) {
                throw error("%s occurs twice, again at offset %,d", what, start);
            }
        }
        return entries;
    }

    /** Moves past a value and checks it. */
    private void skip(ValueType type, String what, int depth) throws ModelFormatException {
        switch (type) {
            case STRING -> skipString(what);
            case BOOL -> {
                require(1, what);
                skipBooleans(what, 1);
            }
            case ARRAY -> skipArray(what, depth);
            default -> {
                require(type.bytes(), what);
                position += type.bytes();
            }
        }
    }

    private void skipArray(String what, int depth) throws ModelFormatException {
        if (depth == MAX_DEPTH) {
            throw error("%s: arrays in arrays more than %d deep at offset %,d", what, MAX_DEPTH, position);
        }
        ValueType elements = valueType(what);
        long count = count("elements in " + what, nextLong("length of " + what), elements.leastBytes());
        switch (elements) {
            case STRING, ARRAY -> {
                for (long i = 0; i < count; i++) {
                    skip(elements, what, depth + 1);
                }
            }
            case BOOL -> skipBooleans(what, count);
            default -> position += count * elements.bytes();
        }
    }

    private void skipBooleans(String what, long count) throws ModelFormatException {
        for (long i = 0; i < count; i++, position++) {
            byte value = bytes.get(ValueLayout.JAVA_BYTE, position);
            if (value != 0 && value != 1) {
                throw error("%s: a boolean of %d at offset %,d: it must be 0 or 1", what, value & 0xff, position);
            }
        }
    }

    private void skipString(String what) throws ModelFormatException {
        if (left() < Long.BYTES) {
            require(Long.BYTES, "length of " + what);
        }
        long length = nextLong(what);
        if (length < 0 || length > MAX_STRING) {
            throw error(
                    "%s: a string of %s bytes at offset %,d: it can have %,d at most",
                    what, Long.toUnsignedString(length), position, MAX_STRING);
        }
        require(length, what);
        requireUtf8(what, length);
        position += length;
    }

    /** Checks the string at the position piece by piece, keeping none: it may be long. */
    private void requireUtf8(String what, long length) throws ModelFormatException {
        long end = position + length;
        long at = position;
        while (at < end) {
            int from = inWindow(at, (int) Math.min(end - at, WINDOW));
            int to = end - at <= windowLength - from ? (int) (from + end - at) : Utf8.cut(window, from, windowLength);
            if (to == from || !Utf8.valid(window, from, to)) {
                throw error("%s: not UTF-8 in the %,d bytes at offset %,d", what, length, position);
            }
            at += to - from;
        }
    }

    /**
     * Moves the window where it has not all of {@code count} bytes, at most {@link #WINDOW} and within the file; gives
     * the place of the first of them in it.
     */
    private int inWindow(long at, int count) {
        if (at < windowStart || at + count > windowStart + windowLength) {
            windowStart = at;
            windowLength = (int) Math.min(WINDOW, bytes.byteSize() - at);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, window, 0, windowLength);
        }
        return (int) (at - windowStart);
    }

    private long alignment(GgufMetadata metadata) throws ModelFormatException {
        GgufValue value = metadata.entries().get(ALIGNMENT);
        if (value == null) {
            return DEFAULT_ALIGNMENT;
        }
        if (value.type() != ValueType.UINT32) {
            throw error("metadata %s is of type %s: it must be a UINT32", ALIGNMENT, value.type());
        }
        long alignment = value.asLong();
        if (alignment < 8 || Long.bitCount(alignment) != 1) {
            throw error("metadata %s is %,d: it must be a power of two of at least 8", ALIGNMENT, alignment);
        }
        return alignment;
    }

    private record Listed(TensorInfo info, long offset) {}

    private List<GgufTensor> tensors(long count, long alignment) throws ModelFormatException {
        List<Listed> list = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (long i = 0; i < count; i++) {
            Listed tensor = listed(i, alignment);
            if (!names.add(tensor.info.name())) {
                throw error("tensor %s occurs twice in the list", tensor.info.name());
            }
            list.add(tensor);
        }
        long dataStart = (position + alignment - 1) / alignment * alignment;
        List<GgufTensor> tensors = new ArrayList<>();
        for (Listed tensor : list) {
            long length = tensor.info.bytes();
            // The offset is less than 2^63 and the file's size is far below, so the sums below cannot wrap once each
            // part is bounded.
            if (tensor.offset > bytes.byteSize()
                    || length > bytes.byteSize()
                    || dataStart + tensor.offset + length > bytes.byteSize()) {
                throw error(
                        "tensor %s: %,d bytes at offset %s pass the end of file (%,d)",
                        tensor.info.name(), length, offset(dataStart, tensor.offset), bytes.byteSize());
            }
            long start = dataStart + tensor.offset;
            tensors.add(new GgufTensor(tensor.info, start, bytes.asSlice(start, length)));
        }
        refuseOverlaps(tensors);
        return tensors;
    }

    private static String offset(long dataStart, long offset) {
        return offset > Long.MAX_VALUE - dataStart
                ? Long.toUnsignedString(offset) + " of the data"
                : "%,d".formatted(dataStart + offset);
    }

    private Listed listed(long index, long alignment) throws ModelFormatException {
        String name = name("name of tensor " + index);
        String what = "tensor " + name;
        int dimensionCount = nextInt(what);
        if (dimensionCount < 1 || dimensionCount > 4) {
            throw error("%s: %s dimensions: there must be 1 to 4", what, Integer.toUnsignedString(dimensionCount));
        }
        List<Long> dimensions = new ArrayList<>();
        for (int i = 0; i < dimensionCount; i++) {
            dimensions.add(nextLong(what));
        }
        int id = nextInt(what);
        TensorType type = TensorType.ofId(id);
        if (type == null) {
            throw error("%s: type %s is not known", what, Integer.toUnsignedString(id));
        }
        long at = nextLong(what);
        if (at < 0 || at % alignment != 0) {
            throw error(
                    "%s: its data's offset %s is not a multiple of the alignment %,d",
                    what, Long.toUnsignedString(at), alignment);
        }
        try {
            return new Listed(new TensorInfo(name, type, dimensions), at);
        } catch (IllegalArgumentException absurd) {
            throw new ModelFormatException("%s: %s: %s".formatted(file, what, absurd.getMessage()), absurd);
        }
    }

    private void refuseOverlaps(List<GgufTensor> tensors) throws ModelFormatException {
        List<GgufTensor> inPlace = tensors.stream()
                .sorted(Comparator.comparingLong(GgufTensor::offset))
                .toList();
        for (int i = 1; i < inPlace.size(); i++) {
            GgufTensor before = inPlace.get(i - 1);
            GgufTensor after = inPlace.get(i);
            if (before.offset() + before.data().byteSize() > after.offset()) {
                throw error(
                        "tensor %s: its %,d bytes at offset %,d overlap tensor %s at offset %,d",
                        before.name(), before.data().byteSize(), before.offset(), after.name(), after.offset());
            }
        }
    }

    private ValueType valueType(String what) throws ModelFormatException {
        int id = nextInt("type of " + what);
        ValueType type = ValueType.ofId(id);
        if (type == null) {
            throw error(
                    "%s: value type %s at offset %,d is not known", what, Integer.toUnsignedString(id), position - 4);
        }
        return type;
    }

    private String name(String what) throws ModelFormatException {
        long length = nextLong("length of the " + what);
        if (length < 1 || length > MAX_NAME) {
            throw error(
                    "the %s has %s bytes at offset %,d: it must have 1 to %,d",
                    what, Long.toUnsignedString(length), position - 8, MAX_NAME);
        }
        require(length, "the " + what);
        requireUtf8("the " + what, length);
        String name =
                new String(bytes.asSlice(position, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        position += length;
        return name;
    }

    /** A count that the file claims, each of whose items takes at least so many bytes of what is left. */
    private long count(String what, long claimed, int leastBytes) throws ModelFormatException {
        if (claimed < 0 || claimed > left() / leastBytes) {
            throw error(
                    "%s %s at offset %,d cannot fit in the %,d bytes that follow",
                    Long.toUnsignedString(claimed), what, position - 8, left());
        }
        return claimed;
    }

    private int nextInt(String what) throws ModelFormatException {
        require(4, what);
        position += 4;
        return bytes.get(GgufValue.INT, position - 4);
    }

    private long nextLong(String what) throws ModelFormatException {
        require(8, what);
        int at = inWindow(position, 8);
        position += 8;
        long value = 0;
        for (int i = 7; i >= 0; i--) {
            value = value << 8 | window[at + i] & 0xff;
        }
        return value;
    }

    private void require(long wanted, String what) throws ModelFormatException {
        if (wanted < 0 || wanted > left()) {
            throw error(
                    "%s: %s bytes at offset %,d pass the end of file (%,d)",
                    what, Long.toUnsignedString(wanted), position, bytes.byteSize());
        }
    }

    private long left() {
        return bytes.byteSize() - position;
    }

    private ModelFormatException error(String message, Object... arguments) {
        return new ModelFormatException(file + ": " + message.formatted(arguments));
    }
}
