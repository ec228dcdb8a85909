package org.threehalf.jml.solver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.SortedMap;
import org.threehalf.kernels.io.ClassFiles;
import org.threehalf.kernels.io.Sha256;

/** The hash of the prover's own classes, so that no verdict outlives the code that found it. */
public final class OwnCode {
    /** The package that all of the prover's are below. */
    private static final String ROOT = "org/threehalf/jml";

    private static final String HASH = compute();

    private OwnCode() {}

    /** The hash of all classes of the prover, by name and content. */
    static String hash() {
        return HASH;
    }

    private static String compute() {
        try {
            return of(ClassFiles.sha256(OwnCode.class, ROOT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The hash of the classes in a folder and below it. */
    public static String of(Path folder) throws IOException {
        return of(ClassFiles.sha256(folder));
    }

    private static String of(SortedMap<String, String> classes) {
        StringBuilder all = new StringBuilder();
        classes.forEach(
                (name, hash) -> all.append(name).append(' ').append(hash).append('\n'));
        return Sha256.of(all.toString());
    }
}
