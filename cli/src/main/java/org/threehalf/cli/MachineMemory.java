package org.threehalf.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the machine has, asked before much of it is taken: a process that takes more is killed without a word. */
final class MachineMemory {
    private static final Path MEMINFO = Path.of("/proc/meminfo");

    private MachineMemory() {}

    /**
     * Refuses what does not fit.
     *
     * @param bytes how many are needed
     * @param what what they are for
     * @param instead what to do
     * @throws UsageException if there are fewer
     */
    static void require(long bytes, String what, String instead) {
        long available = available();
        if (bytes > available) {
            throw new UsageException(
                    "%s takes %,d bytes; this machine has %,d left: %s".formatted(what, bytes, available, instead));
        }
    }

    /**
     * Bytes that a process can take: of the machine or of the container that this one is in, without what others use
     * where the system tells.
     */
    private static long available() {
        long total =
                ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean machine
                        ? machine.getTotalMemorySize()
                        : Long.MAX_VALUE;
        try {
            return Files.exists(MEMINFO)
                    ? Math.min(
                            total,
                            Files.readAllLines(MEMINFO).stream()
                                    .filter(line -> line.startsWith("MemAvailable:"))
                                    .mapToLong(MachineMemory::kibibytes)
                                    .findFirst()
                                    .orElse(total))
                    : total;
        } catch (IOException unreadable) {
            return total;
        }
    }

    private static long kibibytes(String line) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
    }
}
