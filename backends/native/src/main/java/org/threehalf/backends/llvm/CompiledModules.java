package org.threehalf.backends.llvm;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.threehalf.kernels.io.UserCache;

/**
 * Modules' functions in this process: from the user's cache where it has their machine code, else from LLVM, and then
 * kept. The code is the same, and so are all results.
 */
final class CompiledModules {

    private CompiledModules() {}

    /**
     * The functions of a module for this machine.
     *
     * @param text in LLVM IR
     * @param names of functions that it exports
     * @return their addresses, in the order of the names
     * @throws IllegalStateException if LLVM refuses the module, with what it says
     */
    static List<MemorySegment> functions(String text, List<String> names) {
        Optional<UserCache> cache = Host.cache();
        return cache.isEmpty() ? Llvm.compile(text, names) : functions(text, names, Host.here(), cache.get());
    }

    /** As {@link #functions(String, List)}, of some machine's cache. */
    static List<MemorySegment> functions(String text, List<String> names, Host host, UserCache cache) {
        String key = key(text, host);
        MachineCode code = kept(cache, key, names).orElse(null);
        if (code == null) {
            byte[] object = Llvm.emit(text, Llvm.triple(), Llvm.Output.OBJECT);
            Optional<MachineCode> linked = Llvm.link(object, names);
            if (linked.isEmpty()) {
                return Llvm.load(object, names);
            }
            code = linked.get();
            cache.put(key, code.toBytes());
        }
        return code.functions(ExecutableMemory.of(code), names);
    }

    /** What decides what code comes out: LLVM, the machine, the module. */
    static String key(String text, Host host) {
        Processor processor = host.processor();
        return UserCache.key("code/1\n%s\n%s\n%s\n%s\n%s"
                .formatted(host.llvm(), host.triple(), processor.name(), new TreeSet<>(processor.features()), text));
    }

    private static Optional<MachineCode> kept(UserCache cache, String key, List<String> names) {
        try {
            Optional<byte[]> bytes = cache.get(key);
            return bytes.isEmpty()
                    ? Optional.empty()
                    : Optional.of(MachineCode.of(bytes.get())).filter(code -> code.has(names));
        } catch (IOException notCode) {
            return Optional.empty();
        }
    }
}
