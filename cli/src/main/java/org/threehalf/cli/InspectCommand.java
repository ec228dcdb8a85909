package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code threehalf inspect}: what is in a model file. */
@Command(name = "inspect", description = "Show what is in a GGUF file, or in one that ThreeHalf quantised.", mixinStandardHelpOptions = true)
public final class InspectCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "a GGUF file")
    private Path file = Path.of("");

    @Option(names = "--width", paramLabel = "N", defaultValue = "60", description = "cut strings to N characters (default: ${DEFAULT-VALUE})")
    private int width = 60;

    @Override
    public Integer call() throws IOException {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the specification before it calls a command");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (GgufFile gguf = GgufReader.open(file)) {
            out.printf("%s: GGUF version %d, %,d bytes, %d metadata entries, %d tensors%n%n",
                    gguf.name(), gguf.version(), gguf.bytes(), gguf.metadata().entries().size(), gguf.tensors().size());
            gguf.metadata().entries().forEach((key, value) -> out.printf("%-42s %-8s %s%n", key, value.type(), value.summary(width)));
            out.println();
            for (GgufTensor tensor : gguf.tensors()) {
                out.printf("%-42s %-8s %16s %,14d bytes%n", tensor.name(), tensor.type(), tensor.info().shape(), tensor.data().byteSize());
            }
        }
        out.flush();
        return 0;
    }
}
