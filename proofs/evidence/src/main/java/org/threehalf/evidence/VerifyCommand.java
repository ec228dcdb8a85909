package org.threehalf.evidence;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.threehalf.evidence.kernels.KernelContracts;
import org.threehalf.jml.ContractReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./threehalf verify --contracts [FILE…]}: proves contracts and prints every clause with its verdict. */
@Command(
        name = "verify",
        description = "Prove the JML contracts of Java files, clause by clause.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all proved but the clauses that the kernels' list names as open",
            "1:a clause is not proved, or a construct lies outside the subset",
            "2:wrong arguments",
            "3:an error inside ThreeHalf"
        },
        mixinStandardHelpOptions = true)
public final class VerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--contracts", required = true, description = "prove contracts, which is all that can be asked for")
    private boolean contracts;

    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description =
                    "Java files (default: the reference kernels and the scalar transformer operations, from the repository's root)")
    private List<Path> files = List.of();

    /** For {@link org.threehalf.evidence.Commands}. */
    public VerifyCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Path root = Path.of(System.getProperty("threehalf.root", "."))
                .toAbsolutePath()
                .normalize();
        Path sources = root.resolve(KernelContracts.SOURCES);
        boolean whole = files.isEmpty();
        List<Path> proved = files;
        if (whole) {
            if (!Files.isDirectory(sources)) {
                throw new ParameterException(
                        spec.commandLine(), "no " + sources + ": name files, or run from the repository's root");
            }
            proved = KernelContracts.provedSources(root);
        }
        for (Path f : proved) {
            if (!Files.isRegularFile(f) || !Files.isReadable(f)) {
                throw new ParameterException(
                        spec.commandLine(),
                        f + (Files.isDirectory(f) ? ": a folder: name its Java files" : ": no such file"));
            }
        }
        ContractReport report = KernelContracts.check(proved, root, Set.of(), method -> print(method, out));
        report = KernelContracts.openClauses().mark(report, whole);
        report.failures().forEach(f -> out.println("FAILED: " + f));
        out.printf(
                "%s; %s%n%d methods, %d clauses, %d conditions in %.1f s: %s%n",
                report.solver(),
                report.openJml().detail(),
                report.methods().size(),
                report.clauses(),
                report.conditions(),
                report.millis() / 1000.0,
                summary(report));
        out.flush();
        return report.passed() ? 0 : 1;
    }

    private static String summary(ContractReport report) {
        if (!report.passed()) {
            return report.failures().size() + " failures";
        }
        long assumed = report.assumed();
        long open = report.open() - assumed;
        return (open == 0 ? "all proved" : open + " clauses open (NOT PROVED), all others proved")
                + (assumed == 0 ? "" : " under " + assumed + " assumptions (excused in open-clauses.txt)");
    }

    private static void print(ContractReport.Method m, PrintWriter out) {
        out.printf("%s:%d: %s: %s%n", m.file(), m.line(), m.name(), m.proved() ? "proved" : "NOT PROVED");
        for (ContractReport.Clause c : m.clauses()) {
            out.printf("  %s:%d: %s: %-7s %s%n", m.file(), c.line(), c.kind(), c.verdict(), c.text());
        }
        m.assumptions().forEach(a -> out.println("  ASSUMED without proof: " + a));
        // A method may take a minute.
        out.flush();
    }
}
