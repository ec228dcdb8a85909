package org.threehalf.backends.spi.decoder;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.transformer.RotaryAngles;

/**
 * How a layer rotates. Arrays are owned by this record.
 *
 * @param frequencies the rotary frequencies after scaling, one a pair (REQ-ROP-002, REQ-ROP-006); none where nothing is
 *     rotated
 * @param magnitude factor on the cosines and sines, 1 for none (REQ-ROP-006)
 * @param longer the frequencies in a context of more than {@code reach} positions, or null where they are the same
 *     (REQ-ROP-007)
 * @param reach positions; without {@code longer} it does not matter
 */
public record Rotary(float[] frequencies, float magnitude, float @Nullable [] longer, int reach) {

    /** One set of frequencies, and angles as they are. */
    public Rotary(float[] frequencies) {
        this(frequencies, 1, null, 0);
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the number that is outside its range
     */
    public Rotary {
        requireFrequencies(frequencies);
        if (!(magnitude > 0) || !Float.isFinite(magnitude)) {
            throw new IllegalArgumentException(
                    "a rotary magnitude of " + magnitude + ": it must be positive and finite");
        }
        if (longer != null) {
            requireFrequencies(longer);
            if (longer.length != frequencies.length || reach < 1) {
                throw new IllegalArgumentException("%d rotary frequencies, and %d beyond %,d positions"
                        .formatted(frequencies.length, longer.length, reach));
            }
        }
    }

    private static void requireFrequencies(float[] frequencies) {
        for (float frequency : frequencies) {
            if (!(frequency > 0 && frequency <= 1)) {
                throw new IllegalArgumentException("a rotary frequency of " + frequency + ": it must lie in (0, 1]");
            }
        }
    }

    /** What it is in a context of so many positions: one set of frequencies. */
    public Rotary within(int context) {
        float[] beyond = longer;
        return beyond == null ? this : new Rotary(context > reach ? beyond : frequencies, magnitude, null, 0);
    }

    /** Whether another one has the same cosines and sines at every position. */
    public boolean same(Rotary other) {
        return this == other
                || magnitude == other.magnitude
                        && reach == other.reach
                        && Arrays.equals(frequencies, other.frequencies)
                        && Arrays.equals(longer, other.longer);
    }

    /**
     * The cosines and sines of a position, one a pair (REQ-ROP-003, REQ-ROP-004, REQ-ROP-006).
     *
     * @param position 0 … 2²⁰ − 1
     * @param cosines where the cosines go, from {@code from}
     * @param sines where the sines go, from {@code from}
     */
    public void angles(int position, float[] cosines, float[] sines, int from) {
        RotaryAngles.cosinesAndSines(frequencies, position, cosines, sines, from);
        if (magnitude != 1) {
            for (int i = from; i < from + frequencies.length; i++) {
                cosines[i] = cosines[i] * magnitude;
                sines[i] = sines[i] * magnitude;
            }
        }
    }
}
