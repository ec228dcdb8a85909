package org.threehalf.conformance.mistakes;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.IntBinaryOperator;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.backends.spi.product.Products;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.reference.WeightQuantizer;

/**
 * A mistake that a device could make, as a backend that makes it: for telling why a device is wrong
 * ({@link Diagnosis}), and for showing that the suite finds it.
 *
 * @param name what is wrong, in a few words
 * @param backend makes a backend with it
 * @param touches the formats in which it can show
 */
public record Mistake(String name, Supplier<Backend> backend, Predicate<Format> touches) {

    private static Mistake of(String name, Supplier<Backend> backend) {
        return new Mistake(name, backend, format -> true);
    }

    /** Every mistake but those of single table bits. */
    public static List<Mistake> all() {
        List<Mistake> mistakes = new ArrayList<>();
        mistakes.addAll(activations());
        mistakes.addAll(sums());
        mistakes.addAll(outputs());
        mistakes.addAll(layout());
        mistakes.addAll(windows());
        mistakes.addAll(products());
        mistakes.addAll(weights());
        mistakes.addAll(refusals());
        mistakes.addAll(OperationMistakes.all());
        return mistakes;
    }

    /** A single wrong bit in each entry of each table, at even and at odd inputs, in products and in dequantising. */
    public static List<Mistake> tableBits() {
        List<Mistake> mistakes = new ArrayList<>();
        for (Codebook table : Codebook.values()) {
            // Of the table of windows, which takes three formats a mistake, every sixteenth entry.
            for (int code = 0; code < table.size(); code += table == Codebook.TW ? 16 : 1) {
                // All bits of the small tables; one bit an entry of those of 256.
                for (int bit = table.size() == 256 ? code % 8 : 0;
                        bit < (table.size() == 256 ? code % 8 + 1 : 8);
                        bit++) {
                    for (boolean isEven : new boolean[] {true, false}) {
                        Predicate<Format> touches = format -> (isEven ? format.even() : format.odd()) == table;
                        if (Arrays.stream(Format.values()).anyMatch(touches)) {
                            String name = "%s[%d] bit %d wrong at %s inputs"
                                    .formatted(table, code, bit, isEven ? "even" : "odd");
                            mistakes.add(new Mistake(
                                    name + " in products", wrongBit(table, code, bit, isEven, true), touches));
                            mistakes.add(new Mistake(
                                    name + " in dequantising", wrongBit(table, code, bit, isEven, false), touches));
                        }
                    }
                }
            }
        }
        return mistakes;
    }

    private static Supplier<Backend> wrongBit(
            Codebook wrongTable, int wrongCode, int bit, boolean atEven, boolean inProducts) {
        return () -> new SteppedBackend() {
            private boolean dequantizing;

            @Override
            protected int value(Codebook table, int code, boolean isEven) {
                boolean wrong =
                        dequantizing != inProducts && table == wrongTable && code == wrongCode && isEven == atEven;
                return wrong ? (byte) (table.value(code) ^ 1 << bit) : table.value(code);
            }

            @Override
            public float[] dequantize(QuantizedRow row) {
                dequantizing = true;
                int[] weights = weights(row);
                dequantizing = false;
                float[] values = new float[weights.length];
                for (int k = 0; k < values.length; k++) {
                    values[k] = row.scale() * weights[k];
                }
                return values;
            }
        };
    }

