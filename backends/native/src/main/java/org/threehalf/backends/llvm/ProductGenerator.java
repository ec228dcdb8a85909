package org.threehalf.backends.llvm;

import static org.threehalf.backends.llvm.TileLayout.QUADS;
import static org.threehalf.backends.llvm.TileLayout.ROWS;
import static org.threehalf.backends.llvm.TileLayout.STRIP;
import static org.threehalf.backends.llvm.TileLayout.VECTOR;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.threehalf.backends.llvm.ir.Function;
import org.threehalf.backends.llvm.ir.Module;
import org.threehalf.backends.llvm.ir.Type;
import org.threehalf.backends.llvm.ir.Value;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;

/**
 * Writes the three functions that compute a format's products over {@link TileLayout} (REQ-DOT-001), in LLVM IR.
 *
 * <p>The byte dot product of x86 multiplies unsigned with signed bytes. So tables hold T[c] + β with the format's bias
 * β, and a block's sum starts at −β·Σ a_k instead of 0: Σ a_k·(T[c_k] + β) − β·Σ a_k = Σ a_k·T[c_k], exactly. Where
 * {@linkplain Instructions#signed both are signed}, β is 0.
 *
 * <p>Bounds: with |a| ≤ 127, T[c] + β ≤ 255 and 64 inputs, every partial sum of a block is at most 64 · 127 · (255 +
 * 128) &lt; 2²² in magnitude. What is multiplied by m and added to a row's sum is then Σ a_k·T[c_k] itself, whose
 * partial sums over blocks fit 32 bits by REQ-DOT-002 (Lean: {@code ThreeHalf.block_partial_sums_fit}). Nothing
 * saturates: {@link Instructions#dot}.
 *
 * <p>A strip's vectors of 64 bytes are taken in parts as wide as the processor's: each part is some of its 16 rows,
 * independent of the others.
 */
final class ProductGenerator {

    static final String ARRANGE = "arrange";
    static final String GEMV = "gemv";
    static final String GEMM = "gemm";

    /** Bytes that {@link #GEMM} needs beside its operands: a tile of bytes, and 64 sub-scales of 32 bits. */
    static final int EXPANDED_BYTES = ROWS * Format.BLOCK + ROWS * Integer.BYTES;

    private static final int STRIPS = ROWS / STRIP;
    private static final int TILE_QUADS = 2 * QUADS;
    // Bytes ahead of what is read that are asked for in each strip, in whole blocks, into the second-level cache: six
    // blocks of G35.
    private static final int AHEAD = 2_688;

    private final Format format;
    private final Instructions instructions;
    private final int width;
    private final int parts;
    private final Type.Vector bytes;
    private final Type.Vector sums;
    private final TileLayout layout;
    private final int bias;
    private final int largest;
    private final Module module;

    private ProductGenerator(Format format, InstructionSet set) {
        this.format = format;
        this.instructions = set.instructions();
        this.width = instructions.width();
        this.parts = VECTOR / width;
        this.bytes = instructions.bytes();
        this.sums = instructions.sums();
        this.layout = TileLayout.of(format, instructions);
        this.bias = instructions.signed() ? 0 : TileLayout.bias(format);
        this.largest = TileLayout.largest(format);
        this.module = new Module(set.attributes());
    }

    /** The module of a format for an instruction set. */
    static Module generate(Format format, InstructionSet instructions) {
        ProductGenerator generator = new ProductGenerator(format, instructions);
        generator.arrange();
        generator.gemv();
        generator.gemm();
        return generator.module;
    }

