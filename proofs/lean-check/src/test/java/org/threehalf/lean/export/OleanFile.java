package org.threehalf.lean.export;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Writes a compiled module as Lean does, object by object; each method gives the object's address. */
final class OleanFile {
    private static final int HEADER = 80;

    private final int word;
    private final long base;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /**
     * @param word bytes of an address, 4 or 8
     * @param base the address of the file's first byte
     */
    OleanFile(int word, long base) {
        this.word = word;
        this.base = base;
        bytes.writeBytes(new byte[HEADER + 2 * word]);
    }

    private static byte[] little(long value, int size) {
        return Arrays.copyOf(
                ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(value)
                        .array(),
                size);
    }

    private void pad() {
        while (bytes.size() % word != 0) {
            bytes.write(0);
        }
    }

    private long begin(int objects, int tag) {
        pad();
        long address = base + bytes.size();
        bytes.writeBytes(new byte[] {0, 0, 0, 0, 8, 0, (byte) objects, (byte) tag});
        return address;
    }

    private void words(long... values) {
        for (long value : values) {
            bytes.writeBytes(little(value, word));
        }
    }

    /** What is small enough to need no object: a number, or a constructor without members. */
    static long small(long number) {
        return 2 * number + 1;
    }

    long constructor(int tag, byte[] scalars, long... members) {
        long address = begin(members.length, tag);
        words(members);
        bytes.writeBytes(scalars);
        return address;
    }

    long array(long... elements) {
        long address = begin(0, 246);
        words(elements.length, elements.length);
        words(elements);
        return address;
    }

    long string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        long address = begin(0, 249);
        words(utf8.length + 1, utf8.length + 1, text.codePointCount(0, text.length()));
        bytes.writeBytes(utf8);
        bytes.write(0);
        return address;
    }

    long number(BigInteger number) {
        int limbs = (number.bitLength() + 8 * word - 1) / (8 * word);
        long address = begin(0, 250);
        bytes.writeBytes(little(0, Integer.BYTES));
        bytes.writeBytes(little(limbs, Integer.BYTES));
        words(address + 2 * Long.BYTES + word);
        for (int i = 0; i < limbs; i++) {
            words(number.shiftRight(8 * word * i).longValue());
        }
        return address;
    }

    long list(long... elements) {
        long list = small(0);
        for (int i = elements.length - 1; i >= 0; i--) {
            list = constructor(1, new byte[0], elements[i], list);
        }
        return list;
    }

    // Lean's own types.

    long name(String dotted) {
        long name = small(0);
        for (String part : dotted.split("\\.")) {
            name = part.matches("\\d+")
                    ? constructor(2, new byte[8], name, small(Long.parseLong(part)))
                    : constructor(1, new byte[8], name, string(part));
        }
        return name;
    }

    long names(String... dotted) {
        return list(Arrays.stream(dotted).mapToLong(this::name).toArray());
    }

    long sort(long level) {
        return constructor(3, new byte[8], level);
    }

    long prop() {
        return sort(constructor(0, new byte[8]));
    }

    long level(String parameter) {
        return constructor(4, new byte[8], name(parameter));
    }

    long constant(String name, long... levels) {
        return constructor(4, new byte[8], name(name), list(levels));
    }

    long variable(int index) {
        return constructor(0, new byte[8], small(index));
    }

    long apply(long function, long argument) {
        return constructor(5, new byte[8], function, argument);
    }

    /** A function (tag 6) or the type of functions (tag 7); the kind of binder as Lean counts. */
    long binder(int tag, String variable, int kind, long type, long body) {
        byte[] scalars = new byte[9];
        scalars[8] = (byte) kind;
        return constructor(tag, scalars, name(variable), type, body);
    }

    /** Name, parameters of universes, type. */
    long common(String name, long parameters, long type) {
        return constructor(0, new byte[0], name(name), parameters, type);
    }

    long axiom(String name, long type) {
        return constructor(0, new byte[0], constructor(0, new byte[1], common(name, small(0), type)));
    }

    long theorem(String name, long type, long value) {
        return constructor(
                2, new byte[0], constructor(0, new byte[0], common(name, small(0), type), value, names(name)));
    }

    /** A definition; 0 for unsafe, 1 for safe. */
    long definition(String name, int safety, long type, long value) {
        long hints = constructor(2, new byte[] {7, 0, 0, 0});
        return constructor(
                1,
                new byte[0],
                constructor(0, new byte[] {(byte) safety}, common(name, small(0), type), value, hints, names(name)));
    }

    /** Writes the module. */
    void write(Path file, String[] imports, long... constants) throws IOException {
        long[] imported = Arrays.stream(imports)
                .mapToLong(name -> constructor(0, new byte[3], name(name)))
                .toArray();
        long root = constructor(0, new byte[] {1}, array(imported), array(), array(constants), array(), array());
        write(file, root);
    }

    /** Writes the objects, of which one is the module. */
    void write(Path file, long root) throws IOException {
        pad();
        byte[] all = bytes.toByteArray();
        ByteBuffer head = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
        head.put("olean".getBytes(StandardCharsets.US_ASCII)).put((byte) 2).put((byte) 0);
        head.put(40, "0123456789012345678901234567890123456789".getBytes(StandardCharsets.US_ASCII));
        head.put(HEADER, little(base, word)).put(HEADER + word, little(root, word));
        Files.createDirectories(file.getParent());
        Files.write(file, all);
    }
}
