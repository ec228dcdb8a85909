package org.threehalf.lean.export;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A compiled module of Lean 4 ({@code .olean}, format 2), read as data: a header, the address of the module's own
 * object, and objects as Lean has them in memory. Lean itself is not asked. What others may not see of a module lies in
 * files of its own ({@code .olean.server}, {@code .olean.private}), whose objects refer to those of the first.
 *
 * <p>Source: {@code lean.h} and {@code library/module.cpp} of Lean 4.28. Words have 4 bytes in the npm build, which is
 * compiled to 32-bit WebAssembly, and 8 in the official one.
 */
final class Olean {
    private static final byte[] MAGIC = "olean".getBytes(StandardCharsets.US_ASCII);
    private static final int FORMAT = 2;
    private static final int COMMIT_AT = 40;
    private static final int COMMIT_DIGITS = 40;
    private static final int BASE_AT = 80;

    // Tags of objects that are no constructors.
    private static final int ARRAY = 246;
    private static final int STRING = 249;
    private static final int BIG_NUMBER = 250;

    private static final List<String> PARTS = List.of("", ".server", ".private");

    /** A file: its bytes, and the address of the first of them. */
    private record Part(Path file, ByteBuffer bytes, long base) {}

    private final List<Part> parts;
    private final int word;

    private Olean(List<Part> parts, int word) {
        this.parts = parts;
        this.word = word;
    }

    /**
     * Reads a module, with what others may not see of it if that is there.
     *
     * @param file the first of its files
     * @param word bytes of an address in it, 4 or 8
     * @throws IOException if it is no such file
     */
    static Olean read(Path file, int word) throws IOException {
        List<Part> parts = new ArrayList<>();
        for (String end : PARTS) {
            Path part = file.resolveSibling(file.getFileName() + end);
            if (end.isEmpty() || Files.exists(part)) {
                parts.add(part(part, word));
            }
        }
        return new Olean(parts, word);
    }

    private static Part part(Path file, int word) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.capacity() < BASE_AT + 2 * word
                || !Arrays.equals(MAGIC, Arrays.copyOf(bytes.array(), MAGIC.length))) {
            throw new IOException(file + ": no compiled module of Lean");
        }
        if (bytes.get(MAGIC.length) != FORMAT) {
            throw new IOException(
                    "%s: format %d of compiled modules; %d is read".formatted(file, bytes.get(MAGIC.length), FORMAT));
        }
        return new Part(file, bytes, address(bytes, BASE_AT, word));
    }

    private static long address(ByteBuffer bytes, int at, int word) {
        return word == Integer.BYTES ? bytes.getInt(at) & 0xffff_ffffL : bytes.getLong(at);
    }

    /** The commit of the Lean that compiled it. */
    String commit() {
        return new String(parts.getFirst().bytes.array(), COMMIT_AT, COMMIT_DIGITS, StandardCharsets.US_ASCII);
    }

    /** The module's object: the whole one, if what others may not see is there. */
    Value root() throws IOException {
        return value(address(parts.getLast().bytes, BASE_AT + word, word));
    }

    private IOException wrong(long address, String what) {
        return new IOException("%s: %s at %x: it is damaged, or of another Lean than its header says"
                .formatted(parts.getFirst().file, what, address));
    }

    private Value value(long address) throws IOException {
        if ((address & 1) == 1) {
            return new Value(address, parts.getFirst(), 0);
        }
        for (Part part : parts) {
            long at = address - part.base;
            if (at >= BASE_AT + 2L * word && at <= part.bytes.capacity() - Long.BYTES && at % word == 0) {
                return new Value(address, part, (int) at);
            }
        }
        throw wrong(address, "no object lies");
    }

    /** An object, or a small number in the place of one. */
    final class Value {
        private final long address;
        private final ByteBuffer bytes;
        private final int at;

        private Value(long address, Part part, int at) {
            this.address = address;
            this.bytes = part.bytes;
            this.at = at;
        }

        /** Which object it is: the same for the same one, within a module. */
        long identity() {
            return address;
        }

        private boolean small() {
            return (address & 1) == 1;
        }

        private int kind() throws IOException {
            if (small()) {
                throw wrong(address, "a small number in an object's place");
            }
            return bytes.get(at + 7) & 0xff;
        }

        private int objects() {
            return bytes.get(at + 6) & 0xff;
        }

        private long wordAt(int offset) {
            return address(bytes, at + Long.BYTES + offset, word);
        }

        /** Which constructor made it. */
        int tag() throws IOException {
            return small() ? Math.toIntExact(address >>> 1) : kind();
        }

        /** A member that is an object, by the order of those. */
        Value member(int i) throws IOException {
            if (kind() >= ARRAY || i >= objects()) {
                throw wrong(address, "no member %d".formatted(i));
            }
            return value(wordAt(i * word));
        }

        /** A member that is a byte, by where it lies behind the objects. */
        int scalar(int offset) throws IOException {
            return bytes.get(at + Long.BYTES + objects() * word + offset) & 0xff;
        }

        /** A member of 32 bits, likewise. */
        long word32(int offset) throws IOException {
            return bytes.getInt(at + Long.BYTES + objects() * word + offset) & 0xffff_ffffL;
        }

        /** An array's elements. */
        List<Value> array() throws IOException {
            long size = kind() == ARRAY ? wordAt(0) : -1;
            if (size < 0 || size * word > bytes.capacity()) {
                throw wrong(address, "no array");
            }
            List<Value> elements = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                elements.add(value(wordAt((2 + i) * word)));
            }
            return elements;
        }

        /** A list's elements. */
        List<Value> list() throws IOException {
            List<Value> elements = new ArrayList<>();
            for (Value rest = this; !rest.small(); rest = rest.member(1)) {
                elements.add(rest.member(0));
            }
            return elements;
        }

        String string() throws IOException {
            long size = kind() == STRING ? wordAt(0) : 0;
            if (size < 1 || size > bytes.capacity() - at - Long.BYTES - 3L * word) {
                throw wrong(address, "no string");
            }
            return new String(
                    bytes.array(), at + Long.BYTES + 3 * word, Math.toIntExact(size - 1), StandardCharsets.UTF_8);
        }

        /** A natural number. */
        BigInteger natural() throws IOException {
            if (small()) {
                return BigInteger.valueOf(address >>> 1);
            }
            // The sign, or how much room there is, how many limbs there are, and where they are.
            int limbs = kind() == BIG_NUMBER ? bytes.getInt(at + Long.BYTES + Integer.BYTES) : 0;
            long from = address(bytes, at + 2 * Long.BYTES, word) - address + at;
            if (limbs <= 0 || from < at || from > bytes.capacity() - (long) limbs * word) {
                throw wrong(address, "no natural number");
            }
            byte[] digits = new byte[limbs * word];
            for (int i = 0; i < digits.length; i++) {
                digits[digits.length - 1 - i] = bytes.get(Math.toIntExact(from + i));
            }
            return new BigInteger(1, digits);
        }
    }
}
