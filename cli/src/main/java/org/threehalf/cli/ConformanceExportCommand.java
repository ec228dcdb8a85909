package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.exchange.ExchangeFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code threehalf conformance export}: writes the cases as files for a program in any language. */
@Command(name = "export", description = "Write the cases as files that any program can compute.", mixinStandardHelpOptions = true)
final class ConformanceExportCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DIR", description = "a new folder")
    private Path folder = Path.of(".");

    @Mixin
    private final ConformanceCases cases = new ConformanceCases();

    @Override
    public Integer call() throws IOException {
        ExchangeFolder exchange = new ExchangeFolder(folder);
        int lines = exchange.export(new Options(cases.vectors(), cases.seeds(), null, null, 2, cases.levels(), cases.only(), result -> {}));
        spec.commandLine().getOut().printf(
                "%,d computations: read %s, write to %s, then: ./threehalf conformance check %s%n",
                lines, exchange.in().resolve("cases.jsonl"), exchange.out(), ConformanceReports.quoted(folder.toString()));
        return 0;
    }
}
