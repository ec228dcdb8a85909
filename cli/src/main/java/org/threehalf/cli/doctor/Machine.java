package org.threehalf.cli.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The machine that runs this, and its Java.
 *
 * @param system the operating system and its version
 * @param architecture as Java names it
 * @param processor its name, or the architecture where the system does not tell
 * @param processors how many this process may use
 * @param features those of {@link #RELEVANT} that the processor has; empty where the system does not tell
 * @param memory bytes that the machine, or the container, has
 * @param java version and vendor
 * @param javaHome where it is installed
 * @param largestHeap bytes that Java's heap can take; weights lie outside it
 */
public record Machine(
        String system,
        String architecture,
        String processor,
        int processors,
        List<String> features,
        long memory,
        String java,
        String javaHome,
        long largestHeap) {

    /** Features that some backend asks for, as Linux names them: x86-64's and aarch64's. */
    static final List<String> RELEVANT = List.of(
            "avx2",
            "fma",
            "bmi2",
            "avx_vnni",
            "avx512f",
            "avx512bw",
            "avx512vl",
            "avx512_vnni",
            "avx512vbmi",
            "amx_int8",
            "asimd",
            "asimddp",
            "i8mm",
            "sve",
            "sve2");

    /** This machine. */
    static Machine here() {
        return here(Path.of("/proc/cpuinfo"));
    }

    /** This machine, of whose processor a file in the format of Linux's {@code /proc/cpuinfo} tells, if it is there. */
    static Machine here(Path cpuinfo) {
        List<String> lines;
        try {
            lines = Files.readAllLines(cpuinfo);
        } catch (IOException notLinux) {
            lines = List.of();
        }
        Set<String> flags = Set.copyOf(Stream.concat(values(lines, "flags"), values(lines, "Features"))
                .flatMap(line -> Arrays.stream(line.split("\\s+")))
                .distinct()
                .toList());
        long memory = ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : 0;
        return new Machine(
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("os.arch"),
                values(lines, "model name").findFirst().orElse(System.getProperty("os.arch")),
                Runtime.getRuntime().availableProcessors(),
                RELEVANT.stream().filter(flags::contains).toList(),
                memory,
                Runtime.version() + ", " + System.getProperty("java.vendor"),
                System.getProperty("java.home"),
                Runtime.getRuntime().maxMemory());
    }

    private static Stream<String> values(List<String> lines, String key) {
        return lines.stream()
                .map(line -> line.split(":", 2))
                .filter(pair -> pair.length == 2 && pair[0].strip().equals(key))
                .map(pair -> pair[1].strip());
    }
}