    /**
     * arrange(token, activations, corrections, blocks, stride): brings a token's 64·blocks bytes into the order of
     * vectors of weights ({@link TileLayout#inputs}), and stores −β·Σ a_k of each block, if β is not 0. Blocks are
     * {@code stride} · 64 and {@code stride} · 4 bytes apart.
     */
    private void arrange() {
        Function f = module.exported(ARRANGE, Type.POINTER, Type.POINTER, Type.POINTER, Type.I64, Type.I64);
        int[] inputs = layout.inputs();
        f.loop(f.parameter(3), List.of(), (b, none) -> {
            Value from = f.at(f.parameter(0), times(f, b, Format.BLOCK));
            Value codes = f.load(Type.vector(Format.BLOCK, 8), from, 1);
            Value to = f.mul(b, f.parameter(4));
            f.store(f.shuffle(codes, codes, inputs), f.at(f.parameter(1), times(f, to, Format.BLOCK)), 1);
            if (bias == 0) {
                return List.of();
            }
            Value partial = Value.constant(sums, 0);
            for (int part = 0; part < parts; part++) {
                partial = instructions.dot(
                        f, partial, Value.constant(bytes, 1), f.load(bytes, f.at(from, part * width), 1), 1);
            }
            Value sum = f.intrinsic("llvm.vector.reduce.add.v%di32".formatted(Type.lanes(sums)), Type.I32, partial);
            f.store(f.mul(sum, Value.constant(Type.I32, -bias)), f.at(f.parameter(2), times(f, to, Integer.BYTES)), 4);
            return List.of();
        });
    }

    /**
     * gemv(codes, subscales, activations, corrections, sums, blocks, groups): adds to the sums of groups that follow
     * each other, 64 a group, for one token. A call has many groups: where rows are short, one takes less than a
     * microsecond.
     */
    private void gemv() {
        Function f = module.exported(
                GEMV, Type.POINTER, Type.POINTER, Type.POINTER, Type.POINTER, Type.POINTER, Type.I64, Type.I64);
        Value blocks = f.parameter(5);
        Value groupBytes = times(f, blocks, (long) STRIPS * layout.stripBytes());
        Value subscaleBytes = format.hasSubscales()
                ? times(f, f.shiftRight(f.add(blocks, Value.constant(Type.I64, 1)), Value.constant(Type.I64, 1)), ROWS)
                : Value.constant(Type.I64, 0);
        f.loop(f.parameter(6), List.of(), (g, outer) -> {
            Value codes = f.at(f.parameter(0), f.mul(g, groupBytes));
            Value nibbles = f.at(f.parameter(1), f.mul(g, subscaleBytes));
            Value results = f.at(f.parameter(4), times(f, g, ROWS * Integer.BYTES));
            f.loop(blocks, List.of(), (b, none) -> {
                Value activations = f.at(f.parameter(2), times(f, b, Format.BLOCK));
                Value correction = correction(f, f.at(f.parameter(3), times(f, b, Integer.BYTES)));
                Value ahead = ahead(f, b, blocks);
                f.loop(Value.constant(Type.I64, STRIPS), List.of(), (s, nothing) -> {
                    Value block = block(f, codes, s, blocks, b);
                    prefetch(f, f.at(block, ahead));
                    eachPart(f, part -> {
                        Value from = times(f, part, width);
                        IntFunction<Value> weights = weights(f, f.at(block, from));
                        // Two chains of sums, as one dot product waits for the one before.
                        Value one = correction;
                        Value other = Value.constant(sums, 0);
                        List<Value> inputs = quads(f, activations, TILE_QUADS);
                        for (int turn = 0; turn < QUADS; turn++) {
                            int first = layout.firstOf(turn);
                            int second = layout.secondOf(turn);
                            one = instructions.dot(f, one, weights.apply(first), inputs.get(first), largest);
                            other = instructions.dot(f, other, weights.apply(second), inputs.get(second), largest);
                        }
                        Value sum = f.add(one, other);
                        Value to = f.at(f.at(results, times(f, s, VECTOR)), from);
                        f.store(
                                f.add(
                                        f.load(sums, to, width),
                                        format.hasSubscales() ? f.mul(sum, subscales(f, nibbles, b, s, part)) : sum),
                                to,
                                width);
                    });
                    return List.of();
                });
                return List.of();
            });
            return List.of();
        });
    }

