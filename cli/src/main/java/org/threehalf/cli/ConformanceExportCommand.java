package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.exchange.Asked;
import org.threehalf.conformance.exchange.ExchangeFolder;
import org.threehalf.conformance.vectors.VectorFormatException;
import org.threehalf.kernels.io.FileNotWrittenException;
import org.threehalf.kernels.io.Sha256;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code threehalf conformance export}: writes the cases as files for a program in any language. */
@Command(
        name = "export",
        description = "Write the cases as files that any program can compute.",
        mixinStandardHelpOptions = true)
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
        Asked asked;
        Path beside = Asked.beside(folder);
        try {
            asked = exchange.export(new Options(
                    cases.vectors(), cases.seeds(), null, null, 2, cases.levels(), cases.only(), result -> {}));
            asked.write(beside);
        } catch (FileNotWrittenException lost) {
            throw lost;
        } catch (VectorFormatException | IllegalArgumentException | IOException cannotBegin) {
            throw new ParameterException(spec.commandLine(), String.valueOf(cannotBegin.getMessage()), cannotBegin);
        }
        spec.commandLine()
                .getOut()
                .printf(
                        "%,d computations: read %s, write to %s, then: ./threehalf conformance check %s --asked-sha256 %s%n",
                        asked.computations(),
                        exchange.in().resolve("cases.jsonl"),
                        exchange.out(),
                        ConformanceReports.quoted(folder.toString()),
                        Sha256.of(beside));
        if (cases.levels().contains(Level.L3)) {
            spec.commandLine()
                    .getOut()
                    .println("level L3 is not exchanged: it needs a model's weights (spec/CONFORMANCE.md, section 3)");
        }
        spec.commandLine().getOut().printf("what was asked: %s, which stays with you%n", beside);
        return 0;
    }
}