    private static List<Mistake> activations() {
        return List.of(
                rounding("round half away", q -> Math.copySign(Math.floor(Math.abs(q) + 0.5), q)),
                rounding("round half up", q -> Math.floor(q + 0.5)),
                rounding("round half to zero", q -> Math.copySign(Math.ceil(Math.abs(q) - 0.5), q)),
                rounding("truncating conversion", q -> (int) q),
                rounding("round down", Math::floor),
                code("no clamp at -127", (x, s) -> (int) Math.max(-128, Math.min(127, Math.rint(x / s)))),
                code("no clamp at 127 but at 128, which wraps", (x, s) ->
                        (int) Math.max(-127, Math.min(128, Math.rint(x / s)))),
                code("no clamp, wraps around", (x, s) -> (int) (byte) (int) Math.rint(x / s)),
                code("times the reciprocal", (x, s) -> (int) Math.max(-127, Math.min(127, Math.rint(x * (1 / s))))),
                code("binary64 quotient", (x, s) -> (int) Math.max(-127, Math.min(127, Math.rint((double) x / s)))),
                scale("flush of a subnormal activation scale", amax -> flush(amax / 127)),
                scale("scale by the reciprocal of 127", amax -> amax * (1 / 127f)),
                scale("scale by 128", amax -> amax / 128),
                of("largest signed value in place of the largest magnitude", () -> new SteppedBackend() {
                    @Override
                    public QuantizedToken quantize(float[] activations) {
                        QuantizedToken.of(activations);
                        float[] positive = activations.clone();
                        for (int k = 0; k < positive.length; k++) {
                            positive[k] = Math.max(0, positive[k]);
                        }
                        float scale = QuantizedToken.of(positive).scale();
                        byte[] codes = new byte[activations.length];
                        for (int k = 0; scale != 0 && k < codes.length; k++) {
                            codes[k] = (byte) activationCode(activations[k], scale);
                        }
                        return new QuantizedToken(scale, codes);
                    }
                }));
    }

    private static float flush(float x) {
        return Math.abs(x) < Float.MIN_NORMAL ? Math.copySign(0, x) : x;
    }

    private static Mistake rounding(String name, DoubleUnaryOperator round) {
        return code("activations: " + name, (x, s) -> (int) Math.max(-127, Math.min(127, round.applyAsDouble(x / s))));
    }

    private static Mistake code(String name, BiFunction<Float, Float, Integer> code) {
        return of(name, () -> new SteppedBackend() {
            @Override
            protected int activationCode(float x, float scale) {
                return code.apply(x, scale);
            }
        });
    }

    private static Mistake scale(String name, UnaryOperator<Float> scale) {
        return of(name, () -> new SteppedBackend() {
            @Override
            protected float activationScale(float amax) {
                return scale.apply(amax);
            }
        });
    }

    /** Sums the products of a row: {@code terms[k]} = a_k · v_k. */
    private interface Summation {
        int sum(int[] terms);
    }

    private static Mistake summation(String name, Summation summation) {
        return of(name, () -> new SteppedBackend() {
            @Override
            protected int sum(byte[] activations, int[] weights) {
                int[] terms = new int[weights.length];
                for (int k = 0; k < terms.length; k++) {
                    terms[k] = activations[k] * weights[k];
                }
                return summation.sum(terms);
            }
        });
    }

