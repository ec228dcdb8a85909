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
import org.threehalf.jml.ProverCommand;
import org.threehalf.kernels.io.Printable;
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
            "1:a clause is not proved, a construct lies outside the subset, a contract that names a requirement is hollow, or one holds only because -0 equals +0",
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
        ContractReport report =
                KernelContracts.check(proved, root, Set.of(), method -> ProverCommand.print(method, out));
        report = KernelContracts.mark(report, root, whole);
        if (!whole) {
            report = KernelContracts.withHollow(report, proved, root);
        }
        report.failures().forEach(f -> out.println("FAILED: " + Printable.text(f)));
        report.table().forEach(out::println);
        out.printf(
                "%s; %s%n%d methods, %d clauses, %d conditions in %.1f s: %s%n",
                report.solver(),
                report.openJml().detail(),
                report.methods().size(),
                report.clauses(),
                report.conditions(),
                report.millis() / 1000.0,
                report.summary());
        out.flush();
        return report.passed() ? 0 : 1;
    }
}
