package org.threehalf.jml;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.frontend.Lookup;
import org.threehalf.jml.solver.Z3Prover;
import org.threehalf.kernels.io.BuildVersion;
import org.threehalf.kernels.io.Printable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The prover's own command line: proves the JML contracts of any project's Java files. */
@Command(
        name = "jml-prover",
        description = "Prove the JML contracts of Java files, clause by clause.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every clause is proved, or listed as open",
            "1:a clause is not proved, a construct lies outside the subset, a contract that names a requirement is hollow, or one holds only because -0 equals +0",
            "2:wrong arguments, or a file cannot be read or written",
            "3:an error of this program, which says nothing about the files"
        },
        mixinStandardHelpOptions = true,
        versionProvider = ProverCommand.Version.class)
public final class ProverCommand implements Callable<Integer> {
    private static final int USAGE = 2;
    private static final int INTERNAL = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-sp", "--source-path"},
            paramLabel = "PATH",
            description = "folders of sources that the files use; of these only names and types count")
    private String sourcePath = "";

    @Option(
            names = {"-cp", "--class-path"},
            paramLabel = "PATH",
            description = "folders and jars of classes that the files use (default: the prover's own)")
    private String classPath = "";

    @Option(
            names = "--with",
            paramLabel = "FILE",
            description = "a file whose contracts are believed, and not proved; more than once for more")
    private List<Path> with = List.of();

    @Option(
            names = "--open",
            paramLabel = "FILE",
            description =
                    "a list of clauses that are known not to be proved: METHOD: KIND `TEXT`, and below it, indented, why")
    private @Nullable Path open;

    @Option(
            names = "--openjml-open",
            paramLabel = "FILE",
            description = "a list of clauses at which OpenJML must fail, of the same form")
    private @Nullable Path openJmlOpen;

    @Option(names = "--json", paramLabel = "FILE", description = "also write a threehalf-contract-results/1")
    private @Nullable Path json;

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = "Java files, and folders of which all Java files with JML are taken")
    private List<Path> files = List.of();

    /** The build's version, and the solver's. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"jml-prover " + BuildVersion.number(), Z3Prover.version()};
        }
    }

    /** For picocli. */
    public ProverCommand() {}

    /**
     * Runs the prover and ends the process with its exit code.
     *
     * @param args as {@code --help} says
     */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command line: an error of the program has an exit code of its own. */
    static CommandLine commandLine() {
        return new CommandLine(new ProverCommand()).setExecutionExceptionHandler((e, line, parsed) -> {
            boolean told = e instanceof IOException;
            line.getErr()
                    .println(told ? "jml-prover: " + e.getMessage() : "jml-prover: an error of this program: " + e);
            return told ? USAGE : INTERNAL;
        });
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        List<Path> proved = new ArrayList<>();
        for (Path f : files) {
            if (Files.isDirectory(f)) {
                proved.addAll(ContractCheck.filesWithJml(f));
            } else if (Files.isRegularFile(f) && Files.isReadable(f)) {
                proved.add(f);
            } else {
                throw new ParameterException(spec.commandLine(), f + ": no such file");
            }
        }
        if (proved.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "no Java file with JML in " + files);
        }
        Path root = Path.of("").toAbsolutePath();
        OpenClauses excused = open == null ? OpenClauses.NONE : OpenClauses.parse(Files.readString(open));
        Lookup lookup = new Lookup(paths(sourcePath), paths(classPath));
        ContractReport report =
                excused.mark(ContractCheck.check(proved, with, root, lookup, Set.of(), m -> print(m, out)), true);
        if (openJmlOpen != null) {
            report = OpenJmlLimits.parse(Files.readString(openJmlOpen)).mark(report, root, true);
        }
        report = ContractCheck.withHollow(report, proved, with, root, lookup);
        report.failures().forEach(f -> out.println("FAILED: " + Printable.text(f)));
        report.table().forEach(out::println);
        out.printf(
                "%s; %s%n%d methods, %d clauses, %d conditions: %s%n",
                report.solver(),
                report.openJml().detail(),
                report.methods().size(),
                report.clauses(),
                report.conditions(),
                report.summary());
        out.flush();
        if (json != null) {
            ContractCheck.write(report, root, json);
        }
        return report.passed() ? 0 : 1;
    }

    private static List<Path> paths(String path) {
        return Arrays.stream(path.split(File.pathSeparator))
                .filter(p -> !p.isEmpty())
                .map(Path::of)
                .toList();
    }

    /** Prints a method with its clauses. */
    public static void print(ContractReport.Method m, PrintWriter out) {
        out.println(Printable.line(
                "%s:%d: %s: %s".formatted(m.file(), m.line(), m.name(), m.proved() ? "proved" : "NOT PROVED")));
        for (ContractReport.Clause c : m.clauses()) {
            out.println(Printable.line("  %s:%d: %s: %-7s %s"
                    .formatted(
                            m.file(), c.line(), c.kind(), c.verdict(), c.text().replaceAll("\\s+", " "))));
        }
        m.assumptions().forEach(a -> out.println("  ASSUMED without proof: " + Printable.line(a)));
        // A method may take a minute.
        out.flush();
    }
}
