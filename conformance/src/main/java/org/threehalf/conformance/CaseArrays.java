package org.threehalf.conformance;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.product.Products.DeviceMatrix;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.conformance.vectors.VectorCase.PackedRow;
import org.threehalf.conformance.vectors.VectorCase.Token;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;

/**
 * The cases as arrays: what is right, and what a backend gives. The names and the order of the arrays of a kind are the
 * same in both, and in the folder of files that other programs exchange (section 4 of {@code spec/CONFORMANCE.md}).
 */
public final class CaseArrays {
    private CaseArrays() {}

    /** Whether the case's input must be refused; then nothing is expected. */
    public static boolean mustBeRefused(VectorCase vectorCase) {
        return switch (vectorCase) {
            case VectorCase.RefuseActivation c -> true;
            case VectorCase.RefuseWeight c -> true;
            case VectorCase.RefuseMatrix c -> true;
            default -> false;
        };
    }

    /** The right results; none for an input that must be refused. */
    public static List<Part> expected(VectorCase vectorCase) {
        return switch (vectorCase) {
            case VectorCase.QuantizeActivation c ->
                token(c.expected().scale(), c.expected().codes());
            case VectorCase.QuantizeWeight c -> row(c.scale(), c.codes(), c.subscales());
            case VectorCase.Pack c ->
                List.of(
                        Part.u8("packedCodes", c.packedCodes()),
                        Part.u8("packedSubscales", c.packedSubscales()),
                        Part.u8("codes", c.codes()),
                        Part.u8("subscales", c.subscales()));
            case VectorCase.Dequantize c -> List.of(Part.f32("values", c.expected()));
            case VectorCase.Output c -> List.of(Part.f32("y", c.expected()));
            case VectorCase.Dot c -> List.of(Part.i32("sum", c.expected()));
            case VectorCase.Product c -> List.of(Part.i32("sums", c.sums()), Part.f32("y", c.outputs()));
            case VectorCase.Operation c -> List.of(c.expected());
            case VectorCase.DecoderRun c ->
                List.of(Part.f32("logits", c.logits()), Part.f32("logitsOneByOne", c.logits()));
            case VectorCase.RefuseActivation c -> List.of();
            case VectorCase.RefuseWeight c -> List.of();
            case VectorCase.RefuseMatrix c -> List.of();
        };
    }

    private static List<Part> token(float scale, byte[] codes) {
        return List.of(Part.f32("scale", scale), Part.i8("codes", codes));
    }

    private static List<Part> row(float scale, byte[] codes, byte[] subscales) {
        return List.of(Part.f32("scale", scale), Part.u8("codes", codes), Part.u8("subscales", subscales));
    }

    /**
     * What a backend makes of a case. What it throws becomes part of the answer; only errors of the virtual machine
     * pass.
     */
    public static Answer answer(Backend backend, VectorCase vectorCase) {
        try {
            return new Answer.Values(compute(backend, vectorCase));
        } catch (IllegalArgumentException refused) {
            return mustBeRefused(vectorCase)
                    ? new Answer.Refused(String.valueOf(refused.getMessage()))
                    : threw(refused);
        } catch (RuntimeException | LinkageError | AssertionError | OutOfMemoryError | StackOverflowError thrown) {
            return threw(thrown);
        }
    }

    private static Answer threw(Throwable thrown) {
        return new Answer.Broken("the backend threw " + thrown);
    }

