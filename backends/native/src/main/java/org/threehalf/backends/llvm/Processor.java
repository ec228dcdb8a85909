package org.threehalf.backends.llvm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The processor that this process runs on.
 *
 * @param architecture its kind; null if there are no kernels for it
 * @param name as LLVM names it, or as Java does if LLVM does not know it
 * @param features as LLVM names them
 */
record Processor(@Nullable Architecture architecture, String name, Set<String> features) {

    /** Kinds of processors that there are kernels for. */
    enum Architecture {
        /** AMD's and Intel's. */
        X86_64,
        /** ARM's with 64 bits. */
        AARCH64
    }

    private static final Path CPUINFO = Path.of("/proc/cpuinfo");
    // Linux's names of features that LLVM calls otherwise, or does not ask for.
    private static final Map<String, String> LINUX = Map.of("asimd", "neon", "asimddp", "dotprod", "i8mm", "i8mm");

    Processor {
        features = Set.copyOf(features);
    }

    /** Of the running Java, with what LLVM says. */
    static Processor host(String llvmName, String llvmFeatures) {
        List<String> lines;
        try {
            lines = Files.readAllLines(CPUINFO);
        } catch (IOException notLinux) {
            lines = List.of();
        }
        return of(System.getProperty("os.name"), System.getProperty("os.arch"), llvmName, llvmFeatures, lines);
    }

    /**
     * A processor.
     *
     * @param system Java's {@code os.name}
     * @param architecture Java's {@code os.arch}
     * @param llvmFeatures as LLVM lists them: {@code +avx2,-avx512f,…}; LLVM lists few or none of an ARM processor
     * @param cpuinfo the lines of Linux's {@code /proc/cpuinfo}; empty on other systems
     */
    static Processor of(
            String system, String architecture, String llvmName, String llvmFeatures, List<String> cpuinfo) {
        Set<String> features = Arrays.stream(llvmFeatures.split(","))
                .filter(feature -> feature.startsWith("+"))
                .map(feature -> feature.substring(1))
                .collect(Collectors.toCollection(HashSet::new));
        Architecture kind = switch (architecture.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> Architecture.X86_64;
            case "aarch64", "arm64" -> Architecture.AARCH64;
            default -> null;
        };
        if (kind == Architecture.AARCH64) {
            // Part of the architecture.
            features.add("neon");
            if (system.startsWith("Mac")) {
                // All of Apple's that run macOS.
                features.add("dotprod");
            }
            cpuinfo.stream()
                    .filter(line -> line.startsWith("Features"))
                    .limit(1)
                    .flatMap(line -> Arrays.stream(
                            line.substring(line.indexOf(':') + 1).trim().split("\\s+")))
                    .filter(LINUX::containsKey)
                    .forEach(feature -> features.add(LINUX.get(feature)));
        }
        return new Processor(kind, llvmName.isEmpty() ? architecture : llvmName, features);
    }
}
