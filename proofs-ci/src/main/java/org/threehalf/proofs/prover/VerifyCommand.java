package org.threehalf.proofs.prover;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code ./threehalf verify --contracts [FILE…]}: proves contracts and prints every clause with its verdict. */
public final class VerifyCommand {
    private VerifyCommand() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Path root = Path.of(System.getProperty("threehalf.root", ".")).toAbsolutePath().normalize();
        List<Path> files = args.length == 0 ? ContractCheck.referenceSources(root) : Stream(args);
        ContractReport report = ContractCheck.check(files, root, List.of(root.resolve("kernels/src/main/java")), m -> {
            System.out.printf("%s:%d: %s: %s (%d clauses, %d ms)%n", m.file(), m.line(), m.name(), m.proved() ? "proved" : "NOT PROVED", m.clauses().size(), m.millis());
            for (ContractReport.Clause c : m.clauses()) {
                System.out.printf("    %4d %-14s %-8s %5d ms %3d  %s%n", c.line(), c.kind(), c.verdict(), c.millis(), c.conditions(), c.text());
            }
        });
        report.failures().forEach(f -> System.out.println("FAILED: " + f));
        System.out.printf("%d methods, %d clauses, %d conditions, %d ms%n", report.methods().size(), report.clauses(), report.conditions(), report.millis());
        System.exit(report.passed() ? 0 : 1);
    }

    private static List<Path> Stream(String[] args) {
        return java.util.Arrays.stream(args).map(Path::of).toList();
    }
}
