package org.threehalf.cluster;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.threehalf.cli.ThreeHalf;

/**
 * What a run of the command line gave.
 *
 * @param code the exit code
 * @param out standard output
 * @param err standard error
 */
record ClusterLines(int code, String out, String err) {

    /** Runs the whole command line. */
    static ClusterLines run(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
        int code = ThreeHalf.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words);
        return new ClusterLines(code, out.toString(), err.toString());
    }

    /** A tiny model of the inference module's tests. */
    static Path tiny(String name) {
        return Path.of(
                System.getProperty("threehalf.root", "."),
                "inference/src/test/resources/org/threehalf/inference/decoder",
                name + ".gguf");
    }

    /** The names in a folder: what is left of a run. */
    static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