    /**
     * gemm(codes, subscales, activations, corrections, sums, expanded, blocks, tokens): adds to the sums of a group for
     * several tokens, 64 a token, one token after the other. Each tile is expanded to bytes once. Activations and
     * corrections: block after block, in a block token after token.
     */
    private void gemm() {
        int[] counts = instructions.tokens();
        List<Function> steps = IntStream.of(counts)
                .mapToObj(instructions.tiles() ? this::multiplyTiles : this::multiply)
                .toList();
        // Bytes of the rows that a step takes: of a quad's weights, and of a token's sums.
        int stepBytes = instructions.rowVectors() * width;
        Function f = module.exported(
                GEMM,
                Type.POINTER,
                Type.POINTER,
                Type.POINTER,
                Type.POINTER,
                Type.POINTER,
                Type.POINTER,
                Type.I64,
                Type.I64);
        Value expanded = f.parameter(5);
        Value tokens = f.parameter(7);
        f.loop(f.parameter(6), List.of(), (b, none) -> {
            Value ahead = ahead(f, b, f.parameter(6));
            f.loop(Value.constant(Type.I64, STRIPS), List.of(), (s, nothing) -> {
                Value block = block(f, f.parameter(0), s, f.parameter(6), b);
                prefetch(f, f.at(block, ahead));
                eachPart(f, part -> {
                    Value from = times(f, part, width);
                    List<Value> weights = instructions.tiles()
                            ? rowPairs(f, expand(f, f.at(block, from)))
                            : expand(f, f.at(block, from));
                    Value to = f.at(f.at(expanded, times(f, s, VECTOR)), from);
                    for (int q = 0; q < TILE_QUADS; q++) {
                        f.store(weights.get(q), f.at(to, q * STRIPS * VECTOR), width);
                    }
                    if (format.hasSubscales()) {
                        f.store(subscales(f, f.parameter(1), b, s, part), f.at(to, ROWS * Format.BLOCK), width);
                    }
                });
                return List.of();
            });
            Value first = f.mul(b, tokens);
            Value done = Value.constant(Type.I64, 0);
            Value left = tokens;
            for (int i = 0; i < counts.length; i++) {
                Function step = steps.get(i);
                Value size = Value.constant(Type.I64, counts[i]);
                Value before = done;
                Value turns = f.divide(left, size);
                f.loop(turns, List.of(), (turn, nothing) -> {
                    Value token = f.add(before, f.mul(turn, size));
                    Value at = f.add(first, token);
                    for (int from = 0; from < STRIPS * VECTOR; from += stepBytes) {
                        f.call(
                                step,
                                List.of(
                                        f.at(expanded, from),
                                        f.at(f.parameter(2), times(f, at, Format.BLOCK)),
                                        f.at(f.parameter(3), times(f, at, Integer.BYTES)),
                                        f.at(f.at(f.parameter(4), times(f, token, ROWS * Integer.BYTES)), from)));
                    }
                    return List.of();
                });
                done = f.add(done, f.mul(turns, size));
                left = f.remainder(left, size);
            }
            return List.of();
        });
    }

    /**
     * The parts of a strip, one after the other. Of more than two, side by side, the codes would not be in registers.
     */
    private void eachPart(Function f, Consumer<Value> body) {
        if (parts <= 2) {
            IntStream.range(0, parts).forEach(part -> body.accept(Value.constant(Type.I64, part)));
            return;
        }
        f.loop(Value.constant(Type.I64, parts), List.of(), (part, none) -> {
            body.accept(part);
            return List.of();
        });
    }

    /** A function that adds the products of some rows of an expanded tile with some tokens to their sums. */
    private Function multiply(int tokens) {
        int rowVectors = instructions.rowVectors();
        int quads = instructions.quadsAtOnce();
        Function f = module.internal("multiply" + tokens, Type.POINTER, Type.POINTER, Type.POINTER, Type.POINTER);
        Value expanded = f.parameter(0);
        List<Value> initial = new ArrayList<>();
        for (int t = 0; t < tokens; t++) {
            initial.addAll(Collections.nCopies(rowVectors, correction(f, f.at(f.parameter(2), t * Integer.BYTES))));
        }
        List<Value> totals = f.loop(Value.constant(Type.I64, TILE_QUADS / quads), initial, (turn, carried) -> {
            Value tile = f.at(expanded, times(f, turn, quads * STRIPS * VECTOR));
            Value inputs = f.at(f.parameter(1), times(f, turn, quads * 4L));
            List<List<Value>> activations = IntStream.range(0, tokens)
                    .mapToObj(t -> quads(f, f.at(inputs, t * Format.BLOCK), quads))
                    .toList();
            List<Value> next = new ArrayList<>(carried);
            for (int quad = 0; quad < quads; quad++) {
                int q = quad;
                List<Value> weights = IntStream.range(0, rowVectors)
                        .mapToObj(v -> f.load(bytes, f.at(tile, q * STRIPS * VECTOR + v * width), width))
                        .toList();
                for (int t = 0; t < tokens; t++) {
                    for (int v = 0; v < rowVectors; v++) {
                        int sum = t * rowVectors + v;
                        next.set(
                                sum,
                                instructions.dot(
                                        f,
                                        next.get(sum),
                                        weights.get(v),
                                        activations.get(t).get(q),
                                        largest));
                    }
                }
            }
            return next;
        });
        for (int v = 0; v < rowVectors; v++) {
            Value m =
                    format.hasSubscales() ? f.load(sums, f.at(expanded, ROWS * Format.BLOCK + v * width), width) : null;
            for (int t = 0; t < tokens; t++) {
                Value sum = totals.get(t * rowVectors + v);
                Value to = f.at(f.parameter(3), t * STRIPS * VECTOR + v * width);
                f.store(f.add(f.load(sums, to, width), m == null ? sum : f.mul(sum, m)), to, width);
            }
        }
        return f;
    }

