package org.threehalf.conformance.exchange;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.threehalf.conformance.CaseArrays;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.conformance.vectors.VectorCase.PackedRow;
import org.threehalf.conformance.vectors.VectorCase.Token;
import org.threehalf.kernels.format.Format;

/**
 * One computation that is asked of a program. A case is one entry, but for packing, which is two (packing and
 * unpacking), and for a decoder, which is two as well (fed at once and one by one).
 *
 * @param operation what to compute
 * @param format the format, or null where there is none
 * @param rows N, or 0 where there is no matrix; a decoder's vocabulary
 * @param columns K, or 0 where there is none; a decoder's width
 * @param tokens T, or 0 where there are none
 * @param in the inputs
 * @param out the results' names, types and shapes; null where the input must be refused and nothing has a shape
 */
record Entry(
        String operation,
        @Nullable Format format,
        int rows,
        int columns,
        int tokens,
        List<Part> in,
        @Nullable List<Part> out) {

    /** The operations of a decoder, in the order of its case's results. */
    private static final List<String> DECODERS = List.of("decoder-at-once", "decoder-one-by-one");

    /** The file of an array. */
    static String file(Part part) {
        return part.name() + "." + part.type().name().toLowerCase(Locale.ROOT);
    }

    /** The entries of a case. An input that must be refused looks like any other. */
    static List<Entry> of(VectorCase vectorCase) {
        List<Part> expected = CaseArrays.mustBeRefused(vectorCase) ? null : CaseArrays.expected(vectorCase);
        return switch (vectorCase) {
            case VectorCase.QuantizeActivation c -> List.of(activation(c.activations(), expected));
            case VectorCase.RefuseActivation c -> List.of(activation(c.activations(), expected));
            case VectorCase.QuantizeWeight c -> List.of(weights(c.format(), c.weights(), expected));
            case VectorCase.RefuseWeight c -> List.of(weights(c.format(), c.weights(), expected));
            case VectorCase.Pack c -> packing(c);
            case VectorCase.Dequantize c ->
                List.of(new Entry(
                        "dequantize",
                        c.format(),
                        1,
                        c.codes().length,
                        0,
                        List.of(
                                Part.f32("scale", c.scale()),
                                Part.u8("codes", c.codes()),
                                Part.u8("subscales", c.subscales())),
                        expected));
            case VectorCase.Output c ->
                List.of(new Entry(
                        "output",
                        null,
                        0,
                        0,
                        0,
                        List.of(
                                Part.i32("sum", c.sum()),
                                Part.f32("rowScale", c.rowScale()),
                                Part.f32("activationScale", c.activationScale())),
                        expected));
            case VectorCase.Dot c ->
                List.of(new Entry(
                        "dot",
                        c.format(),
                        1,
                        c.columns(),
                        1,
                        List.of(
                                Part.u8("packedCodes", c.row().codes()),
                                Part.u8("packedSubscales", c.row().subscales()),
                                Part.i8("activations", c.activations())),
                        expected));
            case VectorCase.Product c ->
                List.of(product(
                        c.together() ? "gemm" : "gemv", c.format(), c.columns(), c.rows(), c.tokens(), expected));
            case VectorCase.Operation c -> List.of(new Entry(c.header().kind(), null, 0, 0, 0, c.inputs(), expected));
            case VectorCase.DecoderRun c -> decoder(c, expected);
            case VectorCase.RefuseMatrix c ->
                List.of(product(
                        "gemv",
                        c.format(),
                        c.columns(),
                        c.rows(),
                        List.of(new Token(1, new byte[c.columns()])),
                        expected));
        };
    }

    /** The same tokens, all at once and one after the other: a device has a way for prompts and one for decoding. */
    private static List<Entry> decoder(VectorCase.DecoderRun c, @Nullable List<Part> out) {
        List<Part> results = Objects.requireNonNull(out);
        List<Part> in = DecoderParts.of(c.weights(), c.tokens());
        return IntStream.range(0, DECODERS.size())
                .mapToObj(i -> new Entry(
                        DECODERS.get(i),
                        null,
                        c.weights().config().vocabulary(),
                        c.weights().config().dim(),
                        c.tokens().length,
                        in,
                        List.of(results.get(i))))
                .toList();
    }

    private static Entry activation(float[] x, @Nullable List<Part> out) {
        return new Entry("quantize-activation", null, 0, x.length, 1, List.of(Part.f32("x", x)), out);
    }

    private static Entry weights(Format format, float[] weights, @Nullable List<Part> out) {
        return new Entry("quantize-weight", format, 1, weights.length, 0, List.of(Part.f32("weights", weights)), out);
    }

    private static List<Entry> packing(VectorCase.Pack c) {
        List<Part> packed =
                List.of(Part.u8("packedCodes", c.packedCodes()), Part.u8("packedSubscales", c.packedSubscales()));
        List<Part> plain = List.of(Part.u8("codes", c.codes()), Part.u8("subscales", c.subscales()));
        return List.of(
                new Entry("pack", c.format(), 1, c.codes().length, 0, plain, packed),
                new Entry("unpack", c.format(), 1, c.codes().length, 0, packed, plain));
    }

    private static Entry product(
            String operation,
            Format format,
            int columns,
            List<PackedRow> rows,
            List<Token> tokens,
            @Nullable List<Part> out) {
        return new Entry(
                operation,
                format,
                rows.size(),
                columns,
                tokens.size(),
                List.of(
                        Part.u8(
                                "packedCodes",
                                rows.stream().map(PackedRow::codes).toList()),
                        Part.u8(
                                "packedSubscales",
                                rows.stream().map(PackedRow::subscales).toList()),
                        Part.f32(
                                "scales",
                                floats(rows.stream().map(PackedRow::scale).toList())),
                        Part.i8("activations", tokens.stream().map(Token::codes).toList()),
                        Part.f32(
                                "activationScales",
                                floats(tokens.stream().map(Token::scale).toList()))),
                out);
    }

    private static float[] floats(List<Float> values) {
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return array;
    }
}
