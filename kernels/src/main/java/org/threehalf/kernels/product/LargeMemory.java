package org.threehalf.kernels.product;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Memory for large matrices, in huge pages where the system gives them.
 *
 * <p>A processor's prefetcher stops at the end of a page and translations of addresses are per page, so weights that
 * are read once in order are read up to half as fast again from pages of 2 MiB as from pages of 4 KiB. On Linux the
 * memory is mapped and {@code madvise(MADV_HUGEPAGE)} asks for such pages, which most distributions give only to those
 * who ask. Elsewhere, or without native access, it is ordinary memory of the arena: the same bytes, slower.
 */
public final class LargeMemory {

    private static final long HUGE = 2L << 20;
    private static final int READ_WRITE = 3;
    private static final int PRIVATE_ANONYMOUS = 0x22;
    private static final int ADVICE_HUGE_PAGE = 14;

    private static final @Nullable Calls CALLS = Calls.find();

    private LargeMemory() {}

    /** Gives memory of an arena: huge pages from 4 MiB on, ordinary memory below. It is zero. */
    public static SegmentAllocator of(Arena arena) {
        return (bytes, alignment) -> allocate(bytes, alignment, arena);
    }

    private static MemorySegment allocate(long bytes, long alignment, Arena arena) {
        if (CALLS == null || bytes < 2 * HUGE || alignment > HUGE) {
            return arena.allocate(bytes, alignment);
        }
        MemorySegment mapped = CALLS.map(bytes, arena);
        return mapped == null ? arena.allocate(bytes, alignment) : mapped;
    }

    /** Whether huge pages can be asked for here. */
    public static boolean available() {
        return CALLS != null;
    }

    private record Calls(MethodHandle mmap, MethodHandle munmap, MethodHandle madvise) {

        @SuppressWarnings("restricted")
        private static @Nullable Calls find() {
            if (!System.getProperty("os.name").equals("Linux")
                    || !LargeMemory.class.getModule().isNativeAccessEnabled()) {
                return null;
            }
            Linker linker = Linker.nativeLinker();
            ValueLayout address = ValueLayout.ADDRESS;
            ValueLayout size = ValueLayout.JAVA_LONG;
            ValueLayout number = ValueLayout.JAVA_INT;
            return new Calls(
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("mmap"),
                            FunctionDescriptor.of(
                                    address, address, size, number, number, number, ValueLayout.JAVA_LONG)),
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("munmap"), FunctionDescriptor.of(number, address, size)),
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("madvise"),
                            FunctionDescriptor.of(number, address, size, number)));
        }

        /** Memory that begins on a huge page and is given back with the arena; null if the system has none. */
        @SuppressWarnings("restricted")
        private @Nullable MemorySegment map(long bytes, Arena arena) {
            long whole = (bytes + HUGE - 1) / HUGE * HUGE + HUGE;
            try {
                MemorySegment start = (MemorySegment)
                        mmap.invokeExact(MemorySegment.NULL, whole, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
                if (start.address() == -1) {
                    return null;
                }
                long first = (start.address() + HUGE - 1) / HUGE * HUGE;
                // Where the system refuses, the pages are small and all else is the same.
                int ignored = (int) madvise.invokeExact(MemorySegment.ofAddress(first), whole - HUGE, ADVICE_HUGE_PAGE);
                return MemorySegment.ofAddress(first).reinterpret(bytes, arena, segment -> unmap(start, whole));
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("mmap could not be called", e);
            }
        }

        private void unmap(MemorySegment start, long bytes) {
            try {
                int ignored = (int) munmap.invokeExact(start, bytes);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("munmap could not be called", e);
            }
        }
    }
}
