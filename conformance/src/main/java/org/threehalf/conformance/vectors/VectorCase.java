package org.threehalf.conformance.vectors;

import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.kernels.format.Format;

/**
 * A case: inputs and what is right. Arrays are owned by the records and must not be changed.
 *
 * <p>Codes are stored codes, one a byte, unsigned; packed bytes are as in section 6 of {@code spec/FORMAT.md};
 * sub-scales are empty in formats without.
 */
public sealed interface VectorCase {

    /** What every case has. */
    Header header();

    /** The format, or null where the case has none. */
    default @Nullable Format format() {
        return null;
    }

    /**
     * What every case has.
     *
     * @param id its stable name
     * @param kind its kind, as the file says
     * @param requirements ids of the requirements that it serves
     * @param flags why it exists: names of flags and their reasons
     */
    record Header(String id, String kind, List<String> requirements, SequencedMap<String, String> flags) {}

    /**
     * A row in its packed form.
     *
     * @param scale its scale, possibly one that must be refused
     * @param codes its packed codes
     * @param subscales its packed sub-scales
     */
    record PackedRow(float scale, byte[] codes, byte[] subscales) {}

    /**
     * A quantised token.
     *
     * @param scale s_act
     * @param codes signed codes
     */
    record Token(float scale, byte[] codes) {}

    /** REQ-QNT-001 to REQ-QNT-004: activations, and the token they give. */
    record QuantizeActivation(Header header, float[] activations, Token expected) implements VectorCase {}

    /** REQ-QNT-005 to REQ-QNT-012: weights of a row, and the scale, codes and sub-scales they give. */
    record QuantizeWeight(Header header, Format format, float[] weights, float scale, byte[] codes, byte[] subscales)
            implements VectorCase {}

    /** REQ-PCK-001 to REQ-PCK-008: codes and sub-scales, and their packed bytes. */
    record Pack(
            Header header, Format format, byte[] codes, byte[] subscales, byte[] packedCodes, byte[] packedSubscales)
            implements VectorCase {}

    /** REQ-FMT-006: a row, and its binary32 weights. */
    record Dequantize(Header header, Format format, float scale, byte[] codes, byte[] subscales, float[] expected)
            implements VectorCase {}

    /** REQ-DOT-004: I and two scales, and y. */
    record Output(Header header, int sum, float rowScale, float activationScale, float expected)
            implements VectorCase {}

    /** REQ-DOT-001 to REQ-DOT-003: a row, activations, and I. */
    record Dot(Header header, Format format, int columns, PackedRow row, byte[] activations, int expected)
            implements VectorCase {}

    /**
     * REQ-DOT-001 to REQ-DOT-006: a matrix and tokens, one after the other ({@code gemv}) or together ({@code gemm}).
     *
     * @param together whether the tokens go through one call
     * @param sums {@code sums[t][row]}
     * @param outputs {@code outputs[t][row]}
     */
    record Product(
            Header header,
            Format format,
            int columns,
            List<PackedRow> rows,
            List<Token> tokens,
            boolean together,
            int[][] sums,
            float[][] outputs)
            implements VectorCase {}

    /**
     * REQ-OPS-…, REQ-ROP-005, REQ-ATT-…: one operation of {@code spec/INFERENCE.md}; the header's kind names it.
     *
     * @param inputs its arrays; single numbers are arrays of one
     * @param expected what is right
     */
    record Operation(Header header, List<Part> inputs, Part expected) implements VectorCase {

        /**
         * An input by its name.
         *
         * @throws IllegalArgumentException if there is none
         */
        public Part input(String name) {
            return inputs.stream()
                    .filter(part -> part.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(header.id() + " has no input '" + name + "'"));
        }
    }

    /**
     * REQ-DEC-001 to REQ-DEC-005: a whole decoder.
     *
     * @param weights the decoder
     * @param tokens what it is fed
     * @param logits {@code logits[t]}: after token t
     */
    record DecoderRun(Header header, DecoderWeights weights, int[] tokens, float[][] logits) implements VectorCase {}

    /** REQ-QNT-001: activations that must be refused. */
    record RefuseActivation(Header header, float[] activations) implements VectorCase {}

    /** REQ-FMT-003, REQ-FMT-007: weights that must be refused. */
    record RefuseWeight(Header header, Format format, float[] weights) implements VectorCase {}

    /** REQ-FMT-003, REQ-FMT-004: a matrix that must be refused. */
    record RefuseMatrix(Header header, Format format, int columns, List<PackedRow> rows) implements VectorCase {}
}
