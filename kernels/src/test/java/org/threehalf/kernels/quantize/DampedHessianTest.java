package org.threehalf.kernels.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;

class DampedHessianTest {

    /** What another process reads quantises to the same bits, with the order of the blocks. */
    @Test
    void isReadAsItWasWritten() throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        int size = 3 * 64 + 7;
        Hessian hessian = new Hessian(size);
        double[][] inputs = new double[40][size];
        float[][] rows = new float[3][size];
        for (double[] input : inputs) {
            Arrays.setAll(input, k -> random.nextGaussian() * (1 + k / 64));
        }
        for (float[] row : rows) {
            for (int k = 0; k < size; k++) {
                row[k] = (float) random.nextGaussian();
            }
        }
        hessian.add(inputs);
        DampedHessian damped = hessian.dampedByEnergy(0.01);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        damped.write(new DataOutputStream(bytes));
        DampedHessian read = DampedHessian.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        for (Format format : List.of(Format.G35, Format.T35)) {
            QuantizedRow[] one = new CalibratedQuantizer(format, damped).quantize(rows);
            QuantizedRow[] other = new CalibratedQuantizer(format, read).quantize(rows);
            for (int i = 0; i < rows.length; i++) {
                assertArrayEquals(one[i].packedCodes(), other[i].packedCodes());
                assertArrayEquals(one[i].packedSubscales(), other[i].packedSubscales());
                assertEquals(one[i].scale(), other[i].scale());
            }
        }
        byte[] cut = Arrays.copyOf(bytes.toByteArray(), 5_000);
        assertThrows(EOFException.class, () -> DampedHessian.read(new DataInputStream(new ByteArrayInputStream(cut))));
    }
}