    private static List<Mistake> sums() {
        return List.of(
                summation(
                        "saturating 16-bit accumulation",
                        terms -> Arrays.stream(terms).reduce(0, (a, b) -> Math.clamp(a + b, -32768, 32767))),
                summation(
                        "wrapping 16-bit accumulation",
                        terms -> Arrays.stream(terms).reduce(0, (a, b) -> (short) (a + b))),
                summation(
                        "16-bit products",
                        terms -> Arrays.stream(terms).map(t -> (short) t).sum()),
                summation("16-bit sums of a block", terms -> {
                    int sum = 0;
                    for (int from = 0; from < terms.length; from += 64) {
                        sum += (short) Arrays.stream(terms, from, Math.min(from + 64, terms.length))
                                .sum();
                    }
                    return sum;
                }),
                summation("24-bit accumulation", terms -> Arrays.stream(terms).reduce(0, (a, b) -> (a + b) << 8 >> 8)),
                summation("binary32 sum of blocks", terms -> {
                    float sum = 0;
                    for (int from = 0; from < terms.length; from += 64) {
                        sum += Arrays.stream(terms, from, Math.min(from + 64, terms.length))
                                .sum();
                    }
                    return (int) sum;
                }),
                summation("binary32 sum", terms -> {
                    float sum = 0;
                    for (int term : terms) {
                        sum += term;
                    }
                    return (int) sum;
                }),
                summation(
                        "last column dropped where K is odd",
                        terms -> Arrays.stream(terms, 0, terms.length & ~1).sum()),
                summation(
                        "last column dropped",
                        terms -> Arrays.stream(terms, 0, Math.max(terms.length - 1, 1))
                                .sum()),
                summation(
                        "columns past the last whole block dropped",
                        terms -> Arrays.stream(terms, 0, terms.length < 64 ? terms.length : terms.length & ~63)
                                .sum()),
                summation(
                        "columns past the last whole 32 dropped",
                        terms -> Arrays.stream(terms, 0, terms.length < 64 ? terms.length : terms.length & ~31)
                                .sum()),
                of("padding counted", () -> new SteppedBackend() {
                    @Override
                    protected int[] weights(PackedMatrix matrix, int row) {
                        int padded = Math.min(
                                Format.blocks(matrix.columns()) * 64,
                                matrix.format().maxColumns());
                        return weights(unpack(
                                matrix.format(),
                                padded,
                                1,
                                bytes(matrix.codes(), row, matrix),
                                bytes(matrix.subscales(), row, matrix)));
                    }

                    @Override
                    protected int sum(byte[] activations, int[] weights) {
                        byte[] padded = Arrays.copyOf(activations, weights.length);
                        Arrays.fill(padded, activations.length, padded.length, (byte) 1);
                        return super.sum(padded, weights);
                    }
                }));
    }

    private interface OutputStep {
        float output(int sum, float rowScale, float activationScale);
    }

    private static Mistake output(String name, OutputStep step) {
        return of(name, () -> new SteppedBackend() {
            @Override
            public float output(int sum, float rowScale, float activationScale) {
                return step.output(sum, rowScale, activationScale);
            }
        });
    }

    private static List<Mistake> outputs() {
        return List.of(
                output("output: flush of a subnormal product of scales", (i, r, a) -> i * flush(r * a)),
                output("output: flush of a subnormal y", (i, r, a) -> flush(i * (r * a))),
                output("output: subnormal row scale taken as zero", (i, r, a) -> i * (flush(r) * a)),
                output("output: subnormal activation scale taken as zero", (i, r, a) -> i * (r * flush(a))),
                output("output: binary64, rounded once", (i, r, a) -> (float) (i * ((double) r * a))),
                output("output: I not rounded before the product", (i, r, a) -> (float) (i * (double) (r * a))),
                output("output: product of scales not rounded", (i, r, a) ->
                        (float) ((double) (float) i * ((double) r * a))),
                output("output: (I · s_row) · s_act", (i, r, a) -> i * r * a),
                output("output: (I · s_act) · s_row", (i, r, a) -> i * a * r),
                output("output: I truncated to 24 bits", (i, r, a) -> truncated(i) * (r * a)),
                output("output: I rounded half away", (i, r, a) -> halfAway(i) * (r * a)),
                output("output: negative zero lost", (i, r, a) -> i * (r * a) + 0.0f),
                output("output: I = 0 gives negative zero", (i, r, a) -> i == 0 ? -0.0f : i * (r * a)),
                output("output: I as an unsigned number", (i, r, a) -> (float) (i & 0xffff_ffffL) * (r * a)),
                dequantizing("dequantise: negative zero lost", v -> v + 0.0f),
                dequantizing("dequantise: flush of subnormal values", Mistake::flush),
                of("dequantise: (s · m) · T", () -> new SteppedBackend() {
                    @Override
                    public float[] dequantize(QuantizedRow row) {
                        float[] values = row.dequantize();
                        for (int k = 0; k < values.length && row.format().hasSubscales(); k++) {
                            values[k] = row.scale()
                                    * row.subscales()[k / 64]
                                    * row.format().codebook(k).value(row.codes()[k]);
                        }
                        return values;
                    }
                }));
    }