    /** Of two quads of four rows each, the eight inputs of rows 0 and 1, and those of rows 2 and 3. */
    private List<Value> rowPairs(Function f, List<Value> quads) {
        List<Value> pairs = new ArrayList<>();
        for (int q = 0; q < quads.size(); q += 2) {
            Value first = f.reinterpret(quads.get(q), sums);
            Value second = f.reinterpret(quads.get(q + 1), sums);
            pairs.add(f.reinterpret(f.shuffle(first, second, 0, 4, 1, 5), bytes));
            pairs.add(f.reinterpret(f.shuffle(first, second, 2, 6, 3, 7), bytes));
        }
        return pairs;
    }

    /** As {@link #multiply}, two rows and two tokens at once; of one token both are that one. */
    private Function multiplyTiles(int tokens) {
        int rowVectors = instructions.rowVectors();
        int tokenPairs = (tokens + 1) / 2;
        Function f = module.internal("multiply" + tokens, Type.POINTER, Type.POINTER, Type.POINTER, Type.POINTER);
        // Of a pair of tokens and a vector of rows two vectors of sums: rows 0 and 1, rows 2 and 3.
        List<Value> initial = Collections.nCopies(tokenPairs * rowVectors * 2, Value.constant(sums, 0));
        List<Value> totals = f.loop(Value.constant(Type.I64, TILE_QUADS / 2), initial, (turn, carried) -> {
            Value tile = f.at(f.parameter(0), times(f, turn, 2L * STRIPS * VECTOR));
            Value inputs = f.at(f.parameter(1), times(f, turn, 8));
            List<Value> activations = IntStream.range(0, tokenPairs)
                    .mapToObj(pair -> tokenPair(f, inputs, 2 * pair, Math.min(2 * pair + 1, tokens - 1)))
                    .toList();
            List<Value> next = new ArrayList<>(carried);
            for (int v = 0; v < rowVectors; v++) {
                for (int half = 0; half < 2; half++) {
                    Value weights = f.load(bytes, f.at(tile, half * STRIPS * VECTOR + v * width), width);
                    for (int pair = 0; pair < tokenPairs; pair++) {
                        int sum = (pair * rowVectors + v) * 2 + half;
                        next.set(sum, instructions.tile(f, next.get(sum), weights, activations.get(pair)));
                    }
                }
            }
            return next;
        });
        for (int v = 0; v < rowVectors; v++) {
            Value m = format.hasSubscales()
                    ? f.load(sums, f.at(f.parameter(0), ROWS * Format.BLOCK + v * width), width)
                    : null;
            for (int t = 0; t < tokens; t++) {
                int at = (t / 2 * rowVectors + v) * 2;
                int odd = t % 2;
                Value sum = f.shuffle(totals.get(at), totals.get(at + 1), odd, odd + 2, odd + 4, odd + 6);
                Value to = f.at(f.parameter(3), t * STRIPS * VECTOR + v * width);
                f.store(f.add(f.load(sums, to, width), m == null ? sum : f.mul(sum, m)), to, width);
            }
        }
        return f;
    }

    private static Value tokenPair(Function f, Value inputs, int first, int second) {
        Type.Vector eight = Type.vector(8, 8);
        Value one = f.load(eight, f.at(inputs, first * Format.BLOCK), 1);
        Value other = first == second ? one : f.load(eight, f.at(inputs, second * Format.BLOCK), 1);
        return f.shuffle(
                one,
                other,
                IntStream.range(0, 16).map(i -> first == second ? i % 8 : i).toArray());
    }

