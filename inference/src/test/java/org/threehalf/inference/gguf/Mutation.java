package org.threehalf.inference.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/**
 * A change to a file, for fuzzing.
 *
 * @param kind what is done
 * @param place where, as an index that is taken modulo the file's length
 * @param value what is written, or how many bytes are cut, inserted or copied
 */
public record Mutation(Kind kind, int place, long value) {

    /** What is done. */
    public enum Kind {
        /** Flips the bit {@code value mod 8}. */
        FLIP,
        /** Writes a byte. */
        BYTE,
        /** Writes a uint32. */
        INT,
        /** Writes a uint64. */
        LONG,
        /** Cuts the file off. */
        TRUNCATE,
        /** Takes some bytes out. */
        DELETE,
        /** Puts some bytes in, copies of those that follow. */
        INSERT,
        /** Writes over some bytes with those of another place. */
        COPY
    }

    /** Numbers at which readers go wrong. */
    private static final long[] NUMBERS = {
        0L,
        1L,
        2L,
        3L,
        4L,
        5L,
        7L,
        8L,
        9L,
        12L,
        16L,
        31L,
        32L,
        33L,
        63L,
        64L,
        65L,
        255L,
        256L,
        65_535L,
        65_536L,
        (1L << 24),
        (1L << 28) + 1,
        (1L << 31) - 1,
        1L << 31,
        (1L << 32) - 1,
        1L << 32,
        1L << 40,
        1L << 55,
        1L << 61,
        (1L << 62) - 1,
        1L << 62,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1L,
        -2L,
        -8L,
        -32L
    };

    /** One to four mutations, most of them in the first {@code header} bytes; fewer of them where some do. */
    public static Arbitrary<List<Mutation>> several(int header) {
        return Arbitraries.randomValue(random -> drawn(random, header))
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
    }

    /** As {@link #several(int)}, from a generator, for those who count in hundreds of thousands. */
    public static List<Mutation> several(SplittableRandom random, int header) {
        return Stream.generate(() -> drawn(random, header))
                .limit(random.nextInt(1, 5))
                .toList();
    }

    private static Mutation drawn(RandomGenerator random, int header) {
        return new Mutation(
                Kind.values()[random.nextInt(Kind.values().length)],
                switch (random.nextInt(11)) {
                    case 0 -> random.nextInt(0, Integer.MAX_VALUE);
                    case 1, 2 -> random.nextInt(65);
                    default -> random.nextInt(header);
                },
                switch (random.nextInt(3)) {
                    case 0 -> NUMBERS[random.nextInt(NUMBERS.length)];
                    case 1 -> random.nextLong();
                    default -> random.nextLong(301);
                });
    }

    /** The file with all mutations, one after the other. */
    public static byte[] apply(List<Mutation> mutations, byte[] file) {
        byte[] bytes = file.clone();
        for (Mutation mutation : mutations) {
            bytes = mutation.apply(bytes);
        }
        return bytes;
    }

    private byte[] apply(byte[] bytes) {
        if (bytes.length == 0) {
            return bytes;
        }
        int at = place % bytes.length;
        int length = (int) Math.min(value & 63, bytes.length - at);
        switch (kind) {
            case FLIP -> bytes[at] ^= (byte) (1 << (value & 7));
            case BYTE -> bytes[at] = (byte) value;
            case INT -> write(bytes, at, 4);
            case LONG -> write(bytes, at, 8);
            case COPY ->
                System.arraycopy(
                        bytes,
                        (int) Long.remainderUnsigned(value >>> 6, bytes.length - length + 1L),
                        bytes,
                        at,
                        length);
            case TRUNCATE -> {
                return Arrays.copyOf(bytes, at);
            }
            case DELETE -> {
                byte[] shorter = Arrays.copyOf(bytes, bytes.length - length);
                System.arraycopy(bytes, at + length, shorter, at, bytes.length - at - length);
                return shorter;
            }
            case INSERT -> {
                byte[] longer = Arrays.copyOf(bytes, bytes.length + length);
                System.arraycopy(bytes, at, longer, at + length, bytes.length - at);
                return longer;
            }
        }
        return bytes;
    }

    private void write(byte[] bytes, int at, int length) {
        for (int i = 0; i < length && at + i < bytes.length; i++) {
            bytes[at + i] = (byte) (value >>> 8 * i);
        }
    }
}