    private static Mistake dequantizing(String name, UnaryOperator<Float> step) {
        return of(name, () -> new SteppedBackend() {
            @Override
            public float[] dequantize(QuantizedRow row) {
                float[] values = row.dequantize();
                for (int k = 0; k < values.length; k++) {
                    values[k] = step.apply(values[k]);
                }
                return values;
            }
        });
    }

    private static float truncated(int i) {
        int spare = Math.max(0, 8 - Integer.numberOfLeadingZeros(Math.abs(i)));
        return Integer.signum(i) * (Math.abs(i) >>> spare << spare);
    }

    private static float halfAway(int i) {
        int spare = Math.max(0, 8 - Integer.numberOfLeadingZeros(Math.abs(i)));
        long magnitude = (Math.abs((long) i) + (1L << spare >> 1)) >> spare << spare;
        return Integer.signum(i) * magnitude;
    }

    /** Reads packed codes wrongly: rearranges the bytes before the right unpacking. */
    private static Mistake reading(String name, Function<Format, UnaryOperator<byte[]>> rearrange) {
        return of(name, () -> new SteppedBackend() {
            @Override
            protected int[] weights(PackedMatrix matrix, int row) {
                return weights(unpack(
                        matrix.format(),
                        matrix.columns(),
                        1,
                        rearrange.apply(matrix.format()).apply(bytes(matrix.codes(), row, matrix)),
                        bytes(matrix.subscales(), row, matrix)));
            }
        });
    }

    private static byte swapNibbles(byte b) {
        return (byte) ((b & 0xf0) >> 4 | (b & 0x0f) << 4);
    }

    private static UnaryOperator<byte[]> eachByte(UnaryOperator<Byte> step) {
        return bytes -> {
            byte[] changed = bytes.clone();
            for (int i = 0; i < changed.length; i++) {
                changed[i] = step.apply(changed[i]);
            }
            return changed;
        };
    }

    private static UnaryOperator<byte[]> eachBlock(Format format, UnaryOperator<byte[]> step) {
        return bytes -> {
            byte[] changed = bytes.clone();
            for (int at = 0; at < changed.length; at += format.blockBytes()) {
                System.arraycopy(
                        step.apply(Arrays.copyOfRange(bytes, at, at + format.blockBytes())),
                        0,
                        changed,
                        at,
                        format.blockBytes());
            }
            return changed;
        };
    }

