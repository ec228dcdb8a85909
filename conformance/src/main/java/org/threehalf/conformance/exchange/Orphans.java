package org.threehalf.conformance.exchange;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Processes whose parent ended before them. The system gives them to another process, where nobody who looks for the
 * parent's children finds them; on Linux this process can be that other one, by {@code prctl(PR_SET_CHILD_SUBREAPER)}.
 */
final class Orphans {
    private static final int SET_CHILD_SUBREAPER = 36;

    private static final @Nullable MethodHandle PRCTL = function(
            "prctl",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    private static final @Nullable MethodHandle WAITPID = function(
            "waitpid",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

    private Orphans() {}

    @SuppressWarnings("restricted")
    private static @Nullable MethodHandle function(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return null;
        }
        try {
            Linker linker = Linker.nativeLinker();
            SymbolLookup lookup = linker.defaultLookup();
            Optional<MemorySegment> address = lookup.find(name);
            return address.isEmpty() ? null : linker.downcallHandle(address.get(), descriptor, options);
        } catch (IllegalCallerException | UnsupportedOperationException notAllowed) {
            return null;
        }
    }

    /**
     * Makes this process the parent of its descendants' orphans, or does not any more.
     *
     * @return whether it is so; not so on another system than Linux, or where native access is not allowed
     */
    static boolean adopt(boolean wanted) {
        if (PRCTL == null || WAITPID == null) {
            return false;
        }
        try {
            return (int) PRCTL.invokeExact(SET_CHILD_SUBREAPER, wanted ? 1L : 0L, 0L, 0L, 0L) == 0;
        } catch (Throwable impossible) {
            throw new AssertionError("prctl throws nothing", impossible);
        }
    }

    /** The children of this process that are none of these. */
    static Set<ProcessHandle> children(Set<ProcessHandle> known) {
        return ProcessHandle.current()
                .children()
                .filter(child -> !known.contains(child))
                .collect(Collectors.toSet());
    }

    /** Ends an adopted process, and takes its exit status, without which it would stay in the system's table. */
    static void end(ProcessHandle adopted) {
        adopted.descendants().forEach(ProcessHandle::destroyForcibly);
        adopted.destroyForcibly();
        if (WAITPID == null) {
            return;
        }
        try {
            int ended = (int) WAITPID.invokeExact((int) adopted.pid(), MemorySegment.NULL, 0);
            if (ended < 0) {
                // Somebody else took it.
                return;
            }
        } catch (Throwable impossible) {
            throw new AssertionError("waitpid throws nothing", impossible);
        }
    }
}