    private static List<Part> compute(Backend backend, VectorCase vectorCase) {
        return switch (vectorCase) {
            case VectorCase.QuantizeActivation c ->
                quantized(backend.quantize(c.activations().clone()));
            case VectorCase.RefuseActivation c ->
                quantized(backend.quantize(c.activations().clone()));
            case VectorCase.QuantizeWeight c ->
                quantized(backend.rowCodec().quantize(c.format(), c.weights().clone()));
            case VectorCase.RefuseWeight c ->
                quantized(backend.rowCodec().quantize(c.format(), c.weights().clone()));
            case VectorCase.Pack c -> {
                QuantizedRow row = new QuantizedRow(
                        c.format(), 1, c.codes().clone(), c.subscales().clone());
                byte[] codes = backend.rowCodec().packCodes(row);
                byte[] subscales = backend.rowCodec().packSubscales(row);
                QuantizedRow back = backend.rowCodec()
                        .unpack(
                                c.format(),
                                c.codes().length,
                                1,
                                c.packedCodes().clone(),
                                c.packedSubscales().clone());
                yield List.of(
                        Part.u8("packedCodes", codes),
                        Part.u8("packedSubscales", subscales),
                        Part.u8("codes", back.codes()),
                        Part.u8("subscales", back.subscales()));
            }
            case VectorCase.Dequantize c ->
                List.of(Part.f32(
                        "values",
                        backend.rowCodec()
                                .dequantize(new QuantizedRow(
                                        c.format(),
                                        c.scale(),
                                        c.codes().clone(),
                                        c.subscales().clone()))));
            case VectorCase.Output c ->
                List.of(Part.f32("y", backend.output(c.sum(), c.rowScale(), c.activationScale())));
            case VectorCase.Dot c ->
                withMatrix(backend, c.format(), c.columns(), List.of(c.row()), device -> {
                    int[] sums = Bits.poisonedInts(1);
                    device.sums(new QuantizedToken(1, c.activations().clone()), sums);
                    return List.of(Part.i32("sum", sums));
                });
            case VectorCase.Product c ->
                withMatrix(
                        backend,
                        c.format(),
                        c.columns(),
                        c.rows(),
                        device -> product(device, c.rows().size(), c.tokens(), c.together()));
            case VectorCase.Operation c -> List.of(OperationArrays.compute(backend.operations(), c));
            case VectorCase.DecoderRun c ->
                List.of(
                        Part.f32("logits", logits(backend, c, c.tokens().length)),
                        Part.f32("logitsOneByOne", logits(backend, c, 1)));
            case VectorCase.RefuseMatrix c ->
                withMatrix(backend, c.format(), c.columns(), c.rows(), device -> List.of());
        };
    }

    private static List<Part> quantized(QuantizedToken token) {
        return token(token.scale(), token.codes());
    }

    private static List<Part> quantized(QuantizedRow row) {
        return row(row.scale(), row.codes(), row.subscales());
    }

    private static List<Part> product(DeviceMatrix device, int rows, List<Token> given, boolean together) {
        List<QuantizedToken> tokens = given.stream()
                .map(token -> new QuantizedToken(token.scale(), token.codes().clone()))
                .toList();
        int[][] sums = Stream.generate(() -> Bits.poisonedInts(rows))
                .limit(tokens.size())
                .toArray(int[][]::new);
        float[][] y = Stream.generate(() -> Bits.poisonedFloats(rows))
                .limit(tokens.size())
                .toArray(float[][]::new);
        for (int t = 0; t < y.length; t++) {
            device.sums(tokens.get(t), sums[t]);
            if (!together) {
                device.gemv(tokens.get(t), y[t]);
            }
        }
        if (together) {
            device.gemm(tokens, y);
        }
        return List.of(Part.i32("sums", sums), Part.f32("y", y));
    }

    /** The logits after every token, fed {@code group} at a time. */
    private static float[][] logits(Backend backend, VectorCase.DecoderRun c, int group) {
        int vocabulary = c.weights().config().vocabulary();
        float[][] logits = Stream.generate(() -> Bits.poisonedFloats(vocabulary))
                .limit(c.tokens().length)
                .toArray(float[][]::new);
        try (Decoder decoder = backend.decoder(c.weights(), c.tokens().length)) {
            for (int from = 0; from < logits.length; from += group) {
                int to = Math.min(from + group, logits.length);
                decoder.forward(Arrays.copyOfRange(c.tokens(), from, to), from, Arrays.copyOfRange(logits, from, to));
            }
        }
        return logits;
    }

    private interface MatrixBody {
        List<Part> run(DeviceMatrix device);
    }

    private static List<Part> withMatrix(
            Backend backend, Format format, int columns, List<PackedRow> rows, MatrixBody body) {
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = new PackedMatrix(
                    format,
                    rows.size(),
                    columns,
                    segment(
                            arena,
                            Part.concatenated(
                                    rows.stream().map(PackedRow::codes).toList())),
                    segment(
                            arena,
                            Part.concatenated(
                                    rows.stream().map(PackedRow::subscales).toList())),
                    segment(arena, scales(rows).bytes()));
            try (DeviceMatrix device = backend.load(matrix)) {
                return body.run(device);
            }
        }
    }

    /** The scales of packed rows. */
    static Part scales(List<PackedRow> rows) {
        float[] scales = new float[rows.size()];
        for (int row = 0; row < scales.length; row++) {
            scales[row] = rows.get(row).scale();
        }
        return Part.f32("scales", scales);
    }

    private static MemorySegment segment(Arena arena, byte[] bytes) {
        MemorySegment segment = arena.allocate(bytes.length, Float.BYTES);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment;
    }
}