    private static List<Mistake> layout() {
        return List.of(
                reading("swapped nibbles", format -> eachByte(Mistake::swapNibbles)),
                reading(
                        "bit pairs in reverse order",
                        format -> eachByte(b -> swapNibbles((byte) ((b & 0xcc) >> 2 | (b & 0x33) << 2)))),
                reading(
                        "high bits in reverse order",
                        format -> eachBlock(format, block -> {
                            byte[] changed = block.clone();
                            for (int j = block.length - 4; format.traits().oddBits() == 3 && j < block.length; j++) {
                                changed[j] = (byte) (Integer.reverse(block[j]) >>> 24);
                            }
                            return changed;
                        })),
                reading(
                        "even and odd half exchanged",
                        format -> format.even() != format.odd()
                                ? bytes -> bytes
                                : eachBlock(format, block -> {
                                    byte[] changed = new byte[block.length];
                                    System.arraycopy(block, 0, changed, block.length / 2, block.length / 2);
                                    System.arraycopy(block, block.length / 2, changed, 0, block.length / 2);
                                    return changed;
                                })),
                of("packing: swapped nibbles", () -> new SteppedBackend() {
                    @Override
                    public byte[] packCodes(QuantizedRow row) {
                        return eachByte(Mistake::swapNibbles).apply(row.packedCodes());
                    }
                }),
                of("packing: padding not zero", () -> new SteppedBackend() {
                    @Override
                    public byte[] packCodes(QuantizedRow row) {
                        int padded = Format.blocks(row.columns()) * 64;
                        byte[] codes = Arrays.copyOf(row.codes(), padded);
                        Arrays.fill(codes, row.columns(), padded, (byte) 1);
                        return new QuantizedRow(row.format(), row.scale(), codes, row.subscales()).packedCodes();
                    }
                }),
                of("packing: sub-scale nibbles exchanged", () -> new SteppedBackend() {
                    @Override
                    public byte[] packSubscales(QuantizedRow row) {
                        return eachByte(Mistake::swapNibbles).apply(row.packedSubscales());
                    }
                }),
                of("reading: sub-scale nibbles exchanged", () -> new SteppedBackend() {
                    @Override
                    protected int subscale(QuantizedRow row, int block) {
                        int other = block ^ 1;
                        return other < row.subscales().length ? row.subscales()[other] : 0;
                    }
                }),
                of("sub-scale ignored", () -> new SteppedBackend() {
                    @Override
                    protected int subscale(QuantizedRow row, int block) {
                        return 1;
                    }
                }),
                of("first block's sub-scale for all", () -> new SteppedBackend() {
                    @Override
                    protected int subscale(QuantizedRow row, int block) {
                        return row.subscales()[0];
                    }
                }),
                of("sub-scale of 3 bits", () -> new SteppedBackend() {
                    @Override
                    protected int subscale(QuantizedRow row, int block) {
                        return row.subscales()[block] & 7;
                    }
                }),
                of("sub-scale 0 taken as 16", () -> new SteppedBackend() {
                    @Override
                    protected int subscale(QuantizedRow row, int block) {
                        return row.subscales()[block] == 0 ? 16 : row.subscales()[block];
                    }
                }),
                of("unpacking: odd codes lose their highest bit", () -> new SteppedBackend() {
                    @Override
                    public QuantizedRow unpack(
                            Format format, int columns, float scale, byte[] codes, byte[] subscales) {
                        QuantizedRow row = super.unpack(format, columns, scale, codes, subscales);
                        for (int k = 1; k < columns; k += 2) {
                            row.codes()[k] &= (byte) ((1 << format.traits().oddBits() - 1) - 1);
                        }
                        return row;
                    }
                }));
    }

    private static List<Mistake> windows() {
        return List.of(
                window("a bit too far on", (window, next) -> window >> 1 | (next & 1) << 7),
                window("of seven bits", (window, next) -> window & 127),
                window("with its highest bit first", (window, next) -> Integer.reverse(window) >>> 24),
                of("windows: the string does not go round", () -> new SteppedBackend() {
                    @Override
                    protected int code(QuantizedRow row, int k, int after) {
                        return k % 64 + after < 64 ? super.code(row, k, after) : 0;
                    }
                }),
                of("windows: the string goes on in the next block", () -> new SteppedBackend() {
                    @Override
                    protected int code(QuantizedRow row, int k, int after) {
                        return k + after < row.columns() ? row.codes()[k + after] : 0;
                    }
                }),
                rotation(
                        "left out",
                        matrix -> new PackedMatrix(
                                matrix.format(),
                                matrix.rows(),
                                matrix.columns(),
                                matrix.codes(),
                                matrix.subscales(),
                                matrix.scales(),
                                false)),
                rotation("eight times too large, without the 1/8", matrix -> {
                    if (!matrix.rotated()) {
                        return matrix;
                    }
                    MemorySegment scales =
                            Arena.ofAuto().allocate(matrix.scales().byteSize(), Float.BYTES);
                    for (int row = 0; row < matrix.rows(); row++) {
                        scales.setAtIndex(ValueLayout.JAVA_FLOAT, row, 8 * matrix.scale(row));
                    }
                    return new PackedMatrix(
                            matrix.format(),
                            matrix.rows(),
                            matrix.columns(),
                            matrix.codes(),
                            matrix.subscales(),
                            scales,
                            true);
                }),
                of("windows: the sign of T", () -> new SteppedBackend() {
                    @Override
                    protected int value(Codebook table, int code, boolean isEven) {
                        return table == Codebook.TW ? -table.value(code) : table.value(code);
                    }
                }));
    }

