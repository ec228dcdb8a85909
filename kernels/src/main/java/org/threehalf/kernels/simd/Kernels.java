package org.threehalf.kernels.simd;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.threehalf.kernels.format.Format;

/**
 * Makes the inner kernels: a hidden copy of {@link BlockTemplate} or {@link TileTemplate} for each width and format.
 *
 * <p>Vector code is fast only where the compiler knows species as constants. A copy of the class for each makes its
 * static finals such constants, and one source serves all.
 */
final class Kernels {

    private record Key(int bits, Format format) {}

    private static final Map<Key, BlockKernel> BLOCKS = new ConcurrentHashMap<>();
    private static final Map<Key, TileKernel> TILES = new ConcurrentHashMap<>();

    private Kernels() {}

    /** The kernel of a format at a width of 128, 256 or 512 bits. */
    static BlockKernel block(int bits, Format format) {
        return BLOCKS.computeIfAbsent(
                new Key(bits, format), key -> define("BlockTemplate", BlockShape.of(bits, format), BlockKernel.class));
    }

    /** The kernel for several tokens. */
    static TileKernel tile(int bits, Format format) {
        return TILES.computeIfAbsent(
                new Key(bits, format), key -> define("TileTemplate", BlockShape.of(bits, format), TileKernel.class));
    }

    private static <T> T define(String template, BlockShape shape, Class<T> type) {
        try (InputStream in = Kernels.class.getResourceAsStream(template + ".class")) {
            if (in == null) {
                throw new IllegalStateException(template + ".class is missing beside " + Kernels.class.getName()
                        + ": the installation is incomplete");
            }
            MethodHandles.Lookup copy =
                    MethodHandles.lookup().defineHiddenClassWithClassData(in.readAllBytes(), shape, true);
            return type.cast(copy.findConstructor(copy.lookupClass(), MethodType.methodType(void.class))
                    .invoke());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a copy of " + template + " for " + shape + " could not be made", e);
        }
    }
}