    /** The biased table values of a part of a strip's block: 16 vectors, in the order of {@link TileLayout#inputs}. */
    private List<Value> expand(Function f, Value strip) {
        return IntStream.range(0, TILE_QUADS).mapToObj(weights(f, strip)).toList();
    }

    /**
     * The same one by one: what a vector takes is written when it is asked for, but for codes, of which several are in
     * one vector of memory.
     */
    private IntFunction<Value> weights(Function f, Value strip) {
        return switch (layout) {
            case CodeLayout codes -> {
                List<Value> weights = new ArrayList<>(half(f, strip, format.even()));
                weights.addAll(half(f, f.at(strip, CodeLayout.vectors(codes.even()) * VECTOR), format.odd()));
                yield weights::get;
            }
            case WindowLayout windows -> windows(f, strip, windows);
        };
    }

    /** The biased table values of windows. */
    private IntFunction<Value> windows(Function f, Value strip, WindowLayout windows) {
        List<Value> parts = new ArrayList<>(IntStream.range(0, windows.vectors())
                .mapToObj(v -> f.load(bytes, f.at(strip, v * VECTOR), width))
                .toList());
        // The string goes round: behind the last word comes the first; behind each piece the first byte of the next.
        parts.add(
                windows.words()
                        ? parts.getFirst()
                        : f.shuffle(
                                parts.getFirst(),
                                parts.getFirst(),
                                IntStream.range(0, width)
                                        .map(i -> i / 4 * 4 + (i + 1) % 4)
                                        .toArray()));
        WindowTable table = new WindowTable(format.even());
        return q -> instructions.windowValues(
                f,
                table,
                windows.words() ? wordWindows(f, parts, windows, q) : pieceWindows(f, parts, windows, q),
                bias);
    }

    /**
     * Vector q of windows, cut out of words: where they do not all lie in one, out of a word that begins where the
     * first one does.
     */
    private Value wordWindows(Function f, List<Value> words, WindowLayout windows, int q) {
        int[] from = IntStream.range(4 * q, 4 * q + 4)
                .map(i -> windows.bit(windows.inputs()[i]))
                .toArray();
        int word = from[0] / Integer.SIZE;
        int bit = from[0] % Integer.SIZE;
        Value source = words.get(word);
        if (bit + from[3] - from[0] + Byte.SIZE > Integer.SIZE) {
            Value low = f.reinterpret(source, sums);
            Value high = f.reinterpret(words.get(word + 1), sums);
            source = f.reinterpret(
                    f.intrinsic(
                            "llvm.fshr.v%di32".formatted(Type.lanes(sums)), sums, high, low, Value.constant(sums, bit)),
                    bytes);
            bit = 0;
        }
        int start = bit - from[0];
        int[] bits = IntStream.of(from).map(b -> b + start).toArray();
        return Arrays.equals(bits, new int[] {0, 8, 16, 24}) ? source : instructions.cut(f, source, bits);
    }

    /** Vector q of windows, shifted out of two bytes of each piece. */
    private Value pieceWindows(Function f, List<Value> parts, WindowLayout windows, int q) {
        int bit = windows.bit(q);
        int by = bit % Byte.SIZE;
        Value low = parts.get(bit / Byte.SIZE);
        if (by == 0) {
            return low;
        }
        int kept = 255 >> by;
        return f.or(
                instructions.shiftedBits(f, low, -by, kept),
                instructions.shiftedBits(f, parts.get(bit / Byte.SIZE + 1), Byte.SIZE - by, 255 - kept));
    }

    /** The biased table values of a half: {@link CodeLayout} read backwards. */
    private List<Value> half(Function f, Value at, Codebook codebook) {
        int bits = codebook.bits();
        List<Value> v = IntStream.range(0, CodeLayout.vectors(bits))
                .mapToObj(j -> f.load(bytes, f.at(at, j * VECTOR), width))
                .toList();
        if (bits == 8) {
            return instructions.signed()
                    ? v.stream()
                            .map(stored -> f.add(stored, Value.constant(bytes, -128)))
                            .toList()
                    : v;
        }
        byte[] values = new byte[codebook.size()];
        for (int c = 0; c < values.length; c++) {
            values[c] = (byte) (codebook.value(c) + bias);
        }
        Value table = Value.bytes(width, values);
        return IntStream.range(0, QUADS)
                .mapToObj(q -> instructions.lookup(f, table, bits == 4 ? nibble(f, v, q) : threeBits(f, v, q)))
                .toList();
    }