    /** A decoder that takes other matrices in the place of a model's. */
    private static Mistake rotation(String name, UnaryOperator<PackedMatrix> change) {
        UnaryOperator<Weights> changed = weights -> weights instanceof Weights.Quantized(var matrix)
                ? new Weights.Quantized(change.apply(matrix))
                : weights;
        return of("rotation: " + name, () -> new SteppedBackend() {
            @Override
            public Decoder decoder(DecoderWeights weights, int capacity) {
                List<LayerWeights> layers = weights.layers().stream()
                        .map(layer -> layer.withMatrices(role -> changed.apply(layer.matrix(role))))
                        .toList();
                Weights embedding = changed.apply(weights.embedding());
                Weights output = weights.output() == weights.embedding() ? embedding : changed.apply(weights.output());
                return super.decoder(weights.with(embedding, layers, output), capacity);
            }
        });
    }

    private static Mistake window(String name, IntBinaryOperator change) {
        return of("windows: " + name, () -> new SteppedBackend() {
            @Override
            protected int window(int code, int next, int afterNext, int width, int pairBits) {
                return change.applyAsInt(super.window(code, next, afterNext, width, pairBits), afterNext) & 0xff;
            }
        });
    }

    private interface MatrixStep {
        Products.DeviceMatrix wrap(SteppedBackend backend, SteppedBackend.Matrix right);
    }

    private static Mistake product(String name, MatrixStep step) {
        return of(name, () -> new SteppedBackend() {
            @Override
            public DeviceMatrix load(PackedMatrix matrix) {
                return step.wrap(this, (Matrix) super.load(matrix));
            }
        });
    }

    /**
     * A gemm that takes other tokens' scales.
     *
     * @param other whose scale token t of so many gets
     */
    static Mistake scales(String name, IntBinaryOperator other) {
        return product(name, (b, right) -> b.new Matrix(right.matrix, right.weights) {
            @Override
            public void gemm(List<QuantizedToken> tokens, float[][] y) {
                List<QuantizedToken> changed = new ArrayList<>();
                for (int t = 0; t < tokens.size(); t++) {
                    changed.add(new QuantizedToken(
                            tokens.get(other.applyAsInt(t, tokens.size())).scale(),
                            tokens.get(t).codes()));
                }
                super.gemm(changed, y);
            }
        });
    }

    private static List<Mistake> products() {
        return List.of(
                of("stale cache: the previous sums of the shape", StaleCache::new),
                scales("gemm: the first token's scale for all", (t, count) -> 0),
                product("gemm: the first token for all", (b, right) -> b.new Matrix(right.matrix, right.weights) {
                    @Override
                    public void gemm(List<QuantizedToken> tokens, float[][] y) {
                        super.gemm(
                                tokens.stream().map(token -> tokens.getFirst()).toList(), y);
                    }
                }),
                product("gemm: the last token left out", (b, right) -> b.new Matrix(right.matrix, right.weights) {
                    @Override
                    public void gemm(List<QuantizedToken> tokens, float[][] y) {
                        super.gemm(tokens.subList(0, tokens.size() - 1), Arrays.copyOf(y, y.length - 1));
                    }
                }),
                product("gemv: the last row left out", (b, right) -> b.new Matrix(right.matrix, right.weights) {
                    @Override
                    public void gemv(QuantizedToken token, float[] y) {
                        float last = y[y.length - 1];
                        super.gemv(token, y);
                        y[y.length - 1] = last;
                    }
                }),
                product("gemv: the first row's scale for all", (b, right) -> b.new Matrix(right.matrix, right.weights) {
                    @Override
                    public void gemv(QuantizedToken token, float[] y) {
                        int[] sums = new int[y.length];
                        sums(token, sums);
                        for (int row = 0; row < y.length; row++) {
                            y[row] = b.output(sums[row], matrix.scale(0), token.scale());
                        }
                    }
                }),
                product(
                        "race: of a sum split in two, one half is lost in every third row",
                        (b, right) -> b.new Matrix(right.matrix, right.weights) {
                            @Override
                            public void sums(QuantizedToken token, int[] sums) {
                                for (int row = 0; row < sums.length; row++) {
                                    int[] half = Arrays.copyOf(weights[row], (weights[row].length + 1) / 2);
                                    sums[row] = b.sum(token.codes(), row % 3 == 2 ? half : weights[row]);
                                }
                            }
                        }),
                product("gemv: throws", (b, right) -> b.new Matrix(right.matrix, right.weights) {
                    @Override
                    public void gemv(QuantizedToken token, float[] y) {
                        throw new UnsupportedOperationException("no gemv today");
                    }
                }));
    }

