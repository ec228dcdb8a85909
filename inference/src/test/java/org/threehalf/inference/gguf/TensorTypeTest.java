package org.threehalf.inference.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.threehalf.kernels.io.Sha256;

/** The decoders against the dequantisation of the Python package gguf, to the last bit. */
class TensorTypeTest {

    private static final String REAL_VALUES = "gemma-3-270m-q4_k_m.values.txt";

    static Stream<TensorType> decodable() {
        return Arrays.stream(TensorType.values()).filter(TensorType::isDecodable);
    }

    @ParameterizedTest
    @MethodSource("decodable")
    void decodesMadeBlocksAsThePythonPackageDoes(TensorType type) throws ModelFormatException {
        GgufFile file = Samples.open(Samples.DECODERS);
        GgufTensor tensor = file.tensor(type.name());
        assertEquals(type, tensor.type());
        float[] expected = file.tensor(type.name() + ".expected").toFloats();
        assertBits(expected, tensor.toFloats());
        float[] row = new float[(int) tensor.columns()];
        for (int r = 0; r < tensor.rows(); r++) {
            tensor.readRow(r, row);
            assertBits(Arrays.copyOfRange(expected, r * row.length, (r + 1) * row.length), row);
        }
    }

    /** The seeded fault of the test above: no bit of a block can be wrong unseen. */
    @ParameterizedTest
    @MethodSource("decodable")
    void aWrongBitAnywhereInABlockChangesTheValues(TensorType type) throws ModelFormatException {
        GgufFile file = Samples.open(Samples.DECODERS);
        byte[] bytes = file.tensor(type.name()).data().toArray(ValueLayout.JAVA_BYTE);
        float[] expected = file.tensor(type.name() + ".expected").toFloats();
        float[] values = new float[expected.length];
        for (int bit = 0; bit < 8 * type.blockBytes(); bit++) {
            if (type == TensorType.NVFP4 && bit < 32 && bit % 8 == 7) {
                // Its scales have no sign: the bit means nothing.
                continue;
            }
            byte[] wrong = bytes.clone();
            for (int block = 0; block < bytes.length; block += type.blockBytes()) {
                wrong[block + bit / 8] ^= (byte) (1 << bit % 8);
            }
            type.decode(wrong, 0, wrong.length / type.blockBytes(), values, 0);
            assertFalse(Arrays.equals(bits(expected), bits(values)), type + ", bit " + bit);
        }
    }

    /** Every binary16 number against its definition: ±2^(e−15)·(1 + f/1024), and ±2^(−14)·(f/1024) where e = 0. */
    @Test
    void decodesEveryHalfByItsDefinition() {
        float[] value = new float[1];
        for (int bits = 0; bits < 1 << 16; bits++) {
            int exponent = bits >> 10 & 31;
            int fraction = bits & 1023;
            TensorType.F16.decode(new byte[] {(byte) bits, (byte) (bits >> 8)}, 0, 1, value, 0);
            if (exponent == 31) {
                assertEquals(fraction == 0, Float.isInfinite(value[0]));
                assertEquals(fraction != 0, Float.isNaN(value[0]));
            } else {
                float magnitude = exponent == 0
                        ? Math.scalb((float) fraction, -24)
                        : Math.scalb((float) (1024 + fraction), exponent - 25);
                assertEquals(
                        Float.floatToRawIntBits(bits >= 1 << 15 ? -magnitude : magnitude),
                        Float.floatToRawIntBits(value[0]));
            }
        }
    }

    /**
     * All 236 tensors of the real model, if {@code scripts/fetch-model} has brought it: types F32, Q8_0, Q5_0, Q4_K,
     * Q6_K.
     */
    @Test
    void decodesTheRealModelAsThePythonPackageDoes() throws IOException {
        assumeTrue(
                Files.exists(Samples.realModel()),
                () -> "NOT CHECKED: there is no " + Samples.realModel() + "; scripts/fetch-model brings it");
        String[] lines = new String(Samples.bytes(REAL_VALUES), StandardCharsets.UTF_8).split("\n");
        try (GgufFile file = GgufReader.open(Samples.realModel())) {
            assertEquals(lines.length, file.tensors().size());
            int i = 0;
            for (GgufTensor tensor : file.tensors()) {
                assertEquals(lines[i++], "%s %s %s".formatted(tensor.name(), tensor.type(), sha256(tensor)));
            }
        }
    }

    private static String sha256(GgufTensor tensor) {
        MessageDigest digest = Sha256.digest();
        float[] row = new float[(int) tensor.columns()];
        ByteBuffer bytes = ByteBuffer.allocate(4 * row.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long r = 0; r < tensor.rows(); r++) {
            tensor.readRow(r, row);
            bytes.asFloatBuffer().put(row);
            digest.update(bytes.array());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test
    void numbersAndSizes() {
        for (TensorType type : TensorType.values()) {
            assertEquals(type, TensorType.ofId(type.id()));
            assertEquals(2L * type.blockBytes(), type.bytes(2L * type.blockElements()));
        }
        assertNull(TensorType.ofId(-1));
        assertNull(TensorType.ofId(4));
        assertNull(TensorType.ofId(1 << 30));
        assertEquals(4.5, TensorType.Q4_K.bitsPerElement());
        assertEquals(6.5625, TensorType.Q6_K.bitsPerElement());
        assertEquals(3.4375, TensorType.Q3_K.bitsPerElement());
        assertNotEquals(TensorType.Q4_0.bitsPerElement(), TensorType.Q4_1.bitsPerElement());
    }

    @Test
    void whatCannotBeDecodedSaysSo() {
        IllegalStateException refused = assertThrows(
                IllegalStateException.class, () -> TensorType.Q1_0.decode(new byte[18], 0, 1, new float[128], 0));
        assertTrue(refused.getMessage().contains("Q1_0"), refused.getMessage());
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }

    private static void assertBits(float[] expected, float[] actual) {
        org.junit.jupiter.api.Assertions.assertArrayEquals(bits(expected), bits(actual));
    }
}
