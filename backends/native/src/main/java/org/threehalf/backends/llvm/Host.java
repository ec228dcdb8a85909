package org.threehalf.backends.llvm;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.threehalf.kernels.io.UserCache;

/**
 * What LLVM says of this machine, kept between runs: where it and all machine code are kept, LLVM need not be loaded,
 * which takes a fifth of a second.
 *
 * @param llvm LLVM's version
 * @param triple what this machine's processor and system are to LLVM
 * @param processor of this machine
 */
record Host(String llvm, String triple, Processor processor) {

    /**
     * Entries at most: two of each format, of each encoding and of the operations, for each of two machines with one
     * home.
     */
    private static final int ENTRIES = 96;
    /** What of Linux's lines about a processor is another processor if it differs. */
    private static final Set<String> TELLING = Set.of(
            "vendor_id",
            "cpu family",
            "model",
            "model name",
            "stepping",
            "microcode",
            "flags",
            "CPU implementer",
            "CPU architecture",
            "CPU variant",
            "CPU part",
            "CPU revision",
            "Features");

    /** Of this process. */
    private static final class Holder {
        private static final Optional<UserCache> CACHE =
                ExecutableMemory.isThere() ? UserCache.of("native", ENTRIES) : Optional.empty();
        private static final Host HERE = find(CACHE);
    }

    /**
     * This machine, from the cache or from LLVM.
     *
     * @throws LinkageError if LLVM is needed and its libraries are not there
     */
    static Host here() {
        return Holder.HERE;
    }

    /** Where machine code of this user is kept; empty if nowhere. */
    static Optional<UserCache> cache() {
        return Holder.CACHE;
    }

    private static Host find(Optional<UserCache> cache) {
        Optional<String> library = library();
        List<String> processor = telling();
        // Without LLVM's jar there is no backend, whatever is kept.
        if (cache.isEmpty() || library.isEmpty() || processor.isEmpty()) {
            return ofLlvm();
        }
        String key = UserCache.key("host/1\n%s\n%s\n%s\n%s\n%s"
                .formatted(
                        library.get(),
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        System.getProperty("os.version"),
                        String.join("\n", processor)));
        Optional<Host> kept = cache.get().get(key).flatMap(bytes -> of(new String(bytes, StandardCharsets.UTF_8)));
        if (kept.isPresent()) {
            return kept.get();
        }
        Host found = ofLlvm();
        cache.get().put(key, found.toText().getBytes(StandardCharsets.UTF_8));
        return found;
    }

    private static Host ofLlvm() {
        return new Host(Llvm.version(), Llvm.triple(), Llvm.processor());
    }

    /** For {@link #of}. */
    String toText() {
        return String.join(
                "\n",
                llvm,
                triple,
                String.valueOf(processor.architecture()),
                processor.name(),
                String.join(",", new TreeSet<>(processor.features())));
    }

    /** What {@link #toText} wrote; empty if it did not write that. */
    static Optional<Host> of(String text) {
        String[] lines = text.split("\n", -1);
        if (lines.length != 5) {
            return Optional.empty();
        }
        Processor.Architecture architecture = Arrays.stream(Processor.Architecture.values())
                .filter(known -> known.name().equals(lines[2]))
                .findFirst()
                .orElse(null);
        return Optional.of(
                new Host(lines[0], lines[1], new Processor(architecture, lines[3], Set.of(lines[4].split(",")))));
    }

    /** LLVM's library for this system: the jar that it is in, with its size and time. */
    private static Optional<String> library() {
        String name = "/org/bytedeco/llvm/linux-%s/libjniLLVM.so"
                .formatted(System.getProperty("os.arch").equals("amd64") ? "x86_64" : "arm64");
        URL found = Host.class.getResource(name);
        try {
            if (found == null || !(found.openConnection() instanceof JarURLConnection inJar)) {
                return Optional.empty();
            }
            Path jar = Path.of(URI.create(inJar.getJarFileURL().toString()));
            return Optional.of(
                    "%s %d %s".formatted(jar.getFileName(), Files.size(jar), Files.getLastModifiedTime(jar)));
        } catch (IOException | IllegalArgumentException elsewhere) {
            return Optional.empty();
        }
    }

    /** Linux's lines about the first processor, as far as they tell it from others; empty if there are none. */
    private static List<String> telling() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.takeWhile(line -> !line.isBlank())
                    .filter(line -> TELLING.contains(line.split(":", 2)[0].strip()))
                    .collect(Collectors.toList());
        } catch (IOException notLinux) {
            return List.of();
        }
    }
}
