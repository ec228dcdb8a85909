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
 * Makes {@link BlockKernel}s: a hidden copy of {@link BlockTemplate} for each width and format.
 *
 * <p>Vector code is fast only where the compiler knows species as constants. A copy of the class for each makes its static finals such
 * constants, and one source serves all.
 */
final class BlockKernels {

    private record Key(int bits, Format format) {}

    private static final Map<Key, BlockKernel> KERNELS = new ConcurrentHashMap<>();

    private BlockKernels() {}

    /** The kernel of a format at a width of 128, 256 or 512 bits. */
    static BlockKernel of(int bits, Format format) {
        return KERNELS.computeIfAbsent(new Key(bits, format), key -> define(BlockShape.of(bits, format)));
    }

    private static BlockKernel define(BlockShape shape) {
        try (InputStream in = BlockKernels.class.getResourceAsStream("BlockTemplate.class")) {
            if (in == null) {
                throw new IllegalStateException("BlockTemplate.class is missing beside " + BlockKernels.class.getName() + ": the installation is incomplete");
            }
            MethodHandles.Lookup copy = MethodHandles.lookup().defineHiddenClassWithClassData(in.readAllBytes(), shape, true);
            return (BlockKernel) copy.findConstructor(copy.lookupClass(), MethodType.methodType(void.class)).invoke();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a copy of BlockTemplate for " + shape + " could not be made", e);
        }
    }
}