    /** Code vector q in the low 4 bits of bytes. */
    private Value nibble(Function f, List<Value> v, int q) {
        return shift(f, v.get(q % 4), -4 * (q / 4));
    }

    /** Code vector q in the low 3 bits of bytes. */
    private Value threeBits(Function f, List<Value> v, int q) {
        Value low = f.and(shift(f, v.get(q % 2), -2 * (q / 2)), Value.constant(bytes, 3));
        Value high = f.and(shift(f, v.get(2), 2 - q), Value.constant(bytes, ~3));
        return f.or(low, high);
    }

    private Value shift(Function f, Value codes, int left) {
        return left == 0 ? codes : instructions.shift(f, codes, left);
    }

    /** Where a block of a strip lies: strip after strip, in a strip block after block. */
    private Value block(Function f, Value codes, Value strip, Value blocks, Value block) {
        return f.at(codes, times(f, f.add(f.mul(strip, blocks), block), layout.stripBytes()));
    }

    /**
     * Where what a strip reads some blocks later lies, in bytes after block b: past the end of a strip it goes on in
     * the strip of the next group, which follows three others.
     */
    private Value ahead(Function f, Value b, Value blocks) {
        int count = (AHEAD + layout.stripBytes() - 1) / layout.stripBytes();
        Value groups = f.divide(f.add(b, Value.constant(Type.I64, count)), blocks);
        Value others = times(f, f.mul(groups, blocks), (STRIPS - 1L) * layout.stripBytes());
        return f.add(others, Value.constant(Type.I64, (long) count * layout.stripBytes()));
    }

    private void prefetch(Function f, Value block) {
        for (int line = 0; line < layout.stripBytes(); line += VECTOR) {
            f.prefetch(f.at(block, line));
        }
    }

    /** Some times four activations, each for all rows of a vector. */
    private List<Value> quads(Function f, Value activations, int count) {
        int lanes = Type.lanes(sums);
        int atOnce = instructions.quadsAtOnce();
        if (atOnce == 1) {
            return IntStream.range(0, count)
                    .mapToObj(q ->
                            f.reinterpret(f.broadcast(f.load(Type.I32, f.at(activations, 4L * q), 4), lanes), bytes))
                    .toList();
        }
        List<Value> quads = new ArrayList<>();
        for (int from = 0; from < count; from += atOnce) {
            Value some = f.load(Type.vector(atOnce, 32), f.at(activations, 4L * from), 4);
            for (int q = 0; q < atOnce; q++) {
                int[] lane = new int[lanes];
                Arrays.fill(lane, q);
                quads.add(f.reinterpret(f.shuffle(some, some, lane), bytes));
            }
        }
        return quads;
    }

    /** What the sums of a block begin with. */
    private Value correction(Function f, Value at) {
        return bias == 0 ? Value.constant(sums, 0) : f.broadcast(f.load(Type.I32, at, 4), Type.lanes(sums));
    }

    /** The sub-scales of a part of a strip's rows in a block. */
    private Value subscales(Function f, Value subscales, Value block, Value strip, Value part) {
        int lanes = Type.lanes(sums);
        Value pair = f.shiftRight(block, Value.constant(Type.I64, 1));
        Value at = f.at(f.at(f.at(subscales, times(f, pair, ROWS)), times(f, strip, STRIP)), times(f, part, lanes));
        Value both = f.zeroExtend(f.load(Type.vector(lanes, 8), at, lanes), sums);
        Value odd = f.truncate(f.and(block, Value.constant(Type.I64, 1)), Type.I32);
        Value by = f.broadcast(f.shiftLeft(odd, Value.constant(Type.I32, 2)), lanes);
        return f.and(f.shiftRight(both, by), Value.constant(sums, 15));
    }

    private static Value times(Function f, Value value, long factor) {
        return f.mul(value, Value.constant(Type.I64, factor));
    }
}
