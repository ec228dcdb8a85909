package org.threehalf.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.BackendProvider;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code threehalf backends}: the installed backends, whether each can be used on this machine, and if not, what to do.
 */
@Command(
        name = "backends",
        description = "List the backends: whether each can be used here, and if not, what to do.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:listed; of those that were named, each can be used here",
            "1:one that was named cannot",
            "2:there is none of that name"
        },
        mixinStandardHelpOptions = true)
public final class BackendsCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "only these (default: all)")
    private List<String> names = List.of();

    /** For picocli. */
    public BackendsCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        boolean all = true;
        for (BackendProvider provider : providers(spec)) {
            Availability availability = provider.availability();
            all &= availability.available();
            out.printf(
                    "%-10s %-13s %s%n%25s%s%n",
                    provider.name(),
                    availability.available() ? "available" : "NOT AVAILABLE",
                    provider.description(),
                    "",
                    availability.detail());
        }
        out.flush();
        return names.isEmpty() || all ? 0 : ThreeHalf.FAILED;
    }

    private List<BackendProvider> providers(CommandSpec command) {
        try {
            return names.isEmpty()
                    ? BackendProvider.all()
                    : names.stream().map(BackendProvider::named).toList();
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(command.commandLine(), String.valueOf(unknown.getMessage()), unknown);
        }
    }
}