    /** Remembers its last sums, and gives them again for a matrix of the same shape. */
    private static final class StaleCache extends SteppedBackend {
        private String key = "";
        private int[] kept = {};

        @Override
        public DeviceMatrix load(PackedMatrix packed) {
            Matrix right = (Matrix) super.load(packed);
            return new Matrix(packed, right.weights) {
                @Override
                public void sums(QuantizedToken token, int[] sums) {
                    String shape = "%s %d x %d".formatted(matrix.format(), matrix.rows(), matrix.columns());
                    if (!shape.equals(key)) {
                        super.sums(token, sums);
                        key = shape;
                        kept = sums.clone();
                    }
                    System.arraycopy(kept, 0, sums, 0, sums.length);
                }
            };
        }
    }

    private static Mistake quantizer(String name, Function<QuantizedRow, QuantizedRow> change) {
        return of(name, () -> new SteppedBackend() {
            @Override
            public QuantizedRow quantize(Format format, float[] weights) {
                return change.apply(QuantizedRow.quantize(format, weights));
            }
        });
    }

    private static Mistake uniform(String name, DoubleUnaryOperator round) {
        return of(name, () -> new SteppedBackend() {
            @Override
            public QuantizedRow quantize(Format format, float[] weights) {
                QuantizedRow right = QuantizedRow.quantize(format, weights);
                for (int k = 0; k < weights.length && right.scale() != 0 && !format.hasSubscales(); k++) {
                    int bits = format.codebook(k).bits();
                    double quotient = (bits == 3 ? 0.5 : 1) * (double) weights[k] / right.scale();
                    int half = bits == 8 ? 127 : 1 << bits - 1;
                    int level = (int) Math.clamp(round.applyAsDouble(quotient), -half, bits == 8 ? half : half - 1);
                    right.codes()[k] = (byte) (bits == 8 ? level : level + half);
                }
                return right;
            }
        });
    }

    private static Mistake search(String name, QuantizedRow.SubscaleSearch search) {
        return of(name, () -> new SteppedBackend() {
            @Override
            public QuantizedRow quantize(Format format, float[] weights) {
                return QuantizedRow.quantize(format, weights, search);
            }
        });
    }

