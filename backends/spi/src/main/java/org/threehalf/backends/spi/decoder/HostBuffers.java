package org.threehalf.backends.spi.decoder;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The buffers of some tokens on the host: of each a row a token. */
public final class HostBuffers {
    private final int tokens;
    private final Map<Buffer, float[][]> rows;

    private HostBuffers(int tokens, Map<Buffer, float[][]> rows) {
        this.tokens = tokens;
        this.rows = rows;
    }

    /** Buffers of zeros. */
    public static HostBuffers of(Collection<Buffer> buffers, int tokens) {
        Map<Buffer, float[][]> rows = new HashMap<>();
        buffers.forEach(buffer -> rows.put(buffer, new float[tokens][buffer.width()]));
        return new HostBuffers(tokens, rows);
    }

    /** How many tokens. */
    public int tokens() {
        return tokens;
    }

    /**
     * A buffer's rows, themselves.
     *
     * @throws IllegalArgumentException if there is no such buffer
     */
    public float[][] rows(Buffer buffer) {
        float[][] found = rows.get(buffer);
        if (found == null) {
            throw new IllegalArgumentException("no buffer " + buffer);
        }
        return found;
    }

    /** The first tokens of these; the numbers are the same. */
    HostBuffers first(int count) {
        return count == tokens ? this : changed(count, all -> Arrays.copyOf(all, count));
    }

    /** Some tokens of these, by their numbers; the numbers are the same. */
    HostBuffers gathered(int[] numbers) {
        return changed(
                numbers.length,
                all -> Arrays.stream(numbers).mapToObj(t -> all[t]).toArray(float[][]::new));
    }

    private HostBuffers changed(int count, UnaryOperator<float[][]> choice) {
        Map<Buffer, float[][]> chosen = new HashMap<>();
        rows.forEach((buffer, all) -> chosen.put(buffer, choice.apply(all)));
        return new HostBuffers(count, chosen);
    }

    /**
     * These and a buffer that lies elsewhere.
     *
     * @param of its rows, one a token
     */
    public HostBuffers with(Buffer buffer, float[][] of) {
        if (of.length != tokens) {
            throw new IllegalArgumentException(
                    "%d rows of %s for %d tokens".formatted(of.length, buffer.name(), tokens));
        }
        Map<Buffer, float[][]> more = new HashMap<>(rows);
        more.put(buffer, of);
        return new HostBuffers(tokens, more);
    }
}
