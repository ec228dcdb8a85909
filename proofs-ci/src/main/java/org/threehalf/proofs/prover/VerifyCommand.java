package org.threehalf.proofs.prover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** {@code ./threehalf verify --contracts [FILE…]}: proves contracts and prints every clause with its verdict. */
public final class VerifyCommand {
    private static final String USAGE = """
            usage: threehalf verify --contracts [FILE…]
              Proves the JML contracts of Java files; without FILE, of the reference kernels and the scalar transformer operations
              (from the repository's root).
              Exit code: 0 all proved but the clauses that the kernels' list names as open, 1 a clause is not proved or a construct lies outside the subset, 2 wrong usage.""";

    private VerifyCommand() {}

    /**
     * Runs the command.
     *
     * @param args {@code --contracts} and files
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        System.exit(run(args));
    }

    static int run(String... args) throws IOException, InterruptedException {
        if (args.length == 0 || !args[0].equals("--contracts") || Arrays.asList(args).contains("--help")) {
            System.err.println(USAGE);
            return 2;
        }
        Path root = Path.of(System.getProperty("threehalf.root", ".")).toAbsolutePath().normalize();
        Path sources = root.resolve(ContractCheck.SOURCES);
        List<Path> files = Arrays.stream(args).skip(1).map(Path::of).toList();
        boolean whole = files.isEmpty();
        if (whole) {
            if (!Files.isDirectory(sources)) {
                System.err.println("no " + sources + ": name files, or run from the repository's root");
                return 2;
            }
            files = ContractCheck.provedSources(root);
        }
        for (Path f : files) {
            if (!Files.isRegularFile(f) || !Files.isReadable(f)) {
                System.err.println(f + (Files.isDirectory(f) ? ": a folder: name its Java files" : ": no such file"));
                return 2;
            }
        }
        ContractReport report = ContractCheck.check(files, root, Files.isDirectory(sources) ? List.of(sources) : List.of(), Set.of(), VerifyCommand::print);
        report = OpenClauses.ofKernels().mark(report, whole);
        report.failures().forEach(f -> System.out.println("FAILED: " + f));
        System.out.printf("%s; %s%n%d methods, %d clauses, %d conditions in %.1f s: %s%n", report.solver(), report.openJml().detail(), report.methods().size(), report.clauses(),
                report.conditions(), report.millis() / 1000.0, summary(report));
        return report.passed() ? 0 : 1;
    }

    private static String summary(ContractReport report) {
        if (!report.passed()) {
            return report.failures().size() + " failures";
        }
        long assumed = report.assumed();
        long open = report.open() - assumed;
        return (open == 0 ? "all proved" : open + " clauses open (NOT PROVED), all others proved") + (assumed == 0 ? "" : " under " + assumed + " assumptions (excused in open-clauses.txt)");
    }

    private static void print(ContractReport.Method m) {
        System.out.printf("%s:%d: %s: %s%n", m.file(), m.line(), m.name(), m.proved() ? "proved" : "NOT PROVED");
        for (ContractReport.Clause c : m.clauses()) {
            System.out.printf("  %s:%d: %s: %-7s %s%n", m.file(), c.line(), c.kind(), c.verdict(), c.text());
        }
        m.assumptions().forEach(a -> System.out.println("  ASSUMED without proof: " + a));
    }
}