    private static List<Mistake> weights() {
        return List.of(
                uniform("weights: round half away", q -> Math.copySign(Math.floor(Math.abs(q) + 0.5), q)),
                uniform("weights: truncating conversion", q -> (int) q),
                quantizer(
                        "weights: scale one unit too large",
                        row -> new QuantizedRow(row.format(), Math.nextUp(row.scale()), row.codes(), row.subscales())),
                search("weights: the largest code of equals", (u, even, odd, codes, subscales) -> {
                    WeightQuantizer.quantizeWithSubscales(u, even, odd, codes, subscales);
                    for (int k = 0; k < u.length; k++) {
                        byte[] table = k % 2 == 0 ? even : odd;
                        int m = subscales[k / 64];
                        while (codes[k] + 1 < table.length
                                && WeightQuantizer.distance(u[k], m, table[codes[k] + 1])
                                        <= WeightQuantizer.distance(u[k], m, table[codes[k]])) {
                            codes[k]++;
                        }
                    }
                }),
                search("weights: the largest sub-scale of equals", (u, even, odd, codes, subscales) -> {
                    for (int from = 0; from < u.length; from += 64) {
                        int count = Math.min(64, u.length - from);
                        int best = 0;
                        for (int m = 1; m <= 15; m++) {
                            if (WeightQuantizer.blockError(u, from, count, m, even, odd)
                                    <= WeightQuantizer.blockError(u, from, count, best, even, odd)) {
                                best = m;
                            }
                        }
                        subscales[from / 64] = (byte) best;
                        for (int k = from; k < from + count; k++) {
                            codes[k] = (byte) WeightQuantizer.nearest(u[k], best, k % 2 == 0 ? even : odd);
                        }
                    }
                }),
                search("weights: sub-scale from the block's largest weight", (u, even, odd, codes, subscales) -> {
                    for (int k = 0; k < u.length; k++) {
                        int m = Math.min(15, (Math.abs(u[k]) + 64 * 31 - 1) / (64 * 31));
                        subscales[k / 64] = (byte) Math.max(subscales[k / 64], m);
                    }
                    for (int k = 0; k < u.length; k++) {
                        codes[k] = (byte) WeightQuantizer.nearest(u[k], subscales[k / 64], k % 2 == 0 ? even : odd);
                    }
                }));
    }

    private static Mistake accepting(String name, Predicate<Float> accepted) {
        return of(name, () -> new SteppedBackend() {
            @Override
            protected void checkActivation(float x) {
                if (!accepted.test(x)) {
                    super.checkActivation(x);
                }
            }

            @Override
            protected void checkScale(float scale) {
                if (!accepted.test(scale)) {
                    super.checkScale(scale);
                }
            }

            @Override
            public QuantizedToken quantize(float[] activations) {
                // What a device makes of such a value is its own; it is the missing refusal that counts.
                float[] harmless = activations.clone();
                for (int k = 0; k < harmless.length; k++) {
                    checkActivation(harmless[k]);
                    harmless[k] = accepted.test(harmless[k]) ? 0 : harmless[k];
                }
                return super.quantize(harmless);
            }
        });
    }

    private static List<Mistake> refusals() {
        return List.of(
                accepting("accepts NaN", x -> Float.isNaN(x)),
                accepting("accepts infinities", x -> Float.isInfinite(x)),
                of("accepts activations over 2^56", () -> new SteppedBackend() {
                    @Override
                    protected void checkActivation(float x) {
                        if (!Float.isFinite(x)) {
                            super.checkActivation(x);
                        }
                    }

                    @Override
                    protected float activationScale(float amax) {
                        return Math.min(0x1p50f, amax / 127);
                    }
                }),
                of("accepts a row scale of -0", () -> new SteppedBackend() {
                    @Override
                    protected void checkScale(float scale) {
                        super.checkScale(scale == 0 ? 0 : scale);
                    }
                }),
                of("accepts a negative row scale", () -> new SteppedBackend() {
                    @Override
                    protected void checkScale(float scale) {
                        super.checkScale(scale < 0 ? 0 : scale);
                    }
                }),
                of("accepts a row scale over 2^40", () -> new SteppedBackend() {
                    @Override
                    protected void checkScale(float scale) {
                        super.checkScale(Float.isFinite(scale) && scale > 0 ? 1 : scale);
                    }
                }),
                of("weights: quantises NaN as 0", () -> new SteppedBackend() {
                    @Override
                    public QuantizedRow quantize(Format format, float[] weights) {
                        float[] harmless = weights.clone();
                        for (int k = 0; k < harmless.length; k++) {
                            harmless[k] = Float.isNaN(harmless[k]) ? 0 : harmless[k];
                        }
                        return QuantizedRow.quantize(format, harmless);
                    }
                }));
    }
}
